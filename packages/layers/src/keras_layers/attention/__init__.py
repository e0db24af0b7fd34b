"""Layers that average values by how well their keys fit queries."""
