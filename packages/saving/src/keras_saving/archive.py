"""The two forms of a `.keras` model: a zip archive and a folder, behind one interface.

A source gives the parts of a model (JSON, weights, assets), a sink takes them. Archives are read with
suspicion: no paths that lead out, no links, no more members and bytes than an honest file has.
"""

import io
import json
import shutil
import stat
import tempfile
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path, PurePosixPath
from typing import IO, Any, Protocol

from keras_saving.errors import BrokenFileError, MissingPartError

MAX_MEMBERS = 100_000
MAX_JSON_BYTES = 1 << 30
MAX_DEPTH = 64
MAX_RATIO = 200
"""How many times larger than the archive its content may be, for archives that are compressed."""
_SLACK = 16 << 20
_BLOCK = 1 << 20
_HEADER_BYTES = 30


class Source(Protocol):
    """Where the parts of a saved model come from."""

    name: str

    def names(self) -> list[str]:
        """Names of all parts."""

    def open(self, name: str) -> IO[bytes]:
        """Opens a part as a seekable stream."""

    def copy_below(self, prefix: str, folder: Path) -> None:
        """Copies the parts whose names begin with `prefix/` into a folder."""


def read_json(source: Source, name: str) -> Any:
    """Returns a JSON part.

    Raises:
        MissingPartError: If there is none of that name.
        BrokenFileError: If it is not JSON.
    """
    if name not in source.names():
        raise MissingPartError(
            f"{source.name!r} has no part {name!r}, so it is not a complete Keras model; it holds "
            f"{source.names()[:8]}. Save the model again with `model.save(...)`."
        )
    with source.open(name) as stream:
        text = stream.read(MAX_JSON_BYTES + 1)
    if len(text) > MAX_JSON_BYTES:
        raise BrokenFileError(f"The part {name!r} of {source.name!r} is larger than {MAX_JSON_BYTES} bytes.")
    try:
        return json.loads(text)
    except (ValueError, RecursionError) as error:
        raise BrokenFileError(f"The part {name!r} of {source.name!r} is not valid JSON: {error}") from error


@contextmanager
def open_archive(file: Any, name: str) -> Iterator["ZipSource"]:
    """Opens a zip archive after checking what its directory says.

    Args:
        file: Path or seekable binary stream.
        name: What messages call it.

    Raises:
        BrokenFileError: If it is no archive, truncated, or not to be trusted.
    """
    try:
        archive = zipfile.ZipFile(file)
    except (zipfile.BadZipFile, EOFError, NotImplementedError, ValueError) as error:
        raise BrokenFileError(
            f"{name!r} is not a complete `.keras` file, which is a zip archive: {error}. It may have been "
            "truncated while it was copied, or be of another format under this name (`.h5`?)."
        ) from error
    with archive:
        yield ZipSource(archive, name)


