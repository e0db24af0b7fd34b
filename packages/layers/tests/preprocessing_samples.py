"""Preprocessing layers and the way to call them, for `test_layers`; see `layer_samples`."""

from keras_layers.preprocessing.audio.mel_spectrogram import MelSpectrogram
from keras_layers.preprocessing.audio.stft_spectrogram import STFTSpectrogram
from keras_layers.preprocessing.category_encoding import CategoryEncoding
from keras_layers.preprocessing.discretization import Discretization
from keras_layers.preprocessing.hashed_crossing import HashedCrossing
from keras_layers.preprocessing.hashing import Hashing
from keras_layers.preprocessing.integer_lookup import IntegerLookup
from keras_layers.preprocessing.normalization import Normalization
from keras_layers.testing import Sample

WHOLE = {"dtype": "int32", "half": False}

SAMPLES = [
    Sample(Normalization, {}, (4, 3), weights=(0, 3)),
    Sample(Normalization, {"axis": (1, 2), "invert": True}, (2, 3, 2), weights=(0, 3)),
    Sample(Normalization, {"mean": [1.0, 2.0, 3.0], "variance": [1.0, 4.0, 2.0]}, (4, 3)),
    Sample(Normalization, {"axis": None, "mean": 1.0, "variance": 4.0}, (4, 3)),
    Sample(Discretization, {"bin_boundaries": [-0.5, 0.0, 0.5]}, (4, 3)),
    Sample(Discretization, {"bin_boundaries": [0.0], "output_mode": "one_hot"}, (4, 1)),
    Sample(Discretization, {"bin_boundaries": [0.0, 1.0], "output_mode": "count"}, (4, 3)),
    Sample(CategoryEncoding, {"num_tokens": 4}, (3, 2), **WHOLE),
    Sample(CategoryEncoding, {"num_tokens": 4, "output_mode": "one_hot"}, (3, 2), **WHOLE),
    Sample(CategoryEncoding, {"num_tokens": 4, "output_mode": "count"}, (3, 2), **WHOLE),
    Sample(Hashing, {"num_bins": 3, "mask_value": 1, "dtype": "int32"}, (3, 2), **WHOLE),
    Sample(Hashing, {"num_bins": 3, "salt": 5, "output_mode": "multi_hot"}, (3, 2), **WHOLE),
    Sample(HashedCrossing, {"num_bins": 5}, [(3, 1), (3, 1)], **WHOLE),
    Sample(HashedCrossing, {"num_bins": 5, "output_mode": "one_hot"}, [(3, 1), (3, 1)], **WHOLE),
    Sample(
        IntegerLookup,
        {"vocabulary": [2, 1], "output_mode": "tf_idf", "idf_weights": [0.5, 2.0]},
        (3, 2),
        **WHOLE,
    ),
    Sample(
        STFTSpectrogram, {"frame_length": 8, "frame_step": 4, "expand_dims": True}, (2, 20, 2), weights=(2, 0)
    ),
    Sample(
        MelSpectrogram,
        {"fft_length": 8, "sequence_stride": 4, "num_mel_bins": 3, "sampling_rate": 400},
        (2, 20),
        half=False,
    ),
]
