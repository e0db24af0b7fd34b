"""Preprocessing layers for sound: spectrograms."""
