"""Which backend runs: chosen once, by name, without importing any framework to find out.

`active()` is what everything above uses; `load(name)` serves whoever needs a second backend in the
same process. Settings other than the backend's name live in `settings`.
"""

import difflib
import functools
import importlib
import importlib.util
import os
import sys
import warnings
from typing import TYPE_CHECKING

from keras_backends import dtypes, settings
from keras_backends.api import export
from keras_backends.contract import Backend

if TYPE_CHECKING:
    from importlib.metadata import EntryPoint

ENTRY_POINT_GROUP = "keras.backends"

BUILT_IN = {
    "jax": "keras_backends.jax",
    "torch": "keras_backends.torch",
    "tensorflow": "keras_backends.tensorflow",
    "openvino": "keras_backends.openvino",
    "numpy": "keras_backends.numpy",
}
"""Name -> module. The frameworks are called as the backends are; the first three are looked for in
this order when nothing else decides."""

_SEARCHED = ("jax", "torch", "tensorflow")

_selected: str | None = None
_active: Backend | None = None


def installed() -> list[str]:
    """Returns the names of the backends that can be loaded here, built-in ones first."""
    names = [name for name in BUILT_IN if is_installed(name)]
    return names + sorted(name for name in _entry_points() if name not in BUILT_IN)


def is_installed(name: str) -> bool:
    """Returns whether a backend can be loaded, looking for its framework without importing it."""
    if name in BUILT_IN:
        return sys.modules.get(name) is not None or _found(name)
    return name in _entry_points() or _found(name)


def _found(module: str) -> bool:
    try:
        return importlib.util.find_spec(module) is not None
    except (ImportError, ValueError):  # A parent package is absent, or the module is blocked.
        return False


@functools.cache
def _entry_points() -> "dict[str, EntryPoint]":
    import importlib.metadata  # layering: half of this package's import time, for outsiders' backends only

    return {point.name: point for point in importlib.metadata.entry_points(group=ENTRY_POINT_GROUP)}


def select() -> str:
    """Returns the name of the backend for this process, decided at the first call.

    In this order: the variable `KERAS_BACKEND`; `keras.json`; the framework that is imported
    already, if there is exactly one; the first installed of jax, torch, tensorflow; numpy.

    Raises:
        ImportError: If `KERAS_BACKEND` names a backend that is not installed.
    """
    global _selected
    if _selected is None:
        _selected = _from_variable() or _from_file() or _from_imports() or _from_installed()
    return _selected


def _from_variable() -> str | None:
    name = os.environ.get("KERAS_BACKEND")
    if not name:
        return None
    if not is_installed(name):
        raise ImportError(_explain(name, f"KERAS_BACKEND={name}"))
    return name


def _from_file() -> str | None:
    name = settings.FILE_CONFIG.get("backend")
    if not name:
        return None
    if not (isinstance(name, str) and is_installed(name)):
        warnings.warn(
            f"{str(settings.config_file())!r} names the backend {name!r}, which is not installed; "
            f"going on without it. Set the variable KERAS_BACKEND or edit the file."
        )
        return None
    return name


def _from_imports() -> str | None:
    imported = [name for name in _SEARCHED if sys.modules.get(name) is not None]
    return imported[0] if len(imported) == 1 else None


def _from_installed() -> str:
    return next((name for name in _SEARCHED if is_installed(name)), "numpy")


def _explain(name: str, asked: str) -> str:
    """What was asked for, what there is, how to get it, and which variable to set."""
    known = [*BUILT_IN, *_entry_points()]
    present = installed()
    lines = [f"The backend {name!r} was asked for ({asked}), but it is not installed."]
    near = difflib.get_close_matches(name, known, n=1, cutoff=0.6)
    if name in BUILT_IN:
        lines.append(f'Install it with: pip install "keras-backends[{name}]"')
    elif near and near[0] in present:
        lines.append(f"Did you mean {near[0]!r}? It is installed: set KERAS_BACKEND={near[0]}.")
    elif near:
        lines.append(
            f"Did you mean {near[0]!r}? Install it with: "
            f'pip install "keras-backends[{near[0]}]" and set KERAS_BACKEND={near[0]}.'
        )
    else:
        lines.append(
            f"Known names are {', '.join(known)}; another package can add one through the "
            f"entry-point group {ENTRY_POINT_GROUP!r}."
        )
    lines.append(
        f"Installed here: {', '.join(present)}. Choose one with the variable KERAS_BACKEND, "
        f"for example KERAS_BACKEND={present[0]}."
    )
    return "\n".join(lines)


@functools.cache
def load(name: str) -> Backend:
    """Imports a backend and returns it; the same object at every call.

    Args:
        name: A built-in name, a name from the entry-point group `keras.backends`, or a module that
            has an attribute `backend`.

    Raises:
        ImportError: If there is no such backend, or its framework is not installed.

    Example:

        >>> load("numpy").name
        'numpy'
    """
    if not is_installed(name):
        raise ImportError(_explain(name, f"load({name!r})"))
    if name not in BUILT_IN and name in _entry_points():
        loaded = _entry_points()[name].load()
    else:
        loaded = importlib.import_module(BUILT_IN.get(name, name))
    backend = loaded if isinstance(loaded, Backend) else getattr(loaded, "backend", None)
    if not isinstance(backend, Backend):
        raise ImportError(
            f"{name!r} is no backend: expected {loaded!r} to be a `keras_backends.contract.Backend` "
            f"or a module with one named `backend`. Received: backend={backend!r}"
        )
    return backend


def active() -> Backend:
    """Returns the selected backend, loading it at the first call.

    A plain global holds it: torch.compile looks through that, and through no `functools.cache`.

    Example:

        >>> active().name in installed()
        True
    """
    return _activate() if _active is None else _active


def _activate() -> Backend:
    global _active
    _active = load(select())
    dtypes.set_precision(_active.precision)
    return _active


@export(["keras.config.backend", "keras.backend.backend"])
def backend() -> str:
    """Returns the name of the backend in use, such as `"jax"`.

    Example:

        >>> isinstance(backend(), str)
        True
    """
    return select()


@export("keras.config.set_backend")
def set_backend(backend: str) -> None:
    """Chooses the backend from code, before anything has used one.

    Args:
        backend: Name of the backend.

    Raises:
        ImportError: If it is not installed.
        RuntimeError: If another backend is in use already.

    Example:

        >>> set_backend(active().name)
    """
    global _selected
    if _active is not None:
        if backend == _selected:
            return
        raise RuntimeError(
            f"Expected to find no backend in use, but {_selected!r} is: layers, variables and "
            f"compiled functions hold its tensors. Received: backend={backend!r}. Set "
            f"KERAS_BACKEND={backend} before the first import of keras, or start a new process."
        )
    if not is_installed(backend):
        raise ImportError(_explain(backend, f"set_backend({backend!r})"))
    _selected = backend
