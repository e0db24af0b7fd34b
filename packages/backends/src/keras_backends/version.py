"""The version of the Keras API that these packages provide together: `keras.__version__`.

It is the version of the `keras` distribution and is written into saved files; every package has a
version of its own besides.
"""

from keras_backends.api import export, export_value

KERAS_VERSION = export_value("keras.__version__", "4.0.0")


@export("keras.version")
def version() -> str:
    """Returns the version of Keras.

    Returns:
        A string such as `"4.0.0"`, the same as `keras.__version__`.

    Example:

        >>> version().split(".")[0]
        '4'
    """
    return KERAS_VERSION
