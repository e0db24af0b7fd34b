"""Layers that make training noisier so that models generalise."""
