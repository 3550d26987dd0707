"""Stature: how well can the heights of two groups be learned, and what to do about it."""
