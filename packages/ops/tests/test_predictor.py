"""Operations inside a model that the backend compiles as a whole for `predict`, where it does."""

import warnings

import numpy as np
import pytest
from keras_backends.selection import active
from keras_ops import ops, tree
from keras_ops.op import OPERATIONS
from keras_ops.testing import kit, samples_activations, samples_elementwise

pytestmark = pytest.mark.skipif(active().predictor is None, reason="the backend compiles no whole models")

NOT_IN_GRAPHS = {
    "gcd": "a loop whose length depends on values",
    "lcm": "needs gcd",
    "erfc": "no node, and 1 - erf has no digits left where it matters",
    "erfinv": "no node",
    "nextafter": "no node looks at bits",
    "polar": "no complex numbers",
    "view_as_complex": "no complex numbers",
    "view_as_real": "no complex numbers",
}
"""What runs operation by operation, and why."""
OF_SAMPLES = {
    "negative-2": "no arithmetic on uint8",
    "round-3": "no negative decimals of integers",
    "angle-2": "the sign of zero is lost",
}
CALLS = [
    pytest.param(name, sample, id=f"{name}-{i}")
    for name, samples in {**samples_elementwise.SAMPLES, **samples_activations.SAMPLES}.items()
    for i, sample in enumerate(samples)
    if name not in NOT_IN_GRAPHS and f"{name}-{i}" not in OF_SAMPLES
]


@pytest.mark.parametrize(("name", "sample"), CALLS)
def test_compiled_model_gives_the_same(name, sample):
    leaves = tree.flatten((sample.args, sample.kwargs))
    arrays = [x for x in leaves if isinstance(x, np.ndarray)]
    if any(x.dtype.kind == "c" for x in arrays):
        pytest.skip("no complex numbers in graphs")
    operation = OPERATIONS[name]

    def model(batch):
        values = iter(batch)
        packed = [next(values) if isinstance(x, np.ndarray) else x for x in leaves]
        args, kwargs = tree.pack_sequence_as((sample.args, sample.kwargs), packed)
        return operation.dispatcher(*args, **kwargs)

    with warnings.catch_warnings():
        warnings.simplefilter("error")
        got = active().predictor(model, arrays)(arrays)
    want = kit.eager(operation, sample)
    kit.assert_close(operation, got, want)
    if ops.is_tensor(want):
        assert ops.dtype(got) == ops.dtype(want)
