"""Functions applied along the first axis of tensors: map, scan, and their relatives."""

from collections.abc import Callable, Sequence
from typing import Any

from keras_backends.api import export

from keras_ops import tree
from keras_ops.carrying import Within, carry_through_loop, refuse_assignments
from keras_ops.inference import compute_output_spec
from keras_ops.op import op
from keras_ops.operations.core import convert_to_tensor, dtype, ndim, shape
from keras_ops.operations.creation import zeros
from keras_ops.operations.indexing import get_item
from keras_ops.operations.joining import concatenate, stack, unstack
from keras_ops.operations.kept_loops import keeps_programs
from keras_ops.operations.packing import Flattened, Packing, Structure, packed
from keras_ops.operations.shapes import broadcast_to, flip, reshape
from keras_ops.operations.stepping import run_scan, runs_as_written, slices, stacked
from keras_ops.rules import broadcast, normalize_axis
from keras_ops.state import state
from keras_ops.tensor import KerasTensor, Tensor


def _element(x: KerasTensor) -> KerasTensor:
    if not x._shape:
        raise ValueError("expected tensors of rank 1 or more, received a scalar.")
    return KerasTensor.make(x._shape[1:], x.dtype)


def _repeated(specs: Sequence[KerasTensor], length: int | None) -> list[KerasTensor]:
    return [KerasTensor.make((length, *x._shape), x.dtype) for x in specs]


def _scan_spec(
    init: Sequence[KerasTensor],
    xs: Sequence[KerasTensor],
    f: Callable[..., Any],
    length: int | None = None,
    **_: Any,
) -> tuple[list[KerasTensor], list[KerasTensor]]:
    size = xs[0]._shape[0] if xs else length
    carry, ys = compute_output_spec(f, list(init), [_element(x) for x in xs])
    return list(carry), _repeated(ys, size if length is None else length)


@op(spec=_scan_spec, call=("f",))
def _scan(
    init: Sequence[Tensor],
    xs: Sequence[Tensor],
    f: Callable[..., Any],
    length: int | None = None,
    reverse: bool = False,
    unroll: int | bool = 1,
) -> tuple[list[Tensor], list[Tensor]]:
    """Calls a function along the first axis with a carry, see `scan`."""
    steps, carry, results = [unstack(x, length) for x in xs], list(init), []
    for i in range(length - 1, -1, -1) if reverse else range(length):
        carry, ys = f(carry, [step[i] for step in steps])
        results.append(ys)
    if reverse:
        results.reverse()
    return list(carry), [stack(ys) for ys in zip(*results)]


@export("keras.ops.scan")
@keeps_programs("init", "xs")
def scan(
    f: Callable[..., Any],
    init: Structure,
    xs: Structure | None = None,
    length: int | None = None,
    reverse: bool = False,
    unroll: int | bool = 1,
) -> tuple[Structure, Structure]:
    """Calls a function along the first axis of tensors and carries a value from call to call.

    Args:
        f: Function `(carry, x) -> (carry, y)` of tensors or structures. The new carry has the shapes
            and dtypes of the old one.
        init: The first carry.
        xs: Tensors, or a structure of tensors, of equal length; `f` gets their slices. `None` if `f`
            needs none.
        length: Number of calls, needed if `xs` is `None`.
        reverse: Whether to go from the last slice to the first. The results keep the order of `xs`.
        unroll: How many calls a compiled loop makes per iteration; `True` for all of them.

    Returns:
        The last carry, and the `y` of all calls stacked along a new first axis.

    Raises:
        ValueError: If the number of calls is unknown or contradictory, or `unroll` is not positive.

    Example:

        >>> scan(lambda total, x: (total + x, total + x), 0, convert_to_tensor([1, 2, 3]))
        (Array(6, dtype=int32), Array([1, 3, 6], dtype=int32))
    """
    if not isinstance(unroll, bool) and (not isinstance(unroll, int) or unroll < 1):
        raise ValueError(
            f"ops.scan: expected `unroll` to be a positive integer or a bool, received unroll={unroll!r}."
        )
    if not callable(f):
        raise TypeError(f"ops.scan: expected `f` to be a function, received f={f!r}.")
    carries, steps = Packing(init), Packing(xs)
    tensors = [convert_to_tensor(x) for x in steps.leaves]
    length = _common_length("scan", tensors, length)
    start = [convert_to_tensor(x) for x in carries.leaves]
    if runs_as_written((*start, *tensors)):
        if not length:
            return carries.pack(start), _nothing(lambda x: f(carries.pack(start), x)[1], steps, tensors)
        return run_scan(f, carries, start, slices(steps, tensors, length, reverse), reverse)
    dtypes = [dtype(x) for x in start]
    results = Flattened(lambda y: y)

    def flat(carry: Any, x: Any) -> tuple[list[Any], list[Any]]:
        carry, y = f(carries.pack(carry), steps.pack(x))
        new = Packing(carry).leaves
        return [convert_to_tensor(leaf, name) for leaf, name in zip(new, dtypes, strict=True)], results(y)

    def run(within: Within, start: list[Any]) -> tuple[Any, Any]:
        def step(carry: Any, x: Any) -> tuple[list[Any], list[Any]]:
            return within(carry, lambda own: flat(own, x))

        return _scan(start, tensors, step, length, reverse, unroll)

    carry, ys = carry_through_loop(run, start, (f,))
    return carries.pack(carry), packed([results], ys)


