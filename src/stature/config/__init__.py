"""From YAML to a frozen, typed Study; the only place that knows YAML keys.

May import `datafile` and below.
"""
