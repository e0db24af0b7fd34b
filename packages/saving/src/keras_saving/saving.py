"""`keras.saving`: models and weights to files and back, by the extension of the path.

`Model.save`, `save_weights` and `load_weights` end here. Formats are in modules of their own: `model_file`
(`.keras`), `legacy_h5` (`.h5`), and those that `formats` lists (weights).
"""

import os
import warnings
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from pathlib import Path
from typing import IO, Any

from keras_backends.api import export

from keras_saving import formats, legacy_h5
from keras_saving.archive import FolderSink, FolderSource, Source, ZipSink, open_archive
from keras_saving.errors import MissingFileError
from keras_saving.files import atomic_file, atomic_folder, local_path, may_write
from keras_saving.model_file import CONFIG, read_model, read_weights, write_model
from keras_saving.weights import load_state, save_state

MODEL_SUFFIX = ".keras"
_LEGACY = (".h5", ".hdf5")


@export(["keras.saving.save_model", "keras.models.save_model"])
def save_model(
    model: Any, filepath: Any, overwrite: bool = True, zipped: bool | None = None, **kwargs: Any
) -> None:
    """Saves a model: its architecture, its weights, and how it was compiled.

    Args:
        model: The model.
        filepath: Path that ends in `.keras`; or any other, for a folder, with `zipped=False`; or a
            writable binary stream. With `.h5` the model is saved in the legacy format.
        overwrite: Whether an existing file is replaced without asking, default `True`.
        zipped: Whether the parts go into one archive rather than into a folder; by default they do if
            the path ends in `.keras`.
        **kwargs: `include_optimizer` for the legacy format.

    Raises:
        ValueError: If the extension is of no known format.

    Example:

        >>> import keras, tempfile
        >>> path = tempfile.mkdtemp() + "/model.keras"
        >>> model = keras.Sequential([keras.Input((2,)), keras.layers.Dense(1)])
        >>> save_model(model, path)
        >>> load_model(path).count_params()
        3
    """
    if hasattr(filepath, "write"):
        _write_archive(model, filepath, None)
        return
    path = local_path(filepath)
    include_optimizer = kwargs.pop("include_optimizer", True)
    _check_options("save_model", kwargs, deprecated=("save_format",))
    if zipped is None:
        zipped = path.suffix == MODEL_SUFFIX
    if path.suffix in _LEGACY:
        if may_write(path, overwrite):
            legacy_h5.save_model(model, path, include_optimizer=include_optimizer)
    elif zipped:
        if path.suffix != MODEL_SUFFIX:
            raise _unknown_extension("save_model", path)
        if may_write(path, overwrite):
            with atomic_file(path) as stream:
                _write_archive(model, stream, path.parent)
    elif path.suffix == MODEL_SUFFIX or not path.suffix:
        if may_write(path, overwrite):
            with atomic_folder(path) as folder:
                write_model(model, FolderSink(folder), folder)
    else:
        raise _unknown_extension("save_model", path)


def _write_archive(model: Any, stream: IO[bytes], folder: Path | None) -> None:
    with closing(ZipSink(stream)) as sink:
        write_model(model, sink, folder)


@export(["keras.saving.load_model", "keras.models.load_model"])
def load_model(
    filepath: Any,
    custom_objects: Mapping[str, Any] | None = None,
    compile: bool = True,
    safe_mode: bool = True,
) -> Any:
    """Loads a model that `save_model` saved.

    Args:
        filepath: Path of a `.keras` file or folder, or of a legacy `.h5` file; or a readable binary
            stream.
        custom_objects: Name -> class or function, for those that the model uses and that are neither
            built in nor registered.
        compile: Whether to compile the model as it was, default `True`.
        safe_mode: Whether to refuse code in the file (lambdas), default `True`. Pass `False` only for
            files whose author you trust: they can do whatever your program can.

    Returns:
        The model.

    Raises:
        ValueError: If the file is damaged, of no known format, or does not fit together.
        TypeError: If it needs a class or function that is not known.

    Example:

        >>> import keras, tempfile
        >>> path = tempfile.mkdtemp() + "/model.keras"
        >>> model = keras.Sequential([keras.Input((2,)), keras.layers.Dense(1)])
        >>> save_model(model, path)
        >>> load_model(path, compile=False).layers[0].units
        1
    """
    options = {"custom_objects": custom_objects, "compile": compile, "safe_mode": safe_mode}
    if hasattr(filepath, "read"):
        with open_archive(filepath, getattr(filepath, "name", "the stream")) as source:
            return read_model(source, **options)
    path = existing_path(filepath)
    if path.suffix in _LEGACY and path.is_file():
        return legacy_h5.load_model(path, **options)
    with open_source(path, "load_model") as source:
        return read_model(source, **options)


