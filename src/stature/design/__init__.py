"""Which data a study draws: scenarios, blocks, random streams, samples.

May import `kernels` and below.
"""
