"""Operations inside the model that a backend compiles for `predict`, on the samples of their families.

Runs where a backend has a `predictor` of its own (OpenVINO): the compiled model has to give what the
operation gives on arrays, without falling back to running operation by operation.
"""

import importlib
import warnings

import numpy as np
import pytest
from keras_backends.selection import active
from keras_ops import ops, tree
from keras_ops.operations import all_operations

OPERATIONS = all_operations()

pytestmark = pytest.mark.skipif(active().predictor is None, reason="no predictor")

FAMILIES = ("reductions", "statistics", "sorting", "creation", "matmul", "image")
LEFT_OUT = {
    "bincount": "its size depends on values",
    "bin_counts": "its size depends on values",
    "nonzero": "its size depends on values",
    "unique": "its size depends on values",
    "unique_elements": "its size depends on values",
    "singular_values": "OpenVINO has no decompositions",
}
CALLS = [
    pytest.param(OPERATIONS[name], sample, id=f"{name}-{i}")
    for family in FAMILIES
    for name, samples in importlib.import_module(f"keras_ops.testing.samples_{family}").SAMPLES.items()
    if name not in LEFT_OUT
    for i, sample in enumerate(samples)
    if sample.deterministic
    and not (name.startswith("segment") and sample.kwargs.get("num_segments") is None)
    and not (
        name == "norm" and sample.kwargs.get("ord") in ("nuc", 2, -2) and len(np.shape(sample.kwargs["axis"]))
    )
]


@pytest.mark.parametrize(("op", "sample"), CALLS)
def test_the_model_gives_what_the_operation_gives(op, sample):
    leaves = tree.flatten((sample.args, sample.kwargs))
    arrays = [x for x in leaves if isinstance(x, np.ndarray)]
    if not arrays:
        pytest.skip("no tensors")

    def run(tensors):
        values = iter(tensors)
        packed = [next(values) if isinstance(x, np.ndarray) else x for x in leaves]
        args, kwargs = tree.pack_sequence_as((sample.args, sample.kwargs), packed)
        return tree.flatten(op.dispatcher(*args, **kwargs))

    with np.errstate(all="ignore"):
        expected = run([ops.convert_to_tensor(x) for x in arrays])
    with warnings.catch_warnings():
        warnings.simplefilter("error", UserWarning)
        results = active().predictor(run)(arrays)
    for result, value in zip(results, expected, strict=True):
        assert ops.dtype(result) == ops.dtype(value)
        kind = result.dtype if result.dtype.kind in "biu" else np.dtype("float64")
        tolerance = 4e-3 if ops.dtype(value) == "float16" else 2e-5
        np.testing.assert_allclose(result.astype(kind), np.asarray(value).astype(kind), tolerance, tolerance)
