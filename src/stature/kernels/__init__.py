"""Compiled array functions: sums over people, EM maps, Newton steps, sketches.

May import `domain`.
"""
