"""Attention layers and the way to call them, for `test_layers`; see `layer_samples`."""

from keras_layers.attention.additive_attention import AdditiveAttention
from keras_layers.attention.attention import Attention
from keras_layers.attention.group_query_attention import GroupedQueryAttention
from keras_layers.attention.multi_head_attention import MultiHeadAttention
from keras_layers.testing import Sample

QUERY, GRID = (2, 4, 6), (2, 3, 4, 5)
VALUE, KEYS = {"value": (2, 5, 3)}, {"value": (2, 5, 3), "key": (2, 5, 4)}
LOOKED_UP = [(2, 4, 3), (2, 5, 6), (2, 5, 3)]

SAMPLES = [
    Sample(Attention, {}, [(2, 4, 3), (2, 5, 3)]),
    Sample(
        Attention,
        {"use_scale": True, "score_mode": "concat"},
        LOOKED_UP,
        weights=(2, 0),
    ),
    Sample(
        Attention, {"dropout": 0.3, "seed": 1}, [(2, 4, 3), (2, 4, 3)], call={"training": True}, random=True
    ),
    Sample(AdditiveAttention, {}, LOOKED_UP, call={"use_causal_mask": True}, weights=(1, 0)),
    Sample(MultiHeadAttention, {"num_heads": 2, "key_dim": 3}, QUERY, tensors=VALUE, weights=(8, 0)),
    Sample(
        MultiHeadAttention,
        {"num_heads": 2, "key_dim": 3, "value_dim": 4, "output_shape": (2, 3), "use_gate": True},
        QUERY,
        tensors=KEYS,
        weights=(10, 0),
    ),
    Sample(
        MultiHeadAttention,
        {"num_heads": 2, "key_dim": 3, "use_bias": False, "sliding_window": 2},
        QUERY,
        tensors={"value": (2, 4, 6)},
        call={"use_causal_mask": True},
        weights=(4, 0),
    ),
    Sample(
        MultiHeadAttention,
        {"num_heads": 2, "key_dim": 3, "attention_axes": (2,)},
        GRID,
        tensors={"value": (2, 3, 6, 5)},
        weights=(8, 0),
    ),
    Sample(
        MultiHeadAttention,
        {"num_heads": 1, "key_dim": 3, "dropout": 0.4, "seed": 3},
        QUERY,
        tensors=VALUE,
        call={"training": True},
        weights=(8, 0),
        random=True,
    ),
    Sample(
        GroupedQueryAttention,
        {"head_dim": 3, "num_query_heads": 4, "num_key_value_heads": 2, "use_gate": True},
        QUERY,
        tensors=VALUE,
        weights=(10, 0),
    ),
    Sample(
        GroupedQueryAttention,
        {"head_dim": 3, "num_query_heads": 4, "num_key_value_heads": 1},
        QUERY,
        tensors=KEYS,
        weights=(8, 0),
    ),
]
