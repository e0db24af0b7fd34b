"""Operations whose dtypes follow NumPy's own promotion, and how: names of rules of `keras_ops.rules`.

The backend's table refers to it. What NumPy does shows in results, and users count on it: the float of an
integer is one that holds it, and booleans stay booleans or become int8. Where NumPy would cut numbers off
(reciprocals of integers, limits of `clip` between them), the rule that holds on all backends does.
"""

_FAMILIES = {
    "numpy": ("select",),
    "narrow": ("relu", "relu6", "threshold", "hard_shrink"),
    "numpy_number": (
        *("floor_divide", "power", "left_shift", "right_shift"),
        *("bitwise_left_shift", "bitwise_right_shift"),
    ),
    "least_float": ("elu", "gelu", "selu", "softplus", "squareplus", "tanh_shrink"),
    "least_single": ("normalize", "lu_factor"),
    "numpy_float": ("sigmoid", "silu", "log_sigmoid"),
    "exact_numpy_float": ("softmax", "log_softmax"),
    "cast_double": ("celu", "softsign"),
    "double": (
        *("fft", "fft2", "ifft2"),
        *("cholesky", "det", "eigh", "inv", "pinv", "qr", "svd"),
    ),
    "exact_double": (
        *("moments", "hard_sigmoid", "hard_silu", "adaptive_average_pool"),
        *("logdet", "logsumexp", "slogdet"),
    ),
    "numpy_double": ("cdist",),
    "numpy_doubles": ("solve",),
}

DTYPE_RULES = {name: rule for rule, names in _FAMILIES.items() for name in names}
