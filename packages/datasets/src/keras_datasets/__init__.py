"""Data: whatever yields batches, in the form that training wants them.

`py_dataset` has the class that users derive from, `adapters` turns arrays, tensors, datasets and
generators into batches.
"""
