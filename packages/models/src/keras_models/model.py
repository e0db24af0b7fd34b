"""`Model`: a layer that can be compiled, trained, saved and summarised; `Functional`: one made of a graph.

The training methods come from `keras_training.trainer.Trainer`, everything about calling and variables from
`Layer`, files from `ModelFiles`. A model of any class that is given inputs and outputs holds a `ModelGraph`,
which is what runs then. Stacks are in `sequential`.
"""

import inspect
import json
from abc import ABCMeta
from collections.abc import Callable, Mapping
from typing import Any

from keras_backends.api import export
from keras_layers.call_facts import CallFacts
from keras_layers.layer import Layer
from keras_ops import tree
from keras_ops.function import Function
from keras_ops.inference import compute_output_spec
from keras_ops.registry import saved_as
from keras_ops.serialize import deserialize_keras_object
from keras_training.trainer import Trainer

from keras_models.graph_config import graph_of, read_graph, write_graph
from keras_models.model_files import ModelFiles
from keras_models.model_graph import ModelGraph, from_fresh_inputs
from keras_models.quantization import quantize_layers
from keras_models.summary import print_summary


class _OfGraph:
    """A fact that a model knows as soon as it has a graph.

    Unlike a property it gives way to an attribute of the instance, since a user's model without a graph may
    keep something of its own under the name.

    Args:
        read: From the graph to the fact.
        doc: What it is.
    """

    def __init__(self, read: Callable[[Any], Any], doc: str) -> None:
        self._read = read
        self.__doc__ = doc

    def __set_name__(self, owner: type, name: str) -> None:
        self._name = name

    def __get__(self, model: Any, owner: type | None = None) -> Any:
        return self if model is None else self._read(model._known(self._name))


