"""Checks that follow from an operation's declaration and a sample call of it.

Each function raises `AssertionError` when the active backend breaks the check. A check that a
backend can not take (no gradients, no kernel) does nothing and returns False.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np
from keras_backends.dtypes import is_float
from keras_backends.selection import active, load

from keras_ops import ops, tree
from keras_ops.op import Op
from keras_ops.state import backend_scope
from keras_ops.tensor import KerasTensor
from keras_ops.testing.samples import Sample

TOLERANCE = {"float16": 4e-3, "bfloat16": 3e-2}


def eager(op: Op, sample: Sample) -> Any:
    """Calls the operation on tensors."""
    args, kwargs = tree.map_structure(_tensor, (sample.args, sample.kwargs))
    return op.dispatcher(*args, **kwargs)


def check_spec(op: Op, sample: Sample, unknown: bool) -> bool:
    """The spec of the call equals that of its result; with `unknown`, where the spec is known."""
    if not sample.symbolic or (unknown and not sample.unknown):
        return False

    def symbolic(x: Any) -> Any:
        if not isinstance(x, np.ndarray):
            return x
        shape = tuple(None for _ in x.shape) if unknown else x.shape
        return KerasTensor(shape, ops.dtype(ops.convert_to_tensor(x)))

    args, kwargs = tree.map_structure(symbolic, (sample.args, sample.kwargs))
    if not any(isinstance(x, KerasTensor) for x in tree.flatten((args, kwargs))):
        return False
    specs = [x for x in tree.flatten(op.dispatcher(*args, **kwargs)) if isinstance(x, KerasTensor)]
    results = [x for x in tree.flatten(eager(op, sample)) if ops.is_tensor(x)]
    assert len(specs) == len(results), f"{op.name}: {len(specs)} specs for {len(results)} results"
    for spec, result in zip(specs, results):
        shape = tuple(ops.shape(result))
        assert len(spec.shape) == len(shape), f"{op.name}: spec {spec.shape}, result {shape}"
        for known, size in zip(spec.shape, shape):
            assert known == size or (unknown and known is None), (
                f"{op.name}: spec {spec.shape}, result {shape}"
            )
        assert spec.dtype == ops.dtype(result), f"{op.name}: spec {spec.dtype}, result {ops.dtype(result)}"
    return True


def check_reference(op: Op, sample: Sample) -> bool:
    """The result equals that of the sample's NumPy function."""
    if sample.reference is None:
        return False
    assert_close(op, eager(op, sample), sample.reference(*sample.args, **sample.kwargs))
    return True


def check_against_numpy(op: Op, sample: Sample) -> bool:
    """The result equals that of the NumPy backend in the same process."""
    numpy = load("numpy")
    portable = sample.deterministic and sample.portable and "seed" not in op.parameters
    if active().tensors & numpy.tensors or not portable:
        return False
    result = tree.map_structure(
        lambda x: ops.convert_to_numpy(x) if ops.is_tensor(x) else x, eager(op, sample)
    )
    with backend_scope(numpy):
        assert_close(op, result, op.dispatcher(*sample.args, **sample.kwargs))
    return True


def check_axis(op: Op, sample: Sample) -> bool:
    """An axis that does not exist is refused with an error that names the operation."""
    if not isinstance(sample.kwargs.get("axis", op.parameters["axis"].default), int):
        return False
    args, kwargs = tree.map_structure(_tensor, (sample.args, {**sample.kwargs, "axis": 99}))
    position = list(op.parameters).index("axis")
    for convert in (lambda x: x, _spec):
        try:
            op.dispatcher(*tree.map_structure(convert, args[:position]), **kwargs)
        except ValueError as error:
            assert op.name in str(error) and "axis" in str(error), f"{op.name}: {error}"
        else:
            raise AssertionError(f"{op.name} accepts axis=99.")
    return True


def check_override(op: Op, sample: Sample) -> bool:
    """The backend's kernel of a composite gives what the body gives."""
    if op.body is None or op.name not in active().kernels or not sample.deterministic:
        return False
    args, kwargs = tree.map_structure(_tensor, (sample.args, sample.kwargs))
    assert_close(op, op.dispatcher(*args, **kwargs), op.body(*args, **kwargs))
    return True


def check_node(op: Op, sample: Sample) -> bool:
    """A symbolic call is one node, whatever its body does."""
    if not sample.symbolic:
        return False

    def symbolic(x: Any) -> Any:
        return KerasTensor(x.shape, ops.dtype(ops.convert_to_tensor(x))) if isinstance(x, np.ndarray) else x

    args, kwargs = tree.map_structure(symbolic, (sample.args, sample.kwargs))
    inputs = [x for x in tree.flatten((args, kwargs)) if isinstance(x, KerasTensor)]
    outputs = [x for x in tree.flatten(op.dispatcher(*args, **kwargs)) if isinstance(x, KerasTensor)]
    if not inputs or not outputs:
        return False
    node = outputs[0]._keras_history.operation._inbound_nodes[outputs[0]._keras_history.node_index]
    assert {id(x) for x in node.input_tensors} <= {id(x) for x in inputs}, f"{op.name}: more than one node"
    assert [id(x) for x in node.output_tensors] == [id(x) for x in outputs]
    return True


