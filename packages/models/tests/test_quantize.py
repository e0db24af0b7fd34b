"""`Model.quantize`: which layers are asked, and what it says where there is none."""

from types import SimpleNamespace

import pytest
from keras_layers.activations.rectifiers import ReLU
from keras_layers.core.dense import Dense
from keras_layers.core.embedding import Embedding
from keras_layers.core.input_layer import Input
from keras_models.sequential import Sequential


class Rounded(Dense):
    """Notes how it was quantized."""

    def quantize(self, mode=None, type_check=True, config=None):
        self.asked = (mode, type_check, config)


def model(*layers):
    return Sequential([Input((4,)), *layers])


@pytest.mark.parametrize(
    ("filters", "expected"),
    [(None, "ab"), ("^a", "a"), (["x", "b"], "b"), (lambda layer: layer.name == "a", "a")],
)
def test_layers_that_can_be_quantized_are(filters, expected):
    layers = Rounded(4, name="a"), ReLU(), Rounded(2, name="b")
    tested = model(layers[0], layers[1], model(layers[2]) if filters is None else layers[2])
    tested.predict_function = object()
    tested.quantize("int8", filters=filters)
    assert [x.name for x in layers if hasattr(x, "asked")] == list(expected)
    assert tested.predict_function is None


def test_config_says_the_mode():
    layer, config = Rounded(3), SimpleNamespace(mode="int4")
    model(layer).quantize(config=config, type_check=False)
    assert layer.asked == ("int4", False, config)
    assert model(Rounded(3)).get_quantization_layer_structure("gptq") is None


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"mode": "int8"}, r"no layer that can be quantized with mode='int8'.* only \(Embedding\)"),
        ({"mode": "int8", "filters": "zz"}, "no layer that fits filters='zz'"),
        ({}, "expected `mode` or `config`"),
        ({"mode": SimpleNamespace(mode="int8")}, "goes into `config`"),
        ({"mode": "int8", "config": SimpleNamespace(mode="int4")}, "contradict each other"),
        ({"mode": "int8", "deep": True}, "not recognized: \\['deep'\\]"),
    ],
)
def test_messages(arguments, message):
    with pytest.raises(ValueError, match=message):
        model(Embedding(5, 2, name="only")).quantize(**arguments)


def test_an_unbuilt_model_is_refused():
    with pytest.raises(ValueError, match="must be built before it is quantized"):
        Sequential([Rounded(3)]).quantize("int8")
