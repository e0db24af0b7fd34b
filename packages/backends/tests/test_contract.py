"""The contract itself: every field of it is documented, and something reads it."""

import ast
import dataclasses
import re
from pathlib import Path

import pytest
from keras_backends import contract

PACKAGES = Path(contract.__file__).parents[3]
SOURCES = [
    path.read_text(encoding="utf-8")
    for path in PACKAGES.glob("*/src/keras_*/**/*.py")
    if path.name not in ("contract.py", "exported.py")
]
FIELDS = [
    (cls, field.name) for cls in (contract.Traits, contract.Backend) for field in dataclasses.fields(cls)
]
TREE = ast.parse(Path(contract.__file__).read_text(encoding="utf-8"))


@pytest.mark.parametrize(("cls", "name"), FIELDS)
def test_every_field_is_read(cls, name):
    """Of a value called `traits` or `backend`, or of what `active()` returns."""
    owner = r"traits" if cls is contract.Traits else r"(?:backend|active\(\))"
    assert any(re.search(rf"{owner}\.{name}\b", source) for source in SOURCES)


@pytest.mark.parametrize(("cls", "name"), FIELDS)
def test_every_field_says_what_it_is(cls, name):
    body = next(
        node.body for node in TREE.body if isinstance(node, ast.ClassDef) and node.name == cls.__name__
    )
    at = next(i for i, node in enumerate(body) if isinstance(node, ast.AnnAssign) and node.target.id == name)
    text = body[at + 1]
    assert isinstance(text, ast.Expr) and isinstance(text.value.value, str)