def check_compiled(op: Op, sample: Sample) -> bool:
    """Inside a compiled function the result is the same."""
    backend = active()
    if not backend.traits.compiles or not sample.jit or not sample.deterministic:
        return False
    leaves = tree.flatten((sample.args, sample.kwargs))
    arrays = [_tensor(x) for x in leaves if isinstance(x, np.ndarray)]
    if not arrays:
        return False

    def run(*tensors: Any) -> Any:
        values = iter(tensors)
        packed = [next(values) if isinstance(x, np.ndarray) else x for x in leaves]
        args, kwargs = tree.pack_sequence_as((sample.args, sample.kwargs), packed)
        return op.dispatcher(*args, **kwargs)

    assert_close(op, backend.compile(run, jit=False)(*arrays), eager(op, sample))
    return True


def check_gradient(op: Op, sample: Sample, step: float = 1e-2, tolerance: float = 2e-2) -> bool:
    """The gradient along a random direction equals a central difference."""
    backend = active()
    leaves = tree.flatten((sample.args, sample.kwargs))
    positions = [i for i, x in enumerate(leaves) if isinstance(x, np.ndarray) and x.dtype == "float32"]
    if not backend.traits.trainable or not sample.differentiable or not positions:
        return False
    generator = np.random.default_rng(0)
    weights: list[Any] = []

    def loss(tensors: Sequence[Any]) -> Any:
        packed = [_tensor(x) for x in leaves]
        for i, x in zip(positions, tensors):
            packed[i] = x
        args, kwargs = tree.pack_sequence_as((sample.args, sample.kwargs), packed)
        results = [x for x in tree.flatten(op.dispatcher(*args, **kwargs)) if ops.is_tensor(x)]
        results = [x for x in results if is_float(ops.dtype(x))]
        if not weights:
            weights.extend(generator.normal(size=tuple(ops.shape(x))).astype("float32") for x in results)
        total: Any = 0.0
        for x, weight in zip(results, weights):
            total = ops.add(total, ops.sum(ops.multiply(ops.cast(x, "float32"), weight)))
        return total

    points = [leaves[i] for i in positions]
    directions = [generator.normal(size=x.shape).astype("float32") for x in points]
    loss([_tensor(x) for x in points])
    if not weights:
        return False
    storages = [backend.store(_tensor(x), True, f"x{i}") for i, x in enumerate(points)]
    _, gradients = backend.gradients(lambda values: (loss([backend.read(v) for v in values]), None), storages)
    got = sum(
        float(np.sum(ops.convert_to_numpy(g).astype("float64") * d))
        for g, d in zip(gradients, directions)
        if g is not None
    )

    def at(offset: float) -> float:
        moved = [_tensor(x + np.float32(offset) * d) for x, d in zip(points, directions)]
        return float(ops.convert_to_numpy(loss(moved)))

    want = (at(step) - at(-step)) / (2 * step)
    assert abs(got - want) <= tolerance * (1 + abs(want)), f"{op.name}: gradient {got}, difference {want}"
    return True


def _spec(x: Any) -> Any:
    return KerasTensor(ops.shape(x), ops.dtype(x)) if ops.is_tensor(x) else x


def _tensor(x: Any) -> Any:
    return ops.convert_to_tensor(x) if isinstance(x, np.ndarray) else x


def assert_close(op: Op, got: Any, want: Any) -> None:
    """Compares results with a tolerance that their dtype allows; integers and booleans exactly."""
    got_leaves, want_leaves = tree.flatten(got), tree.flatten(want)
    assert len(got_leaves) == len(want_leaves), (
        f"{op.name}: {len(got_leaves)} results, expected {len(want_leaves)}"
    )
    for g, w in zip(got_leaves, want_leaves):
        tolerance = TOLERANCE.get(ops.dtype(g) if ops.is_tensor(g) else "", 2e-5)
        g, w = ops.convert_to_numpy(g), ops.convert_to_numpy(w)
        assert g.shape == w.shape, f"{op.name}: shape {g.shape}, expected {w.shape}"
        if g.dtype.kind in "biu" and w.dtype.kind in "biu":
            np.testing.assert_array_equal(g, w, err_msg=op.name)
            continue
        kind = "complex128" if "c" in g.dtype.kind + w.dtype.kind else "float64"
        np.testing.assert_allclose(
            g.astype(kind), w.astype(kind), rtol=tolerance, atol=tolerance, err_msg=op.name, equal_nan=True
        )
