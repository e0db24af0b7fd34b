"""Building, compiling and running OpenVINO models: whole forward passes and single operations.

`predictor` serves `predict`; `merge` makes the kernel table, which sends an operation to NumPy, to a
small compiled model, or into the model that is being built. Kernels live in the other modules.
"""

import threading
import warnings
from collections import OrderedDict
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

import numpy as np
import openvino as ov

from keras_backends.contract import KernelMissing
from keras_backends.openvino.graph import GraphTensor, convert, node, opset, ov_type

CONFIG = {"INFERENCE_PRECISION_HINT": "f32", "SNIPPETS_MODE": "DISABLE"}
"""On CPUs that have bfloat16, OpenVINO would compute in it and be off by a percent. Snippets, its just-in-time
fusion, crash (2026.4) on two towers of dense layers whose difference is concatenated with something else;
attention and convolution models run no slower without."""

_KEPT_MODELS = 512
_KEPT_SHAPES = 32
"""Compiled models of one predictor: each set of input shapes has its own."""
_NARROW_FLOATS = ("bfloat16", "float8_e4m3fn", "float8_e5m2")
_core: list[ov.Core] = []


class _Building(threading.local):
    depth: int = 0
    constants: dict[int, tuple[Any, Any]] | None = None


_building = _Building()


def note_constant(storage: Any) -> None:
    """Remembers the value that a variable had when the model under construction first read or wrote it."""
    if _building.constants is not None:
        _building.constants.setdefault(id(storage), (storage, storage.array))


class CompiledGraph:
    """A compiled model of a function of arrays.

    Args:
        fn: Takes one graph tensor per example and returns a list of graph tensors or arrays.
        examples: Arrays whose shapes and dtypes the model is made for.

    Raises:
        KernelMissing: If something in `fn` cannot be part of a model. Variables are as they were before.
    """

    def __init__(self, fn: Callable[..., Sequence[Any]], examples: Sequence[np.ndarray]) -> None:
        self._lock = threading.Lock()
        outer, _building.constants = _building.constants, {}
        _building.depth += 1
        try:
            parameters = [opset.parameter(list(x.shape), ov_type(_carrier(x.dtype.name))) for x in examples]
            inputs = [
                convert(GraphTensor(p.output(0)), x.dtype.name)
                for p, x in zip(parameters, examples, strict=True)
            ]
            outputs = fn(*inputs)
        finally:
            self._constants = list(_building.constants.values())
            changed = [(storage, array) for storage, array in self._constants if storage.array is not array]
            for storage, array in changed:
                storage.array = array
            _building.depth -= 1
            _building.constants = outer
        if changed:
            raise KernelMissing(
                f"The model changes {len(changed)} of its variables while it runs, such as the state of a "
                "random seed, which a compiled model cannot do."
            )
        self._dtypes = [x.dtype if isinstance(x, GraphTensor) else np.asarray(x).dtype.name for x in outputs]
        results = [
            convert(GraphTensor(node(x)), _carrier(dtype)).output
            for x, dtype in zip(outputs, self._dtypes, strict=True)
        ]
        model = ov.Model([opset.result(x) for x in results], parameters, "keras")
        try:
            self._compiled = _get_core().compile_model(model, "CPU", CONFIG)
        except RuntimeError as error:
            # The graph itself is valid by now: what is lacking is an implementation of one of its nodes.
            raise KernelMissing(f"OpenVINO's CPU plugin cannot compile the model: {error}") from error

    def is_current(self) -> bool:
        """Whether the variables still have the values that the model contains."""
        return all(storage.array is array for storage, array in self._constants)

    def __call__(self, *arrays: np.ndarray) -> list[np.ndarray]:
        inputs = [np.asarray(_widen(x), order="C") for x in arrays]
        with self._lock:
            results = self._compiled(inputs, share_inputs=True, share_outputs=False)
            found = [np.asarray(results[i]) for i in range(len(self._dtypes))]
        return [x.astype(np.dtype(dtype), copy=False) for x, dtype in zip(found, self._dtypes)]


def _carrier(dtype: str) -> str:
    """The dtype in which values of `dtype` go in and out; NumPy and OpenVINO share no bfloat16."""
    return "float32" if dtype in _NARROW_FLOATS else dtype


def _widen(x: np.ndarray) -> np.ndarray:
    return x.astype(np.float32) if x.dtype.name in _NARROW_FLOATS else x


def _get_core() -> ov.Core:
    if not _core:
        _core.append(ov.Core())
    return _core[0]


# Whole models