@export(["keras.Model", "keras.models.Model"])
class Model(ModelFiles, Trainer, Layer):
    """A model: layers put together, with training and saving.

    There are three ways to make one. *Functional*: `Model(inputs, outputs)` with tensors that start
    at `keras.Input`. *Subclass*: layers in `__init__`, the computation in `call`. *Sequential*: see
    `keras.Sequential`.

    Args:
        inputs: Functional form: the input or inputs, nested in lists or dicts.
        outputs: Functional form: the outputs, likewise.
        name: Name of the model.
        trainable: Whether its variables are trainable.
        dtype: Dtype policy (subclass form).

    Example:

        >>> import keras
        >>> x = keras.Input((3,))
        >>> model = keras.Model(x, keras.layers.Dense(2)(x))
        >>> model.output_shape
        (None, 2)
    """

    _function: Function | None = None
    """What runs, where inputs and outputs are known: the graph of a functional model, or that of a stack."""

    def __new__(cls, *args: Any, **kwargs: Any) -> "Model":
        made = Functional if cls is Model and _is_functional_call(args, kwargs) else cls
        return super().__new__(made, *args, **kwargs)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        if graph_of(self) is not None:
            # Several bases may each come to this constructor; the first one has made the model.
            return
        Trainer.__init__(self)
        if _is_functional_call(args, kwargs):
            self._start_functional(*args, **kwargs)
        else:
            Layer.__init__(self, *args, **kwargs)

    # A graph between inputs and outputs

    def _start_functional(
        self, inputs: Any, outputs: Any, name: str | None = None, trainable: bool = True, **kwargs: Any
    ) -> None:
        inputs, outputs = from_fresh_inputs(inputs, outputs)
        Layer.__init__(self, name=name, **kwargs)
        self._function = graph = ModelGraph(inputs, outputs, name=self.name)
        self._layers_of_graph = list(graph.layers)
        if type(self).call is Model.call:
            self.__dict__["_facts"] = CallFacts(type(self), Layer, self._run_graph)
        self.built = True
        if not trainable:
            # The default must not thaw layers that were frozen one by one.
            self.trainable = False

    def _known(self, what: str) -> Function:
        if self._function is None:
            raise AttributeError(
                f"{type(self).__name__} {self.name!r} has no `{what}`: it was not made from inputs and outputs."
            )
        return self._function

    inputs = _OfGraph(lambda graph: graph.inputs, "The symbolic inputs as a flat list.")
    outputs = _OfGraph(lambda graph: graph.outputs, "The symbolic outputs as a flat list.")
    operations = _OfGraph(lambda graph: graph.operations, "Layers and operations in the order of running.")
    input_shape = _OfGraph(lambda graph: _shapes(graph._inputs_struct), "Shapes of the inputs.")
    output_shape = _OfGraph(lambda graph: _shapes(graph._outputs_struct), "Shapes of the outputs.")
    output_names = _OfGraph(
        lambda graph: graph.output_names,
        "Names of the layers that make the outputs; losses and metrics of several outputs go by them.",
    )
    _inputs_struct = _OfGraph(lambda graph: graph._inputs_struct, "What other packages read for `input`.")
    _outputs_struct = _OfGraph(lambda graph: graph._outputs_struct, "What other packages read for `output`.")

    @property
    def input(self) -> Any:
        """The symbolic inputs in the structure they were given in."""
        return super().input if self._function is None else self._function._inputs_struct

    @property
    def output(self) -> Any:
        """The symbolic outputs in the structure they were given in."""
        return super().output if self._function is None else self._function._outputs_struct

    def _run_graph(self, inputs: Any, training: bool | None = None, mask: Any = None, **kwargs: Any) -> Any:
        return self._function.call(inputs, mask)

    def call(self, *args: Any, **kwargs: Any) -> Any:
        """Computes the outputs; a subclass that is not made from inputs and outputs implements it."""
        if graph_of(self) is not None:
            return self._run_graph(*args, **kwargs)
        raise NotImplementedError(
            f"Model {type(self).__name__} has no `call` method. Implement `call(self, inputs)`, or make the "
            "model with `keras.Model(inputs, outputs)`."
        )

    def compute_output_spec(self, *args: Any, **kwargs: Any) -> Any:
        if type(self).compute_output_shape is Model.compute_output_shape:
            return compute_output_spec(self.call, *args, **kwargs)
        return super().compute_output_spec(*args, **kwargs)

    def compute_output_shape(self, *args: Any, **kwargs: Any) -> Any:
        graph = graph_of(self)
        if graph is not None:
            return graph.compute_output_shape(*args, **kwargs)
        return super().compute_output_shape(*args, **kwargs)

    # Layers

    @property
    def layers(self) -> list[Layer]:
        """The direct sublayers, each once; of a functional model those of its graph."""
        if graph_of(self) is not None:
            return list(self._layers_of_graph)
        return list(self._flatten_layers(include_self=False, recursive=False))

    @layers.setter
    def layers(self, _: Any) -> None:
        raise AttributeError(
            f"`{type(self).__name__}.layers` is a property of models and can not be set. "
            "Store layers under another name."
        )

    def get_layer(self, name: str | None = None, index: int | None = None) -> Layer:
        """Returns a direct sublayer by name or by its position in `layers`.

        Args:
            name: Name of the layer.
            index: Position in `layers`.

        Raises:
            ValueError: If there is none, or not exactly one of the two was given.
        """
        if (name is None) == (index is None):
            raise ValueError(
                f"get_layer: expected either `name` or `index`, received name={name!r}, index={index!r}."
            )
        layers = self.layers
        if index is not None:
            if index >= len(layers):
                raise ValueError(
                    f"get_layer: model {self.name!r} has {len(layers)} layers, received index={index}."
                )
            return layers[index]
        for layer in layers:
            if layer.name == name:
                return layer
        raise ValueError(
            f"get_layer: model {self.name!r} has no layer named {name!r}; its layers are "
            f"{[layer.name for layer in layers]}."
        )

    def summary(
        self,
        line_length: int | None = None,
        positions: list[float] | None = None,
        print_fn: Callable[..., Any] | None = None,
        expand_nested: bool = False,
        show_trainable: bool = False,
        layer_range: list[str] | tuple[str, str] | None = None,
    ) -> None:
        """Prints a table of the layers with output shapes and numbers of parameters.

        Args:
            line_length: Width of the table in characters.
            positions: Relative or absolute positions of the columns' right ends.
            print_fn: Where the text goes, instead of standard output.
            expand_nested: Whether layers of nested models are listed too.
            show_trainable: Whether a column says which layers are trainable.
            layer_range: Regular expressions for the names of the first and the last layer listed.
        """
        print_summary(self, line_length, positions, print_fn, expand_nested, show_trainable, layer_range)

    def quantize(
        self, mode: str | None = None, config: Any = None, filters: Any = None, **kwargs: Any
    ) -> None:
        """Quantizes the weights of all layers that can be; what was compiled is made anew.

        Args:
            mode: `"int8"`, `"int4"`, `"float8"`, `"gptq"` or `"awq"`; `None` takes that of `config`.
            config: Configuration of the scheme, such as `keras.quantizers.GPTQConfig`; its default by default. GPTQ and
                AWQ need one, since it holds the data that they look at.
            filters: Which layers: a regular expression for names, several of them, or a function of the
                layer that says so.
            **kwargs: `type_check=False` lets subclasses of quantizable layers be quantized too.

        Raises:
            ValueError: If no layer can be quantized, or arguments do not fit.

        Example:

            >>> import keras
            >>> model = keras.Sequential([keras.Input((4,)), keras.layers.Dense(3)])
            >>> model.quantize("int8")
            >>> model.layers[0].dtype_policy.name
            'int8_from_float32'
        """
        type_check = kwargs.pop("type_check", True)
        if kwargs:
            raise ValueError(f"quantize: arguments not recognized: {sorted(kwargs)}.")
        self._forget_functions()
        quantize_layers(self, mode, config, filters, type_check)

    def get_quantization_layer_structure(self, mode: str | None = None) -> Any:
        """Returns the order of blocks that schemes calibrate (of the name `mode`); models that have one override it.

        Returns:
            `{"pre_block_layers": [...], "sequential_blocks": [...]}`: the layers that come first, and the blocks; each
            is called on what the one before it returned. `None`: all at once, blind to errors of layers before.
        """
        return None

    def count_params(self) -> int:
        """Returns the number of values in all weights."""
        return super().count_params()

    # Config

    def get_config(self) -> dict[str, Any]:
        graph = graph_of(self)
        if graph is None or not _takes_inputs_and_outputs(type(self)):
            return super().get_config()
        return {"name": self.name, "trainable": self.trainable, **write_graph(graph)}

    @classmethod
    def from_config(cls, config: Mapping[str, Any], custom_objects: Mapping[str, Any] | None = None) -> Any:
        """Makes a model from what `get_config` returned."""
        if {"layers", "input_layers", "output_layers"} <= set(config):
            made = Functional if cls is Model else cls
            if _takes_inputs_and_outputs(made):
                inputs, outputs = read_graph(config, custom_objects)
                arguments = {key: config[key] for key in ("name", "trainable") if key in config}
                return made(inputs=inputs, outputs=outputs, **arguments)
        return super().from_config(dict(config))


