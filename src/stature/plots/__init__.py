"""One table in, one Figure out; nothing is computed here.

May import nothing else of Stature but `plots`.
"""
