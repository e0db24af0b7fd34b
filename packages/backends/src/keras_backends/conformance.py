"""What every backend has to do, as checks that any backend can be put through.

`python -m keras_backends.check NAME` and the tests run them; authors of backends do too. A check takes
the backend and raises `AssertionError`; it returns a text where it does not apply. Values of kernels are
checked more closely by the samples of `keras_ops.testing`.
"""

from collections.abc import Callable
from typing import Any

import numpy as np

from keras_backends.contract import DTYPE_RULES, Backend

Check = Callable[[Backend], str | None]
CHECKS: dict[str, Check] = {}


def _check(function: Check) -> Check:
    CHECKS[function.__name__] = function
    return function


_ARRAY = np.array([[0.0, 1.0, 2.0], [3.0, 4.0, 5.0]], "float32")


@_check
def dtypes_survive_the_round_trip(backend: Backend) -> None:
    """Every dtype goes in as asked for (or as its canonical form) and comes out with its values."""
    for name in backend.native_dtypes:
        if name == "string" or backend.canonical_dtype(name) not in backend.native_dtypes:
            continue
        tensor = backend.tensor([[0, 1], [1, 0]], name)
        expected = backend.canonical_dtype(name)
        assert backend.dtype(tensor) == expected, f"asked for {name}, got {backend.dtype(tensor)}"
        native = backend.native_dtypes[expected]
        assert _native_dtype(backend, tensor) == native, f"native dtype of {expected}: {native!r}"
        array = backend.numpy(tensor)
        assert isinstance(array, np.ndarray), f"`numpy` returned a {type(array).__name__}"
        assert array.dtype.name == expected, f"{expected} became {array.dtype} in NumPy"
        assert np.array_equal(array.astype("complex128"), [[0, 1], [1, 0]])
        again = backend.tensor(array)
        assert backend.dtype(again) == expected, f"{array.dtype} array became {backend.dtype(again)}"


def _native_dtype(backend: Backend, tensor: Any) -> Any:
    dtype = tensor.dtype
    return backend.native_dtypes[dtype] if isinstance(dtype, str) else dtype


@_check
def tensors_are_recognised(backend: Backend) -> None:
    """Concrete tensors have an exact type of the table; Python values are no tensors."""
    tensor = backend.tensor(_ARRAY)
    assert type(tensor) in backend.tensors, f"{type(tensor)} is not in `tensors`"
    assert backend.is_tensor(tensor)
    assert not any(backend.is_tensor(x) for x in (1, 1.0, True, None, "x", [tensor], object()))
    assert tuple(backend.shape(tensor)) == (2, 3)
    assert tuple(backend.shape(backend.tensor(1.0, "float32"))) == ()


@_check
def python_values_convert(backend: Backend) -> None:
    """Numbers, nested lists, and lists that hold tensors."""
    one = backend.tensor(1, "int32")
    for value, shape in ((1, ()), ([1, 2], (2,)), (((1,), (2,)), (2, 1)), ([one, one], (2,)), ([], (0,))):
        tensor = backend.tensor(value, "int32")
        assert tuple(backend.shape(tensor)) == shape, f"{value!r} got shape {backend.shape(tensor)}"
        assert backend.dtype(tensor) == "int32"
    assert backend.dtype(backend.tensor([0, 2], "bool")) == "bool"


@_check
def casts_between_all_pairs(backend: Backend) -> None:
    """`cast` reaches every dtype from every other, and keeps small whole numbers."""
    names = [
        name for name in backend.native_dtypes if name != "string" and backend.canonical_dtype(name) == name
    ]
    for source in names:
        tensor = backend.tensor([0, 1], source)
        for target in names:
            result = backend.cast(tensor, target)
            assert backend.dtype(result) == target, f"cast {source} to {target} gave {backend.dtype(result)}"
            values = backend.numpy(result).astype("complex64")
            assert np.array_equal(values, [0, 1]), f"{source} to {target}: {values}"


