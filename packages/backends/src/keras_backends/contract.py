"""What a backend is: one table of facts, functions and kernels.

This is the document for authors of backends. A backend package builds one `Backend` value and
names it `backend`; built-in ones live beside this file, others are found through the entry-point
group `keras.backends`. A backend imports its framework and `keras_backends`, nothing else of ours.

A kernel is found by the name of its operation. It receives tensors positionally, already of the
right dtype, and every other argument by keyword under the operation's own parameter name (lists
given by the user arrive as tuples). It converts nothing, promotes nothing and reads no settings.
A kernel that overrides a composite may return `NotImplemented` where it does not fit.
"""

import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field
from types import ModuleType
from typing import Any, TypeAlias


class KernelMissing(NotImplementedError):
    """An operation has no kernel here: the backend lacks it, or a model that is compiled as a whole does.

    `Backend.predictor` takes it for its signal to run such a model operation by operation; no other error
    means that.
    """


Spec: TypeAlias = tuple[tuple[int | None, ...], str]
"""Shape (`None` where unknown) and dtype name of a tensor."""


DTYPE_RULES: Mapping[str, str] = {
    "common": "The common dtype of all, where a first tensor of booleans counts as int32.",
    "narrow": "The common dtype, of at most 32 bits unless the backend's `precision` says otherwise.",
    "wide_float": "The common dtype as the framework keeps its width; int64 becomes float64.",
    "weak_float": "Likewise; integers become what they become beside a Python float.",
    "weak_number": "Likewise; booleans become what they become beside a Python int.",
    "long_index": "Computed in the common dtype; the result is the backend's plain integer.",
    "numpy": "The common dtype of NumPy, where integers widen floats.",
    "numpy_number": "The common dtype as the framework keeps its width; booleans count as int8.",
    "numpy_float": "Likewise; integers become the least float that holds them, and the result is cast to it.",
    "exact_numpy_float": "The common dtype at full width; integers become the least float that holds them.",
    "least_float": "As `numpy_float`; booleans become float16.",
    "least_single": "Integers become the least float that holds them, of 32 bits or more.",
    "double": "Integers become float64.",
    "cast_double": "Likewise, and the result is cast.",
    "exact_double": "Likewise, computed at full width.",
    "numpy_double": "The common dtype of NumPy; integers become float64.",
    "numpy_doubles": "The common dtype of NumPy, once each integer has become float64.",
}
"""What `Backend.dtype_rules` may name; `keras_ops.rules` has the rules, which decide for `"int"` and `"float"`
too."""


@dataclass(frozen=True)
class Traits:
    """What a backend can do. Code above asks these, never for a backend's name."""

    trainable: bool = False
    """Gradients can be taken, so models can be fitted."""
    functional: bool = False
    """State is passed in and out of compiled functions (JAX); otherwise it is written in place."""
    compiles: bool = False
    """`compile` makes functions faster; otherwise it returns them unchanged."""
    compiles_each_operation: bool = False
    """Single operations are compiled for each shape, so that long composites are better compiled whole."""
    kernels_decline: bool = False
    """Any kernel may return `NotImplemented`, also that of a primitive, which then counts as missing
    (OpenVINO's, inside a model that is being built)."""
    counters: str = "int32"
    """Dtype of variables that count. TensorFlow keeps int32 variables on the host, so it wants int64."""
    keeps_width: bool = False
    """The framework's own promotion keeps 64 bits where `dtypes.result_type` narrows them, and some
    operations are left to it."""
    axes_of_numbers: bool = False
    """Kernels take `axis=0` of tensors without axes; operations then look at `tensor.ndim` first."""
    constant_scalars: bool = False
    """A tensor of an exact type is concrete, so one made now may be used at any later time, also
    while another function is traced (not so in TensorFlow, where graphs own their tensors)."""


CONVERTS_NUMBERS: Mapping[str, int] = {
    "clip": 1,
    **dict.fromkeys(("arctan2", "logaddexp", "logaddexp2", "hypot", "heaviside", "nextafter", "append"), 2),
    **dict.fromkeys(("dot", "inner", "outer", "kron", "average"), 2),
}
"""`Backend.converts_numbers` where tensors are never weak; JAX's stay weak in all but a few."""


ARGUMENT_ERRORS: frozenset[type[Exception]] = frozenset({IndexError, KeyError, ZeroDivisionError})
"""`Backend.argument_errors` of Python's own; frameworks add theirs."""


