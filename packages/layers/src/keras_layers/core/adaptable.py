"""`Adaptable`: base of layers with a kernel object, which low-rank adaptation can wrap.

Gives Dense, EinsumDense, Embedding and the convolutions `enable_lora`, and saves the kernel with the
factors merged in, so that files do not depend on it.
"""

from collections.abc import Mapping
from typing import Any

from keras_ops import initializers, ops
from keras_ops.variable import Variable

from keras_layers.core.kernel import Kernel, LoraKernel
from keras_layers.layer import Layer


class Adaptable(Layer):
    """A layer whose main weight is held by a kernel object.

    A subclass calls `_hold_kernel(variable)` at the end of `build` and uses `self._weight` in `call`.
    """

    kernel_name = "kernel"
    """Name of the main weight, also in the names of the factors."""
    other_names: tuple[str, ...] = ("bias",)
    """Names of the other weights, in the order in which they are saved."""

    lora_rank: int | None
    lora_alpha: float | None
    lora_enabled: bool

    def _set_lora(self, rank: int | None, alpha: float | None) -> None:
        if rank is not None and (not hasattr(rank, "__index__") or rank <= 0):
            raise ValueError(
                f"{type(self).__name__}: `lora_rank` must be a positive integer or None, received "
                f"lora_rank={rank!r}."
            )
        self.lora_rank = rank
        self.lora_alpha = alpha if alpha is not None else rank
        self.lora_enabled = False

    def _refuse_quantization(self, config: Any) -> None:
        if config is not None:
            raise ValueError(
                f"{type(self).__name__}: expected `quantization_config=None`, since no quantization scheme is "
                f"available, received quantization_config={config!r}."
            )
        self.quantization_config = None

    def _hold_kernel(self, variable: Variable) -> None:
        """Keeps the main weight; adapts it if the constructor was given a rank."""
        self._weight: Any = Kernel(variable)
        self.built = True
        if self.lora_rank is not None:
            self.enable_lora(self.lora_rank, lora_alpha=self.lora_alpha)

    @property
    def _main(self) -> Variable:
        return getattr(self, f"_{self.kernel_name}")

    def _merged(self) -> Any:
        if not self._built:
            raise AttributeError(
                f"Layer {self.name!r} must be built before its `{self.kernel_name}` can be read: call it on an "
                "input, or `build` it with the shape of one."
            )
        return self._weight.value if self.lora_enabled else self._main

    def enable_lora(
        self,
        rank: int,
        lora_alpha: float | None = None,
        a_initializer: Any = "he_uniform",
        b_initializer: Any = "zeros",
    ) -> None:
        """Freezes the kernel and adds two trainable factors of low rank to it.

        Args:
            rank: Rank of the factors.
            lora_alpha: The product of the factors is scaled by `lora_alpha / rank`; `rank` by default.
            a_initializer: Initializer of the factor `(..., rank)`.
            b_initializer: Initializer of the factor `(rank, outputs)`, zeros by default, so that the
                layer computes what it did before.

        Raises:
            ValueError: If the layer is not built, has a constraint on its kernel, or was adapted before.

        Example:

            >>> from keras_layers.core.dense import Dense
            >>> layer = Dense(3)
            >>> layer.build((None, 4))
            >>> layer.enable_lora(2)
            >>> [v.name for v in layer.trainable_weights]
            ['bias', 'lora_kernel_a', 'lora_kernel_b']
        """
        name = self.kernel_name
        if getattr(self, f"{name}_constraint") is not None:
            raise ValueError(
                f"Layer {self.name!r}: LoRA does not go with a constraint, and the layer has "
                f"{name}_constraint={getattr(self, f'{name}_constraint')!r}."
            )
        if not self._built:
            raise ValueError(f"Layer {self.name!r} must be built before LoRA is enabled on it.")
        if self.lora_enabled:
            raise ValueError(f"Layer {self.name!r}: LoRA is enabled already; that can be done only once.")
        shape = tuple(self._main.shape)
        with self._tracker.unlocked():
            a = self._lora_weight("a", (*shape[:-1], rank), a_initializer)
            b = self._lora_weight("b", (rank, shape[-1]), b_initializer)
        self._freeze(self._main)
        self.lora_enabled = True
        self.lora_rank = rank
        self.lora_alpha = lora_alpha if lora_alpha is not None else rank
        self._weight = LoraKernel(self._weight, a, b, self.lora_alpha / rank)

    def _lora_weight(self, which: str, shape: tuple[int, ...], initializer: Any) -> Variable:
        attribute = f"lora_{self.kernel_name}_{which}"
        variable = self.add_weight(
            name=attribute,
            shape=shape,
            initializer=initializers.get(initializer),
            regularizer=getattr(self, f"{self.kernel_name}_regularizer"),
        )
        setattr(self, attribute, variable)
        return variable

    def _saved_variables(self) -> list[Variable]:
        others = (getattr(self, name, None) for name in self.other_names)
        return [self._main, *(v for v in others if v is not None)]

    def save_own_variables(self, store: dict[str, Any]) -> None:
        """Stores the kernel, LoRA factors merged in, and the other weights."""
        if not self._built:
            return
        for i, variable in enumerate(self._saved_variables()):
            store[str(i)] = variable
        if self.lora_enabled:
            store["0"] = ops.convert_to_tensor(self._weight.value)

    def load_own_variables(self, store: Mapping[str, Any]) -> None:
        """Sets the weights; LoRA factors become zero, since what is stored has them merged in."""
        if not self._built:
            super().load_own_variables(store)
            return
        self._assign_stored(self._saved_variables(), store)
        if self.lora_enabled:
            for factor in (self._weight.a, self._weight.b):
                factor.assign(ops.zeros(factor.shape, dtype=factor.dtype))

    def get_config(self) -> dict[str, Any]:
        config = super().get_config()
        if self.lora_rank is not None:
            config["lora_rank"] = self.lora_rank
            config["lora_alpha"] = self.lora_alpha
        return config


class Quantizable(Adaptable):
    """An adaptable layer with the entry points of quantization."""

    def quantized_build(self, kernel_shape: Any, mode: str, config: Any = None) -> None:
        """Makes the weights of a quantization scheme.

        Args:
            kernel_shape: Shape of the main weight.
            mode: Name of the scheme.
            config: Its configuration.

        Raises:
            ValueError: If there is no such scheme.
        """
        self.quantize(mode, config=config)

    @property
    def variable_serialization_spec(self) -> dict[str | None, list[str]]:
        """Names of the saved weights, in order, by quantization mode."""
        return {None: [self.kernel_name, *self.other_names]}
