"""Metrics: values accumulated over batches.

`metric` holds the base, `reductions` the means and sums that most metrics are; each family has one
file; `identifiers` finds them by name.
"""
