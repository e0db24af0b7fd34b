"""Arguments that must be one of some words: what layers say of others, and that `None` and functions pass."""

import re

import pytest
from keras_layers.activations.rectifiers import PReLU
from keras_layers.attention.attention import Attention
from keras_layers.bounding_boxes.formats import convert_format
from keras_layers.convolutional.conv import Conv2D
from keras_layers.convolutional.depthwise_conv import DepthwiseConv1D
from keras_layers.core.arguments import one_of
from keras_layers.core.dense import Dense
from keras_layers.core.einsum_dense import EinsumDense
from keras_layers.pooling.average_pooling import AveragePooling2D
from keras_layers.preprocessing.audio.stft_spectrogram import STFTSpectrogram
from keras_layers.preprocessing.category_encoding import CategoryEncoding
from keras_layers.preprocessing.image.random_flip import RandomFlip
from keras_layers.preprocessing.image.random_rotation import RandomRotation
from keras_layers.preprocessing.text_vectorization import TextVectorization
from keras_layers.regularization.spatial_dropout import SpatialDropout1D
from keras_layers.regularizers import OrthogonalRegularizer
from keras_layers.reshaping.reshape import Reshape
from keras_layers.reshaping.up_sampling import UpSampling2D
from keras_layers.rnn.bidirectional import Bidirectional
from keras_layers.rnn.conv_lstm import ConvLSTM1D
from keras_layers.rnn.lstm import LSTM
from keras_ops.tensor import KerasTensor

WRONG = {
    "Attention: `score_mode`": lambda: Attention(score_mode="x"),
    "Bidirectional: `merge_mode`": lambda: Bidirectional(LSTM(2), merge_mode="x"),
    "CategoryEncoding: `output_mode`": lambda: CategoryEncoding(3, output_mode="x"),
    "OrthogonalRegularizer: `mode`": lambda: OrthogonalRegularizer(mode="x"),
    "RandomFlip: `mode`": lambda: RandomFlip("x"),
    "RandomRotation: `fill_mode`": lambda: RandomRotation(0.1, fill_mode="x"),
    "STFTSpectrogram: `scaling`": lambda: STFTSpectrogram(scaling="x"),
    "TextVectorization: `split`": lambda: TextVectorization(split="x"),
    "UpSampling2D: `interpolation`": lambda: UpSampling2D(interpolation="x"),
    "convert_format: `source`": lambda: convert_format([[0, 0, 1, 1]], "x", "xyxy"),
}


@pytest.mark.parametrize("said", WRONG)
def test_words_that_are_not_known_are_refused(said):
    name = said.split("`")[1]
    with pytest.raises(ValueError, match=f"^{re.escape(said)} must be one of '.*, received {name}='x'"):
        WRONG[said]()


REFUSED = {
    r"EinsumDense: `equation` must be a string, received equation=None": lambda: EinsumDense(None, 3),
    r"PReLU 'p': expected `shared_axes` from 1 to 2 .* received shared_axes=\[3\]": lambda: PReLU(
        shared_axes=3, name="p"
    ).build((2, 3, 4)),
    r"Reshape 'r': expected an input with a batch axis": lambda: Reshape((1,), name="r")(KerasTensor(())),
    r"Expected a dtype policy, .* Received: \{\}": lambda: Dense(2, dtype={}),
}


@pytest.mark.parametrize("said", REFUSED)
def test_arguments_that_make_no_sense_are_refused(said):
    with pytest.raises(ValueError, match=said):
        REFUSED[said]()


def test_what_else_is_allowed_passes_and_is_said():
    assert TextVectorization(split=None, standardize=str.lower).split is None
    assert STFTSpectrogram(scaling=None).scaling is None
    with pytest.raises(ValueError, match=r"one of 'a', None or a function, received b=\{\}"):
        one_of("Owner", "b", {}, {"a": 1, None: 2}, other="a function")


@pytest.mark.parametrize("cls", [AveragePooling2D, Conv2D, ConvLSTM1D, DepthwiseConv1D, SpatialDropout1D])
def test_python_names_the_class_that_was_called(cls):
    with pytest.raises(TypeError, match=rf"^{cls.__name__}\.__init__\(\) missing"):
        cls()
