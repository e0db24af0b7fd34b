"""The cases of `layers.py`: models of few layers, and preprocessing beside the plainest code for the same.

What the framework's own code for the models looks like is in `layers_native`.
"""

import string
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import keras
import numpy as np
from augmentation_native import augmentation
from native import native

layers = keras.layers
RATE = 0.01
Pair = tuple[Callable[[], Any], Callable[[], Any]]


@dataclass(frozen=True)
class Case:
    """A model: the shape of its input, and the layers from it to the output."""

    shape: tuple[int, ...]
    build: Callable[[Any], Any]

    def data(self) -> tuple[np.ndarray, np.ndarray]:
        """One batch of inputs and targets."""
        draw = np.random.default_rng(0)
        output = keras.ops.shape(self.build(keras.KerasTensor(self.shape)))
        return tuple(draw.normal(size=shape).astype("float32") for shape in (self.shape, output))


def _convolutions(x: Any) -> Any:
    for filters in (32, 32, 64):
        x = layers.Conv2D(filters, 3, strides=1 if filters == 32 else 2, padding="same", activation="relu")(x)
    return layers.GlobalAveragePooling2D()(x)


def _normalization(x: Any) -> Any:
    return layers.GlobalAveragePooling2D()(layers.BatchNormalization()(x))


def _attention(x: Any, **options: Any) -> Any:
    return layers.MultiHeadAttention(4, 16)(x, x, **options)


MODELS = {
    "LSTM(128) x 64": Case((32, 64, 64), lambda x: layers.LSTM(128)(x)),
    "GRU(128) x 64": Case((32, 64, 64), lambda x: layers.GRU(128)(x)),
    "attention 8x512x64": Case((8, 512, 64), _attention),
    "causal attention 8x512x64": Case((8, 512, 64), lambda x: _attention(x, use_causal_mask=True)),
    "3 Conv2D 32x32x32x3": Case((32, 32, 32, 3), _convolutions),
    "BatchNormalization 64x32x32x32": Case((64, 32, 32, 32), _normalization),
}


def made(case: Case) -> keras.Model:
    """The compiled model of a case."""
    inputs = keras.Input(batch_shape=case.shape)
    model = keras.Model(inputs, case.build(inputs))
    model.compile(keras.optimizers.SGD(RATE), "mse")
    return model


def _sentences(backend: str) -> Pair:
    """50,000 sentences as indices, beside plain Python.

    Both get the same NumPy array of strings, lower and strip ASCII punctuation, split at white space, look up each
    word in one vocabulary, pad and cut to 8 indices, and return a tensor of the framework. By hand that is a loop
    over the sentences with the methods of `str` and a dict, on every backend: TensorFlow's operations on strings take
    several times as long.
    """
    draw = np.random.default_rng(0)
    words = np.array([f"word{i}" for i in range(2000)])
    texts = np.array([" ".join(words[row]) for row in draw.integers(0, 2000, (50_000, 8))])
    layer = layers.TextVectorization(output_sequence_length=8, vocabulary=words.tolist())
    table = {word: i + 2 for i, word in enumerate(words.tolist())}
    punctuation = str.maketrans("", "", string.punctuation)
    tensor = native(backend).tensor

    def by_hand() -> Any:
        result = np.zeros((len(texts), 8), "int64")
        for row, text in enumerate(texts.tolist()):
            found = [table.get(word, 1) for word in text.lower().translate(punctuation).split()[:8]]
            result[row, : len(found)] = found
        return tensor(result)

    np.testing.assert_array_equal(np.asarray(layer(texts)), np.asarray(by_hand()))
    return lambda: layer(texts), by_hand


def _images(backend: str) -> Pair:
    """256 images, mirrored and brightened at random, by a pipeline of two layers, beside the same by hand.

    Both draw two numbers for each image (we draw a third, which `RandomFlip` has for the other direction), advance a
    state, and clip. By hand it is one function, jitted in JAX, a `tf.function` in TensorFlow, eager in PyTorch, as a
    user of each would write it; the pipeline is called eagerly in all of them.
    """
    images = np.random.default_rng(0).uniform(0, 255, (256, 64, 64, 3)).astype("float32")
    pipeline = layers.Pipeline([layers.RandomFlip("horizontal"), layers.RandomBrightness(0.2)])
    x = keras.ops.convert_to_tensor(images)
    return lambda: pipeline(x, training=True), augmentation(backend, images)


PREPROCESSING: dict[str, Callable[[str], Pair]] = {
    "TextVectorization of 50,000": _sentences,
    "augmentation of 256 images": _images,
}
"""Case -> our call and the other's, on a backend."""
