"""`keras.tree`: walking nested structures of lists, tuples, dicts and registered containers.

Everything that takes or returns structures of tensors uses it. The general work is optree's; leaves
and flat lists, tuples and dicts, which is what most calls see, never reach it. No tensors here.
"""

from collections.abc import Callable, Iterable, Sequence
from typing import Any

import optree
from keras_backends.api import export

NAMESPACE = "keras"
"""The optree namespace in which our containers are registered."""

Structure = Any

_nested_types: dict[type, bool] = {dict: True, list: True, tuple: True, type(None): False}
"""Whether instances of a type are inner nodes; filled as types are met."""

_PLAIN = (list, tuple)


@export("keras.tree.MAP_TO_NONE")
class MAP_TO_NONE:
    """What a function given to `traverse` returns to put `None` into the result.

    Example:

        >>> traverse(lambda x: MAP_TO_NONE if x == 2 else None, [1, [2]])
        [1, [None]]
    """


def register(
    cls: type,
    flatten: Callable[[Any], tuple[Iterable[Any], Any]],
    unflatten: Callable[[Any, Iterable[Any]], Any],
) -> None:
    """Makes instances of a class inner nodes of structures.

    Args:
        cls: The container class.
        flatten: Gives `(children, metadata)`, or `(children, metadata, keys)`.
        unflatten: Rebuilds an instance from `(metadata, children)`.
    """
    optree.register_pytree_node(cls, flatten, unflatten, namespace=NAMESPACE)
    _nested_types[cls] = True


@export("keras.tree.is_nested")
def is_nested(structure: Structure) -> bool:
    """Says whether `structure` is a container (list, tuple, dict, ...) rather than a leaf.

    Example:

        >>> is_nested([1, 2]), is_nested("ab"), is_nested(None), is_nested(())
        (True, False, False, True)
    """
    nested = _nested_types.get(type(structure))
    if nested is None:
        nested = not optree.tree_is_leaf(structure, none_is_leaf=True, namespace=NAMESPACE)
        _nested_types[type(structure)] = nested
    return nested


def _flat(children: Iterable[Any]) -> bool:
    return not any(map(is_nested, children))


@export("keras.tree.flatten")
def flatten(structure: Structure) -> list[Any]:
    """Returns the leaves of a structure; dicts are read in the order of their sorted keys.

    Args:
        structure: Any structure; a leaf counts as a structure of one. `None` is a leaf.

    Example:

        >>> flatten({"b": [2, 3], "a": 1})
        [1, 2, 3]
    """
    if not is_nested(structure):
        return [structure]
    if type(structure) in _PLAIN and _flat(structure):
        return list(structure)
    return optree.tree_leaves(structure, none_is_leaf=True, namespace=NAMESPACE)


@export("keras.tree.flatten_with_path")
def flatten_with_path(structure: Structure) -> list[tuple[tuple[Any, ...], Any]]:
    """Returns pairs of path and leaf; a path is the tuple of keys and indices that lead to it.

    Args:
        structure: Any structure.

    Example:

        >>> flatten_with_path({"a": [1, 2]})
        [(('a', 0), 1), (('a', 1), 2)]
    """
    paths, leaves, _ = optree.tree_flatten_with_path(structure, none_is_leaf=True, namespace=NAMESPACE)
    return list(zip(paths, leaves))


@export("keras.tree.map_structure")
def map_structure(func: Callable[..., Any], *structures: Structure, none_is_leaf: bool = True) -> Structure:
    """Applies a function to the leaves of one structure, or to matching leaves of several.

    Args:
        func: Called with one leaf of each structure.
        *structures: Structures that match; the kinds of dict may differ.
        none_is_leaf: Whether `func` is called for `None` too; otherwise `None` stays `None`.

    Returns:
        A structure like the first one.

    Raises:
        TypeError: If `func` is not callable.
        ValueError: If there is no structure, or they do not match.

    Example:

        >>> map_structure(lambda x, y: x + y, {"a": 1, "b": (2,)}, {"a": 10, "b": (20,)})
        {'a': 11, 'b': (22,)}
    """
    _check_callable(func)
    if len(structures) != 1:
        return _map_many(func, structures, none_is_leaf)
    structure = structures[0]
    if not is_nested(structure):
        return None if structure is None and not none_is_leaf else func(structure)
    kind = type(structure)
    if none_is_leaf and kind in _PLAIN and _flat(structure):
        return kind(map(func, structure))
    return optree.tree_map(func, structure, none_is_leaf=none_is_leaf, namespace=NAMESPACE)


