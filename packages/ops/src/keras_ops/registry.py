"""Which classes and functions a config may name: built-in ones, registered ones, those in scope.

`keras_ops.serialize` looks every name up here. Nothing in a file is ever imported by name, except what
`keras_backends.public_names` lists: packages above add what they export and what is `saved_as` some other name.
"""

import contextlib
import difflib
import importlib
import re
import threading
from collections.abc import Callable, Iterable, Iterator, Mapping
from types import FunctionType, ModuleType
from typing import Any, TypeVar

from keras_backends.api import export, exported_names
from keras_backends.public_names import is_framework, load_exported, public_names

from keras_ops.scopes import ReentrantScope

T = TypeVar("T")

_FUNCTION_MODULES = (
    "keras.activations",
    "keras.losses",
    "keras.metrics",
    "keras.ops",
    "keras.random",
)
_CONVERTERS = ("deserialize", "get", "serialize")
"""Where the functions live that a config may name. Others (downloads, `load_model`) do more than compute."""

_custom_objects: dict[str, Any] = {}
_registered_names: dict[Any, str] = {}
_saved_as: dict[tuple[str, str], Any] = {}
_names_in_files: dict[Any, tuple[str, str]] = {}
_resolvers: list[Callable[[str, str], Any]] = []


class _Scope(threading.local):
    objects: Mapping[str, Any] = {}
    named: dict[str, Any] | None = None


_scope = _Scope()


class UnknownObjectError(TypeError, ValueError):
    """A config names a class or function that is neither built in nor registered.

    Both a `TypeError` and a `ValueError`, because code written for either is in use.
    """


@export(
    ["keras.saving.CustomObjectScope", "keras.saving.custom_object_scope"]
    + ["keras.utils.CustomObjectScope", "keras.utils.custom_object_scope"]
)
class CustomObjectScope(ReentrantScope):
    """Scope in which configs may name further classes and functions.

    Args:
        custom_objects: Name -> class or function.

    Example:

        >>> def double(x):
        ...     return 2 * x
        >>> with CustomObjectScope({"double": double}):
        ...     get_registered_object("double") is double
        True
    """

    def __init__(self, custom_objects: Mapping[str, Any] | None) -> None:
        self.custom_objects = custom_objects or {}
        self.backup: Mapping[str, Any] | None = None

    def _open(self) -> Mapping[str, Any]:
        self.backup = outer = _scope.objects
        if self.custom_objects:
            _scope.objects = {**outer, **self.custom_objects}
        return outer

    def _close(self, outer: Mapping[str, Any], error: BaseException | None) -> None:
        _scope.objects = outer


@export(["keras.saving.get_custom_objects", "keras.utils.get_custom_objects"])
def get_custom_objects() -> dict[str, Any]:
    """Returns the dict of all registered objects; changing it changes the registry.

    Example:

        >>> get_custom_objects()["double"] = lambda x: 2 * x
        >>> del get_custom_objects()["double"]
    """
    return _custom_objects


@export(["keras.saving.register_keras_serializable", "keras.utils.register_keras_serializable"])
def register_keras_serializable(package: str = "Custom", name: str | None = None) -> Callable[[T], T]:
    """Registers the decorated class or function, so that configs and files may name it.

    Args:
        package: First part of the registered name, default `"Custom"`; choose one of your own.
        name: Second part, default the object's own name.

    Returns:
        A decorator that returns the object unchanged.

    Raises:
        ValueError: If a class has no `get_config`.

    Example:

        >>> @register_keras_serializable(package="docs")
        ... def double(x):
        ...     return 2 * x
        >>> get_registered_name(double), get_registered_object("docs>double") is double
        ('docs>double', True)
    """

    def register(symbol: T) -> T:
        if isinstance(symbol, type) and not hasattr(symbol, "get_config"):
            raise ValueError(
                f"register_keras_serializable: the class {symbol.__name__!r} needs a method `get_config` that "
                "returns the constructor's arguments as a dict."
            )
        registered = f"{package}>{name if name is not None else symbol.__name__}"  # type: ignore[attr-defined]
        _custom_objects[registered] = symbol
        _registered_names[symbol] = registered
        return symbol

    return register


