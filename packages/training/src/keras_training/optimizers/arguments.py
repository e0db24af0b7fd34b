"""The constructor arguments that all optimizers share: their types, their texts, and a way to take them.

Each optimizer declares its own arguments and goes on with those of `Optimizer`, which are declared there.
"""

import functools
import inspect
from collections.abc import Callable
from typing import Any, TypedDict, TypeVar

from keras_ops.documentation import documented

F = TypeVar("F", bound=Callable[..., None])

described = documented(
    learning_rate="learning_rate: A number, a `LearningRateSchedule`, or a function without arguments.",
    weight_decay="""
        weight_decay: If set, each step first takes the share `weight_decay * learning_rate` off the
            variables.
    """,
    others="""
        clipnorm: Largest norm of each gradient.
        clipvalue: Largest absolute value of each gradient's elements.
        global_clipnorm: Largest norm of all gradients together.
        use_ema: Whether to keep exponential averages of the variables.
        ema_momentum: Momentum of the averages.
        ema_overwrite_frequency: After how many steps variables are set to their averages; `None`
            leaves that to `finalize_variable_values`.
        loss_scale_factor: Factor of the loss, divided out of the gradients again.
        gradient_accumulation_steps: How many gradients are averaged for one update.
        name: Name; by default that of the class in snake case.
    """,
)
"""Fills `{learning_rate}`, `{weight_decay}` and `{others}` of an optimizer's docstring."""


class Others(TypedDict, total=False):
    """The arguments of `Optimizer` but the first two, for type checkers and editors."""

    clipnorm: float | None
    clipvalue: float | None
    global_clipnorm: float | None
    use_ema: bool
    ema_momentum: float
    ema_overwrite_frequency: int | None
    loss_scale_factor: float | None
    gradient_accumulation_steps: int | None
    name: str | None


class Base(Others, total=False):
    """The arguments of `Optimizer` but the learning rate."""

    weight_decay: float | None


def goes_on_with(base: Callable[..., None]) -> Callable[[F], F]:
    """Lets a constructor with `**kwargs` take the further parameters of its base's by position too.

    Its signature shows them, with their defaults, behind its own.

    Args:
        base: The constructor that gets the `**kwargs`.

    Example:

        >>> def __init__(self, rate, decay=None, name=None, **kwargs):
        ...     print(rate, decay, name)
        >>> base = __init__
        >>> @goes_on_with(base)
        ... def __init__(self, rate=0.1, momentum=0.0, **kwargs):
        ...     base(self, rate, **kwargs)
        >>> inspect.signature(__init__)
        <Signature (self, rate=0.1, momentum=0.0, decay=None, name=None, **kwargs) -> None>
        >>> __init__(None, 0.1, 0.9, 0.5, name="sgd")
        0.1 0.5 sgd
    """

    def decorate(init: F) -> F:
        own = list(inspect.signature(init).parameters.values())[:-1]
        names = {parameter.name for parameter in own}
        further = [p for p in inspect.signature(base).parameters.values() if p.name not in names]
        signature = inspect.Signature([*own, *further], return_annotation=None)

        @functools.wraps(init)
        def __init__(*args: Any, **kwargs: Any) -> None:
            if len(args) > len(own):
                arguments = signature.bind(*args, **kwargs).arguments
                args, kwargs = (), {**arguments.pop("kwargs", {}), **arguments}
            init(*args, **kwargs)

        __init__.__signature__ = signature  # type: ignore[attr-defined]
        return __init__  # type: ignore[return-value]

    return decorate
