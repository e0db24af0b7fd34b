"""Weights in several files: an index `.weights.json` beside HDF5 files of bounded size.

The index says which file holds the values of which object. Each file is a store as in `h5`.
"""

import json
from collections import ChainMap
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

from keras_saving.errors import BrokenFileError, MissingFileError
from keras_saving.files import atomic_file
from keras_saving.h5 import VARS, H5Reader, H5Writer, to_numpy

SUFFIX = ".weights.json"
_GIGABYTE = 1e9


class ShardWriter:
    """Writes values to files `<name>_00000.weights.h5`, ..., and then the index.

    Args:
        path: Path of the index.
        max_shard_size: Size of a file in GB that values make it exceed only alone; `None` for one file.
    """

    def __init__(self, path: Path, max_shard_size: float | None) -> None:
        self._path = path
        self._stem = path.name[: -len(SUFFIX)]
        self._limit = None if max_shard_size is None else max_shard_size * _GIGABYTE
        self._map: dict[str, list[str]] = {}
        self._total = self._filled = 0
        self._files: list[Path] = []
        self._next()

    def _next(self) -> None:
        if self._files:
            self._finish()
        path = self._path.with_name(f"{self._stem}_{len(self._files):05}.weights.h5")
        self._files.append(path)
        self._filled = 0
        self._opened = atomic_file(path)
        self._writer = H5Writer(self._opened.__enter__())

    def _finish(self) -> None:
        self._writer.close()
        self._opened.__exit__(None, None, None)

    def write(self, path: str, name: str | None, values: Mapping[str, Any]) -> None:
        """Writes the values of one object; see `H5Writer.write`."""
        arrays = {key: to_numpy(value) for key, value in values.items()}
        size = sum(array.nbytes for array in arrays.values())
        if self._limit is not None and self._filled and self._filled + size > self._limit:
            self._next()
        self._filled += size
        self._total += size
        self._writer.write(path, name, arrays)
        if arrays:
            self._map[f"/{path}/{VARS}" if path else f"/{VARS}"] = [self._files[-1].name]

    def abort(self) -> None:
        """Drops the file under way, after an error."""
        self._writer.close()
        with suppress(InterruptedError):
            self._opened.__exit__(InterruptedError, InterruptedError(), None)

    def close(self) -> None:
        """Finishes the last file and writes the index."""
        self._finish()
        index = {"metadata": {"total_size": float(self._total)}, "weight_map": self._map}
        with atomic_file(self._path) as stream:
            stream.write(json.dumps(index, indent=4).encode())


class ShardReader:
    """Reads values from the files that an index names.

    Args:
        path: Path of the index.

    Raises:
        BrokenFileError: If it is no index.
        MissingFileError: If a file that it names is not beside it.
    """

    def __init__(self, path: Path) -> None:
        self.name = str(path)
        try:
            self._map = dict(json.loads(path.read_text(encoding="utf-8"))["weight_map"])
        except (ValueError, KeyError, TypeError, RecursionError) as error:
            raise BrokenFileError(
                f"{self.name!r} is not an index of weight files: expected JSON with `weight_map` ({error!r})."
            ) from error
        self._readers: dict[str, H5Reader] = {}
        for name in sorted({name for names in self._map.values() for name in names}):
            file = path.with_name(name) if Path(name).name == name else None
            if file is None:
                raise BrokenFileError(
                    f"{self.name!r} is refused: {name!r} is not the name of a file beside it."
                )
            if not file.is_file():
                self.close()
                raise MissingFileError(
                    f"The index {self.name!r} names the file {name!r}, which is not beside it; copy it there. "
                    f"It needs {sorted({n for names in self._map.values() for n in names})}."
                )
            self._readers[name] = H5Reader(str(file), str(file))

    def values(self, path: str) -> Mapping[str, Any]:
        """Returns the values of one object, by name."""
        names = self._map.get(f"/{path}/{VARS}" if path else f"/{VARS}", [])
        return ChainMap(*(self._readers[name].values(path) for name in names))  # type: ignore[arg-type]

    def paths(self) -> list[str]:
        """Returns the paths of all objects that have values."""
        return sorted(key.strip("/").removesuffix(VARS).strip("/") for key in self._map)

    def close(self) -> None:
        for reader in self._readers.values():
            reader.close()
