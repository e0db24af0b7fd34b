"""Backends: kernels, engines, settings and the choice among them.

Packages above import the modules of this package; `active()` gives the selected `Backend`. Importing
this package imports no framework.
"""

from keras_backends.contract import Backend, Traits, kernel_table
from keras_backends.public_names import add_packages
from keras_backends.selection import active, load, select

__all__ = ["Backend", "Traits", "active", "kernel_table", "load", "select"]

add_packages(__name__)
