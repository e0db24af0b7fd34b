"""`Configurable`: objects whose config is read from the parameters of their constructor.

Base of layers, losses, metrics, initializers, policies and the like. What values become in a config is decided
in `keras_ops.serialize`.
"""

import inspect
from collections.abc import Mapping
from typing import Any, ClassVar, NamedTuple
from weakref import WeakKeyDictionary

from keras_backends.api import exported_names

from keras_ops import registry
from keras_ops.serialize import PLAIN, decode, serialize_keras_object


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
        return cls(**{name: decode(value) for name, value in config.items()})


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
    if type(value) in PLAIN:
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
