"""Training: losses, metrics, optimizers, callbacks and the Trainer that uses them.

Models are seen by a protocol (call, variables, losses), layers are never imported.
"""

from keras_backends.public_names import add_packages

add_packages(__name__)
