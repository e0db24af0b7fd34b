"""`Discretization`: numbers as the bins that they fall into, given or found from data."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from keras_backends.api import export
from keras_ops import ops
from keras_ops.tensor import KerasTensor, Shape, Tensor

from keras_layers.core.arguments import positive
from keras_layers.documentation import documented
from keras_layers.preprocessing.batches import batches
from keras_layers.preprocessing.data_layer import DataLayer
from keras_layers.preprocessing.encoding import MODES_TEXT, checked_mode, encoded, encoded_shape, encoded_spec


@export("keras.layers.Discretization")
@documented(modes=MODES_TEXT)
class Discretization(DataLayer):
    """Puts numbers into bins, each of which includes its lower boundary.

    Args:
        bin_boundaries: Ascending boundaries of the bins: `[0.0, 1.0]` has the bins below 0, from 0 to 1, and
            from 1 on.
        num_bins: Number of bins whose boundaries `adapt` finds so that each holds about as many values;
            in place of `bin_boundaries`.
        epsilon: How exact that is: about `1 / epsilon` values are kept of the data.
        output_mode: {modes}.
        sparse: Whether a sparse tensor is wanted, where the backend has them.
        dtype: Dtype name or policy; `keras.config.dtype_policy()` by default.
        name: Name of the layer.

    Call arguments:
        inputs: Tensor of numbers of shape `(batch, n)`.

    Returns:
        Tensor of the same shape, or of vectors in the last axis.

    Example:

        >>> layer = Discretization(bin_boundaries=[0.0, 1.0])
        >>> layer(ops.array([[-3.0, 0.0, 0.5, 7.0]])).tolist()
        [[0, 1, 1, 2]]
    """

    def __init__(
        self,
        bin_boundaries: Sequence[float] | None = None,
        num_bins: int | None = None,
        epsilon: float = 0.01,
        output_mode: str = "int",
        sparse: bool = False,
        dtype: Any = None,
        name: str | None = None,
    ) -> None:
        super().__init__(name=name, dtype=dtype)
        if (bin_boundaries is None) == (num_bins is None):
            raise ValueError(
                "Discretization: exactly one of `bin_boundaries` and `num_bins` must be given, received "
                f"bin_boundaries={bin_boundaries}, num_bins={num_bins}."
            )
        self.bin_boundaries = None if bin_boundaries is None else _ascending(bin_boundaries)
        self.num_bins = None if num_bins is None else positive(self, "num_bins", num_bins)
        self.epsilon = epsilon
        self.output_mode = checked_mode(self, output_mode)
        self.sparse = sparse
        self.autocast = False  # Half precision does not tell the years of two decades apart.
        self.summary = _nothing()

    @property
    def output_dtype(self) -> str:
        """Dtype of the result: int32 for indices, the compute dtype for vectors."""
        return "int32" if self.output_mode == "int" else self.compute_dtype

    @property
    def is_adaptable(self) -> bool:
        """Whether `adapt` has something to find: not if it was given."""
        return self.num_bins is not None

    def adapt(self, data: Any, steps: int | None = None) -> None:
        """Finds the boundaries of the bins from data.

        Args:
            data: Array, tensor, list of numbers, or an iterable of batches.
            steps: Most batches to take of an iterable; all by default.

        Raises:
            ValueError: If the layer was given its boundaries.

        Example:

            >>> layer = Discretization(num_bins=2)
            >>> layer.adapt([[1.0], [2.0], [3.0], [4.0]])
            >>> layer.bin_boundaries
            [2.0]
        """
        self.reset_state()
        for batch in batches(data, steps):
            self.update_state(batch)
        self.finalize_state()

    def _assert_adaptable(self) -> None:
        if self.num_bins is None:
            raise ValueError(
                f"Discretization {self.name!r} was given its `bin_boundaries`, so it does not adapt to data. Make "
                "it with `num_bins` instead."
            )

    def update_state(self, data: Any) -> None:
        """Takes a batch into account; `finalize_state` follows the last one."""
        self._assert_adaptable()
        new = _summarized(next(batches(data)), self.epsilon)
        merged = np.concatenate([self.summary, new], axis=1)
        self.summary = _compressed(merged[:, np.argsort(merged[0], kind="stable")], self.epsilon)

    def finalize_state(self) -> None:
        """Finds the boundaries from the data seen so far."""
        if self.num_bins is None or not self.summary.shape[1]:
            return
        self.bin_boundaries = _compressed(self.summary, 1.0 / self.num_bins)[0, :-1].tolist()
        self._constants_changed()

    def reset_state(self) -> None:
        """Forgets the data seen so far."""
        self._assert_adaptable()
        self.summary = _nothing()

    def call(self, inputs: Tensor) -> Tensor:
        boundaries = self.bin_boundaries
        if boundaries is None:
            raise ValueError(
                f"Discretization {self.name!r} has no boundaries yet: call `adapt` with data first, or give it "
                "`bin_boundaries`."
            )
        bins = ops.digitize(inputs, np.asarray(boundaries, dtype="float32"))
        return encoded(bins, self.output_mode, len(boundaries) + 1, self.output_dtype, sparse=self.sparse)

    def compute_output_shape(self, input_shape: Shape) -> Shape:
        boundaries = self.bin_boundaries
        depth = self.num_bins if boundaries is None else len(boundaries) + 1
        return encoded_shape(input_shape, self.output_mode, depth)

    def compute_output_spec(self, inputs: Tensor) -> KerasTensor:
        return encoded_spec(self, inputs.shape, self.output_dtype)

    def load_own_variables(self, store: Any) -> None:
        """There are none: files hold the boundaries in the config."""

    def get_config(self) -> dict[str, Any]:
        return {
            "bin_boundaries": self.bin_boundaries,
            "num_bins": self.num_bins,
            "epsilon": self.epsilon,
            "output_mode": self.output_mode,
            "sparse": self.sparse,
            "name": self.name,
            "dtype": self.dtype_policy.name,
        }

    @classmethod
    def from_config(
        cls, config: dict[str, Any], custom_objects: Mapping[str, Any] | None = None
    ) -> "Discretization":
        """Makes a layer from what `get_config` returned, with the boundaries that it found."""
        found = config.get("bin_boundaries")
        if found is None or config.get("num_bins") is None:
            return cls(**config)
        layer = cls(**{**config, "bin_boundaries": None})
        layer.bin_boundaries = list(found)
        return layer


def _ascending(boundaries: Sequence[float]) -> list[float]:
    values = [float(x) for x in boundaries]
    if sorted(values) != values:
        raise ValueError(f"Discretization: `bin_boundaries` must ascend, received {values}.")
    return values


def _nothing() -> np.ndarray:
    return np.zeros((2, 0), dtype="float32")


def _summarized(values: np.ndarray, epsilon: float) -> np.ndarray:
    """About `1 / epsilon` of the sorted values, and how many each of them stands for: shape `(2, n)`."""
    ordered = np.sort(values, axis=None).astype("float32")
    share = len(ordered) * epsilon
    step = max(int(share), 1)
    kept = ordered[int(share) :: step]
    return np.stack([kept, np.full_like(kept, max(share, 1.0))])


def _compressed(summary: np.ndarray, epsilon: float) -> np.ndarray:
    """A summary of about `1 / epsilon` columns, at equal shares of the whole weight."""
    if summary.shape[1] * epsilon < 1:
        return summary
    shares = epsilon + np.arange(0.0, 1.0, epsilon)
    total = summary[1].cumsum()
    reached = total / total[-1]
    totals = np.interp(shares, reached, total)
    return np.stack([np.interp(shares, reached, summary[0]), np.diff(totals, prepend=0.0)]).astype("float32")
