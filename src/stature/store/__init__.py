"""The tables of a study: Arrow schemas, reading and writing; may import `plots` and below."""
