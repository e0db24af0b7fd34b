"""How time is taken: processor time of this process, the minimum of repeats.

Every benchmark uses `seconds_per_call`; what is measured, and beside what, is in the other modules.
"""

import gc
import time
from collections.abc import Callable
from typing import Any

LEAST = 0.02
"""Seconds that one repeat takes at least, so that the clock's steps do not matter."""


def seconds_per_call(
    function: Callable[[], Any], finish: Callable[[Any], Any] = lambda result: None, repeats: int = 7
) -> float:
    """Returns the processor time of one call, the least of several repeats.

    Args:
        function: What is measured; called once before, so that what it builds and compiles is not.
        finish: Waits for a result; called once per repeat, since frameworks may return early.
        repeats: How many repeats are taken.

    Example:

        >>> seconds_per_call(lambda: sum(range(100))) < 1
        True
    """
    finish(function())
    calls, best = 1, float("inf")
    gc.collect()
    gc.disable()
    try:
        while (taken := _repeat(function, finish, calls)) < LEAST:
            calls *= 2 if taken * 4 > LEAST else 4
        for _ in range(repeats):
            best = min(best, _repeat(function, finish, calls))
    finally:
        gc.enable()
    return best / calls


def _repeat(function: Callable[[], Any], finish: Callable[[Any], Any], calls: int) -> float:
    start = time.process_time()
    for _ in range(calls):
        result = function()
    finish(result)
    return time.process_time() - start
