"""Objects to plain JSON-like configs and back.

Everything that has a config uses it (`keras_ops.configurable` writes most configs): operations, layers, initializers, losses, optimizers, models.
Which names a config may mention is decided in `keras_ops.registry`; files are read in `keras_saving`.
"""

import importlib
import threading
from collections.abc import Mapping
from typing import Any

from keras_backends import settings
from keras_backends.api import export

from keras_ops import registry, special_values
from keras_ops.scopes import ReentrantScope

PLAIN = frozenset({str, int, float, bool, type(None)})
"""Types of values that configs hold as they are."""


class _Scopes(threading.local):
    safe_mode: bool | None = None
    sharing: "ObjectSharingScope | None" = None


_scopes = _Scopes()


class SafeModeScope(ReentrantScope):
    """Scope that says whether configs may hold code and name anything importable.

    Args:
        safe_mode: `False` trusts the author of the config. An outer scope wins.
    """

    def __init__(self, safe_mode: bool | None) -> None:
        self.safe_mode = safe_mode

    def _open(self) -> bool | None:
        outer = _scopes.safe_mode
        if outer is None:
            _scopes.safe_mode = self.safe_mode
        return outer

    def _close(self, outer: bool | None, error: BaseException | None) -> None:
        _scopes.safe_mode = outer


def in_safe_mode() -> bool:
    """Says whether the config being loaded is not to be trusted; `True` unless someone said otherwise.

    A `from_config` that would run code from a config, or open a file that it names, asks this first.
    """
    if settings.is_unsafe_deserialization_enabled():
        return False
    return True if _scopes.safe_mode is None else _scopes.safe_mode


class ObjectSharingScope(ReentrantScope):
    """Scope in which an object that occurs several times is written, and read, as one object."""

    def __init__(self) -> None:
        self.written: dict[int, tuple[Any, int]] = {}
        self.read: dict[Any, Any] = {}

    def _open(self) -> "ObjectSharingScope | None":
        outer, _scopes.sharing = _scopes.sharing, self
        return outer

    def _close(self, outer: "ObjectSharingScope | None", error: BaseException | None) -> None:
        _scopes.sharing = outer

    def number(self, obj: Any) -> int:
        """The number of an object; the same one whenever it is asked for."""
        # Keeping the object keeps its id from being used again.
        return self.written.setdefault(id(obj), (obj, len(self.written) + 1))[1]


def drop_lone_ids(config: Any) -> Any:
    """Removes the ids of objects that occur only once, in place; returns `config`."""
    count: dict[Any, int] = {}
    holders = []
    pending = [config]
    while pending:
        part = pending.pop()
        if isinstance(part, dict):
            if "shared_object_id" in part and "class_name" in part:
                number = part["shared_object_id"]
                count[number] = count.get(number, 0) + 1
                holders.append(part)
            pending.extend(part.values())
        elif isinstance(part, (list, tuple)):
            pending.extend(part)
    for part in holders:
        if count[part["shared_object_id"]] == 1:
            del part["shared_object_id"]
    return config


@export(["keras.saving.serialize_keras_object", "keras.utils.serialize_keras_object"])
def serialize_keras_object(obj: Any) -> Any:
    """Returns the config of an object as plain data: dicts, lists, tuples, strings, numbers.

    Args:
        obj: An object with `get_config`, a function, a tensor or array, or any nest of these and of
            plain values.

    Returns:
        For an object a dict with `module`, `class_name`, `config` and `registered_name`.

    Raises:
        TypeError: If something in `obj` has no config.

    Example:

        >>> from keras_ops.policies import DTypePolicy
        >>> serialize_keras_object(DTypePolicy("float16"))["config"]
        {'name': 'float16'}
    """
    kind = type(obj)
    if kind in PLAIN:
        return obj
    if kind is list:
        return [serialize_keras_object(item) for item in obj]
    if kind is dict:
        return {key: serialize_keras_object(value) for key, value in obj.items()}
    if hasattr(obj, "get_config") and not isinstance(obj, type):
        return _serialize_object(obj)
    if isinstance(obj, tuple):
        return tuple(serialize_keras_object(item) for item in obj)
    if isinstance(obj, list):
        return [serialize_keras_object(item) for item in obj]
    if isinstance(obj, Mapping):
        return {key: serialize_keras_object(value) for key, value in obj.items()}
    if isinstance(obj, (str, bool, int, float)) and not hasattr(obj, "dtype"):
        return obj
    if getattr(obj, "__name__", None) == "<lambda>" and not registry.is_copying():
        return special_values.encode_lambda(obj)
    encoded = special_values.encode(obj)
    if encoded is not special_values.MISSING:
        return encoded
    if registry.is_function(obj):
        return _serialize_function(obj)
    raise TypeError(
        f"Cannot serialize {obj!r} of type {kind.__name__!r}: expected a plain value, a tensor, a function "
        "or an object with a method `get_config()` that returns the constructor's arguments."
    )


