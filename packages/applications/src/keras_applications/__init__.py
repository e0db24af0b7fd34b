"""The model zoo, at the top of the packages: networks with their preprocessing and decoding.

It imports models, layers and datasets, and is imported by nothing but the public names.
"""

from keras_backends.public_names import add_packages

__version__ = "0.1.0"

add_packages(__name__)
