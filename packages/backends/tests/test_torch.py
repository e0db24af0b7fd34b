"""What only torch's own table has: what it does otherwise while `torch.compile` traces."""

import ml_dtypes
import numpy as np
import pytest
from keras_backends.selection import active

if active().name != "torch":
    pytest.skip("the selected backend is not torch", allow_module_level=True)

import torch


def test_the_ready_made_step_of_adam_steps_back_while_torch_compiles(monkeypatch):
    values, grads = [torch.ones(2)], [torch.ones(2)]
    slots = [[torch.zeros(2)], [torch.zeros(2)]]
    options = {"beta_1": 0.9, "beta_2": 0.999, "epsilon": 1e-7}
    adam = active().updates["adam"]
    monkeypatch.setattr(torch.compiler, "is_compiling", lambda: True)
    assert adam(values, grads, slots, 0.1, 0, **options) is NotImplemented
    assert values[0].tolist() == [1.0, 1.0] and slots[0][0].tolist() == [0.0, 0.0]
    monkeypatch.undo()
    assert adam(values, grads, slots, 0.1, 0, **options) is None
    assert values[0].tolist() != [1.0, 1.0]


def test_a_function_that_torch_compiles_knows_that_it_is_traced():
    traced = active().traced
    compiled = torch.compile(lambda x: x + 1 if traced() else x, fullgraph=True, backend="eager")
    assert compiled(torch.zeros(1)).tolist() == [1.0] and not traced()


@pytest.mark.parametrize(
    "array",
    [
        np.arange(6, dtype="float32").reshape(2, 3),
        np.arange(6, dtype="float32").reshape(3, 2).T,
        np.broadcast_to(np.float32(1), (2, 3)),
        np.zeros((2, 3), ml_dtypes.bfloat16),
        np.zeros((2, 3), "int32"),
        np.array(2, "float32"),
    ],
)
def test_a_stored_array_is_a_parameter_without_holes(array):
    storage = active().store_array(array, True)
    assert isinstance(storage, torch.nn.Parameter) and storage.is_contiguous()
    assert storage.requires_grad == storage.is_floating_point()
    with torch.no_grad():
        storage.add_(1)
    assert storage.shape == array.shape


def _doubled(xs):
    return xs[0] * xs[1], lambda upstream: [[upstream * 10, upstream * 20]]


def test_a_gradient_of_its_own_reaches_the_tensors_of_a_list():
    x, y = (torch.tensor(value, requires_grad=True) for value in (2.0, 3.0))
    active().kernels["custom_gradient"](_doubled)([x, y]).backward()
    assert (float(x.grad), float(y.grad)) == (10, 20)


def test_a_function_with_a_gradient_of_its_own_may_be_transformed():
    """What the function kept for its gradient belongs to a transformation that is over by then."""

    def cubed(x, power):
        return x**power, lambda upstream: upstream * x * 10

    run = active().kernels["custom_gradient"](cubed)
    x = torch.tensor([2.0, 3.0], requires_grad=True)
    assert torch.vmap(lambda v: run(v, 3))(x).tolist() == [8, 27]
    assert torch.func.grad(lambda v: run(v, 3).sum())(x.detach()).tolist() == [20, 30]
    torch.vmap(lambda v: run(v, 3))(x).sum().backward()
    assert x.grad.tolist() == [20, 30]
    each = torch.vmap(torch.func.grad(lambda pair: active().kernels["custom_gradient"](_doubled)(pair)))
    assert [g.tolist() for g in each([x.detach(), x.detach()])] == [[10, 10], [20, 20]]
