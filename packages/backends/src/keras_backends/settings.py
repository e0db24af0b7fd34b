"""Settings of the process: default float type, epsilon, image layout, limits and switches.

Everything above reads them here; `keras.json` supplies defaults and is never written. Only the
standard library is imported. The dtype policy and the choice of a backend live elsewhere.
"""

import json
import os
import warnings
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from keras_backends.api import export

FLOATX_CHOICES = ("bfloat16", "float16", "float32", "float64")
DATA_FORMATS = ("channels_last", "channels_first")


@dataclass(slots=True)
class _Settings:
    floatx: str = "float32"
    epsilon: float = 1e-7
    image_data_format: str = "channels_last"
    max_epochs: int | None = None
    max_steps_per_epoch: int | None = None
    interactive_logging: bool = True
    traceback_filtering: bool = True
    unsafe_deserialization: bool = False
    flash_attention: bool | None = None
    nnx: bool = False


_settings = _Settings()


def home() -> Path:
    """Returns the folder of `keras.json` and of caches: `KERAS_HOME`, else `~/.keras`."""
    configured = os.environ.get("KERAS_HOME")
    return Path(configured).expanduser() if configured else Path.home() / ".keras"


def config_file() -> Path:
    """Returns the path of `keras.json`, whether or not the file exists."""
    return home() / "keras.json"


def read_config_file() -> dict[str, Any]:
    """Returns what `keras.json` says; empty, with a warning where apt, if it cannot be used."""
    path = config_file()
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
    except (FileNotFoundError, NotADirectoryError):
        return {}
    except (OSError, ValueError) as error:
        warnings.warn(f"The configuration file {str(path)!r} cannot be read and is ignored: {error}")
        return {}
    if not isinstance(content, dict):
        warnings.warn(
            f"The configuration file {str(path)!r} should hold a JSON object, "
            f"not {type(content).__name__}; it is ignored."
        )
        return {}
    return content


@export(["keras.config.floatx", "keras.backend.floatx"])
def floatx() -> str:
    """Returns the default float type, a name such as `"float32"`.

    Example:

        >>> floatx()
        'float32'
    """
    return _settings.floatx


@export(["keras.config.set_floatx", "keras.backend.set_floatx"])
def set_floatx(value: str) -> None:
    """Sets the default float type.

    Args:
        value: One of `"bfloat16"`, `"float16"`, `"float32"`, `"float64"`.

    Raises:
        ValueError: If `value` is none of these.

    Example:

        >>> set_floatx("float32")
    """
    if value not in FLOATX_CHOICES:
        raise ValueError(
            f"Expected `value` to be one of {_listed(FLOATX_CHOICES)}. Received: value={value!r}"
        )
    _settings.floatx = str(value)


@export(["keras.config.epsilon", "keras.backend.epsilon"])
def epsilon() -> float:
    """Returns the small number that is added where a division by zero threatens.

    Example:

        >>> epsilon()
        1e-07
    """
    return _settings.epsilon


@export(["keras.config.set_epsilon", "keras.backend.set_epsilon"])
def set_epsilon(value: float) -> None:
    """Sets the small number that is added where a division by zero threatens.

    Args:
        value: The new number.

    Example:

        >>> set_epsilon(1e-7)
    """
    _settings.epsilon = value


@export(["keras.config.image_data_format", "keras.backend.image_data_format"])
def image_data_format() -> str:
    """Returns the default layout of images, `"channels_last"` or `"channels_first"`.

    Example:

        >>> image_data_format()
        'channels_last'
    """
    return _settings.image_data_format


@export(["keras.config.set_image_data_format", "keras.backend.set_image_data_format"])
def set_image_data_format(data_format: str) -> None:
    """Sets the default layout of images.

    Args:
        data_format: `"channels_last"` or `"channels_first"`.

    Raises:
        ValueError: If `data_format` is neither.

    Example:

        >>> set_image_data_format("channels_last")
    """
    _settings.image_data_format = _checked_data_format(data_format)


def standardize_data_format(data_format: str | None) -> str:
    """Returns `data_format` in lower case, or the default where it is `None`.

    Raises:
        ValueError: If it is neither `"channels_last"` nor `"channels_first"`.
    """
    if data_format is None:
        return _settings.image_data_format
    return _checked_data_format(data_format)


def _checked_data_format(data_format: str) -> str:
    lowered = str(data_format).lower()
    if lowered not in DATA_FORMATS:
        raise ValueError(
            f"Expected `data_format` to be one of {_listed(DATA_FORMATS)}. Received: data_format={data_format!r}"
        )
    return lowered


@export("keras.config.max_epochs")
def max_epochs() -> int | None:
    """Returns the number of epochs that no `fit` may exceed, or `None`."""
    return _settings.max_epochs


@export("keras.config.set_max_epochs")
def set_max_epochs(max_epochs: int | None) -> None:
    """Limits the epochs of every `fit`, for instance in a quick trial run of a long script.

    Args:
        max_epochs: The limit; `None` or a negative number removes it.

    Example:

        >>> set_max_epochs(None)
    """
    _settings.max_epochs = _limit(max_epochs)


