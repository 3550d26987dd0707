"""Intervals that are not made from standard errors: profile likelihood and parametric bootstrap.

Compiled in a folder of its own, so that jobs whose intervals are Wald's need not wait for it.
"""
