"""Draws of PyTorch from seeds: each makes a generator of its own, seeded from a pair of words.

The kernels in `random` use them. `torch.compile` can make no generator, so there each draw is an operator of the
library `keras_backends`, which runs the same code; programs draw the numbers that eager calls draw.
"""

from collections.abc import Callable
from functools import wraps
from typing import Any

import torch

_Draw = Callable[..., torch.Tensor]
_LIBRARY = torch.library.Library("keras_backends", "FRAGMENT")


def _draw(
    arguments: str, fake: _Draw, gradient: Callable[..., Any] | None = None
) -> Callable[[_Draw], _Draw]:
    """Registers a function as an operator, which it is called as while a program is compiled.

    Args:
        arguments: Its parameters in PyTorch's language of schemas.
        fake: Makes an uninitialized tensor like the result.
        gradient: From the result, the one argument beside the seed, and the gradient of the result, to that of
            the argument.
    """

    def decorate(function: _Draw) -> _Draw:
        name = function.__name__
        _LIBRARY.define(f"{name}({arguments}) -> Tensor")
        _LIBRARY.impl(name, function, "CompositeExplicitAutograd")
        torch.library.register_fake(f"keras_backends::{name}", fake, lib=_LIBRARY)
        if gradient is not None:
            torch.library.register_autograd(
                f"keras_backends::{name}",
                lambda ctx, grad: (None, gradient(*ctx.saved_tensors, grad)),
                setup_context=lambda ctx, inputs, output: ctx.save_for_backward(output, inputs[1]),
                lib=_LIBRARY,
            )
        operator = getattr(torch.ops.keras_backends, name).default

        @wraps(function)
        def run(*args: Any) -> torch.Tensor:
            return operator(*args) if torch.compiler.is_compiling() else function(*args)

        return run

    return decorate


def _of_shape(seed, shape, dtype):
    return torch.empty(shape, dtype=dtype, device=seed.device)


@_draw("Tensor seed, SymInt[] shape, ScalarType dtype", _of_shape)
def uniform(seed, shape, dtype):
    return torch.rand(shape, generator=_generator(seed), dtype=dtype, device=seed.device)


@_draw("Tensor seed, SymInt[] shape, ScalarType dtype", _of_shape)
def normal(seed, shape, dtype):
    return torch.randn(shape, generator=_generator(seed), dtype=dtype, device=seed.device)


@_draw("Tensor seed, SymInt[] shape, ScalarType dtype", _of_shape)
def truncated_normal(seed, shape, dtype):
    drawn = torch.empty(shape, dtype=dtype, device=seed.device)
    return torch.nn.init.trunc_normal_(drawn, 0.0, 1.0, -2.0, 2.0, generator=_generator(seed))


@_draw(
    "Tensor seed, SymInt low, SymInt high, SymInt[] shape",
    lambda seed, low, high, shape: _of_shape(seed, shape, torch.int64),
)
def randint(seed, low, high, shape):
    return torch.randint(low, high, shape, generator=_generator(seed), device=seed.device)


@_draw(
    "Tensor seed, SymInt[] shape, float probability",
    lambda seed, shape, probability: _of_shape(seed, shape, torch.bool),
)
def bernoulli(seed, shape, probability):
    drawn = torch.empty(shape, dtype=torch.bool, device=seed.device)
    return drawn.bernoulli_(probability, generator=_generator(seed))


@_draw(
    "Tensor seed, Tensor alpha",
    lambda seed, alpha: torch.empty_like(alpha),
    lambda drawn, alpha, grad: grad * torch.ops.aten._standard_gamma_grad(alpha, drawn),
)
def gamma(seed, alpha):
    return torch._standard_gamma(alpha, generator=_generator(seed))


@_draw("Tensor seed, Tensor alpha", lambda seed, alpha: torch.empty_like(alpha))
def dirichlet(seed, alpha):
    return torch._sample_dirichlet(alpha, generator=_generator(seed))


@_draw(
    "Tensor seed, Tensor counts, Tensor probabilities",
    lambda seed, counts, probabilities: torch.empty_like(counts),
)
def binomial(seed, counts, probabilities):
    return torch.binomial(counts, probabilities, generator=_generator(seed))


@_draw(
    "Tensor seed, Tensor weights, SymInt count",
    lambda seed, weights, count: weights.new_empty((*weights.shape[:-1], count), dtype=torch.int64),
)
def multinomial(seed, weights, count):
    return torch.multinomial(weights, count, replacement=True, generator=_generator(seed))


@_draw("Tensor seed, SymInt size", lambda seed, size: _of_shape(seed, (size,), torch.int64))
def permutation(seed, size):
    return torch.randperm(size, generator=_generator(seed), device=seed.device)


def _generator(seed):
    low, high = seed.tolist()
    # The generator on the CPU looks at 32 bits only, so both words are mixed into all of them.
    mixed = ((low & 0xFFFFFFFF) | (high & 0xFFFFFFFF) << 32) + 0x9E3779B97F4A7C15
    for factor in (0xBF58476D1CE4E5B9, 0x94D049BB133111EB):
        mixed = (mixed ^ mixed >> 30) * factor & 0xFFFFFFFFFFFFFFFF
    return torch.Generator(device=seed.device).manual_seed(mixed ^ mixed >> 31)
