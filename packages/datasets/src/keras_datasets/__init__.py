"""Data: whatever yields batches, in the form that training wants them.

`py_dataset` has the class that users derive from, `adapters` turns arrays, tensors, datasets and
generators into batches.
"""

from keras_backends.public_names import add_packages

add_packages(__name__)
