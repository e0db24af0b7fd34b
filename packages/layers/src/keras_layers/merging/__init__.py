"""Layers that merge a list of tensors into one, and their functional forms."""