class ZipSource:
    """The parts of a model in a zip archive."""

    def __init__(self, archive: zipfile.ZipFile, name: str) -> None:
        self.archive = archive
        self.name = name
        self._members = {info.filename: info for info in archive.infolist()}
        self._check()

    def _check(self) -> None:
        infos = self.archive.infolist()
        size = self.archive.fp.seek(0, io.SEEK_END)  # type: ignore[union-attr]
        if len(infos) > MAX_MEMBERS:
            self._refuse(f"it has {len(infos)} members, more than {MAX_MEMBERS}")
        if len(self._members) != len(infos):
            self._refuse("a name occurs twice in it")
        for info in infos:
            self._check_member(info, size)
        if sum(info.file_size for info in infos) > MAX_RATIO * size + _SLACK:
            self._refuse(f"its content is more than {MAX_RATIO} times as large as the file")

    def _check_member(self, info: zipfile.ZipInfo, size: int) -> None:
        path = PurePosixPath(info.filename)
        if path.is_absolute() or ".." in path.parts or "\\" in info.filename or ":" in path.parts[0]:
            self._refuse(f"the member {info.filename!r} leads out of the archive")
        if len(path.parts) > MAX_DEPTH:
            self._refuse(f"the member {info.filename!r} lies deeper than {MAX_DEPTH} folders")
        kind = stat.S_IFMT(info.external_attr >> 16)
        if kind not in (0, stat.S_IFREG, stat.S_IFDIR):
            self._refuse(f"the member {info.filename!r} is a link or a device")
        if info.flag_bits & 1:
            self._refuse(f"the member {info.filename!r} is encrypted")
        if info.compress_size > size or info.header_offset + info.compress_size > size:
            self._refuse(f"the member {info.filename!r} ends beyond the end of the file")

    def _refuse(self, reason: str) -> None:
        raise BrokenFileError(f"{self.name!r} is refused: {reason}. It was damaged, or not made by Keras.")

    def names(self) -> list[str]:
        return [name for name, info in self._members.items() if not info.is_dir()]

    def open(self, name: str) -> IO[bytes]:
        """Opens a member; a stored one is read where it lies, a compressed one through a file."""
        info = self._members[name]
        if name.endswith(".json"):
            return io.BytesIO(self._read(info))
        self._verify(info)
        if info.compress_type == zipfile.ZIP_STORED:
            return _Window(self.archive.fp, self._start(info), info.file_size)  # type: ignore[arg-type]
        copy = tempfile.TemporaryFile()  # noqa: SIM115, the caller closes it
        with self.archive.open(info) as stream:
            shutil.copyfileobj(stream, copy, _BLOCK)
        copy.seek(0)
        return copy

    def _read(self, info: zipfile.ZipInfo) -> bytes:
        try:
            with self.archive.open(info) as stream:
                return stream.read(MAX_JSON_BYTES + 1)
        except (zipfile.BadZipFile, EOFError, NotImplementedError) as error:
            raise self._damaged(info, error) from error

    def _verify(self, info: zipfile.ZipInfo) -> None:
        """Reads a member once, which compares its checksum."""
        try:
            with self.archive.open(info) as stream:
                while stream.read(_BLOCK):
                    pass
        except (zipfile.BadZipFile, EOFError, NotImplementedError, zipfile.zlib.error) as error:
            raise self._damaged(info, error) from error

    def _damaged(self, info: zipfile.ZipInfo, error: Exception) -> BrokenFileError:
        return BrokenFileError(
            f"The part {info.filename!r} of {self.name!r} is damaged: {error}. Copy or save the file again."
        )

    def _start(self, info: zipfile.ZipInfo) -> int:
        """Offset of a member's data: behind its local header, whose length differs from the directory's."""
        stream = self.archive.fp
        stream.seek(info.header_offset)  # type: ignore[union-attr]
        header = stream.read(_HEADER_BYTES)  # type: ignore[union-attr]
        name_length = int.from_bytes(header[26:28], "little")
        extra_length = int.from_bytes(header[28:30], "little")
        return info.header_offset + _HEADER_BYTES + name_length + extra_length

    def copy_below(self, prefix: str, folder: Path) -> None:
        for name in self.names():
            if name.startswith(prefix + "/"):
                target = folder / PurePosixPath(name[len(prefix) + 1 :])
                target.parent.mkdir(parents=True, exist_ok=True)
                with self.open(name) as stream, open(target, "xb") as copy:
                    shutil.copyfileobj(stream, copy, _BLOCK)


class _Window(io.RawIOBase):
    """A part of a file as a file of its own, read only."""

    def __init__(self, stream: IO[bytes], start: int, size: int) -> None:
        self._stream, self._start, self._size, self._position = stream, start, size, 0

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        base = {io.SEEK_SET: 0, io.SEEK_CUR: self._position, io.SEEK_END: self._size}[whence]
        self._position = max(0, base + offset)
        return self._position

    def tell(self) -> int:
        return self._position

    def readinto(self, buffer: Any) -> int:
        view = memoryview(buffer).cast("B")[: max(0, self._size - self._position)]
        self._stream.seek(self._start + self._position)
        count = self._stream.readinto(view)  # type: ignore[attr-defined]
        self._position += count
        return count


class FolderSource:
    """The parts of a model in a folder."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.name = str(folder)

    def names(self) -> list[str]:
        files = (path for path in self.folder.rglob("*") if path.is_file())
        return sorted(path.relative_to(self.folder).as_posix() for path in files)

    def open(self, name: str) -> IO[bytes]:
        return open(self.folder / name, "rb")

    def copy_below(self, prefix: str, folder: Path) -> None:
        if (self.folder / prefix).is_dir():
            shutil.copytree(self.folder / prefix, folder, dirs_exist_ok=True)


class Sink(Protocol):
    """Where the parts of a model go."""

    def add(self, name: str, content: str | Path) -> None:
        """Adds a part: text, or the content of a file, which is used up."""


class ZipSink:
    """Writes the parts into a zip archive, uncompressed, so that weights are read where they lie."""

    def __init__(self, stream: IO[bytes]) -> None:
        self.archive = zipfile.ZipFile(stream, "w", zipfile.ZIP_STORED)

    def add(self, name: str, content: str | Path) -> None:
        # A ZipInfo of its own has a fixed date: the same model gives the same bytes but for the metadata.
        info = zipfile.ZipInfo(name)
        info.external_attr = (stat.S_IFREG | 0o644) << 16
        if isinstance(content, str):
            self.archive.writestr(info, content)
            return
        info.file_size = content.stat().st_size
        with open(content, "rb") as stream, self.archive.open(info, "w") as target:
            shutil.copyfileobj(stream, target, _BLOCK)
        content.unlink()

    def close(self) -> None:
        self.archive.close()


class FolderSink:
    """Writes the parts as files of a folder."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def add(self, name: str, content: str | Path) -> None:
        target = self.folder / name
        target.parent.mkdir(parents=True, exist_ok=True)
        if isinstance(content, str):
            target.write_text(content, encoding="utf-8")
        else:
            shutil.move(content, target)
