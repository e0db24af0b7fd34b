"""Public modules that load nothing before it is used: the run-time half of `tools/api_gen.py`.

Every generated `keras` module is a table of names and calls `lazy` once; the private aliases under
`keras.src` are such tables too. Standard library only, since `import keras` runs this file.
"""

import sys
from collections.abc import Callable, Collection, Mapping
from importlib import import_module
from typing import Any


def lazy(
    module: str, names: Mapping[str, str], submodules: Collection[str] = (), base: str | None = None
) -> tuple[Callable[[str], Any], Callable[[], list[str]], list[str]]:
    """Returns the `__getattr__`, `__dir__` and `__all__` of a module whose names resolve on first use.

    Args:
        module: The module's own `__name__`.
        names: Public name -> the module that defines it, or `"module:name"` where it is called
            otherwise there.
        submodules: Names of the public modules directly below this one.
        base: Name of a module whose names this one serves too, beneath its own.

    Returns:
        A tuple `(__getattr__, __dir__, __all__)`. A name that was found is stored in the module, so
        that the next look-up is a plain attribute access.

    Example:

        __getattr__, __dir__, __all__ = lazy(__name__, {"sqrt": "math", "ln": "math:log"})
    """

    def __getattr__(name: str) -> Any:
        if name in names:
            source, _, attribute = names[name].partition(":")
            value = getattr(import_module(source), attribute or name)
        elif name in submodules:
            value = import_module(f"{module}.{name}")
        elif base is not None and (name == "__version__" or not name.startswith("_")):
            value = getattr(import_module(base), name)
        else:
            raise AttributeError(
                f"module {module!r} has no attribute {name!r}", name=name, obj=sys.modules[module]
            )
        setattr(sys.modules[module], name, value)
        return value

    def __dir__() -> list[str]:
        return sorted({*filter(_is_dunder, vars(sys.modules[module])), *public})

    inherited = () if base is None else import_module(base).__all__
    public = sorted(name for name in {*names, *submodules, *inherited} if not _is_dunder(name))
    return __getattr__, __dir__, public


def _is_dunder(name: str) -> bool:
    return name.startswith("__") and name.endswith("__")


def mirror(module: str, target: str) -> None:
    """Makes the import name `module` another name of the module `target`.

    Example:

        mirror("keras.api._v2.keras", "keras._tf_keras.keras")
    """
    sys.modules[module] = import_module(target)
