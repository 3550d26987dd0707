"""Estimators with an observation model, some labels, a penalty, or another method than likelihood.

Newton's iterations are compiled, the rest is NumPy, in which any of these ideas is a few lines. The
likelihood itself is `stature.theory.likelihood`.
"""
