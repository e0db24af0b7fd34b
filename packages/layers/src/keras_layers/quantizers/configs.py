"""Configurations of quantization: which scheme, and what it needs to know.

`layer.quantize(config=...)`, `model.quantize(config=...)` and the layers' `quantization_config` take them; kernels
read them. `config_for` gives what a mode stands for.
"""

import numbers
from typing import Any

from keras_backends.api import export
from keras_ops.configurable import Configurable, config_parameters

from keras_layers.constructor import checked_bool
from keras_layers.core.arguments import one_of, positive
from keras_layers.quantizers import identifiers
from keras_layers.quantizers.quantizer import AbsMaxQuantizer


@export("keras.quantizers.QuantizationConfig")
class QuantizationConfig(Configurable):
    """Base of configurations.

    Args:
        weight_quantizer: Quantizer of the weights; `None` for that of the scheme.
        activation_quantizer: Quantizer of the inputs; `None` to leave them floats.

    Example:

        >>> QuantizationConfig(activation_quantizer="abs_max_quantizer").activation_quantizer.value_range
        (-127, 127)
    """

    def __init__(self, weight_quantizer: Any = None, activation_quantizer: Any = None) -> None:
        self.weight_quantizer = _quantizer(self, "weight_quantizer", weight_quantizer)
        self.activation_quantizer = _quantizer(self, "activation_quantizer", activation_quantizer)

    @property
    def mode(self) -> str:
        """Name of the scheme."""
        raise NotImplementedError(f"{type(self).__name__} must say which scheme it is for: define `mode`.")

    def dtype_policy_string(self) -> str:
        """Returns the beginning of the name of the dtype policy, the scheme with its numbers."""
        return self.mode

    @staticmethod
    def weight_quantizer_or_default(config: "QuantizationConfig | None", default: Any) -> Any:
        """Returns the weight quantizer of a configuration, or `default` where it has none."""
        return default if config is None or config.weight_quantizer is None else config.weight_quantizer

    @staticmethod
    def activation_quantizer_or_default(config: "QuantizationConfig | None", default: Any) -> Any:
        """Returns the activation quantizer of a configuration, or `default` where there is no configuration."""
        return default if config is None else config.activation_quantizer

    def get_config(self) -> dict[str, Any]:
        """Returns the constructor's arguments, ready to be written as JSON."""
        return super().get_config()

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> "QuantizationConfig":
        """Makes a configuration from what `get_config` returned."""
        return super().from_config(config)


@export("keras.quantizers.Int8QuantizationConfig")
class Int8QuantizationConfig(QuantizationConfig):
    """Weights of 8 bits with one scale per channel; inputs of 8 bits with one scale per row.

    Args:
        weight_quantizer: Quantizer of the weights; `None` for that of the largest value per channel.
        activation_quantizer: Quantizer of the inputs; `"default"` for that of the largest value, `None` to leave
            them floats.

    Example:

        >>> Int8QuantizationConfig(activation_quantizer=None).mode
        'int8'
    """

    def __init__(self, weight_quantizer: Any = None, activation_quantizer: Any = "default") -> None:
        if activation_quantizer == "default":
            activation_quantizer = AbsMaxQuantizer()
        super().__init__(weight_quantizer, activation_quantizer)

    @property
    def mode(self) -> str:
        return "int8"


