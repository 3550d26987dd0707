"""What can be known without data: information, bounds, limits under bias.

May import `design` and below.
"""
