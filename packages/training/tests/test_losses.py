"""Losses: values against NumPy, reductions, weights, masks, configs and messages."""

import numpy as np
import pytest
from keras_ops import ops
from keras_ops.masks import set_mask
from keras_training.losses import identifiers
from keras_training.losses.crossentropy import SparseCategoricalCrossentropy
from keras_training.losses.loss import Loss, LossFunctionWrapper
from keras_training.losses.regression import Huber, MeanSquaredError, mean_squared_error

RNG = np.random.default_rng(0)
TRUE = RNG.uniform(0.1, 1, (3, 4)).astype("float32")
PRED = RNG.uniform(0.1, 1, (3, 4)).astype("float32")
CLASSES = [
    name for name, value in identifiers.LOSSES.items() if isinstance(value, type) and value is not Loss
]


VALUES = {
    "mean_squared_error": ((TRUE - PRED) ** 2).mean(-1),
    "mean_absolute_error": np.abs(TRUE - PRED).mean(-1),
    "mean_absolute_percentage_error": 100 * (np.abs(TRUE - PRED) / TRUE).mean(-1),
    "mean_squared_logarithmic_error": ((np.log1p(TRUE) - np.log1p(PRED)) ** 2).mean(-1),
    "log_cosh": np.log(np.cosh(TRUE - PRED)).mean(-1),
    "cosine_similarity": -(TRUE * PRED).sum(-1)
    / np.linalg.norm(TRUE, axis=-1)
    / np.linalg.norm(PRED, axis=-1),
    "kl_divergence": (TRUE * np.log(TRUE / PRED)).sum(-1),
    "poisson": (PRED - TRUE * np.log(PRED)).mean(-1),
    "hinge": np.maximum(1 - TRUE * PRED, 0).mean(-1),
    "squared_hinge": (np.maximum(1 - TRUE * PRED, 0) ** 2).mean(-1),
    "categorical_hinge": np.maximum(((1 - TRUE) * PRED).max(-1) - (TRUE * PRED).sum(-1) + 1, 0),
    "binary_crossentropy": -(TRUE * np.log(PRED) + (1 - TRUE) * np.log(1 - PRED)).mean(-1),
}


@pytest.mark.parametrize("name", VALUES)
def test_value(name):
    found = ops.convert_to_numpy(identifiers.get(name)(TRUE, PRED))
    np.testing.assert_allclose(found, VALUES[name], rtol=2e-5, atol=1e-6)


def test_huber_is_quadratic_then_linear():
    found = ops.convert_to_numpy(identifiers.get("huber")([[0.0], [0.0]], [[0.5], [3.0]], delta=1.0))
    np.testing.assert_allclose(found, [0.125, 2.5])


def test_large_differences_do_not_overflow():
    assert np.isclose(float(identifiers.get("log_cosh")([[0.0]], [[1000.0]])[0]), 1000 - np.log(2))


@pytest.mark.parametrize("from_logits", [False, True])
def test_crossentropies_of_classes_agree(from_logits):
    labels = np.array([0, 2, 3])
    scores = PRED if from_logits else PRED / PRED.sum(-1, keepdims=True)
    sparse = identifiers.get("sparse_categorical_crossentropy")(labels, scores, from_logits=from_logits)
    one_hot = identifiers.get("categorical_crossentropy")(np.eye(4)[labels], scores, from_logits=from_logits)
    p = np.exp(scores) / np.exp(scores).sum(-1, keepdims=True) if from_logits else scores
    expected = -np.log(p[np.arange(3), labels])
    np.testing.assert_allclose(ops.convert_to_numpy(sparse), expected, rtol=1e-5)
    np.testing.assert_allclose(ops.convert_to_numpy(one_hot), expected, rtol=1e-5)


@pytest.mark.parametrize(
    ("reduction", "expected"),
    [
        ("sum_over_batch_size", (1 * 2 + 4 * 3) / 2),
        ("mean", (1 * 2 + 4 * 3) / 2),
        ("sum", 1 * 2 + 4 * 3),
        ("mean_with_sample_weight", (1 * 2 + 4 * 3) / 5),
        ("none", [2.0, 12.0]),
        (None, [2.0, 12.0]),
    ],
)
def test_reductions_with_weights(reduction, expected):
    found = MeanSquaredError(reduction)([[0.0], [0.0]], [[1.0], [2.0]], sample_weight=[2.0, 3.0])
    np.testing.assert_allclose(ops.convert_to_numpy(found), expected, rtol=1e-6)


def test_weights_of_samples_weigh_steps():
    y = np.zeros((2, 3, 1), "float32")
    loss = MeanSquaredError("none")(y, y + 1, sample_weight=[1.0, 5.0])
    np.testing.assert_allclose(ops.convert_to_numpy(loss), [[1.0] * 3, [5.0] * 3])
    with pytest.raises(ValueError, match="more axes"):
        MeanSquaredError()(np.zeros((2, 1)), np.zeros((2, 1)), sample_weight=np.ones((2, 3)))


