"""`Compiling`: `compile` of a model, its config, and the functions that are made of its steps.

Between `Steps`, which says what a step is, and `Trainer`, which runs epochs of them.
"""

import warnings
from collections.abc import Mapping
from typing import Any

import numpy as np
from keras_ops.revision import revision
from keras_ops.serialize import deserialize_keras_object
from keras_ops.state import state

from keras_training.optimizers import identifiers as optimizers
from keras_training.optimizers.loss_scale import scaled_for
from keras_training.trainer.compilation import Compilation
from keras_training.trainer.functional_steps import STEPS
from keras_training.trainer.functions import Function, make_function
from keras_training.trainer.snapshot import Snapshot, same

_NOT_COPIED = ("train_function", "test_function", "predict_function", "_engine", "_snapshot")
"""What belongs to this very object: compiled functions refer to its variables."""


class Compiling(STEPS):
    """A model's way to train: optimizer, losses, metrics, and the compiled steps."""

    train_function: Function | None = None
    test_function: Function | None = None
    predict_function: Function | None = None
    steps_per_execution = 1
    stop_training = False
    auto_scale_loss = True
    _run_eagerly = False
    _jit_compile: Any = "auto"

    def __getstate__(self) -> dict[str, Any]:
        """Attributes of a copy, which compiles its own functions when it needs them."""
        return {name: value for name, value in super().__getstate__().items() if name not in _NOT_COPIED}

    def compile(
        self,
        optimizer: Any = "rmsprop",
        loss: Any = None,
        loss_weights: Any = None,
        metrics: Any = None,
        weighted_metrics: Any = None,
        run_eagerly: bool = False,
        steps_per_execution: int = 1,
        jit_compile: bool | str | None = "auto",
        auto_scale_loss: bool = True,
    ) -> None:
        """Says how to train.

        Args:
            optimizer: Optimizer or its name.
            loss: Loss, function, name, or a list or dict of them by output.
            loss_weights: Factors of the losses, in the same form.
            metrics: Metrics, functions, names (`"accuracy"` adapts to the targets), or lists and
                dicts of them by output. They ignore sample weights.
            weighted_metrics: Likewise, with sample weights.
            run_eagerly: Whether to run steps as plain Python, e.g. to debug them.
            steps_per_execution: How many batches to run by one call.
            jit_compile: Whether to compile steps: `"auto"` does so where it pays.
            auto_scale_loss: Whether a float16 dtype policy gets dynamic loss scaling.

        Layers may be frozen, thawed, or given further weights later: the next batch goes by what they
        are then, without another `compile`. Variables that come back to training go on with the
        optimizer's state that they had.

        Raises:
            ValueError: If an argument is not understood.

        Example:

            >>> model.compile("adam", "mse", metrics=["mae"])  # doctest: +SKIP
        """
        if jit_compile not in ("auto", True, False, None):
            raise ValueError(f"Expected `jit_compile` to be True, False or 'auto', received {jit_compile!r}.")
        if jit_compile is True and run_eagerly:
            raise ValueError("`run_eagerly=True` and `jit_compile=True` exclude each other.")
        traits = state.backend.traits
        if jit_compile is True and not traits.trainable:
            raise ValueError(
                f"`jit_compile=True`: the {state.backend.name!r} backend has no compiler. Pass "
                "jit_compile='auto', which compiles where that can be had."
            )
        if not isinstance(steps_per_execution, (int, np.integer)) or steps_per_execution < 1:
            raise ValueError(
                f"Expected `steps_per_execution` to be a positive integer, received {steps_per_execution!r}."
            )
        optimizer = optimizers.get(optimizer)
        self.optimizer = scaled_for(self.dtype_policy, optimizer) if auto_scale_loss else optimizer
        self._run_eagerly = bool(run_eagerly)
        self._jit_compile = jit_compile
        self.steps_per_execution = int(steps_per_execution)
        self.auto_scale_loss = auto_scale_loss
        arguments = {
            "optimizer": self.optimizer,
            "loss": loss,
            "loss_weights": loss_weights,
            "metrics": metrics,
            "weighted_metrics": weighted_metrics,
            "run_eagerly": self._run_eagerly,
            "steps_per_execution": self.steps_per_execution,
            "jit_compile": self.jit_compile,
        }
        self._compilation = Compilation(arguments, getattr(self, "output_names", None))
        self._forget_functions()
        self.stop_training = False
        self.compiled = True

    def _forget_functions(self) -> None:
        self.train_function = self.test_function = self.predict_function = None

    @property
    def jit_compile(self) -> bool:
        """Whether steps are compiled; `"auto"` is settled by the backend."""
        if self._jit_compile in ("auto", None):
            return not self._run_eagerly and state.backend.traits.compiles
        return bool(self._jit_compile)

    @jit_compile.setter
    def jit_compile(self, value: bool | str) -> None:
        self._jit_compile = value
        self._forget_functions()

    @property
    def run_eagerly(self) -> bool:
        """Whether steps run as plain Python."""
        return self._run_eagerly

    @run_eagerly.setter
    def run_eagerly(self, value: bool) -> None:
        self._run_eagerly = bool(value)
        self._forget_functions()

    def _assert_compiled(self, method: str) -> None:
        if not self.compiled:
            raise ValueError(
                f"Model {self.name!r} must be compiled before `{method}`: call "
                "`model.compile(optimizer=..., loss=...)` first."
            )

    def _assert_trainable(self, method: str) -> None:
        if not state.backend.traits.trainable:
            raise NotImplementedError(
                f"`{method}` is not available on the {state.backend.name!r} backend, which computes no "
                "gradients. Set KERAS_BACKEND to 'jax', 'torch' or 'tensorflow' to train; this backend can "
                "evaluate and predict."
            )

    def get_compile_config(self) -> dict[str, Any] | None:
        """Returns the arguments of `compile` as plain data; `None` if it was not called."""
        if not self.compiled or self._compilation is None:
            return None
        return self._compilation.get_config()

    def compile_from_config(self, config: Mapping[str, Any]) -> None:
        """Compiles as `get_compile_config` says.

        Args:
            config: What it returned. A model class with a `compile` of its own is left uncompiled,
                with a warning.
        """
        if type(self).compile is not Compiling.compile:
            warnings.warn(
                f"Model {self.name!r} is left uncompiled: its class {type(self).__name__} has a `compile` of "
                "its own. Override `compile_from_config` (and `get_compile_config`) to have it compiled.",
                stacklevel=3,
            )
            return
        arguments = deserialize_keras_object(dict(config))
        jit = arguments.pop("jit_compile", "auto")
        self.compile(**arguments)
        # A True in a file says what its writer's backend did, which is no demand on this one.
        self._jit_compile = "auto" if jit is True else jit
        self._compilation.arguments["jit_compile"] = jit
        if self.optimizer is not None and self.built:
            self.optimizer.build(self.trainable_variables)

    def _notice_changes(self) -> None:
        """Drops functions that were made when other variables were there, or trained."""
        old = self._snapshot
        if old is not None and old.revision == revision.number:
            return
        self._take_snapshot()
        if old is not None and not old.agrees(self._snapshot):
            self._forget_functions()

    def _take_snapshot(self) -> None:
        self._snapshot = snapshot = Snapshot(self)
        known = getattr(self.optimizer, "_trainable_variables", None)
        if known and same(known, snapshot.trained):
            # The optimizer knows its own list at a glance.
            snapshot.trained = known

    def make_train_function(self, force: bool = False) -> Function:
        """Makes the function that trains on batches, unless it is there.

        Args:
            force: Whether to make it anew.
        """
        if self.train_function is None or force:
            self.train_function = make_function(self, "train_step")
        return self.train_function

    def make_test_function(self, force: bool = False) -> Function:
        """Makes the function that evaluates batches, unless it is there."""
        if self.test_function is None or force:
            self.test_function = make_function(self, "test_step")
        return self.test_function

    def make_predict_function(self, force: bool = False) -> Function:
        """Makes the function that predicts batches, unless it is there."""
        if self.predict_function is None or force:
            self.predict_function = make_function(self, "predict_step")
        return self.predict_function
