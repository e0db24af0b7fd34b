"""Bounding boxes as numbers: how they are written down, moved, compared and encoded."""
