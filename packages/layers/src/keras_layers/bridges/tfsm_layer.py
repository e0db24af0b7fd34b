"""`TFSMLayer`: a TensorFlow SavedModel as a layer."""

from collections.abc import Mapping
from typing import Any

from keras_backends.api import export
from keras_backends.dtypes import is_float, standardize_dtype
from keras_ops import ops, tree

from keras_layers.bridges.frameworks import adopt, foreign, imported, refuse_symbolic
from keras_layers.core.code_layer import CodeLayer


@export("keras.layers.TFSMLayer")
class TFSMLayer(CodeLayer):
    """Runs a function of a TensorFlow SavedModel, on the tensorflow backend.

    The variables that the functions use are weights of the layer. A SavedModel holds code, so a model with this
    layer loads from a file only with `safe_mode=False`.

    Args:
        filepath: Folder of the SavedModel.
        call_endpoint: Name of the function to call: an attribute of the SavedModel, as `model.export` writes
            it, or one of its signatures, such as `"serving_default"`.
        call_training_endpoint: Name of the function to call in training instead.
        trainable: Whether optimizers may change the weights.
        name: Name of the layer.
        dtype: Dtype name or policy; `keras.config.dtype_policy()` by default.

    Call arguments:
        inputs: Tensor, or a structure of tensors; for a signature with several inputs a dict by their names.
        training: Whether the model is trained.
        **kwargs: Further arguments of the function.

    Raises:
        NotImplementedError: On another backend than tensorflow.
        ValueError: If the SavedModel has no such function.

    Example:

        >>> layer = TFSMLayer("path/of/saved_model", call_endpoint="serve")  # doctest: +SKIP
        >>> layer(images)  # doctest: +SKIP
    """

    def __init__(
        self,
        filepath: Any,
        call_endpoint: str = "serve",
        call_training_endpoint: str | None = None,
        trainable: bool = True,
        name: str | None = None,
        dtype: Any = None,
    ) -> None:
        super().__init__(trainable=trainable, name=name, dtype=dtype)
        foreign("TFSMLayer", "tensorflow", "the tensorflow backend", NotImplementedError)
        self.filepath = str(filepath)
        self.call_endpoint = call_endpoint
        self.call_training_endpoint = call_training_endpoint
        # Kept alive: the functions need its tables and variables.
        self._saved_model = imported("TFSMLayer", "tensorflow", "tensorflow").saved_model.load(self.filepath)
        self.call_endpoint_fn = self._endpoint("call_endpoint", call_endpoint)
        self.call_training_endpoint_fn = (
            None
            if call_training_endpoint is None
            else self._endpoint("call_training_endpoint", call_training_endpoint)
        )
        self._adopt_weights()
        self.built = True

    def _endpoint(self, argument: str, name: str) -> Any:
        signatures = self._saved_model.signatures
        found = getattr(self._saved_model, name, None)
        if callable(found):
            return found
        if name in signatures:
            return signatures[name]
        functions = [
            key for key, value in vars(self._saved_model).items() if hasattr(value, "concrete_functions")
        ]
        raise ValueError(
            f"TFSMLayer: the SavedModel {self.filepath!r} has no function {argument}={name!r}. It has "
            f"{sorted(functions)} and the signatures {sorted(signatures)}."
        )

    def _adopt_weights(self) -> None:
        known: set[int] = set()
        for function in filter(None, (self.call_endpoint_fn, self.call_training_endpoint_fn)):
            for concrete in getattr(function, "concrete_functions", [function]):
                for variable in concrete.variables:
                    if id(variable) not in known:
                        known.add(id(variable))
                        adopt(self, variable, variable.name.partition(":")[0], variable.trainable)

    def call(self, inputs: Any, training: bool = False, **kwargs: Any) -> Any:
        refuse_symbolic(inputs, *kwargs.values())
        if training and self.call_training_endpoint_fn is not None:
            return self._run(self.call_training_endpoint_fn, self.call_training_endpoint, inputs, kwargs)
        return self._run(self.call_endpoint_fn, self.call_endpoint, inputs, kwargs)

    def _run(self, function: Any, endpoint: str | None, inputs: Any, kwargs: Mapping[str, Any]) -> Any:
        """Calls a function of the SavedModel; signatures take their inputs by name."""
        concrete = list(getattr(function, "concrete_functions", [function]))
        args, named = concrete[0].structured_input_signature if len(concrete) == 1 else ((), {})
        if concrete[0] is not function or args:
            return function(_in_dtypes_of(args[0] if args else None, inputs), **kwargs)
        names = [name for name in named if name not in kwargs]
        given = inputs if isinstance(inputs, Mapping) else dict.fromkeys(names, inputs)
        if given.keys() != set(names) or (given is not inputs and len(names) > 1):
            received = sorted(given) if given is inputs else f"one of type {type(inputs).__name__}"
            raise ValueError(
                f"TFSMLayer {self.name!r}: the signature {endpoint!r} takes its inputs as a dict with the names {names}, "
                f"received {received}."
            )
        return function(**{name: _in_dtypes_of(named[name], given[name]) for name in names}, **kwargs)

    @classmethod
    def code_in(cls, config: Mapping[str, Any]) -> str:
        return f"runs the code in the SavedModel {config.get('filepath')!r}"


def _in_dtypes_of(specs: Any, inputs: Any) -> Any:
    """Casts floats to the floats that a function was saved for, whatever the layer's dtype policy says."""
    leaves, wanted = tree.flatten(inputs), tree.flatten(specs)
    if len(leaves) != len(wanted):
        return inputs
    return tree.pack_sequence_as(inputs, [_cast(x, spec) for x, spec in zip(leaves, wanted)])


def _cast(x: Any, spec: Any) -> Any:
    if not (hasattr(x, "dtype") and hasattr(spec, "dtype")):
        return x
    own, wanted = standardize_dtype(x.dtype), standardize_dtype(spec.dtype)
    return ops.cast(x, wanted) if own != wanted and is_float(own) and is_float(wanted) else x
