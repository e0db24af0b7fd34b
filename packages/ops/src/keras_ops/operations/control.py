"""Branches and loops over tensors, and functions with their own gradients.

The kernels see flat sequences of tensors; structures (lists, tuples, dictionaries, with `None` in
them) are taken apart and put together here. Mapping and scanning live in `loops`.
"""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from keras_backends.api import export
from keras_backends.dtypes import is_int

from keras_ops import tree
from keras_ops.carrying import Within, carry_through_branches, carry_through_loop, refuse_assignments
from keras_ops.inference import compute_output_spec
from keras_ops.op import op
from keras_ops.operations.core import cast, convert_to_tensor, dtype
from keras_ops.operations.elementwise import add, less
from keras_ops.operations.kept_loops import keeps_programs
from keras_ops.operations.packing import Flattened, Packing, Structure, loop_values, packed
from keras_ops.operations.stepping import numbers, runs_as_written, settler
from keras_ops.state import state
from keras_ops.tensor import KerasTensor, Tensor
from keras_ops.variable import Variable


def is_sequence(value: Any) -> bool:
    """Says whether `value` stands for several values."""
    return isinstance(value, (tuple, list))


def _branch_spec(pred: Any, true_fn: Callable[[], Any], false_fn: Callable[[], Any]) -> Any:
    outputs = [compute_output_spec(branch) for branch in (true_fn, false_fn)]
    return _agreed(outputs, "`true_fn` and `false_fn`")


def _agreed(outputs: list[list[KerasTensor]], what: str) -> list[KerasTensor]:
    """The specs of what one of several branches returns.

    Raises:
        ValueError: If they return different numbers of tensors, dtypes or ranks.
    """
    kinds = {tuple((x.dtype, len(x._shape)) for x in specs) for specs in outputs}
    if len(kinds) > 1:
        raise ValueError(
            f"expected {what} to return tensors of the same shapes and dtypes, received {outputs}."
        )
    merged = []
    for specs in zip(*outputs):
        sizes = (set(axis) for axis in zip(*(x._shape for x in specs)))
        shape = tuple(axis.pop() if len(axis) == 1 else None for axis in sizes)
        merged.append(KerasTensor.make(shape, specs[0].dtype))
    return merged


@op(spec=_branch_spec, call=("true_fn", "false_fn"))
def _cond(pred: Tensor, true_fn: Callable[[], Any], false_fn: Callable[[], Any]) -> list[Any]:
    """Calls one of two functions, see `cond`."""


@export("keras.ops.cond")
def cond(pred: Tensor, true_fn: Callable[[], Any], false_fn: Callable[[], Any]) -> Any:
    """Calls one of two functions, depending on a condition.

    Args:
        pred: Boolean scalar.
        true_fn: Function without arguments, called if `pred` is true.
        false_fn: Function without arguments that returns the same structure, called otherwise. Where
            the condition is not known yet (in a compiled function), both are traced.

    Returns:
        What the function returns.

    Example:

        >>> x = convert_to_tensor(3.0)
        >>> cond(less(x, 0), lambda: add(x, 1), lambda: add(x, 10))
        Array(13., dtype=float32)
    """
    branches = (Flattened(true_fn), Flattened(false_fn))
    functions = (true_fn, false_fn)
    return packed(branches, _chosen(pred, branches, functions, lambda chosen: _cond(pred, *chosen)))


def _chosen(
    condition: Any, branches: Sequence[Flattened], functions: Sequence[Any], run: Callable[..., Any]
) -> Any:
    """Runs one of the branches; variables have to be carried where the condition is traced, or a scope takes them."""
    traced = state.backend.is_tensor(condition) and type(condition) not in state.backend.tensors
    if not traced and state.stateless is None:
        return run(branches)
    return carry_through_branches(run, branches, functions)


def _switch_spec(index: Any, *operands: Any, branches: Sequence[Callable[..., Any]]) -> Any:
    return _agreed([compute_output_spec(branch, *operands) for branch in branches], "all branches")


@op(spec=_switch_spec)
def _switch(index: Tensor, *operands: Tensor, branches: Sequence[Callable[..., Any]]) -> Any:
    """Calls one of several functions, see `switch`."""


