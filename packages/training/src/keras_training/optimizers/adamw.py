"""AdamW: Adam with weight decay by default."""

from typing import Any, Unpack

from keras_backends.api import export

from keras_training.optimizers.adam import Adam
from keras_training.optimizers.arguments import Others, described, goes_on_with
from keras_training.optimizers.optimizer import Optimizer


@export("keras.optimizers.AdamW")
@described
class AdamW(Adam):
    """Adam with weight decay kept apart from the gradients (Loshchilov and Hutter, 2017).

    Each step first takes the share `rate * weight_decay` off the variables, then is Adam's.

    Args:
        {learning_rate}
        weight_decay: Share of the variables that a step with rate 1 takes off; not `None`.
        beta_1: Decay of the mean of gradients.
        beta_2: Decay of the mean of squares.
        epsilon: Keeps the divisor from 0; the paper's "epsilon hat".
        amsgrad: Whether to divide by the largest mean of squares seen.
        {others}

    Raises:
        ValueError: If `weight_decay` is `None`.

    Example:

        >>> from keras_ops.variable import Variable
        >>> v = Variable([1.0])
        >>> AdamW(0.5, weight_decay=0.5).apply([v.value * 0 + 3.0], [v])
        >>> [round(float(x), 3) for x in v.numpy()]
        [0.25]
    """

    @goes_on_with(Optimizer.__init__)
    def __init__(
        self,
        learning_rate: Any = 0.001,
        weight_decay: float = 0.004,
        beta_1: float = 0.9,
        beta_2: float = 0.999,
        epsilon: float = 1e-7,
        amsgrad: bool = False,
        **base: Unpack[Others],
    ) -> None:
        super().__init__(learning_rate, beta_1, beta_2, epsilon, amsgrad, weight_decay=weight_decay, **base)
        if weight_decay is None:
            raise ValueError(
                f"Optimizer {self.name!r}: expected `weight_decay` to be a number, received None. Use Adam "
                "where there is to be no decay."
            )
