"""Abstract evaluation by example: runs a function for two sets of sizes and compares the results.

Backends whose frameworks know no unknown sizes build their `trace` from this. It is the last resort
for code that calls the framework directly; operations have rules of their own.
"""

from collections.abc import Callable, Sequence
from typing import TypeAlias

from keras_backends.contract import Spec

KnownSpec: TypeAlias = tuple[tuple[int, ...], str]

_BATCH_SIZES = (4, 6)
_SIZES = (32, 96)
"""Stand-ins for unknown sizes: far enough apart that strided windows tell them apart, and multiples of
what code divides by. The first axis, mostly a batch, gets small ones."""


def trace_by_sizes(run: Callable[[list[KnownSpec]], list[KnownSpec]], specs: Sequence[Spec]) -> list[Spec]:
    """Finds the specs of a function's results, `None` for each size that an unknown one decides.

    Args:
        run: Returns the specs of the results for arguments of known sizes.
        specs: Specs of the arguments.

    Returns:
        The specs of the results.
    """
    if all(None not in shape for shape, _ in specs):
        return list(run([(tuple(shape), dtype) for shape, dtype in specs]))
    try:
        first, second = (run(_filled(specs, b, s)) for b, s in zip(_BATCH_SIZES, _SIZES))
    except Exception:
        # An unknown first axis may have to fit an unknown one elsewhere: all alike then.
        first, second = (run(_filled(specs, s, s)) for s in _SIZES)
    return [
        (tuple(a if a == b else None for a, b in zip(shape, other)), dtype)
        for (shape, dtype), (other, _) in zip(first, second, strict=True)
    ]


def _filled(specs: Sequence[Spec], batch: int, size: int) -> list[KnownSpec]:
    def known(shape: Sequence[int | None]) -> tuple[int, ...]:
        return tuple((size if axis else batch) if n is None else n for axis, n in enumerate(shape))

    return [(known(shape), dtype) for shape, dtype in specs]