def _nothing(function: Callable[[Any], Any], steps: Packing, tensors: Sequence[Any]) -> Structure:
    """What a function of slices gives for no slice at all: empty tensors."""
    specs = [KerasTensor.make(tuple(shape(x)[1:]), dtype(x)) for x in tensors]
    result = compute_output_spec(function, steps.pack(specs))
    return tree.map_structure(lambda y: zeros((0, *y.shape), y.dtype), result, none_is_leaf=False)


def _common_length(name: str, tensors: Sequence[Any], length: int | None) -> int | None:
    lengths = {shape(x)[0] for x in tensors if isinstance(shape(x)[0], int)}
    if length is not None:
        lengths.add(int(length))
    if len(lengths) > 1:
        raise ValueError(f"ops.{name}: expected tensors of equal length, received lengths {sorted(lengths)}.")
    if not tensors and length is None:
        raise ValueError(f"ops.{name}: expected `length` where there is no `xs`, received length=None.")
    if lengths:
        return lengths.pop()
    # Known only at run time: a tensor in a compiled function, nothing for a KerasTensor.
    size = shape(tensors[0])[0]
    return None if isinstance(tensors[0], KerasTensor) else size


def _map_spec(xs: Sequence[KerasTensor], f: Callable[..., Any]) -> list[KerasTensor]:
    return _repeated(compute_output_spec(f, *[_element(x) for x in xs]), xs[0]._shape[0])


@op(spec=_map_spec, call=("f",))
def _map(xs: Sequence[Tensor], f: Callable[..., Any]) -> list[Tensor]:
    """Calls a function along the first axis, see `map`."""
    return _scan([], xs, lambda carry, x: ([], f(*x)), shape(xs[0])[0])[1]


@export("keras.ops.map")
@keeps_programs("xs")
def map(f: Callable[..., Any], xs: Structure) -> Structure:
    """Calls a function on each slice along the first axis, one after the other, and stacks the results.

    Args:
        f: Function of a tensor or structure.
        xs: Tensor, or structure of tensors of equal length.

    Returns:
        What `f` returns, with a new first axis.

    Example:

        >>> map(lambda x: x * 2, convert_to_tensor([1, 2]))
        Array([2, 4], dtype=int32)
    """

    def run(tensors: Sequence[Any], flat: Callable[..., Any]) -> Any:
        def loop(within: Within, start: list[Any]) -> tuple[Any, Any]:
            if not start:
                return [], _map(tensors, lambda *slices: within([], lambda _: ([], flat(*slices)))[1])
            steps = shape(tensors[0])[0]
            return _scan(start, tensors, lambda carry, x: within(carry, lambda _: ([], flat(*x))), steps)

        return carry_through_loop(loop, [], (f,))[1]

    return _along_first(run, "map", f, xs, as_written=True)


