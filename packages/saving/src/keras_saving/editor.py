"""`KerasFileEditor`: looks into weight files, and changes them so that they fit another model.

A file is read into a dictionary of arrays, edited there, and written to another file. Models are neither
made nor loaded.
"""

from collections.abc import Callable, Mapping
from contextlib import closing
from typing import Any

import numpy as np
from keras_backends.api import export

from keras_saving.archive import read_json
from keras_saving.files import atomic_file, local_path
from keras_saving.h5 import VARS, H5Reader, H5Writer, to_numpy
from keras_saving.model_file import CONFIG, METADATA, WEIGHTS
from keras_saving.saving import existing_path, open_source
from keras_saving.walk import own_values, walk

WEIGHTS_SUFFIX = ".weights.h5"


@export("keras.saving.KerasFileEditor")
class KerasFileEditor:
    """The weights in a `.keras` or `.weights.h5` file, by object, for inspection and surgery.

    Objects are named by their path in the file (`"layers/dense_1"`) or by the last part of it, if that
    is unique. All methods that change something do so in memory; `save` writes a new file.

    Args:
        filepath: The file.

    Attributes:
        weights_dict: Path of an object -> name of a weight -> array.
        metadata, config: Those of a `.keras` file, else `None`.

    Example:

        >>> import keras, tempfile
        >>> path = tempfile.mkdtemp() + "/model.weights.h5"
        >>> model = keras.Sequential([keras.Input((2,)), keras.layers.Dense(1)])
        >>> model.save_weights(path)
        >>> editor = KerasFileEditor(path)
        >>> editor.weights_dict["layers/dense"]["0"].shape
        (2, 1)
        >>> editor.rename_object("dense", "head")
        >>> editor.save(path)
    """

    def __init__(self, filepath: Any) -> None:
        self.filepath = existing_path(filepath)
        self.metadata: dict[str, Any] | None = None
        self.config: dict[str, Any] | None = None
        self.model: Any = None
        self.console: Callable[[str], Any] = print
        self.weights_dict: dict[str, dict[str, np.ndarray]] = {}
        self.object_metadata: dict[str, dict[str, Any]] = {}
        if self.filepath.name.endswith(WEIGHTS_SUFFIX):
            self._read(str(self.filepath))
            return
        with open_source(self.filepath, "KerasFileEditor") as source:
            self.config = read_json(source, CONFIG)
            if METADATA in source.names():
                self.metadata = read_json(source, METADATA)
            with source.open(WEIGHTS) as stream:
                self._read(stream)

    def _read(self, file: Any) -> None:
        with closing(H5Reader(file, str(self.filepath))) as reader:
            for path in reader.paths(with_values_only=False):
                self.weights_dict[path] = dict(reader.values(path))
                name = reader.group(f"{path}/{VARS}" if path else VARS).attrs.get("name")
                self.object_metadata[path] = {} if name is None else {"name": str(name)}

    def summary(self) -> None:
        """Prints the objects in the file with the shapes and dtypes of their weights."""
        if self.config is not None:
            self.console(f"{self.config['class_name']} in {str(self.filepath)!r}")
        for path, weights in self.weights_dict.items():
            name = self.object_metadata.get(path, {}).get("name")
            self.console(f"{path or '/'}" + (f" ({name})" if name else ""))
            for key, array in weights.items():
                self.console(f"    {key}: {array.dtype.name} {array.shape}")

    def compare(self, reference_model: Any) -> dict[str, Any]:
        """Lists where the file and a model differ in objects, numbers or shapes of weights.

        Args:
            reference_model: A built model.

        Returns:
            A dict with `status` (`"success"` if nothing differs, else `"error"`), `error_count` and
            `match_count`.
        """
        expected = {path: own_values(obj) for path, obj in walk(reference_model)}
        errors = [f"only in the file: {p!r}" for p in self.weights_dict if p not in expected]
        matches = 0
        for path, values in expected.items():
            found = self.weights_dict.get(path)
            if found is None:
                errors += [f"only in the model: {path!r}"] if values else []
            elif (shapes := _shapes(found)) != (wanted := _shapes(values)):
                errors.append(f"{path!r} has {shapes} in the file and {wanted} in the model")
            else:
                matches += 1
        for error in errors:
            self.console(error)
        self.console(f"{matches} objects match, {len(errors)} differ.")
        return {
            "status": "error" if errors else "success",
            "error_count": len(errors),
            "match_count": matches,
        }

    def rename_object(self, object_name: str, new_name: str) -> None:
        """Renames an object, and so the paths of everything in it.

        Args:
            object_name: Path or last part of it.
            new_name: New last part, or a whole new path.

        Raises:
            ValueError: If there is no such object, or the new path is taken.
        """
        old = self._find(object_name)
        parent = old.rpartition("/")[0]
        new = new_name if "/" in new_name or not parent else f"{parent}/{new_name}"
        if new in self.weights_dict:
            raise ValueError(f"KerasFileEditor: there is an object {new!r} already.")
        for table in (self.weights_dict, self.object_metadata):
            moved = {_moved(path, old, new): value for path, value in table.items()}
            table.clear()
            table.update(moved)

    def delete_object(self, object_name: str) -> None:
        """Removes an object and everything in it.

        Args:
            object_name: Path or last part of it.
        """
        path = self._find(object_name)
        for table in (self.weights_dict, self.object_metadata):
            for inner in [p for p in table if p == path or p.startswith(path + "/")]:
                del table[inner]

    def add_object(self, object_path: str, weights: Mapping[str, Any]) -> None:
        """Adds an object.

        Args:
            object_path: Its whole path, such as `"layers/dense_2"`.
            weights: Name of each weight (`"0"`, `"1"`, ...) -> value.

        Raises:
            ValueError: If there is one already.
        """
        if object_path in self.weights_dict:
            raise ValueError(
                f"KerasFileEditor: there is an object {object_path!r} already; use `add_weights`."
            )
        self.weights_dict[object_path] = {key: to_numpy(value) for key, value in weights.items()}
        self.object_metadata[object_path] = {"name": object_path.rpartition("/")[2]}

    def add_weights(self, object_name: str, weights: Mapping[str, Any]) -> None:
        """Adds weights to an object, or replaces them.

        Args:
            object_name: Path or last part of it.
            weights: Name of each weight -> value.
        """
        self.weights_dict[self._find(object_name)].update(
            {key: to_numpy(value) for key, value in weights.items()}
        )

    def delete_weight(self, object_name: str, weight_name: str) -> None:
        """Removes a weight of an object.

        Args:
            object_name: Path or last part of it.
            weight_name: Name of the weight, such as `"0"`.

        Raises:
            ValueError: If it has no such weight.
        """
        path = self._find(object_name)
        if weight_name not in self.weights_dict[path]:
            raise ValueError(
                f"KerasFileEditor: {path!r} has no weight {weight_name!r}; it has {list(self.weights_dict[path])}."
            )
        del self.weights_dict[path][weight_name]

    def save(self, filepath: Any) -> None:
        """Writes the weights to a new `.weights.h5` file.

        Args:
            filepath: Its path.

        Raises:
            ValueError: If the path has another extension.
        """
        path = local_path(filepath)
        if not path.name.endswith(WEIGHTS_SUFFIX):
            raise ValueError(
                f"KerasFileEditor.save: the path should end in {WEIGHTS_SUFFIX!r}. Received: {str(path)!r}"
            )
        with atomic_file(path) as stream, closing(H5Writer(stream)) as writer:
            for inner, weights in self.weights_dict.items():
                writer.write(inner, self.object_metadata.get(inner, {}).get("name"), weights)

    def resave_weights(self, filepath: Any) -> None:
        """The same as `save`."""
        self.save(filepath)

    def _find(self, name: str) -> str:
        if name in self.weights_dict:
            return name
        found = [path for path in self.weights_dict if path.rpartition("/")[2] == name]
        if len(found) == 1:
            return found[0]
        problem = f"several objects are called so, {found}; give the path" if found else "there is none"
        raise ValueError(
            f"KerasFileEditor: expected the name of an object in {str(self.filepath)!r}, but {problem}. Received: "
            f"{name!r}; objects are {list(self.weights_dict)}."
        )


def _shapes(values: Mapping[str, Any]) -> dict[str, tuple[int, ...]]:
    return {
        key: tuple(np.shape(value) if isinstance(value, list) else value.shape)
        for key, value in values.items()
    }


def _moved(path: str, old: str, new: str) -> str:
    if path == old or path.startswith(old + "/"):
        return new + path[len(old) :]
    return path
