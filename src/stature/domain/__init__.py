"""What is in the world: mixtures, populations, biases and sampling.

Imports nothing else of Stature.
"""
