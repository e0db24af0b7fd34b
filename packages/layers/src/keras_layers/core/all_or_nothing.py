"""`all_or_nothing`: a scope in which layers change for good, or not at all.

Quantization takes weights out of layers and puts others in, where user's quantizers and data may fail on the way.
`Quantizable.quantize` and the calibration of models use it; values of variables are none of its business.
"""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager

from keras_ops.policies import DTypePolicyMap

from keras_layers.layer import Layer
from keras_layers.rollback import Rollback


@contextmanager
def all_or_nothing(layers: Iterable[Layer]) -> Iterator[None]:
    """Scope that puts weights, attributes and dtype policies of layers back if it is left by an exception.

    Until then the weights that were taken out stay in memory.

    Args:
        layers: The layers, built; those inside them are not looked at.

    Example:

        >>> from keras_layers.core.dense import Dense
        >>> layer = Dense(2)
        >>> layer.build((None, 3))
        >>> try:
        ...     with all_or_nothing([layer]):
        ...         layer.quantize("int8")
        ...         raise ValueError
        ... except ValueError:
        ...     layer.dtype_policy.name, layer.kernel.dtype
        ('float32', 'float32')
    """
    rollbacks = [_Rollback(layer) for layer in layers]
    try:
        yield
    except BaseException:
        for rollback in rollbacks:
            rollback.put_back()
        raise


class _Rollback(Rollback):
    """What a layer was, and its entry in a map of policies that it shares with others."""

    def __init__(self, layer: Layer) -> None:
        super().__init__(layer)
        policies, path = layer._dtype_policy, layer.path
        self.policies = policies if isinstance(policies, DTypePolicyMap) else {}
        self.entry = {path: policies[path]} if path in self.policies else {}

    def put_back(self) -> None:
        """Makes the layer what it was."""
        super().put_back()
        if self.layer.path in self.policies:
            del self.policies[self.layer.path]
        self.policies.update(self.entry)
