"""Names of the kernels that a backend should have: the operations that are declared without a body.

A table, because operations are declared one package further up; a test there keeps the two in step.
Kernels of other names are overrides of composites, which work without them.
"""

_OPERATIONS = """
    absolute adaptive_average_pool adaptive_max_pool add all any arccos arccosh arcsin arcsinh
    arctan arctan2 arctanh argmax argmin argsort array_split average_pool bin_counts bitwise_and
    bitwise_invert bitwise_or bitwise_xor broadcast_to ceil cholesky concatenate cond conj conv
    conv_transpose copy cos cosh count_up cumprod cumsum depthwise_conv det diag diagonal divide eig
    eigh einsum equal erf erfc erfinv exp expand_dims expm1 eye fft fft2 flip floor floor_divide
    fmod gcd get_item greater greater_equal ifft2 imag inv irfft isfinite isinf isnan jvp left_shift
    less less_equal log log1p logical_and logical_not logical_or logical_xor lu_factor matmul max
    max_pool maximum mean min minimum mod multiply negative nextafter nonzero not_equal one_hot ones
    pad polar power prod pseudo_inverse qr real repeat reshape rfft right_shift roll round
    scatter_update searchsorted segment_max segment_min segment_prod segment_sum sign signbit sin
    singular_values singular_vectors sinh slice slice_update slogdet solve_columns solve_triangle
    sort split sqrt squeeze stack stop_gradient subtract sum switch take take_along_axis tan tanh
    tile top_k transpose tri tril triu trunc unique_elements view view_as_complex view_as_real where
    zeros
"""
OPERATIONS = frozenset(_OPERATIONS.split())
"""Primitive operations of `keras_ops`."""

_FUNCTIONS = """
    custom_gradient random_uniform random_normal random_truncated_normal random_randint random_bernoulli
    random_gamma random_beta random_binomial random_categorical random_permutation
"""
FUNCTIONS = frozenset(_FUNCTIONS.split())
"""Kernels that `keras_ops` calls by name from functions that are no operations."""

PRIMITIVES = OPERATIONS | FUNCTIONS
