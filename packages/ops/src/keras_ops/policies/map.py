"""`DTypePolicyMap`: policies by the paths of layers, for models that mix them.

Layers look themselves up in it when they are made; no policy itself lives here.
"""

import re
from collections.abc import Callable, Iterator, Mapping, MutableMapping
from typing import Any
from weakref import WeakValueDictionary

from keras_backends.api import export

from keras_ops.policies.identifiers import get
from keras_ops.policies.policy import DTypePolicy, dtype_policy
from keras_ops.revision import revision
from keras_ops.serialize import deserialize_keras_object, serialize_keras_object


@export("keras.dtype_policies.DTypePolicyMap")
class DTypePolicyMap(DTypePolicy, MutableMapping):
    """Policies by the path of a layer, for models whose layers have different ones.

    Args:
        default_policy: Policy of layers that no key fits; default the global one.
        policy_map: Layer path, or regular expression for paths, -> policy.

    Example:

        >>> policies = DTypePolicyMap("float32", {"net/.*/dense": DTypePolicy("mixed_float16")})
        >>> policies["net/block/dense"].name, policies["net/other"].name
        ('mixed_float16', 'float32')
    """

    def __init__(
        self,
        default_policy: DTypePolicy | str | None = None,
        policy_map: Mapping[str, DTypePolicy | str] | None = None,
    ) -> None:
        if isinstance(default_policy, DTypePolicyMap):
            raise ValueError("DTypePolicyMap: `default_policy` should be a policy, not another map.")
        if policy_map is not None and not isinstance(policy_map, Mapping):
            raise TypeError(
                f"DTypePolicyMap: `policy_map` should be a dict of policies. Received: {policy_map!r}"
            )
        self._default_policy = None if default_policy is None else get(default_policy)
        self._policy_map: dict[str, DTypePolicy] = {}
        self._readers: WeakValueDictionary[int, Any] = WeakValueDictionary()
        self._forget: Callable[[Any], Any] | None = None
        for key, policy in (policy_map or {}).items():
            self[key] = policy

    def read_by(self, layer: Any, forget: Callable[[Any], Any]) -> None:
        """Notes that a layer remembers what its policy is.

        Args:
            layer: The layer.
            forget: Called with the layer when the map has changed.
        """
        self._readers[id(layer)] = layer
        self._forget = forget

    def _changed(self) -> None:
        for layer in list(self._readers.values()):
            self._forget(layer)
        revision.advance()

    def __getstate__(self) -> dict[str, Any]:
        # Nobody has read a copy.
        return {name: value for name, value in self.__dict__.items() if name != "_readers"}

    def __setstate__(self, values: dict[str, Any]) -> None:
        self.__dict__.update(values, _readers=WeakValueDictionary())

    @property
    def default_policy(self) -> DTypePolicy:
        """Policy of layers that no key fits."""
        return self._default_policy or dtype_policy()

    @property
    def name(self) -> str:
        return f"map_{self.default_policy.name}"

    @property
    def compute_dtype(self) -> str:
        return self.default_policy.compute_dtype

    @property
    def variable_dtype(self) -> str:
        return self.default_policy.variable_dtype

    @property
    def quantization_mode(self) -> str | None:
        return self.default_policy.quantization_mode

    def __getitem__(self, key: str) -> DTypePolicy:
        if key in self._policy_map:
            return self._policy_map[key]
        fitting = [pattern for pattern in self._policy_map if re.fullmatch(pattern, key)]
        if len(fitting) > 1:
            raise ValueError(
                f"DTypePolicyMap: the path {key!r} fits several keys, {fitting}; make them fit one path each."
            )
        return self._policy_map[fitting[0]] if fitting else self.default_policy

    def __setitem__(self, key: str, policy: DTypePolicy) -> None:
        if key in self._policy_map:
            raise ValueError(
                f"DTypePolicyMap: the key {key!r} has the policy {self._policy_map[key]!r} already; delete it "
                "first."
            )
        try:
            self._policy_map[key] = get(policy)
        except (TypeError, ValueError) as error:
            raise ValueError(
                f"DTypePolicyMap: expected a policy for {key!r}. Received: {policy!r}"
            ) from error
        self._changed()

    def __delitem__(self, key: str) -> None:
        del self._policy_map[key]
        self._changed()

    def __contains__(self, key: object) -> bool:
        return key in self._policy_map

    def __len__(self) -> int:
        return len(self._policy_map)

    def __iter__(self) -> Iterator[str]:
        return iter(self._policy_map)

    def get_config(self) -> dict[str, Any]:
        """Returns the constructor's arguments as plain data."""
        return {
            "default_policy": serialize_keras_object(self._default_policy),
            "policy_map": {key: serialize_keras_object(policy) for key, policy in self._policy_map.items()},
        }

    @classmethod
    def from_config(
        cls, config: dict[str, Any], custom_objects: Mapping[str, Any] | None = None
    ) -> "DTypePolicyMap":
        """Makes a map from what `get_config` returned."""
        return cls(**{key: deserialize_keras_object(value, custom_objects) for key, value in config.items()})

    def __hash__(self) -> int:
        return id(self)

    def __bool__(self) -> bool:
        return True

    def __repr__(self) -> str:
        return f"<DTypePolicyMap default={self._default_policy!r}, {len(self)} keys>"