def _write(storage: Any, value: Any) -> Any:
    return value


def _read(storage: Any) -> Any:
    return storage


def native(function: Callable[..., Any], **options: Any) -> Callable[..., Any]:
    """Returns a function as it is: what `Backend.foreign` has for the backend's own framework."""
    return function


@dataclass(frozen=True, kw_only=True)
class SparseTensors:
    """What a backend does with its sparse tensors, which hold some elements by their indices; the others are zero."""

    make: Callable[[Any, Any, Any], Any]
    """`make(indices, values, shape)`: of elements at int indices `(n, rank)`, values `(n,)` and sizes."""
    from_dense: Callable[[Any], Any]
    """The sparse tensor of what is not zero in a dense one."""
    coordinates: Callable[[Any], tuple[Any, Any]]
    """Indices and values as NumPy arrays."""
    parts: Callable[[Any], tuple[Any, Any, Callable[[Any], Any]]]
    """`parts(x)`: indices, values (each element once), and the function that makes a sparse tensor of
    other values for the same indices."""
    aligned: Callable[[Any, Any], tuple[Any, Any, Callable[[Any], Any]]]
    """`aligned(x1, x2)`: the values of two sparse tensors of one shape at the indices of either, and what makes
    a sparse tensor of other values for these."""
    elements: Callable[[Any, Any], Any]
    """`elements(dense, indices)`: those of a dense tensor, which is broadcast, at indices of `parts`."""
    kernels: Mapping[str, Callable[..., Any]]
    """By operation name, as `Backend.kernels`, for operations with sparse operands or results. One may return
    `NotImplemented`: dense tensors are used then."""


