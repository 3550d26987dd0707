"""People's own files, from bytes to a verdict; may import `store` and below."""
