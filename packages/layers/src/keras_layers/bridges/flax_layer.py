"""`FlaxLayer`: a `flax.linen` module as a layer."""

import inspect
from collections.abc import Callable, Mapping
from typing import Any

from keras_backends.api import export
from keras_ops.serialize import deserialize_keras_object, serialize_keras_object

from keras_layers.bridges.frameworks import imported
from keras_layers.bridges.jax_layer import JaxLayer, adapter

RNGS = ("params", "dropout")
"""The streams of random numbers that modules ask for. Flax serves all others from the first."""
_VARIADIC = (inspect.Parameter.VAR_POSITIONAL, inspect.Parameter.VAR_KEYWORD)


@export("keras.layers.FlaxLayer")
class FlaxLayer(JaxLayer):
    """Runs a `flax.linen` module, on the jax and tensorflow backends.

    The collection `"params"` holds the trainable weights, all other ones (such as `"batch_stats"`) those that
    calls may change.

    Args:
        module: The module. Its method is passed the inputs as one argument, and `training` if it has such a
            parameter. To save the layer, give the class of the module a `get_config` and register it with
            `keras.saving.register_keras_serializable`.
        method: Name of the method to call, or a function whose first argument is the module; `__call__` by
            default. A function can pass on the inputs otherwise than as one argument.
        variables: Variables of the module to begin with, by collection, as its `init` returns them; made when
            the layer is built by default.
        **kwargs: Arguments of `keras.Layer`, and `seed`.

    Call arguments:
        inputs: Tensor, or a tree of tensors.
        training: Whether the model is trained.

    Raises:
        ValueError: If `module` is no Flax module, `method` is no method of it, or on another backend.

    Example:

        >>> import flax, numpy as np  # doctest: +SKIP
        >>> layer = FlaxLayer(flax.linen.Dense(2))  # doctest: +SKIP
        >>> layer(np.ones((4, 3))).shape, len(layer.weights)  # doctest: +SKIP
        ((4, 2), 2)
    """

    not_in_config = (*JaxLayer.not_in_config, "module", "method", "variables")

    def __init__(
        self,
        module: Any,
        method: str | Callable[..., Any] | None = None,
        variables: Mapping[str, Any] | None = None,
        **kwargs: Any,
    ) -> None:
        adapter("FlaxLayer")
        linen = imported("FlaxLayer", "flax", "flax").linen
        if not isinstance(module, linen.Module):
            raise ValueError(
                f"FlaxLayer: `module` must be a flax.linen.Module, received {module!r:.200} of type "
                f"{type(module).__name__}. A class has to be called first; of one of flax.nnx with its arguments, "
                "`flax.nnx.bridge.to_linen(cls, *args)` makes such a module."
            )
        self.module = module
        self.method = method
        self._has_training = _takes_training(module, method)
        collections = None if variables is None else dict(variables)
        params = None if collections is None else collections.pop("params", {})
        super().__init__(call_fn=self._apply, init_fn=self._init, params=params, state=collections, **kwargs)

    def _options(self, training: bool) -> dict[str, Any]:
        return {"method": self.method, **({"training": training} if self._has_training else {})}

    def _init(self, rng: Any, inputs: Any, training: bool) -> tuple[Any, Any]:
        collections = dict(self.module.init(_streams(rng), inputs, **self._options(training)))
        return collections.pop("params", {}), collections

    def _apply(self, params: Any, state: Any, rng: Any, inputs: Any, training: bool) -> tuple[Any, Any]:
        outputs, changed = self.module.apply(
            {"params": params, **state},
            inputs,
            rngs=_streams(rng),
            mutable=list(state),
            **self._options(training),
        )
        return outputs, {name: changed.get(name, value) for name, value in state.items()}

    def get_config(self) -> dict[str, Any]:
        config = super().get_config()
        del config["call_fn"], config["init_fn"]
        config["module"] = serialize_keras_object(self.module)
        named = self.method is None or isinstance(self.method, str)
        config["method"] = self.method if named else serialize_keras_object(self.method)
        return config

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> "FlaxLayer":
        """Makes a layer from what `get_config` returned."""
        made = {name: deserialize_keras_object(config[name]) for name in ("module", "method")}
        return super().from_config({**config, **made})


def _takes_training(module: Any, method: Any) -> bool:
    """Whether what a `method` argument stands for has the parameter `training`; it may need no other."""
    is_own = method is None or isinstance(method, str)
    found = getattr(module, method or "__call__", None) if is_own else method
    kind = type(module).__name__
    if not callable(found):
        raise ValueError(
            f"FlaxLayer: `method` must be the name of a method of {kind}, or a function of it. "
            f"Received: method={method!r}"
        )
    # A function has the module before its inputs.
    parameters = list(inspect.signature(found).parameters.values())[1 if is_own else 2 :]
    needed = [p.name for p in parameters if p.default is p.empty and p.kind not in _VARIADIC]
    needed = [name for name in needed if name != "training"]
    if needed:
        raise ValueError(
            f"FlaxLayer: a method is passed the inputs as one argument, and `training`; method={method!r} of {kind} needs "
            f"{needed}. Pass a function that passes them on, such as `method=lambda module, x, training: module(*x, "
            "train=training)`."
        )
    return "training" in [p.name for p in parameters]


def _streams(rng: Any) -> dict[str, Any]:
    return dict(zip(RNGS, imported("FlaxLayer", "jax", "jax").random.split(rng, len(RNGS))))
