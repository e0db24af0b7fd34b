"""Convolution layers in one, two and three dimensions."""
