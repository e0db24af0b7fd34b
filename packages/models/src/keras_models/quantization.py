"""Quantization of a whole model: which layers are meant, and that each of them is asked.

How a layer is quantized is its own affair (`Layer.quantize`); schemes that look at data go on in `calibration`.
Used by `Model.quantize` only.
"""

import re
import warnings
from collections.abc import Callable, Iterable
from typing import Any

from keras_layers.adapted_parts import named_in
from keras_layers.core.all_or_nothing import all_or_nothing
from keras_layers.core.calibrated_kernel import CalibratedKernel
from keras_layers.core.quantizable import Quantizable
from keras_layers.layer import Layer
from keras_layers.quantizers.configs import CalibratedConfig, config_for
from keras_ops.policies import DTypePolicyMap
from keras_training.trainer import Trainer

from keras_models.calibration import Calibration

Filters = str | Iterable[str] | Callable[[Layer], bool] | None


def quantize_layers(
    model: Any, mode: str | None, config: Any = None, filters: Filters = None, type_check: bool = True
) -> list[Layer]:
    """Quantizes the layers of a model that can be; a layer that refuses is left alone, with a warning.

    If calibration fails, the model is as it was. Other schemes go layer by layer; the error says which were done.

    Args:
        model: The model, built.
        mode: Name of the scheme; `None` takes that of `config`.
        config: Configuration of the scheme; its default by default.
        filters: Which layers: a regular expression for names, several of them, or a function of the layer.
        type_check: Passed on to the layers.

    Returns:
        The layers that were quantized.

    Raises:
        ValueError: If the mode is not given or contradicts `config`, the model is not built, or no layer
            is left to be quantized.
    """
    config = config_for(mode, config, f"Model {model.name!r}")
    mode = config.mode
    if not model.built:
        raise ValueError(
            f"Model {model.name!r} must be built before it is quantized: call it on data, or `build` it."
        )
    chosen = _chosen(filters)
    layers = [layer for layer in model._flatten_layers(include_self=False) if not layer._layers]
    found = [layer for layer in layers if _can_be_quantized(layer, mode) and chosen(layer)]
    if not found:
        raise ValueError(_none_left(model, mode, filters, layers))
    done: list[Layer] = []
    if isinstance(config, CalibratedConfig):
        calibration = Calibration(model, config)
        # What reads data may fail late, so the floats stay until all is done.
        with all_or_nothing(found):
            _ask(found, mode, type_check, config, done)
            kernels = [getattr(layer, "_weight", None) for layer in done]
            calibration.run([kernel for kernel in kernels if isinstance(kernel, CalibratedKernel)])
    else:
        # The floats of a layer go before the integers of the next one come.
        try:
            _ask(found, mode, type_check, config, done)
        except Exception as error:
            _note_policies(model, done)
            if done:
                error.add_note(_half_done(model, done))
            raise
    if not done:
        raise ValueError(_none_left(model, mode, filters, layers))
    _note_policies(model, done)
    return done


def _ask(layers: list[Layer], mode: str, type_check: bool, config: Any, done: list[Layer]) -> None:
    """Asks layers to quantize themselves; those that did not refuse are added to `done` as they come."""
    for layer in layers:
        try:
            layer.quantize(mode, type_check=type_check, config=config)
        except NotImplementedError as refusal:
            warnings.warn(str(refusal), stacklevel=4)
        else:
            done.append(layer)


def _half_done(model: Any, done: list[Layer]) -> str:
    return (
        f"Model {model.name!r}: the layers {', '.join(repr(layer.name) for layer in done)} were quantized before this. "
        "Quantize the others with `filters=lambda layer: layer.quantization_mode is None`, or leave out those that "
        "fail."
    )


def _none_left(model: Any, mode: str, filters: Filters, layers: list[Layer]) -> str:
    names = ", ".join(f"{layer.name} ({type(layer).__name__})" for layer in layers if layer.weights)
    which = "" if filters is None else f" that fits filters={filters!r}"
    return (
        f"Model {model.name!r} has no layer{which} that can be quantized with mode={mode!r}. Its layers with weights "
        f"are: {names or 'none'}."
    )


def _note_policies(model: Any, done: list[Layer]) -> None:
    """Tells layers that make the quantized ones themselves, such as attention, of the policies they have now.

    Their configs are all that files hold of their parts.
    """
    ids = {id(layer) for layer in done}
    for layer in model._flatten_layers(include_self=False):
        if not layer._layers or isinstance(layer, Trainer) or isinstance(layer._dtype_policy, DTypePolicyMap):
            continue
        held = [part for part in layer._flatten_layers(include_self=False) if id(part) in ids]
        try:
            named = named_in(layer.get_config()) if held else frozenset()
        except NotImplementedError:
            # Without a config it is in no file.
            continue
        policies = {part.path: part.dtype_policy for part in held if part.name not in named}
        if policies:
            layer.dtype_policy = DTypePolicyMap(layer.dtype_policy, policies)


def _can_be_quantized(layer: Layer, mode: str) -> bool:
    if isinstance(layer, Quantizable) and mode not in layer.quantization_modes:
        return False
    return type(layer).quantize is not Layer.quantize


def _chosen(filters: Filters) -> Callable[[Layer], bool]:
    if filters is None:
        return lambda layer: True
    if callable(filters):
        return filters
    try:
        patterns = [re.compile(pattern) for pattern in ([filters] if isinstance(filters, str) else filters)]
    except (TypeError, re.error) as error:
        raise ValueError(
            "quantize: expected `filters` to be a regular expression, several of them, or a function of a layer, received "
            f"filters={filters!r}: {error}."
        ) from error
    return lambda layer: any(pattern.search(layer.name) for pattern in patterns)