@export("keras.quantizers.Int4QuantizationConfig")
class Int4QuantizationConfig(QuantizationConfig):
    """Weights of 4 bits, two to a byte, with a scale and a zero point per block; inputs stay floats.

    Args:
        weight_quantizer: Quantizer of the weights where they have one scale per channel; `None` for that of the
            largest value.
        activation_quantizer: Quantizer of the inputs; `"default"` and `None` leave them floats.
        block_size: How many weights of a channel share a scale; `None` or -1 for all, with no zero point.

    Raises:
        ValueError: If `block_size` is neither positive nor -1, or there are both blocks and `weight_quantizer`.

    Example:

        >>> Int4QuantizationConfig(block_size=64).dtype_policy_string()
        'int4/64'
    """

    def __init__(
        self,
        weight_quantizer: Any = None,
        activation_quantizer: Any = "default",
        block_size: int | None = 128,
    ) -> None:
        if activation_quantizer == "default":
            activation_quantizer = None
        super().__init__(weight_quantizer, activation_quantizer)
        self.block_size = None if block_size is None else _checked_size(self, "block_size", block_size)
        if self.weight_quantizer is not None and self.blocked:
            raise ValueError(
                "Int4QuantizationConfig: blocks have a scheme of their own, so `weight_quantizer` goes with "
                f"block_size=None only. Received: block_size={block_size!r}, weight_quantizer={weight_quantizer!r}"
            )

    @property
    def mode(self) -> str:
        return "int4"

    @property
    def blocked(self) -> bool:
        """Whether blocks have a scale and a zero point of their own."""
        return self.block_size not in (None, -1)

    def dtype_policy_string(self) -> str:
        """Returns `"int4/<block_size>"`, with -1 for one scale per channel."""
        return f"int4/{self.block_size if self.blocked else -1}"


@export("keras.quantizers.Float8QuantizationConfig")
class Float8QuantizationConfig(QuantizationConfig):
    """Training with products of 8-bit floats, whose scales follow the largest values of past steps.

    Example:

        >>> Float8QuantizationConfig().mode
        'float8'
    """

    def __init__(self) -> None:
        super().__init__()

    @property
    def mode(self) -> str:
        return "float8"


class CalibratedConfig(QuantizationConfig):
    """Base of configurations of schemes that look at data.

    Args:
        dataset: Texts, sequences of tokens, or arrays of inputs; an iterable.
        tokenizer: Makes tokens of a text: a function, or an object with `tokenize`. `None` where `dataset` has none.
        weight_bits: Bits per weight.
        num_samples: How many samples to look at, at most.
        sequence_length: Number of tokens per sample.
        group_size: How many weights of a channel share a scale; -1 for all.
        quantization_layer_structure: `{"pre_block_layers": [...], "sequential_blocks": [...]}`: layers that come
            before the blocks, and the blocks in order. That of the model by default.
    """

    allowed_bits: tuple[int, ...] = ()

    def __init__(
        self,
        dataset: Any,
        tokenizer: Any,
        *,
        weight_bits: int,
        num_samples: int,
        sequence_length: int,
        group_size: int,
        quantization_layer_structure: Any,
    ) -> None:
        super().__init__()
        self.dataset = dataset
        self.tokenizer = tokenizer
        self.weight_bits = int(one_of(self, "weight_bits", weight_bits, self.allowed_bits))
        self.num_samples = positive(self, "num_samples", num_samples)
        self.sequence_length = positive(self, "sequence_length", sequence_length)
        self.group_size = _checked_size(self, "group_size", group_size)
        self.quantization_layer_structure = quantization_layer_structure

    def dtype_policy_string(self) -> str:
        """Returns `"<mode>/<weight_bits>/<group_size>"`."""
        return f"{self.mode}/{self.weight_bits}/{self.group_size}"

    def get_config(self) -> dict[str, Any]:
        """Returns the constructor's arguments; data and layers, needed for the calibration only, are `None`."""
        return {**_plain(self), "dataset": None, "tokenizer": None, "quantization_layer_structure": None}


