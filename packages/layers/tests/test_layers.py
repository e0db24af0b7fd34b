"""Every layer passes every check of the kit on the backend in use."""

import attention_samples
import layer_samples
import preprocessing_samples
import pytest
import recurrent_samples
import resampling_samples
from keras_layers.testing.kit import CHECKS, Sample
from keras_ops.naming import clear_session

SAMPLES = [
    *layer_samples.SAMPLES,
    *attention_samples.SAMPLES,
    *recurrent_samples.SAMPLES,
    *resampling_samples.SAMPLES,
    *preprocessing_samples.SAMPLES,
]


def _name(sample: Sample) -> str:
    return "-".join(
        [sample.cls.__name__, *(f"{k}={getattr(v, '__name__', v)}" for k, v in sample.init.items())]
    )


@pytest.mark.parametrize("sample", SAMPLES, ids=_name)
@pytest.mark.parametrize("check", CHECKS, ids=lambda check: check.__name__)
def test_layer(check, sample):
    clear_session(free_memory=False)
    check(sample)
