"""Layers that hold code of other frameworks."""
