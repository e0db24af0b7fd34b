"""The one object that holds every scope: `state`.

Variables, operations and layers read a single flag, `state.plain`, in the common case; a slot is
read only when some scope is open. Packages above put their own objects into the slots
(distribution, remat). Functions that open scopes for users (`StatelessScope`, `name_scope`,
`device`) live here too.
"""

import threading
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from keras_backends.api import export
from keras_backends.contract import Backend
from keras_backends.selection import active

from keras_ops.naming import checked_name
from keras_ops.scopes import ReentrantScope

if TYPE_CHECKING:
    from keras_ops.variable import Variable


class _Process:
    """Slots that all threads share."""

    distribution: Any = None


_process = _Process()


class State(threading.local):
    """Slots of the scopes that are open in this thread; the class attributes are the defaults.

    One slot belongs to the process, since what it says is true of every thread: `distribution`.
    """

    plain: bool = True
    """No scope is open that changes what a variable or a layer call means, and no distribution is set."""
    stateless: "StatelessScope | None" = None
    quiet: bool = False
    """Operations on KerasTensors compute specs and record no nodes."""
    autocast: str | None = None
    """Float dtype that variables are read in."""
    call: Any = None
    """Context of the layer call under way, owned by the layers package."""
    override: Backend | None = None
    """Another backend than the selected one, inside `backend_scope`."""
    remat: Any = None
    name_scopes: tuple["name_scope", ...] = ()

    def __init__(self) -> None:
        # From the start of each thread: to `torch.compile` one that lacks a name is another case.
        names = [name for name in State.__annotations__ if name != "plain"]
        self.__dict__.update({name: getattr(State, name) for name in names})

    @property
    def backend(self) -> Backend:
        """The backend in force: the selected one unless a scope says otherwise."""
        return self.override or active()

    @property
    def distribution(self) -> Any:
        """How variables and results are laid out over devices, in all threads; `None` if they are not."""
        return _process.distribution

    @distribution.setter
    def distribution(self, value: Any) -> None:
        _process.distribution = value
        # The default of every thread that has no scope open: `Scope` leaves no value of its own behind.
        State.plain = value is None

    def scope(self, **slots: Any) -> "Scope":
        """Sets slots for the time of a `with` block, e.g. `state.scope(autocast="float16")`."""
        return Scope(slots)


_CHANGES_MEANING = ("stateless", "quiet", "autocast", "override", "remat")
_DEFAULTS = {name: getattr(State, name) for name in _CHANGES_MEANING}

state = State()


class Scope:
    """Context manager that sets slots of `state` and restores them."""

    __slots__ = ("entries", "slots")

    def __init__(self, slots: dict[str, Any]) -> None:
        self.slots = slots
        self.entries: Any = None
        """What was set before the last entry, and the same of the entries before; see `ReentrantScope`."""

    def __enter__(self) -> None:
        self.entries = ({name: getattr(state, name) for name in self.slots}, self.entries)
        self._set(self.slots)

    def __exit__(self, *_: object) -> None:
        saved, self.entries = self.entries
        self._set(saved)

    @staticmethod
    def _set(slots: dict[str, Any]) -> None:
        for name, value in slots.items():
            setattr(state, name, value)
        if all(getattr(state, name) is default for name, default in _DEFAULTS.items()):
            state.__dict__.pop("plain", None)
        else:
            state.plain = False


def backend_scope(backend: Backend) -> Scope:
    """Runs operations on another backend's kernels, e.g. TensorFlow's inside a tf.data pipeline."""
    return state.scope(override=backend)


