"""Calibration: data comes through a model block by block, and kernels are rounded by what they saw.

For the schemes GPTQ and AWQ: `quantization` makes one before it asks the layers, and runs it afterwards. What a kernel makes of its inputs is in
`keras_layers.quantizers.calibration`.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np
from keras_layers.core.calibrated_kernel import CalibratedKernel
from keras_layers.layer import Layer
from keras_layers.quantizers.configs import CalibratedConfig
from keras_ops import ops, tree


class Calibration:
    """The way of calibration data through a model; making one draws the data and changes nothing.

    Args:
        model: The model.
        config: Configuration of the scheme, with the data.

    Raises:
        ValueError: If there is no data, or the structure is malformed.
    """

    def __init__(self, model: Any, config: CalibratedConfig) -> None:
        self.model = model
        self.before, self.blocks = _structure(model, config)
        self.values: list[Any] = list(samples(config))

    def run(self, kernels: Sequence[CalibratedKernel]) -> None:
        """Rounds kernels by the inputs that they get; each block sees what those before it give once they are rounded.

        Args:
            kernels: The kernels that wait for it.

        Raises:
            ValueError: If a kernel is in no block, or no data comes through it.
        """
        waiting = {id(kernel.layer): kernel for kernel in kernels}
        reached = {id(layer) for block in self.blocks for layer in block._flatten_layers()}
        self._check_reached([kernel.layer for key, kernel in waiting.items() if key not in reached])
        values = self.values
        for layer in self.before:
            values = [_called(layer, value) for value in values]
        for block in self.blocks:
            inside = [waiting.pop(id(layer)) for layer in block._flatten_layers() if id(layer) in waiting]
            for kernel in inside:
                kernel.watch()
            outputs = [_called(block, value) for value in values]
            for kernel in inside:
                kernel.calibrate()
            if not waiting:
                return
            values = [_called(block, value) for value in values] if inside else outputs

    def _check_reached(self, missed: Sequence[Layer]) -> None:
        if missed:
            names = ", ".join(repr(layer.name) for layer in missed)
            raise ValueError(
                f"Model {self.model.name!r}: the layers {names} are in no block of the quantization structure, so no "
                "calibration data comes through them. Name their blocks in `sequential_blocks`, or leave them out by "
                "`filters`."
            )


def _called(layer: Any, value: Any) -> Any:
    try:
        return tree.map_structure(ops.stop_gradient, layer(value))
    except Exception as error:
        shapes = tree.map_structure(lambda x: tuple(x.shape), value)
        error.add_note(
            f"This happened while calibration data of the shape {shapes} came through {getattr(layer, 'name', layer)!r}. "
            "Each item of `dataset` that is no text and no sequence of tokens is a batch of inputs for the first of "
            "the layers; each block is called on what the one before it returned."
        )
        raise


def _structure(model: Any, config: CalibratedConfig) -> tuple[list[Any], list[Any]]:
    """The layers before the blocks, and the blocks."""
    found = config.quantization_layer_structure
    if found is None:
        found = model.get_quantization_layer_structure(config.mode)
    if found is None:
        # Nobody knows parts of it that follow each other.
        return [], [model]
    if isinstance(found, dict) and "sequential_blocks" in found:
        before, blocks = list(found.get("pre_block_layers") or ()), list(found["sequential_blocks"])
        if all(map(callable, before)) and all(isinstance(block, Layer) for block in blocks):
            return before, blocks
    raise ValueError(
        f"Model {model.name!r}: expected the quantization structure to be {{'pre_block_layers': [...], "
        f"'sequential_blocks': [...]}}, with layers in both, received {found!r}."
    )


def samples(config: CalibratedConfig) -> Iterator[Any]:
    """Yields the inputs for a calibration.

    Texts and sequences of tokens are joined and cut into samples of `sequence_length` tokens, evenly spaced; arrays
    of floats, and of more than two axes, are batches of inputs as they are, and so are dicts of arrays.

    Args:
        config: Says the data, how to make tokens of texts, and how many samples to take.

    Yields:
        Arrays `(1, sequence_length)` of tokens, or batches of inputs.

    Raises:
        TypeError: If the dataset is no iterable, but a text for example, or the tokenizer makes no integers.
        ValueError: If there is no data, less than one sample of tokens, or an empty batch.

    Example:

        >>> from keras_layers.quantizers.configs import GPTQConfig
        >>> [x.tolist() for x in samples(GPTQConfig([[1, 2, 3], [4, 5]], None, sequence_length=2, num_samples=2))]
        [[[1, 2]], [[4, 5]]]
    """
    if config.dataset is None:
        raise ValueError(
            f"{type(config).__name__}: expected `dataset` to hold texts, sequences of tokens or arrays of inputs, "
            "received dataset=None."
        )
    if isinstance(config.dataset, (str, bytes)) or not hasattr(config.dataset, "__iter__"):
        raise TypeError(
            f"{type(config).__name__}: expected `dataset` to be an iterable of texts, sequences of tokens or arrays of "
            f"inputs, received one of type {type(config.dataset).__name__}. Put a single item into a list."
        )
    tokens: list[np.ndarray] = []
    count = 0
    for item in config.dataset:
        batch = _tokens(item, config) if isinstance(item, (str, bytes)) else _arrays(item)
        array = next(iter(batch.values()), np.zeros(0)) if isinstance(batch, dict) else batch
        if array is batch and array.dtype.kind in "iu" and array.ndim <= 2:
            tokens.append(array.reshape(-1))
        elif not array.size or not array.ndim:
            raise ValueError(
                f"{type(config).__name__}: expected `dataset` to hold batches of at least one input, received one of "
                f"shape {array.shape}. Leave it out."
            )
        elif count < config.num_samples:
            count += len(array)
            yield batch
    if count:
        return
    joined = np.concatenate(tokens) if tokens else np.zeros(0, "int32")
    length = config.sequence_length
    if len(joined) < length:
        raise ValueError(
            f"{type(config).__name__}: expected `dataset` to hold at least sequence_length={length} tokens, received "
            f"{len(joined)}. Give more data, or a smaller `sequence_length`."
        )
    number = min(config.num_samples, len(joined) // length)
    for start in np.linspace(0, len(joined) - length, number).astype(int):
        yield joined[None, start : start + length]


def _arrays(item: Any) -> Any:
    """A batch as NumPy's array, or a dict of them."""
    if isinstance(item, dict):
        return {name: np.asarray(ops.convert_to_numpy(value)) for name, value in item.items()}
    return np.asarray(ops.convert_to_numpy(item))


def _tokens(text: Any, config: CalibratedConfig) -> np.ndarray:
    make = getattr(config.tokenizer, "tokenize", config.tokenizer)
    if not callable(make):
        raise ValueError(
            f"{type(config).__name__}: `dataset` holds texts, so `tokenizer` must be a function or an object with "
            f"`tokenize`, received tokenizer={config.tokenizer!r}."
        )
    tokens = make(text)
    array = None if isinstance(tokens, Mapping) else _numbers(tokens)
    if array is None or array.dtype.kind not in "iu":
        raise TypeError(
            f"{type(config).__name__}: expected `tokenizer` to make a sequence of integers of a text, received "
            f"{tokens!r:.80} of type {type(tokens).__name__}. Wrap it into a function that returns integers."
        )
    return array.reshape(-1)


def _numbers(tokens: Any) -> np.ndarray:
    return (
        np.asarray(tokens) if isinstance(tokens, (list, tuple)) else np.asarray(ops.convert_to_numpy(tokens))
    )