@export("keras.ops.switch")
def switch(index: Tensor, branches: Sequence[Callable[..., Any]], *operands: Any) -> Any:
    """Calls one of several functions, chosen by number.

    Args:
        index: Integer scalar; numbers out of range count as the nearest one.
        branches: Functions of the operands that return the same structure.
        *operands: Tensors, or structures of tensors.

    Returns:
        What the function returns.

    Example:

        >>> switch(1, [lambda x: add(x, 1), lambda x: add(x, 10)], convert_to_tensor(3.0))
        Array(13., dtype=float32)
    """
    packing = Packing(list(operands))

    def flat(branch: Callable[..., Any]) -> Flattened:
        return Flattened(lambda *leaves: branch(*packing.pack(leaves)))

    flattened = [flat(branch) for branch in branches]
    leaves = packing.leaves
    return packed(
        flattened,
        _chosen(index, flattened, branches, lambda chosen: _switch(index, *leaves, branches=chosen)),
    )


def _loop_spec(loop_vars: Sequence[KerasTensor], **_: Any) -> list[KerasTensor]:
    return [KerasTensor.make(x._shape, x.dtype) for x in map(_as_spec, loop_vars)]


def _as_spec(x: Any) -> KerasTensor:
    return x if isinstance(x, KerasTensor) else compute_output_spec(convert_to_tensor, x)


@op(spec=_loop_spec)
def _while_loop(
    loop_vars: Sequence[Tensor],
    cond: Callable[..., Any],
    body: Callable[..., Any],
    maximum_iterations: int | None = None,
) -> list[Tensor]:
    """Repeats a function while a condition holds, see `while_loop`."""
    done = 0
    while (maximum_iterations is None or done < maximum_iterations) and cond(*loop_vars):
        loop_vars = body(*loop_vars)
        done += 1
    return list(loop_vars)


@export("keras.ops.while_loop")
@keeps_programs("loop_vars")
def while_loop(
    cond: Callable[..., Any],
    body: Callable[..., Any],
    loop_vars: Structure,
    maximum_iterations: int | None = None,
) -> Structure:
    """Repeats a function on loop variables while a condition holds.

    Args:
        cond: Function of the loop variables that returns a boolean scalar.
        body: Function of the loop variables that returns their new values, of the same shapes and dtypes.
        loop_vars: A tuple or list of tensors or structures, or a single one.
        maximum_iterations: How often `body` is called at most.

    Returns:
        The loop variables after the last iteration, in their structure.

    Raises:
        ValueError: If `body` returns another structure.

    Example:

        >>> while_loop(lambda i, x: less(i, 3), lambda i, x: (add(i, 1), add(x, x)), (0, 1.0))
        (Array(3, dtype=int32), Array(8., dtype=float32))
    """
    single = not is_sequence(loop_vars)
    packing = Packing([loop_vars] if single else loop_vars)
    leaves = [convert_to_tensor(x) for x in packing.leaves]
    if runs_as_written(leaves):
        values, done = tuple(packing.pack(leaves)), 0
        settle = settler(Packing(values), leaves, "ops.while_loop: what `body` returns")
        while (maximum_iterations is None or done < maximum_iterations) and cond(*values):
            new, done = body(*values), done + 1
            values = settle(tuple(new) if is_sequence(new) else (new,))
        return values[0] if single else packing.pack(Packing(values).leaves)
    dtypes = [dtype(x) for x in leaves]

    def flat_cond(*flat: Any) -> Any:
        return cond(*packing.pack(flat))

    def flat_body(*flat: Any) -> tuple[Any, ...]:
        outputs = body(*packing.pack(flat))
        outputs = list(outputs) if is_sequence(outputs) else [outputs]
        return tuple(loop_values(outputs, dtypes, "ops.while_loop: what `body` returns"))

    def run(within: Within, start: list[Any]) -> tuple[Any, None]:
        def condition(*values: Any) -> Any:
            return within(values, lambda own: (own, flat_cond(*own)))[1]

        def step(*values: Any) -> tuple[Any, ...]:
            return tuple(within(values, lambda own: (flat_body(*own), None))[0])

        return _while_loop(start, condition, step, maximum_iterations), None

    result = packing.pack(carry_through_loop(run, leaves, (cond, body))[0])
    return result[0] if single else result