@export("keras.quantizers.GPTQConfig")
class GPTQConfig(CalibratedConfig):
    """Weights rounded one after the other, each making up for the errors of those before it.

    Args:
        dataset: Texts, sequences of tokens, or arrays of inputs; an iterable.
        tokenizer: Makes tokens of a text: a function, or an object with `tokenize`.
        weight_bits: Bits per weight: 2, 3, 4 or 8.
        num_samples: How many samples to look at, at most.
        per_channel: Whether each channel has scales of its own.
        sequence_length: Number of tokens per sample.
        hessian_damping: Part of the mean of the Hessian's diagonal that is added to it, in `[0, 1]`.
        group_size: How many weights of a channel share a scale; -1 for all.
        symmetric: Whether the range is the same on both sides of 0.
        activation_order: Whether the inputs with the largest values come first.
        quantization_layer_structure: `{"pre_block_layers": [...], "sequential_blocks": [...]}`: layers that come
            before the blocks, and the blocks in order. That of the model by default.

    Raises:
        ValueError: If a number is out of its range.

    Source: Frantar et al., 2022, https://arxiv.org/abs/2210.17323

    Example:

        >>> GPTQConfig([[1, 2, 3]], None, weight_bits=8, group_size=-1).dtype_policy_string()
        'gptq/8/-1'
    """

    allowed_bits = (2, 3, 4, 8)

    def __init__(
        self,
        dataset: Any,
        tokenizer: Any,
        *,
        weight_bits: int = 4,
        num_samples: int = 128,
        per_channel: bool = True,
        sequence_length: int = 512,
        hessian_damping: float = 0.01,
        group_size: int = 128,
        symmetric: bool = False,
        activation_order: bool = False,
        quantization_layer_structure: Any = None,
    ) -> None:
        super().__init__(
            dataset,
            tokenizer,
            weight_bits=weight_bits,
            num_samples=num_samples,
            sequence_length=sequence_length,
            group_size=group_size,
            quantization_layer_structure=quantization_layer_structure,
        )
        if not isinstance(hessian_damping, numbers.Real) or not 0 <= hessian_damping <= 1:
            raise ValueError(
                "GPTQConfig: `hessian_damping` must be a number in [0, 1], received "
                f"hessian_damping={hessian_damping!r}."
            )
        self.per_channel = checked_bool(self, "per_channel", per_channel)
        self.hessian_damping = float(hessian_damping)
        self.symmetric = checked_bool(self, "symmetric", symmetric)
        self.activation_order = checked_bool(self, "activation_order", activation_order)

    @property
    def mode(self) -> str:
        return "gptq"


@export("keras.quantizers.AWQConfig")
class AWQConfig(CalibratedConfig):
    """Weights scaled up before rounding where their inputs are large, by the power that does best.

    Args:
        dataset: Texts, sequences of tokens, or arrays of inputs; an iterable.
        tokenizer: Makes tokens of a text: a function, or an object with `tokenize`.
        weight_bits: Bits per weight: 4.
        num_samples: How many samples to look at, at most.
        sequence_length: Number of tokens per sample.
        group_size: How many weights of a channel share a scale; -1 for all.
        num_grid_points: How many powers to try.
        quantization_layer_structure: `{"pre_block_layers": [...], "sequential_blocks": [...]}`: layers that come
            before the blocks, and the blocks in order. That of the model by default.

    Raises:
        ValueError: If a number is out of its range.

    Source: Lin et al., 2023, https://arxiv.org/abs/2306.00978

    Example:

        >>> AWQConfig([[1, 2, 3]], None).dtype_policy_string()
        'awq/4/128'
    """

    allowed_bits = (4,)

    def __init__(
        self,
        dataset: Any,
        tokenizer: Any,
        *,
        weight_bits: int = 4,
        num_samples: int = 128,
        sequence_length: int = 512,
        group_size: int = 128,
        num_grid_points: int = 20,
        quantization_layer_structure: Any = None,
    ) -> None:
        super().__init__(
            dataset,
            tokenizer,
            weight_bits=weight_bits,
            num_samples=num_samples,
            sequence_length=sequence_length,
            group_size=group_size,
            quantization_layer_structure=quantization_layer_structure,
        )
        self.num_grid_points = positive(self, "num_grid_points", num_grid_points)

    @property
    def mode(self) -> str:
        return "awq"


_DEFAULTS: dict[str, type[QuantizationConfig]] = {
    "int8": Int8QuantizationConfig,
    "int4": Int4QuantizationConfig,
    "float8": Float8QuantizationConfig,
}
_CALIBRATED: dict[str, type[CalibratedConfig]] = {"gptq": GPTQConfig, "awq": AWQConfig}
MODES = (*_DEFAULTS, *_CALIBRATED)
"""Names of all schemes."""


