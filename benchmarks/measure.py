"""How time is taken: processor time of this process, the least of repeats; what is compared is measured in turns.

Every benchmark uses `seconds_in_turns` or `seconds_per_call`; what is measured, and beside what, is in the other
modules.
"""

import gc
import time
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

LEAST = 0.02
"""Seconds that one repeat takes at least, so that the clock's steps do not matter."""
WARM_CALLS, WARM_SECONDS = 10, 0.5
"""Calls before anything is measured, after the first, if they do not take longer: some compile later ones only."""

_SQUARE = np.ones((2, 2), "float32")


def yardstick() -> np.ndarray:
    """Adds two small arrays in NumPy: what the pace of a machine is told by."""
    return np.add(_SQUARE, _SQUARE)


def seconds_in_turns(
    functions: Sequence[Callable[[], Any]],
    finish: Callable[[Any], Any] = lambda result: None,
    repeats: int = 7,
) -> list[float]:
    """Returns the processor time of one call of each function, the least of several repeats.

    The functions take turns: first one repeat of each, then the next of each. A machine that gets slower or faster
    meanwhile does so for all of them.

    Args:
        functions: What is measured; each is called before, so that what it builds and compiles is not.
        finish: Waits for a result; called once per repeat, since frameworks may return early.
        repeats: How many repeats are taken.

    Example:

        >>> short, long = seconds_in_turns([lambda: sum(range(100)), lambda: sum(range(10_000))])
        >>> short < long
        True
    """
    gc.collect()
    gc.disable()
    try:
        calls = [_calls_per_repeat(function, finish) for function in functions]
        turns = [
            [_repeat(function, finish, n) / n for function, n in zip(functions, calls, strict=True)]
            for _ in range(repeats)
        ]
    finally:
        gc.enable()
    return [min(times) for times in zip(*turns, strict=True)]


def seconds_per_call(
    function: Callable[[], Any], finish: Callable[[Any], Any] = lambda result: None, repeats: int = 7
) -> float:
    """Returns the processor time of one call of a function that is compared with nothing; see `seconds_in_turns`.

    Example:

        >>> seconds_per_call(lambda: sum(range(100))) < 1
        True
    """
    return seconds_in_turns([function], finish, repeats)[0]


def _calls_per_repeat(function: Callable[[], Any], finish: Callable[[Any], Any]) -> int:
    finish(function())
    start = time.process_time()
    for _ in range(WARM_CALLS):
        finish(function())
        if time.process_time() - start > WARM_SECONDS:
            break
    calls = 1
    while (taken := _repeat(function, finish, calls)) < LEAST:
        calls *= 2 if taken * 4 > LEAST else 4
    return calls


def _repeat(function: Callable[[], Any], finish: Callable[[Any], Any], calls: int) -> float:
    start = time.process_time()
    for _ in range(calls):
        result = function()
    finish(result)
    return time.process_time() - start
