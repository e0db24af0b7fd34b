"""`ObjectFamily`: what users may write for a loss, an initializer, an activation ..., and what it stands for.

Each kind of object declares one beside its public `get` and `deserialize`, which hand on to it. Which names a
config may mention is decided in `registry`, how it is read in `serialize`.
"""

from collections.abc import Callable, Mapping
from typing import Any, TypeVar

from keras_ops.naming import did_you_mean, to_snake_case
from keras_ops.registry import get_registered_object
from keras_ops.serialize import deserialize_keras_object

T = TypeVar("T")


class ObjectFamily:
    """A kind of object that may be given by its name, by a config, as a class, or as it is.

    Args:
        kind: What one is called in messages, such as `"loss"`.
        names: Name -> class or function of a built-in one.
        accepts: Says whether an object is one, default: whether it can be called.
        default: What `None` stands for.

    Example:

        >>> counts = ObjectFamily("count", {"zero": int, "length": len}, accepts=lambda x: isinstance(x, int))
        >>> counts.get("zero"), counts.get(3), counts.get(None)
        (0, 3, None)
    """

    def __init__(
        self,
        kind: str,
        names: Mapping[str, Any],
        accepts: Callable[[Any], bool] = callable,
        default: Any = None,
    ) -> None:
        self.kind, self.names = kind, names
        self.accepts, self.default = accepts, default

    def get(self, identifier: Any, **arguments: Any) -> Any:
        """Returns the object that an identifier stands for.

        Args:
            identifier: A name, a config, a class, an object of the family, or `None`.
            **arguments: What a class is called with.

        Raises:
            ValueError: If it stands for none.
        """
        if identifier is None:
            return self.default
        found = identifier
        if isinstance(identifier, str):
            found = self.find(identifier)
        elif isinstance(identifier, dict):
            found = self.deserialize(identifier)
        if isinstance(found, type):
            found = found(**arguments)
        if self.accepts(found):
            return found
        raise ValueError(
            f"Could not interpret {self.kind} identifier {identifier!r} of type {type(identifier).__name__}: "
            f"expected a name such as {self._plain_names()[0]!r}, a config, a class, the {self.kind} itself or None."
        )

    def find(self, name: str) -> Any:
        """Returns the class or function that a name stands for: one in scope, a registered or a built-in one.

        Raises:
            ValueError: If there is none; the message says which names come near.
        """
        found = get_registered_object(name)
        if found is None:
            found = self.names.get(name)
        if found is not None:
            return found
        plain = self._plain_names()
        alike = [known for known in self.names if known[:1].isupper() == name[:1].isupper()]
        hint = did_you_mean(name, alike) or did_you_mean(name.lower(), plain)
        raise ValueError(
            f"Unknown {self.kind} {name!r}.{hint} Pass one of the built-in names ({', '.join(plain)}), a config, or "
            f"the {self.kind} itself."
        )

    def deserialize(self, config: Any, custom_objects: Mapping[str, Any] | None = None) -> Any:
        """Returns the object that a config, or a name, describes.

        Args:
            config: What `serialize_keras_object` returned.
            custom_objects: Name -> class or function for those that are neither built in nor registered.

        Raises:
            ValueError: If a name is unknown.
        """
        return deserialize_keras_object(config, module_objects=self.names, custom_objects=custom_objects)

    def _plain_names(self) -> list[str]:
        return sorted(filter(str.islower, self.names))


def in_snake_case_too(table: Mapping[str, T]) -> dict[str, T]:
    """Returns a table by class names with each entry under the class's name in snake case too.

    Example:

        >>> in_snake_case_too({"MaxNorm": 1})
        {'MaxNorm': 1, 'max_norm': 1}
    """
    return {**table, **{to_snake_case(name): value for name, value in table.items()}}
