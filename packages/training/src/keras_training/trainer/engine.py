"""Engines: how a training step is differentiated, compiled and run on a backend.

Steps are written imperatively and know nothing of this. Where the backend's state is functional, the
variables are lifted in and out of the compiled step through a stateless scope; elsewhere they are
written in place. A backend supplies `gradients`, `compile` and `place`.
"""

from collections.abc import Callable, Iterable, Sequence
from functools import partial
from typing import Any

import numpy as np
from keras_backends.selection import active
from keras_ops import ops, tree
from keras_ops.masks import get_mask, set_mask
from keras_ops.state import StatelessScope, state
from keras_ops.tensor import Tensor
from keras_ops.variable import Variable

from keras_training.trainer.open_axes import OpenAxes

Step = Callable[..., Any]


def unique(variables: Iterable[Variable]) -> list[Variable]:
    """Returns each variable once."""
    return list({id(v): v for v in variables}.values())


class StatefulEngine:
    """Steps write variables in place."""

    takes_host_arrays = False
    """Whether compiled steps take NumPy arrays as quickly as the device's own."""

    def __init__(self, model: Any) -> None:
        self.model = model

    def gradients(
        self, function: Callable[[], tuple[Tensor, Any]], variables: Sequence[Variable]
    ) -> tuple[tuple[Tensor, Any], list[Any]]:
        """Differentiates what a function computes from the variables.

        Args:
            function: Returns the scalar to differentiate and anything else.
            variables: What to differentiate by.

        Returns:
            `((scalar, else), gradients)`.
        """
        return active().gradients(lambda _: function(), [v._storage for v in variables])

    def prepare(
        self, step: Step, written: Any, read: Any, *, compiled: bool, jit: bool | None, donates: bool
    ) -> Step:
        """Returns the step as it is to be run.

        Args:
            step: Takes a batch.
            written: Returns the variables that the step may change.
            read: Returns those that it only reads.
            compiled: Whether to compile it.
            jit: What the user said about compiling, `None` for nothing.
            donates: Whether the memory of the old values may be used for the new ones.
        """
        return active().compile(step, jit=jit, **self._steady()) if compiled else step

    def _steady(self, several: bool = False) -> dict[str, Any]:
        """The argument of `compile` for steps of a model that leaves the sizes of some axes open."""
        axes = OpenAxes(self.model)
        if not axes:
            return {}
        return {"steady": (lambda batches: tuple(map(axes.others, batches))) if several else axes.others}

    def prepare_many(
        self, step: Step, written: Any, read: Any, *, compiled: bool, jit: bool | None, donates: bool
    ) -> Step:
        """Returns a function that runs the step on a list of batches and returns the last result."""

        def run(batches: list[Any]) -> Any:
            result = None
            for batch in batches:
                result = step(batch)
            return result

        return active().compile(run, jit=jit, **self._steady(several=True)) if compiled else run


