"""Every operation, on the samples of its family: what its declaration promises."""

import pytest
from keras_ops import ops, random  # noqa: F401 - declare all operations
from keras_ops.operations import all_operations
from keras_ops.testing import kit
from keras_ops.testing.samples import all_samples

OPERATIONS = all_operations()

SAMPLES = all_samples()
CALLS = [
    pytest.param(OPERATIONS[name], sample, id=f"{name}-{i}")
    for name, samples in SAMPLES.items()
    if name in OPERATIONS
    for i, sample in enumerate(samples)
]


def test_every_operation_has_samples_and_every_sample_an_operation():
    assert sorted(set(OPERATIONS) - set(SAMPLES)) == []
    assert sorted(set(SAMPLES) - set(OPERATIONS)) == []


@pytest.mark.parametrize(("op", "sample"), CALLS)
def test_declaration_holds(op, sample):
    kit.check_reference(op, sample)
    kit.check_against_numpy(op, sample)
    kit.check_spec(op, sample, unknown=False)
    kit.check_spec(op, sample, unknown=True)
    kit.check_node(op, sample)
    kit.check_override(op, sample)
    kit.check_gradient(op, sample)


@pytest.mark.parametrize(
    ("op", "sample"), [pytest.param(*p.values, id=p.id) for p in CALLS if p.id.endswith("-0")]
)
def test_compiled_call_gives_the_same(op, sample):
    kit.check_compiled(op, sample)


@pytest.mark.parametrize(
    ("op", "sample"),
    [p for p in CALLS if p.id.endswith("-0") and "axis" in p.values[0].parameters],
)
def test_an_axis_that_does_not_exist_is_refused(op, sample):
    kit.check_axis(op, sample)
