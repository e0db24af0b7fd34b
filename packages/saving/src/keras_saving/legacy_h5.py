"""Legacy `.h5` files: whole models and weights by layer name, as Keras 2 writes them.

`saving` sends paths with these extensions here. Configs are translated in `legacy_config`; the file is read
with the same suspicion as every other, through `h5.H5Reader`.
"""

import json
import warnings
from collections.abc import Iterable, Mapping, Sequence
from contextlib import closing
from pathlib import Path
from typing import Any

from keras_backends.selection import active
from keras_backends.version import KERAS_VERSION
from keras_ops.serialize import deserialize_keras_object, serialize_keras_object

from keras_saving import legacy_config
from keras_saving.errors import BrokenFileError, WeightsMismatchError
from keras_saving.files import atomic_file
from keras_saving.h5 import H5Reader, import_h5py, to_numpy, write_dataset

MODEL_WEIGHTS = "model_weights"
OPTIMIZER_WEIGHTS = "optimizer_weights"
TOP_LEVEL = "top_level_model_weights"
_NAMES_PER_ATTRIBUTE = 4000
"""An attribute holds at most 64 KiB, 16 bytes per name."""


def save_model(model: Any, path: Path, *, include_optimizer: bool = True) -> None:
    """Writes a whole model."""
    warnings.warn(
        f"{str(path)!r} is written in the legacy HDF5 format. Use `model.save('model.keras')` instead; it keeps "
        "more of the model.",
        stacklevel=4,
    )
    entry = serialize_keras_object(model)
    with atomic_file(path) as stream, closing(import_h5py().File(stream, "w")) as file:
        _write_versions(file)
        file.attrs["model_config"] = json.dumps(legacy_config.legacy_layer(entry))
        _write_layers(file.create_group(MODEL_WEIGHTS), model)
        compile_config = entry.get("compile_config")
        if include_optimizer and compile_config:
            file.attrs["training_config"] = json.dumps(legacy_config.legacy_training(compile_config))
            variables = getattr(getattr(model, "optimizer", None), "variables", ())
            if variables:
                _write_weights(file.create_group(OPTIMIZER_WEIGHTS), variables)


def _write_versions(group: Any) -> None:
    group.attrs["backend"] = active().name
    group.attrs["keras_version"] = KERAS_VERSION


def _write_layers(group: Any, model: Any) -> None:
    layers = list(model.layers)
    _write_names(group, "layer_names", [layer.name for layer in layers])
    _write_versions(group)
    for layer in sorted(layers, key=lambda layer: layer.name):
        _write_weights(group.create_group(layer.name), _legacy_weights(layer))
    _write_weights(group.create_group(TOP_LEVEL), _top_level_weights(model))


def _write_weights(group: Any, variables: Iterable[Any]) -> None:
    variables = list(variables)
    _write_names(group, "weight_names", [variable.path for variable in variables])
    for variable in variables:
        write_dataset(group, variable.path, to_numpy(variable))


def _write_names(group: Any, name: str, names: Sequence[str]) -> None:
    if len(names) <= _NAMES_PER_ATTRIBUTE:
        group.attrs[name] = list(names)
        return
    for i, start in enumerate(range(0, len(names), _NAMES_PER_ATTRIBUTE)):
        group.attrs[f"{name}{i}"] = list(names[start : start + _NAMES_PER_ATTRIBUTE])


def _read_names(group: Any, name: str) -> list[str]:
    if name in group.attrs:
        found = list(group.attrs[name])
    else:
        parts = 0
        found = []
        while f"{name}{parts}" in group.attrs:
            found += list(group.attrs[f"{name}{parts}"])
            parts += 1
    return [item.decode() if isinstance(item, bytes) else str(item) for item in found]


def _legacy_weights(layer: Any) -> list[Any]:
    return [*layer.trainable_weights, *layer.non_trainable_weights]


def _top_level_weights(model: Any) -> list[Any]:
    inside = {id(variable) for layer in model.layers for variable in layer.weights}
    return [variable for variable in _legacy_weights(model) if id(variable) not in inside]


def load_model(
    path: Path, *, custom_objects: Mapping[str, Any] | None, compile: bool, safe_mode: bool
) -> Any:
    """Reads a whole model."""
    with closing(H5Reader(str(path), str(path))) as reader:
        root = reader.group("")
        config = _json_attribute(root, "model_config", reader.name)
        options = {"custom_objects": custom_objects, "safe_mode": safe_mode}
        model = deserialize_keras_object(legacy_config.modern_layer(config), **options)
        _load_layers(model, reader, MODEL_WEIGHTS)
        if compile and "training_config" in root.attrs:
            training = _json_attribute(root, "training_config", reader.name)
            _compile(model, legacy_config.modern_training(training), custom_objects)
            _load_optimizer(model, reader)
    return model


