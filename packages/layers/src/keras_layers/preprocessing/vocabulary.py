"""Vocabularies on the host: tokens counted in data, checked, and kept in files with one token per line.

Used by the lookups and `text_vectorization`; what indices mean is decided there.
"""

import json
from collections import Counter
from collections.abc import Iterable, Sequence
from itertools import chain
from pathlib import Path
from typing import Any

import numpy as np

_LINES, _LIST = "vocabulary.txt", "vocabulary.json"
"""Files of a vocabulary in a saved model: one token per line, or a list where tokens hold ends of lines."""


class TokenCounts:
    """How often tokens occur in data, and in how many documents."""

    def __init__(self) -> None:
        self.tokens: Counter[Any] = Counter()
        self.documents: Counter[Any] = Counter()
        self.total = 0

    def add(self, documents: Sequence[Sequence[Any]]) -> None:
        """Counts the tokens of documents."""
        self.tokens.update(chain.from_iterable(documents))
        self.documents.update(chain.from_iterable(map(set, documents)))
        self.total += len(documents)

    def most_common(self, limit: int | None, without: set[Any]) -> list[Any]:
        """Returns tokens by falling counts, equally frequent ones in reverse order."""
        ranked = sorted(
            ((n, token) for token, n in self.tokens.items() if token not in without), reverse=True
        )
        return [token for _, token in ranked[:limit]]

    def idf(self, tokens: Sequence[Any]) -> list[float]:
        """Returns the inverse document frequencies `log(1 + total / (1 + documents))`."""
        found = np.array([self.documents[token] for token in tokens], dtype="float64")
        return np.log1p(self.total / (1.0 + found)).tolist()


def checked_tokens(owner: Any, tokens: list[Any], special: list[Any], max_tokens: int | None) -> list[Any]:
    """Returns the tokens of a vocabulary without the special ones in front.

    Args:
        owner: The layer, for messages.
        tokens: The vocabulary as given.
        special: Mask and out-of-vocabulary tokens that have indices before the others.
        max_tokens: Most tokens, special ones included; `None` for any number.

    Raises:
        ValueError: If it is too long, repeats a token, or holds a special token elsewhere.
    """
    name = f"{type(owner).__name__} {owner.name!r}"
    if special and tokens[: len(special)] == special:
        tokens = tokens[len(special) :]
    repeated = [token for token, n in Counter(tokens).items() if n > 1]
    if repeated:
        raise ValueError(
            f"{name}: the vocabulary must not hold a token twice, received more of {repeated[:5]}."
        )
    for token in (owner.mask_token, owner.oov_token):
        if token is not None and token in tokens:
            raise ValueError(
                f"{name}: the vocabulary holds the special token {token!r}. Leave special tokens out, or start "
                f"with all of them: {special}."
            )
    if max_tokens is not None and len(special) + len(tokens) > max_tokens:
        raise ValueError(
            f"{name}: the vocabulary must not have more than max_tokens={max_tokens} tokens, special ones "
            f"included, received {len(special) + len(tokens)}."
        )
    return tokens


def read_tokens(path: Any, encoding: str = "utf-8") -> list[str]:
    """Returns the lines of a user's vocabulary file."""
    text = Path(path).read_text(encoding=encoding)
    return text.removesuffix("\n").split("\n") if text.strip("\n") else []


def save_tokens(folder: Any, tokens: Iterable[Any], encoding: str = "utf-8") -> None:
    """Writes the vocabulary of a saved model."""
    tokens = list(map(str, tokens))
    lines = "\n".join(tokens)
    if "\r" not in lines and lines.count("\n") < len(tokens) and _can_encode(lines, encoding):
        Path(folder, _LINES).write_text(lines, encoding=encoding)
    else:
        Path(folder, _LIST).write_text(json.dumps(tokens), encoding="utf-8")


def load_tokens(folder: Any, encoding: str = "utf-8") -> list[str]:
    """Returns the tokens that `save_tokens` wrote."""
    if Path(folder, _LIST).exists():
        return json.loads(Path(folder, _LIST).read_text(encoding="utf-8"))
    lines = Path(folder, _LINES).read_text(encoding=encoding)
    return lines.split("\n") if lines else []


def _can_encode(text: str, encoding: str) -> bool:
    try:
        text.encode(encoding)
    except UnicodeEncodeError:
        return False
    return True