@_check
def storage_holds_a_copy(backend: Backend) -> None:
    """A variable's storage is apart from the array that it came from, and takes new values."""
    source = _ARRAY.copy()
    storage = backend.store(backend.tensor(source), True, "layer/kernel")
    source[:] = -1
    assert np.array_equal(backend.numpy(backend.read(storage)), _ARRAY), "`store` shares the caller's memory"
    update = backend.tensor(_ARRAY + 1)
    storage = backend.write(storage, update)
    value = backend.read(storage)
    assert backend.is_tensor(value)
    assert np.array_equal(backend.numpy(value), _ARRAY + 1)
    storage = backend.write(storage, backend.tensor(_ARRAY))
    assert np.array_equal(backend.numpy(update), _ARRAY + 1), "`write` aliases the tensor it was given"
    for dtype in ("int32", "bool"):
        kept = backend.store(backend.tensor([1, 0], dtype), True, "counter")
        assert backend.dtype(backend.read(kept)) == dtype


@_check
def canonical_dtypes_are_stable(backend: Backend) -> None:
    assert backend.precision() in ("narrow", "mixed", "wide")
    for name in backend.native_dtypes:
        canonical = backend.canonical_dtype(name)
        assert backend.canonical_dtype(canonical) == canonical
        assert canonical in backend.native_dtypes


@_check
def foreign_code_is_traced(backend: Backend) -> str | None:
    """`trace` finds which sizes an unknown one decides."""
    if backend.trace is None:
        return "no `trace`"
    add, reshape = backend.kernels.get("add"), backend.kernels.get("reshape")
    if add is None or reshape is None:
        return "no kernels `add` and `reshape`"
    specs = backend.trace(
        lambda x: [add(x[0], x[1]), reshape(x[0], newshape=(-1,)), x[1]],
        [((None, 3), "float32"), ((None, 1), "float32")],
    )
    assert [(tuple(shape), dtype) for shape, dtype in specs] == [
        ((None, 3), "float32"),
        ((None,), "float32"),
        ((None, 1), "float32"),
    ], f"traced specs {specs}"
    known = backend.trace(lambda x: [add(x[0], x[0])], [((2, 3), "int32")])
    assert [(tuple(shape), dtype) for shape, dtype in known] == [((2, 3), "int32")]
    return None


@_check
def gradients_are_right(backend: Backend) -> str | None:
    """The gradient of `sum(x * x * y)`, with a value that plays no part and an auxiliary result."""
    if backend.gradients is None:
        assert not backend.traits.trainable, "`traits.trainable` without `gradients`"
        return "no `gradients`"
    multiply, total = backend.kernels["multiply"], backend.kernels["sum"]
    storages = [backend.store(backend.tensor(_ARRAY + i), True, f"v{i}") for i in range(3)]

    def loss(values: Any) -> tuple[Any, Any]:
        x, y, _ = (backend.read(value) for value in values)
        product = multiply(multiply(x, x), y)
        return total(product, axis=None, keepdims=False), product

    (value, product), grads = backend.gradients(loss, storages)
    x, y = _ARRAY, _ARRAY + 1
    assert np.allclose(backend.numpy(value), (x * x * y).sum())
    assert np.allclose(backend.numpy(product), x * x * y)
    assert np.allclose(backend.numpy(grads[0]), 2 * x * y)
    assert np.allclose(backend.numpy(grads[1]), x * x)
    assert grads[2] is None or not backend.numpy(grads[2]).any()
    return None


@_check
def compiled_functions_agree(backend: Backend) -> str | None:
    """`compile` changes no result, for several shapes, and sees writes where state is in place."""
    add = backend.kernels.get("add")
    if add is None:
        return "no kernel `add`"
    storage = backend.store(backend.tensor(_ARRAY[:1]), False, "offset")

    def step(x: Any, offset: Any) -> Any:
        return add(x, backend.read(storage) if offset is None else offset)

    compiled = backend.compile(step, jit=False)
    for rows in (2, 2, 5):
        offset = backend.read(storage) if backend.traits.functional else None
        x = backend.tensor(np.ones((rows, 3), "float32"))
        result = backend.numpy(compiled(x, offset))
        assert np.allclose(result, 1 + backend.numpy(backend.read(storage)))
        storage = backend.write(storage, backend.tensor(result[:1]))
    return None


@_check
def batches_are_placed(backend: Backend) -> None:
    """`place` keeps the structure of a batch, and the caller may reuse its arrays."""
    if backend.place is Backend.place:
        return
    source = _ARRAY.copy()
    placed = backend.place({"x": [source, None], "y": (np.ones(1, "int32"),)})
    assert list(placed) == ["x", "y"] and placed["x"][1] is None and isinstance(placed["y"], tuple)
    source[:] = -1
    assert np.array_equal(backend.numpy(placed["x"][0]), _ARRAY)
    assert backend.is_tensor(placed["y"][0]) and backend.dtype(placed["y"][0]) == "int32"


