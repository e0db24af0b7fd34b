"""`JaxLayer`: functions of JAX as a layer."""

import inspect
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np
from keras_backends.api import export
from keras_backends.dtypes import is_float, standardize_dtype
from keras_backends.selection import active
from keras_ops import ops, random, tree
from keras_ops.random.seeds import draw_seed
from keras_ops.serialize import serialize_keras_object
from keras_ops.tensor import KerasTensor
from keras_ops.variable import Variable

from keras_layers.bridges.frameworks import foreign, imported, refuse_symbolic
from keras_layers.layer import Layer

_PASSED = ("params", "state", "rng", "inputs", "training")
_PASSED_TO_INIT = ("rng", "inputs", "training")


@dataclass
class _Tree:
    """A tree of JAX whose arrays are variables."""

    structure: Any
    leaves: list[Any]

    def values(self) -> Any:
        """The tree with the values of the variables."""
        return self.map(lambda leaf: leaf.value if isinstance(leaf, Variable) else leaf)

    def map(self, function: Callable[[Any], Any]) -> Any:
        """The tree with what a function makes of the leaves."""
        return self.structure.unflatten([function(leaf) for leaf in self.leaves])


@export("keras.layers.JaxLayer")
class JaxLayer(Layer):
    """Runs a function of JAX arrays, on the jax and tensorflow backends.

    Args:
        call_fn: The function. It has the parameter `inputs` and any of `params`, `state`, `rng` and `training`,
            which it is passed by name: trees of the trainable and of the other weights, a key for random
            numbers, and a Python bool. It returns the outputs, or with the parameter `state` the pair
            `(outputs, new_state)`.
        init_fn: Makes the weights when the layer is built. It has any of the parameters `rng`, `inputs`
            (arrays of the shape of the inputs) and `training` (True), and returns `params`, `state`, or the
            pair of both, whichever `call_fn` has parameters for.
        params: Tree of trainable weights to begin with; `init_fn` makes them by default.
        state: Tree of other weights to begin with, likewise.
        seed: Integer that random numbers start from.
        native_serialization_platforms: For the tensorflow backend: the platforms (`"cpu"`, `"cuda"`, `"rocm"`,
            `"tpu"`) that an exported model is for; the one in use by default.
        **kwargs: Arguments of `keras.Layer`, such as `name` and `dtype`.

    Call arguments:
        inputs: Tensor, or a tree of tensors.
        training: Whether the model is trained.

    Raises:
        ValueError: If a function has other parameters, if there is nothing to make the weights from, or on
            another backend.

    Example:

        >>> import numpy as np  # doctest: +SKIP
        >>> layer = JaxLayer(lambda params, inputs: inputs @ params, params=np.eye(2))  # doctest: +SKIP
        >>> layer(np.ones((1, 2))).tolist()  # doctest: +SKIP
        [[1.0, 1.0]]
    """

    not_in_config = (
        *Layer.not_in_config,
        *("call_fn", "init_fn", "params", "state", "seed", "native_serialization_platforms"),
    )

    def __init__(
        self,
        call_fn: Callable[..., Any],
        init_fn: Callable[..., Any] | None = None,
        params: Any = None,
        state: Any = None,
        seed: int | None = None,
        native_serialization_platforms: Sequence[str] | None = None,
        **kwargs: Any,
    ) -> None:
        kind = type(self).__name__
        adapter(kind)
        imported(kind, "jax", "jax")
        if init_fn is None and params is None and state is None:
            raise ValueError(f"{kind}: `init_fn`, `params` and `state` cannot all be None.")
        super().__init__(**kwargs)
        self.call_fn = call_fn
        self.init_fn = init_fn
        self.seed = seed
        self.native_serialization_platforms = native_serialization_platforms
        self.call_fn_arguments = _parameters(kind, "call_fn", call_fn, _PASSED, needed="inputs")
        self.call_fn_has_params = "params" in self.call_fn_arguments
        self.call_fn_has_state = "state" in self.call_fn_arguments
        self.init_fn_arguments = (
            None if init_fn is None else _parameters(kind, "init_fn", init_fn, _PASSED_TO_INIT)
        )
        for name, value, taken in (
            ("params", params, self.call_fn_has_params),
            ("state", state, self.call_fn_has_state),
        ):
            if value is not None and not taken:
                raise ValueError(
                    f"{kind}: `{name}` was given, but `call_fn` has no parameter of that name: it has "
                    f"{self.call_fn_arguments}."
                )
        self.seed_generator = random.SeedGenerator(seed)
        # Past `__setattr__`, which would make tracked containers of dicts.
        self.__dict__.update(_params=None, _state=None, _input_dtypes=None, _runs=self._adapted())
        if params is not None:
            self._params = self._track(params, trainable=True)
        if state is not None:
            self._state = self._track(state, trainable=False)
        if not self._missing():
            self.built = True

    def _adapted(self) -> dict[bool, Callable[..., Any]]:
        """What computes on the backend's tensors, in inference and in training."""
        adapted = adapter(type(self).__name__)
        options = {"native_serialization_platforms": self.native_serialization_platforms}
        return {mode: adapted(partial(self._function, mode), **options) for mode in (False, True)}

    def __getstate__(self) -> dict[str, Any]:
        return {name: value for name, value in vars(self).items() if name != "_runs"}

    def __setstate__(self, values: dict[str, Any]) -> None:
        super().__setstate__(values)
        self.__dict__["_runs"] = self._adapted()

    # Weights

    @property
    def tracked_params(self) -> Any:
        """The tree of trainable weights; `None` before they are made."""
        return self._params and self._params.map(lambda leaf: leaf)

    @property
    def tracked_state(self) -> Any:
        """The tree of other weights; `None` before they are made."""
        return self._state and self._state.map(lambda leaf: leaf)

    def _missing(self) -> list[str]:
        has = {"params": self.call_fn_has_params, "state": self.call_fn_has_state}
        return [name for name, taken in has.items() if taken and getattr(self, f"_{name}") is None]

    def _track(self, values: Any, trainable: bool) -> _Tree:
        leaves, structure = imported(type(self).__name__, "jax", "jax").tree.flatten(values)
        return _Tree(structure, [self._weight(leaf, trainable) for leaf in leaves])

    def _weight(self, value: Any, trainable: bool) -> Any:
        """A variable for an array or a number; other leaves stay what they are."""
        if isinstance(value, KerasTensor):
            value = np.zeros(value.shape, value.dtype)
        if not (hasattr(value, "dtype") or isinstance(value, (bool, int, float, complex))):
            return value
        # In the dtype that JAX gives it, which knows Python's numbers as 32 bits wide.
        value = np.asarray(imported(type(self).__name__, "jax", "jax").numpy.asarray(value))
        dtype = standardize_dtype(value.dtype)
        can_train = is_float(dtype) or dtype.startswith("complex")
        return self.add_weight(
            shape=value.shape,
            initializer=lambda shape, dtype: ops.convert_to_tensor(value, dtype),
            dtype=None if is_float(dtype) else dtype,
            trainable=trainable and can_train,
        )

    def build(self, input_shape: Any) -> None:
        missing = self._missing()
        if not missing:
            return
        if self.init_fn is None:
            raise ValueError(
                f"{type(self).__name__} {self.name!r}: `call_fn` has the parameters {self.call_fn_arguments}, but "
                f"neither {missing} nor `init_fn` was given."
            )
        with active().outside_trace():
            made = self._initial_values(input_shape)
        if "params" in missing:
            self._params = self._track(made["params"], trainable=True)
        if "state" in missing:
            self._state = self._track(made["state"], trainable=False)

    def _initial_values(self, input_shape: Any) -> dict[str, Any]:
        jax = imported(type(self).__name__, "jax", "jax")
        dtypes = self._input_dtypes
        if dtypes is None:
            dtypes = tree.map_shape_structure(lambda _: self.compute_dtype, input_shape)
        sizes = tree.map_shape_structure(lambda s: tuple(1 if n is None else n for n in s), input_shape)
        arguments = {
            "rng": lambda: jax.numpy.asarray(ops.convert_to_numpy(draw_seed(self.seed_generator)), "uint32"),
            "inputs": lambda: tree.map_structure_up_to(
                dtypes, lambda d, s: jax.numpy.ones(s, d), dtypes, sizes
            ),
            "training": lambda: True,
        }
        result = self.init_fn(**{name: arguments[name]() for name in self.init_fn_arguments})
        if not (self.call_fn_has_params and self.call_fn_has_state):
            return {"params": result, "state": result}
        if not isinstance(result, (tuple, list)) or len(result) != 2:
            raise ValueError(
                f"{type(self).__name__} {self.name!r}: `init_fn` must return the pair `(params, state)`, since "
                f"`call_fn` has both parameters. Received: {result!r:.200}"
            )
        return {"params": result[0], "state": result[1]}

    # Calls

    def __call__(self, inputs: Any, *args: Any, **kwargs: Any) -> Any:
        if not self._built and self._input_dtypes is None:
            self.__dict__["_input_dtypes"] = tree.map_structure(_dtype_of(self), inputs)
        return super().__call__(inputs, *args, **kwargs)

    def _function(self, training: bool, params: Any, state: Any, rng: Any, inputs: Any) -> Any:
        """`call_fn`, given all that it may want."""
        values = {"params": params, "state": state, "rng": rng, "inputs": inputs, "training": training}
        return self.call_fn(**{name: values[name] for name in self.call_fn_arguments})

    def call(self, inputs: Any, training: bool = False) -> Any:
        refuse_symbolic(inputs)
        if not self._built:
            raise ValueError(
                f"{type(self).__name__} {self.name!r} must be built before the shape of its output can be known: call it "
                "on an input, or `build` it with the shape of one."
            )
        params, state = (part and part.values() for part in (self._params, self._state))
        rng = None
        if "rng" in self.call_fn_arguments:
            rng = ops.cast(draw_seed(self.seed_generator), "uint32")
        result = self._runs[bool(training)](params, state, rng, inputs)
        if not self.call_fn_has_state:
            return result
        if not isinstance(result, (tuple, list)) or len(result) != 2:
            raise ValueError(
                f"{type(self).__name__} {self.name!r}: `call_fn` has the parameter `state`, so it must return the "
                f"pair `(outputs, new_state)`. Received: {result!r:.200}"
            )
        outputs, new_state = result
        self._update(new_state)
        return outputs

    def _update(self, new_state: Any) -> None:
        leaves, structure = imported(type(self).__name__, "jax", "jax").tree.flatten(new_state)
        if structure != self._state.structure:
            raise ValueError(
                f"{type(self).__name__} {self.name!r}: the state that `call_fn` returns must have the structure of "
                f"the one that it is passed, {self._state.structure}. Received: {structure}"
            )
        for variable, value in zip(self._state.leaves, leaves):
            if isinstance(variable, Variable):
                variable.assign(value)

    # Files

    def get_build_config(self) -> dict[str, Any] | None:
        config = super().get_build_config()
        if config is not None and self._input_dtypes is not None:
            config["input_dtypes"] = self._input_dtypes
        return config

    def build_from_config(self, config: Mapping[str, Any]) -> None:
        self.__dict__["_input_dtypes"] = config.get("input_dtypes")
        super().build_from_config({name: value for name, value in config.items() if name != "input_dtypes"})

    def get_config(self) -> dict[str, Any]:
        config = super().get_config()
        config["call_fn"] = serialize_keras_object(self.call_fn)
        config["init_fn"] = serialize_keras_object(self.init_fn)
        for name in ("seed", "native_serialization_platforms"):
            if getattr(self, name) is not None:
                config[name] = getattr(self, name)
        if self.init_fn is None:
            config.update(self._specs())
        return config

    def _specs(self) -> dict[str, Any]:
        """Shapes and dtypes of weights that were given: a layer made from the config has zeros there."""
        found = {}
        for name, part in (("params", self._params), ("state", self._state)):
            specs = part and part.map(
                lambda x: KerasTensor(x.shape, x.dtype) if isinstance(x, Variable) else x
            )
            # Files know lists, tuples and dicts; what consists of others cannot be made again from them.
            if part and len(tree.flatten(specs)) == len(part.leaves):
                found[name] = serialize_keras_object(specs)
        return found