def config_for(mode: str | None, config: Any, owner: str) -> QuantizationConfig:
    """Returns the configuration that a mode, or a configuration, stands for.

    Args:
        mode: Name of the scheme; `None` for that of `config`.
        config: The configuration, or `None` for the default one of the mode.
        owner: Who asks, for the message.

    Raises:
        ValueError: If both are missing or contradict each other, the mode is unknown, or needs a configuration.

    Example:

        >>> config_for("int4", None, "example").dtype_policy_string()
        'int4/128'
    """
    if mode is not None and mode not in MODES:
        raise ValueError(
            f"{owner}: expected `mode` to be one of {', '.join(map(repr, MODES))}, received mode={mode!r}."
        )
    if config is None:
        if mode is None:
            raise ValueError(f"{owner}: expected `mode` or `config`, received mode=None, config=None.")
        if mode not in _DEFAULTS:
            raise ValueError(
                f"{owner}: mode={mode!r} looks at data, so it needs a configuration: pass "
                f"`config=keras.quantizers.{mode.upper()}Config(dataset, tokenizer)`. Received: config=None"
            )
        return _DEFAULTS[mode]()
    config = identifiers.get(config) if isinstance(config, (dict, str)) else config
    if not isinstance(config, QuantizationConfig):
        raise ValueError(
            f"{owner}: expected `config` to be a `keras.quantizers.QuantizationConfig`, received config={config!r} "
            f"of type {type(config).__name__}."
        )
    if mode is not None and config.mode != mode:
        raise ValueError(
            f"{owner}: `mode` and `config` contradict each other: mode={mode!r}, but config.mode="
            f"{config.mode!r} ({type(config).__name__})."
        )
    return config


def config_of_policy(policy: Any) -> QuantizationConfig:
    """Returns the configuration of a layer that knows only the dtype policy it was made with.

    Args:
        policy: A quantized dtype policy.

    Example:

        >>> from keras_ops import policies
        >>> config_of_policy(policies.get("int4/32_from_float32")).block_size
        32
    """
    mode = policy.quantization_mode
    if mode == "int4":
        size = getattr(policy, "block_size", None)
        # Without a number it is the scheme of older releases: one scale per channel, inputs of 8 bits.
        activations = AbsMaxQuantizer() if size is None else None
        return Int4QuantizationConfig(activation_quantizer=activations, block_size=size)
    if mode in _CALIBRATED:
        return _CALIBRATED[mode](None, None, weight_bits=policy.weight_bits, group_size=policy.group_size)
    return _DEFAULTS[mode]()


def is_said_by_policy(config: QuantizationConfig, policy: Any) -> bool:
    """Says whether a layer that knows only its dtype policy computes as one with this configuration.

    Args:
        config: What the layer was quantized by.
        policy: The quantized dtype policy that it has since.

    Example:

        >>> from keras_ops import policies
        >>> policy = policies.get("int8_from_float32")
        >>> [is_said_by_policy(Int8QuantizationConfig(None, x), policy) for x in ("default", None)]
        [True, False]
    """
    if isinstance(config, CalibratedConfig):
        # What else they say has gone into the numbers.
        return True
    default = config_of_policy(policy)
    return type(config) is type(default) and vars(config) == vars(default)


def _quantizer(owner: QuantizationConfig, name: str, value: Any) -> Any:
    found = identifiers.get(value)
    if found is not None and getattr(found, "output_dtype", "int8") != "int8":
        raise ValueError(
            f"{type(owner).__name__}: `{name}` must make integers of dtype 'int8', received one of "
            f"output_dtype={found.output_dtype!r}."
        )
    return found


def _checked_size(owner: QuantizationConfig, name: str, value: Any) -> int:
    """The number of weights that share a scale; -1 for all."""
    if hasattr(value, "__index__") and value == -1:
        return -1
    try:
        return positive(owner, name, value)
    except ValueError as error:
        raise ValueError(
            f"{type(owner).__name__}: `{name}` must be a positive integer or -1, received {name}={value!r}."
        ) from error


def _plain(config: CalibratedConfig) -> dict[str, Any]:
    """The constructor's arguments that are numbers."""
    names = [parameter.name for parameter in config_parameters(type(config))]
    return {
        name: getattr(config, name)
        for name in names
        if name not in ("weight_quantizer", "activation_quantizer")
    }