@_check
def scopes_open_and_close(backend: Backend) -> None:
    backend.seed(1)
    with backend.device("cpu:0"), backend.inference(), backend.outside_trace():
        tensor = backend.tensor(_ARRAY)
    assert np.array_equal(backend.numpy(tensor), _ARRAY)
    assert not backend.traced()


@_check
def layers_and_variables_inherit(backend: Backend) -> str | None:
    """The mixins can be base classes, together with slots-free classes of ours."""
    if backend.layer_mixin is None and backend.variable_mixin is None:
        return "no mixins"
    if backend.layer_mixin is not None:
        layer = type("Layer", (backend.layer_mixin,), {"call": lambda self, x: x})()
        layer.units = [1, 2]
        assert type(layer.units) is list, "the layer mixin wraps what is assigned"
    if backend.variable_mixin is not None:
        variable = type("Variable", (backend.variable_mixin,), {})()
        variable.value = backend.tensor(_ARRAY)
    return None


_REFERENCES: dict[str, Callable[..., Any]] = {
    "negative": np.negative,
    "absolute": np.abs,
    "square": np.square,
    "sqrt": np.sqrt,
    "exp": np.exp,
    "log1p": np.log1p,
    "tanh": np.tanh,
    "sin": np.sin,
    "add": np.add,
    "subtract": np.subtract,
    "multiply": np.multiply,
    "maximum": np.maximum,
    "minimum": np.minimum,
    "arctan2": np.arctan2,
    "matmul": lambda x, y: x @ y.T,
}
"""A NumPy function per kernel; the number of its inputs is that of the kernel."""

_TWO_INPUTS = ("add", "subtract", "multiply", "maximum", "minimum", "arctan2", "matmul")


@_check
def basic_kernels_agree_with_numpy(backend: Backend) -> str | None:
    """A handful of kernels give NumPy's values and keep the dtype."""
    missing = []
    for name, reference in _REFERENCES.items():
        kernel = backend.kernels.get(name)
        if kernel is None:
            missing.append(name)
            continue
        arrays = [_ARRAY, _ARRAY[::-1] + 1] if name in _TWO_INPUTS else [_ARRAY]
        expected = reference(*arrays)
        inputs = [arrays[0], arrays[1].T.copy()] if name == "matmul" else arrays
        result = kernel(*(backend.tensor(x) for x in inputs))
        assert backend.dtype(result) == "float32", f"{name}: float32 became {backend.dtype(result)}"
        assert np.allclose(backend.numpy(result), expected, atol=1e-5), f"{name}: {backend.numpy(result)}"
    return f"no kernels {', '.join(missing)}" if missing else None


@_check
def tables_of_dtypes_name_what_there_is(backend: Backend) -> str | None:
    """`dtype_rules` names rules that exist, `converts_numbers` counts tensors."""
    unknown = {name: rule for name, rule in backend.dtype_rules.items() if rule not in DTYPE_RULES}
    assert not unknown, (
        f"expected `dtype_rules` to map names of operations to some of {', '.join(DTYPE_RULES)}, received {unknown}"
    )
    counts = {name: n for name, n in backend.converts_numbers.items() if type(n) is not int or n < 1}
    assert not counts, (
        f"expected `converts_numbers` to map names of operations to numbers of tensors, received {counts}"
    )
    return None if backend.dtype_rules or backend.converts_numbers else "both are empty"


@_check
def whole_models_are_compiled(backend: Backend) -> str | None:
    """`predictor` gives what the function gives, for changing shapes and after a weight changed."""
    if backend.predictor is None:
        return "no `predictor`"
    matmul = backend.kernels["matmul"]
    storage = backend.store(backend.tensor(_ARRAY.T), True, "kernel")
    run = backend.predictor(lambda batch: {"y": matmul(batch[0], backend.read(storage))})
    for rows in (2, 1):
        result = backend.numpy(run([_ARRAY[:rows]])["y"])
        assert np.allclose(result, _ARRAY[:rows] @ _ARRAY.T)
    storage = backend.write(storage, backend.tensor(_ARRAY.T + 1))
    assert np.allclose(backend.numpy(run([_ARRAY])["y"]), _ARRAY @ (_ARRAY.T + 1))
    return None