@contextmanager
def open_source(path: Path, caller: str) -> Iterator[Source]:
    """Opens a saved model, in an archive or a folder, for its parts."""
    if path.is_dir():
        if not (path / CONFIG).is_file():
            raise ValueError(
                f"{caller}: the folder {str(path)!r} has no {CONFIG!r}, so it is not a saved Keras model. (A "
                "TensorFlow SavedModel can be used through `keras.layers.TFSMLayer`.)"
            )
        yield FolderSource(path)
    elif path.suffix == MODEL_SUFFIX:
        with open_archive(path, str(path)) as source:
            yield source
    else:
        raise _unknown_extension(caller, path)


@export("keras.saving.save_weights")
def save_weights(
    model: Any,
    filepath: Any,
    overwrite: bool = True,
    max_shard_size: float | None = None,
    **kwargs: Any,
) -> None:
    """Saves the weights of a model, and the optimizer's variables if it has one.

    Args:
        model: A built model or layer.
        filepath: Path that ends in `.weights.h5` or `.safetensors`; or in `.weights.json` for an index
            beside several files.
        overwrite: Whether an existing file is replaced without asking, default `True`.
        max_shard_size: Largest size of one of several files, in GB.

    Raises:
        ValueError: If the extension is of no known format.

    Example:

        >>> import keras, tempfile
        >>> path = tempfile.mkdtemp() + "/model.weights.h5"
        >>> model = keras.Sequential([keras.Input((2,)), keras.layers.Dense(1)])
        >>> save_weights(model, path)
    """
    _check_options("save_weights", kwargs)
    path = local_path(filepath)
    found = formats.find(path)
    if found is None:
        raise ValueError(
            f"save_weights: the path should end in {formats.suffixes()}. Received: filepath={str(path)!r}"
        )
    if max_shard_size is not None and not found.is_sharded:
        raise ValueError(
            f"save_weights: with `max_shard_size` the path should end in {formats.suffixes(sharded_only=True)}. "
            f"Received: filepath={str(path)!r}, max_shard_size={max_shard_size}"
        )
    if may_write(path, overwrite):
        with found.write(path, max_shard_size) as writer:
            save_state(model, writer)


@export("keras.saving.load_weights")
def load_weights(model: Any, filepath: Any, skip_mismatch: bool = False, **kwargs: Any) -> None:
    """Loads weights into a built model of the same architecture.

    Args:
        model: The model or layer.
        filepath: Path of a `.weights.h5`, `.weights.json`, `.safetensors`, `.keras` or legacy `.h5` file.
        skip_mismatch: Whether objects whose weights do not fit keep what they have, with a warning;
            default `False`.
        **kwargs: `objects_to_skip`, objects that keep what they have; for legacy files `by_name`,
            whether layers are found by name rather than by order.

    Raises:
        ValueError: If the weights do not fit, or the file is damaged or of no known format.

    Example:

        >>> import keras, tempfile
        >>> path = tempfile.mkdtemp() + "/model.weights.h5"
        >>> model = keras.Sequential([keras.Input((2,)), keras.layers.Dense(1)])
        >>> save_weights(model, path)
        >>> load_weights(model, path)
    """
    by_name = kwargs.pop("by_name", False)
    objects_to_skip = kwargs.pop("objects_to_skip", None)
    _check_options("load_weights", kwargs)
    path = existing_path(filepath)
    options = {"skip_mismatch": skip_mismatch, "objects_to_skip": objects_to_skip}
    found = formats.find(path)
    is_legacy = found is None and path.suffix in _LEGACY
    if by_name and not is_legacy:
        raise ValueError(
            f"load_weights: `by_name` is for legacy `.h5` files; others hold weights by the place of a layer in "
            f"the model. Received: filepath={str(path)!r}, by_name={by_name}"
        )
    if is_legacy:
        legacy_h5.load_weights(model, path, by_name=by_name, skip_mismatch=skip_mismatch)
    elif found is not None:
        with found.read(path) as reader:
            load_state(model, reader, **options)
    else:
        with open_source(path, "load_weights") as source:
            read_weights(model, source, **options)


def existing_path(filepath: Any) -> Path:
    """Returns the path of a file or folder that is there.

    Raises:
        MissingFileError: If nothing is.
    """
    path = local_path(filepath)
    if not path.exists():
        near = [p.name for p in path.parent.glob("*") if p.stem.split(".")[0] == path.stem.split(".")[0]]
        hint = f" In that folder there is {near}." if near and path.parent.is_dir() else ""
        raise MissingFileError(
            f"File not found: filepath={str(path)!r}, looked for from the folder {os.getcwd()!r}.{hint}"
        )
    return path


def _unknown_extension(caller: str, path: Path) -> ValueError:
    return ValueError(
        f"{caller}: expected a path that ends in {MODEL_SUFFIX!r} (a whole model), in {formats.suffixes()} (weights, "
        f"with `load_weights`), or in '.h5' (legacy). Received: filepath={str(path)!r}"
    )


def _check_options(caller: str, options: dict[str, Any], deprecated: tuple[str, ...] = ()) -> None:
    for name in deprecated:
        if options.pop(name, None) is not None:
            warnings.warn(f"{caller}: `{name}` is ignored, the path's extension decides.", stacklevel=3)
    if options:
        raise ValueError(f"{caller}: unexpected keyword arguments {sorted(options)}.")
