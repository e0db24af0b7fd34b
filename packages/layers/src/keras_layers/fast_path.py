"""The fast path: calls whose signature a layer has seen skip the stages.

A signature says which tensors came (dtype and shape of each) and which plain values. `remember` notes, at
the end of a call through the stages, the `Shortcut` by which `repeat` does the same again; `Layer.__call__` looks
shortcuts up. What the stages do is in `call_stages`; setting what they depend on empties the shortcuts.
"""

from typing import Any

from keras_backends.dtypes import is_float
from keras_backends.selection import active
from keras_ops.masks import MASKS, any_mask
from keras_ops.policies import DTypePolicy, DTypePolicyMap
from keras_ops.state import state

from keras_layers.calls import NATIVE, Call, CallContext, autocast_dtype, entered, settled

MOST_SIGNATURES = 64
"""Signatures that a layer remembers; with more it starts again."""

_VALUES = frozenset({bool, int, float, str, type(None)})
_CONTAINERS = frozenset({list, tuple})
_backend = active()


class Shortcut:
    """What a call of a seen signature has to do around `call`.

    Attributes:
        direct: Nothing at all, if no scope is open.
        cast: The dtype that float arguments are cast to; `None` if none has another one.
        autocast: The dtype that variables are read in; `None` for their own.
        extra: Keyword arguments that the stages add: masks, which are all `None`.
    """

    __slots__ = ("autocast", "cast", "direct", "extra")

    def __init__(self, direct: bool, cast: str | None, autocast: str | None, extra: dict[str, Any]) -> None:
        self.direct = direct
        self.cast = cast
        self.autocast = autocast
        self.extra = extra


def only_autocast() -> bool:
    """Says whether the dtype that variables are read in is all that makes `state` not plain."""
    return (
        state.autocast is not None
        and state.stateless is None
        and state.override is None
        and not state.quiet
        and state.remat is None
        and state.distribution is None
    )


def masked(x: Any) -> bool:
    """Says whether a tensor has a mask."""
    return getattr(x, "_keras_mask", None) is not None or (bool(MASKS) and id(x) in MASKS)


def signature(args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
    """Returns what two calls share that may be done alike; `None` for a call that takes the stages.

    That of a single tensor is its dtype and shape, as `Layer.__call__` writes it.
    """
    parts = []
    for x in args:
        part = _part(x)
        if part is None:
            return None
        parts.append(part)
    if not kwargs:
        return parts[0] if len(parts) == 1 else tuple(parts)
    for name, x in kwargs.items():
        part = _part(x)
        if part is None:
            return None
        parts += (name, part)
    return tuple(parts)


def _part(x: Any) -> Any:
    kind = type(x)
    if kind in NATIVE:
        return None if masked(x) else (x.dtype, x.shape)
    if kind in _VALUES:
        return kind, x
    if kind in _CONTAINERS:
        inner = [_part(item) for item in x]
        return None if None in inner else (kind, *inner)
    return None


def remember(call: Call, context: CallContext, previous: Any, outputs: Any) -> None:
    """Notes how to repeat a call, if it may skip the stages next time.

    That is: its tensors are of exact types and without masks, no scope but autocast is open, nothing is left
    to build, and the layer adds no losses and no masks.
    """
    layer, facts = call.layer, call.facts
    if call.symbolic or previous is not None or not (state.plain or only_autocast()):
        return
    if layer.activity_regularizer is not None or layer._remat is not None:
        return
    if layer._call_losses in context.losses:
        return
    if facts.own_mask and layer.supports_masking and (layer._mask_needs_values or any_mask(outputs)):
        return
    args, kwargs = call.given
    if "training" in call.named and "training" not in kwargs:
        return
    key = signature(args, kwargs)
    if key is None or not all(inner.built for inner in layer._flatten_layers()):
        return
    changed = [x is not y for x, y in zip(_leaves(args, kwargs), _leaves(call.args, call.kwargs))]
    if any(changed) and type(layer.dtype_policy).convert_input is not DTypePolicy.convert_input:
        return
    cast = layer.input_dtype if any(changed) else None
    extra = {name: x for name, x in call.kwargs.items() if name not in kwargs and name != "training"}
    autocast = autocast_dtype(layer)
    passive = not (kwargs or extra or layer._layers or facts.training_default)
    if isinstance(layer._dtype_policy, DTypePolicyMap):
        layer._dtype_policy.read_by(layer, _forget)
    seen = layer._seen
    if len(seen) >= MOST_SIGNATURES:
        seen.clear()
    seen[key] = Shortcut(passive and cast is None and autocast is None, cast, autocast, extra)


def _forget(layer: Any) -> None:
    layer._seen.clear()


def _leaves(args: tuple[Any, ...], kwargs: dict[str, Any]) -> list[Any]:
    """The tensors among arguments that have a signature."""
    found: list[Any] = []
    for x in (*args, *kwargs.values()):
        if type(x) in NATIVE:
            found.append(x)
        elif type(x) in _CONTAINERS:
            found += _leaves(tuple(x), {})
    return found


def repeat(layer: Any, shortcut: Shortcut, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
    """Does again what the stages did in a call of the same signature.

    Args:
        layer: The layer.
        shortcut: What `remember` noted.
        args: Positional arguments.
        kwargs: Keyword arguments.
    """
    if shortcut.cast is not None:
        args = tuple([_cast(x, shortcut.cast) for x in args])
        kwargs = {name: _cast(x, shortcut.cast) for name, x in kwargs.items()}
    if shortcut.extra:
        kwargs = {**shortcut.extra, **kwargs}
    outer = state.call
    facts = layer._facts
    given = kwargs.get("training")
    training = settled(facts, given, outer)
    if facts.has_training:
        if given is None and training is not None:
            kwargs = {**kwargs, "training": training}
    elif "training" in kwargs and not facts.call.takes_any:
        kwargs = {name: x for name, x in kwargs.items() if name != "training"}
    state.call = entered(layer, training, outer)
    try:
        if shortcut.autocast == state.autocast:
            return layer.call(*args, **kwargs)
        return _reading_in(shortcut.autocast, layer.call, args, kwargs)
    finally:
        state.call = outer


def _cast(x: Any, dtype: str) -> Any:
    if type(x) in NATIVE:
        own = _backend.dtype(x)
        return _backend.cast(x, dtype) if own != dtype and is_float(own) else x
    return type(x)([_cast(item, dtype) for item in x]) if type(x) in _CONTAINERS else x


def _reading_in(dtype: str | None, function: Any, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
    """Calls a function with variables read in a dtype.

    The same as in `state.scope(autocast=dtype)`, without the time that it takes to see to other scopes: there
    are none on this path.
    """
    outer = state.autocast
    _set_autocast(dtype)
    try:
        return function(*args, **kwargs)
    finally:
        _set_autocast(outer)


def _set_autocast(dtype: str | None) -> None:
    state.autocast = dtype
    if dtype is None:
        state.__dict__.pop("plain", None)
    else:
        state.plain = False
