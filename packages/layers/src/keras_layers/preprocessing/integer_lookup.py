"""`IntegerLookup`: integers as indices of a vocabulary, and back."""

from typing import Any

import numpy as np
from keras_backends.api import export

from keras_layers.documentation import documented
from keras_layers.preprocessing.base_lookup import CALL, LOOKUP, BaseLookup


@export("keras.layers.IntegerLookup")
@documented(arguments=LOOKUP, call=CALL)
class IntegerLookup(BaseLookup):
    """Gives each integer its index in a vocabulary.

    Args:
        {arguments}
        vocabulary_dtype: `"int64"` or `"int32"`.
        oov_method: `"floormod"`: the remainder says which index a value outside of the vocabulary has;
            `"farmhash"`: its hash.
        salt: Integer or pair of integers, the key of that hash.
        name: Name of the layer.
        **kwargs: Further arguments of `keras.Layer`.

    {call}

    Example:

        >>> layer = IntegerLookup(vocabulary=[51, 4])
        >>> layer([[4, 7, 51]]).tolist()
        [[2, 0, 1]]
    """

    token_kinds = "iu"

    def __init__(
        self,
        max_tokens: int | None = None,
        num_oov_indices: int = 1,
        mask_token: int | None = None,
        oov_token: int = -1,
        vocabulary: Any = None,
        vocabulary_dtype: str = "int64",
        idf_weights: Any = None,
        invert: bool = False,
        output_mode: str = "int",
        sparse: bool = False,
        pad_to_max_tokens: bool = False,
        oov_method: str = "floormod",
        salt: Any = None,
        name: str | None = None,
        **kwargs: Any,
    ) -> None:
        if vocabulary_dtype not in ("int32", "int64"):
            raise ValueError(
                "IntegerLookup: `vocabulary_dtype` must be 'int64' or 'int32', received "
                f"vocabulary_dtype={vocabulary_dtype!r}."
            )
        if oov_method not in ("floormod", "farmhash"):
            raise ValueError(
                f"IntegerLookup: `oov_method` must be 'floormod' or 'farmhash', received oov_method={oov_method!r}."
            )
        self.vocabulary_dtype = vocabulary_dtype
        super().__init__(
            max_tokens=max_tokens,
            num_oov_indices=num_oov_indices,
            mask_token=mask_token,
            oov_token=oov_token,
            vocabulary=vocabulary,
            idf_weights=idf_weights,
            invert=invert,
            output_mode=output_mode,
            pad_to_max_tokens=pad_to_max_tokens,
            sparse=sparse,
            oov_method=oov_method,
            salt=salt,
            name=name,
            **kwargs,
        )

    def _token(self, value: Any) -> int:
        return int(value)

    def _shown(self, token: int) -> Any:
        return np.dtype(self.vocabulary_dtype).type(token)

    def _hash(self, token: int) -> int:
        return token if self.oov_method == "floormod" and self.salt is None else super()._hash(token)
