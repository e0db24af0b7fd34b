"""The objects whose state is saved, each with its path: layers, metrics, optimizers inside a model.

Readers and writers of weight files walk an object with `walk`; the paths are the groups of the files.
What an object stores is its own affair (`save_own_variables`), what it contains it says through
`saveable_children`.
"""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from keras_ops.naming import to_snake_case

_CONTAINERS = (list, tuple, set, dict)
_SAVED_KINDS = frozenset({"layer", "metric", "optimizer"})
_NOT_CHILDREN = frozenset({"_init_arguments"})


def walk(root: Any) -> Iterator[tuple[str, Any]]:
    """Yields `(path, object)` for an object and everything saveable below it, each object once.

    The path of `root` is `""`. Below it paths are made of attribute names; things in a list, tuple, set
    or dict are called by their class in snake case, with a counter from the second one on.

    Args:
        root: A layer, model, metric or optimizer.
    """
    yield from _walk_object(root, "", {id(root)})


def _walk_object(obj: Any, path: str, seen: set[int]) -> Iterator[tuple[str, Any]]:
    yield path, obj
    for name, child in _children(obj).items():
        inner = f"{path}/{name}" if path else name
        if is_saveable(child):
            if id(child) not in seen:
                seen.add(id(child))
                yield from _walk_object(child, inner, seen)
        elif isinstance(child, _CONTAINERS):
            yield from _walk_container(child, inner, seen)


def _walk_container(container: Any, path: str, seen: set[int]) -> Iterator[tuple[str, Any]]:
    counts: dict[str, int] = {}
    for item in _items(container):
        nested = isinstance(item, _CONTAINERS)
        if not nested and not is_saveable(item):
            continue
        # What is stored elsewhere already counts too: names do not depend on other parts of the tree.
        stem = "container" if nested else to_snake_case(type(item).__name__)
        count = counts[stem] = counts.get(stem, -1) + 1
        inner = f"{path}/{stem}_{count}" if count else f"{path}/{stem}"
        if nested:
            yield from _walk_container(item, inner, seen)
        elif id(item) not in seen:
            seen.add(id(item))
            yield from _walk_object(item, inner, seen)


def _items(container: Any) -> Iterable[Any]:
    return container.values() if isinstance(container, Mapping) else container


def is_saveable(obj: Any) -> bool:
    """Says whether an object has state of its own in files."""
    if isinstance(obj, type):
        return False
    return getattr(obj, "tracked_as", None) in _SAVED_KINDS or (
        hasattr(obj, "save_own_variables") and hasattr(obj, "load_own_variables")
    )


def _children(obj: Any) -> Mapping[str, Any]:
    """What an object contains, public names first."""
    if hasattr(obj, "saveable_children"):
        return obj.saveable_children()
    attributes = {name: value for name, value in vars(obj).items() if name not in _NOT_CHILDREN}
    return dict(sorted(attributes.items(), key=lambda item: (item[0].startswith("_"), item[0])))


def own_values(obj: Any) -> dict[str, Any]:
    """Returns what an object stores for itself, by name: variables, tensors, arrays."""
    store: dict[str, Any] = {}
    if hasattr(obj, "save_own_variables"):
        obj.save_own_variables(store)
    else:
        store.update((str(i), variable) for i, variable in enumerate(obj.variables))
    return store


def set_own_values(obj: Any, values: Mapping[str, Any]) -> None:
    """Gives an object what `own_values` returned."""
    if hasattr(obj, "load_own_variables"):
        obj.load_own_variables(values)
        return
    variables = list(obj.variables)
    if len(variables) != len(values):
        raise ValueError(
            f"{type(obj).__name__} {getattr(obj, 'name', '')!r} expected {len(variables)} variables, received "
            f"{len(values)} in the file."
        )
    for i, variable in enumerate(variables):
        variable.assign(values[str(i)])
