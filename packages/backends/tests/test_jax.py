"""Variables in JAX's own functions: compiled ones, transformations, and traced values."""

import numpy as np
import pytest
from keras_backends.selection import active

if not active().traits.functional:
    pytest.skip("the selected backend is not JAX", allow_module_level=True)

import jax
import jax.numpy as jnp


class Variable(active().variable_mixin):
    def __init__(self, value):
        self.value = jnp.asarray(value)


class Derived(Variable):
    pass


CALLS = {
    "ufunc": lambda v: jnp.add(jnp.ones(3), v),
    "product": lambda v: jnp.dot(v, v),
    "choice": lambda v: jnp.where(jnp.ones(3) > 0, v, 0.0),
    "stack": lambda v: jnp.stack([v, v]),
    "asarray": jnp.asarray,
    "device_put": jax.device_put,
    "jit": lambda v: jax.jit(lambda state: [x * 2 for x in state])([v, v])[1],
    "vmap": lambda v: jax.vmap(lambda x: x + 1)(v),
    "grad": lambda v: jax.grad(lambda x: jnp.sum(jnp.square(x)))(v),
}


@pytest.mark.parametrize("cls", [Variable, Derived])
@pytest.mark.parametrize("name", CALLS)
def test_variables_are_their_values(name, cls):
    variable, value = cls([1.0, 2.0, 3.0]), jnp.asarray([1.0, 2.0, 3.0])
    np.testing.assert_array_equal(CALLS[name](variable), CALLS[name](value))


def test_values_that_are_traced_are_not_lost():
    """As in a stateless scope, where a variable's value is a tracer."""
    variable = Variable([1.0])

    def loss(x):
        variable.value = x * 3
        return jnp.sum(jnp.multiply(variable, x))

    assert float(jax.jit(jax.grad(loss))(jnp.asarray([2.0]))[0]) == 12.0
