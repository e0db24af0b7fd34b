"""All operations in one flat namespace: `from keras_ops import ops; ops.add(x, y)`.

Every operation is declared in a module of `keras_ops.operations`, which is loaded on first use. This
module knows the names and holds nothing else.
"""

import sys
from typing import TYPE_CHECKING

from keras_backends.lazy import lazy

from keras_ops import operators
from keras_ops.exported import EXPORTED

if TYPE_CHECKING:
    from keras_ops.operations.core import *  # noqa: F403

_SPACE = "keras.ops"

__getattr__, __dir__, __all__ = lazy(
    __name__,
    {
        name: source
        for module, names in EXPORTED.items()
        if module == _SPACE or module.startswith(_SPACE + ".")
        for name, source in names.items()
    },
)
operators.attach(sys.modules[__name__])
