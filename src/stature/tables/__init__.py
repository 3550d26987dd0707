"""Arrow schemas, one module per stage, and the store that reads and writes them.

May import `measures` and below.
"""
