"""Layers that normalize activations."""
