"""Losses: functions of targets and predictions, and the classes that reduce them to a number.

`loss` holds the base and the reduction; each family has one file; `identifiers` finds them by name.
"""
