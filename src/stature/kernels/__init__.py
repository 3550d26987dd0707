"""Compiled array functions: sums over observations, EM maps, Newton steps, sketches.

May import `domain`.
"""
