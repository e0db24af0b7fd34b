"""Metrics: accumulation over batches, weights, statelessness, names and configs."""

import numpy as np
import pytest
from keras_ops import ops
from keras_training.losses import identifiers as losses
from keras_training.metrics import identifiers
from keras_training.metrics.accuracy import SparseCategoricalAccuracy, SparseTopKCategoricalAccuracy
from keras_training.metrics.metric import Metric
from keras_training.metrics.reductions import Mean, MeanMetricWrapper, Sum
from keras_training.metrics.regression import MeanSquaredError, RootMeanSquaredError

BUILT_IN = [name for name in identifiers.CLASSES if name not in ("Metric", "MeanMetricWrapper")]
SCORES = np.array([[0.1, 0.7, 0.2], [0.5, 0.2, 0.3], [0.2, 0.3, 0.5]], "float32")


def value(metric):
    return float(ops.convert_to_numpy(metric.result()))


def test_mean_over_batches_of_different_sizes():
    metric = Mean()
    assert value(metric) == 0
    metric.update_state([1.0, 2.0, 3.0])
    metric.update_state(10.0)
    metric.update_state([[0.0, 4.0]])
    assert np.isclose(value(metric), (1 + 2 + 3 + 10 + 2) / 5)
    metric.reset_state()
    metric.update_state([1.0, 3.0], sample_weight=[3.0, 1.0])
    assert np.isclose(value(metric), 1.5)


def test_mean_of_a_loss_weighted_by_its_samples():
    metric = Mean()
    metric.update_state(ops.convert_to_tensor(np.float32(2.0)), sample_weight=3)
    metric.update_state(ops.convert_to_tensor(np.float32(4.0)), sample_weight=1)
    assert np.isclose(value(metric), 2.5)


def test_sum_returns_a_value_of_its_own():
    metric = Sum()
    metric.update_state([1.0, 2.0], sample_weight=[2.0, 1.0])
    before = metric.result()
    metric.update_state(5.0)
    assert np.isclose(float(before), 4.0)
    assert np.isclose(value(metric), 9.0)


@pytest.mark.parametrize(
    ("name", "y_true", "y_pred", "expected"),
    [
        ("accuracy", [1, 2, 3], [1, 0, 3], 2 / 3),
        ("binary_accuracy", [[1.0], [0.0]], [[0.6], [0.7]], 0.5),
        ("categorical_accuracy", np.eye(3), SCORES, 1 / 3),
        ("sparse_categorical_accuracy", [1, 0, 2], SCORES, 1.0),
        ("sparse_categorical_accuracy", [[1], [0], [0]], SCORES, 2 / 3),
        ("mse", [[0.0], [0.0]], [[1.0], [3.0]], 5.0),
        ("root_mean_squared_error", [[0.0]], [[3.0]], 3.0),
        ("cosine_similarity", [[1.0, 0.0]], [[2.0, 0.0]], 1.0),
    ],
)
def test_value(name, y_true, y_pred, expected):
    metric = identifiers.get(name)
    metric.update_state(np.asarray(y_true), np.asarray(y_pred))
    assert np.isclose(value(metric), expected, atol=1e-6)


def test_top_k_on_steps_and_on_sorted_ids():
    metric = SparseTopKCategoricalAccuracy(k=2)
    metric.update_state(np.array([[2, 1]]), SCORES[None, :2])
    assert np.isclose(value(metric), 0.5)
    metric = SparseTopKCategoricalAccuracy(k=2, from_sorted_ids=True)
    metric.update_state(np.array([2, 0]), np.array([[1, 2, 0], [1, 2, 0]]))
    assert np.isclose(value(metric), 0.5)


@pytest.mark.parametrize("name", ["MeanSquaredError", "Hinge", "Poisson", "KLDivergence", "LogCoshError"])
def test_metrics_of_losses_are_their_means(name):
    y_true, y_pred = np.full((2, 3), 0.5, "float32"), SCORES[:2]
    metric = identifiers.get(name)
    metric.update_state(y_true, y_pred)
    loss = losses.get({"LogCoshError": "LogCosh"}.get(name, name))
    assert np.isclose(value(metric), float(loss(y_true, y_pred)), rtol=1e-5)


REQUIRED = {
    "SensitivityAtSpecificity": {"specificity": 0.5},
    "SpecificityAtSensitivity": {"sensitivity": 0.5},
    "PrecisionAtRecall": {"recall": 0.5},
    "RecallAtPrecision": {"precision": 0.5},
    "IoU": {"num_classes": 3, "target_class_ids": [0, 2]},
    "OneHotIoU": {"num_classes": 3, "target_class_ids": [1]},
    "MeanIoU": {"num_classes": 3},
    "OneHotMeanIoU": {"num_classes": 3},
}
"""Arguments without which a metric can not be made."""


@pytest.mark.parametrize("name", BUILT_IN)
def test_config_round_trip(name):
    metric = identifiers.CLASSES[name](**REQUIRED.get(name, {}), name="mine")
    again = identifiers.deserialize(identifiers.serialize(metric))
    assert type(again) is type(metric)
    assert again.get_config() == metric.get_config()
    assert again.name == "mine"
    assert not any(v.trainable for v in again.variables)


