"""Parts that a layer makes itself and that were quantized, or got LoRA, since: how files and clones know of them.

Neither the layer's config nor the names in a `DTypePolicyMap`, which are others in the next program, need say it: parts
are found again by the attributes that hold them. `LayerBuild` hands this to files, `keras_models.cloning` to clones.
"""

from collections.abc import Iterator, Mapping
from typing import Any


def adapted_parts(layer: Any) -> dict[str, Any]:
    """Returns what adapted layers inside a layer say of themselves, by where they are held.

    Those that are held by a layer whose config is in that of `layer` are left out: they are in its own entry.

    Args:
        layer: The layer.

    Returns:
        Plain data: for each part, by its place such as `"blocks/0/dense"`, its `adaptation`.

    Example:

        >>> from keras_layers.core.dense import Dense
        >>> adapted_parts(Dense(2))
        {}
    """
    inside = layer._flatten_layers(include_self=False) if layer._layers else ()
    if not any(map(_adaptation, inside)):
        return {}
    try:
        named = named_in(layer.get_config())
    except NotImplementedError:
        # Without a config it is in no file.
        return {}
    said = {place: _adaptation(part) for place, part in _parts(layer, "", named, {id(layer)})}
    return {place: adaptation for place, adaptation in said.items() if adaptation}


def _adaptation(part: Any) -> Any:
    return getattr(part, "adaptation", None)


def adapt_parts(layer: Any, adaptations: Mapping[str, Any]) -> None:
    """Adapts the layers inside a layer as those in another one were; values are for others to set.

    Args:
        layer: The layer.
        adaptations: What `adapted_parts` returned for the other one.

    Raises:
        ValueError: If it has no such part.
    """
    parts = dict(_parts(layer, "", frozenset(), {id(layer)})) if adaptations else {}
    for place, adaptation in adaptations.items():
        part = parts.get(place)
        if not hasattr(part, "adapt_again"):
            raise ValueError(
                f"Layer {layer.name!r} ({type(layer).__name__}): its part {place!r} was quantized, or got LoRA, in the "
                f"layer that this one is to be like, and there is no such part here. The parts are: {sorted(parts)}."
            )
        part.adapt_again(adaptation)


def named_in(config: Any) -> frozenset[str]:
    """Returns the names of the layers that a config holds configs of.

    Args:
        config: Plain data.

    Example:

        >>> sorted(named_in({"name": "a", "dtype": "float32", "layer": {"config": {"name": "b", "dtype": "float32"}}}))
        ['a', 'b']
    """
    if isinstance(config, dict):
        own = [config["name"]] if isinstance(config.get("name"), str) and "dtype" in config else []
        return frozenset(own).union(*map(named_in, config.values()))
    return frozenset().union(*map(named_in, config)) if isinstance(config, (list, tuple)) else frozenset()


def _parts(holder: Any, place: str, named: frozenset[str], seen: set[int]) -> Iterator[tuple[str, Any]]:
    """Layers inside a layer or container with their places, but for those that a config names."""
    for key, child in _children(holder):
        if id(child) in seen:
            continue
        seen.add(id(child))
        inner = f"{place}/{key}" if place else str(key)
        if getattr(child, "tracked_as", None) != "layer":
            yield from _parts(child, inner, named, seen)
        elif child.name not in named:
            yield inner, child
            yield from _parts(child, inner, named, seen)


def _children(holder: Any) -> Iterator[tuple[Any, Any]]:
    if hasattr(holder, "saveable_children"):
        yield from holder.saveable_children().items()
    elif isinstance(holder, dict):
        yield from holder.items()
    elif isinstance(holder, (list, tuple)):
        yield from enumerate(holder)
