"""Objects to plain JSON-like configs and back, and `Configurable`, whose config writes itself.

Everything that has a config uses it: operations, layers, initializers, losses, optimizers, models.
Which names a config may mention is decided in `keras_ops.registry`; files are read in `keras_saving`.
"""

import importlib
import inspect
import threading
from collections.abc import Mapping
from typing import Any, ClassVar, NamedTuple
from weakref import WeakKeyDictionary

from keras_backends import settings
from keras_backends.api import export, exported_names

from keras_ops import registry, special_values
from keras_ops.scopes import ReentrantScope

_PLAIN = frozenset({str, int, float, bool, type(None)})


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
    if kind in _PLAIN:
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


def _serialize_object(obj: Any) -> dict[str, Any]:
    module, class_name, registered_name = registry.identify(type(obj))
    sharing = _scopes.sharing
    entry = {
        "module": module,
        "class_name": class_name,
        "config": serialize_keras_object(obj.get_config()),
        "registered_name": registered_name,
    }
    for name in ("build_config", "compile_config"):
        getter = getattr(obj, f"get_{name}", None)
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
        return _decode(config, module_objects)


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


def _decode(config: Any, module_objects: Mapping[str, Any] | None = None) -> Any:
    kind = type(config)
    if kind in _PLAIN:
        return config
    if kind in (list, tuple):
        return kind([_decode(item) for item in config])
    if not isinstance(config, dict):
        return config
    if not is_config(config):
        return {key: _decode(value) for key, value in config.items()}
    class_name, inner = config["class_name"], config["config"]
    if class_name == "__lambda__":
        return _decode_lambda(inner)
    if special_values.is_marker(class_name):
        return special_values.decode(class_name, {key: _decode(value) for key, value in inner.items()})
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
    return special_values.decode_lambda({key: _decode(value) for key, value in config.items()})


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
        compile_config = config.get("compile_config")
        if compile_config and hasattr(instance, "compile_from_config"):
            instance.compile_from_config(compile_config)
    except Exception as error:
        error.add_note(f"This happened while a {cls.__name__!r} was made from its config.")
        raise
    return instance


class _Parameter(NamedTuple):
    name: str
    default: Any
    builtin: bool  # A class of the framework declares it, which keeps it as an attribute.
    own: bool  # The constructor that is called declares it, not one that gets its keywords handed on.


_parameters: "WeakKeyDictionary[type, tuple[_Parameter, ...]]" = WeakKeyDictionary()


class Configurable:
    """Base of objects whose config is read from the parameters of their constructor.

    The value of parameter `units` is the attribute `units`, or `_units`; for classes that users write
    it is what the constructor was called with. A class overrides `get_config` only for what differs.

    Example:

        >>> class Scale(Configurable):
        ...     def __init__(self, factor, axes=(0, 1)):
        ...         self.factor, self.axes = factor, axes
        >>> Scale(2).get_config()
        {'factor': 2, 'axes': (0, 1)}
    """

    not_in_config: ClassVar[tuple[str, ...]] = ()
    """Parameters that are left out."""
    _is_builtin: ClassVar[bool] = True

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        cls._is_builtin = registry.is_builtin(cls)

    def __new__(cls, *args: Any, **kwargs: Any) -> Any:
        instance = super().__new__(cls)
        if not cls._is_builtin:
            # Past `__setattr__`, so that nothing in there is tracked.
            object.__setattr__(instance, "_init_arguments", (args, kwargs))
        return instance

    def get_config(self) -> dict[str, Any]:
        """Returns the constructor's arguments as plain data, from which `from_config` makes a twin."""
        given = _given_arguments(self)
        return {
            parameter.name: _serialize_value(self, parameter, _value(self, parameter, given))
            for parameter in config_parameters(type(self))
            if not _is_fixed(self, parameter, given)
        }

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> Any:
        """Makes an object from what `get_config` returned."""
        if _writes_own_config(cls):
            return cls(**config)
        return cls(**{name: _decode(value) for name, value in config.items()})


