"""Configs of legacy `.h5` files, of Keras 2 and of this format's last writers, to today's and back.

Only names and forms change here. `legacy_h5` reads and writes the files; what a config may name is
decided where every config is read.
"""

from collections.abc import Callable, Mapping
from typing import Any

_DROPPED = frozenset(
    {"batch_input_shape", "fused", "implementation", "input_length", "time_major", "virtual_batch_size"}
)
"""Constructor arguments of Keras 2 that say nothing today."""

_DROPPED_BY_OPTIMIZERS = frozenset({"decay", "is_legacy_optimizer", "jit_compile"})

_RENAMED: dict[str, dict[str, str]] = {
    "InputLayer": {"batch_input_shape": "batch_shape"},
    "LeakyReLU": {"alpha": "negative_slope"},
}

_CHANGED: dict[tuple[str, str], Callable[[Any], Any]] = {
    ("BatchNormalization", "axis"): lambda axis: (
        axis[0] if isinstance(axis, list) and len(axis) == 1 else axis
    ),
}

_FUNCTIONAL = {"module": "keras.src.models.functional", "class_name": "Functional", "registered_name": None}


def modern_layer(entry: Mapping[str, Any]) -> dict[str, Any]:
    """Returns today's config of a layer or model.

    Args:
        entry: `{"class_name": ..., "config": ...}` as legacy files have it.
    """
    class_name, config = entry["class_name"], dict(entry["config"])
    result = {**entry, "config": config}
    if class_name in ("Functional", "Model") and "layers" in config:
        result.update(_FUNCTIONAL)
        config["layers"] = [_modern_step(layer) for layer in config["layers"]]
        for end in ("input_layers", "output_layers"):
            config[end] = _single(config[end])
    elif class_name == "Sequential":
        config["layers"] = _with_input([modern_layer(layer) for layer in config["layers"]], config["layers"])
    elif class_name == "Lambda" and config.get("function_type") == "lambda":
        code, defaults, closure = config["function"]
        config["function"] = {
            "class_name": "__lambda__",
            "config": {"code": code, "defaults": defaults, "closure": closure},
        }
    else:
        result["config"] = _modern_arguments(class_name, config)
    return result


def _modern_arguments(class_name: str, config: dict[str, Any]) -> dict[str, Any]:
    renamed = _RENAMED.get(class_name, {})
    result = {}
    for name, value in config.items():
        name = renamed.get(name, name)
        if name in _DROPPED:
            continue
        if isinstance(value, dict) and "class_name" in value and "config" in value:
            value = modern_layer(value)
        result[name] = _CHANGED.get((class_name, name), lambda x: x)(value)
    return result


def _with_input(layers: list[dict[str, Any]], old: list[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Puts the input shape, which the first layer of old models kept, into a layer of its own."""
    shape = old[0]["config"].get("batch_input_shape") if old else None
    if shape is None or old[0]["class_name"] == "InputLayer":
        return layers
    config = {"batch_shape": shape, "dtype": old[0]["config"].get("dtype", "float32")}
    if isinstance(config["dtype"], dict):
        config["dtype"] = config["dtype"]["config"]["name"]
    return [{"module": "keras.layers", "class_name": "InputLayer", "config": config}, *layers]


def _modern_step(entry: Mapping[str, Any]) -> dict[str, Any]:
    """A layer of a graph with its calls."""
    result = modern_layer(entry)
    nodes = entry.get("inbound_nodes", [])
    result["inbound_nodes"] = [_modern_node(node) if isinstance(node, list) else node for node in nodes]
    return result


def _modern_node(node: list[Any]) -> dict[str, Any]:
    """A call that Keras 2 writes as `[[layer, node, tensor, keyword arguments], ...]`."""
    if not all(_is_reference(item[:3]) for item in node):
        raise ValueError(
            f"The graph has a call that is no list of layer outputs: {node!r}. Files with TensorFlow operations as "
            "layers cannot be read; rebuild the model and load the weights with `load_weights`."
        )
    tensors = [_tensor(item[:3]) for item in node]
    keywords = dict(node[0][3]) if node and len(node[0]) > 3 else {}
    arguments = {key: _tensor(v) if _is_reference(v) else v for key, v in keywords.items()}
    return {"args": tensors if len(tensors) == 1 else [tensors], "kwargs": arguments}


def _is_reference(value: Any) -> bool:
    return isinstance(value, list) and [type(part) for part in value] == [str, int, int]


def _tensor(history: list[Any]) -> dict[str, Any]:
    config = {"shape": None, "dtype": None, "keras_history": history}
    return {"class_name": "__keras_tensor__", "config": config}


def _single(ends: Any) -> Any:
    return ends[0] if isinstance(ends, list) and len(ends) == 1 and isinstance(ends[0], list) else ends


def modern_training(config: Mapping[str, Any]) -> dict[str, Any]:
    """Returns today's compile config for the `training_config` of a file."""
    result = {key: _modern_objective(value) for key, value in config.items() if key != "optimizer_config"}
    optimizer = config.get("optimizer_config")
    if optimizer is not None:
        class_name = optimizer["class_name"].removeprefix("Custom>")
        known = {k: v for k, v in optimizer["config"].items() if k not in _DROPPED_BY_OPTIMIZERS}
        known["name"] = str(known.get("name", class_name)).lower()
        result["optimizer"] = {"module": "keras.optimizers", "class_name": class_name, "config": known}
    return result


def _modern_objective(value: Any) -> Any:
    """Losses and metrics: Keras 2 wrote functions as wrapper objects."""
    if isinstance(value, list):
        value = [_modern_objective(item) for item in value]
        return value[0] if len(value) == 1 and isinstance(value[0], list) else value
    if not isinstance(value, dict):
        return value
    if "class_name" not in value:
        return {key: _modern_objective(item) for key, item in value.items()}
    config = value.get("config", {})
    if value["class_name"] in ("LossFunctionWrapper", "MeanMetricWrapper"):
        return config.get("name") if value["class_name"] == "MeanMetricWrapper" else config.get("fn")
    return {**value, "config": {key: item for key, item in config.items() if key != "fn"}}


def legacy_layer(entry: Any) -> Any:
    """Returns the config of a layer or model as legacy files have it."""
    registered = entry.get("registered_name")
    name = registered if registered and ">" in registered else entry["class_name"]
    config = dict(entry["config"])
    if isinstance(config.get("layers"), list):
        config["layers"] = [legacy_layer(layer) for layer in config["layers"]]
    result = {"class_name": name, "config": config}
    result.update({key: entry[key] for key in ("name", "inbound_nodes") if key in entry})
    return result


def legacy_training(config: Mapping[str, Any]) -> dict[str, Any]:
    """Returns the `training_config` for a compile config."""
    result = {key: value for key, value in config.items() if key != "optimizer"}
    optimizer = config.get("optimizer")
    if isinstance(optimizer, dict):
        result["optimizer_config"] = {"class_name": optimizer["class_name"], "config": optimizer["config"]}
    return result
