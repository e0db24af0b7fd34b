"""Tests of `keras_ops.tree`: every function on the kinds of containers, and what must be refused."""

import doctest
from collections import OrderedDict, defaultdict, namedtuple

import pytest
from keras_ops import tree

Point = namedtuple("Point", "x y")


class Bag(list):
    """A list subclass that is registered, as tracked lists are."""


tree.register(Bag, lambda bag: (list(bag), None), lambda _, children: Bag(children))

STRUCTURES = [
    (1, [1]),
    (None, [None]),
    ("ab", ["ab"]),
    ((), []),
    ([1, 2], [1, 2]),
    ((1, [2, (3,)]), [1, 2, 3]),
    ({"b": 2, "a": [1, None]}, [1, None, 2]),
    (OrderedDict([("b", 1), ("a", 2)]), [1, 2]),
    (defaultdict(int, {"b": 1, "a": 2}), [2, 1]),
    (Point(1, {"k": 2}), [1, 2]),
    (Bag([1, (2,)]), [1, 2]),
]


@pytest.mark.parametrize(("structure", "leaves"), STRUCTURES)
def test_flatten_pack_and_map_agree(structure, leaves):
    assert tree.flatten(structure) == leaves
    assert [leaf for _, leaf in tree.flatten_with_path(structure)] == leaves
    packed = tree.pack_sequence_as(structure, leaves)
    mapped = tree.map_structure(lambda x: x, structure)
    paired = tree.map_structure(lambda x, y: x, structure, structure)
    shallow = tree.map_structure_up_to(structure, lambda x: x, structure)
    walked = tree.traverse(lambda x: None, structure)
    for result in (packed, mapped, paired, shallow, walked):
        assert result == structure
        assert type(result) is type(structure)
    assert tree.is_nested(structure) == (leaves != [structure])


@pytest.mark.parametrize("order", ["map", "pair", "traverse", "up_to"])
def test_dicts_keep_the_order_of_insertion(order):
    structure = {"b": (1,), "a": (2,)}
    result = {
        "map": lambda: tree.map_structure(abs, structure),
        "pair": lambda: tree.map_structure(lambda x, y: x, structure, structure),
        "traverse": lambda: tree.lists_to_tuples(structure),
        "up_to": lambda: tree.map_structure_up_to(structure, lambda x: x, structure),
    }[order]()
    assert list(result) == ["b", "a"]


def test_none_is_a_leaf_unless_told_otherwise():
    assert tree.map_structure(str, [None, 1]) == ["None", "1"]
    assert tree.map_structure(str, [None, (1,)], none_is_leaf=False) == [None, ("1",)]
    assert tree.map_structure(str, None, none_is_leaf=False) is None
    assert tree.map_structure(lambda a, b: a + b, [None, 1], [None, 2], none_is_leaf=False) == [None, 3]


def test_several_structures_match_by_key():
    a, b = {"x": 1, "y": 2}, OrderedDict([("y", 20), ("x", 10)])
    assert tree.map_structure(lambda p, q: (p, q), a, b) == {"x": (1, 10), "y": (2, 20)}
    assert tree.map_structure(lambda p, q: p + q, [1], Bag([2])) == [3]


def test_map_up_to_stops_at_the_leaves_of_the_shallow_structure():
    deep = {"a": [1, 2], "b": (3,)}
    assert tree.map_structure_up_to({"a": 0, "b": 0}, len, deep) == {"a": 2, "b": 1}
    assert tree.map_structure_up_to(0, lambda x: x, deep) is deep


MISMATCHES = [
    ([1], (1,)),
    ([1], [1, 2]),
    ([1], [[1]]),
    ([[1]], [1]),
    ({"a": 1}, {"b": 1}),
    (1, [1]),
    ([1], 1),
    ((1, 2), Point(1, 2)),
]


@pytest.mark.parametrize(("a", "b"), MISMATCHES)
def test_structures_that_differ_are_refused(a, b):
    with pytest.raises(ValueError, match="do not match"):
        tree.assert_same_structure(a, b)
    with pytest.raises(ValueError, match="do not match"):
        tree.map_structure(lambda x, y: x, a, b)


def test_the_message_says_where():
    with pytest.raises(ValueError, match=r"2 items at \['a'\]\[1\], not 1"):
        tree.assert_same_structure({"a": [0, (1, 2)]}, {"a": [0, (1,)]})


def test_same_paths_ignores_the_kinds_of_containers():
    tree.assert_same_paths([1, (2,)], (1, [2]))
    with pytest.raises(ValueError, match="same paths"):
        tree.assert_same_paths([1, 2], [1])


def test_traverse_replaces_parts():
    def replace(x):
        if isinstance(x, list):
            return "list"
        return tree.MAP_TO_NONE if x == 3 else None

    structure = (1, [2], {"a": 3})
    assert tree.traverse(replace, structure) == (1, "list", {"a": None})
    seen = []
    tree.traverse(lambda x: seen.append(x), [1, [2]], top_down=False)
    assert seen == [1, 2, [2], [1, [2]]]


def test_shapes_are_leaves():
    assert tree.map_shape_structure(tuple, {"a": [None, 2], "b": ([1], ())}) == {
        "a": (None, 2),
        "b": ((1,), ()),
    }


@pytest.mark.parametrize(
    "call",
    [
        lambda: tree.map_structure(1, [1]),
        lambda: tree.map_structure_up_to([1], 1, [1]),
        lambda: tree.traverse(1, [1]),
        lambda: tree.map_shape_structure(1, [1]),
        lambda: tree.pack_sequence_as([1], 1),
    ],
)
def test_wrong_types_are_refused(call):
    with pytest.raises(TypeError):
        call()


@pytest.mark.parametrize(
    "call",
    [
        lambda: tree.map_structure(abs),
        lambda: tree.map_structure_up_to([1], abs),
        lambda: tree.pack_sequence_as([1, [2]], [1]),
        lambda: tree.pack_sequence_as([1, 2], [1]),
        lambda: tree.pack_sequence_as(1, [1, 2]),
    ],
)
def test_wrong_numbers_are_refused(call):
    with pytest.raises(ValueError):
        call()


def test_examples_run():
    assert doctest.testmod(tree).failed == 0
