"""What attention layers have beyond what every layer has: masks, scores, shared heads, names in files."""

import json

import numpy as np
import pytest
from keras_backends.selection import active
from keras_layers.attention.additive_attention import AdditiveAttention
from keras_layers.attention.attention import Attention
from keras_layers.attention.equations import attention_equations, merging_equation, projection_equation
from keras_layers.attention.group_query_attention import GroupedQueryAttention
from keras_layers.attention.multi_head_attention import MultiHeadAttention
from keras_layers.core.einsum_dense import EinsumDense
from keras_layers.layer import Layer
from keras_ops import ops
from keras_ops.masks import get_mask, set_mask
from keras_ops.tensor import KerasTensor

RNG = np.random.default_rng(5)
QUERY, VALUE = RNG.normal(size=(2, 4, 6)).astype("float32"), RNG.normal(size=(2, 5, 3)).astype("float32")
HEADED = {
    "multi": (MultiHeadAttention, {"num_heads": 4, "key_dim": 3}),
    "gated": (MultiHeadAttention, {"num_heads": 2, "key_dim": 3, "value_dim": 5, "use_gate": True}),
    "shared": (GroupedQueryAttention, {"head_dim": 3, "num_query_heads": 4, "num_key_value_heads": 2}),
}


def _array(x):
    return ops.convert_to_numpy(x)


def _close(got, expected, tolerance=1e-5):
    np.testing.assert_allclose(_array(got), _array(expected), rtol=tolerance, atol=tolerance)


@pytest.fixture(params=HEADED)
def headed(request):
    cls, init = HEADED[request.param]
    return cls(**init)


def _softmax(x):
    e = np.exp(x - x.max(-1, keepdims=True))
    return e / e.sum(-1, keepdims=True)


def test_attention_is_a_weighted_mean():
    key = RNG.normal(size=(2, 5, 6)).astype("float32")
    result, weights = Attention()([QUERY, VALUE, key], return_attention_scores=True)
    expected = _softmax(QUERY @ key.transpose(0, 2, 1))
    _close(weights, expected)
    _close(result, expected @ VALUE)


@pytest.mark.parametrize("cls", [Attention, AdditiveAttention])
def test_masks_of_attention(cls):
    layer = cls(use_scale=False)
    query = QUERY[..., :3]
    query_mask = np.array([[True, True, False, True]] * 2)
    value_mask = np.array([[True, False, True, False, False]] * 2)
    result, weights = layer([query, VALUE], mask=[query_mask, value_mask], return_attention_scores=True)
    assert not _array(weights)[:, :, ~value_mask[0]].any()
    assert not _array(result)[~query_mask].any()
    _close(ops.sum(weights, axis=-1), np.ones((2, 4)))
    alone = layer([query, VALUE[:, [0, 2]]])
    _close(_array(result)[query_mask], _array(alone)[query_mask])


def test_causal_attention_sees_no_later_value():
    weights = Attention()([VALUE, VALUE], return_attention_scores=True, use_causal_mask=True)[1]
    np.testing.assert_array_equal(_array(weights) > 0, np.broadcast_to(np.tri(5, dtype=bool), (2, 5, 5)))


def test_masks_reach_attention_by_themselves():
    query, value = (ops.convert_to_tensor(x.copy()) for x in (QUERY[..., :3], VALUE))
    kept = np.array([[True, True, True, False, False]] * 2)
    set_mask(value, ops.convert_to_tensor(kept))
    set_mask(query, ops.convert_to_tensor(np.array([[True, True, False, False]] * 2)))
    result = Attention()([query, value])
    assert not _array(result)[:, 2:].any()
    assert _array(get_mask(result)).sum() == 4
    _close(_array(result)[:, :2], Attention()([QUERY[:, :2, :3], VALUE[:, :3]]))


def test_scores_come_with_the_same_result(headed):
    plain = headed(QUERY, VALUE)
    result, scores = headed(QUERY, VALUE, return_attention_scores=True)
    _close(result, plain)
    _close(ops.sum(scores, axis=-1), np.ones(tuple(scores.shape[:-1])))
    specs = headed(KerasTensor((None, 4, 6)), KerasTensor((None, 5, 3)), return_attention_scores=True)
    assert specs[0].shape == (None, *result.shape[1:]) and specs[1].shape == (None, *scores.shape[1:])


