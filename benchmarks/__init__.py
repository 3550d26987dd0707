"""Benchmarks: speed against peers and against the limits; run by ``make bench``, never in tests."""