def _along_first(
    operation: Callable[..., Any],
    name: str,
    function: Callable[..., Any],
    xs: Structure,
    as_written: bool = False,
) -> Any:
    if not callable(function):
        raise TypeError(f"ops.{name}: expected a function, received {function!r}.")
    steps = Packing(xs)
    tensors = [convert_to_tensor(x) for x in steps.leaves]
    if not tensors:
        raise ValueError(f"ops.{name}: expected at least one tensor, received {xs!r}.")
    length = _common_length(name, tensors, None)
    if as_written and runs_as_written(tensors):
        results = [function(x) for x in slices(steps, tensors, length)]
        return stacked(results) if results else _nothing(function, steps, tensors)
    flat = Flattened(lambda *leaves: function(steps.pack(leaves)))
    return packed([flat], operation(tensors, flat))


def _vectorized_spec(elements: Sequence[KerasTensor], function: Callable[..., Any]) -> list[KerasTensor]:
    return _map_spec(elements, function)


@op(spec=_vectorized_spec)
def _vectorized_map(elements: Sequence[Tensor], function: Callable[..., Any]) -> list[Tensor]:
    """Calls a function on all slices at once, see `vectorized_map`."""
    return _map(elements, function)


@export("keras.ops.vectorized_map")
@keeps_programs("elements")
def vectorized_map(function: Callable[..., Any], elements: Structure) -> Structure:
    """Calls a function on each slice along the first axis, all at once, and stacks the results.

    Args:
        function: Function of a tensor or structure.
        elements: Tensor, or structure of tensors of equal length.

    Returns:
        What `function` returns, with a new first axis.

    Example:

        >>> vectorized_map(lambda x: x * 2, convert_to_tensor([1, 2]))
        Array([2, 4], dtype=int32)
    """

    def run(tensors: Sequence[Any], flat: Callable[..., Any]) -> Any:
        return refuse_assignments("ops.vectorized_map", lambda: _vectorized_map(tensors, flat))

    written = "vectorized_map" not in state.backend.kernels
    return _along_first(run, "vectorized_map", function, elements, as_written=written)


def _associative_spec(elems: Sequence[KerasTensor], axis: int = 0, **_: Any) -> list[KerasTensor]:
    normalize_axis(axis, len(elems[0]._shape))
    return [KerasTensor.make(x._shape, x.dtype) for x in elems]


@op(spec=_associative_spec, call=("f",))
def _associative_scan(
    elems: Sequence[Tensor], f: Callable[..., Any], reverse: bool = False, axis: int = 0
) -> list[Tensor]:
    """Combines all prefixes by a binary function, see `associative_scan`."""
    axis = normalize_axis(axis, ndim(elems[0]))
    if reverse:
        elems = [flip(x, axis) for x in elems]
    result = _prefixes(list(elems), f, axis)
    return [flip(x, axis) for x in result] if reverse else result


def _prefixes(elems: list[Any], f: Callable[..., Any], axis: int) -> list[Any]:
    """Combines neighbours, solves the problem of half the size, and fills in what is between."""

    def part(xs: list[Any], start: int, stop: int | None, step: int = 1) -> list[Any]:
        key = (*(slice(None),) * axis, slice(start, stop, step))
        return [get_item(x, key) for x in xs]

    size = shape(elems[0])[axis]
    if size < 2:
        return elems
    odd = _prefixes(f(part(elems, 0, size - 1, 2), part(elems, 1, None, 2)), f, axis)
    count = (size - 1) // 2
    first = part(elems, 0, 1)
    if count:
        between = f(part(odd, 0, count), part(elems, 2, None, 2))
        even = [concatenate(pair, axis=axis) for pair in zip(first, between)]
    else:
        even = first
    return [_interleaved(a, b, axis) for a, b in zip(even, odd)]


def _interleaved(even: Any, odd: Any, axis: int) -> Any:
    """Takes elements from both in turn; `even` may have one more."""
    count = shape(odd)[axis]
    key = (*(slice(None),) * axis, slice(0, count))
    sizes = list(shape(odd))
    sizes[axis] = 2 * count
    pairs = reshape(stack([get_item(even, key), odd], axis=axis + 1), sizes)
    if shape(even)[axis] == count:
        return pairs
    return concatenate([pairs, get_item(even, (*(slice(None),) * axis, slice(count, None)))], axis=axis)