def test_hidden_keys_do_not_matter(headed):
    kept = np.array([[True, False, True, True, False]] * 2)
    changed = VALUE + np.where(kept, 0, 3)[..., None].astype("float32")
    expected = headed(QUERY, VALUE, value_mask=kept)
    _close(headed(QUERY, changed, value_mask=kept), expected)
    pairs = np.broadcast_to(kept[:, None], (2, 4, 5))
    for scores in (False, True):
        result = headed(QUERY, changed, attention_mask=pairs, return_attention_scores=scores)
        _close(result[0] if scores else result, expected)
    assert np.abs(_array(headed(QUERY, changed)) - _array(expected)).max() > 1e-3


def test_masks_of_tensors_are_heeded_and_passed_on(headed):
    query, value = ops.convert_to_tensor(QUERY.copy()), ops.convert_to_tensor(VALUE.copy())
    kept = np.array([[True, False, True, True, False]] * 2)
    set_mask(query, ops.convert_to_tensor(np.array([[True, True, True, False]] * 2)))
    set_mask(value, ops.convert_to_tensor(kept))
    result = headed(query, value)
    _close(_array(result)[:, :3], _array(headed(QUERY, VALUE, value_mask=kept))[:, :3])
    np.testing.assert_array_equal(_array(get_mask(result)), _array(get_mask(query)))


@pytest.mark.parametrize("window", [None, 2])
@pytest.mark.parametrize("causal", [False, True])
def test_causality_and_windows(causal, window):
    layer = MultiHeadAttention(2, 3, sliding_window=window)
    x = 0.1 * QUERY
    scores = layer(x, x, use_causal_mask=causal, return_attention_scores=True)[1]
    rows, columns = np.indices((4, 4))
    seen = np.ones((4, 4), bool)
    if causal:
        seen &= rows >= columns
    if window:
        seen &= abs(rows - columns) < window
    np.testing.assert_array_equal(_array(scores) > 1e-8, np.broadcast_to(seen, scores.shape))


@pytest.mark.parametrize("causal", [False, True])
@pytest.mark.parametrize("headed", HEADED.values(), ids=HEADED)
def test_a_mask_may_have_heads_or_no_batch(headed, causal):
    cls, options = headed
    layer, x = cls(**options), RNG.normal(size=(2, 4, 6)).astype("float32")
    mask = RNG.random((4, 4)) > 0.3
    mask |= np.eye(4, dtype=bool)
    heads = options.get("num_heads") or options["num_query_heads"]
    padding = np.array([[True] * 4, [True, True, True, False]])
    for seen in ({}, {"value_mask": padding}):
        results = [
            layer(x, x, attention_mask=np.broadcast_to(mask, (*front, 4, 4)), use_causal_mask=causal, **seen)
            for front in ((2,), (), (2, 1), (1, heads), (2, heads))
        ]
        for result in results[1:]:
            _close(result, _array(results[0]))
    per_head = np.stack([mask] * (heads - 1) + [np.eye(4, dtype=bool)])[None]
    scores = layer(x, x, attention_mask=per_head, return_attention_scores=True, use_causal_mask=causal)[1]
    _close(_array(scores)[:, -1], np.broadcast_to(np.eye(4), (2, 4, 4)))


def test_heads_may_share_keys_and_values():
    shared = GroupedQueryAttention(3, 4, 2)
    own = GroupedQueryAttention(3, 4, 4)
    expected = shared(QUERY, VALUE)
    own(QUERY, VALUE)
    weights = shared.get_weights()
    repeated = [np.repeat(w, 2, axis=-2) if i in (2, 3, 4, 5) else w for i, w in enumerate(weights)]
    own.set_weights(repeated)
    _close(own(QUERY, VALUE), expected)


def test_attention_axes_are_independent_of_other_axes():
    layer = MultiHeadAttention(2, 3, attention_axes=2)
    x = RNG.normal(size=(2, 3, 4, 5)).astype("float32")
    _close(layer(x, x)[:, 1:2], layer(x[:, 1:2], x[:, 1:2]))
    assert layer.attention_axes == (2,)


@pytest.mark.parametrize("axes", [1, (1, 2), [1, 2]])
def test_attention_axes_come_back_as_a_tuple(axes):
    config = MultiHeadAttention(2, 3, attention_axes=axes).get_config()
    read = MultiHeadAttention.from_config(json.loads(json.dumps(config)))
    expected = (1,) if axes == 1 else (1, 2)
    assert config["attention_axes"] == read.attention_axes == read.get_config()["attention_axes"] == expected


