"""Layers that prepare data, inside a model or in an input pipeline."""
