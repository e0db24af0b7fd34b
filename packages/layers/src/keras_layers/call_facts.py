"""Facts about a layer class that calls need, worked out once per class: the parameters of `call` and
`build`, and which methods the class overrides.

Used by `layer` and `call_stages`; facts about single calls are in `calls.Call`.
"""

import inspect
from collections.abc import Callable
from typing import Any

_MISSING = inspect.Parameter.empty
_NAMED = (inspect.Parameter.POSITIONAL_ONLY, inspect.Parameter.POSITIONAL_OR_KEYWORD)


class Parameters:
    """The parameters of a method, without `self`."""

    __slots__ = ("defaults", "names", "positional", "signature", "starred", "takes_any", "text")

    def __init__(self, function: Callable[..., Any], skip_self: bool = True) -> None:
        signature = inspect.signature(function)
        parameters = list(signature.parameters.values())
        if skip_self:
            parameters = parameters[1:]
        self.signature = signature.replace(parameters=parameters)
        self.positional = tuple(p.name for p in parameters if p.kind in _NAMED)
        self.names = frozenset(
            p.name for p in parameters if p.kind in _NAMED or p.kind is inspect.Parameter.KEYWORD_ONLY
        )
        self.defaults = {p.name: p.default for p in parameters if p.default is not _MISSING}
        empty = inspect.Parameter.empty
        bare = [p.replace(annotation=empty) for p in parameters]
        self.text = str(signature.replace(parameters=bare, return_annotation=empty))
        self.starred = any(p.kind is inspect.Parameter.VAR_POSITIONAL for p in parameters)
        self.takes_any = any(p.kind is inspect.Parameter.VAR_KEYWORD for p in parameters)


class CallFacts:
    """What the stages of a call ask of a class.

    Attributes:
        call: Parameters of `call`.
        has_training: Whether `call` has a parameter `training`.
        training_default: Its default.
        mask_names: Parameters of `call` that take masks.
        required: Parameters of `call` that a caller has to give.
        own_build: Whether the class overrides `build`.
        build: Parameters of `build`.
        own_mask: Whether the class overrides `compute_mask`.
        own_shape: Whether the class overrides `compute_output_shape`.
        own_symbolic_call: Whether the class overrides `symbolic_call`.
    """

    def __init__(self, cls: type, base: type, call: Callable[..., Any] | None = None) -> None:
        self.call = Parameters(cls.call if call is None else call, skip_self=call is None)
        self.has_training = "training" in self.call.names
        self.training_default = self.call.defaults.get("training")
        self.mask_names = frozenset(n for n in self.call.names if n == "mask" or n.endswith("_mask"))
        self.required = self.call.names - self.call.defaults.keys() - self.mask_names - {"training"}
        self.own_build = not _is(cls, base, "build")
        self.build = Parameters(inspect.unwrap(cls.build))
        self.own_mask = not _is(cls, base, "compute_mask")
        self.own_shape = not _is(cls, base, "compute_output_shape")
        self.own_symbolic_call = not _is(cls, base, "symbolic_call")


def _is(cls: type, base: type, name: str) -> bool:
    return getattr(cls, name) is getattr(base, name)
