"""Weight decay: each step first takes a share of the variables' values off them.

`Optimizer` holds one `WeightDecay` and runs it before its rule.
"""

import re
from collections.abc import Sequence

from keras_ops import ops
from keras_ops.tensor import Tensor
from keras_ops.variable import Variable


class WeightDecay:
    """The weight decay of an optimizer, which says at what rate, and the variables that it leaves alone."""

    def __init__(self) -> None:
        self.excluded: list[Variable] = []
        self.patterns: tuple[str, ...] = ()

    def exclude(self, variables: Sequence[Variable], patterns: Sequence[str]) -> None:
        """Names variables to leave alone, and regular expressions searched for in paths."""
        self.excluded, self.patterns = list(variables), tuple(patterns)

    def decays(self, variable: Variable) -> bool:
        """Says whether a variable is decayed."""
        return not any(variable is v for v in self.excluded) and not any(
            re.search(pattern, variable.path) for pattern in self.patterns
        )

    def __call__(self, variables: Sequence[Variable], learning_rate: Tensor, rate: float | None) -> None:
        """Decays variables.

        Args:
            variables: The variables of the step.
            learning_rate: The step's learning rate, a scalar.
            rate: Share of the values per step and learning rate; `None` for no decay.
        """
        if rate is None:
            return
        shares: dict[str, Tensor] = {}
        for variable in variables:
            if not self.decays(variable):
                continue
            dtype = variable.dtype
            if dtype not in shares:
                shares[dtype] = ops.cast(learning_rate, dtype) * rate
            variable.assign_sub(variable.value * shares[dtype])
