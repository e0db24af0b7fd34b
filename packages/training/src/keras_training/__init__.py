"""Training: losses, metrics, optimizers, callbacks and the Trainer that uses them.

Models are seen by a protocol (call, variables, losses), layers are never imported.
"""
