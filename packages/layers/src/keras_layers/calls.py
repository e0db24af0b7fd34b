"""What one call of a layer is: `Call`, on its way through the stages, and `CallContext`, what the layers
inside inherit.

Used by `call_stages` and `fast_path`, which both settle `training` and the dtype of variables by the functions
here.
"""

from typing import Any

from keras_backends.selection import active

from keras_layers.call_facts import CallFacts
from keras_layers.call_losses import Added, CallLosses

NATIVE = active().tensors
"""Exact tensor types of the selected backend, for the fast path."""


class CallContext:
    """What the layers inside a call inherit from it.

    Attributes:
        entry: The outermost layer.
        training: Whether it is called for training; `None` if nobody said.
        number: Number of the outermost call, which losses belong to.
        losses: What layers added in it.
    """

    __slots__ = ("entry", "losses", "number", "training")

    def __init__(
        self, entry: Any, training: bool | None, number: int, losses: dict[CallLosses, tuple[Added, ...]]
    ) -> None:
        self.entry = entry
        self.training = training
        self.number = number
        self.losses = losses


class Call:
    """One call on its way through the stages."""

    __slots__ = ("args", "facts", "given", "kwargs", "layer", "named", "symbolic", "tensors")

    def __init__(self, layer: Any, facts: CallFacts, args: tuple[Any, ...], kwargs: dict[str, Any]) -> None:
        self.layer = layer
        self.facts = facts
        self.given = args, kwargs
        """As the caller wrote them: what a node records."""
        self.args = args
        self.kwargs = kwargs
        self.named: dict[str, Any] = {}
        """Arguments by the name of the parameter of `call`."""
        self.tensors: dict[str, Any] = {}
        """Those of them that are, or contain, tensors."""
        self.symbolic = False

    @property
    def first(self) -> Any:
        """The argument for the first parameter."""
        if self.args:
            return self.args[0]
        positional = self.facts.call.positional
        return self.kwargs.get(positional[0]) if positional else None


def settled(facts: CallFacts, training: bool | None, outer: CallContext | None) -> bool | None:
    """Returns `training` as given, or that of the enclosing call, or the default of `call`."""
    if training is None and outer is not None:
        training = outer.training
    if training is None and facts.has_training:
        training = facts.training_default
    return training


def entered(layer: Any, training: bool | None, outer: CallContext | None) -> CallContext:
    """Returns the context inside a call; outside of all others, a new one begins."""
    if outer is None:
        return CallContext(layer, training, layer._call_losses.begin(), {})
    if training == outer.training:
        return outer
    return CallContext(outer.entry, training, outer.number, outer.losses)


def autocast_dtype(layer: Any) -> str | None:
    """The dtype that the variables of a layer have to be cast to when read; `None` for no cast."""
    if not layer.autocast:
        return None
    policy = layer.dtype_policy
    dtype = policy.compute_dtype
    if dtype is None:
        return None
    if dtype == policy.variable_dtype and not any(
        v._dtype != dtype and v._autocast
        for v in (*layer._trainable_variables, *layer._non_trainable_variables)
    ):
        return None
    return dtype
