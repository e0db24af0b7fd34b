"""Quantization of a whole model: which layers are meant, and that each of them is asked.

How a layer is quantized is its own affair (`Layer.quantize`). Used by `Model.quantize` only.
"""

import re
from collections.abc import Callable, Iterable
from typing import Any

from keras_layers.layer import Layer

Filters = str | Iterable[str] | Callable[[Layer], bool] | None


def quantize_layers(
    model: Any, mode: str | None, config: Any = None, filters: Filters = None, type_check: bool = True
) -> list[Layer]:
    """Quantizes the layers of a model that can be.

    Args:
        model: The model, built.
        mode: Name of the scheme; `None` takes that of `config`.
        config: Configuration of the scheme, with an attribute `mode`.
        filters: Which layers: a regular expression for names, several of them, or a function of the layer.
        type_check: Passed on to the layers.

    Returns:
        The layers that were quantized.

    Raises:
        ValueError: If the mode is not given or contradicts `config`, the model is not built, or no layer
            is left to be quantized.
    """
    mode = _mode(mode, config)
    if not model.built:
        raise ValueError(
            f"Model {model.name!r} must be built before it is quantized: call it on data, or `build` it."
        )
    chosen = _chosen(filters)
    layers = [layer for layer in model._flatten_layers(include_self=False) if not layer._layers]
    found = [layer for layer in layers if type(layer).quantize is not Layer.quantize and chosen(layer)]
    if not found:
        names = ", ".join(f"{layer.name} ({type(layer).__name__})" for layer in layers if layer.weights)
        which = "" if filters is None else f" that fits filters={filters!r}"
        raise ValueError(
            f"Model {model.name!r} has no layer{which} that can be quantized with mode={mode!r}. Its layers "
            f"with weights are: {names or 'none'}."
        )
    for layer in found:
        layer.quantize(mode, type_check=type_check, config=config)
    return found


def _mode(mode: str | None, config: Any) -> str:
    of_config = getattr(config, "mode", None)
    if not isinstance(mode, (str, type(None))):
        raise ValueError(
            f"quantize: expected `mode` to be a string such as 'int8', received mode={mode!r} of type "
            f"{type(mode).__name__}; a configuration goes into `config`."
        )
    if mode is None and of_config is None:
        raise ValueError(f"quantize: expected `mode` or `config`, received mode=None, config={config!r}.")
    if mode is not None and of_config not in (None, mode):
        raise ValueError(
            f"quantize: `mode` and `config` contradict each other: mode={mode!r}, but config.mode={of_config!r}."
        )
    return mode or of_config


def _chosen(filters: Filters) -> Callable[[Layer], bool]:
    if filters is None:
        return lambda layer: True
    if callable(filters):
        return filters
    patterns = [filters] if isinstance(filters, str) else list(filters)
    return lambda layer: any(re.search(pattern, layer.name) for pattern in patterns)
