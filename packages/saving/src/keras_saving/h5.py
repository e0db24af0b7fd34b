"""Weight stores in HDF5: values by object path, in groups `<path>/vars`.

`H5Reader` and `H5Writer` are what `weights` asks for; a store of another format is two classes with the
same methods. Files are read with suspicion: no links but hard ones, no data outside the file, and no
dataset that claims more bytes than it holds.
"""

import math
from collections.abc import Iterator, Mapping
from typing import IO, Any

import ml_dtypes
import numpy as np
from keras_ops.state import state
from keras_ops.variable import Variable

from keras_saving.errors import BrokenFileError

VARS = "vars"
_MAX_DEPTH = 64
_MAX_RATIO = 1100
"""Deflate makes data no smaller than this."""


def import_h5py() -> Any:
    """Returns h5py.

    Raises:
        ImportError: If it is not installed.
    """
    try:
        import h5py
    except ImportError:
        raise ImportError(
            "Model and weight files are HDF5, which needs h5py: pip install 'keras-saving[h5]'"
        ) from None
    return h5py


def to_numpy(value: Any) -> np.ndarray:
    """Returns a variable, tensor or array as an array of the host."""
    if isinstance(value, Variable):
        value = value.value
    backend = state.backend
    return backend.numpy(value) if backend.is_tensor(value) else np.asarray(value)


class H5Writer:
    """Writes values to an HDF5 file.

    Args:
        file: Path or writable binary stream.
    """

    def __init__(self, file: Any) -> None:
        self._file = import_h5py().File(file, "w")

    def write(self, path: str, name: str | None, values: Mapping[str, Any]) -> None:
        """Writes the values of one object.

        Args:
            path: Its path, `""` for the root.
            name: Its name, kept as an attribute.
            values: Name -> variable, tensor or array.
        """
        group = self._file.require_group(f"{path}/{VARS}" if path else VARS)
        if name is not None:
            group.attrs["name"] = name
        for key, value in values.items():
            write_dataset(group, key, to_numpy(value))

    def close(self) -> None:
        self._file.close()


def write_dataset(group: Any, key: str, array: np.ndarray) -> None:
    """Writes an array, in raw bytes with a note where HDF5 has no such dtype."""
    if array.dtype.kind == "V" or array.dtype.name in _EXTENDED:
        name = array.dtype.name
        raw = np.ascontiguousarray(array).view(f"V{array.dtype.itemsize}")
        group.create_dataset(key, data=raw.reshape(array.shape)).attrs["dtype"] = name
    else:
        group.create_dataset(key, data=array)


_EXTENDED = {
    name: np.dtype(getattr(ml_dtypes, name)) for name in ("bfloat16", "float8_e4m3fn", "float8_e5m2")
}


class H5Reader:
    """Reads values from an HDF5 file.

    Args:
        file: Path or binary stream.
        name: What messages call it.

    Raises:
        BrokenFileError: If it is no HDF5 file.
    """

    def __init__(self, file: str | IO[bytes], name: str) -> None:
        self.name = name
        self._h5py = import_h5py()
        try:
            self._file = self._h5py.File(file, "r")
        except OSError as error:
            raise BrokenFileError(
                f"The weights in {name!r} are not a complete HDF5 file: {error}. The file may have been truncated."
            ) from error

    def values(self, path: str) -> "Mapping[str, np.ndarray]":
        """Returns the values of one object, by name; they are read when they are asked for."""
        group = self.group(f"{path}/{VARS}" if path else VARS)
        return {} if group is None else Values(self, group)

    def group(self, path: str) -> Any:
        """Returns a group, `None` if there is none."""
        place = self._file
        for part in path.split("/") if path else ():
            if not isinstance(place, self._h5py.Group) or part not in place:
                return None
            place = self.child(place, part)
        return place if isinstance(place, self._h5py.Group) else None

    def child(self, group: Any, key: str) -> Any:
        """Returns a member of a group, which must be a part of this very file."""
        link = group.get(key, getlink=True)
        if not isinstance(link, self._h5py.HardLink):
            raise BrokenFileError(
                f"{self.name!r} is refused: {group.name}/{key} is a link to another place "
                f"({getattr(link, 'filename', '')!r} {getattr(link, 'path', '')!r}), which weight files do not have."
            )
        return group[key]

    def paths(self, with_values_only: bool = True) -> list[str]:
        """Returns the paths of all objects in the file, or of those that have values."""
        found: list[str] = []
        pending = [("", self._file, 0)]
        while pending:
            path, group, depth = pending.pop()
            if depth > _MAX_DEPTH:
                raise BrokenFileError(
                    f"{self.name!r} is refused: groups are nested deeper than {_MAX_DEPTH}."
                )
            for key in group:
                child = self.child(group, key)
                if not isinstance(child, self._h5py.Group):
                    continue
                if key == VARS:
                    found += [path] if len(child) or not with_values_only else []
                else:
                    pending.append((f"{path}/{key}" if path else key, child, depth + 1))
        return sorted(found)

    def read(self, dataset: Any) -> np.ndarray:
        """Reads a dataset after checking that its bytes are in the file."""
        if not isinstance(dataset, self._h5py.Dataset):
            raise BrokenFileError(
                f"{self.name!r} has a group at {dataset.name}, where a dataset is expected."
            )
        self._check(dataset)
        try:
            array = np.empty(dataset.shape, dataset.dtype)
            if array.size:
                dataset.read_direct(array) if array.ndim else array.__setitem__((), dataset[()])
        except OSError as error:
            raise BrokenFileError(f"{dataset.name} in {self.name!r} cannot be read: {error}") from error
        dtype = dataset.attrs.get("dtype")
        if dtype is not None and array.dtype.kind == "V":
            extended = _EXTENDED.get(dtype)
            if extended is None or extended.itemsize != array.dtype.itemsize:
                raise BrokenFileError(f"{dataset.name} in {self.name!r} has an unknown dtype {dtype!r}.")
            array = array.view(extended)
        return array

    def _check(self, dataset: Any) -> None:
        if dataset.external or dataset.is_virtual:
            raise BrokenFileError(f"{self.name!r} is refused: {dataset.name} keeps its data in another file.")
        if dataset.dtype.kind not in "biufcSV" and not self._h5py.check_string_dtype(dataset.dtype):
            raise BrokenFileError(
                f"{self.name!r} is refused: {dataset.name} has the dtype {dataset.dtype}, not numbers or text."
            )
        declared = math.prod(dataset.shape or ()) * dataset.dtype.itemsize
        stored = dataset.id.get_storage_size()
        limit = stored if dataset.chunks is None else stored * _MAX_RATIO
        if declared > limit:
            raise BrokenFileError(
                f"{self.name!r} is refused: {dataset.name} claims the shape {dataset.shape}, {declared} bytes, "
                f"of which the file holds {stored}."
            )

    def close(self) -> None:
        self._file.close()


class Values(Mapping):
    """Values of one object, read from the file one by one."""

    def __init__(self, reader: H5Reader, group: Any) -> None:
        self._reader, self._group = reader, group

    def __getitem__(self, key: str) -> np.ndarray:
        if key not in self._group:
            raise KeyError(
                f"{self._group.name} in {self._reader.name!r} has no value {key!r}; it has {sorted(self._group)}."
            )
        return self._reader.read(self._reader.child(self._group, key))

    def __iter__(self) -> Iterator[str]:
        return iter(self._group)

    def __len__(self) -> int:
        return len(self._group)