class FunctionalEngine:
    """Steps are functions of the variables' values, which come back as results."""

    takes_host_arrays = True

    def __init__(self, model: Any) -> None:
        self.model = model

    def gradients(
        self, function: Callable[[], tuple[Tensor, Any]], variables: Sequence[Variable]
    ) -> tuple[tuple[Tensor, Any], list[Any]]:
        """Differentiates what a function computes from the variables; see `StatefulEngine.gradients`."""
        changed: list[Variable] = []
        masked: list[int] = []

        def run(values: list[Tensor]) -> tuple[Tensor, Any]:
            mapping = zip(variables, values, strict=True)
            with StatelessScope(state_mapping=mapping, collect_losses=True) as scope:
                result, aux = function()
            changed[:] = scope.written.values()
            leaves = tree.flatten(aux)
            masked[:] = [i for i, x in enumerate(leaves) if get_mask(x) is not None]
            masks = [get_mask(leaves[i]) for i in masked]
            return result, (aux, masks, [scope.get_current_value(v) for v in changed])

        (result, (aux, masks, updates)), grads = active().gradients(run, [v.value for v in variables])
        for variable, value in zip(changed, updates):
            variable.assign(value)
        leaves = tree.flatten(aux)
        for i, mask in zip(masked, masks):
            set_mask(leaves[i], mask)
        return (result, aux), grads

    def prepare(
        self,
        step: Step,
        written: Callable[[], list[Variable]],
        read: Callable[[], list[Variable]],
        *,
        compiled: bool,
        jit: bool | None,
        donates: bool,
    ) -> Step:
        """Returns the step as it is to be run; see `StatefulEngine.prepare`."""
        lift = partial(self._lifted, step)
        return self._run(lift, written(), read(), jit, donates) if compiled else step

    def prepare_many(
        self,
        step: Step,
        written: Callable[[], list[Variable]],
        read: Callable[[], list[Variable]],
        *,
        compiled: bool,
        jit: bool | None,
        donates: bool,
    ) -> Step:
        """Returns a function that runs the step on a list of batches; compiled it is one scan."""
        if not compiled:
            stateful = StatefulEngine(self.model)
            return stateful.prepare_many(step, written, read, compiled=False, jit=jit, donates=False)

        def lifted_scan(written: list[Variable], read: list[Variable]) -> Step:
            return partial(self._scan, self._lifted(step, written, read))

        return self._run(lifted_scan, written(), read(), jit, donates)

    @staticmethod
    def _scan(lifted: Step, values: list[Tensor], fixed: list[Tensor], batches: list[Any]) -> Any:
        def body(carry: list[Tensor], batch: Any) -> tuple[list[Tensor], Any]:
            result, carry = lifted(carry, fixed, batch)
            return carry, result

        stacked = tree.map_structure(lambda *x: None if x[0] is None else ops.stack(x), *batches)
        carry, results = ops.scan(body, values, stacked)
        return tree.map_structure(lambda x: x[-1], results), carry

    @staticmethod
    def _lifted(step: Step, written: list[Variable], read: list[Variable]) -> Step:
        def lifted(values: list[Tensor], fixed: list[Tensor], batch: Any) -> tuple[Any, list[Tensor]]:
            mapping = [*zip(written, values, strict=True), *zip(read, fixed, strict=True)]
            with StatelessScope(state_mapping=mapping, collect_losses=True) as scope:
                result = step(batch)
            if scope.read_outside or scope.written.keys() - set(map(id, written)):
                raise _Unlifted(list(scope.written.values()), list(scope.read_outside.values()))
            return result, [scope.get_current_value(v) for v in written]

        return lifted

    @staticmethod
    def _run(
        lift: Callable[..., Step],
        written: list[Variable],
        read: list[Variable],
        jit: bool | None,
        donates: bool,
    ) -> Step:
        """Compiles what `lift` makes of the step for the variables that it writes and reads.

        A step may use variables that belong neither to the model nor to its optimizer: a loss with a
        learned temperature, the generator of random numbers without a seed. They show in the first
        trace, which is then given up and made again with them.
        """
        compiled: Step | None = None

        def run(batch: Any) -> Any:
            nonlocal compiled, written, read
            while True:
                if compiled is None:
                    compiled = active().compile(lift(written, read), jit=jit, donate=(0,) if donates else ())
                values = [v._storage for v in written]
                if donates and len(set(map(id, values))) != len(values):
                    values = _distinct(values)
                try:
                    result, values = compiled(values, [v._storage for v in read], batch)
                    break
                except _Unlifted as found:
                    written = unique([*written, *found.written])
                    known = set(map(id, written))
                    read = [v for v in unique([*read, *found.read]) if id(v) not in known]
                    compiled = None
            for variable, value in zip(written, values):
                variable._storage = value
            return result

        return run


class _Unlifted(Exception):
    """A trace met variables that are not among its arguments."""

    def __init__(self, written: list[Variable], read: list[Variable]) -> None:
        super().__init__("variables outside the model, its optimizer and its metrics")
        self.written, self.read = written, read


def _distinct(values: list[Tensor]) -> list[Tensor]:
    """Copies values that occur twice: a donated buffer can be given away once only."""
    seen: set[int] = set()
    result = []
    for value in values:
        result.append(ops.copy(value) if id(value) in seen else value)
        seen.add(id(value))
    return result


def make_engine(model: Any) -> StatefulEngine | FunctionalEngine:
    """Returns the engine for the selected backend."""
    return FunctionalEngine(model) if state.backend.traits.functional else StatefulEngine(model)


def place(batch: Any) -> Any:
    """Puts a batch on the device; text stays on the host."""
    if type(batch) is tuple and False not in [x is None or type(x) is np.ndarray for x in batch]:
        if True not in [_is_text(x) for x in batch]:
            return active().place(batch)
    if any(_is_text(x) for x in tree.flatten(batch)):
        return tree.map_structure(lambda x: x if x is None or _is_text(x) else active().place(x), batch)
    return active().place(batch)


def _is_text(x: Any) -> bool:
    return getattr(getattr(x, "dtype", None), "kind", "") in ("U", "S", "O", "T")