@export("keras.config.max_steps_per_epoch")
def max_steps_per_epoch() -> int | None:
    """Returns the number of steps that no epoch may exceed, or `None`."""
    return _settings.max_steps_per_epoch


@export("keras.config.set_max_steps_per_epoch")
def set_max_steps_per_epoch(max_steps_per_epoch: int | None) -> None:
    """Limits the steps of every epoch of `fit`, `evaluate` and `predict`.

    Args:
        max_steps_per_epoch: The limit; `None` or a negative number removes it.

    Example:

        >>> set_max_steps_per_epoch(None)
    """
    _settings.max_steps_per_epoch = _limit(max_steps_per_epoch)


def _limit(value: int | None) -> int | None:
    return None if value is None or value < 0 else int(value)


@export(["keras.config.enable_interactive_logging", "keras.utils.enable_interactive_logging"])
def enable_interactive_logging() -> None:
    """Makes progress go to standard output (the default), which suits terminals and notebooks."""
    _settings.interactive_logging = True


@export(["keras.config.disable_interactive_logging", "keras.utils.disable_interactive_logging"])
def disable_interactive_logging() -> None:
    """Makes progress go to the log, which suits servers and batch jobs."""
    _settings.interactive_logging = False


@export(["keras.config.is_interactive_logging_enabled", "keras.utils.is_interactive_logging_enabled"])
def is_interactive_logging_enabled() -> bool:
    """Returns whether progress goes to standard output rather than to the log."""
    return _settings.interactive_logging


@export("keras.config.enable_traceback_filtering")
def enable_traceback_filtering() -> None:
    """Hides the frames of this framework from tracebacks (the default)."""
    _settings.traceback_filtering = True


@export("keras.config.disable_traceback_filtering")
def disable_traceback_filtering() -> None:
    """Shows full tracebacks, for debugging the framework itself."""
    _settings.traceback_filtering = False


@export("keras.config.is_traceback_filtering_enabled")
def is_traceback_filtering_enabled() -> bool:
    """Returns whether the frames of this framework are hidden from tracebacks."""
    return _settings.traceback_filtering


@export("keras.config.enable_unsafe_deserialization")
def enable_unsafe_deserialization() -> None:
    """Lets every load run code stored in files, as `safe_mode=False` does for one load.

    Only for files whose authors you trust: such a file can do whatever this process can do.
    """
    _settings.unsafe_deserialization = True


def disable_unsafe_deserialization() -> None:
    """Refuses code stored in files again, the state a process starts in."""
    _settings.unsafe_deserialization = False


def is_unsafe_deserialization_enabled() -> bool:
    """Returns whether `enable_unsafe_deserialization()` was called."""
    return _settings.unsafe_deserialization


@export("keras.config.enable_flash_attention")
def enable_flash_attention() -> None:
    """Asks attention for the fused kernel wherever the backend and the inputs allow it."""
    _settings.flash_attention = True


@export("keras.config.disable_flash_attention")
def disable_flash_attention() -> None:
    """Keeps attention from using a fused kernel."""
    _settings.flash_attention = False


@export("keras.config.is_flash_attention_enabled")
def is_flash_attention_enabled() -> bool | None:
    """Returns `True` or `False` as it was set, and `None` (decide by the inputs) if it never was."""
    return _settings.flash_attention


def of_results() -> tuple[str, float, str, bool | None]:
    """The settings that what functions compute depends on: part of the key of a program that is kept."""
    held = _settings
    return held.floatx, held.epsilon, held.image_data_format, held.flash_attention


@export("keras.config.is_nnx_enabled")
def is_nnx_enabled() -> bool:
    """Returns whether `KERAS_NNX_ENABLED` or `keras.json` asks for flax.nnx variables on jax."""
    return _settings.nnx


def _listed(choices: tuple[str, ...]) -> str:
    return ", ".join(repr(choice) for choice in choices)


def _apply(config: dict[str, Any]) -> None:
    """Takes over the values of `keras.json`; one that does not fit is named and left out."""
    setters = {
        "floatx": set_floatx,
        "epsilon": lambda value: set_epsilon(float(value)),
        "image_data_format": set_image_data_format,
    }
    for key, setter in setters.items():
        if key not in config:
            continue
        try:
            setter(config[key])
        except (TypeError, ValueError) as error:
            warnings.warn(f"The configuration file {str(config_file())!r} has an unfit {key!r}: {error}")
    _settings.nnx = bool(config.get("nnx_enabled", False))


def _apply_environment() -> None:
    for variable, setter in (
        ("KERAS_MAX_EPOCHS", set_max_epochs),
        ("KERAS_MAX_STEPS_PER_EPOCH", set_max_steps_per_epoch),
    ):
        text = os.environ.get(variable)
        if not text:
            continue
        try:
            setter(int(text))
        except ValueError as error:
            raise ValueError(f"{variable} should be a whole number. Received: {text!r}") from error
    nnx = os.environ.get("KERAS_NNX_ENABLED")
    if nnx is not None:
        _settings.nnx = nnx.lower() in ("1", "true", "yes")


FILE_CONFIG = read_config_file()
"""What `keras.json` said when this process started; `selection` reads the backend from it."""

_apply(FILE_CONFIG)
_apply_environment()