@export(["keras.saving.get_registered_name", "keras.utils.get_registered_name"])
def get_registered_name(obj: Any) -> str:
    """Returns the name under which an object is registered, else its own name.

    Args:
        obj: A class or function.

    Example:

        >>> get_registered_name(dict)
        'dict'
    """
    try:
        return _registered_names[obj]
    except (KeyError, TypeError):
        return obj.__name__


@export(["keras.saving.get_registered_object", "keras.utils.get_registered_object"])
def get_registered_object(
    name: str,
    custom_objects: Mapping[str, Any] | None = None,
    module_objects: Mapping[str, Any] | None = None,
) -> Any:
    """Returns the object with a registered name: of the open scope, the registry, or the mappings.

    Args:
        name: A name such as `"package>Name"`.
        custom_objects: Searched after the scope and the registry.
        module_objects: Searched last.

    Returns:
        The object, `None` if there is none.

    Example:

        >>> get_registered_object("mine", {"mine": 1})
        1
    """
    for objects in (_scope.objects, _custom_objects, custom_objects, module_objects):
        if objects and name in objects:
            return objects[name]
    return None


def saved_as(module: str, class_name: str | None = None) -> Callable[[T], T]:
    """Gives a class without a public name the module and name that files use for it.

    Args:
        module: Module that files name, such as `"keras.src.models.functional"`.
        class_name: Name in files, default the class's own.
    """

    def mark(symbol: T) -> T:
        key = (module, class_name or symbol.__name__)  # type: ignore[attr-defined]
        _saved_as[key] = symbol
        _names_in_files[symbol] = key
        return symbol

    return mark


def add_resolver(resolver: Callable[[str, str], Any]) -> Callable[[str, str], Any]:
    """Adds a function `(module, name) -> object or None` for names that are made on demand.

    It must answer from what the framework defines, never import by the name it is given.
    """
    _resolvers.append(resolver)
    return resolver


def is_builtin(cls: type) -> bool:
    """Says whether a class is defined by the framework rather than by its users."""
    return is_framework(cls.__module__)


def identify(symbol: Any) -> tuple[str, str, str | None]:
    """Returns `(module, class_name, registered_name)` as files name a class or function."""
    names = exported_names(symbol) if hasattr(symbol, "__dict__") else []
    if names and symbol not in _registered_names:
        module, _, name = names[0].rpartition(".")
        return module, name, None
    if symbol in _names_in_files:
        module, name = _names_in_files[symbol]
        return module, name, name
    registered = get_registered_name(symbol)
    if _scope.named is not None and symbol not in _registered_names:
        _scope.named.setdefault(registered, symbol)
        registered = f"{registered}#{id(symbol)}"  # There may be several of one name: lambdas, local classes.
        _scope.named[registered] = symbol
    return symbol.__module__, symbol.__name__, registered


def is_copying() -> bool:
    """Says whether the config under way is for an object made from it at once: see `names_written`."""
    return _scope.named is not None


@contextlib.contextmanager
def names_written() -> Iterator[dict[str, Any]]:
    """Scope that gives the users' classes and functions, by the names that configs written inside have for them."""
    outer, _scope.named = _scope.named, {}
    try:
        yield _scope.named
    finally:
        _scope.named = outer