@export("keras.StatelessScope")
class StatelessScope(ReentrantScope):
    """Scope in which variables are read from, and written to, a mapping instead of their storage.

    Args:
        state_mapping: Pairs `(variable, value)` that give variables their values inside the scope.
        collect_losses: Whether losses added by layers go to `losses` of this scope.
        initialize_variables: Whether variables created inside are initialized when it ends.

    Example:

        >>> import numpy as np
        >>> from keras_ops.variable import Variable
        >>> v = Variable(np.zeros((2,), "float32"))
        >>> with StatelessScope(state_mapping=[(v, v.value + 1)]) as scope:
        ...     doubled = v.value * 2
        ...     _ = v.assign(doubled)
        >>> [float(x) for x in scope.get_current_value(v)], [float(x) for x in v.value]
        ([2.0, 2.0], [0.0, 0.0])
    """

    def __init__(
        self,
        state_mapping: Iterable[tuple["Variable", Any]] | None = None,
        collect_losses: bool = False,
        initialize_variables: bool = True,
    ) -> None:
        self.collect_losses = collect_losses
        self.initialize_variables = initialize_variables
        self.losses: list[Any] = []
        self.state_mapping: dict[int, Any] = {}
        self.original_scope: StatelessScope | None = None
        self.created: list[Variable] = []
        self.written: dict[int, Variable] = {}
        """The variables, older than the scope, that were assigned to inside, by id."""
        self.read_outside: dict[int, Variable] = {}
        """The variables, older than the scope, that were read without having a value in any scope."""
        for variable, value in state_mapping or ():
            self.state_mapping[id(variable)] = variable.convert(value)

    def add_loss(self, loss: Any) -> None:
        self.losses.append(loss)

    def add_update(self, update: tuple["Variable", Any]) -> None:
        variable, value = update
        if variable._storage is not None:
            self.written[id(variable)] = variable
        self.state_mapping[id(variable)] = value

    def get_current_value(self, variable: "Variable") -> Any:
        """Returns the value of `variable` in this scope, `None` where it has none of its own."""
        return self.state_mapping.get(id(variable))

    def lookup(self, variable: "Variable") -> Any:
        """Returns the value of `variable` in this scope or the nearest one around it that has one."""
        scope = self
        while True:
            value = scope.state_mapping.get(id(variable))
            if value is not None:
                return value
            if scope.original_scope is None:
                if variable._storage is not None:
                    scope.read_outside[id(variable)] = variable
                return None
            scope = scope.original_scope

    def _open(self) -> Scope:
        if self._entries is None:
            # A scope that is open already stays where it is: were it around itself, look-ups would find no end.
            self.original_scope = state.stateless
        scope = state.scope(stateless=self)
        scope.__enter__()
        return scope

    def _close(self, scope: Scope, error: BaseException | None) -> None:
        scope.__exit__()
        if self._entries is not None:
            return
        created, self.created = self.created, []
        if self.original_scope is not None:
            self.original_scope.created += created
        elif self.initialize_variables and error is None:
            for variable in created:
                variable.initialize()


@export("keras.SymbolicScope")
class SymbolicScope(ReentrantScope):
    """Scope in which operations on KerasTensors infer shapes and dtypes and record nothing."""

    def _open(self) -> Scope:
        scope = state.scope(quiet=True)
        scope.__enter__()
        return scope

    def _close(self, scope: Scope, error: BaseException | None) -> None:
        scope.__exit__()


@export("keras.name_scope")
class name_scope(ReentrantScope):
    """Scope that prefixes the paths of variables created inside it.

    Args:
        name: A part of the path, without `/`.
        caller: The object on whose behalf the scope is opened; opening a scope again for the same
            caller and name adds nothing (with `deduplicate`).
        deduplicate: See `caller`.
        override_parent: Prefix to use instead of that of the enclosing scopes.

    Raises:
        ValueError: If `name` is not a string or contains a slash.
    """

    def __init__(
        self,
        name: str,
        caller: object = None,
        deduplicate: bool = True,
        override_parent: str | None = None,
        **kwargs: Any,
    ) -> None:
        self.name = checked_name("name_scope", name)
        self.caller = caller
        self.deduplicate = deduplicate
        self.override_parent = override_parent

    def _open(self) -> "tuple[name_scope, ...]":
        outer = state.name_scopes
        last = outer[-1] if outer else None
        repeated = (
            self.deduplicate
            and last is not None
            and self.caller is not None
            and last.caller is self.caller
            and last.name == self.name
        )
        if not repeated:
            state.name_scopes = (*outer, self)
        return outer

    def _close(self, outer: "tuple[name_scope, ...]", error: BaseException | None) -> None:
        state.name_scopes = outer


def current_path() -> str:
    """Returns the path prefix that the open name scopes make, without a slash at either end."""
    parts: list[str] = []
    for scope in state.name_scopes:
        if scope.override_parent is not None:
            parts = [scope.override_parent] if scope.override_parent else []
        parts.append(scope.name)
    return "/".join(parts)


@export("keras.device")
def device(device_name: str) -> Any:
    """Returns a scope that places tensors and variables made inside it on a device.

    Args:
        device_name: `"cpu"`, `"gpu:0"` and the like, in any backend's spelling.

    Returns:
        A context manager.

    Example:

        >>> with device("cpu:0"):
        ...     pass
    """
    return state.backend.device(device_name)
