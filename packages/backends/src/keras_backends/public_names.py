"""Which module defines a public name, known without importing it.

`tools/api_gen.py` writes a table into each package (`exported.py`), and a package adds itself here when it
is imported, so that what lies below finds what lies above without naming it. The registry of
serializable objects reads it. Standard library only, since `import keras` runs this file.
"""

from collections.abc import Iterator, Mapping
from importlib import import_module
from typing import Any

_packages: dict[str, None] = {}
_unread: dict[str, None] = {}
_modules: dict[str, dict[str, str]] = {}
"""Public module -> public name -> the module that defines it, or `"module:name"`."""


def add_packages(*names: str) -> None:
    """Adds the public names of packages; their tables are read when a name is looked up.

    Args:
        *names: Import names of packages with a module `exported`, such as `"keras_layers"`.
    """
    for name in names:
        if name not in _packages:
            _packages[name] = None
            _unread[name] = None


def is_framework(module: str) -> bool:
    """Says whether a module belongs to one of the packages added so far.

    Example:

        >>> is_framework("keras_backends.api"), is_framework("json")
        (True, False)
    """
    return module.partition(".")[0] in _packages


def load_exported(module: str, name: str) -> Any:
    """Returns the object with the public name `name` in the public module `module`, `None` if there is none.

    The module that defines it is imported where it has not been.

    Example:

        >>> load_exported("keras.config", "floatx")()
        'float32'
    """
    target = _tables().get(module, {}).get(name)
    if target is None:
        return None
    source, _, attribute = target.partition(":")
    return getattr(import_module(source), attribute or name)


def public_names() -> Iterator[tuple[str, str]]:
    """Yields the public modules and names of all packages added so far, as `("keras.layers", "Dense")`."""
    for module, names in _tables().items():
        yield from ((module, name) for name in names)


class PublicObjects(Mapping[str, Any]):
    """The objects of a public module by the names that users write, each loaded when it is asked for.

    Args:
        module: The public module, such as `"keras.losses"`.
        names: What users write -> public name, for instance `{"mse": "mean_squared_error"}`.

    Example:

        >>> PublicObjects("keras.config", {"float": "floatx"})["float"]()
        'float32'
    """

    def __init__(self, module: str, names: Mapping[str, str]) -> None:
        self.module, self.names = module, names

    def __getitem__(self, name: str) -> Any:
        return load_exported(self.module, self.names[name])

    def __iter__(self) -> Iterator[str]:
        return iter(self.names)

    def __len__(self) -> int:
        return len(self.names)


def _tables() -> dict[str, dict[str, str]]:
    while _unread:
        for package in tuple(_unread):
            for module, names in import_module(f"{package}.exported").EXPORTED.items():
                _modules.setdefault(module, {}).update(names)
            # Only now, so that a second thread does not take the names for read; both may read them.
            _unread.pop(package, None)
    return _modules
