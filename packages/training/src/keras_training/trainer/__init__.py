"""The Trainer: `compile`, `fit`, `evaluate`, `predict` of a model.

`compile_loss` and `compile_metrics` hold what was compiled, `engine` differentiates and compiles
steps, `loop` runs epochs, `reporting` turns metrics into logs; `trainer` puts them together.
"""

from keras_training.trainer.trainer import Trainer

__all__ = ["Trainer"]
