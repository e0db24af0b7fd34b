"""`Bidirectional`: a recurrent layer and its twin that reads sequences from the end."""

from typing import Any

from keras_backends.api import export
from keras_ops import ops, tree
from keras_ops.remaking import made_again
from keras_ops.serialize import serialize_keras_object
from keras_ops.tensor import Tensor

from keras_layers.core.arguments import one_of
from keras_layers.layer import Layer, Shape
from keras_layers.rnn.holder import Holder

MERGES = {
    "concat": lambda x, y: ops.concatenate([x, y], axis=-1),
    "sum": ops.add,
    "mul": ops.multiply,
    "ave": lambda x, y: ops.divide(ops.add(x, y), 2),
}
"""How outputs of the two directions become one."""


@export("keras.layers.Bidirectional")
class Bidirectional(Holder):
    """Runs a recurrent layer over sequences in both directions.

    Args:
        layer: The layer, such as `LSTM`: one with the attributes `go_backwards`, `return_sequences`,
            `return_state` and `stateful`. The wrapper holds a copy of it.
        merge_mode: How the outputs are put together: `"concat"`, `"sum"`, `"mul"`, `"ave"`, or `None` for a
            pair.
        weights: Arrays of initial weights, those of the forward layer first.
        backward_layer: The layer for the other direction; a copy of `layer` by default.
        **kwargs: Arguments of `keras.Layer`, such as `name` and `dtype`.

    Call arguments:
        sequences: Tensor of shape `(batch, steps, features)`.
        initial_state: The first states of the forward layer, then those of the backward layer, in a list.
        mask: Booleans `(batch, steps)`: steps that do not count keep the states.
        training: Handed on to the layers.

    Returns:
        The merged outputs, with `return_state` in a tuple with the states of both layers.

    Raises:
        ValueError: If `merge_mode` is unknown, or the layers do not go together.

    Example:

        >>> from keras_layers.rnn.gru import GRU
        >>> Bidirectional(GRU(4, return_sequences=True))(ops.ones((2, 5, 3))).shape == (2, 5, 8)
        True
    """

    not_in_config = (*Layer.not_in_config, "layer", "weights", "backward_layer")

    def __init__(
        self,
        layer: Layer,
        merge_mode: str | None = "concat",
        weights: Any = None,
        backward_layer: Layer | None = None,
        **kwargs: Any,
    ) -> None:
        for name, inner in (("layer", layer), ("backward_layer", backward_layer)):
            if not isinstance(inner, Layer) and not (inner is None and name == "backward_layer"):
                raise ValueError(f"Bidirectional: `{name}` must be a keras.Layer, received {name}={inner!r}.")
            if isinstance(inner, Layer) and not hasattr(inner, "go_backwards"):
                raise ValueError(
                    f"Bidirectional: `{name}` must be a recurrent layer, with a `go_backwards` attribute, received "
                    f"{name}={inner!r}."
                )
        one_of(self, "merge_mode", merge_mode, (*MERGES, None))
        kwargs.setdefault("dtype", layer.dtype_policy)
        super().__init__(**kwargs)
        self.merge_mode = merge_mode
        base = layer.name.removeprefix("forward_")
        self.forward_layer = _copy(layer, f"forward_{base}", layer.go_backwards)
        if backward_layer is None:
            self.backward_layer = _copy(layer, f"backward_{base}", not layer.go_backwards)
        else:
            self.backward_layer = backward_layer
        self._check_pair()
        self.return_sequences = layer.return_sequences
        self.return_state = layer.return_state
        self.stateful = layer.stateful
        if self.return_sequences:
            # The output before a masked step would be that of a later one for one of the directions.
            self.forward_layer.zero_output_for_mask = True
            self.backward_layer.zero_output_for_mask = True
        self.supports_masking = True
        self.__dict__["_first_weights"] = weights

    def _check_pair(self) -> None:
        forward, backward = self.forward_layer, self.backward_layer
        if forward.go_backwards == backward.go_backwards:
            raise ValueError(
                f"Bidirectional {self.name!r}: `layer` and `backward_layer` must go in different directions, "
                f"received go_backwards={forward.go_backwards} for both."
            )
        for name in ("return_sequences", "return_state", "stateful"):
            values = getattr(forward, name), getattr(backward, name)
            if values[0] != values[1]:
                raise ValueError(
                    f"Bidirectional {self.name!r}: `layer` and `backward_layer` must have the same `{name}`, "
                    f"received {values[0]} and {values[1]}."
                )

    @property
    def states(self) -> Any:
        """The states of both layers, if they are stateful and built."""
        if self.forward_layer.states is None:
            return None
        return self.forward_layer.states, self.backward_layer.states

    def build(self, sequences_shape: Shape, initial_state_shape: Any = None) -> None:
        for layer in (self.forward_layer, self.backward_layer):
            if not layer.built:
                layer.build(sequences_shape)
        if self._first_weights is not None:
            self.set_weights(self._first_weights)

    def call(
        self,
        sequences: Tensor,
        initial_state: Any = None,
        mask: Any = None,
        training: bool | None = None,
    ) -> Any:
        results = []
        for layer, states in zip((self.forward_layer, self.backward_layer), _halves(self, initial_state)):
            given = {} if states is None else {"initial_state": states}
            result = layer(sequences, mask=mask, training=training, **given)
            result = tree.map_structure(lambda x: ops.cast(x, self.compute_dtype), result)
            results.append(tuple(result) if self.return_state else (result,))
        (x, *forward), (y, *backward) = results
        if self.return_sequences:
            y = ops.flip(y, axis=1)
        outputs = (x, y) if self.merge_mode is None else (MERGES[self.merge_mode](x, y),)
        if self.return_state:
            return (*outputs, *forward, *backward)
        return outputs if self.merge_mode is None else outputs[0]

    def compute_output_shape(self, sequences_shape: Shape, initial_state_shape: Any = None) -> Any:
        shapes = [
            layer.compute_output_shape(sequences_shape) for layer in (self.forward_layer, self.backward_layer)
        ]
        (x, *forward), (y, *backward) = shapes if self.return_state else ([shape] for shape in shapes)
        if self.merge_mode is None:
            outputs = (tuple(x), tuple(y))
        else:
            outputs = ((*x[:-1], x[-1] + y[-1]) if self.merge_mode == "concat" else tuple(x),)
        if self.return_state:
            return (*outputs, *forward, *backward)
        return outputs if self.merge_mode is None else outputs[0]

    _mask_needs_values = False

    def compute_mask(self, _: Any, mask: Any) -> Any:
        mask = mask[0] if isinstance(mask, (list, tuple)) else mask
        own = mask if self.return_sequences else None
        outputs = [own, own] if self.merge_mode is None else [own]
        if self.return_state:
            sizes = (self.forward_layer.state_size, self.backward_layer.state_size)
            return [*outputs, *[None] * len(tree.flatten(sizes))]
        return outputs if self.merge_mode is None else own

    def reset_state(self) -> None:
        """Sets the states of stateful layers to zeros."""
        if self.stateful:
            self.forward_layer.reset_state()
            self.backward_layer.reset_state()

    def reset_states(self) -> None:
        """Sets the states of stateful layers to zeros."""
        self.reset_state()

    def get_config(self) -> dict[str, Any]:
        config = super().get_config()
        config["layer"] = serialize_keras_object(self.forward_layer)
        config["backward_layer"] = serialize_keras_object(self.backward_layer)
        return config


def _copy(layer: Layer, name: str, go_backwards: bool) -> Any:
    """A layer like another, built if that is, with weights of its own."""
    copy = made_again(layer, name=name, go_backwards=go_backwards)
    build_config = layer.get_build_config()
    if layer.built and build_config:
        copy.build_from_config(build_config)
    return copy


def _halves(layer: Bidirectional, states: Any) -> Any:
    """The first states of the two layers."""
    if states is None:
        return None, None
    if not isinstance(states, (list, tuple)) or len(states) % 2:
        raise ValueError(
            f"Bidirectional {layer.name!r}: `initial_state` must be a list of the states of the forward layer "
            f"and of as many of the backward layer, received initial_state={states!r}."
        )
    half = len(states) // 2
    return list(states[:half]), list(states[half:])
