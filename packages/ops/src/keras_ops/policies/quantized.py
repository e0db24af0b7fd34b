"""Policies of quantized layers: the way of quantizing and the policy it starts from.

They are names and numbers only; layers act on them.
"""

from typing import Any

from keras_backends.api import export

from keras_ops.policies.policy import DTypePolicy, dtype_policy, parse


@export("keras.dtype_policies.QuantizedDTypePolicy")
class QuantizedDTypePolicy(DTypePolicy):
    """Policy of a quantized layer.

    Args:
        mode: How it is quantized, `"int8"` or `"int4"`.
        source_name: Name of the policy it had before, whose dtypes it keeps; default the global one.

    Raises:
        ValueError: If `mode` is unknown or does not go with the source.

    Example:

        >>> QuantizedDTypePolicy("int8", "mixed_bfloat16").name
        'int8_from_mixed_bfloat16'
    """

    modes: tuple[str, ...] = ("int8", "int4")
    """Values of `quantization_mode` that a class of policies serves."""

    def __init__(self, mode: str, source_name: str | None = None) -> None:
        if source_name is None:
            source_name = dtype_policy().name
        self._read_mode(mode)
        if self.mode == "int8" and parse(source_name)[0] == "float16":
            raise ValueError(
                f"{type(self).__name__}: int8 needs the range of bfloat16 or float32 for its scales. "
                f"Received: source_name={source_name!r}"
            )
        super().__init__(name=source_name)
        self._source_name = source_name
        self._name = f"{self.mode_text}_from_{source_name}"

    def _read_mode(self, mode: str) -> None:
        """Takes the mode apart."""
        if mode not in self.modes:
            raise _bad_mode(self, mode, " or ".join(map(repr, self.modes)))
        self.mode = mode

    @property
    def mode_text(self) -> str:
        """The mode with its parameters, as configs and names have it."""
        return self.mode

    @property
    def quantization_mode(self) -> str:
        return self.mode

    def get_config(self) -> dict[str, Any]:
        """Returns `{"mode": ..., "source_name": ...}`."""
        return {"mode": self.mode_text, "source_name": self._source_name}


@export("keras.dtype_policies.QuantizedFloat8DTypePolicy")
class QuantizedFloat8DTypePolicy(QuantizedDTypePolicy):
    """Policy of a layer that trains in 8-bit floats.

    Args:
        mode: `"float8"`.
        source_name: Name of the policy it had before; default the global one.
        amax_history_length: Over how many steps the largest value is watched, default 1024.

    Example:

        >>> QuantizedFloat8DTypePolicy("float8", "float32").name
        'float8_from_float32'
    """

    modes = ("float8",)
    default_amax_history_length = 1024

    def __init__(
        self,
        mode: str,
        source_name: str | None = None,
        amax_history_length: int = default_amax_history_length,
    ) -> None:
        super().__init__(mode=mode, source_name=source_name)
        if not isinstance(amax_history_length, int):
            raise TypeError(
                f"{type(self).__name__}: `amax_history_length` should be an integer. "
                f"Received: amax_history_length={amax_history_length!r}"
            )
        self._amax_history_length = amax_history_length

    @property
    def amax_history_length(self) -> int:
        """Over how many steps the largest value is watched."""
        return self._amax_history_length

    def get_config(self) -> dict[str, Any]:
        """Returns the constructor's arguments."""
        return {**super().get_config(), "amax_history_length": self._amax_history_length}


@export("keras.dtype_policies.Int4DTypePolicy")
class Int4DTypePolicy(QuantizedDTypePolicy):
    """Policy of a layer with 4-bit weights that share scales block by block.

    Args:
        mode: `"int4/<block_size>"`; a block size of -1 is one scale per channel.
        source_name: Name of the policy it had before; default the global one.

    Example:

        >>> Int4DTypePolicy("int4/64", "float32").block_size
        64
    """

    modes = ("int4",)

    def _read_mode(self, mode: str) -> None:
        self.mode, (self.block_size,) = _parts(self, mode, "block_size")

    @property
    def mode_text(self) -> str:
        return f"{self.mode}/{self.block_size}"


@export("keras.dtype_policies.GPTQDTypePolicy")
class GPTQDTypePolicy(QuantizedDTypePolicy):
    """Policy of a layer whose weights were quantized by GPTQ.

    Args:
        mode: `"gptq/<weight_bits>/<group_size>"`: 2, 3, 4 or 8 bits; -1 is one group per channel.
        source_name: Name of the policy it had before; default the global one.

    Example:

        >>> GPTQDTypePolicy("gptq/4/128", "float32").weight_bits
        4
    """

    modes = ("gptq",)
    allowed_bits: tuple[int, ...] = (2, 3, 4, 8)

    def _read_mode(self, mode: str) -> None:
        self.mode, (self.weight_bits, self.group_size) = _parts(self, mode, "weight_bits", "group_size")
        if self.weight_bits not in self.allowed_bits:
            raise _bad_mode(self, mode, f"<weight_bits> to be one of {self.allowed_bits}")

    @property
    def mode_text(self) -> str:
        return f"{self.mode}/{self.weight_bits}/{self.group_size}"


@export("keras.dtype_policies.AWQDTypePolicy")
class AWQDTypePolicy(QuantizedDTypePolicy):
    """Policy of a layer whose weights were quantized by AWQ.

    Args:
        mode: `"awq/4/<group_size>"`; -1 is one group per channel.
        source_name: Name of the policy it had before; default the global one.

    Example:

        >>> AWQDTypePolicy("awq/4/128", "float32").group_size
        128
    """

    modes = ("awq",)
    allowed_bits: tuple[int, ...] = (4,)
    _read_mode = GPTQDTypePolicy._read_mode
    mode_text = GPTQDTypePolicy.mode_text


def _parts(policy: QuantizedDTypePolicy, mode: str, *names: str) -> tuple[str, list[int]]:
    """The base mode and the numbers of `"mode/number/..."`; the last number is a size or -1."""
    expected = "/".join([policy.modes[0], *(f"<{name}>" for name in names)])
    parts = str(mode).split("/")
    if parts[0] not in policy.modes or len(parts) != len(names) + 1:
        raise _bad_mode(policy, mode, repr(expected))
    try:
        numbers = [int(part) for part in parts[1:]]
    except ValueError:
        raise _bad_mode(policy, mode, f"{expected!r} with whole numbers") from None
    if numbers[-1] != -1 and numbers[-1] < 1:
        raise _bad_mode(policy, mode, f"<{names[-1]}> to be -1 or positive")
    return parts[0], numbers


def _bad_mode(policy: QuantizedDTypePolicy, mode: Any, expected: str) -> ValueError:
    return ValueError(f"{type(policy).__name__}: expected `mode` {expected}. Received: mode={mode!r}")
