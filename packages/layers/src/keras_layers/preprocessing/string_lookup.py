"""`StringLookup`: strings as indices of a vocabulary, and back."""

from typing import Any

from keras_backends.api import export

from keras_layers.documentation import documented
from keras_layers.preprocessing.base_lookup import CALL, LOOKUP, BaseLookup


@export("keras.layers.StringLookup")
@documented(arguments=LOOKUP, call=CALL)
class StringLookup(BaseLookup):
    """Gives each string its index in a vocabulary.

    Args:
        {arguments}
        encoding: How bytes are read as text.
        name: Name of the layer.
        salt: Integer or pair of integers, the key of the hash for values that are not in the vocabulary.
        **kwargs: Further arguments of `keras.Layer`.

    {call}

    Example:

        >>> layer = StringLookup(vocabulary=["red", "green"])
        >>> layer([["green", "blue", "red"]]).tolist()
        [[2, 0, 1]]
    """

    vocabulary_dtype = "string"
    token_kinds = "O"

    def __init__(
        self,
        max_tokens: int | None = None,
        num_oov_indices: int = 1,
        mask_token: str | None = None,
        oov_token: str = "[UNK]",
        vocabulary: Any = None,
        idf_weights: Any = None,
        invert: bool = False,
        output_mode: str = "int",
        pad_to_max_tokens: bool = False,
        sparse: bool = False,
        encoding: str = "utf-8",
        name: str | None = None,
        salt: Any = None,
        **kwargs: Any,
    ) -> None:
        self.encoding = encoding
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
            oov_method=kwargs.pop("oov_method", "floormod"),
            salt=salt,
            name=name,
            **kwargs,
        )

    def _token(self, value: Any) -> str:
        return value.decode(self.encoding, "replace") if isinstance(value, bytes) else str(value)