def config_parameters(cls: type) -> tuple[_Parameter, ...]:
    """Returns the parameters that make up the config of a class: those of its bases first.

    A constructor with `**kwargs` hands them to the next one, whose parameters therefore count too. Where a
    user's class overrides `get_config` and calls `super()`, its own parameters are its own affair.
    """
    found = _parameters.get(cls)
    if found is None:
        found = _parameters[cls] = tuple(_find_parameters(cls))
    return found


def _find_parameters(cls: type) -> list[_Parameter]:
    mro = [base for base in cls.__mro__ if issubclass(base, Configurable)]
    overriding = [i for i, base in enumerate(mro) if _overrides(base, "get_config")]
    groups: list[list[_Parameter]] = []
    seen = set(getattr(cls, "not_in_config", ()))
    for base in mro[overriding[-1] + 1 if overriding else 0 :]:
        if "__init__" not in base.__dict__:
            continue
        group, more, builtin = [], False, registry.is_builtin(base)
        for parameter in list(inspect.signature(base.__init__).parameters.values())[1:]:
            if parameter.kind is parameter.VAR_KEYWORD:
                more = True
            elif parameter.kind is not parameter.VAR_POSITIONAL and parameter.name not in seen:
                seen.add(parameter.name)
                group.append(_Parameter(parameter.name, parameter.default, builtin, not groups))
        groups.append(group)
        if not more:
            break
    return [parameter for group in reversed(groups) for parameter in group]


def _overrides(cls: type, method: str) -> bool:
    return method in cls.__dict__ and not registry.is_builtin(cls)


def _writes_own_config(cls: type) -> bool:
    return any(_overrides(base, "get_config") for base in cls.__mro__)


def _given_arguments(obj: Any) -> dict[str, Any]:
    arguments = getattr(obj, "_init_arguments", None)
    if arguments is None:
        return {}
    try:
        bound = inspect.signature(type(obj).__init__).bind_partial(obj, *arguments[0], **arguments[1])
    except TypeError:
        return {}
    given: dict[str, Any] = {}
    for name, value in bound.arguments.items():
        if bound.signature.parameters[name].kind is inspect.Parameter.VAR_KEYWORD:
            given.update(value)
        else:
            given[name] = value
    return given


def _is_fixed(obj: Any, parameter: _Parameter, given: Mapping[str, Any]) -> bool:
    """Whether a user's class gives the argument to its base itself, so that it must not come a second time."""
    if parameter.own or parameter.name in given or _writes_own_config(type(obj)):
        return False
    optional = parameter.builtin and parameter.default is not inspect.Parameter.empty
    return not optional and hasattr(obj, "_init_arguments")


def _value(obj: Any, parameter: _Parameter, given: Mapping[str, Any]) -> Any:
    name = parameter.name
    if not parameter.builtin and name in given:
        return given[name]
    if not parameter.builtin and parameter.default is not inspect.Parameter.empty:
        return parameter.default
    for attribute in (name, f"_{name}"):
        if hasattr(obj, attribute):
            return getattr(obj, attribute)
    if name in given:
        return given[name]
    raise NotImplementedError(
        f"{type(obj).__name__}.get_config: the constructor's argument {name!r} is found neither as the "
        f"attribute `{name}` nor as `_{name}`. Keep it as an attribute, or override `get_config`."
    )


def _serialize_value(obj: Any, parameter: _Parameter, value: Any) -> Any:
    if type(value) in _PLAIN:
        return value
    for name in exported_names(value) if callable(value) and hasattr(value, "__dict__") else ():
        # Built-in activations are written by their short names.
        if name.startswith("keras.activations.") and not isinstance(value, type):
            return name.rpartition(".")[2]
    try:
        return serialize_keras_object(value)
    except TypeError as error:
        raise NotImplementedError(
            f"{type(obj).__name__}.get_config: the constructor's argument {parameter.name!r} has no config: "
            f"{error} Override `get_config` and `from_config` to write it in your own way."
        ) from error