class _MadeFromGraph(ABCMeta):
    """Makes every model with a graph an instance of `Functional`, also one of a user's class."""

    def __instancecheck__(cls, instance: Any) -> bool:
        if cls is Functional and isinstance(instance, Model):
            return graph_of(instance) is not None
        return super().__instancecheck__(instance)


@saved_as("keras.src.models.functional")
class Functional(Model, metaclass=_MadeFromGraph):
    """A model made of the graph between its inputs and outputs; `keras.Model(inputs, outputs)`.

    Args:
        inputs: KerasTensors from `keras.Input`, one or nested in lists and dicts.
        outputs: KerasTensors made from them by layers and operations, likewise.
        name: Name of the model.
        **kwargs: `trainable`, whether its variables are trainable, and `dtype`.
    """

    def __init__(self, inputs: Any, outputs: Any, name: str | None = None, **kwargs: Any) -> None:
        super().__init__(inputs, outputs, name=name, **kwargs)

    def call(self, inputs: Any, training: bool | None = None, mask: Any = None, **kwargs: Any) -> Any:
        return self._run_graph(inputs, training, mask, **kwargs)


def _is_functional_call(args: tuple[Any, ...], kwargs: Mapping[str, Any]) -> bool:
    """Says whether constructor arguments are those of the functional form."""
    return len(args) >= 2 or (len(args) == 1 and "outputs" in kwargs) or {"inputs", "outputs"} <= set(kwargs)


def _takes_inputs_and_outputs(cls: type) -> bool:
    """Says whether a constructor is that of a functional model, so that the graph is the config."""
    parameters = inspect.signature(cls.__init__).parameters
    return cls.__init__ is Model.__init__ or {"inputs", "outputs"} <= set(parameters)


def _shapes(structure: Any) -> Any:
    return tree.map_structure(lambda x: x.shape, structure)


@export("keras.models.model_from_json")
def model_from_json(json_string: str, custom_objects: Mapping[str, Any] | None = None) -> Any:
    """Makes a model from the text that `to_json` returned; its weights are new.

    Args:
        json_string: The text.
        custom_objects: Classes and functions that it names, by name.
    """
    return deserialize_keras_object(json.loads(json_string), custom_objects=custom_objects)