def _serialize_function(function: Any) -> dict[str, Any]:
    module, name, registered = registry.identify(function)
    if registered is None:
        return {"module": module, "class_name": "function", "config": name, "registered_name": name}
    return {
        "module": "builtins",
        "class_name": "function",
        "config": registered,
        "registered_name": "function",
    }


_STATES = {
    "build_config": "get_build_config",
    "parts_config": "_get_parts_config",
    "compile_config": "get_compile_config",
}
"""What entries hold beside a config -> the method that gives it; in the order in which it is brought back."""


def _serialize_object(obj: Any) -> dict[str, Any]:
    module, class_name, registered_name = registry.identify(type(obj))
    sharing = _scopes.sharing
    entry = {
        "module": module,
        "class_name": class_name,
        "config": serialize_keras_object(obj.get_config()),
        "registered_name": registered_name,
    }
    for name, method in _STATES.items():
        getter = getattr(obj, method, None)
        if getter is not None:
            config = getter()
            if config is not None:
                entry[name] = serialize_keras_object(config)
    if sharing is not None:
        entry["shared_object_id"] = sharing.number(obj)
    return entry


@export(["keras.saving.deserialize_keras_object", "keras.utils.deserialize_keras_object"])
def deserialize_keras_object(
    config: Any, custom_objects: Mapping[str, Any] | None = None, safe_mode: bool = True, **kwargs: Any
) -> Any:
    """Returns the object that a config describes; the inverse of `serialize_keras_object`.

    Args:
        config: What `serialize_keras_object` returned. What is no config is returned as it is.
        custom_objects: Name -> class or function that the config may mention besides the built-in
            and the registered ones.
        safe_mode: Whether to refuse code (lambdas) and names of modules that would have to be
            imported. Pass `False` only for configs whose author you trust.
        **kwargs: `module_objects`, a mapping from the names that configs without a module may use.

    Raises:
        TypeError: If a class or function is unknown (the error is a `ValueError` too).
        ValueError: If the config holds code in safe mode.

    Example:

        >>> from keras_ops.policies import DTypePolicy
        >>> deserialize_keras_object(serialize_keras_object(DTypePolicy("float16"))).name
        'float16'
    """
    module_objects = kwargs.pop("module_objects", None)
    kwargs.pop("printable_module_name", None)
    if kwargs:
        raise TypeError(f"deserialize_keras_object: unexpected keyword arguments {sorted(kwargs)}.")
    if isinstance(config, str) and module_objects is not None and not custom_objects:
        return from_name(config, module_objects)  # As in most constructors of layers: no scope has a say.
    with registry.CustomObjectScope(custom_objects), SafeModeScope(safe_mode):
        if isinstance(config, str) and custom_objects:
            return from_name(config, module_objects)
        return decode(config, module_objects)


def from_name(name: str, module_objects: Mapping[str, Any] | None) -> Any:
    """Returns what a bare string stands for: an instance of a class, or a function.

    Args:
        name: The name.
        module_objects: What it may stand for besides the objects of the open scope and the registered ones;
            with `None` an unknown name is a string.

    Raises:
        TypeError: If nothing has that name (the error is a `ValueError` too).
    """
    found = registry.get_registered_object(name, module_objects=module_objects)
    if found is None:
        if module_objects is None:
            return name
        raise registry.unknown("object", None, name, None, known=list(module_objects))
    return found() if isinstance(found, type) else found