def predictor(fn: Callable[[Any], Any]) -> Callable[[Any], Any]:
    """Compiles a forward pass, once per set of input shapes, and again after its weights changed.

    Args:
        fn: Takes a tree (lists, tuples, dicts) of arrays and returns one.

    Returns:
        A function like `fn`. Where an operation of the model has no OpenVINO kernel, it warns once
        and runs operation by operation instead; all other errors are those of the model.
    """
    models: OrderedDict[Any, tuple[CompiledGraph, Any] | None] = OrderedDict()
    refusals: list[KernelMissing] = []

    def attempt(batch: Any, arrays: Sequence[np.ndarray]) -> tuple[CompiledGraph, Any] | None:
        try:
            return _compile_tree(fn, batch, arrays)
        except KernelMissing as error:
            if not refusals:
                warnings.warn(
                    f"This model cannot be compiled for OpenVINO as a whole and runs operation by "
                    f"operation: {type(error).__name__}: {error}",
                    stacklevel=2,
                )
            refusals.append(error)
            return None

    def run(batch: Any) -> Any:
        arrays = [np.asarray(x) for x in _leaves(batch)]
        if not all(x.size for x in arrays):
            return fn(batch)  # Some of OpenVINO's functions end the process where a size is 0.
        key = tuple((x.shape, x.dtype) for x in arrays)
        if key not in models or (models[key] and not models[key][0].is_current()):
            models[key] = attempt(batch, arrays)
        models.move_to_end(key)
        while len(models) > _KEPT_SHAPES:
            models.popitem(last=False)
        if models[key] is None:
            return fn(batch)
        graph, structure = models[key]
        return _pack(structure, iter(graph(*arrays)))

    run.models = models  # type: ignore[attr-defined]
    return run


def _compile_tree(
    fn: Callable[[Any], Any], batch: Any, arrays: Sequence[np.ndarray]
) -> tuple[CompiledGraph, Any]:
    structure: list[Any] = []

    def flat(*inputs: GraphTensor) -> list[Any]:
        structure[:] = [fn(_pack(batch, iter(inputs)))]
        return list(_leaves(structure[0]))

    graph = CompiledGraph(flat, arrays)
    return graph, _pack(structure[0], iter([0] * len(graph._dtypes)))


def _leaves(tree: Any) -> Iterator[Any]:
    if isinstance(tree, Mapping):
        for item in tree.values():
            yield from _leaves(item)
    elif isinstance(tree, (list, tuple)):
        for item in tree:
            yield from _leaves(item)
    elif tree is not None:
        yield tree


def _pack(tree: Any, leaves: Iterator[Any]) -> Any:
    """Puts new leaves, in order, into a tree of the same structure."""
    if isinstance(tree, Mapping):
        return type(tree)((key, _pack(item, leaves)) for key, item in tree.items())
    if isinstance(tree, (list, tuple)):
        items = [_pack(item, leaves) for item in tree]
        return type(tree)(*items) if hasattr(tree, "_fields") else type(tree)(items)
    return None if tree is None else next(leaves)


# Single operations


def with_int32_positions(kernel: Callable[..., Any]) -> Callable[..., Any]:
    """The kernel with all results but the first (its values) in int32."""

    def narrowed(*arrays: Any, **attributes: Any) -> Any:
        result = kernel(*arrays, **attributes)
        if not isinstance(result, tuple):
            return result
        return (result[0], *(x.astype(np.int32) for x in result[1:]))

    return narrowed


def merge(
    eager: Mapping[str, Callable[..., Any]],
    graph: Mapping[str, Callable[..., Any]],
    compiled: frozenset[str],
    control: frozenset[str],
) -> dict[str, Callable[..., Any]]:
    """Makes the kernel table of the backend.

    Args:
        eager: NumPy kernels, for arrays.
        graph: Kernels for graph tensors.
        compiled: Names that run as small compiled models on float32 arrays.
        control: Names that take functions: these may refer to graph tensors unseen, so the graph's
            kernel serves whenever a model is being built.
    """
    table = {}
    for name in {**eager, **graph}:
        array_kernel = eager.get(name)
        if array_kernel is None or (name in compiled and name in graph):
            array_kernel = _as_small_model(name, graph[name], array_kernel)
        table[name] = _choose(array_kernel, graph.get(name, _decline), name in control)
    return table


def _decline(*tensors: Any, **attributes: Any) -> Any:
    """Stands for a kernel that the graph lacks: a composite runs its body, a primitive is reported."""
    return NotImplemented


def _choose(eager: Callable[..., Any], graph: Callable[..., Any], always_graph: bool) -> Callable[..., Any]:
    def kernel(*tensors: Any, **attributes: Any) -> Any:
        if not _building.depth:
            return eager(*tensors, **attributes)
        symbolic = always_graph or any(isinstance(x, GraphTensor) for x in _leaves(tensors))
        return (graph if symbolic else eager)(*tensors, **attributes)

    return kernel


_models: OrderedDict[Any, CompiledGraph] = OrderedDict()


def _as_small_model(
    name: str, graph: Callable[..., Any], fallback: Callable[..., Any] | None
) -> Callable[..., Any]:
    """Runs a graph kernel on arrays through a model that is compiled once per shapes and attributes."""

    def kernel(*arrays: Any, **attributes: Any) -> Any:
        if fallback is not None and any(x is None or x.dtype != np.float32 or not x.size for x in arrays):
            return fallback(*arrays, **attributes)
        key = (name, tuple((x.shape, x.dtype) for x in arrays), tuple(attributes.items()))
        model = _models.pop(key, None)
        if model is None:
            model = CompiledGraph(lambda *inputs: list(_leaves([graph(*inputs, **attributes)])), arrays)
            while len(_models) >= _KEPT_MODELS:
                _models.popitem(last=False)
        _models[key] = model
        results = model(*arrays)
        return results[0] if len(results) == 1 else tuple(results)

    return kernel
