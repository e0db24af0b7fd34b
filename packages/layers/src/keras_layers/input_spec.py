"""`InputSpec`: what a layer accepts as input, and the check that says what is wrong with an input.

Used by `call_stages` on the first call per signature, and by models to describe their inputs.
"""

from typing import Any

from keras_backends.api import export
from keras_ops import tree
from keras_ops.configurable import Configurable
from keras_ops.tensor import known


@export(["keras.InputSpec", "keras.layers.InputSpec"])
class InputSpec(Configurable):
    """Rank, dtype and sizes that an input of a layer must have.

    Args:
        dtype: Name of the dtype; `None` accepts all numbers and booleans, `"string"` strings.
        shape: Sizes by axis, `None` for any size.
        ndim: Rank.
        max_ndim: Largest rank.
        min_ndim: Smallest rank.
        axes: Sizes by axis number, e.g. `{-1: 64}`.
        allow_last_axis_squeeze: Whether a last axis of size 1 may be missing or added.
        name: Key of the input, where inputs come as a dict.
        optional: Whether `None` is accepted.

    Example:

        >>> InputSpec(shape=(None, 3)).ndim
        2
    """

    def __init__(
        self,
        dtype: str | None = None,
        shape: Any = None,
        ndim: int | None = None,
        max_ndim: int | None = None,
        min_ndim: int | None = None,
        axes: dict[Any, int | None] | None = None,
        allow_last_axis_squeeze: bool = False,
        name: str | None = None,
        optional: bool = False,
    ) -> None:
        self.dtype = dtype
        self.shape = None if shape is None else tuple(shape)
        self.ndim = ndim if shape is None else len(self.shape)
        self.max_ndim = max_ndim
        self.min_ndim = min_ndim
        self.name = name
        self.optional = optional
        self.allow_last_axis_squeeze = allow_last_axis_squeeze
        try:
            self.axes = {int(axis): size for axis, size in (axes or {}).items()}
        except (AttributeError, TypeError, ValueError):
            raise TypeError(
                f"InputSpec: `axes` must be a dict from axis numbers to sizes, received axes={axes!r}."
            ) from None
        if self.axes and (self.ndim is not None or max_ndim is not None):
            limit = (self.ndim if self.ndim is not None else max_ndim) - 1
            if max(self.axes) > limit:
                raise ValueError(
                    f"InputSpec: axis {max(self.axes)} in `axes` is greater than the largest, {limit}."
                )

    def __repr__(self) -> str:
        parts = [f"{key}={value!r}" for key, value in vars(self).items() if value not in (None, False, {})]
        return f"InputSpec({', '.join(parts)})"

    def get_config(self) -> dict[str, Any]:
        """Returns the constructor's arguments, `ndim` and `axes` included."""
        names = ("dtype", "shape", "ndim", "max_ndim", "min_ndim", "axes", "allow_last_axis_squeeze")
        return {name: getattr(self, name) for name in (*names, "name", "optional")}

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> "InputSpec":
        """Makes an `InputSpec` from what `get_config` returned."""
        return cls(**config)


def assert_input_compatibility(input_spec: Any, inputs: Any, layer_name: str) -> None:
    """Checks the inputs of a layer against its `input_spec`.

    Args:
        input_spec: An `InputSpec` or a structure of them.
        inputs: The tensors of the first argument.
        layer_name: Name of the layer, for messages.

    Raises:
        ValueError: If the number of inputs, a rank, a dtype or a size does not fit.
    """
    specs = [input_spec] if type(input_spec) is InputSpec else tree.flatten(input_spec)
    if isinstance(inputs, dict) and all(spec.name is not None for spec in specs):
        missing = [spec.name for spec in specs if spec.name not in inputs and not spec.optional]
        if missing:
            raise ValueError(
                f"Layer {layer_name!r}: expected the inputs {[s.name for s in specs]}, received "
                f"{sorted(inputs)}; {missing} are missing."
            )
        values = [inputs.get(spec.name) for spec in specs]
    else:
        values = tree.flatten(inputs)
    if len(values) != len(specs):
        raise ValueError(
            f"Layer {layer_name!r} expects {len(specs)} input(s), but it received {len(values)}: "
            f"{[_describe(value) for value in values]}."
        )
    for index, (spec, value) in enumerate(zip(specs, values, strict=True)):
        if spec is None or (value is None and spec.optional):
            continue
        problem = _problem(spec, value)
        if problem:
            raise ValueError(
                f"Input {index} of layer {layer_name!r} is incompatible with the layer: {problem}, "
                f"received {_describe(value)}."
            )


def _describe(value: Any) -> str:
    if not hasattr(value, "shape"):
        return f"{value!r} of type {type(value).__name__}"
    return f"a tensor of shape={known(tuple(value.shape))}, dtype={_dtype(value)}"


def _dtype(value: Any) -> str:
    return str(getattr(value.dtype, "name", value.dtype)).removeprefix("torch.")


def _holds_no_numbers(value: Any) -> bool:
    """Says whether a tensor or array holds strings or objects."""
    dtype = value.dtype
    if type(dtype) is str:
        return dtype == "string"
    return getattr(dtype, "kind", "") in ("U", "S", "O") or _dtype(value) == "string"


def _problem(spec: InputSpec, value: Any) -> str | None:
    """Says in words what `spec` expects where `value` does not fit it."""
    shape = getattr(value, "shape", None)
    if shape is None:
        return "expected a tensor"
    shape = known(tuple(shape))
    ndim = len(shape)
    if spec.dtype is None and _holds_no_numbers(value):
        return "expected numbers"
    if spec.ndim is not None and ndim != spec.ndim:
        squeezed = spec.allow_last_axis_squeeze and spec.shape is not None and _squeezes(spec.shape, shape)
        if not squeezed:
            return f"expected ndim={spec.ndim}, found ndim={ndim}"
    if spec.max_ndim is not None and ndim > spec.max_ndim:
        return f"expected max_ndim={spec.max_ndim}, found ndim={ndim}"
    if spec.min_ndim is not None and ndim < spec.min_ndim:
        return f"expected min_ndim={spec.min_ndim}, found ndim={ndim}"
    if spec.dtype is not None and _dtype(value) != spec.dtype:
        return f"expected dtype={spec.dtype}, found dtype={_dtype(value)}"
    for axis, size in spec.axes.items():
        if size is not None and -ndim <= axis < ndim and shape[axis] not in (size, None):
            return f"expected axis {axis} of input shape to have value {size}"
    if spec.shape is not None and not _fits(spec, shape):
        return f"expected shape={spec.shape}, found shape={shape}"
    return None


def _squeezes(expected: tuple[Any, ...], shape: tuple[Any, ...]) -> bool:
    longer = expected if len(expected) > len(shape) else shape
    return abs(len(expected) - len(shape)) == 1 and longer[-1] in (1, None)


def _fits(spec: InputSpec, shape: tuple[Any, ...]) -> bool:
    expected = spec.shape
    if spec.allow_last_axis_squeeze and len(expected) != len(shape):
        length = min(len(expected), len(shape))
        expected, shape = expected[:length], shape[:length]
    return all(want is None or size is None or want == size for want, size in zip(expected, shape))