def adapter(kind: str) -> Callable[..., Callable[..., Any]]:
    """Returns what makes functions of JAX functions of the backend's tensors, for a class of layers."""
    return foreign(kind, "jax", "the jax and tensorflow backends", ValueError)


def _parameters(kind: str, name: str, function: Any, allowed: Sequence[str], needed: str = "") -> list[str]:
    """The names of the parameters that a function is passed."""
    if not callable(function):
        raise ValueError(f"{kind}: `{name}` must be a function, received {name}={function!r}.")
    found = []
    for parameter in inspect.signature(function).parameters.values():
        if parameter.name in allowed:
            found.append(parameter.name)
        elif parameter.kind in (parameter.VAR_KEYWORD, parameter.VAR_POSITIONAL):
            continue
        elif parameter.default is parameter.empty:
            raise ValueError(
                f"{kind}: `{name}` may have the parameters {list(allowed)}, received {name}={function!r} with the "
                f"parameter {parameter.name!r}. Give it a default, or a value by `functools.partial`."
            )
    if needed and needed not in found:
        raise ValueError(f"{kind}: `{name}` must have the parameter {needed!r}, it has {found}.")
    return found


def _dtype_of(layer: Layer) -> Callable[[Any], str]:
    """What an input's dtype is when it comes to `call`."""

    def dtype_of(x: Any) -> str:
        dtype = standardize_dtype(x.dtype) if hasattr(x, "dtype") else layer.compute_dtype
        return layer.compute_dtype if is_float(dtype) else dtype

    return dtype_of
