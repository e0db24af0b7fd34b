"""The model zoo, at the top of the packages: networks with their preprocessing and decoding.

It imports models, layers and datasets, and is imported by nothing but the public names.
"""

__version__ = "0.1.0"
