"""Turns declarations of operations into tests: samples per operation, and a kit that checks them.

Used by this package's tests and by authors of backends.
"""
