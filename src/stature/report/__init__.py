"""One self-contained page from the tables and figures of a study.

May import `config` and below.
"""
