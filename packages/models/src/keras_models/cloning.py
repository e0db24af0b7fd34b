"""`clone_model`: a model of the same architecture with layers and weights of its own."""

from collections.abc import Callable
from typing import Any

from keras_backends.api import export
from keras_layers.adapted_parts import adapt_parts, adapted_parts
from keras_layers.core.input_layer import Input, InputLayer
from keras_layers.layer import Layer
from keras_ops import tree
from keras_ops.graph import Operation
from keras_ops.remaking import made_again

from keras_models.model import Functional, Model
from keras_models.sequential import Sequential


@export("keras.models.clone_model")
def clone_model(
    model: Model,
    input_tensors: Any = None,
    clone_function: Callable[[Layer], Any] | None = None,
    call_function: Callable[..., Any] | None = None,
    recursive: bool = False,
    **kwargs: Any,
) -> Model:
    """Makes a model with the same architecture, and new layers with new weights.

    Args:
        model: A Functional or Sequential model, or any other without `clone_function`.
        input_tensors: KerasTensors to put in the place of the inputs, in their structure.
        clone_function: Function from a layer to the layer in its place; by default the layer is made
            again from its config. It may return the same layer, to share it.
        call_function: Function `(layer, *args, **kwargs)` that calls a layer, to wrap calls; for
            Functional models only.
        recursive: Whether `clone_function` is applied to the layers of nested models too.

    Returns:
        The new model; compile it before training it.

    Raises:
        ValueError: If the model is neither Functional nor Sequential and an option needs its graph.

    Example:

        >>> import keras
        >>> model = keras.Sequential([keras.Input((2,)), keras.layers.Dense(1)])
        >>> clone_model(model).output_shape
        (None, 1)
    """
    if kwargs:
        raise ValueError(f"clone_model: unexpected keyword arguments {sorted(kwargs)}.")

    def clone(layer: Layer) -> Any:
        if recursive and isinstance(layer, (Functional, Sequential)):
            return clone_model(
                layer, clone_function=clone_function, call_function=call_function, recursive=True
            )
        return (clone_function or made)(layer)

    def made(layer: Any) -> Any:
        copies.append((layer, made_again(layer)))
        return copies[-1][1]

    copies: list[tuple[Any, Any]] = []
    result = _cloned(model, input_tensors, clone, clone_function, call_function)
    for layer, copy in copies:
        _adapt_parts(layer, copy)
    return result


def _adapt_parts(layer: Any, copy: Any) -> None:
    """Adapts layers inside a copy that were adapted in the original since, which its config does not say."""
    parts = adapted_parts(layer)
    if parts and not copy.built:
        copy.build_from_config(layer.get_build_config() or {})
    adapt_parts(copy, parts)


def _cloned(
    model: Model, input_tensors: Any, clone: Callable[[Layer], Any], clone_function: Any, call_function: Any
) -> Model:
    if isinstance(model, Sequential):
        if call_function is not None:
            raise ValueError(
                "clone_model: `call_function` is for Functional models, received a Sequential model."
            )
        return _clone_stack(model, input_tensors, clone)
    if isinstance(model, Functional):
        return _clone_graph(model, input_tensors, clone, call_function)
    if input_tensors is not None or clone_function is not None or call_function is not None:
        raise ValueError(
            "clone_model: `input_tensors`, `clone_function` and `call_function` need a Functional or "
            f"Sequential model, received {model!r} of type {type(model).__name__}."
        )
    return clone(model)


def _clone_stack(model: Sequential, input_tensors: Any, clone: Callable[[Layer], Any]) -> Sequential:
    layers = [clone(layer) for layer in model.layers]
    source = model._stack[0] if model._stack and isinstance(model._stack[0], InputLayer) else None
    if input_tensors is not None:
        flat = tree.flatten(input_tensors)
        if len(flat) != 1:
            raise ValueError(f"clone_model: a Sequential model has one input, received {len(flat)}.")
        layers.insert(0, flat[0])
    elif source is not None:
        layers.insert(0, Input(batch_shape=source.batch_shape, dtype=source.dtype, name=source.name))
    return type(model)(layers, trainable=model.trainable, name=model.name)


def _clone_graph(
    model: Functional,
    input_tensors: Any,
    clone: Callable[[Layer], Any],
    call_function: Callable[..., Any] | None,
) -> Functional:
    graph = model._function
    copies: dict[int, Any] = {}

    def call_copy(operation: Operation) -> Callable[..., Any]:
        if id(operation) not in copies:
            copies[id(operation)] = clone(operation) if isinstance(operation, Layer) else operation
        copy = copies[id(operation)]
        return copy if call_function is None else lambda *args, **kwargs: call_function(copy, *args, **kwargs)

    if input_tensors is None:
        input_tensors = tree.pack_sequence_as(
            graph._inputs_struct,
            [
                Input(
                    batch_shape=x.shape,
                    dtype=x.dtype,
                    sparse=x.sparse,
                    ragged=x.ragged,
                    name=x._keras_history.operation.name,
                )
                for x in model.inputs
            ],
        )
    flat = tree.flatten(input_tensors)
    if len(flat) != len(model.inputs):
        raise ValueError(f"clone_model: expected {len(model.inputs)} input tensors, received {len(flat)}.")
    outputs = graph.pack(graph._plan.run(flat, call_copy))
    made = type(model) if type(model).__init__ is Functional.__init__ else Functional
    return made(input_tensors, outputs, name=model.name, trainable=model.trainable)
