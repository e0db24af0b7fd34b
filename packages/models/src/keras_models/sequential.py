"""`Sequential`: a stack of layers, each with one input and one output.

As soon as the shape of the input is known the stack becomes a graph, which is what runs; until then
layers can be added and nothing is built.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from keras_backends.api import export
from keras_backends.selection import active
from keras_layers.core.input_layer import Input, InputLayer
from keras_layers.layer import Layer
from keras_ops import tree
from keras_ops.function import Function
from keras_ops.inference import compute_output_spec
from keras_ops.masks import get_mask, masked
from keras_ops.naming import auto_name
from keras_ops.serialize import deserialize_keras_object, serialize_keras_object
from keras_ops.state import name_scope
from keras_ops.tensor import KerasTensor, standardize_shape

from keras_models.model import Model
from keras_models.model_graph import itself, with_rank


@export(["keras.Sequential", "keras.models.Sequential"])
class Sequential(Model):
    """A stack of layers.

    Args:
        layers: The layers, in order; a `keras.Input` at the front builds the model at once.
        trainable: Whether its variables are trainable.
        name: Name of the model.

    Example:

        >>> import keras
        >>> model = keras.Sequential([keras.Input((4,)), keras.layers.Dense(3), keras.layers.Dense(2)])
        >>> model.output_shape, model.count_params()
        ((None, 2), 23)
    """

    def __init__(
        self, layers: Sequence[Any] | None = None, trainable: bool = True, name: str | None = None
    ) -> None:
        super().__init__(trainable=trainable, name=name)
        self._function = None
        self._stack: list[Layer] = []
        for layer in layers or ():
            self.add(layer, rebuild=False)
        self._rebuild()

    # Stack

    def add(self, layer: Any, rebuild: bool = True) -> None:
        """Adds a layer on top.

        Args:
            layer: A layer, or a tensor from `keras.Input` as the first item.
            rebuild: Whether the model is built again at once where its input is known.

        Raises:
            ValueError: If it is no layer, a second input, or its name is taken.
        """
        if isinstance(layer, KerasTensor) and isinstance(layer._keras_history.operation, InputLayer):
            layer = layer._keras_history.operation
        if not isinstance(layer, Layer):
            raise ValueError(
                f"Sequential {self.name!r}: expected instances of `keras.Layer`, received {layer!r} of type "
                f"{type(layer).__name__}."
            )
        if any(layer.name == other.name for other in self._stack):
            raise ValueError(
                f"Sequential {self.name!r}: all layers need unique names, but {layer.name!r} is taken by "
                "another layer of the model. Pass `name=` to one of them."
            )
        if isinstance(layer, InputLayer) and self._stack:
            raise ValueError(
                f"Sequential {self.name!r}: an input must come first, but the model already has "
                f"{'an input' if isinstance(self._stack[0], InputLayer) else 'layers'}: "
                f"{[other.name for other in self._stack]}."
            )
        batch_shape = getattr(layer, "_input_shape_arg", None)
        # A call that made the input known has locked the stack, as it does any layer.
        with self._tracker.unlocked():
            if not self._stack and batch_shape is not None and not isinstance(layer, InputLayer):
                self._stack.append(InputLayer(batch_shape=batch_shape))
            self._stack.append(layer)
        self._forget_graph()
        if rebuild:
            self._rebuild()

    def pop(self, rebuild: bool = True) -> Layer:
        """Removes the top layer and returns it.

        Raises:
            ValueError: If there is none.
        """
        if not self.layers:
            raise ValueError(f"Sequential {self.name!r}: there is no layer to remove.")
        layer = self._stack.pop()
        self._forget_graph()
        if rebuild:
            self._rebuild()
        return layer

    def _forget_graph(self) -> None:
        self._function = None
        self.built = False

    @property
    def layers(self) -> list[Layer]:
        """The layers of the stack, without the input."""
        stack = self._stack
        return stack[1:] if stack and isinstance(stack[0], InputLayer) else stack[:]

    @layers.setter
    def layers(self, _: Any) -> None:
        raise AttributeError("`Sequential.layers` can not be set; use `add` and `pop`.")

    # Building and calling

    def _rebuild(self) -> None:
        """Builds the functional model if the stack starts at an input."""
        if len(self._stack) > 1 and isinstance(self._stack[0], InputLayer):
            self._build_on(self._stack[0].output)

    def build(self, input_shape: Any = None) -> None:
        """Builds all layers for an input of the given shape, whatever its batch size."""
        if self._function is not None:
            return
        stack = self._stack
        if not self.layers:
            raise ValueError(
                f"Sequential {self.name!r} has no layers, so it can not be built. Add layers first."
            )
        if isinstance(stack[0], InputLayer):
            self._rebuild()
            return
        if input_shape is None:
            raise ValueError(
                f"Sequential {self.name!r} has not been given an input shape: call it on data, call "
                "`build(input_shape)`, or add a `keras.Input` as the first layer."
            )
        if not _is_shape(input_shape):
            # A stack whose first layer takes several tensors runs layer by layer.
            return
        source = Input(batch_shape=(None, *input_shape[1:]), dtype=stack[0].compute_dtype)
        stack.insert(0, source._keras_history.operation)
        self._build_on(source)

    def _build_on(self, source: KerasTensor) -> None:
        x: Any = source
        for layer in self.layers:
            try:
                with name_scope(self.name, caller=self):
                    x = layer(x)
            except NotImplementedError:
                # A layer that can not infer its output shape is built when it is first called.
                return
        # Its graph takes an automatic name, so that unnamed models made later are called as in older files.
        auto_name("functional")
        self._function = Function(source, x, name=self.name)
        self.built = True

    def call(self, inputs: Any, training: bool | None = None, mask: Any = None, **kwargs: Any) -> Any:
        if self._function is not None:
            return self._run(self._function, inputs, mask)
        for layer in self.layers:
            facts: dict[str, Any] = {}
            if "mask" in layer._facts.mask_names and mask is not None:
                facts["mask"] = mask
            if layer._facts.has_training and training is not None:
                facts["training"] = training
            inputs = layer(inputs, **facts, **kwargs)
            kwargs = {}
            mask = get_mask(inputs)
        return inputs

    def _run(self, function: Function, inputs: Any, mask: Any) -> Any:
        flat = tree.flatten(inputs)
        if len(flat) != 1:
            raise ValueError(f"Sequential {self.name!r} expects one input, received {len(flat)}.")
        x = with_rank(flat[0], function.inputs[0], self.name)
        if mask is None:
            return function.pack(function._plan.run([x], itself))
        with masked([x], [mask]):
            return function.pack(function._plan.run([x], itself))

    def compute_output_spec(
        self, inputs: Any, training: bool | None = None, mask: Any = None, **kwargs: Any
    ) -> Any:
        return compute_output_spec(self.call, inputs, training=training, mask=mask, **kwargs)

    def compute_output_shape(self, input_shape: Any) -> Any:
        if self._function is not None:
            return self._function.compute_output_shape(input_shape)
        for layer in self.layers:
            input_shape = layer.compute_output_shape(input_shape)
        return input_shape

    # Facts

    def _known(self, what: str) -> Function:
        if self._function is None:
            raise AttributeError(
                f"Sequential {self.name!r} has no `{what}` yet, because its input shape is not known: "
                "add a `keras.Input` first, call `build(input_shape)`, or call the model on data."
            )
        return self._function

    @property
    def input(self) -> Any:
        return self._known("input")._inputs_struct

    @property
    def output(self) -> Any:
        return self._known("output")._outputs_struct

    @property
    def input_dtype(self) -> str:
        """The dtype that inputs are expected in: that of the first layer."""
        return self._first_dtype()

    # Building in a call inside `torch.compile` changes the stack, which the compiler must not have read.
    @active().unread
    def _first_dtype(self) -> str:
        return self._stack[0].dtype if self._stack else super().input_dtype

    # Config

    def get_build_config(self) -> dict[str, Any] | None:
        """Returns the shape that the stack was built for, `None` if it is not built."""
        return None if self._function is None else {"input_shape": self._stack[0].batch_shape}

    def build_from_config(self, config: Mapping[str, Any] | None) -> None:
        """Builds the stack for the shape that it was built for when it was saved."""
        if config and config.get("input_shape") is not None:
            self.build(config["input_shape"])

    def get_quantization_layer_structure(self, mode: str | None = None) -> Any:
        """Returns the layers as the blocks that calibrating schemes go through."""
        return {"pre_block_layers": [], "sequential_blocks": self.layers}

    def get_config(self) -> dict[str, Any]:
        config = {
            "name": self.name,
            "trainable": self.trainable,
            "dtype": serialize_keras_object(self.dtype_policy),
        }
        config["layers"] = [serialize_keras_object(layer) for layer in self._stack]
        if self._function is not None:
            config["build_input_shape"] = self._stack[0].batch_shape
        return config

    @classmethod
    def from_config(cls, config: Mapping[str, Any], custom_objects: Mapping[str, Any] | None = None) -> Any:
        """Makes a stack from what `get_config` returned."""
        if "layers" not in config:
            return super().from_config(config, custom_objects)
        model = cls(name=config.get("name"))
        for layer in config["layers"]:
            model.add(deserialize_keras_object(layer, custom_objects=custom_objects), rebuild=False)
        model._rebuild()
        if not config.get("trainable", True):
            model.trainable = False
        shape = config.get("build_input_shape")
        if shape is not None and model._function is None and _is_shape(shape):
            model.build(shape)
        return model


def _is_shape(value: Any) -> bool:
    try:
        standardize_shape(value)
    except ValueError:
        return False
    return True