def test_projections_start_with_different_values():
    layer = MultiHeadAttention(2, 3, kernel_initializer="glorot_uniform")
    layer.build((2, 4, 6), (2, 5, 6))
    kernels = [v.numpy() for v in layer.weights if v.name == "kernel" and v.shape == (6, 2, 3)]
    assert len(kernels) == 3 and not np.allclose(kernels[0], kernels[1])


def test_dropout_is_random_and_only_while_training():
    layer = MultiHeadAttention(2, 3, dropout=0.5, seed=1)
    first, second = layer(QUERY, VALUE, training=True), layer(QUERY, VALUE, training=True)
    assert np.abs(_array(first) - _array(second)).max() > 1e-3
    _close(layer(QUERY, VALUE), layer(QUERY, VALUE, training=False))


def test_a_mask_of_queries_counts_where_their_tensor_carries_it():
    layer, query = MultiHeadAttention(2, 3), ops.convert_to_tensor(QUERY.copy())
    kept = ops.convert_to_tensor(np.array([[True, True, False, True]] * 2))
    free = _array(layer(query, VALUE))
    _close(layer(query, VALUE, query_mask=kept), free)
    set_mask(query, kept)
    hidden = _array(layer(query, VALUE))
    _close(hidden[:, [0, 1, 3]], free[:, [0, 1, 3]])
    _close(hidden[:, 2], _array(layer(query, VALUE, attention_mask=np.zeros((2, 4, 5), bool)))[:, 2])
    assert get_mask(query) is kept


def test_inside_another_layer_the_masks_of_inputs_end():
    class Residual(Layer):
        def __init__(self):
            super().__init__()
            self.attend, self.supports_masking = MultiHeadAttention(2, 3), True

        def call(self, x):
            before = get_mask(x)
            y = self.attend(x, x)
            self.seen = before is not None, get_mask(x) is None, get_mask(y) is not None
            return x + y

    query = ops.convert_to_tensor(QUERY.copy())
    set_mask(query, ops.convert_to_tensor(np.array([[True, True, False, True]] * 2)))
    layer = Residual()
    layer(query)
    assert layer.seen == (True, True, True)


def test_names_in_files():
    multi, shared = MultiHeadAttention(2, 3, use_gate=True), GroupedQueryAttention(3, 2, 1)
    for layer in (multi, shared):
        layer.build((2, 4, 6), (2, 5, 3))
    assert [name for name, x in multi.saveable_children().items() if isinstance(x, Layer)] == [
        *("key_dense", "output_dense", "query_dense", "value_dense"),
        *("_dropout_layer", "_gate_dense", "_softmax"),
    ]
    assert [name for name, x in shared.saveable_children().items() if isinstance(x, Layer)] == [
        *("_dropout_layer", "_key_dense", "_output_dense", "_query_dense", "_softmax", "_value_dense"),
    ]
    names = [v.path.split("/", 1)[1] for v in multi.weights]
    assert names[::2] == [f"{n}/kernel" for n in ("query", "key", "gate", "value", "attention_output")]


def test_penalties_are_those_of_the_projections():
    layer = MultiHeadAttention(2, 3, kernel_regularizer="l2", activity_regularizer="l2")
    layer(QUERY, VALUE)
    assert len(layer.losses) == 8
    assert layer.get_config()["activity_regularizer"] is not None


@pytest.mark.parametrize(
    ("make", "argument"),
    [
        (lambda: Attention(score_mode="cosine"), "score_mode"),
        (lambda: Attention(dropout=2), "dropout"),
        (lambda: Attention()(QUERY), "query, value"),
        (lambda: Attention()([QUERY, QUERY], mask=[None]), "mask"),
        (lambda: MultiHeadAttention(0, 3), "num_heads"),
        (lambda: MultiHeadAttention(2, 3, output_shape="wide"), "output_shape"),
        (lambda: MultiHeadAttention(2, 3, attention_axes="all"), "attention_axes"),
        (lambda: MultiHeadAttention(2, 3, attention_axes=3)(QUERY, QUERY), "attention_axes"),
        (lambda: MultiHeadAttention(2, 3, sliding_window=0), "sliding_window"),
        (lambda: MultiHeadAttention(2, 3, dropout=0.5, flash_attention=True), "flash_attention"),
        (lambda: MultiHeadAttention(2, 3)(QUERY, VALUE, VALUE[:, :2]), "value and key"),
        (lambda: MultiHeadAttention(2, 3)(QUERY, QUERY[0]), "rank"),
        (lambda: GroupedQueryAttention(3, 4, 3), "num_key_value_heads"),
    ],
)
def test_errors_name_the_argument(make, argument):
    with pytest.raises(ValueError, match=argument):
        make()


