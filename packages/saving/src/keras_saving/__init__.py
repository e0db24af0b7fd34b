"""Model files: the `.keras` archive, weight files in HDF5 and in shards, and legacy HDF5.

    from keras_saving import saving
    saving.save_weights(model, "model.weights.h5")

Works on any object that lists its children (see `walk`); it imports `keras_ops` and nothing above. No
module is loaded before it is used, and HDF5 not before a file is.
"""

from keras_backends.public_names import add_packages

__version__ = "0.1.0"

add_packages(__name__)
