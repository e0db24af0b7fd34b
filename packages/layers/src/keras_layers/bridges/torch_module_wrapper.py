"""`TorchModuleWrapper`: a `torch.nn.Module` as a layer."""

import io
from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from typing import Any
from weakref import WeakValueDictionary

from keras_backends.api import export
from keras_backends.selection import active
from keras_ops import tree
from keras_ops.inference import compute_output_spec
from keras_ops.serialize import deserialize_keras_object
from keras_ops.state import state
from keras_ops.tensor import KerasTensor, Tensor
from keras_ops.variable import Variable

from keras_layers.bridges.frameworks import adopt, foreign, imported, refuse_symbolic
from keras_layers.core.code_layer import CodeLayer
from keras_layers.layer import Layer


@dataclass
class _Entry:
    """A weight of the module, and where the module keeps it."""

    key: str
    kept: dict[str, Any] | None
    name: str
    tensor: Any
    variable: Variable


@export("keras.layers.TorchModuleWrapper")
class TorchModuleWrapper(CodeLayer):
    """Runs a `torch.nn.Module`, on the torch backend.

    The parameters of the module are trainable weights of the layer, its buffers other ones; both are shared, so
    what either side writes the other side sees. Files hold the module's `state_dict`. A module that is
    assigned to a layer comes into a wrapper by itself.

    Args:
        module: The module. A lazy one gets its parameters in the first call.
        name: Name of the layer.
        output_shape: Shape of the output with its batch axis, or a structure of shapes; found by running the
            module by default.
        **kwargs: Further arguments of `keras.Layer`.

    Call arguments:
        *args: Arguments of the module.
        training: Whether the module is put in training mode; `None` leaves it in the mode that it is in.
        **kwargs: Keyword arguments of the module.

    Raises:
        RuntimeError: On another backend than torch.
        ValueError: If `module` is no `torch.nn.Module`.

    Example:

        >>> import torch  # doctest: +SKIP
        >>> layer = TorchModuleWrapper(torch.nn.Linear(3, 2))  # doctest: +SKIP
        >>> layer(torch.ones(4, 3)).shape, len(layer.weights)  # doctest: +SKIP
        (torch.Size([4, 2]), 2)
    """

    not_in_config = (*Layer.not_in_config, "module")

    def __init__(self, module: Any, name: str | None = None, output_shape: Any = None, **kwargs: Any) -> None:
        super().__init__(name=name, **kwargs)
        foreign("TorchModuleWrapper", "torch", "the torch backend", RuntimeError)
        torch = _torch()
        if not isinstance(module, torch.nn.Module) or isinstance(module, Layer):
            raise ValueError(
                f"TorchModuleWrapper: `module` must be a torch.nn.Module, received {module!r} of type "
                f"{type(module).__name__}."
            )
        # Not by assignment, which would put it into a wrapper.
        self.__dict__["module"] = module.to(_device())
        self.output_shape = output_shape
        self.__dict__["_entries"] = []
        self._adopt_weights()

    @classmethod
    def holding(cls, module: Any) -> Any:
        """Returns what a layer keeps of a module that is assigned to it.

        Args:
            module: The module.

        Returns:
            A wrapper, the same one each time; a list or dict of them for `ModuleList` and `ModuleDict`, which are not
            called themselves. A module with layers of ours inside is returned as it is: they would have their weights
            twice.
        """
        nn = _torch().nn
        if any(isinstance(part, Layer) for part in module.modules()):
            return module
        if isinstance(module, nn.ModuleList):
            return [cls.holding(part) for part in module]
        if isinstance(module, nn.ModuleDict):
            return {name: cls.holding(part) for name, part in module.items()}
        wrapper = _wrappers.get(id(module))
        if wrapper is None:
            wrapper = _wrappers[id(module)] = cls(module)
        return wrapper

    # Weights

    @property
    def _is_lazy(self) -> bool:
        """Whether parameters wait for the first call."""
        return any(map(_torch().nn.parameter.is_lazy, (*self.module.parameters(), *self.module.buffers())))

    def _adopt_weights(self) -> None:
        if self._is_lazy:
            return
        known = set(self.module.state_dict(keep_vars=True))
        for key, tensor in (*self.module.named_parameters(), *self.module.named_buffers()):
            if key in known:
                name = key.rpartition(".")[2]
                variable = adopt(self, _storage(tensor), key, tensor.requires_grad)
                self._entries.append(_Entry(key, _kept(self.module, key), name, tensor, variable))
        self.built = True

    def _follow(self) -> None:
        """Finds weights that the module has replaced by others, as it does with buffers when it moves to a device."""
        for entry in self._entries:
            now = None if entry.kept is None else entry.kept.get(entry.name)
            if now is not None and now is not entry.tensor:
                entry.tensor = now
                entry.variable._storage = _storage(now)

    def __setstate__(self, values: dict[str, Any]) -> None:
        super().__setstate__(values)
        for entry in self._entries:
            # A copy of what shares its memory with a buffer has a memory of its own.
            entry.variable._storage = _storage(entry.tensor)

    def _materialize(self, args: Any, kwargs: Any) -> None:
        """Gives a lazy module its parameters, which the shapes of the inputs decide."""
        was_training = self.module.training
        self.module.eval()
        with _torch().no_grad():
            self.module(*args, **kwargs)
        self.module.train(was_training)
        self._adopt_weights()

    def own_weights(self) -> Iterator[tuple[str, Any]]:
        """Nothing: torch finds the parameters in the module."""
        yield from ()

    def parameters(self, recurse: bool = True) -> Iterator[Any]:
        """Yields the parameters of the module."""
        return self.module.parameters(recurse=recurse)

    # Calls

    def call(self, *args: Any, training: bool | None = None, **kwargs: Any) -> Any:
        refuse_symbolic(*args, *kwargs.values())
        if not self._entries and self._is_lazy:
            self._materialize(args, kwargs)
        if training is not None and bool(training) != self.module.training:
            self.module.train(bool(training))
        self._follow()
        with self._mixed_precision():
            if state.stateless is not None:
                return self._call_stateless(args, kwargs)
            outputs = self.module(*args, **kwargs)
        self._follow()
        return outputs

    def _mixed_precision(self) -> AbstractContextManager[Any]:
        policy = self.dtype_policy
        if policy.compute_dtype == policy.variable_dtype:
            return nullcontext()
        return _torch().autocast(_device().type, active().native_dtypes[policy.compute_dtype])

    def _call_stateless(self, args: Any, kwargs: Any) -> Any:
        """Runs the module on the values that the open scope has, and leaves new ones of buffers there."""
        with state.scope(autocast=None):
            values = {entry.key: entry.variable.value for entry in self._entries}
        values = {
            e.key: values[e.key] if e.variable.trainable else values[e.key].clone() for e in self._entries
        }
        outputs = _torch().func.functional_call(self.module, values, args, kwargs)
        for entry in self._entries:
            if not entry.variable.trainable:
                entry.variable.assign(values[entry.key])
        return outputs

    def compute_output_shape(self, input_shape: Any) -> Any:
        if self.output_shape is not None:
            return self.output_shape
        return tree.map_structure(lambda x: x.shape, self.compute_output_spec(self._specs(input_shape)))

    def _specs(self, shape: Any) -> Any:
        return tree.map_shape_structure(lambda s: KerasTensor(s, dtype=self.compute_dtype), shape)

    def compute_output_spec(self, *args: Any, **kwargs: Any) -> Any:
        if self.output_shape is not None:
            return self._specs(self.output_shape)
        was_training = self.module.training
        try:
            return compute_output_spec(self.call, *args, **{**kwargs, "training": False})
        finally:
            self.module.train(was_training)

    # Files

    def save_own_variables(self, store: dict[str, Tensor]) -> None:
        """Puts the module's `state_dict` into `store`."""
        is_tensor, numpy = active().is_tensor, active().numpy
        store.update((key, numpy(x)) for key, x in self.module.state_dict().items() if is_tensor(x))

    def load_own_variables(self, store: Mapping[str, Any]) -> None:
        """Gives the module the `state_dict` that `save_own_variables` stored.

        Raises:
            ValueError: If names or shapes differ.
        """
        own = self.module.state_dict()
        values = {key: active().tensor(store[key]) for key in store}
        values.update((key, x) for key, x in own.items() if not active().is_tensor(x))
        try:
            self.module.load_state_dict(values)
        except RuntimeError as error:
            raise ValueError(f"TorchModuleWrapper {self.name!r}: {error}") from error
        if not self._entries:
            self._adopt_weights()

    def get_config(self) -> dict[str, Any]:
        buffer = io.BytesIO()
        try:
            _torch().save(self.module, buffer)
        except Exception as error:
            error.add_note(
                f"TorchModuleWrapper {self.name!r}: the config of the layer holds its module, which can not be pickled. "
                "Define its class at the top of a file, or save weights only, by `save_weights`."
            )
            raise
        return {**super().get_config(), "module": buffer.getvalue()}

    @classmethod
    def code_in(cls, config: Mapping[str, Any]) -> str:
        return "has a module that was saved by pickle, which runs whatever the author of the file put there"

    @classmethod
    def arguments_of(
        cls, config: Mapping[str, Any], custom_objects: Mapping[str, Any] | None, safe_mode: bool
    ) -> dict[str, Any]:
        data = deserialize_keras_object(config["module"])
        return {**config, "module": _torch().load(io.BytesIO(data), weights_only=False)}


_wrappers: WeakValueDictionary[int, TorchModuleWrapper] = WeakValueDictionary()
"""Those of assigned modules, by the module's id: while a wrapper lives, so does its module."""


def _kept(module: Any, key: str) -> dict[str, Any] | None:
    """The dict in which the owner of a weight has it; `None` for modules of TorchScript, which have none."""
    *path, name = key.split(".")
    for part in path:
        module = getattr(module, part)
    return next((d for d in (module._parameters, module._buffers) if type(d) is dict and name in d), None)


def _storage(tensor: Any) -> Any:
    """A weight of a module as variables hold it, in the same memory; a buffer stays a plain tensor in the module."""
    parameter = _torch().nn.Parameter
    return tensor if isinstance(tensor, parameter) else parameter(tensor, requires_grad=False)


def _torch() -> Any:
    return imported("TorchModuleWrapper", "torch", "torch")


def _device() -> Any:
    """Where the backend puts new tensors."""
    return active().tensor(0.0).device
