"""One line per layer: what `layer_test` needs to know to check it. `test_layers` runs them all."""

from keras_layers.activations.activation import Activation
from keras_layers.activations.rectifiers import ELU, LeakyReLU, PReLU, ReLU
from keras_layers.activations.softmax import Softmax
from keras_layers.convolutional.conv import Conv1D, Conv2D, Conv3D
from keras_layers.convolutional.separable_conv import SeparableConv1D, SeparableConv2D
from keras_layers.core.dense import Dense
from keras_layers.core.einsum_dense import EinsumDense
from keras_layers.core.embedding import Embedding
from keras_layers.core.identity import Identity
from keras_layers.core.masking import Masking
from keras_layers.core.reversible_embedding import ReversibleEmbedding
from keras_layers.layer import Layer
from keras_layers.merging.concatenate import Concatenate
from keras_layers.merging.dot import Dot
from keras_layers.merging.elementwise import Add, Average, Maximum, Minimum, Multiply, Subtract
from keras_layers.normalization.batch_normalization import BatchNormalization
from keras_layers.normalization.group_normalization import GroupNormalization
from keras_layers.normalization.layer_normalization import LayerNormalization
from keras_layers.normalization.rms_normalization import RMSNormalization
from keras_layers.normalization.unit_normalization import UnitNormalization
from keras_layers.pooling.average_pooling import AveragePooling1D, AveragePooling2D, AveragePooling3D
from keras_layers.pooling.global_average_pooling import (
    GlobalAveragePooling1D,
    GlobalAveragePooling2D,
    GlobalAveragePooling3D,
)
from keras_layers.pooling.global_max_pooling import GlobalMaxPooling1D, GlobalMaxPooling2D, GlobalMaxPooling3D
from keras_layers.pooling.max_pooling import MaxPooling1D, MaxPooling2D, MaxPooling3D
from keras_layers.preprocessing.rescaling import Rescaling
from keras_layers.regularization.activity_regularization import ActivityRegularization
from keras_layers.regularization.dropout import Dropout
from keras_layers.regularization.noise import AlphaDropout, GaussianDropout, GaussianNoise
from keras_layers.regularization.spatial_dropout import SpatialDropout1D, SpatialDropout2D
from keras_layers.reshaping.cropping import Cropping1D, Cropping2D
from keras_layers.reshaping.flatten import Flatten
from keras_layers.reshaping.permute import Permute
from keras_layers.reshaping.repeat_vector import RepeatVector
from keras_layers.reshaping.reshape import Reshape
from keras_layers.reshaping.up_sampling import UpSampling1D, UpSampling2D, UpSampling3D
from keras_layers.reshaping.zero_padding import ZeroPadding1D, ZeroPadding3D
from keras_layers.testing import Sample
from keras_ops import ops


class Gated(Layer):
    """Takes a second tensor and a mask, as recurrent layers do."""

    def __init__(self, **kwargs):
        super().__init__(**kwargs)
        self.supports_masking = True

    def build(self, inputs_shape, gate_shape):
        self.scale = self.add_weight(shape=(inputs_shape[-1], gate_shape[-1]), name="scale")

    def call(self, inputs, gate, mask=None):
        if mask is not None:
            inputs = ops.where(ops.expand_dims(mask, -1), inputs, ops.zeros_like(inputs))
        return ops.matmul(inputs, self.scale.value) * ops.expand_dims(gate, 1)

    def compute_output_shape(self, inputs_shape, gate_shape):
        return (*inputs_shape[:-1], gate_shape[-1])


STEPS, IMAGE, VOLUME = (2, 6, 3), (2, 6, 5, 3), (2, 5, 4, 4, 2)
PAIR, TRIPLE = [(2, 4, 3), (2, 4, 3)], [(2, 3), (2, 3), (2, 3)]

