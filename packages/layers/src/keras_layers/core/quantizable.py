"""`Quantizable`: an adaptable layer that can be quantized, by `quantize` or from its start by its dtype policy.

Dense, EinsumDense and Embedding derive from it. What a scheme does is in its own file; `schemes` lists them.
"""

from collections.abc import Mapping
from typing import Any

from keras_ops import policies
from keras_ops.operations.matmul import affine
from keras_ops.registry import is_builtin
from keras_ops.tensor import Shape, Tensor

from keras_layers.core.adaptable import Adaptable
from keras_layers.core.all_or_nothing import all_or_nothing
from keras_layers.core.kernel import Kernel
from keras_layers.core.lora import LoraKernel, check_takes_factors
from keras_layers.core.product import Product
from keras_layers.core.schemes import SCHEMES, scheme_of
from keras_layers.quantizers import identifiers
from keras_layers.quantizers.configs import MODES, QuantizationConfig, config_for, config_of_policy


class Quantizable(Adaptable):
    """An adaptable layer with the entry points of quantization.

    A subclass keeps its product in `_product` before it builds its weights.
    """

    quantization_modes: tuple[str, ...] = MODES
    """The schemes that go with the layer."""

    quantization_config: QuantizationConfig | None
    _product: Product
    _affine_bias: Shape | None = None
    """Shape of the bias that `affine` adds; `None` where it does not compute the product."""

    def _set_quantization(self, config: Any) -> None:
        """Takes the constructor's `quantization_config`.

        Raises:
            ValueError: If it is none, or that of another scheme than the dtype policy's.
        """
        if config is not None:
            config = config_for(self.quantization_mode, config, type(self).__name__)
        self.quantization_config = config

    def _outputs(self, x: Tensor) -> Tensor:
        """The product with the kernel, the bias added and the activation applied."""
        weight, product, bias = self._weight, self._product, self.bias
        # Users take the bias away, or set one that is only to broadcast.
        if bias is not None and type(weight) is Kernel and bias.shape == self._affine_bias:
            return self._activated(affine(x, weight.value, bias.value, product.affine_axes))
        return self._finished(weight.times(x, product))

    def _float_kernel(self, shape: Shape, output_axes: tuple[int, ...]) -> Kernel | None:
        mode = self.quantization_mode
        if mode is not None and SCHEMES[mode].replaces_float:
            return None
        return super()._float_kernel(shape, output_axes)

    def _built_weights(self, shape: Shape) -> None:
        axes = self._product.affine_axes
        self._affine_bias = tuple(shape[axes:]) if axes else None
        mode = self.quantization_mode
        if mode is not None:
            self.quantized_build(shape, mode, self.quantization_config)

    def quantized_build(self, kernel_shape: Any, mode: str, config: Any = None) -> None:
        """Makes the weights of a quantization scheme, to be loaded.

        Args:
            kernel_shape: Shape of the main weight.
            mode: Name of the scheme.
            config: Its configuration; what the dtype policy says by default.

        Raises:
            ValueError: If there is no such scheme, or `config` is that of another one.
            NotImplementedError: If the scheme does not go with the layer.
        """
        if config is None:
            config = config_of_policy(self.dtype_policy)
        config = config_for(mode, config, repr(self))
        self._check_mode(config.mode)
        with self._new_weights():
            self._weight = scheme_of(config).build(
                self, tuple(kernel_shape), config, self.kernel_name, self._product
            )

    def quantized_call(self, *args: Any, **kwargs: Any) -> Any:
        """Does what `call` does: the kernel knows how it is quantized."""
        return self.call(*args, **kwargs)

    def quantize(self, mode: str | None = None, type_check: bool = True, config: Any = None) -> None:
        """Replaces the kernel by one that a scheme makes of it, and the dtype policy by that of the scheme.

        Factors of LoRA stay what they are, and adapt the new kernel. GPTQ and AWQ need data to come through the
        layer: `keras.Model.quantize` sees to that. If a quantizer fails, the layer is as it was.

        Args:
            mode: `"int8"`, `"int4"`, `"float8"`, `"gptq"` or `"awq"`; that of `config` by default.
            type_check: Whether to refuse classes that users derived, since their `call` may do something else with
                the kernel.
            config: Configuration of the scheme; the layer's `quantization_config` by default, then the scheme's
                default.

        Raises:
            ValueError: If the layer is not built or quantized already, or the arguments do not fit.
            NotImplementedError: If the scheme does not go with the layer.

        Example:

            >>> from keras_layers.core.dense import Dense
            >>> layer = Dense(3)
            >>> layer.build((None, 4))
            >>> layer.quantize("int8")
            >>> layer.dtype_policy.name, layer.kernel.dtype
            ('int8_from_float32', 'int8')
        """
        if type_check and not is_builtin(type(self)):
            raise NotImplementedError(
                f"{self!r}: {type(self).__name__} may use its `{self.kernel_name}` in ways that quantization does not "
                "know, so it is left alone. Pass `type_check=False` to quantize it like its base class."
            )
        own = self.quantization_config
        if config is None and own is not None and mode in (None, own.mode):
            config = own
        config = config_for(mode, config, repr(self))
        self._check_mode(config.mode)
        if not self._built:
            raise ValueError(
                f"Layer {self.name!r} must be built before it is quantized: call it on an input, or `build` it with "
                "the shape of one."
            )
        if self.quantization_mode is not None:
            raise ValueError(
                f"Layer {self.name!r} is quantized already, by dtype_policy={self.dtype_policy.name!r}; that can be "
                f"done only once. Received: mode={config.mode!r}"
            )
        policy = policies.get(f"{config.dtype_policy_string()}_from_{self.dtype_policy.name}")
        with all_or_nothing([self]):
            self._quantize_kernels(config)
            self.quantization_config = config
            self.dtype_policy = policy

    def _quantize_kernels(self, config: QuantizationConfig) -> None:
        held, scheme = self._weight, scheme_of(config)
        if not isinstance(held, LoraKernel):
            self._adapt(scheme, config=config)
            return
        check_takes_factors(self, scheme)
        self._weight = held.kernel
        self._adapt(scheme, config=config)
        self._weight = held.over(self._weight)

    @property
    def adaptation(self) -> dict[str, Any]:
        if self.quantization_mode is None:
            return super().adaptation
        config = self.quantization_config
        said = None if config is None else identifiers.serialize(config)
        return {
            "dtype": policies.serialize(self.dtype_policy),
            "quantization_config": said,
            **super().adaptation,
        }

    def adapt_again(self, adaptation: Mapping[str, Any]) -> None:
        if "dtype" in adaptation:
            self._quantize_again(
                policies.get(adaptation["dtype"]), identifiers.get(adaptation["quantization_config"])
            )
        super().adapt_again(adaptation)

    def _quantize_again(self, policy: Any, config: QuantizationConfig | None) -> None:
        if self.quantization_mode is not None:
            # Its constructor got the policy, which need not say all.
            if config is not None:
                self.quantization_config = config
                for kernel in self._kernels() if self._built else ():
                    kernel.config = config
                self._seen.clear()
        elif self._built:
            self.quantize(type_check=False, config=config or config_of_policy(policy))
            self._weight.drop_floats()
        else:
            self.quantization_config = config
            self.dtype_policy = policy

    def _kernels(self) -> list[Any]:
        """The kernels that were quantized."""
        return [self._weight.kernel if isinstance(self._weight, LoraKernel) else self._weight]

    def _check_mode(self, mode: str) -> None:
        if mode not in self.quantization_modes:
            raise NotImplementedError(
                f"{self!r}: {type(self).__name__} can be quantized by {', '.join(map(repr, self.quantization_modes))}, "
                f"received mode={mode!r}."
            )

    @property
    def variable_serialization_spec(self) -> dict[str | None, list[str]]:
        """Names of the saved weights, in order, by quantization mode."""
        kinds: dict[str | None, type[Any]] = {None: Kernel, **SCHEMES}
        return {
            mode: [name for _, name in self._names_of(kinds[mode].saved_parts, self.other_names)]
            for mode in (None, *self.quantization_modes)
        }
