"""What is JAX's own: variables in its functions and transformations, and eager loops as programs."""

import numpy as np
import pytest
from keras_backends.selection import active

if not active().traits.functional:
    pytest.skip("the selected backend is not JAX", allow_module_level=True)

import jax
import jax.export
import jax.numpy as jnp
from keras_backends.jax import programs


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


SCAN = active().kernels["scan"]
XS = jnp.arange(1.0, 4.0)


def _scanned(function, xs=XS):
    """The last carry of an eager scan from 1."""
    (last,), _ = SCAN([jnp.ones(())], [xs], f=lambda carry, x: ([function(carry[0], x[0])], []))
    return float(last)


def test_eager_loops_are_compiled_once():
    def result(factor):
        captured = jnp.full(3, factor)
        return _scanned(lambda carry, x: jax.nn.relu(carry * captured[1] + x))

    assert result(2.0) == ((2 + 1) * 2 + 2) * 2 + 3
    before = len(programs._programs)
    # What is closed over counts with the value it has.
    assert result(3.0) == ((3 + 1) * 3 + 2) * 3 + 3 and len(programs._programs) == before


def test_loops_that_differ_little_are_told_apart():
    def divided(number):
        return _scanned(lambda carry, x: x / number)

    def of_table(table):
        return _scanned(lambda carry, x: carry + jnp.asarray(table)[1000])

    assert [divided(number) for number in (0.0, -0.0, 1.0, 1, 2.0)] == [np.inf, -np.inf, 3.0, 3.0, 1.5]
    table = np.arange(2000.0, dtype="float32")
    assert (of_table(table), of_table(table + 1)) == (3001, 3004)
    assert _scanned(lambda carry, x: carry * x, XS) == 6 and _scanned(lambda carry, x: x * carry, XS[:2]) == 2
    with jax.disable_jit():
        assert _scanned(lambda carry, x: carry * float(x)) == 6


def test_eager_loops_are_differentiated():
    assert float(jax.grad(lambda w: SCAN([w], [XS], f=lambda c, x: ([c[0] * x[0]], []))[0][0])(1.0)) == 6

    def closed_over(w):
        return SCAN([jnp.zeros(())], [XS], f=lambda c, x: ([c[0] + x[0] * w], []))[0][0]

    assert float(jax.grad(closed_over)(1.0)) == 6 and jax.vmap(closed_over)(XS).tolist() == [6, 12, 18]


def test_pure_functions_are_those_of_jax_that_compute():
    pure = active().is_pure
    assert all(
        map(
            pure,
            (jnp.add, jnp.where, jnp.linalg.norm, jax.lax.scan, jax.nn.relu, jax.random.normal, jax.vmap),
        )
    )
    others = (jnp.load, jax.debug.print, jax.pure_callback, jax.jit(lambda x: x), np.add, len, Variable, XS)
    assert not any(map(pure, others))


@pytest.mark.parametrize("name", ["random_normal", "random_uniform", "random_truncated_normal"])
def test_an_export_draws_as_many_numbers_as_there_are(name):
    draw, seed = active().kernels[name], jnp.array([1, 2], "uint32")
    (size,) = jax.export.symbolic_shape("size")
    exported = jax.export.export(jax.jit(lambda x: x + draw(seed, shape=x.shape, dtype="float32")))(
        jax.ShapeDtypeStruct((size, 2), "float32")
    )
    assert np.unique(exported.call(jnp.zeros((3, 2)))).size == 6
