"""What layers and variables inherit on TensorFlow, so that checkpoints, tapes and SavedModel see them.

A layer is a trackable whose children are read from the layer's own tracking whenever TensorFlow asks.
"""

from collections.abc import Iterable, Mapping
from typing import Any

import tensorflow as tf

_Trackable = tf.__internal__.tracking.Trackable
_FUNCTIONS = (tf.types.experimental.GenericFunction, tf.types.experimental.ConcreteFunction)


class LayerMixin(_Trackable):  # type: ignore[misc, valid-type]
    """Base of layers on TensorFlow; asks for `own_weights` and `own_children` (see the contract)."""

    autograph_info__: Mapping[str, Any] = {}
    """What has this attribute is called by AutoGraph as it is: its own source, and what that calls, stay as written."""

    distribute_reduction_method = "auto"
    """How results of replicas are joined, as programs for tf.distribute set it."""

    @property
    def distribute_strategy(self) -> tf.distribute.Strategy:
        """The tf.distribute strategy in force."""
        return tf.distribute.get_strategy()

    def own_weights(self) -> Iterable[tuple[str, Any]]:
        """Yields name and variable of what the layer holds itself."""
        return ()

    def own_children(self) -> Iterable[tuple[str, Any]]:
        """Yields name and layer of its sublayers."""
        return ()

    def _trackable_children(self, save_type: str = "checkpoint", **kwargs: Any) -> dict[str, Any]:
        """What TensorFlow saves with this object; a SavedModel also takes its compiled functions."""
        children = dict(super()._trackable_children(save_type, **kwargs))
        children.update((name, x) for name, x in self.own_children() if isinstance(x, _Trackable))
        storages = ((name, variable._storage) for name, variable in self.own_weights())
        children.update((name, storage) for name, storage in storages if storage is not None)
        known = {id(x) for x in children.values()}
        for name, value in vars(self).items():
            wanted = save_type != "checkpoint" or not isinstance(value, _FUNCTIONS)
            if isinstance(value, _Trackable) and wanted and id(value) not in known:
                children[name] = value
        return children


class VariableMixin:
    """Lets variables stand where TensorFlow expects tensors, and be sources of `tape.gradient`."""

    _should_act_as_resource_variable = True

    @property
    def handle(self) -> Any:
        """The resource that tapes record; that of the stored `tf.Variable`."""
        return self._storage.handle  # type: ignore[attr-defined]

    def __tf_tensor__(self, dtype: Any = None, name: str | None = None) -> Any:
        return tf.convert_to_tensor(self.value, dtype=dtype, name=name)  # type: ignore[attr-defined]
