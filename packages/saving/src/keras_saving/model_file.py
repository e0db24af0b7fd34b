"""A whole model to the parts of a `.keras` file and back: metadata, config, weights, assets.

Where the parts lie (archive or folder) is `archive`'s business, the public functions are in `saving`.
"""

import datetime
import json
import tempfile
from collections.abc import Mapping
from contextlib import closing
from pathlib import Path
from typing import Any

from keras_backends.version import KERAS_VERSION
from keras_ops.serialize import (
    ObjectSharingScope,
    SafeModeScope,
    deserialize_keras_object,
    drop_lone_ids,
    serialize_keras_object,
)

from keras_saving.archive import Sink, Source, read_json
from keras_saving.errors import BrokenFileError, MissingPartError
from keras_saving.h5 import H5Reader, H5Writer
from keras_saving.walk import walk
from keras_saving.weights import load_state, save_state

METADATA = "metadata.json"
CONFIG = "config.json"
WEIGHTS = "model.weights.h5"
ASSETS = "assets"


def write_model(model: Any, sink: Sink, folder: Path | None) -> None:
    """Writes the parts of a model.

    Args:
        model: A model, or any layer.
        sink: Where they go.
        folder: Where the weights are prepared before they go there; `None` for the system's folder.
    """
    with ObjectSharingScope():
        config = drop_lone_ids(serialize_keras_object(model))
    date = datetime.datetime.now().strftime("%Y-%m-%d@%H:%M:%S")
    sink.add(METADATA, json.dumps({"keras_version": KERAS_VERSION, "date_saved": date}))
    sink.add(CONFIG, json.dumps(config))
    with tempfile.TemporaryDirectory(dir=folder, prefix=".saving-") as temporary:
        weights = Path(temporary, WEIGHTS)
        with closing(H5Writer(str(weights))) as writer:
            save_state(model, writer)
        sink.add(WEIGHTS, weights)
        assets = Path(temporary, ASSETS)
        _save_assets(model, assets)
        for path in sorted(assets.rglob("*")):
            if path.is_file():
                sink.add(path.relative_to(temporary).as_posix(), path)


def _save_assets(model: Any, folder: Path) -> None:
    for path, obj in walk(model):
        if hasattr(obj, "save_assets"):
            place = folder / path
            place.mkdir(parents=True, exist_ok=True)
            obj.save_assets(str(place))


def read_model(
    source: Source, custom_objects: Mapping[str, Any] | None, compile: bool, safe_mode: bool
) -> Any:
    """Makes a model from its parts.

    Args:
        source: Where they are.
        custom_objects: Name -> class or function that the config may mention besides known ones.
        compile: Whether to compile it as it was.
        safe_mode: Whether to refuse code in the config.
    """
    config = read_json(source, CONFIG)
    if not isinstance(config, dict) or "class_name" not in config:
        raise BrokenFileError(f"The part {CONFIG!r} of {source.name!r} is not the config of a model.")
    if not compile:
        config["compile_config"] = None
    with ObjectSharingScope():
        model = deserialize_keras_object(config, custom_objects=custom_objects, safe_mode=safe_mode)
    read_weights(model, source)
    with SafeModeScope(safe_mode):
        _load_assets(model, source)
    return model


def read_weights(
    model: Any, source: Source, *, skip_mismatch: bool = False, objects_to_skip: Any = None
) -> None:
    """Gives a model the weights of a saved one."""
    if WEIGHTS not in source.names():
        raise MissingPartError(
            f"{source.name!r} has no part {WEIGHTS!r}, so the weights are missing; it holds {source.names()[:8]}. "
            "Save the model again, or make it from its config with `keras.models.model_from_json`."
        )
    with source.open(WEIGHTS) as stream, closing(H5Reader(stream, source.name)) as reader:
        load_state(model, reader, skip_mismatch=skip_mismatch, objects_to_skip=objects_to_skip)


def _load_assets(model: Any, source: Source) -> None:
    if not any(name.startswith(ASSETS + "/") for name in source.names()):
        return
    with tempfile.TemporaryDirectory() as temporary:
        source.copy_below(ASSETS, Path(temporary))
        for path, obj in walk(model):
            place = Path(temporary, path)
            if hasattr(obj, "load_assets") and place.is_dir() and any(p.is_file() for p in place.iterdir()):
                obj.load_assets(str(place))
