"""Writing files and folders so that they are there completely or not at all.

Every writer of this package goes through here; what is written is its own affair.
"""

import os
import secrets
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO, Any


def local_path(filepath: Any) -> Path:
    """Returns a path given as text or as a path object.

    Raises:
        ValueError: If it is neither, or names a remote place.
    """
    try:
        text = os.fspath(filepath)
    except TypeError:
        raise ValueError(
            f"Expected `filepath` to be a path. Received: filepath={filepath!r} of type "
            f"{type(filepath).__name__}"
        ) from None
    text = os.fsdecode(text)
    if "://" in text:
        raise ValueError(
            f"Expected `filepath` to be on this machine. Received: filepath={text!r}. Save to, or copy to, a "
            "local file."
        )
    return Path(text)


def may_write(path: Path, overwrite: bool, ask: Callable[[str], str] = input) -> bool:
    """Says whether a file may be written; asks the user if one is there and `overwrite` is false."""
    if overwrite or not path.exists():
        return True
    answer = ""
    while answer not in ("y", "n"):
        answer = ask(f"{str(path)!r} exists already. Overwrite it? [y/n] ").strip().lower()
    return answer == "y"


@contextmanager
def atomic_file(path: Path) -> Iterator[IO[bytes]]:
    """Opens a file for writing which takes the place of `path` when the block ends without an error."""
    temporary = _beside(path)
    try:
        with open(temporary, "x+b") as stream:
            yield stream
            stream.flush()
            os.fsync(stream.fileno())
        os.replace(temporary, path)
        _sync_folder(path.parent)
    except BaseException:
        with suppress(FileNotFoundError):
            temporary.unlink()
        raise


@contextmanager
def atomic_folder(path: Path) -> Iterator[Path]:
    """Makes a folder which takes the place of `path` when the block ends without an error."""
    temporary, old = _beside(path), _beside(path)
    temporary.mkdir()
    try:
        yield temporary
        for file in temporary.rglob("*"):
            if file.is_file():
                _sync(file)
        _sync_folder(temporary)
        if path.exists():
            os.replace(path, old)
        os.replace(temporary, path)
        _sync_folder(path.parent)
    except BaseException:
        shutil.rmtree(temporary, ignore_errors=True)
        if old.exists() and not path.exists():
            os.replace(old, path)
        raise
    if old.is_dir():
        shutil.rmtree(old)
    elif old.exists():
        old.unlink()


def _beside(path: Path) -> Path:
    return path.with_name(f".{path.name}.{secrets.token_hex(4)}.tmp")


def _sync(path: Path) -> None:
    with open(path, "rb") as stream:
        os.fsync(stream.fileno())


def _sync_folder(folder: Path) -> None:
    if os.name == "nt":  # Folders cannot be opened there.
        return
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