def resolve(module: str | None, name: str) -> Any:
    """Returns the built-in class or function that a file calls `name` in `module`.

    Args:
        module: A public module such as `"keras.layers"`, or one of the private modules that files
            mention (`"keras.src.ops.numpy"`). `None`, as in old files, leaves it open.
        name: Name of the class or function.

    Returns:
        The object; `None` if there is none that a config may name.
    """
    found = None if module is None else _defined(module, name)
    if module is not None and module.startswith(_OPERATIONS):
        operations = importlib.import_module("keras_ops.operations")  # layering: lazy edge, declares them
        operations.all_operations()
    for resolver in _resolvers:
        found = found if found is not None else resolver(module or "", name)
    if found is None and _is_vague(module):
        found = _by_short_name(name)
    return found if found is not None and may_be_named(found) else None


_OPERATIONS = "keras.src.ops."
_PRIVATE = "keras.src."


def _defined(module: str, name: str) -> Any:
    """What a public name, or a name in files, leads to; `keras.src.losses.losses` stands for `keras.losses`."""
    found = _saved_as.get((module, name))
    if found is None:
        found = load_exported(module, name)
    if found is None and module.startswith(_PRIVATE):
        found = load_exported(".".join(["keras", *module.removeprefix(_PRIVATE).split(".")[:1]]), name)
    return None if isinstance(found, ModuleType) else found


def _is_vague(module: str | None) -> bool:
    return module is None or (module.startswith(_PRIVATE) and not module.startswith(_OPERATIONS))


def may_be_named(symbol: Any) -> bool:
    """Says whether a config may name a built-in object: a configurable class, or plain computation."""
    if isinstance(symbol, type):
        return hasattr(symbol, "from_config")
    if not callable(symbol):
        return False
    places = [name.rpartition(".") for name in exported_names(symbol)]
    return any(module in _FUNCTION_MODULES and name not in _CONVERTERS for module, _, name in places)


def _by_short_name(name: str) -> Any:
    """The built-in class of that name, for old files and for private modules of other releases."""
    for (_, known), symbol in _saved_as.items():
        if known == name:
            return symbol
    private = [module for module, known in public_names() if known == name and module.startswith(_PRIVATE)]
    for module in (*_SEARCHED, *private):
        symbol = load_exported(module, name)
        if isinstance(symbol, type):
            return symbol
    return None


_SEARCHED = (
    "keras.layers",
    "keras",
    "keras.initializers",
    "keras.regularizers",
    "keras.constraints",
    "keras.optimizers",
    "keras.optimizers.schedules",
    "keras.quantizers",
    "keras.dtype_policies",
)


def _similar(name: str, known: Iterable[str]) -> list[str]:
    """Full names whose last part is like `name`; capitals tell classes from functions."""
    short = {full: re.split(r"[.>]", full)[-1] for full in known}
    close = difflib.get_close_matches(name, set(short.values()), 2, 0.75)
    return [
        full for full, last in short.items() if last in close and last[:1].isupper() == name[:1].isupper()
    ][:4]


def unknown(
    kind: str, module: str | None, name: str, registered: str | None, known: Iterable[str] = ()
) -> UnknownObjectError:
    """Makes the error for a name that leads nowhere: what was looked for, what is near, what to do."""
    full = f"{module}.{name}" if module else name
    known = {*known, *_scope.objects, *_custom_objects}
    known.update(f"{place}.{public}" for place, public in public_names() if place.count(".") <= 1)
    near = {match for text in (name, registered or name) for match in _similar(text, known)}
    hint = f" Similar names: {', '.join(sorted(near))}." if near else ""
    wanted = f" (registered as {registered!r})" if registered and registered != name else ""
    return UnknownObjectError(
        f"The config names the {kind} {full!r}{wanted}, which is neither built in nor registered.{hint} "
        f"If it is your own, decorate it with `@keras.saving.register_keras_serializable()` before "
        f"loading, or pass `custom_objects={{{name!r}: ...}}`."
    )


def is_function(symbol: Any) -> bool:
    """Says whether an object is saved by name, as functions are, rather than by config."""
    return isinstance(symbol, FunctionType) or (
        callable(symbol)
        and hasattr(symbol, "__name__")
        and not isinstance(symbol, type)
        and not hasattr(symbol, "get_config")
    )
