"""`made_again`: an object like another that is in memory, made from its config.

Clones of models and the two layers of a `Bidirectional` are made so. What comes from a file goes through
`keras_ops.serialize`.
"""

from typing import Any

from keras_ops.registry import CustomObjectScope, names_written
from keras_ops.serialize import ObjectSharingScope, SafeModeScope


def made_again(obj: Any, **changes: Any) -> Any:
    """Returns a new object with the config of another.

    Classes, functions and lambdas of the user's own need not be registered: they are here already, and so need
    no mistrust, unless a file is being read in safe mode.

    Args:
        obj: An object with `get_config`.
        **changes: Entries of the config that are to be others.

    Example:

        >>> from keras_ops.policies import DTypePolicy
        >>> made_again(DTypePolicy("float16"), name="bfloat16").compute_dtype
        'bfloat16'
    """
    # A scope of its own: numbers of shared objects are not those of a file that is being read.
    with names_written() as named, ObjectSharingScope():
        config = {**obj.get_config(), **changes}
        with CustomObjectScope(named), SafeModeScope(False):
            return type(obj).from_config(config)