def _json_attribute(group: Any, name: str, file: str) -> Any:
    text = group.attrs.get(name)
    if text is None:
        raise BrokenFileError(
            f"{file!r} has no {name!r}, so it holds weights and no model. Build the model and use "
            "`model.load_weights(...)`."
        )
    try:
        return json.loads(text)
    except (ValueError, RecursionError) as error:
        raise BrokenFileError(f"The {name!r} of {file!r} is not valid JSON: {error}") from error


def _compile(model: Any, config: dict[str, Any], custom_objects: Mapping[str, Any] | None) -> None:
    try:
        model.compile_from_config(config)
    except (TypeError, ValueError, KeyError) as error:
        warnings.warn(
            f"The model is loaded but not compiled, since the file's training configuration cannot be used: "
            f"{error} Call `model.compile(...)`.",
            stacklevel=4,
        )


def _load_optimizer(model: Any, reader: H5Reader) -> None:
    group = reader.group(OPTIMIZER_WEIGHTS)
    optimizer = getattr(model, "optimizer", None)
    if group is None or optimizer is None:
        return
    if not optimizer.built:
        optimizer.build(model.trainable_variables)
    values = _values(reader, group)
    variables = list(optimizer.variables)
    if len(values) == len(variables) - 1:
        # Keras 2 does not store the learning rate, which is the second variable today.
        del variables[1]
    if [tuple(v.shape) for v in variables] != [v.shape for v in values]:
        warnings.warn(
            f"The state of optimizer {optimizer.name!r} in {reader.name!r} does not fit and is left out.",
            stacklevel=4,
        )
        return
    for variable, value in zip(variables, values):
        variable.assign(value)


def load_weights(model: Any, path: Path, *, by_name: bool, skip_mismatch: bool) -> None:
    """Reads the weights of a file, of weights or of a whole model, into a built model.

    Args:
        model: The model.
        path: The file.
        by_name: Whether layers are found by name; otherwise by their order among those with weights.
        skip_mismatch: Whether layers whose weights do not fit keep theirs, with a warning.
    """
    with closing(H5Reader(str(path), str(path))) as reader:
        root = reader.group("")
        place = MODEL_WEIGHTS if MODEL_WEIGHTS in root else ""
        _load_layers(model, reader, place, by_name=by_name, skip_mismatch=skip_mismatch)


def _load_layers(
    model: Any, reader: H5Reader, place: str, *, by_name: bool = False, skip_mismatch: bool = False
) -> None:
    group = reader.group(place)
    if group is None:
        raise BrokenFileError(f"{reader.name!r} has no weights: the group {place!r} is missing.")
    saved = {name: _layer_group(reader, group, name) for name in _read_names(group, "layer_names")}
    saved = {name: found for name, found in saved.items() if _read_names(found, "weight_names")}
    layers = [layer for layer in model.layers if _legacy_weights(layer)]
    if by_name:
        pairs = [(layer, saved[layer.name]) for layer in layers if layer.name in saved]
    elif len(layers) != len(saved):
        raise WeightsMismatchError(
            f"{reader.name!r} holds weights of {len(saved)} layers, {list(saved)}, but the model has {len(layers)} "
            f"layers with weights, {[layer.name for layer in layers]}. Pass `by_name=True` to load what has the "
            "same names."
        )
    else:
        pairs = list(zip(layers, saved.values()))
    for layer, found in pairs:
        _assign(layer.name, _legacy_weights(layer), _values(reader, found), reader, skip_mismatch)
    if TOP_LEVEL in group:
        values = _values(reader, reader.child(group, TOP_LEVEL))
        if values:
            _assign(model.name, _top_level_weights(model), values, reader, skip_mismatch)
    for layer in layers:
        if hasattr(layer, "finalize_state"):
            layer.finalize_state()


def _layer_group(reader: H5Reader, group: Any, name: str) -> Any:
    found = reader.child(group, name) if name in group else None
    if found is None:
        raise BrokenFileError(f"{reader.name!r} lists the layer {name!r} but holds nothing for it.")
    return found


def _values(reader: H5Reader, group: Any) -> list[Any]:
    values = []
    for name in _read_names(group, "weight_names"):
        place = group
        for part in name.split("/"):
            if part not in place:
                raise BrokenFileError(f"{reader.name!r} lists the weight {name!r} but does not hold it.")
            place = reader.child(place, part)
        values.append(reader.read(place))
    return values


def _assign(
    name: str, variables: list[Any], values: list[Any], reader: H5Reader, skip_mismatch: bool
) -> None:
    expected, received = [tuple(v.shape) for v in variables], [v.shape for v in values]
    if expected != received:
        text = f"Layer {name!r} has weights of the shapes {expected}, the file {reader.name!r} holds {received} for it."
        if not skip_mismatch:
            raise WeightsMismatchError(f"{text} Pass `skip_mismatch=True` to leave such layers as they are.")
        warnings.warn(f"{text} The layer keeps the values it had.", stacklevel=5)
        return
    for variable, value in zip(variables, values):
        variable.assign(value)
