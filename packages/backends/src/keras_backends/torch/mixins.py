"""What layers and variables inherit on torch, so that torch's own tools see them.

A layer is an `nn.Module` whose parameters and submodules are read from the layer's own tracking
whenever torch asks: nothing is registered twice, nothing can get out of step.
"""

from collections.abc import Callable, Iterable
from typing import Any

import torch


class _Lazy:
    """A container that `nn.Module` keeps per instance, made when torch first looks for it.

    Nearly no layer ever has hooks, and `dir` of a layer stays the same whether or not they were made.
    """

    def __init__(self, kind: type) -> None:
        self.kind = kind

    def __set_name__(self, owner: type, name: str) -> None:
        self.name = name

    def __get__(self, instance: Any, owner: type) -> Any:
        if instance is None:
            return self
        value = instance.__dict__[self.name] = self.kind()
        return value


class LayerMixin(torch.nn.Module):
    """Base of layers on torch.

    A layer provides two methods: `own_weights()`, which yields `(name, variable)` for the variables
    that it holds itself, and `own_children()`, which yields `(name, child)` for its sublayers. Names
    are those of attributes, unique within the layer. Other modules assigned to the layer are children.
    """

    def __init__(self) -> None:
        """Sets nothing: what `nn.Module` would set stands on the class, made when first used."""

    def own_weights(self) -> Iterable[tuple[str, Any]]:
        """Yields name and variable of what the layer holds itself."""
        return ()

    def own_children(self) -> Iterable[tuple[str, Any]]:
        """Yields name and layer of its sublayers."""
        return ()

    # Assignment is the layer's business; torch's own version would register things again.
    __setattr__ = object.__setattr__
    __delattr__ = object.__delattr__
    __dir__ = object.__dir__

    def __getattr__(self, name: str) -> Any:
        # Python comes here after any failed look-up; looking again keeps the message of a property.
        return object.__getattribute__(self, name)

    @property
    def _parameters(self) -> dict[str, torch.nn.Parameter]:
        named = ((name, variable._storage) for name, variable in self.own_weights())
        return {name.replace(".", "_"): x for name, x in named if isinstance(x, torch.nn.Parameter)}

    @property
    def _buffers(self) -> dict[str, torch.Tensor]:
        return {}

    @property
    def _modules(self) -> dict[str, torch.nn.Module]:
        found = {name: x for name, x in self.own_children() if isinstance(x, torch.nn.Module)}
        layers = {id(x) for x in found.values()}
        others = vars(self).items()
        found.update((n, x) for n, x in others if isinstance(x, torch.nn.Module) and id(x) not in layers)
        return {name.replace(".", "_"): x for name, x in found.items()}

    @property
    def torch_params(self) -> dict[str, torch.nn.Parameter]:
        """The parameters of the layer and of its sublayers by path."""
        return {variable.path: variable._storage for variable in self.variables}  # type: ignore[attr-defined]

    def forward(self, *args: Any, **kwargs: Any) -> Any:
        """What torch runs: the layer's own call."""
        return self(*args, **kwargs)


def _stand_in_for_init() -> None:
    for name, value in vars(torch.nn.Module()).items():
        if name in vars(LayerMixin):
            continue
        lazy = _Lazy(type(value)) if isinstance(value, (dict, set)) else value
        setattr(LayerMixin, name, lazy)
        if isinstance(lazy, _Lazy):
            lazy.__set_name__(LayerMixin, name)


_stand_in_for_init()


class VariableMixin:
    """Lets variables stand where torch functions expect tensors."""

    @classmethod
    def __torch_function__(
        cls,
        func: Callable[..., Any],
        types: Any,
        args: tuple[Any, ...] = (),
        kwargs: dict[str, Any] | None = None,
    ) -> Any:
        return func(*(_value(x) for x in args), **{name: _value(x) for name, x in (kwargs or {}).items()})


def _value(x: Any) -> Any:
    if isinstance(x, VariableMixin):
        return x.value  # type: ignore[attr-defined]
    if isinstance(x, (list, tuple)):
        return type(x)(_value(item) for item in x)
    return x