def decode(config: Any, module_objects: Mapping[str, Any] | None = None) -> Any:
    kind = type(config)
    if kind in PLAIN:
        return config
    if kind in (list, tuple):
        return kind([decode(item) for item in config])
    if not isinstance(config, dict):
        return config
    if not is_config(config):
        return {key: decode(value) for key, value in config.items()}
    class_name, inner = config["class_name"], config["config"]
    if class_name == "__lambda__":
        return _decode_lambda(inner)
    if special_values.is_marker(class_name):
        return special_values.decode(class_name, {key: decode(value) for key, value in inner.items()})
    if class_name == "function":
        return _find_function(config)
    number, sharing = config.get("shared_object_id"), _scopes.sharing
    if sharing is not None and number is not None and number in sharing.read:
        return sharing.read[number]
    instance = _make(_find_class(config, module_objects), config)
    if sharing is not None and number is not None:
        sharing.read[number] = instance
    return instance


def is_config(value: Any) -> bool:
    """Says whether a value is the config of one object, as `serialize_keras_object` writes it."""
    return isinstance(value, dict) and "class_name" in value and "config" in value


def _decode_lambda(config: Mapping[str, Any]) -> Any:
    if in_safe_mode():
        raise ValueError(
            "The config holds a lambda, that is, Python code which would run on loading and calling it. "
            "If you trust whoever made it, pass `safe_mode=False` or call "
            "`keras.config.enable_unsafe_deserialization()`; better, save a named function decorated with "
            "`@keras.saving.register_keras_serializable()`."
        )
    return special_values.decode_lambda({key: decode(value) for key, value in config.items()})


def _find_function(config: Mapping[str, Any]) -> Any:
    module, name = config.get("module"), config["config"]
    if not isinstance(name, str):
        raise ValueError(f"Expected the name of a function. Received: config={config!r}")
    found = registry.get_registered_object(name)
    if found is None:
        found = registry.get_registered_object(config.get("registered_name") or name)
    if found is None and module in (None, "builtins"):
        found = registry.resolve("keras.activations", name)
    elif found is None:
        found = registry.resolve(module, name) or _imported(module, name)
    if found is None:
        raise registry.unknown("function", module, name, config.get("registered_name"))
    return found


def _find_class(config: Mapping[str, Any], module_objects: Mapping[str, Any] | None) -> Any:
    module, class_name = config.get("module"), config["class_name"]
    registered = config.get("registered_name")
    found = registry.get_registered_object(registered) if registered else None
    if found is None and (module is None or module.partition(".")[0] != "keras"):
        found = registry.get_registered_object(class_name, module_objects=module_objects)
    if found is None:
        found = registry.resolve(module, class_name)
    if found is None and module is not None:
        found = _imported(module, class_name)
    if found is None:
        known = list(module_objects or ())
        raise registry.unknown("class", module, class_name, registered, known=known)
    return found


def _imported(module: str, name: str) -> Any:
    """Imports what a config names, which only an unsafe load may do."""
    if in_safe_mode():
        return None
    try:
        found = getattr(importlib.import_module(module), name, None)
    except ImportError:
        return None
    return found if callable(found) else None


def _make(cls: Any, config: Mapping[str, Any]) -> Any:
    """Builds an object of `cls`, and restores its build and compile state."""
    if not isinstance(cls, type) and not hasattr(cls, "from_config"):
        return cls
    if not hasattr(cls, "from_config"):
        raise TypeError(
            f"Unable to make a {cls.__name__!r} from a config: the class has no `from_config`. "
            "Derive it from a Keras class or give it a class method `from_config(config)`."
        )
    try:
        instance = cls.from_config(config["config"])
        build_config = config.get("build_config")
        if build_config and not getattr(instance, "built", False) and hasattr(instance, "build_from_config"):
            instance.build_from_config(build_config)
            instance.built = True
        if config.get("parts_config") and hasattr(instance, "_parts_from_config"):
            instance._parts_from_config(config["parts_config"])
        compile_config = config.get("compile_config")
        if compile_config and hasattr(instance, "compile_from_config"):
            instance.compile_from_config(compile_config)
    except Exception as error:
        error.add_note(f"This happened while a {cls.__name__!r} was made from its config.")
        raise
    return instance
