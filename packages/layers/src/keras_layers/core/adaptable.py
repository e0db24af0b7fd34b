"""`Adaptable`: base of layers whose main weight is a kernel object, which schemes can replace.

Dense, EinsumDense, Embedding and the convolutions build and save their weights here, and finish their result.
What a scheme does is in its own file; here is only how a layer holds it. Quantization is added by `quantizable`.
"""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

from keras_ops import activations, ops
from keras_ops.state import name_scope
from keras_ops.tensor import Shape, Tensor

from keras_layers.core.kernel import Kernel
from keras_layers.core.lora import LoraKernel, checked_rank
from keras_layers.layer import Layer
from keras_layers.weight_options import make


def shown_kernel(doc: str) -> property:
    """Returns the property under which users see the main weight.

    Args:
        doc: Its documentation.
    """

    def read(self: "Adaptable") -> Any:
        if not self._built:
            raise AttributeError(
                f"Layer {self.name!r} must be built before its `{self.kernel_name}` can be read: call it on an "
                "input, or `build` it with the shape of one."
            )
        return self._weight.shown

    return property(read, doc=doc)


class Adaptable(Layer):
    """A layer whose main weight is held by a kernel object.

    A subclass declares the options of its weights, calls `_build_weights` in `build`, and uses `self._weight`
    and `self._finished` in `call`.
    """

    kernel_name = "kernel"
    """Name of the main weight, also in the names of the factors."""
    other_names: tuple[str, ...] = ("bias",)
    """Names of the other weights, in the order in which they are saved."""

    activation: Any
    bias: Any
    lora_rank: int | None
    lora_alpha: float | None
    lora_enabled: bool

    def _set_lora(self, rank: int | None, alpha: float | None) -> None:
        self.lora_rank = checked_rank(self, rank)
        self.lora_alpha = alpha if alpha is not None else rank
        self.lora_enabled = False

    def _build_weights(
        self, shape: Shape, bias_shape: Shape | None = None, output_axes: tuple[int, ...] = (-1,)
    ) -> None:
        """Makes main weight and bias, and adapts the former if the constructor was given a rank.

        Args:
            shape: Shape of the main weight.
            bias_shape: Shape of the bias; `None` for none.
            output_axes: Axes of the main weight that are axes of the output.
        """
        self._weight: Any = self._float_kernel(shape, output_axes)
        if "bias" in self.other_names:
            self.bias = None if bias_shape is None else make(self, "bias", bias_shape)
        self.built = True
        self._built_weights(shape)
        if self.lora_rank is not None:
            self.enable_lora(self.lora_rank, lora_alpha=self.lora_alpha)

    def _float_kernel(self, shape: Shape, output_axes: tuple[int, ...]) -> Kernel | None:
        """Makes the kernel that schemes start from."""
        variable = make(self, self.kernel_name, shape)
        setattr(self, f"_{self.kernel_name}", variable)
        return Kernel(variable, output_axes)

    def _built_weights(self, shape: Shape) -> None:
        """Hook for what follows the making of the weights."""

    def _adapt(self, scheme: type[Kernel], **options: Any) -> None:
        """Puts a scheme in the place of the kernel that the layer holds.

        Args:
            scheme: The class of the scheme.
            **options: Arguments of its `create`.

        Raises:
            ValueError: If the layer is not built, or the scheme does not go with it.
        """
        if not self._built:
            raise ValueError(
                f"Layer {self.name!r} must be built before its `{self.kernel_name}` can be adapted: call it on an "
                "input, or `build` it with the shape of one."
            )
        with self._new_weights():
            self._weight = scheme.create(self, **options)

    @contextmanager
    def _new_weights(self) -> Iterator[None]:
        """Scope in which a built layer gets weights, whose paths are those that `build` would have given them."""
        parent = (self.path or "").rpartition("/")[0]
        with self._tracker.unlocked(), name_scope(self.name, caller=self, override_parent=parent):
            yield
        self._seen.clear()

    def _finished(self, x: Tensor) -> Tensor:
        """Adds the bias, if there is one, and applies the activation."""
        return self._activated(x if self.bias is None else ops.add(x, self._placed_bias()))

    def _activated(self, x: Tensor) -> Tensor:
        # Tutorials take the last activation away by setting it to None.
        none = self.activation is activations.linear or self.activation is None
        return x if none else self.activation(x)

    def _placed_bias(self) -> Tensor:
        """The bias in a shape that broadcasts to the output."""
        return self.bias.value

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
        alpha = lora_alpha if lora_alpha is not None else rank
        self._adapt(
            LoraKernel, rank=rank, alpha=alpha, a_initializer=a_initializer, b_initializer=b_initializer
        )
        self.lora_enabled = True
        self.lora_rank = rank
        self.lora_alpha = alpha

    @property
    def adaptation(self) -> dict[str, Any]:
        """What became of the layer since it was made, as plain data; see `adapted_parts`."""
        return {"lora_rank": self.lora_rank, "lora_alpha": self.lora_alpha} if self.lora_enabled else {}

    def adapt_again(self, adaptation: Mapping[str, Any]) -> None:
        """Makes the layer one whose weights can be set to those of the layer that `adaptation` is of.

        What it is already it stays.
        """
        if "lora_rank" not in adaptation or self.lora_enabled:
            return
        rank, alpha = adaptation["lora_rank"], adaptation["lora_alpha"]
        if self._built:
            self.enable_lora(rank, lora_alpha=alpha)
        else:
            self.lora_rank, self.lora_alpha = rank, alpha

    def save_own_variables(self, store: dict[str, Any]) -> None:
        """Stores the kernel as its scheme saves it, and the other weights."""
        if self._built:
            parts = self._weight.save()
            for i, (part, name) in enumerate(self._saved_names()):
                store[str(i)] = parts[part] if part is not None else getattr(self, name)

    def load_own_variables(self, store: Mapping[str, Any]) -> None:
        """Sets the weights from what `save_own_variables` stored.

        Raises:
            ValueError: If the number of variables differs.
        """
        if not self._built:
            super().load_own_variables(store)
            return
        names = self._saved_names()
        self._check_stored([f"{self.path}/{name}" for _, name in names], store)
        for i, (part, name) in enumerate(names):
            if part is None:
                getattr(self, name).assign(store[str(i)])
        self._weight.load({part: store[str(i)] for i, (part, _) in enumerate(names) if part is not None})

    def _saved_names(self) -> list[tuple[str | None, str]]:
        """What files hold, in order: part of the kernel (`None` for other weights) and name."""
        others = [name for name in self.other_names if getattr(self, name, None) is not None]
        return self._names_of(self._weight.saved_parts, others)

    def _names_of(self, parts: Sequence[str | None], others: Sequence[str]) -> list[tuple[str | None, str]]:
        names: list[tuple[str | None, str]] = []
        for part in parts:
            if part is None:
                names += [(None, name) for name in others]
            else:
                names.append((part, part.format(self.kernel_name)))
        return names

    def get_config(self) -> dict[str, Any]:
        config = super().get_config()
        if self.lora_rank is not None:
            config["lora_rank"] = self.lora_rank
            config["lora_alpha"] = self.lora_alpha
        return config
