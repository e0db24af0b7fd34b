"""The stages of a layer call, in order: convert, check, build, training, mask, autocast, losses,
layout, node.

`Layer.__call__` comes here unless it has seen the signature of the call before. Each stage is a short
function of the `Call`; what holds for all calls of a class is in `call_facts`.
"""

import warnings
from typing import Any

from keras_backends.dtypes import is_float
from keras_backends.selection import active
from keras_ops import masks, ops, tree
from keras_ops.graph import Node
from keras_ops.inference import compute_output_spec
from keras_ops.policies import DTypePolicy
from keras_ops.refusals import brief
from keras_ops.state import backend_scope, name_scope, state
from keras_ops.tensor import KerasTensor

from keras_layers.call_facts import CallFacts
from keras_layers.calls import NATIVE, Call, CallContext, autocast_dtype, entered, settled
from keras_layers.fast_path import remember
from keras_layers.half_precision import warn_if_slow
from keras_layers.input_spec import assert_input_compatibility
from keras_layers.pipelines import graph_backend

HALF = frozenset({"float16", "bfloat16"})
_OWN = NATIVE | {KerasTensor}
"""Tensors that come from no pipeline."""


def run(layer: Any, facts: CallFacts, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
    """Calls a layer: all stages in order.

    Args:
        layer: The layer.
        facts: The facts of its class.
        args: Positional arguments.
        kwargs: Keyword arguments.
    """
    layer._check_super_called()
    if args and type(args[0]) not in _OWN and state.override is None:
        backend = graph_backend(args)
        if backend is not None:
            with backend_scope(backend):
                return layer(*args, **kwargs)
    call = Call(layer, facts, args, kwargs)
    convert(call)
    bind(call)
    outer = state.call
    with name_scope(layer.name, caller=layer):
        try:
            check(call)
            build(call)
            state.call = context = training(call, outer)
            previous = mask(call)
            outputs = invoke(call)
            add_masks(call, previous, outputs)
            losses(call, outputs)
            outputs = layout(call, outputs)
            node(call, outputs)
        except Exception as error:
            error.add_note(_where(call))
            raise
        finally:
            state.call = outer
    remember(call, context, previous, outputs)
    return outputs


# convert


def convert(call: Call) -> None:
    """Makes tensors of arrays and variables, and casts floats to the layer's compute dtype."""
    layer = call.layer
    if not layer._convert_input_args:
        call.symbolic = _any_symbolic(call)
        return
    policy = layer.dtype_policy
    dtype = layer.input_dtype
    call.args = tuple([_converted(x, policy, dtype, call) for x in call.args])
    if call.kwargs:
        call.kwargs = {name: _converted(x, policy, dtype, call) for name, x in call.kwargs.items()}
    if not layer._allow_non_tensor_positional_args:
        _check_positional(call)


def _converted(x: Any, policy: DTypePolicy, dtype: str, call: Call) -> Any:
    kind = type(x)
    if kind is KerasTensor:
        call.symbolic = True
        if x.dtype == dtype:
            return x
    elif kind in NATIVE and state.override is None:
        own = active().dtype(x)
        if own == dtype or not (call.layer.autocast and is_float(own)):
            return x
    elif x is None or kind is bool or kind is str:
        return x
    elif tree.is_nested(x):
        return tree.map_structure(lambda leaf: _converted(leaf, policy, dtype, call), x)
    elif isinstance(x, KerasTensor):
        call.symbolic = True
    converted = policy.convert_input(x, call.layer.autocast, dtype)
    if converted is not x:
        value = masks.get_mask(x)
        if value is not None:
            masks.set_mask(converted, value)
    return converted


def _any_symbolic(call: Call) -> bool:
    return any(isinstance(x, KerasTensor) for x in tree.flatten((call.args, call.kwargs)))


def _check_positional(call: Call) -> None:
    for x in call.args:
        if type(x) in NATIVE or x is None or isinstance(x, KerasTensor):
            continue
        for leaf in tree.flatten(x):
            if leaf is None or isinstance(leaf, KerasTensor) or state.backend.is_tensor(leaf):
                continue
            if not _holds_text(leaf):
                raise ValueError(
                    f"Layer {call.layer.name!r} ({type(call.layer).__name__}): only input tensors may be "
                    f"passed as positional arguments, received {brief(leaf)} of type {type(leaf).__name__}. "
                    "Pass other values by keyword, and lists of numbers as an array."
                )


def _holds_text(x: Any) -> bool:
    """Whether a value is an array of strings, of which few frameworks have tensors: layers inside a model take it."""
    return getattr(getattr(x, "dtype", None), "kind", "") in ("U", "S", "O")


# arguments by name


def bind(call: Call) -> None:
    """Finds the parameter of each argument, and which arguments hold tensors."""
    parameters, args, kwargs = call.facts.call, call.args, call.kwargs
    if "training" in kwargs and not call.facts.has_training and not parameters.takes_any:
        kwargs = dict(kwargs)
        call.named["training"] = kwargs.pop("training")
        call.kwargs = kwargs
    named = dict(zip(parameters.positional, args))
    if len(args) > len(parameters.positional):
        if not parameters.starred:
            _refuse(call)
        named["inputs" if not named else "rest"] = args[len(named) :]
    for name in kwargs:
        if name in named or not (name in parameters.names or parameters.takes_any):
            _refuse(call)
    named.update(kwargs)
    if not call.facts.required <= named.keys():
        _refuse(call)
    call.tensors = {name: x for name, x in named.items() if _holds_tensor(x)}
    call.named.update(named)


def _holds_tensor(x: Any) -> bool:
    kind = type(x)
    if kind in NATIVE or isinstance(x, KerasTensor):
        return True
    if x is None or kind is bool or kind is str:
        return False
    if tree.is_nested(x):
        return any(_holds_tensor(leaf) for leaf in tree.flatten(x))
    return state.backend.is_tensor(x)


def _refuse(call: Call) -> None:
    layer = call.layer
    expected = f"{type(layer).__name__}.call{call.facts.call.text}"
    try:
        call.facts.call.signature.bind(*call.args, **call.kwargs)
    except TypeError as error:
        raise TypeError(
            f"Layer {layer.name!r}: the arguments do not fit {expected}: {error}. "
            f"Received: {_received(call)}."
        ) from None


def _where(call: Call) -> str:
    """What a traceback says of each layer that an error came through."""
    layer = call.layer
    return f"This happened in layer {layer.name!r} ({type(layer).__name__}), called with {_received(call)}."


def _received(call: Call) -> str:
    shown = [*map(brief, call.args), *(f"{name}={brief(x)}" for name, x in call.kwargs.items())]
    return f"({', '.join(shown)})"


# check, build


def check(call: Call) -> None:
    """Checks the first argument against the layer's `input_spec`."""
    layer = call.layer
    if state.backend.traced() and not layer._is_built_now():
        return  # A compiler must not read what building changes; `build` checks too.
    spec = layer._input_spec
    if spec is not None:
        assert_input_compatibility(spec, call.first, layer.name)


def build(call: Call) -> None:
    """Builds the layer for the shapes of its inputs, if that has not been done."""
    layer = call.layer
    if layer._built_by_call or not call.tensors:
        return
    if not layer._is_built_now():
        shapes = {
            f"{name}_shape": shapes_of(x)
            for name, x in call.tensors.items()
            if name != "mask" and not name.endswith("_mask")
        }
        layer._build_for(shapes)
        check(call)
    layer._built_by_call = True
    policy = layer.dtype_policy
    if policy.compute_dtype in HALF and policy.variable_dtype != policy.compute_dtype:
        warn_if_slow(policy.compute_dtype)


def shapes_of(x: Any) -> Any:
    """Returns the shapes of the tensors in a structure."""
    return tree.map_structure(_shape_of, x, none_is_leaf=False) if tree.is_nested(x) else _shape_of(x)


def _shape_of(x: Any) -> Any:
    if isinstance(x, KerasTensor):
        return x._shape
    backend = state.backend
    return tuple(backend.shape(x)) if backend.is_tensor(x) else None


# training, mask


def training(call: Call, outer: CallContext | None) -> CallContext:
    """Settles `training`: explicit argument, then the enclosing call, then the default of `call`."""
    given = call.named.get("training")
    value = settled(call.facts, given, outer)
    positional = "training" in call.named and "training" not in call.kwargs
    if call.facts.has_training and given is None and value is not None and not positional:
        call.kwargs = {**call.kwargs, "training": value}
    return entered(call.layer, value, outer)


def mask(call: Call) -> Any:
    """Hands the masks of the inputs to `call`, if it takes them; returns those of the first input.

    The mask of an argument goes to the parameter `{name}_mask`; that of the first also to `mask`.
    """
    names = call.facts.mask_names
    if names and call.tensors:
        main = _main_tensor(call)
        for name, x in call.tensors.items():
            for target in (f"{name}_mask", "mask") if name == main else (f"{name}_mask",):
                if target in names and call.named.get(target) is None:
                    call.kwargs = {**call.kwargs, target: masks.masks_of(x)}
    first = call.first
    return masks.masks_of(first) if masks.any_mask(first) else None


def _main_tensor(call: Call) -> str:
    """The name of the argument for the first parameter; without one, of the first that holds tensors."""
    positional = call.facts.call.positional
    return positional[0] if positional else next(iter(call.tensors))


# autocast and the call itself


def invoke(call: Call) -> Any:
    """Runs `call`, or infers its result's spec, with variables read in the compute dtype."""
    layer = call.layer
    function = infer if call.symbolic else layer.call
    if layer._remat is not None and not call.symbolic:
        function = _remat(call)
    dtype = autocast_dtype(layer)
    if dtype == state.autocast:
        return function(*call.args, **call.kwargs) if function is not infer else infer(call)
    with state.scope(autocast=dtype):
        return function(*call.args, **call.kwargs) if function is not infer else infer(call)


def _remat(call: Call) -> Any:
    layer = call.layer
    return lambda *args, **kwargs: layer.rematerialized_call(layer.call, *args, **kwargs)


def infer(call: Call) -> Any:
    """The result of a call on KerasTensors."""
    layer = call.layer
    if call.facts.own_symbolic_call:
        return layer.symbolic_call(*call.args, **call.kwargs)
    if call.facts.own_shape and not call.facts.own_build:
        _build_inside(call)
    return _apart(layer.compute_output_spec(*call.args, **call.kwargs), call)


def _apart(outputs: Any, call: Call) -> Any:
    """Returns specs with copies of those that are inputs too: a KerasTensor is the result of one call only."""
    if type(outputs) is KerasTensor and not call.kwargs and len(call.args) == 1:
        given = call.args[0]
        if type(given) is KerasTensor and given is not outputs:  # As in most calls.
            return outputs
    inputs = {id(x) for x in tree.flatten((call.args, call.kwargs)) if isinstance(x, KerasTensor)}
    if not any(id(x) in inputs for x in tree.flatten(outputs)):
        return outputs

    def copied(x: Any) -> Any:
        return KerasTensor(x.shape, x.dtype, sparse=x.sparse, ragged=x.ragged) if id(x) in inputs else x

    return tree.map_structure(copied, outputs)


def _build_inside(call: Call) -> None:
    """Builds what a layer without `build` holds, where its own word on shapes spares running its `call`."""
    layer = call.layer
    if all(inner.built for inner in layer._flatten_layers(include_self=False)):
        return
    try:
        compute_output_spec(layer.call, *call.args, **call.kwargs)
    except Exception as error:
        layer._warn_built_later(error)


# masks of the result, losses, layout, node


def add_masks(call: Call, previous: Any, outputs: Any) -> None:
    """Puts masks on the outputs, where the layer passes them on or makes them."""
    layer = call.layer
    if not layer.supports_masking:
        if previous is not None:
            layer._warn_mask_dropped()
        return
    if previous is None and not call.facts.own_mask:
        return
    flat = tree.flatten(outputs)
    if all(masks.get_mask(x) is not None for x in flat):
        return
    if previous is None:
        previous = masks.masks_of(call.first)
    computed = layer.compute_mask(call.first, previous)
    if computed is None:
        return
    for x, value in zip(flat, tree.flatten(computed)):
        if value is not None and masks.get_mask(x) is None:
            masks.set_mask(x, value)


def losses(call: Call, outputs: Any) -> None:
    """Adds the penalty on the outputs per sample, if the layer has an `activity_regularizer`."""
    regularizer = call.layer.activity_regularizer
    if regularizer is None or call.symbolic:
        return
    for x in tree.flatten(outputs):
        if state.backend.is_tensor(x):
            penalty = regularizer(x)
            if len(x.shape):
                penalty = ops.divide(penalty, ops.cast(ops.shape(x)[0], penalty.dtype))
            call.layer.add_loss(penalty)


def layout(call: Call, outputs: Any) -> Any:
    """Lays the outputs out over devices, if a distribution is in force."""
    distribution = state.distribution
    if distribution is None or call.symbolic:
        return outputs
    return distribution.place_output(call.layer, outputs)


_SETTLED = ("training", "mask")
"""Arguments that a node records even if nobody gave them."""


def node(call: Call, outputs: Any) -> None:
    """Records a call on KerasTensors in the graph."""
    layer = call.layer
    if not call.symbolic or state.quiet:
        return
    if call.facts.own_symbolic_call:
        return
    args, kwargs = call.given
    # Of a layer on a list, and of masks by the name of an argument, files hold only what was given.
    settled = {} if tree.is_nested(call.first) else {n: call.kwargs[n] for n in _SETTLED if n in call.kwargs}
    settled = {name: x for name, x in settled.items() if name not in kwargs}
    kwargs = {name: x for name, x in kwargs.items() if name in call.kwargs}
    Node(layer, args, {**kwargs, **settled}, outputs)


def warn_mask_dropped(layer: Any) -> None:
    """Says that a layer loses the mask of its input."""
    warnings.warn(
        f"Layer {layer.name!r} (of type {type(layer).__name__}) was passed an input with a mask attached to "
        "it, but it does not support masking and will therefore destroy the mask information. "
        "Downstream layers will not see the mask.",
        stacklevel=6,
    )
