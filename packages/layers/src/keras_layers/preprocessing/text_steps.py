"""Texts to tokens, in the steps of `TextVectorization`: standardize, split, join n-grams, look up.

All of it works on many texts at once, in plain Python and NumPy. The layer says which steps there are; vocabularies
are in `base_lookup`.
"""

import string
from collections.abc import Callable, Iterator, Sequence

import numpy as np

_PUNCTUATION = string.punctuation.encode()
_SAME = bytes(range(256))
_LOWER = bytes.maketrans(string.ascii_uppercase.encode(), string.ascii_lowercase.encode())
STANDARDIZE: dict[str, tuple[bytes, bytes]] = {
    "lower_and_strip_punctuation": (_LOWER, _PUNCTUATION),
    "lower": (_LOWER, b""),
    "strip_punctuation": (_SAME, _PUNCTUATION),
}
"""Ways to standardize: what becomes of each byte of UTF-8, and the bytes that are left out. All of these stand for
ASCII characters: only ASCII letters are lowered, so that vocabularies of saved models still fit."""
SPLIT: dict[str, Callable[[str], list[str]]] = {"whitespace": str.split, "character": list}
_BETWEEN = "\0"
_AT_ONCE = 2048
"""Texts whose tokens are made and looked up before those of the next: few enough to stay in the processor's cache."""


def standardized(texts: Sequence[str], way: str) -> list[str]:
    """Standardizes texts in a way of `STANDARDIZE`.

    Example:

        >>> standardized(["Wind, and RAIN!", "É"], "lower_and_strip_punctuation")
        ['wind and rain', 'É']
    """
    joined = _BETWEEN.join(texts).encode("utf-8", "surrogatepass")
    result = joined.translate(*STANDARDIZE[way]).decode("utf-8", "surrogatepass")
    if len(texts) == 1:
        return [result]
    parts = result.split(_BETWEEN)
    # More parts than texts: one of them holds what was put between them.
    return parts if len(parts) == len(texts) else [standardized([text], way)[0] for text in texts]


def with_ngrams(tokens: list[str], lengths: Sequence[int]) -> list[str]:
    """Returns the n-grams of tokens, of each length in turn.

    Example:

        >>> with_ngrams(["a", "red", "rose"], (1, 2))
        ['a', 'red', 'rose', 'a red', 'red rose']
    """
    return [" ".join(part) for n in lengths for part in zip(*(tokens[i:] for i in range(n)))]


def in_parts(texts: np.ndarray) -> Iterator[np.ndarray]:
    """Yields an array of texts in parts that are worked on at once; an empty array is one part."""
    for start in range(0, max(len(texts), 1), _AT_ONCE):
        yield texts[start : start + _AT_ONCE]


def padded(values: np.ndarray, lengths: np.ndarray, width: int, padding: int) -> np.ndarray:
    """Returns rows of different lengths as a matrix.

    Args:
        values: The rows, one after the other, of shape `(n,)`; none is longer than `width`.
        lengths: Length of each row, of shape `(rows,)`.
        width: Number of columns.
        padding: What fills rows up.

    Example:

        >>> padded(np.array([5, 6, 7]), np.array([1, 2]), 3, 0).tolist()
        [[5, 0, 0], [6, 7, 0]]
    """
    result = np.full((len(lengths), width), padding, dtype="int64")
    if len(values) == result.size:
        result.ravel()[:] = values
    else:
        result[np.arange(width) < lengths[:, None]] = values
    return result