@export("keras.ops.associative_scan")
@keeps_programs("elems")
def associative_scan(
    f: Callable[..., Any], elems: Structure, reverse: bool = False, axis: int = 0
) -> Structure:
    """Combines the elements along an axis with all that stand before them, in parallel.

    Args:
        f: Associative function of two structures like `elems`, element by element along `axis`.
        elems: Tensor, or structure of tensors of equal size along `axis`.
        reverse: Whether to combine with all that stand behind.
        axis: The axis.

    Returns:
        A structure like `elems`.

    Raises:
        ValueError: If the sizes along `axis` differ.

    Example:

        >>> associative_scan(lambda a, b: a + b, convert_to_tensor([1, 2, 3]))
        Array([1, 3, 6], dtype=int32)
    """
    if not callable(f):
        raise TypeError(f"ops.associative_scan: expected `f` to be a function, received f={f!r}.")
    packing = Packing(elems)
    tensors = [convert_to_tensor(x) for x in packing.leaves]
    axis = normalize_axis(axis, ndim(tensors[0]))
    sizes = {shape(x)[axis] for x in tensors if isinstance(shape(x)[axis], int)}
    if len(sizes) > 1:
        raise ValueError(
            f"ops.associative_scan: expected equal sizes along axis {axis}, received {sorted(sizes)}."
        )

    def flat(a: Sequence[Any], b: Sequence[Any]) -> list[Any]:
        return Packing(f(packing.pack(a), packing.pack(b))).leaves

    return packing.pack(_associative_scan(tensors, flat, reverse, axis))


@export(["keras.ops.vectorize", "keras.ops.numpy.vectorize"])
def vectorize(
    pyfunc: Callable[..., Any], *, excluded: Any = None, signature: str | None = None
) -> Callable[..., Any]:
    """Makes a function of single elements, or of small tensors, work on whole tensors by broadcasting.

    Args:
        pyfunc: The function.
        excluded: Positions and names of arguments that are handed on as they are.
        signature: Core dimensions, such as `"(n),(n)->()"`: how many of the last axes of each argument
            a single call gets. Without it a call gets scalars.

    Returns:
        A function of tensors.

    Raises:
        ValueError: If a call does not fit `signature`.

    Example:

        >>> vectorize(lambda a, b: a + b)(convert_to_tensor([1, 2]), 10)
        Array([11, 12], dtype=int32)
    """
    if not callable(pyfunc):
        raise TypeError(f"ops.vectorize: expected a function, received pyfunc={pyfunc!r}.")
    skipped = frozenset(excluded or ())
    ranks = None if signature is None else _core_ranks(signature)

    def function(*args: Any, **kwargs: Any) -> Any:
        places = [i for i in range(len(args)) if i not in skipped]
        if ranks is not None and len(ranks) != len(places):
            raise ValueError(
                f"ops.vectorize: expected {len(ranks)} tensors for signature={signature!r}, received {len(places)}."
            )
        tensors = [convert_to_tensor(args[i]) for i in places]
        cores = [0] * len(tensors) if ranks is None else ranks
        outer = [tuple(shape(x)[: ndim(x) - core]) for x, core in zip(tensors, cores)]
        loop = broadcast(*outer)
        flat = []
        for x, own in zip(tensors, outer):
            core = tuple(shape(x)[len(own) :])
            flat.append(reshape(broadcast_to(x, (*loop, *core)), (-1, *core)))

        def call(values: Any) -> Any:
            full = list(args)
            for i, value in zip(places, values):
                full[i] = value
            return pyfunc(*full, **kwargs)

        results = vectorized_map(call, tuple(flat))
        several = isinstance(results, (tuple, list))
        shaped = [reshape(y, (*loop, *shape(y)[1:])) for y in (results if several else [results])]
        return tuple(shaped) if several else shaped[0]

    return function


def _core_ranks(signature: str) -> list[int]:
    """How many core dimensions each argument has, by a signature such as `"(n,m),()->(n)"`."""
    inputs, arrow, _ = signature.replace(" ", "").partition("->")
    if not arrow or inputs.count("(") != inputs.count(")"):
        raise ValueError(f"ops.vectorize: expected a signature like '(n),(n)->()', received {signature!r}.")
    groups = [group.rstrip(",").rstrip(")") for group in inputs.split("(")[1:]]
    return [len([name for name in group.split(",") if name]) for group in groups]
