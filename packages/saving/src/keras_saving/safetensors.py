"""Weight stores in the safetensors format: a JSON table of names, shapes and places, then the values.

The same methods as the stores in `h5`; nothing but NumPy is needed. Values of object `layers/dense` are
named `layers/dense/vars/0`, and so on.
"""

import json
import math
import os
from collections import defaultdict
from collections.abc import Iterator, Mapping
from typing import IO, Any

import ml_dtypes
import numpy as np

from keras_saving.errors import BrokenFileError
from keras_saving.h5 import VARS, to_numpy

SUFFIX = ".safetensors"
_CODES = {
    "BOOL": np.dtype("bool"),
    "U8": np.dtype("uint8"),
    "I8": np.dtype("int8"),
    "U16": np.dtype("<u2"),
    "I16": np.dtype("<i2"),
    "U32": np.dtype("<u4"),
    "I32": np.dtype("<i4"),
    "U64": np.dtype("<u8"),
    "I64": np.dtype("<i8"),
    "F16": np.dtype("<f2"),
    "BF16": np.dtype(ml_dtypes.bfloat16),
    "F8_E4M3": np.dtype(ml_dtypes.float8_e4m3fn),
    "F8_E5M2": np.dtype(ml_dtypes.float8_e5m2),
    "F32": np.dtype("<f4"),
    "F64": np.dtype("<f8"),
    "C64": np.dtype("<c8"),
}
_NAMES = {dtype: code for code, dtype in _CODES.items()}
_MAX_HEADER = 100 << 20
_LENGTH_BYTES = 8
_ENTRY_BYTES = 160
"""Room for shape, dtype and place of one value in the table, besides its name."""


class SafetensorsWriter:
    """Writes values one after another, and at the end the table in front of them.

    Args:
        stream: Writable, seekable binary stream.
    """

    def __init__(self, stream: IO[bytes]) -> None:
        self._stream = stream
        self._pending: list[tuple[str, Any]] = []

    def write(self, path: str, name: str | None, values: Mapping[str, Any]) -> None:
        """Notes the values of one object; see `H5Writer.write`. The object's name is not kept."""
        prefix = f"{path}/{VARS}" if path else VARS
        self._pending += [(f"{prefix}/{key}", value) for key, value in values.items()]

    def close(self) -> None:
        """Writes everything."""
        room = sum(len(json.dumps(name)) + _ENTRY_BYTES + 24 * np.ndim(v) for name, v in self._pending) + 64
        room += -room % 8
        self._stream.seek(_LENGTH_BYTES + room)
        table: dict[str, Any] = {"__metadata__": {"format": "keras"}}
        position = 0
        for name, value in self._pending:
            array = np.ascontiguousarray(to_numpy(value)).reshape(np.shape(value))
            if array.dtype.newbyteorder("<") not in _NAMES:
                raise ValueError(
                    f"{name!r} has the dtype {array.dtype}, which safetensors files do not have."
                )
            code = _NAMES[array.dtype.newbyteorder("<")]
            self._stream.write(array.tobytes())
            end = position + array.nbytes
            table[name] = {"dtype": code, "shape": list(array.shape), "data_offsets": [position, end]}
            position = end
        header = json.dumps(table).encode().ljust(room)
        self._stream.seek(0)
        self._stream.write(len(header).to_bytes(_LENGTH_BYTES, "little") + header)


class SafetensorsReader:
    """Reads values from a safetensors file.

    Args:
        stream: Readable, seekable binary stream.
        name: What messages call it.

    Raises:
        BrokenFileError: If the table does not fit the file.
    """

    def __init__(self, stream: IO[bytes], name: str) -> None:
        self.name = name
        self._stream = stream
        size = stream.seek(0, os.SEEK_END)
        stream.seek(0)
        length = int.from_bytes(stream.read(_LENGTH_BYTES), "little")
        if length > min(_MAX_HEADER, size - _LENGTH_BYTES):
            self._refuse(f"its table would have {length} bytes")
        try:
            table = dict(json.loads(stream.read(length)))
        except (ValueError, TypeError, RecursionError) as error:
            raise BrokenFileError(f"{name!r} is no safetensors file: {error}") from error
        table.pop("__metadata__", None)
        self._start = _LENGTH_BYTES + length
        self._table: dict[str, dict[str, Any]] = defaultdict(dict)
        for key, entry in table.items():
            self._check(key, entry, size - self._start)
            path, _, last = key.rpartition("/")
            self._table[path.removesuffix(VARS).rstrip("/")][last] = entry

    def _check(self, key: str, entry: Any, size: int) -> None:
        try:
            dtype, shape = _CODES[entry["dtype"]], entry["shape"]
            begin, end = entry["data_offsets"]
            fits = 0 <= begin <= end <= size and all(isinstance(n, int) and n >= 0 for n in shape)
            fits = fits and math.prod(shape) * dtype.itemsize == end - begin
        except (KeyError, TypeError, ValueError) as error:
            raise BrokenFileError(
                f"{self.name!r} has an entry {key!r} that is not understood: {entry!r}"
            ) from error
        if not fits:
            self._refuse(f"{key!r} claims the shape {shape} and the place {begin}:{end} of {size} bytes")

    def _refuse(self, reason: str) -> None:
        raise BrokenFileError(f"{self.name!r} is refused: {reason}. It was truncated or made up.")

    def values(self, path: str) -> Mapping[str, np.ndarray]:
        """Returns the values of one object, by name; they are read when they are asked for."""
        return _Values(self, self._table.get(path, {}))

    def paths(self) -> list[str]:
        """Returns the paths of all objects with values."""
        return sorted(self._table)

    def read(self, entry: Mapping[str, Any]) -> np.ndarray:
        """Reads one value."""
        begin, end = entry["data_offsets"]
        self._stream.seek(self._start + begin)
        data = self._stream.read(end - begin)
        return np.frombuffer(bytearray(data), _CODES[entry["dtype"]]).reshape(entry["shape"])


class _Values(Mapping):
    def __init__(self, reader: SafetensorsReader, entries: Mapping[str, Any]) -> None:
        self._reader, self._entries = reader, entries

    def __getitem__(self, key: str) -> np.ndarray:
        return self._reader.read(self._entries[key])

    def __iter__(self) -> Iterator[str]:
        return iter(self._entries)

    def __len__(self) -> int:
        return len(self._entries)
