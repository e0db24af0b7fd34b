"""What each benchmark may cost, in one table; `run.py` prints figures beside it.

A budget is absolute, or counted above what the framework itself needs for the same work. The table was
made on one machine; `pace` says how much slower the present one is, and budgets are stretched by it. A
benchmark without a line here is printed as a figure and a ratio only.
"""

from dataclasses import dataclass

MICRO = 1e-6


@dataclass(frozen=True)
class Budget:
    """So many seconds, on top of the framework's own if `above_native`."""

    seconds: float
    above_native: bool = False

    def limit(self, native: float | None, pace: float) -> float | None:
        """Returns the seconds allowed, or None where the framework's own time is needed and unknown."""
        if not self.above_native:
            return self.seconds * pace
        return None if native is None else native + self.seconds * pace


NUMPY_ADD = 0.2 * MICRO
"""NumPy's addition of two small arrays on the machine that the budgets are for."""


def pace(numpy_add: float) -> float:
    """Returns how much slower this machine is than that of the table.

    NumPy's addition is the yardstick on every backend: hardly more than the interpreter's own work, as ours is,
    while what a framework does in a call depends on its version too.

    >>> pace(0.4e-6)
    2.0
    """
    return max(1.0, numpy_add / NUMPY_ADD)


BUDGETS = {
    "import": Budget(0.15, above_native=True),
    "import keras_ops": Budget(0.1, above_native=True),
    "eager add": Budget(0.3 * MICRO, above_native=True),
    "symbolic add": Budget(8 * MICRO),
    "identity layer": Budget(3 * MICRO),
    "Dense(2)": Budget(5 * MICRO, above_native=True),
    "construct Dense(2)": Budget(25 * MICRO),
    "build Functional of 20 Dense": Budget(2000 * MICRO),
}
BY_BACKEND = {
    ("Sequential of 10 Dense", "numpy"): Budget(120 * MICRO),
    ("Sequential of 10 Dense", "jax"): Budget(200 * MICRO),
    ("Sequential of 10 Dense", "torch"): Budget(130 * MICRO),
}


def budget_of(name: str, backend: str) -> Budget | None:
    """Returns the budget of a benchmark on a backend, if it has one."""
    return BY_BACKEND.get((name, backend)) or BUDGETS.get(name)
