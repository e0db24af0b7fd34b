"""Pooling layers, local and global, in one, two and three dimensions."""
