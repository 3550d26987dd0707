"""How parameters are estimated from heights: models, starts, methods, the catalogue.

May import `theory` and below.
"""
