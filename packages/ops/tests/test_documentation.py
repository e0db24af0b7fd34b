"""Docstrings are complete when the texts of families are inserted."""

import re

import pytest
from keras_backends.api import exported_names
from keras_ops import activations
from keras_ops.documentation import continued, documented
from keras_ops.operations import all_operations

OPERATIONS = all_operations()

PUBLIC = {name: o for name, o in OPERATIONS.items() if exported_names(o.dispatcher)}


def test_operations_document_every_parameter():
    undocumented = [
        (name, parameter)
        for name, operation in PUBLIC.items()
        for parameter in operation.parameters
        if not re.search(rf"^ {{8}}(.*, )?\*?{parameter}[,:]", operation.dispatcher.__doc__, re.MULTILINE)
    ]
    assert len(PUBLIC) > 300 and not undocumented


def test_operations_have_their_texts_filled():
    unfilled = {name: re.findall(r"\{\w+\}", o.dispatcher.__doc__) for name, o in PUBLIC.items()}
    assert not {name: marks for name, marks in unfilled.items() if marks}


@pytest.mark.parametrize("name", sorted(activations.FAMILY.names))
def test_activations_document_arguments_and_have_an_example(name):
    doc = activations.FAMILY.names[name].__doc__
    assert "\n    Args:\n        x: " in doc and "\n    Example:\n" in doc


def test_texts_are_indented_as_the_line_that_they_stand_in():
    @documented(both="Args:\n    x: One.\n\nReturns:\n    The other.")
    class Box:
        """A box.

        {both}
        """

    expected = "A box.\n\n@Args:\n@    x: One.\n\n@Returns:\n@    The other.\n@"
    assert Box.__doc__ == expected.replace("@", " " * 8)


def test_what_has_no_docstring_stays_without():
    def silent():
        return None

    assert documented(text="x")(silent).__doc__ is None
    assert continued(documented)(silent).__doc__ is None