@dataclass(frozen=True, kw_only=True)
class Backend:
    """A backend: its name, traits, tensor types, functions and kernels."""

    name: str
    """What `KERAS_BACKEND` and error messages call it."""
    traits: Traits
    """What it can do."""
    kernels: Mapping[str, Callable[..., Any]]
    """By operation name. A primitive missing here is an error when called; a composite's body runs."""
    argument_errors: frozenset[type[Exception]] = ARGUMENT_ERRORS
    """Exact types that kernels raise, beside `ValueError` and `TypeError`, where arguments do not fit."""
    fallbacks: frozenset[str] = frozenset()
    """Names in `kernels` that serve concrete values only, as another backend's kernel does (OpenVINO)."""
    tensors: frozenset[type]
    """Exact types that take the fast path. Tracers and subclasses are left out: `is_tensor` knows them."""
    native_dtypes: Mapping[str, Any]
    """Dtype name -> the object found at `tensor.dtype`, for all dtypes the framework has."""

    # Tensors
    is_tensor: Callable[[Any], bool]
    """Says whether a value is a tensor of the framework, tracers and subclasses included."""
    tensor: Callable[..., Any]
    """`tensor(value, dtype: str | None = None)`: from Python values, NumPy arrays and own tensors.
    With `dtype=None` an array keeps its dtype as far as the framework has it."""
    scalar: Callable[[Any, str], Any] | None = None
    """`scalar(number, dtype)`: a tensor without axes that goes with tensors on any device and in any
    mode, since it is kept and used again; `tensor` where that needs no care."""
    numpy: Callable[[Any], Any]
    """To a NumPy array on the host; bfloat16 as `ml_dtypes.bfloat16`. Synchronises."""
    cast: Callable[[Any, str], Any]
    """`cast(tensor, dtype)`: to a dtype by name; the same tensor where it has that dtype already."""
    dtype: Callable[[Any], str]
    """The name of a tensor's dtype, from a table."""
    shape: Callable[[Any], tuple[int | None, ...]]
    """The sizes of a tensor's axes, `None` where they are not known while a function is traced."""
    canonical_dtype: Callable[[str], str] = lambda name: name
    """The dtype a tensor really gets when `name` is asked for (JAX without 64 bit: int64 -> int32)."""
    precision: Callable[[], str] = lambda: "narrow"
    """How `dtypes.result_type` treats 64 bits: `"narrow"` keeps results to 32 bits, `"mixed"` keeps
    64-bit operands, `"wide"` also counts Python's numbers as 64 bits (JAX with x64)."""
    converts_numbers: Mapping[str, int] = field(default_factory=lambda: CONVERTS_NUMBERS)
    """Operations in which Python's numbers are no weaker than tensors (they count as int32 and floatx),
    with the number of leading tensors of which this is true. Models rely on the dtypes that follow."""
    takes_numbers: frozenset[str] = frozenset()
    """Operations whose kernels are quicker with Python's numbers than with tensors of them: for floats they get
    them as they are, where a tensor comes first and all others are numbers."""
    dtype_rules: Mapping[str, str] = field(default_factory=dict)
    """Operations whose dtypes follow the framework instead of the rule they declare, with the name of the
    rule that says how, one of `DTYPE_RULES`."""

    # Sparse tensors
    is_sparse: Callable[[Any], bool] = lambda x: False
    """Says whether a value is a sparse tensor of the framework; `is_tensor` says so too."""
    densify: Callable[[Any], Any] = lambda x: x
    """The dense tensor of any other kind of the framework's (sparse, ragged); anything else as it is."""
    sparse: Callable[[], SparseTensors] | None = None
    """`sparse()`: what can be done with them. A function, since what it needs may be loaded late; none
    where the framework's sparse tensors are of no use here."""

    ragged: Callable[[Any, int], Any] | None = None
    """`ragged(dense, padding)`: the ragged tensor of a matrix without the paddings that end its rows."""

    # Variables
    store: Callable[..., Any] = lambda value, trainable, name: value
    """`store(value, trainable, name)`: storage that holds a variable's value."""
    read: Callable[[Any], Any] = _read
    """`read(storage)`: the tensor that it holds now."""
    write: Callable[[Any, Any], Any] = _write
    """`write(storage, value)`: the storage afterwards (the same object where written in place)."""

    place_later: Callable[[Any, str], Callable[[], Any]] | None = None
    """`place_later(array, dtype)`: a function that gives the tensor of a NumPy array, on the device of now, when a
    variable is read for the first time; for a backend where placing takes long, and many first values are
    never read because a file brings others."""
    store_array: Callable[[Any, bool], Any] | None = None
    """`store_array(array, trainable)`: storage that takes over the memory of a NumPy array, made for it alone and
    of the variable's dtype; for a backend where this is cheaper than to store a tensor of it."""

    # Engine
    trace: Callable[[Callable[..., Any], Sequence[Spec]], list[Spec]] | None = None
    """`trace(fn, specs)`: specs of the flat list of tensors that `fn(list of tensors)` returns,
    found without computing. Unknown sizes come back as `None`."""
    gradients: Callable[..., Any] | None = None
    """`gradients(fn, values)`: `((loss, aux), grads)` where `fn(values)` returns `(loss, aux)`.
    A functional backend hands `fn` traced stand-ins for `values`; the others hand the storages
    themselves, and differentiate with respect to them. A value that does not matter gets `None`."""
    rematerialize: Callable[[Callable[..., Any]], Callable[..., Any]] | None = None
    """`rematerialize(fn)`: `fn`, of tensors and to a tuple of tensors, computed again for the gradient instead of
    keeping what is between; None without gradients."""
    compile: Callable[..., Callable[..., Any]] = lambda fn, **options: fn
    """`compile(fn, *, jit: bool | None = None, donate: tuple[int, ...] = (), steady=None)`: a faster `fn`
    for arguments of steady shapes. `jit=True` was asked for by the user: raise where it cannot be had.
    `donate` numbers arguments whose buffers results may reuse; the caller drops them. A program may serve
    several sizes of the first axis of each argument, or, given `steady(*args)`, all arguments for which that
    is equal."""
    place: Callable[..., Any] = lambda batch, layout=None: batch
    """`place(batch, layout=None)`: puts a tree of host arrays (lists, tuples, dicts) on the device.
    The arrays may be written to afterwards."""
    updates: Mapping[str, Callable[..., Any]] = field(default_factory=dict)
    """Optimizer steps over lists of storages, by the name of the rule (`"adam"`, `"sgd"`): called with
    `(storages, gradients, lists of slots' storages, rate, steps done, **hyperparameters)`. They write in place,
    or return `NotImplemented` where they do not fit. Also `"weighted_sum"`, for running means: called with
    `(total's storage, count's storage, scalar tensor, weight)`."""
    stack: Any = None
    """`stack(tensors)`: a list of tensors on which operators, and the functions it has as static methods,
    work all at once; `stack.write(storages, stacked)` stores one. Elementwise rules run on it."""
    device: Callable[[str], AbstractContextManager[Any]] = lambda name: nullcontext()
    """`device(name)`: a scope that places new tensors and variables on `"cpu"`, `"gpu:0"` and the like."""
    seed: Callable[[int], None] = lambda seed: None
    """Seeds the framework's own global generator."""
    inference: Callable[[], AbstractContextManager[Any]] = nullcontext
    """A scope that records nothing for differentiation (torch)."""
    outside_trace: Callable[[], AbstractContextManager[Any]] = nullcontext
    """A scope in which values are concrete although a trace is under way (`tf.init_scope`)."""
    traced: Callable[[], bool] = lambda: False
    """Whether a function is being traced whose tensors do not tell so by their type, as those of `torch.compile`
    and of graphs of TensorFlow do not."""
    is_pure: Callable[[Any], bool] = lambda function: False
    """Whether a callable is one of the framework's whose results depend on its arguments only. A backend that
    compiles each operation keeps programs of eager loops whose functions call such ones only."""
    unread: Callable[[Callable[..., Any]], Callable[..., Any]] = lambda function: function
    """`unread(function)`: marks a function of plain Python values, or one that keeps books on objects. A
    compiler that reads Python code (`torch.compile`) runs it once while it reads; the result is a constant."""
    on_host: Callable[..., Any] | None = None
    """`on_host(function, tensors, shape, dtype)`: the tensor of what a function of arrays returns, which runs on
    the host whenever a compiled function gets there; `shape` may hold `None`. Without it, calls are never
    traced, or leave the trace by themselves."""
    predictor: Callable[[Callable[[Any], Any]], Callable[[Any], Any]] | None = None
    """`predictor(fn)`: a whole model's forward function from a batch to predictions (trees of arrays),
    compiled for `predict` where that needs more than `compile` (OpenVINO)."""
    bare_tensors: tuple[type, ...] = ()
    """Tensor types of the backend's own that get their Python operators from the operations."""
    foreign: Mapping[str, Callable[..., Callable[..., Any]]] = field(default_factory=dict)
    """What runs functions of a framework's tensors here, by the framework's name: `foreign["jax"](function, **options)`
    returns a function of own tensors. For the framework that the backend is made of it is `native`."""
    own_layers: Mapping[type, str] = field(default_factory=dict)
    """Types of the framework's own layers -> the public name of the layer of ours that holds one, in which it is put
    when it is assigned to a layer (`torch.nn.Module` -> `"TorchModuleWrapper"`)."""
    layer_mixin: type | None = None
    """A base class that layers get (`torch.nn.Module`, a TensorFlow trackable). Its `__init__` takes
    nothing and is called first. It asks the layer, whenever the framework asks it, for
    `own_weights()` (pairs of attribute name and variable that the layer holds itself) and
    `own_children()` (pairs of attribute name and sublayer)."""
    variable_mixin: type | None = None
    """A base class that variables get (`__jax_array__`, `__torch_function__`, `__tf_tensor__`)."""


