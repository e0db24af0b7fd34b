"""Transposed and depthwise convolutions and adaptive pooling, for `test_layers`; see `layer_samples`."""

from keras_layers.convolutional.conv_transpose import Conv1DTranspose, Conv2DTranspose, Conv3DTranspose
from keras_layers.convolutional.depthwise_conv import DepthwiseConv1D, DepthwiseConv2D
from keras_layers.pooling.adaptive_average_pooling import (
    AdaptiveAveragePooling1D,
    AdaptiveAveragePooling2D,
    AdaptiveAveragePooling3D,
)
from keras_layers.pooling.adaptive_max_pooling import (
    AdaptiveMaxPooling1D,
    AdaptiveMaxPooling2D,
    AdaptiveMaxPooling3D,
)
from keras_layers.testing import Sample

STEPS, IMAGE, VOLUME = (2, 6, 3), (2, 6, 5, 3), (2, 5, 4, 4, 2)
FIRST = "channels_first"

SAMPLES = [
    Sample(Conv1DTranspose, {"filters": 4, "kernel_size": 3, "dilation_rate": 2}, STEPS, weights=(2, 0)),
    Sample(
        Conv2DTranspose,
        {"filters": 4, "kernel_size": (2, 3), "strides": 2, "padding": "same", "output_padding": 1},
        IMAGE,
        weights=(2, 0),
    ),
    Sample(
        Conv2DTranspose, {"filters": 2, "kernel_size": 2, "data_format": FIRST}, (2, 3, 4, 4), weights=(2, 0)
    ),
    Sample(Conv3DTranspose, {"filters": 3, "kernel_size": 2, "use_bias": False}, VOLUME, weights=(1, 0)),
    Sample(DepthwiseConv1D, {"kernel_size": 3, "depth_multiplier": 2}, STEPS, weights=(2, 0)),
    Sample(
        DepthwiseConv2D,
        {
            "kernel_size": 2,
            "padding": "same",
            "depthwise_regularizer": "l2",
            "depthwise_constraint": "max_norm",
        },
        IMAGE,
        weights=(2, 0),
    ),
    Sample(
        DepthwiseConv2D,
        {"kernel_size": 2, "data_format": FIRST, "use_bias": False},
        (2, 3, 4, 4),
        weights=(1, 0),
    ),
    Sample(AdaptiveAveragePooling1D, {"output_size": 4}, STEPS),
    Sample(AdaptiveAveragePooling2D, {"output_size": (2, 3)}, IMAGE),
    Sample(AdaptiveAveragePooling3D, {"output_size": (2, 2, 3), "data_format": FIRST}, VOLUME),
    Sample(AdaptiveMaxPooling1D, {"output_size": 4, "data_format": FIRST}, STEPS),
    Sample(AdaptiveMaxPooling2D, {"output_size": 3}, IMAGE),
    Sample(AdaptiveMaxPooling3D, {"output_size": 2}, VOLUME),
]