def test_fused_kernels_have_no_scores():
    layer = MultiHeadAttention(2, 3, flash_attention=True)
    with pytest.raises(ValueError, match="return_attention_scores"):
        layer(QUERY, VALUE, return_attention_scores=True)


@pytest.mark.parametrize("mask", [None, [[True, True, False], [True, True, True]]])
def test_a_causal_flag_is_a_causal_mask(mask):
    layer, x = MultiHeadAttention(2, 3), np.random.default_rng(0).normal(size=(2, 3, 4)).astype("float32")
    given = None if mask is None else np.array(mask)
    got = layer(x, x, value_mask=given, use_causal_mask=True)
    causal = np.tril(np.ones((2, 3, 3), bool))
    expected = layer(x, x, value_mask=given, attention_mask=causal)
    with_scores, _ = layer(x, x, value_mask=given, use_causal_mask=True, return_attention_scores=True)
    for other in (expected, with_scores):
        np.testing.assert_allclose(
            ops.convert_to_numpy(got), ops.convert_to_numpy(other), rtol=1e-5, atol=1e-6
        )


def test_who_insists_on_a_fused_kernel_gets_one_or_an_error():
    x = ops.ones((1, 3, 2, 4))
    with pytest.raises(ValueError, match="flash_attention=True"):
        ops.dot_product_attention(x, x, x, flash_attention=True, attn_logits_soft_cap=1.0)
    plain, refused = (ops.dot_product_attention(x, x, x, flash_attention=wanted) for wanted in (None, False))
    np.testing.assert_allclose(ops.convert_to_numpy(plain), ops.convert_to_numpy(refused), rtol=1e-5)


def test_equations():
    assert projection_equation(4) == "abcd,def->abcef"
    assert merging_equation(3, 2) == ("abcd,cdef->abef", "ef")
    assert attention_equations(4, (2,)) == ("abfde,abcde->abdcf", "abdcf,abfde->abcde")
    assert attention_equations(4, (1, 2)) == ("afgde,abcde->adbcfg", "adbcfg,afgde->abcde")


def test_half_precision_hides_masked_keys():
    kept = np.array([[True, False, True, True, False]] * 2)
    layer = MultiHeadAttention(2, 3, dtype="float16")
    result, scores = layer(QUERY, VALUE, value_mask=kept, return_attention_scores=True)
    assert active().dtype(result) == "float16"
    assert not _array(scores)[..., ~kept[0]].any()
    _close(result, layer(QUERY, VALUE, value_mask=kept), 2e-2)


def test_a_subclass_may_build_its_projections_by_itself():
    """As libraries do it that were written for the incumbent: by names with an underscore in front."""

    class Own(MultiHeadAttention):
        def build(self, query_shape, value_shape, key_shape=None):
            options = self._get_common_kwargs_for_sublayer()
            for name in ("query", "key", "value"):
                layer = EinsumDense(
                    "abc,cde->abde",
                    (None, self._num_heads, self._key_dim),
                    bias_axes="de",
                    name=name,
                    **options,
                )
                layer.build(query_shape)
                setattr(self, f"_{name}_dense", layer)
            self._build_attention(rank=4)
            merged = (*query_shape[:-1], self._num_heads, self._value_dim)
            self._output_dense = EinsumDense("abde,dec->abc", (None, query_shape[-1]), **options)
            self._output_dense.build(merged)

    own = Own(2, 3, kernel_initializer="ones")
    assert own._kernel_initializer is own.kernel_initializer and own._attention_axes is None
    x = np.random.default_rng(0).normal(size=(2, 4, 6)).astype("float32")
    usual = MultiHeadAttention(2, 3, kernel_initializer="ones")
    np.testing.assert_allclose(_array(own(x, x)), _array(usual(x, x)), atol=1e-5)
    scores, seen = RNG.normal(size=(2, 2, 4, 4)).astype("float32"), np.eye(4, dtype=bool)
    _close(own._masked_softmax(scores, seen), np.broadcast_to(np.eye(4), scores.shape))
    _close(own._masked_softmax(scores), _softmax(scores))
    own._num_heads = 5
    assert (own._num_heads, own.num_heads) == (5, 2)