@op(spec=_loop_spec)
def _fori_loop(
    init_val: Sequence[Tensor], lower: Any, upper: Any, body_fun: Callable[..., Any]
) -> list[Tensor]:
    """Calls a function for each number of a range, see `fori_loop`."""
    if "while_loop" not in state.backend.kernels and isinstance(lower, int) and isinstance(upper, int):
        # What compiles Python's loops (PyTorch) takes one over numbers, not one until a tensor says so.
        for i in range(lower, upper):
            init_val = body_fun(convert_to_tensor(i, "int32"), *init_val)
        return list(init_val)
    lower = cast(lower, "int32")
    loop_vars = (lower, *init_val)
    _, *result = _while_loop(
        loop_vars,
        lambda i, *_: less(i, upper),
        lambda i, *values: (add(i, 1), *body_fun(i, *values)),
    )
    return result


def _bound(value: Any, name: str) -> Any:
    """An integer as a number of Python's, between which JAX differentiates a loop, or as a tensor."""
    bound = convert_to_tensor(value)
    kind = dtype(bound)
    if kind != "bool" and not is_int(kind):
        raise ValueError(
            f"ops.fori_loop: expected `{name}` to be an integer, received {name}={value!r} of dtype {kind}."
        )
    if isinstance(value, (int, np.generic)):
        return int(value)
    return bound if kind in ("int32", "int64") else cast(bound, "int32")


@export("keras.ops.fori_loop")
@keeps_programs("init_val")
def fori_loop(lower: Any, upper: Any, body_fun: Callable[..., Any], init_val: Structure) -> Structure:
    """Calls a function for each number of a range and hands its result to the next call.

    Args:
        lower: First number, an integer or an integer tensor.
        upper: The number after the last one, likewise.
        body_fun: Function `(number, value) -> value` of tensors or structures.
        init_val: Value for the first call.

    Returns:
        What the last call returns, or `init_val` if there is none.

    Raises:
        ValueError: If a bound is no integer.

    Example:

        >>> fori_loop(0, 3, lambda i, x: add(x, i), 10)
        Array(13, dtype=int32)
    """
    packing = Packing(init_val)
    leaves = [convert_to_tensor(x) for x in packing.leaves]
    lower, upper = _bound(lower, "lower"), _bound(upper, "upper")
    bounds = [convert_to_tensor(x) for x in (lower, upper)]
    if runs_as_written((*leaves, *bounds)):
        value, settle = (
            packing.pack(leaves),
            settler(packing, leaves, "ops.fori_loop: what `body_fun` returns"),
        )
        for i in numbers(int(lower), int(upper)):
            value = settle(body_fun(i, value))
        return value
    dtypes = [dtype(x) for x in leaves]

    def flat_body(i: Any, *flat: Any) -> tuple[Any, ...]:
        new = body_fun(i, packing.pack(flat))
        return tuple(loop_values(new, dtypes, "ops.fori_loop: what `body_fun` returns"))

    def run(within: Within, start: list[Any]) -> tuple[Any, None]:
        def step(i: Any, *values: Any) -> tuple[Any, ...]:
            return tuple(within(values, lambda own: (flat_body(i, *own), None))[0])

        return _fori_loop(start, lower, upper, step), None

    return packing.pack(carry_through_loop(run, leaves, (body_fun,))[0])


@export("keras.ops.custom_gradient")
def custom_gradient(f: Callable[..., Any]) -> Callable[..., Any]:
    """Gives a function a gradient of its own.

    Args:
        f: Function of tensors that returns its value and a function. That function gets the gradients
            with respect to the outputs and returns those with respect to the arguments.

    Returns:
        A function of tensors that returns the value only.

    Example:

        >>> @custom_gradient
        ... def halved_gradient(x):
        ...     return x, lambda upstream: add(upstream, 0.0) * 0.5
        >>> halved_gradient(convert_to_tensor(3.0))
        Array(3., dtype=float32)
    """

    def function(*args: Any, **kwargs: Any) -> Any:
        args = tree.map_structure(lambda x: x.value if isinstance(x, Variable) else x, args)
        if any(isinstance(x, KerasTensor) for x in tree.flatten(args)):
            return f(*args, **kwargs)[0]
        bound = (lambda *a: f(*a, **kwargs)) if kwargs else f
        run = state.backend.kernels["custom_gradient"](bound)
        return refuse_assignments("ops.custom_gradient", lambda: run(*args))

    return function