def _map_many(func: Callable[..., Any], structures: tuple[Structure, ...], none_is_leaf: bool) -> Structure:
    if not structures:
        raise ValueError("map_structure: expected at least one structure, received none.")
    leaves, spec = optree.tree_flatten(structures[0], none_is_leaf=True, namespace=NAMESPACE)
    columns = [leaves]
    for other in structures[1:]:
        values, other_spec = optree.tree_flatten(other, none_is_leaf=True, namespace=NAMESPACE)
        # Specs that differ may still match: in the kind of dict, and so in the order of keys.
        columns.append(values if spec == other_spec else _matched(structures[0], other, exact=True))
    if none_is_leaf:
        results = [func(*row) for row in zip(*columns)]
    else:
        results = [None if row[0] is None else func(*row) for row in zip(*columns)]
    return optree.tree_unflatten(spec, results)


@export("keras.tree.map_structure_up_to")
def map_structure_up_to(
    shallow_structure: Structure, func: Callable[..., Any], *structures: Structure
) -> Structure:
    """Applies a function to those parts of structures that stand where the shallow one has leaves.

    Args:
        shallow_structure: Says how deep to go.
        func: Called with one part of each structure.
        *structures: Structures that begin like the shallow one.

    Returns:
        A structure like the shallow one.

    Raises:
        TypeError: If `func` is not callable.
        ValueError: If there is no structure, or one does not begin like the shallow one.

    Example:

        >>> map_structure_up_to({"a": 0, "b": 0}, len, {"a": [1, 2], "b": "xyz"})
        {'a': 2, 'b': 3}
    """
    _check_callable(func)
    if not structures:
        raise ValueError("map_structure_up_to: expected at least one structure, received none.")
    columns = [_matched(shallow_structure, structure, exact=False) for structure in structures]
    return pack_sequence_as(shallow_structure, [func(*row) for row in zip(*columns)])


@export("keras.tree.assert_same_structure")
def assert_same_structure(a: Structure, b: Structure, check_types: Any = None) -> None:
    """Checks that two structures are nested in the same way.

    Lists and tuples differ from each other; dicts of any kind with the same keys do not.

    Args:
        a: A structure.
        b: Another one.
        check_types: Ignored, accepted for older code.

    Raises:
        ValueError: If they differ; the message says where.

    Example:

        >>> assert_same_structure([1, {"a": 2}], ["x", {"a": None}])
    """
    _matched(a, b, exact=True)


@export("keras.tree.assert_same_paths")
def assert_same_paths(a: Structure, b: Structure) -> None:
    """Checks that the leaves of two structures have the same paths, whatever the containers are.

    Args:
        a: A structure.
        b: Another one.

    Raises:
        ValueError: If they differ.

    Example:

        >>> assert_same_paths([1, 2], (3, 4))
    """
    left = {path for path, _ in flatten_with_path(a)}
    right = {path for path, _ in flatten_with_path(b)}
    if left != right:
        raise ValueError(
            f"Expected structures with the same paths. Only in the first one: {sorted(left - right, key=str)}; "
            f"only in the second one: {sorted(right - left, key=str)}. Received: a={a!r}, b={b!r}"
        )


@export("keras.tree.pack_sequence_as")
def pack_sequence_as(structure: Structure, flat_sequence: Sequence[Any]) -> Structure:
    """Puts values in the places of the leaves of a structure: the inverse of `flatten`.

    Args:
        structure: The structure to take the form from.
        flat_sequence: As many values as it has leaves.

    Raises:
        TypeError: If `flat_sequence` is no sequence.
        ValueError: If there are more or fewer values than leaves.

    Example:

        >>> pack_sequence_as({"a": 0, "b": [0, 0]}, [1, 2, 3])
        {'a': 1, 'b': [2, 3]}
    """
    if not is_nested(flat_sequence):
        raise TypeError(
            "pack_sequence_as: `flat_sequence` should be a list or tuple of values. "
            f"Received: flat_sequence={flat_sequence!r} of type {type(flat_sequence).__name__}"
        )
    count = len(flat_sequence)
    if not is_nested(structure):
        expected = 1
        if count == 1:
            return flat_sequence[0]
    elif type(structure) in _PLAIN and _flat(structure):
        expected = len(structure)
        if count == expected:
            return type(structure)(flat_sequence)
    else:
        spec = optree.tree_structure(structure, none_is_leaf=True, namespace=NAMESPACE)
        expected = spec.num_leaves
        if count == expected:
            return optree.tree_unflatten(spec, flat_sequence)
    raise ValueError(
        f"pack_sequence_as: the structure has {expected} leaves, but {count} values were given. "
        f"Received: structure={structure!r}, flat_sequence={flat_sequence!r}"
    )


@export("keras.tree.traverse")
def traverse(func: Callable[[Structure], Any], structure: Structure, top_down: bool = True) -> Structure:
    """Calls a function on every part of a structure, containers included, and rebuilds it.

    Args:
        func: Called with a part. It returns what to put in its place, `None` to leave the part as
            it is, or `MAP_TO_NONE` to put `None` in its place.
        structure: The structure.
        top_down: Whether a container comes before its children (children of a part that was
            replaced are not visited) or after them.

    Raises:
        TypeError: If `func` is not callable.

    Example:

        >>> traverse(lambda x: tuple(x) if isinstance(x, list) else None, [1, [2]], top_down=False)
        (1, (2,))
    """
    _check_callable(func)
    return _traverse(func, structure, top_down)


