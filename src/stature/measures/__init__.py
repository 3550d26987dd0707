"""How well estimators do: performance measures, each with its MCSE.

May import `estimators` and below.
"""
