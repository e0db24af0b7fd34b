"""A backend that has every primitive and nothing else: every composite runs its body, on NumPy.

The tests select it through `KERAS_BACKEND`; the recorded operations and all samples have to pass on it.
The kernels are NumPy's, for these are tested by themselves.
"""

from dataclasses import replace

import numpy as np
from keras_backends.contract import CONVERTS_NUMBERS
from keras_backends.numpy import backend as _numpy
from keras_backends.primitives import PRIMITIVES


def _with_int32_positions(kernel):
    """The kernel with int32 for NumPy's int64, as the operations' specs say where no rule differs."""

    def run(x, **attributes):
        result = kernel(x, **attributes)
        if not isinstance(result, tuple):
            return result
        return result[0], *(positions.astype(np.int32) for positions in result[1:])

    return run


_KERNELS = {name: kernel for name, kernel in _numpy.kernels.items() if name in PRIMITIVES}
_POSITIONS = {name: _with_int32_positions(_KERNELS[name]) for name in ("top_k", "unique_elements")}

backend = replace(
    _numpy,
    name="primitives_only",
    kernels=_KERNELS | _POSITIONS,
    converts_numbers=CONVERTS_NUMBERS,
    dtype_rules={},
)