def _traverse(func: Callable[[Structure], Any], structure: Structure, top_down: bool) -> Structure:
    if top_down:
        replaced = func(structure)
        if replaced is not None:
            return None if replaced is MAP_TO_NONE else replaced
    if type(structure) in _PLAIN:
        structure = type(structure)([_traverse(func, part, top_down) for part in structure])
    elif type(structure) is dict:
        structure = {key: _traverse(func, part, top_down) for key, part in structure.items()}
    elif is_nested(structure):
        level = optree.tree_flatten_one_level(structure, none_is_leaf=True, namespace=NAMESPACE)
        parts = [_traverse(func, part, top_down) for part in level[0]]
        structure = level.unflatten_func(level[1], parts)
    if not top_down:
        replaced = func(structure)
        if replaced is not None:
            return None if replaced is MAP_TO_NONE else replaced
    return structure


@export("keras.tree.lists_to_tuples")
def lists_to_tuples(structure: Structure) -> Structure:
    """Returns the structure with every list replaced by a tuple, so that it can be hashed.

    Args:
        structure: Any structure.

    Example:

        >>> lists_to_tuples([1, {"a": [2, 3]}])
        (1, {'a': (2, 3)})
    """
    return _traverse(lambda part: tuple(part) if isinstance(part, list) else None, structure, False)


@export("keras.tree.map_shape_structure")
def map_shape_structure(func: Callable[[Any], Any], structure: Structure) -> Structure:
    """Applies a function to the shapes in a structure; a list or tuple of sizes is one leaf.

    Args:
        func: Called with a shape.
        structure: Structure of shapes.

    Raises:
        TypeError: If `func` is not callable.

    Example:

        >>> map_shape_structure(len, {"a": (None, 3), "b": [(1,), (2, 2, 2)]})
        {'a': 2, 'b': [1, 3]}
    """
    _check_callable(func)
    return optree.tree_map(func, structure, is_leaf=is_shape, none_is_leaf=True, namespace=NAMESPACE)


def is_shape(x: Any) -> bool:
    """Says whether `x` is a list or tuple of sizes: integers and `None` only."""
    return isinstance(x, _PLAIN) and all(size is None or hasattr(size, "__index__") for size in x)


def _check_callable(func: Any) -> None:
    if not callable(func):
        raise TypeError(f"`func` should be callable. Received: func={func!r} of type {type(func).__name__}")


def _matched(a: Structure, b: Structure, *, exact: bool) -> list[Any]:
    """What stands in `b` at each leaf of `a`: a leaf too if `exact`, else anything.

    Raises:
        ValueError: If `b` is not nested like `a`.
    """
    found: list[Any] = []
    difference = _match(a, b, (), found, exact)
    if difference:
        raise ValueError(
            f"The structures do not match: expected {difference}. "
            f"Received: first structure {a!r}, other structure {b!r}"
        )
    return found


def _match(a: Structure, b: Structure, path: tuple[Any, ...], found: list[Any], exact: bool) -> str | None:
    """Fills `found`; returns a description of the first difference, if there is one."""
    place = "".join(f"[{key!r}]" for key in path) or "the top"
    if not is_nested(a):
        if exact and is_nested(b):
            return f"a leaf at {place}, not a {type(b).__name__}"
        found.append(b)
        return None
    if not _same_kind(a, b):
        return f"a {type(a).__name__} at {place}, not a {type(b).__name__}"
    keys, children = _children(a)
    other_keys, others = _children(b)
    if isinstance(a, dict):
        if set(keys) != set(other_keys):
            return f"the keys {list(keys)} at {place}, not {list(other_keys)}"
        others = [b[key] for key in keys]
    elif len(keys) != len(other_keys):
        return f"{len(keys)} items at {place}, not {len(other_keys)}"
    for key, child, other in zip(keys, children, others):
        difference = _match(child, other, (*path, key), found, exact)
        if difference:
            return difference
    return None


def _same_kind(a: Structure, b: Structure) -> bool:
    if type(a) is type(b):
        return True
    if not is_nested(b):
        return False
    # A tracked list is a list, an OrderedDict is a dict; a named tuple is a kind of its own.
    return any(isinstance(a, kind) and isinstance(b, kind) for kind in (dict, list)) or (
        all(isinstance(x, tuple) and not hasattr(x, "_fields") for x in (a, b))
    )


def _children(structure: Structure) -> tuple[Sequence[Any], Sequence[Any]]:
    """Keys and children of one level, in the order of `flatten`."""
    if type(structure) in _PLAIN:
        return range(len(structure)), structure
    level = optree.tree_flatten_one_level(structure, none_is_leaf=True, namespace=NAMESPACE)
    return level[2], level[0]
