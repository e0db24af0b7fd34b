"""AdamW: Adam with weight decay by default."""

from typing import Any

from keras_backends.api import export

from keras_training.optimizers.adam import Adam


@export("keras.optimizers.AdamW")
class AdamW(Adam):
    """Adam with weight decay kept apart from the gradients (Loshchilov and Hutter, 2017).

    Each step first takes the share `rate * weight_decay` off the variables, then is Adam's.

    Args:
        learning_rate: See `Optimizer`.
        weight_decay: See `Optimizer`; not `None`.
        beta_1: See `Adam`.
        beta_2: See `Adam`.
        epsilon: See `Adam`.
        amsgrad: See `Adam`.
        clipnorm: See `Optimizer`.
        clipvalue: See `Optimizer`.
        global_clipnorm: See `Optimizer`.
        use_ema: See `Optimizer`.
        ema_momentum: See `Optimizer`.
        ema_overwrite_frequency: See `Optimizer`.
        loss_scale_factor: See `Optimizer`.
        gradient_accumulation_steps: See `Optimizer`.
        name: See `Optimizer`.

    Raises:
        ValueError: If `weight_decay` is `None`.

    Example:

        >>> from keras_ops.variable import Variable
        >>> v = Variable([1.0])
        >>> AdamW(0.5, weight_decay=0.5).apply([v.value * 0 + 3.0], [v])
        >>> [round(float(x), 3) for x in v.numpy()]
        [0.25]
    """

    def __init__(
        self,
        learning_rate: Any = 0.001,
        weight_decay: float = 0.004,
        beta_1: float = 0.9,
        beta_2: float = 0.999,
        epsilon: float = 1e-7,
        amsgrad: bool = False,
        clipnorm: float | None = None,
        clipvalue: float | None = None,
        global_clipnorm: float | None = None,
        use_ema: bool = False,
        ema_momentum: float = 0.99,
        ema_overwrite_frequency: int | None = None,
        loss_scale_factor: float | None = None,
        gradient_accumulation_steps: int | None = None,
        name: str | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(
            learning_rate=learning_rate,
            beta_1=beta_1,
            beta_2=beta_2,
            epsilon=epsilon,
            amsgrad=amsgrad,
            weight_decay=weight_decay,
            clipnorm=clipnorm,
            clipvalue=clipvalue,
            global_clipnorm=global_clipnorm,
            use_ema=use_ema,
            ema_momentum=ema_momentum,
            ema_overwrite_frequency=ema_overwrite_frequency,
            loss_scale_factor=loss_scale_factor,
            gradient_accumulation_steps=gradient_accumulation_steps,
            name=name,
            **kwargs,
        )
        if weight_decay is None:
            raise ValueError(
                f"Optimizer {self.name!r}: expected `weight_decay` to be a number, received None. Use Adam "
                "where there is to be no decay."
            )