def test_masked_steps_do_not_count():
    pred = ops.convert_to_tensor(np.array([[[1.0], [9.0]], [[3.0], [9.0]]], "float32"))
    set_mask(pred, ops.convert_to_tensor(np.array([[True, False], [True, False]])))
    assert np.isclose(float(MeanSquaredError()(np.zeros((2, 2, 1)), pred)), (1 + 9) / 2)


def test_ignored_class_does_not_count():
    labels, scores = np.array([0, 1, 1]), PRED / PRED.sum(-1, keepdims=True)
    loss = SparseCategoricalCrossentropy(ignore_class=1)
    assert np.isclose(float(loss(labels, scores)), -np.log(scores[0, 0]), rtol=1e-5)


def test_ranks_that_differ_by_one_are_made_equal():
    assert np.isclose(float(MeanSquaredError()(np.zeros((3, 1)), np.ones(3))), 1.0)


@pytest.mark.parametrize("name", CLASSES)
def test_config_round_trip(name):
    loss = identifiers.LOSSES[name](name="mine", reduction="sum")
    config = identifiers.serialize(loss)
    again = identifiers.deserialize(config)
    assert type(again) is type(loss)
    assert again.get_config() == loss.get_config()
    assert config["module"] == "keras.losses"


def test_config_keeps_what_differs_from_the_default():
    assert "delta" not in Huber().get_config()
    assert Huber.from_config(Huber(delta=0.5).get_config()).delta == 0.5


def test_dtype():
    loss = MeanSquaredError(dtype="float16")
    assert loss.dtype == "float16"
    assert "float16" in str(loss(TRUE, PRED).dtype)


def test_own_function_and_class():
    def off_by(y_true, y_pred, scale=1.0):
        return ops.mean(scale * (y_pred - y_true), axis=-1)

    loss = LossFunctionWrapper(off_by, scale=2.0)
    assert loss.name == "off_by"
    assert np.isclose(float(loss([[1.0]], [[2.0]])), 2.0)


def test_identifiers():
    assert identifiers.get(None) is None
    assert identifiers.get("MSE") is mean_squared_error
    assert isinstance(identifiers.get("MeanSquaredError"), MeanSquaredError)
    assert identifiers.get(mean_squared_error) is mean_squared_error


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: identifiers.get("msee"), "Unknown loss 'msee'"),
        (lambda: identifiers.get(3), "Could not interpret"),
        (lambda: MeanSquaredError("average"), "reduction='average'"),
        (lambda: identifiers.get("mse")(TRUE, PRED[:, :3]), "equal shapes"),
        (lambda: identifiers.get("categorical_crossentropy")(np.array([1, 2, 0]), PRED), "class numbers"),
        (lambda: SparseCategoricalCrossentropy()(np.array([0, 1, 4]), PRED), r"\[0, 4\).*received 4"),
        (lambda: SparseCategoricalCrossentropy()(np.array([0, 1, -1]), PRED), "received -1"),
    ],
)
def test_messages(call, message):
    with pytest.raises(ValueError, match=message):
        call()


def test_call_must_be_implemented():
    with pytest.raises(NotImplementedError, match="must implement `call"):
        Loss()(TRUE, PRED)


def test_overlaps_weigh_the_two_kinds_of_mistakes():
    y, p = np.array([[1.0, 0.0, 1.0]]), np.array([[0.5, 0.5, 1.0]])
    both, missed, false = 1.5, 0.5, 0.5
    for alpha, beta in ((0.5, 0.5), (0.2, 0.9)):
        expected = 1 - both / (both + alpha * missed + beta * false)
        found = identifiers.LOSSES["Tversky"](alpha, beta)(y, p)
        np.testing.assert_allclose(float(found), expected, rtol=1e-5)
    np.testing.assert_allclose(float(identifiers.LOSSES["Dice"]()(y, p)), 1 - 2 * both / 4, rtol=1e-5)


def test_sequences_of_labels_may_end_in_zeros():
    scores = np.random.default_rng(0).normal(size=(2, 6, 4)).astype("float32")
    padded = identifiers.LOSSES["ctc"](np.array([[1, 3, 0], [2, 0, 0]]), scores)
    alone = [identifiers.LOSSES["ctc"](np.array([y]), scores[i : i + 1]) for i, y in enumerate(([1, 3], [2]))]
    np.testing.assert_allclose(
        ops.convert_to_numpy(padded), [float(ops.squeeze(x)) for x in alone], rtol=1e-5
    )
    with pytest.raises(ValueError, match=r"y_true.shape=\(2,\)"):
        identifiers.LOSSES["ctc"](np.array([1, 2]), scores)


def test_embeddings_of_one_class_are_pulled_together():
    near = np.array([[1.0, 0.0], [1.0, 0.0], [0.0, 1.0], [0.0, 1.0]])
    loss = identifiers.LOSSES["Circle"](gamma=8.0)
    assert float(loss(np.array([0, 0, 1, 1]), near)) < float(loss(np.array([0, 1, 0, 1]), near))