SAMPLES = [
    Sample(Dense, {"units": 3}, (2, 4), weights=(2, 0)),
    Sample(Dense, {"units": 3, "activation": "relu", "use_bias": False}, STEPS, weights=(1, 0)),
    Sample(Dense, {"units": 4, "lora_rank": 2}, (2, 3), weights=(3, 1)),
    Sample(Dense, {"units": 2, "kernel_regularizer": "l2", "kernel_constraint": "max_norm"}, weights=(2, 0)),
    Sample(
        EinsumDense,
        {"equation": "abc,cd->abd", "output_shape": (None, 4), "bias_axes": "d"},
        STEPS,
        weights=(2, 0),
    ),
    Sample(EinsumDense, {"equation": "...x,xy->...y", "output_shape": 4}, STEPS, weights=(1, 0)),
    Sample(Embedding, {"input_dim": 5, "output_dim": 3}, (2, 4), dtype="int32", weights=(1, 0)),
    Sample(
        Embedding, {"input_dim": 5, "output_dim": 3, "lora_rank": 2}, (2, 4), dtype="int32", weights=(2, 1)
    ),
    Sample(ReversibleEmbedding, {"input_dim": 5, "output_dim": 3}, (2, 4), dtype="int32", weights=(1, 0)),
    Sample(Gated, {}, STEPS, tensors={"gate": (2, 4)}, weights=(1, 0), saves=False),
    Sample(Identity, {}, STEPS),
    Sample(Masking, {"mask_value": 1.0}, STEPS),
    Sample(
        Conv1D,
        {"filters": 4, "kernel_size": 3, "padding": "causal", "dilation_rate": 2},
        STEPS,
        weights=(2, 0),
    ),
    Sample(Conv1D, {"filters": 2, "kernel_size": 2, "data_format": "channels_first"}, STEPS, weights=(2, 0)),
    Sample(
        Conv2D, {"filters": 4, "kernel_size": (2, 3), "strides": 2, "padding": "same"}, IMAGE, weights=(2, 0)
    ),
    Sample(
        Conv2D, {"filters": 6, "kernel_size": 2, "groups": 3, "activation": "relu"}, IMAGE, weights=(2, 0)
    ),
    Sample(Conv3D, {"filters": 2, "kernel_size": 2, "use_bias": False}, VOLUME, weights=(1, 0)),
    Sample(SeparableConv1D, {"filters": 4, "kernel_size": 3, "padding": "causal"}, STEPS, weights=(3, 0)),
    Sample(
        SeparableConv2D,
        {"filters": 4, "kernel_size": 2, "depth_multiplier": 2, "use_bias": False},
        IMAGE,
        weights=(2, 0),
    ),
    Sample(MaxPooling1D, {"pool_size": 2, "padding": "same"}, (2, 5, 3)),
    Sample(MaxPooling2D, {"pool_size": (2, 1), "strides": 1}, IMAGE),
    Sample(MaxPooling3D, {}, VOLUME),
    Sample(AveragePooling1D, {"pool_size": 3, "strides": 2, "padding": "same"}, STEPS),
    Sample(AveragePooling2D, {"pool_size": 2, "data_format": "channels_first"}, (2, 3, 6, 5)),
    Sample(AveragePooling3D, {"pool_size": 2}, VOLUME),
    Sample(GlobalMaxPooling1D, {}, STEPS),
    Sample(GlobalMaxPooling2D, {"keepdims": True}, IMAGE),
    Sample(GlobalMaxPooling3D, {"data_format": "channels_first"}, VOLUME),
    Sample(GlobalAveragePooling1D, {"keepdims": True}, STEPS),
    Sample(GlobalAveragePooling2D, {}, IMAGE),
    Sample(GlobalAveragePooling3D, {}, VOLUME),
    Sample(Flatten, {}, IMAGE),
    Sample(Flatten, {"data_format": "channels_first"}, IMAGE),
    Sample(Reshape, {"target_shape": (3, -1)}, STEPS),
    Sample(Permute, {"dims": (2, 3, 1)}, IMAGE),
    Sample(RepeatVector, {"n": 3}, (2, 4)),
    Sample(Dropout, {"rate": 0.5, "seed": 1}, STEPS),
    Sample(Dropout, {"rate": 0.4, "noise_shape": (None, 1, 3)}, STEPS, call={"training": True}, random=True),
    Sample(SpatialDropout1D, {"rate": 0.5}, STEPS, call={"training": True}, random=True),
    Sample(SpatialDropout2D, {"rate": 0.5, "data_format": "channels_first"}, IMAGE),
    Sample(GaussianNoise, {"stddev": 0.5, "seed": 1}, STEPS, call={"training": True}, random=True),
    Sample(GaussianDropout, {"rate": 0.5}, STEPS, call={"training": True}, random=True),
    Sample(
        AlphaDropout, {"rate": 0.5, "noise_shape": (None, 1, 3)}, STEPS, call={"training": True}, random=True
    ),
    Sample(ActivityRegularization, {"l1": 0.1, "l2": 0.2}, STEPS),
    Sample(Cropping1D, {"cropping": (1, 2)}, STEPS),
    Sample(Cropping2D, {"cropping": ((1, 0), (2, 1)), "data_format": "channels_first"}, (2, 3, 4, 5)),
    Sample(ZeroPadding1D, {"padding": (1, 2), "data_format": "channels_first"}, STEPS),
    Sample(ZeroPadding3D, {"padding": (1, 0, 2)}, VOLUME),
    Sample(UpSampling1D, {"size": 3}, STEPS),
    Sample(UpSampling2D, {"size": (1, 2), "interpolation": "bilinear"}, IMAGE),
    Sample(UpSampling3D, {"data_format": "channels_first"}, VOLUME),
    Sample(BatchNormalization, {}, (4, 3), weights=(2, 2)),
    Sample(
        BatchNormalization,
        {"axis": 1, "scale": False},
        IMAGE,
        call={"training": True},
        weights=(1, 2),
        random=True,
    ),
    Sample(BatchNormalization, {"renorm": True}, (4, 3), weights=(2, 5)),
    Sample(LayerNormalization, {}, STEPS, weights=(2, 0)),
    Sample(LayerNormalization, {"axis": (1, 2), "center": False}, STEPS, weights=(1, 0)),
    Sample(GroupNormalization, {"groups": 2}, (2, 5, 4), weights=(2, 0)),
    Sample(GroupNormalization, {"groups": -1, "axis": 1, "center": False}, IMAGE, weights=(1, 0)),
    Sample(RMSNormalization, {}, STEPS, weights=(1, 0)),
    Sample(RMSNormalization, {"axis": [1]}, STEPS, weights=(1, 0)),
    Sample(UnitNormalization, {"axis": (1, 2)}, STEPS),
    Sample(Activation, {"activation": "tanh"}, STEPS),
    Sample(ReLU, {"max_value": 6.0, "negative_slope": 0.1, "threshold": 0.5}, STEPS),
    Sample(LeakyReLU, {"negative_slope": 0.1}, STEPS),
    Sample(ELU, {"alpha": 0.5}, STEPS),
    Sample(PReLU, {"shared_axes": [1]}, STEPS, weights=(1, 0)),
    Sample(Softmax, {}, (2, 5)),
    Sample(Softmax, {"axis": (1, 2)}, (2, 3, 4)),
    Sample(Add, {}, TRIPLE),
    Sample(Add, {}, [(2, 4, 3), (2, 3)]),
    Sample(Subtract, {}, PAIR),
    Sample(Multiply, {}, PAIR),
    Sample(Average, {}, PAIR),
    Sample(Maximum, {}, PAIR),
    Sample(Minimum, {}, PAIR),
    Sample(Concatenate, {"axis": 1}, [(2, 4, 3), (2, 2, 3)]),
    Sample(Dot, {"axes": (2, 1), "normalize": True}, [(2, 4, 3), (2, 3, 5)]),
    Sample(Dot, {"axes": -1}, [(2, 3), (2, 3)]),
    Sample(Rescaling, {"scale": [1.0, 2.0, 0.5], "offset": 1.0}, STEPS),
]
