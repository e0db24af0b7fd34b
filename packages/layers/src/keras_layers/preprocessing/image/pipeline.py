"""`Pipeline`: layers one after the other, as one layer."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from keras_backends.api import export
from keras_ops.masks import get_mask
from keras_ops.serialize import deserialize_keras_object, serialize_keras_object

from keras_layers.layer import Layer
from keras_layers.preprocessing.data_layer import DataLayer


@export("keras.layers.Pipeline")
class Pipeline(DataLayer):
    """Runs layers one after the other; inside a model, in an input pipeline, or by itself.

    Unlike a model it is not trained by itself, and takes whatever its first layer takes, such as dicts of images and
    bounding boxes.

    Args:
        layers: The layers, in order.
        name: Name, made automatically by default.

    Call arguments:
        inputs: What the first layer takes.
        training: Handed on to the layers whose `call` takes it.
        mask: Likewise, for the first layer; later ones get the masks of what they are called on.

    Raises:
        ValueError: If `layers` is no list, or one of them is no layer.

    Example:

        >>> from keras_ops import ops
        >>> from keras_layers.preprocessing.image.center_crop import CenterCrop
        >>> from keras_layers.preprocessing.rescaling import Rescaling
        >>> Pipeline([CenterCrop(2, 2, data_format="channels_last"), Rescaling(1 / 255)])(ops.ones((4, 4, 3))).shape
        (2, 2, 3)
    """

    runs_whole = True

    def __init__(self, layers: Sequence[Layer], name: str | None = None) -> None:
        super().__init__(name=name)
        if isinstance(layers, Layer) or not isinstance(layers, Iterable):
            raise ValueError(
                f"Pipeline: `layers` must be a list of keras.Layer, received {layers!r}. Put it in a list."
            )
        layers = list(layers)
        for layer in layers:
            if not isinstance(layer, Layer):
                raise ValueError(
                    f"Pipeline: `layers` must be a list of keras.Layer, received {layer!r} of type "
                    f"{type(layer).__name__} among them."
                )
        self._pipeline_layers = layers
        self._convert_input_args = False
        self._allow_non_tensor_positional_args = True

    @property
    def layers(self) -> list[Layer]:
        """The layers, in order."""
        return list(self._pipeline_layers)

    def call(self, inputs: Any, training: bool = True, mask: Any = None) -> Any:
        if mask is None and training is not None:
            return self.run_whole(self._in_turn, inputs, training)
        return self._in_turn(inputs, training, mask)

    def _in_turn(self, inputs: Any, training: bool | None, mask: Any = None) -> Any:
        for layer in self._pipeline_layers:
            kwargs: dict[str, Any] = {}
            if layer._call_has_training_arg and training is not None:
                kwargs["training"] = training
            if layer._call_has_mask_arg and mask is not None:
                kwargs["mask"] = mask
            inputs = layer(inputs, **kwargs)
            mask = get_mask(inputs)
        return inputs

    def get_config(self) -> dict[str, Any]:
        return {
            "layers": [serialize_keras_object(layer) for layer in self._pipeline_layers],
            "name": self.name,
        }

    @classmethod
    def from_config(
        cls, config: dict[str, Any], custom_objects: Mapping[str, Any] | None = None
    ) -> "Pipeline":
        """Makes a pipeline, and its layers, from what `get_config` returned."""
        config = dict(config)
        layers = []
        for saved in config.pop("layers"):
            layer = deserialize_keras_object(saved, custom_objects=custom_objects)
            if layer.get_build_config() is None:
                # A layer without weights is built from the start, yet its config names what it was called on.
                layer.build_from_config(saved.get("build_config") or {})
            layers.append(layer)
        return cls(layers, **config)
