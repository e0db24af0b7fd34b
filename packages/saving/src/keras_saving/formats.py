"""The formats of weight files, by extension: one entry each, and a way to add more.

`saving` looks here for what reads and writes a path. An entry opens a store with the methods of
`weights.Reader` or `weights.Writer`; another package adds its own with `add_format`.
"""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, closing, contextmanager
from pathlib import Path
from typing import NamedTuple

from keras_saving import safetensors, shards
from keras_saving.files import atomic_file
from keras_saving.h5 import H5Reader, H5Writer
from keras_saving.weights import Reader, Writer


class Format(NamedTuple):
    """How weight files with one extension are read and written."""

    suffix: str
    read: Callable[[Path], AbstractContextManager[Reader]]
    write: Callable[[Path, float | None], AbstractContextManager[Writer]]
    """Given the path and the largest size of one of several files in GB."""
    is_sharded: bool = False
    """Whether one save may make several files."""


@contextmanager
def _read_h5(path: Path) -> Iterator[Reader]:
    with closing(H5Reader(str(path), str(path))) as reader:
        yield reader


@contextmanager
def _write_h5(path: Path, max_shard_size: float | None) -> Iterator[Writer]:
    with atomic_file(path) as stream, closing(H5Writer(stream)) as writer:
        yield writer


@contextmanager
def _read_shards(path: Path) -> Iterator[Reader]:
    with closing(shards.ShardReader(path)) as reader:
        yield reader


@contextmanager
def _write_shards(path: Path, max_shard_size: float | None) -> Iterator[Writer]:
    writer = shards.ShardWriter(path, max_shard_size)
    try:
        yield writer
    except BaseException:
        writer.abort()
        raise
    writer.close()


@contextmanager
def _read_safetensors(path: Path) -> Iterator[Reader]:
    with open(path, "rb") as stream:
        yield safetensors.SafetensorsReader(stream, str(path))


@contextmanager
def _write_safetensors(path: Path, max_shard_size: float | None) -> Iterator[Writer]:
    with atomic_file(path) as stream:
        writer = safetensors.SafetensorsWriter(stream)
        yield writer
        writer.close()


_formats: list[Format] = []


def add_format(new: Format) -> None:
    """Adds a format of weight files; it takes the place of one with the same extension."""
    _formats[:] = [known for known in _formats if known.suffix != new.suffix] + [new]


def find(path: Path) -> Format | None:
    """Returns the format of a path by its extension, `None` if it has none of them."""
    fitting = [known for known in _formats if path.name.endswith(known.suffix)]
    return max(fitting, key=lambda known: len(known.suffix)) if fitting else None


def suffixes(sharded_only: bool = False) -> str:
    """Returns the known extensions for a message."""
    names = [repr(known.suffix) for known in _formats if known.is_sharded or not sharded_only]
    return " or ".join(names)


add_format(Format(".weights.h5", _read_h5, _write_h5))
add_format(Format(shards.SUFFIX, _read_shards, _write_shards, is_sharded=True))
add_format(Format(safetensors.SUFFIX, _read_safetensors, _write_safetensors))
