"""What the docstrings of families of operations share: the arguments and results of each family, once.

`op` inserts a text where its name stands in braces: `{binary}` in a docstring becomes the sections Args
and Returns of operations on two tensors. Texts that only one module needs stand in that module.
"""

from textwrap import dedent, indent


def _args(entries: str) -> str:
    return "Args:\n" + indent(dedent(entries).strip(), "    ")


def _family(entries: str, returns: str) -> str:
    return f"{_args(entries)}\n\nReturns:\n    {returns}"


_ANY = "x: Tensor of any shape."
_COMPUTED = "x: Tensor of any shape; integers are computed in floatx."
_TWO = """
    x1: Tensor or number.
    x2: Tensor or number, of a shape that broadcasts with that of `x1`.
"""
_TRUTHS = _TWO.replace("x1: Tensor or number.", "x1: Tensor or number; what is not zero counts as true.")
_BITS = """
    x: Integer or boolean tensor.
    y: Tensor or number of the same kind, of a shape that broadcasts with that of `x`.
"""
_COMMON = "A tensor of the broadcast shape, in the common dtype."
_COMPARED = "A boolean tensor of the broadcast shape."
_OVER_AXES = """
    x: Tensor.
    axis: Axis or axes to reduce; all by default.
    keepdims: Whether the reduced axes stay, with size 1.
"""
_POSITION = _OVER_AXES.replace(
    "Axis or axes to reduce; all by default.",
    "Axis; by default positions count through the flattened tensor.",
)
_SPATIAL = """
    inputs: Tensor of shape `(batch, *sizes, channels)`, or `(batch, channels, *sizes)` with
        `data_format="channels_first"`.
"""
_PADDING = 'padding: `"valid"`, or `"same"` to keep the size (divided by the strides).'
_DATA_FORMAT = (
    'data_format: `"channels_last"` or `"channels_first"`; `keras.config.image_data_format()` by default.'
)

TEXTS = {
    # Sections Args and Returns.
    "unary": _family(_ANY, "A tensor of the shape and dtype of `x`."),
    "unary_number": _family(_ANY, "A tensor of the shape and dtype of `x` (int32 for booleans)."),
    "unary_float": _family(_COMPUTED, "A tensor of the shape and dtype of `x`, of floatx for integers."),
    "unary_bool": _family(_ANY, "A boolean tensor of the shape of `x`."),
    "binary": _family(_TWO, _COMMON),
    "binary_float": _family(_TWO, "A float tensor of the broadcast shape."),
    "comparison": _family(_TWO, _COMPARED),
    "logical": _family(_TRUTHS, _COMPARED),
    "bitwise": _family(_BITS, _COMMON),
    "shift": _family(_BITS.replace("Integer or boolean", "Integer"), _COMMON),
    "reduction": _family(_OVER_AXES, "A tensor of the dtype of `x`, without the reduced axes."),
    "reduction_float": _family(_OVER_AXES, "A float tensor without the reduced axes."),
    "reduction_bool": _family(_OVER_AXES, "A bool tensor without the reduced axes."),
    "reduction_nan": _family(
        _OVER_AXES, "A float tensor without the reduced axes; NaN where there is nothing else."
    ),
    "cumulative": _family(
        """
        x: Tensor.
        axis: Axis; by default the tensor is flattened first.
        dtype: Dtype of the result; by default that of `x`, int32 for bool.
        """,
        "A tensor of the shape of `x`, or with one axis.",
    ),
    "filled": _family(
        """
        shape: Its shape.
        dtype: Its dtype, `keras.config.floatx()` by default.
        """,
        "A tensor of shape `shape`.",
    ),
    "like": _family(
        """
        x: Tensor.
        dtype: Dtype of the result, that of `x` by default.
        """,
        "A tensor of the shape of `x`.",
    ),
    "matrix": _family(
        """
        N: Number of rows.
        M: Number of columns, `N` by default.
        k: Which diagonal: positive ones lie above the main one.
        dtype: Dtype, `keras.config.floatx()` by default.
        """,
        "A tensor of shape `(N, M)`.",
    ),
    "pool": _family(
        f"""{_SPATIAL}
    pool_size: Size of the window.
    strides: Steps of the window; `pool_size` by default.
    {_PADDING}
    {_DATA_FORMAT}
        """.replace("\n\n", "\n"),
        "A tensor of the rank of `inputs`.",
    ),
    "adaptive_pool": _family(
        f"""{_SPATIAL}
    output_size: Spatial sizes of the result. Window `i` of `n` along an axis of size `s` reaches
        from `floor(i * s / n)` to `ceil((i + 1) * s / n)`.
    {_DATA_FORMAT}
        """.replace("\n\n", "\n"),
        "A tensor of the rank of `inputs`.",
    ),
    # The section Args.
    "segments": _args(
        """
        data: Tensor of shape `(n, ...)`.
        segment_ids: Int tensor of shape `(n,)`: the segment of each slice. Slices of other segments
            than `0` to `num_segments - 1` are left out.
        num_segments: Number of segments; by default as many as occur, which needs concrete values.
        sorted: Whether `segment_ids` is ascending, which may be faster.
        """
    ),
    # Arguments among others.
    "over_axes": _OVER_AXES,
    "position": _POSITION,
    "quantile_options": """
        axis: Axis or axes to reduce; all by default.
        method: What to return between two elements: `"linear"` interpolation, the `"lower"`, the
            `"higher"` or the `"nearest"` one, or their `"midpoint"`.
        keepdims: Whether the reduced axes stay, with size 1.
    """,
    "spatial_inputs": _SPATIAL,
    "convolution_options": f"""
        strides: Steps of the window.
        {_PADDING}
        {_DATA_FORMAT}
        dilation_rate: Distance between neighbouring taps.
    """,
}
