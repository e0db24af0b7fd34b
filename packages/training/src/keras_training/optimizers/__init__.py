"""Optimizers and learning-rate schedules.

`optimizer` holds the base: slots, clipping, decay, averages, accumulation. An optimizer's own file
has its slots and one elementwise rule; `identifiers` finds them by name.
"""