def test_stateless_use_leaves_the_metric_alone():
    metric = MeanSquaredError()
    state = [v.value for v in metric.variables]
    state = metric.stateless_update_state(state, [[0.0]], [[2.0]])
    assert np.isclose(float(metric.stateless_result(state)), 4.0)
    assert value(metric) == 0
    metric.update_state([[0.0]], [[1.0]])
    assert all(float(v) == 0 for v in metric.stateless_reset_state())
    assert value(metric) == 1
    with pytest.raises(ValueError, match="hold 2 values"):
        metric.stateless_update_state(state[:1], [[0.0]], [[2.0]])


def test_variables_assigned_and_nested_are_tracked():
    class Pair(Metric):
        def __init__(self):
            super().__init__(name="pair")
            self.first = Mean(name="first")
            self.own = self.add_weight(name="own")

        def update_state(self, values):
            self.first.update_state(values)
            self.own.assign(self.own + 1.0)

        def result(self):
            return {"mean": self.first.result(), "updates": self.own.value}

    metric = Pair()
    assert [v.path for v in metric.variables] == ["pair/own", "first/total", "first/count"]
    assert {k: float(v) for k, v in metric([2.0, 4.0]).items()} == {"mean": 3.0, "updates": 1.0}
    metric.reset_state()
    assert all(float(v.value) == 0 for v in metric.variables)


def test_names():
    assert Mean().name == "mean"
    assert MeanMetricWrapper(losses.get("mse")).name == "mean_squared_error"
    assert RootMeanSquaredError().variables[0].path == "root_mean_squared_error/total"
    assert identifiers.get("accuracy").name == "accuracy"


def test_dtype_policy_counts_by_its_compute_dtype():
    class Policy:
        compute_dtype = "float16"

    assert Mean(dtype=Policy()).dtype == "float16"


def test_messages():
    with pytest.raises(ValueError, match="Unknown metric 'nothing'"):
        identifiers.get("nothing")
    with pytest.raises(NotImplementedError, match="update_state"):
        Metric().update_state()

    class Late(Metric):
        def __init__(self):
            self.mean = Mean()

    with pytest.raises(RuntimeError, match="super"):
        Late()


def test_labels_of_any_integer_dtype():
    for dtype in ("uint8", "int64", "float32"):
        metric = SparseCategoricalAccuracy()
        metric.update_state(np.array([1, 0, 2], dtype), SCORES)
        assert value(metric) == 1.0


def test_counts_at_thresholds_in_any_order_and_among_many():
    rng = np.random.default_rng(3)
    y, p, w = rng.integers(0, 2, 50), rng.random(50).astype("float32"), rng.random(50).astype("float32")
    p[:5] = 0.25  # A score equal to a threshold is not above it.
    thresholds = [0.75, 0.25, 0.5]
    expected = {
        "TruePositives": [w[(y == 1) & (p > t)].sum() for t in thresholds],
        "FalsePositives": [w[(y == 0) & (p > t)].sum() for t in thresholds],
        "TrueNegatives": [w[(y == 0) & (p <= t)].sum() for t in thresholds],
        "FalseNegatives": [w[(y == 1) & (p <= t)].sum() for t in thresholds],
    }
    for name, values in expected.items():
        metric = identifiers.CLASSES[name](thresholds)
        np.testing.assert_allclose(metric(y, p, sample_weight=w), values, rtol=1e-5)
        again = type(metric).from_config(metric.get_config())
        assert again.get_config() == metric.get_config()


@pytest.mark.parametrize("curve", ["ROC", "PR"])
def test_area_of_each_label_is_that_of_the_label_alone(curve):
    rng = np.random.default_rng(4)
    y, p = rng.integers(0, 2, (40, 3)), rng.random((40, 3)).astype("float32")
    together = identifiers.CLASSES["AUC"](curve=curve, multi_label=True, label_weights=[1.0, 2.0, 5.0])(y, p)
    alone = [float(identifiers.CLASSES["AUC"](curve=curve)(y[:, i], p[:, i])) for i in range(3)]
    np.testing.assert_allclose(float(together), np.dot(alone, [1, 2, 5]) / 8, rtol=1e-5)


_OUT_OF_RANGE = [
    ("Precision", {"thresholds": [0.5, 1.5]}, r"`thresholds` in \[0, 1\], received 1.5"),
    ("AUC", {"curve": "roc"}, r"`curve` to be one of \('ROC', 'PR'\), received 'roc'"),
    ("RecallAtPrecision", {"precision": 2}, r"precision=2"),
    ("FBetaScore", {"average": "mean"}, "`average` to be one of"),
    ("IoU", {"num_classes": 2, "target_class_ids": [2]}, "class numbers below num_classes=2"),
    ("R2Score", {"num_regressors": -1}, "num_regressors"),
]


@pytest.mark.parametrize(("name", "arguments", "message"), _OUT_OF_RANGE)
def test_arguments_of_metrics_out_of_range(name, arguments, message):
    with pytest.raises(ValueError, match=message):
        identifiers.CLASSES[name](**arguments)
