"""Adapters: one per kind of data, all with the face of `adapter.Adapter`.

`choice.make_adapter` picks one. Arrays go straight to slices; nothing here copies to a device.
"""
