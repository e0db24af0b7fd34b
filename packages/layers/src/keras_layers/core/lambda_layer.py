"""`Lambda`: a function as a layer."""

from collections.abc import Callable, Mapping
from typing import Any

from keras_backends.api import export
from keras_ops import tree
from keras_ops.inference import compute_output_spec
from keras_ops.serialize import deserialize_keras_object, serialize_keras_object
from keras_ops.tensor import KerasTensor, Tensor

from keras_layers.call_facts import Parameters
from keras_layers.core.code_layer import CodeLayer
from keras_layers.layer import Layer

_FUNCTIONS = ("function", "output_shape", "mask")
"""Arguments that may be functions."""


@export("keras.layers.Lambda")
class Lambda(CodeLayer):
    """Calls a function without weights.

    A model with a Lambda loads only where the function is known: give it a name and register it with
    `keras.saving.register_keras_serializable`, or write a layer instead. An anonymous function is saved
    as code, which loads only with `safe_mode=False`.

    Args:
        function: Called with the inputs, and with `mask` and `training` if it has such parameters.
        output_shape: Shape of the result without its batch axis, or a function of the input shape;
            found by running the function by default.
        mask: Mask of the output, or a function `(inputs, mask) -> mask`.
        arguments: Further keyword arguments for the function.
        **kwargs: Arguments of `keras.Layer`, such as `name` and `dtype`.

    Example:

        >>> from keras_ops import ops
        >>> [float(x) for x in Lambda(lambda x: x * 2)(ops.array([1.0, 2.0]))]
        [2.0, 4.0]
    """

    def __init__(
        self,
        function: Callable[..., Any],
        output_shape: Any = None,
        mask: Any = None,
        arguments: Mapping[str, Any] | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        if not callable(function):
            raise ValueError(f"Lambda: `function` must be callable, received function={function!r}.")
        self.arguments = dict(arguments or {})
        self.function = function
        if mask is not None:
            self.supports_masking = True
        self.mask = mask
        self._output_shape = output_shape
        names = Parameters(function, skip_self=False).names
        self._passes = tuple(name for name in ("mask", "training") if name in names)

    def call(self, inputs: Any, mask: Tensor | None = None, training: bool | None = None) -> Any:
        values = {"mask": mask, "training": training}
        return self.function(inputs, **self.arguments, **{name: values[name] for name in self._passes})

    def compute_output_shape(self, input_shape: Any) -> Any:
        if self._output_shape is None:
            specs = tree.map_shape_structure(lambda s: KerasTensor(s, dtype=self.compute_dtype), input_shape)
            try:
                output = compute_output_spec(self.call, specs)
            except Exception as error:
                raise NotImplementedError(
                    f"Lambda {self.name!r}: the shape of the output could not be found by running the function "
                    f"on shapes: {error} Pass `output_shape`."
                ) from error
            return tree.map_structure(lambda x: x.shape, output)
        if callable(self._output_shape):
            return self._output_shape(input_shape)
        batch = input_shape[0] if tree.is_shape(input_shape) else None
        return tree.map_shape_structure(lambda shape: (batch, *shape), self._output_shape)

    def compute_mask(self, inputs: Any, mask: Any = None) -> Any:
        return self.mask(inputs, mask) if callable(self.mask) else self.mask

    def compute_output_spec(self, inputs: Any, mask: Any = None, training: bool | None = None) -> Any:
        if self._output_shape is None:
            return compute_output_spec(self.call, inputs, mask=mask, training=training)
        return super().compute_output_spec(inputs)

    def get_config(self) -> dict[str, Any]:
        config = _base_config(self)
        config["function"] = serialize_keras_object(self.function)
        if self._output_shape is not None:
            shape = self._output_shape
            config["output_shape"] = serialize_keras_object(shape) if callable(shape) else shape
        if self.mask is not None:
            config["mask"] = serialize_keras_object(self.mask)
        config["arguments"] = serialize_keras_object(self.arguments)
        return config

    @classmethod
    def code_in(cls, config: Mapping[str, Any]) -> str | None:
        for name in _FUNCTIONS:
            if _is_config(config.get(name)) and config[name]["class_name"] == "__lambda__":
                return f"has a `{name}` that was saved as code instead of the name of a registered function"
        return None

    @classmethod
    def arguments_of(
        cls, config: Mapping[str, Any], custom_objects: Mapping[str, Any] | None, safe_mode: bool
    ) -> dict[str, Any]:
        made = {name: config[name] for name in _FUNCTIONS if _is_config(config.get(name))}
        if isinstance(config.get("arguments"), dict):
            made["arguments"] = config["arguments"]
        for name, value in made.items():
            made[name] = deserialize_keras_object(value, custom_objects=custom_objects, safe_mode=safe_mode)
        return {**config, **made}


def _base_config(layer: Layer) -> dict[str, Any]:
    config = Layer.get_config(layer)
    for name in (*_FUNCTIONS, "arguments"):
        config.pop(name, None)
    return config


def _is_config(value: Any) -> bool:
    return isinstance(value, dict) and "class_name" in value