def kernel_table(*modules: ModuleType) -> dict[str, Callable[..., Any]]:
    """Collects the kernels of some modules: their public callables that are not imported modules.

    A kernel file reads like a table (`sin = torch.sin`), so every public name in it is a kernel;
    names that start with an underscore, modules, classes, and functions imported from the standard
    library or from `keras_backends` are not.

    Raises:
        ValueError: If two modules define the same kernel.
    """
    table: dict[str, Callable[..., Any]] = {}
    for module in modules:
        for name, kernel in _kernels_of(module):
            if name in table:
                raise ValueError(f"Kernel {name!r} is defined twice, the second time in {module.__name__}.")
            table[name] = kernel
    return table


def _kernels_of(module: ModuleType) -> Iterator[tuple[str, Callable[..., Any]]]:
    for name, value in vars(module).items():
        if name.startswith("_") or not callable(value) or isinstance(value, type):
            continue
        if not _is_tool(value, module.__name__):
            yield name, value


def _is_tool(value: Any, importer: str) -> bool:
    """Whether a kernel file only imported `value`: from the standard library or from our package.

    What a maker such as `unary(opset.sin)` returned is local to the maker and counts as a kernel.
    """
    origin = getattr(value, "__module__", None) or ""
    if "<locals>" in getattr(value, "__qualname__", ""):
        return False
    root = origin.partition(".")[0]
    return (root in _STANDARD_LIBRARY) or (root == "keras_backends" and origin != importer)


_STANDARD_LIBRARY = sys.stdlib_module_names - {"builtins"}
