"""Half precision for kernels of frameworks that lack it: decompositions and Fourier transforms.

Used by kernel files of the backends; LAPACK and most FFT libraries know 32 and 64 bits only.
"""

import functools
from collections.abc import Callable
from typing import Any

HALF = frozenset({"float16", "bfloat16"})


def through_float32(
    dtype: Callable[[Any], str], cast: Callable[[Any, str], Any]
) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Makes a decorator of kernels whose tensors in half precision are computed with in float32.

    Results in float32 are cast back; others (positions, complex numbers) stay. Tensors are the
    positional arguments of the kernel, or the members of its first one.

    Args:
        dtype: The backend's `dtype`.
        cast: The backend's `cast`.
    """

    def narrow(results: Any, given: str) -> Any:
        if isinstance(results, tuple):
            return tuple(narrow(x, given) for x in results)
        return cast(results, given) if dtype(results) == "float32" else results

    def decorate(kernel: Callable[..., Any]) -> Callable[..., Any]:
        @functools.wraps(kernel, assigned=("__doc__",))
        def run(*args: Any, **options: Any) -> Any:
            paired = isinstance(args[0], (list, tuple))
            tensors = args[0] if paired else args
            given = dtype(tensors[0])
            if given not in HALF:
                return kernel(*args, **options)
            wide = [cast(x, "float32") for x in tensors]
            return narrow(kernel(wide, **options) if paired else kernel(*wide, **options), given)

        return run

    return decorate
