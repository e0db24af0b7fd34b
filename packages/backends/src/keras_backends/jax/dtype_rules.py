"""Operations whose dtypes follow JAX's own promotion, and how: names of rules of `keras_ops.rules`.

The backend's table refers to it. All but the rule of `clip` tell apart what is the same without
`jax_enable_x64`: whether int64 becomes float64 or floatx, and whether Python's numbers widen integers.
"""

_FAMILIES = {
    "common": ("clip",),
    "wide_float": (
        *("divide", "divide_no_nan", "erfc", "erfinv", "fabs", "heaviside", "hypot", "ldexp", "nextafter"),
        *("reciprocal", "true_divide"),
        *("gelu", "log_sigmoid", "log_softmax", "softmax", "softplus", "softsign", "squareplus"),
        *("tanh_shrink", "nanstd", "nanvar", "trapezoid", "adaptive_average_pool", "correlate"),
        *("corrcoef", "histogram", "logsumexp", "moments", "nanmean", "nanmedian"),
        *("cholesky", "det", "eig", "eigh", "inv", "logdet", "lu_factor", "pinv", "qr", "slogdet", "solve"),
        *("svd", "rfft", "linspace", "logspace", "geomspace"),
    ),
    "weak_float": (
        *("celu", "elu", "hard_shrink", "hard_sigmoid", "hard_silu", "leaky_relu", "selu", "soft_shrink"),
        *("sparse_plus", "sparse_sigmoid", "sparsemax", "cdist"),
    ),
    "weak_number": (
        *("relu", "threshold", "hard_tanh", "unravel_index"),
        *("cumprod", "cumsum", "nancumprod", "nancumsum"),
    ),
    "long_index": ("argmax", "argmin", "argsort", "nanargmax", "nanargmin"),
}

DTYPE_RULES = {name: rule for rule, names in _FAMILIES.items() for name in names}
