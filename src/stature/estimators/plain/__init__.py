"""The compiled search for exact heights of normal groups, and the fits and traces that it gives."""
