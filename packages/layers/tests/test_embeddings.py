"""The way back of `ReversibleEmbedding`: scores, their dtype and bound, masks, and the table given at once."""

import numpy as np
import pytest
from keras_layers.core.reversible_embedding import ReversibleEmbedding
from keras_ops import ops
from keras_ops.masks import get_mask, set_mask

RNG = np.random.default_rng(2)
TABLE, BACK = RNG.normal(size=(5, 3)).astype("float32"), RNG.normal(size=(3, 5)).astype("float32")
VECTORS = RNG.normal(size=(2, 4, 3)).astype("float32")


def _array(x):
    return np.asarray(ops.convert_to_numpy(x))


@pytest.mark.parametrize("tied", [True, False])
def test_scores_are_products_with_the_table_or_the_other_matrix(tied):
    layer = ReversibleEmbedding(5, 3, tie_weights=tied, weights=[TABLE] if tied else [TABLE, BACK])
    expected = VECTORS @ (TABLE.T if tied else BACK)
    np.testing.assert_allclose(_array(layer(VECTORS, reverse=True)), expected, rtol=1e-4, atol=1e-5)
    np.testing.assert_allclose(_array(layer(np.array([4, 0]))), TABLE[[4, 0]])
    layer.logit_soft_cap = 0.5
    layer._seen.clear()
    capped = 0.5 * np.tanh(expected / 0.5)
    np.testing.assert_allclose(_array(layer(VECTORS, reverse=True)), capped, rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize("reverse_dtype, expected", [(None, "float16"), ("float32", "float32")])
def test_scores_have_the_dtype_asked_for(reverse_dtype, expected):
    layer = ReversibleEmbedding(5, 3, dtype="mixed_float16", reverse_dtype=reverse_dtype)
    vectors = layer(np.array([[1, 2]]))
    scores = layer(vectors, reverse=True)
    spec = layer.compute_output_spec(vectors, reverse=True)
    assert (ops.dtype(vectors), spec.dtype, ops.dtype(scores)) == ("float16", expected, expected)


def test_the_mask_of_integers_stays_with_the_scores():
    layer = ReversibleEmbedding(5, 3, mask_zero=True)
    vectors = layer(np.array([[1, 0], [2, 3]], dtype="int32"))
    mask = _array(get_mask(vectors))
    np.testing.assert_array_equal(mask, [[True, False], [True, True]])
    other = ops.convert_to_tensor(VECTORS[:, :2])
    set_mask(other, get_mask(vectors))
    np.testing.assert_array_equal(_array(get_mask(layer(other, reverse=True))), mask)


def test_with_low_rank_factors_both_directions_follow_the_adapted_table():
    layer = ReversibleEmbedding(5, 3, weights=TABLE)
    layer.enable_lora(2, b_initializer="ones")
    table = _array(layer.embeddings)
    assert np.abs(table - TABLE).max() > 1e-3
    np.testing.assert_allclose(_array(layer(VECTORS, reverse=True)), VECTORS @ table.T, rtol=1e-4, atol=1e-4)


def test_a_bound_that_is_none_is_refused():
    with pytest.raises(ValueError, match="logit_soft_cap"):
        ReversibleEmbedding(5, 3, logit_soft_cap=0.0)
