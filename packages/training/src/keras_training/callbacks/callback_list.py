"""`CallbackList`: the callbacks of a run, which training talks to as if they were one."""

from collections.abc import Callable, Sequence
from typing import Any

from keras_backends.api import export
from keras_ops import tree

from keras_training.callbacks.callback import Callback
from keras_training.callbacks.history import History
from keras_training.callbacks.progress import ProgbarLogger

_ALIASES = {"on_train_batch_begin": "on_batch_begin", "on_train_batch_end": "on_batch_end"}


def overrides(callback: Any, hook: str) -> bool:
    """Says whether a callback does anything in a hook."""
    for name in (hook, _ALIASES.get(hook, hook)):
        own = vars(callback).get(name) if hasattr(callback, "__dict__") else None
        if own is not None or getattr(type(callback), name, None) is not getattr(Callback, name):
            return True
    return False


@export("keras.callbacks.CallbackList")
class CallbackList(Callback):
    """Calls several callbacks in order.

    Which of them override the hooks of batches is looked at once, so that a hook nobody uses costs
    nothing.

    Args:
        callbacks: Callbacks, possibly nested.
        add_history: Whether to add a `History` if there is none.
        add_progbar: Whether to add a `ProgbarLogger` if there is none.
        model: The model.
        **params: Parameters of the run.

    Raises:
        TypeError: If one of the callbacks is none.

    Example:

        >>> callbacks = CallbackList([], add_history=True, epochs=1)
        >>> len(callbacks.callbacks)
        1
    """

    def __init__(
        self,
        callbacks: Any = None,
        add_history: bool = False,
        add_progbar: bool = False,
        model: Any = None,
        **params: Any,
    ) -> None:
        super().__init__()
        self.callbacks: list[Any] = [] if callbacks is None else tree.flatten(callbacks)
        for callback in self.callbacks:
            _check(callback)
        self._history = self._find_or_add(History, add_history)
        self._progbar = self._find_or_add(ProgbarLogger, add_progbar)
        self._listening: dict[str, list[Callable[..., Any]]] = {}
        if model is not None:
            self.set_model(model)
        self.set_params(params)

    def _find_or_add(self, kind: type[Callback], add: bool) -> Any:
        for callback in self.callbacks:
            if isinstance(callback, kind):
                return callback
        if not add:
            return None
        self.callbacks.append(kind())
        return self.callbacks[-1]

    def append(self, callback: Any) -> None:
        """Adds a callback."""
        self.callbacks.append(callback)
        self._listening.clear()

    def set_params(self, params: dict[str, Any]) -> None:
        """Gives the parameters of the run to all callbacks."""
        self.params = params
        for callback in self.callbacks:
            callback.set_params(params)

    def set_model(self, model: Any) -> None:
        """Gives the model to all callbacks."""
        super().set_model(model)
        if self._history is not None:
            model.history = self._history
        for callback in self.callbacks:
            callback.set_model(model)

    def listening(self, hook: str) -> list[Callable[..., Any]]:
        """Returns the methods of the callbacks that do something in a hook."""
        methods = self._listening.get(hook)
        if methods is None:
            methods = [getattr(c, hook) for c in self.callbacks if overrides(c, hook)]
            self._listening[hook] = methods
        return methods

    def wants_logs_of(self, hook: str) -> list[Callable[[int], bool]]:
        """Returns, for each callback that does something in a hook, what says whether it wants logs."""
        heard = [c for c in self.callbacks if overrides(c, hook)]
        return [getattr(c, "wants_logs", lambda batch: True) for c in heard]

    def _call(self, hook: str, *arguments: Any) -> None:
        """Calls a hook of all callbacks by position, as functions may name their parameters as they like.

        Args:
            hook: Name of the hook.
            *arguments: Number of the epoch or batch, if the hook has one, and logs. All callbacks get the
                same logs: what one of them adds the next ones see.
        """
        *number, logs = arguments
        logs = {} if logs is None else logs
        for method in self.listening(hook):
            method(*number, logs)

    def on_batch_begin(self, batch: int, logs: dict[str, Any] | None = None) -> None:
        """Same as `on_train_batch_begin`."""
        self._call("on_train_batch_begin", batch, logs)

    def on_batch_end(self, batch: int, logs: dict[str, Any] | None = None) -> None:
        """Same as `on_train_batch_end`."""
        self._call("on_train_batch_end", batch, logs)

    def on_epoch_begin(self, epoch: int, logs: dict[str, Any] | None = None) -> None:
        """Calls the callbacks."""
        self._call("on_epoch_begin", epoch, logs)

    def on_epoch_end(self, epoch: int, logs: dict[str, Any] | None = None) -> None:
        """Calls the callbacks."""
        self._call("on_epoch_end", epoch, logs)

    def on_train_batch_begin(self, batch: int, logs: dict[str, Any] | None = None) -> None:
        """Calls the callbacks."""
        self._call("on_train_batch_begin", batch, logs)

    def on_train_batch_end(self, batch: int, logs: dict[str, Any] | None = None) -> None:
        """Calls the callbacks."""
        self._call("on_train_batch_end", batch, logs)

    def on_test_batch_begin(self, batch: int, logs: dict[str, Any] | None = None) -> None:
        """Calls the callbacks."""
        self._call("on_test_batch_begin", batch, logs)

    def on_test_batch_end(self, batch: int, logs: dict[str, Any] | None = None) -> None:
        """Calls the callbacks."""
        self._call("on_test_batch_end", batch, logs)

    def on_predict_batch_begin(self, batch: int, logs: dict[str, Any] | None = None) -> None:
        """Calls the callbacks."""
        self._call("on_predict_batch_begin", batch, logs)

    def on_predict_batch_end(self, batch: int, logs: dict[str, Any] | None = None) -> None:
        """Calls the callbacks."""
        self._call("on_predict_batch_end", batch, logs)

    def on_train_begin(self, logs: dict[str, Any] | None = None) -> None:
        """Calls the callbacks."""
        self._call("on_train_begin", logs)

    def on_train_end(self, logs: dict[str, Any] | None = None) -> None:
        """Calls the callbacks."""
        self._call("on_train_end", logs)

    def on_test_begin(self, logs: dict[str, Any] | None = None) -> None:
        """Calls the callbacks."""
        self._call("on_test_begin", logs)

    def on_test_end(self, logs: dict[str, Any] | None = None) -> None:
        """Calls the callbacks."""
        self._call("on_test_end", logs)

    def on_predict_begin(self, logs: dict[str, Any] | None = None) -> None:
        """Calls the callbacks."""
        self._call("on_predict_begin", logs)

    def on_predict_end(self, logs: dict[str, Any] | None = None) -> None:
        """Calls the callbacks."""
        self._call("on_predict_end", logs)


def _check(callback: Any) -> None:
    """Refuses what is no callback, such as its name or its class."""
    if isinstance(callback, type):
        raise TypeError(
            f"`callbacks`: expected objects, received the class {callback.__name__}. Make an object of it: "
            f"{callback.__name__}(...)."
        )
    if not (hasattr(callback, "set_model") and hasattr(callback, "set_params")):
        raise TypeError(
            "`callbacks`: expected objects of `keras.callbacks.Callback`, such as "
            f"keras.callbacks.EarlyStopping(), received {callback!r} of type {type(callback).__name__}."
        )


Callbacks = Sequence[Callback] | CallbackList | None
