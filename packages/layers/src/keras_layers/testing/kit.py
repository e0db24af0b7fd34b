"""`layer_test`: everything that must hold for every layer, checked from one sample of it.

Used by the tests of this package and by authors of layers. Each check makes layers of its own; what
holds for one layer only belongs in a test of that layer.
"""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from keras_backends.dtypes import is_float, is_int, standardize_dtype
from keras_backends.selection import active
from keras_ops import ops, tree
from keras_ops.masks import get_mask, set_mask
from keras_ops.serialize import deserialize_keras_object, serialize_keras_object
from keras_ops.state import StatelessScope
from keras_ops.tensor import KerasTensor

from keras_layers.layer import Layer

TOLERANCE = 1e-5


@dataclass(frozen=True)
class Sample:
    """A layer and how to call it.

    Attributes:
        cls: The class.
        init: Arguments of the constructor.
        shape: Shape of the input with its batch axis, or a list of shapes.
        dtype: Dtype of the input.
        high: For integers: inputs are in `[0, high)`.
        call: Further arguments of the call.
        tensors: Shapes of further tensors by the parameter of `call` that takes them.
        weights: Expected numbers of trainable and of other weights.
        random: Whether results differ from call to call.
        half: Whether results in half precision are checked.
        unknown_batch: Whether shapes are inferred without the batch size.
        saves: Whether the config can be saved.
    """

    cls: type[Layer]
    init: Mapping[str, Any] = field(default_factory=dict)
    shape: Any = (2, 3)
    dtype: str = "float32"
    high: int = 4
    call: Mapping[str, Any] = field(default_factory=dict)
    tensors: Mapping[str, tuple[int, ...]] = field(default_factory=dict)
    weights: tuple[int, int] = (0, 0)
    random: bool = False
    half: bool = True
    unknown_batch: bool = True
    saves: bool = True

    def layer(self, **kwargs: Any) -> Layer:
        """Makes the layer."""
        return self.cls(**{**self.init, **kwargs})

    def inputs(self) -> Any:
        """Makes tensors to call it on, the same ones each time."""
        rng = np.random.default_rng(7)
        return self._map(lambda shape: ops.convert_to_tensor(self._values(rng, shape)))

    def specs(self, batch: bool = True) -> Any:
        """Makes KerasTensors like them; without `batch` the first size is unknown."""
        return self._map(lambda shape: self._spec(shape, batch))

    def further(self) -> dict[str, Any]:
        """Makes the further arguments of the call, tensors included."""
        rng = np.random.default_rng(11)
        made = {name: rng.normal(size=shape).astype("float32") for name, shape in self.tensors.items()}
        return {**self.call, **{name: ops.convert_to_tensor(x) for name, x in made.items()}}

    def further_specs(self, batch: bool = True) -> dict[str, Any]:
        """Makes the further arguments of the call with KerasTensors for the tensors."""
        return {
            **self.call,
            **{name: self._spec(shape, batch, "float32") for name, shape in self.tensors.items()},
        }

    def _spec(self, shape: Any, batch: bool, dtype: str | None = None) -> KerasTensor:
        return KerasTensor(shape if batch else (None, *shape[1:]), dtype=dtype or self.dtype)

    def build(self, layer: Layer) -> None:
        """Builds a layer for the shapes of its tensors, as a call does."""
        if not self.tensors:
            layer.build(self.shape)
            return
        first = layer._facts.call.positional[0]
        shapes = {first: self.shape, **self.tensors}
        layer._build_for({f"{name}_shape": shape for name, shape in shapes.items()})

    def _values(self, rng: np.random.Generator, shape: tuple[int, ...]) -> np.ndarray:
        if is_int(self.dtype):
            return rng.integers(0, self.high, shape).astype(self.dtype)
        return rng.normal(size=shape).astype(self.dtype)

    def _map(self, make: Callable[[Any], Any]) -> Any:
        return [make(s) for s in self.shape] if isinstance(self.shape, list) else make(self.shape)

    def run(self, layer: Layer, inputs: Any = None) -> Any:
        """Calls a layer on the inputs."""
        return layer(self.inputs() if inputs is None else inputs, **self.further())


def layer_test(
    cls: type[Layer], init: Mapping[str, Any] | None = None, shape: Any = (2, 3), **facts: Any
) -> None:
    """Runs every check on one sample of a layer.

    Args:
        cls: The layer's class.
        init: Arguments of its constructor.
        shape: Shape of the input with its batch axis, or a list of shapes for a list of inputs.
        **facts: The other attributes of `Sample`.

    Raises:
        AssertionError: If a check fails.

    Example:

        >>> from keras_layers.core.dense import Dense
        >>> layer_test(Dense, {"units": 3}, (2, 4), weights=(2, 0))
    """
    sample = Sample(cls, init or {}, shape, **facts)
    for check in CHECKS:
        check(sample)


def check_config(sample: Sample) -> None:
    """The config is plain data, and a layer made from it has the same config and attributes."""
    layer = sample.layer()
    before = dir(layer)
    config = layer.get_config()
    again = sample.cls.from_config(config)
    assert dir(again) == before, f"attributes differ: {set(dir(again)) ^ set(before)}"
    assert again.get_config() == config, f"{again.get_config()} is not {config}"
    assert config == layer.get_config(), "from_config changed the config"
    if sample.saves:
        text = json.dumps(serialize_keras_object(layer))
        loaded = deserialize_keras_object(json.loads(text))
        assert type(loaded) is sample.cls
        assert json.dumps(serialize_keras_object(loaded)) == text


def check_build(sample: Sample) -> None:
    """Building by shape and building by a call make the same weights, in the numbers stated."""
    called, built = sample.layer(), sample.layer()
    no_weights = not any(sample.weights) and not called._facts.own_build and not called._layers
    assert called.built == no_weights
    sample.run(called)
    assert called.built
    sample.build(built)
    assert built.built
    for layer in (called, built):
        counts = len(layer.trainable_weights), len(layer.non_trainable_weights)
        assert counts == sample.weights, f"{counts} weights instead of {sample.weights}"
    assert _described(called) == _described(built)
    restored = sample.layer()
    restored.build_from_config(called.get_build_config() or {})
    if called.get_build_config():
        assert _described(restored) == _described(called)


def _described(layer: Layer) -> list[tuple[str, tuple[int, ...], str]]:
    return [(v.path.split("/", 1)[1], tuple(v.shape), v.dtype) for v in layer.weights]


def check_spec(sample: Sample) -> None:
    """Shapes and dtypes said for KerasTensors are those of the results, batch size known or not."""
    layer = sample.layer()
    results = sample.run(layer)
    for batch in (True, False) if sample.unknown_batch else (True,):
        specs = sample.layer()(sample.specs(batch), **sample.further_specs(batch))
        _assert_specs(specs, results, batch)
    args, kwargs = layer._shapes_for((sample.specs(),), sample.further_specs())
    shapes: list[Any] = []
    tree.map_shape_structure(shapes.append, layer.compute_output_shape(*args, **kwargs))
    for shape, x in zip(shapes, tree.flatten(results), strict=True):
        _assert_shape("compute_output_shape", shape, tuple(ops.shape(x)))


def _assert_specs(specs: Any, results: Any, batch: bool) -> None:
    for spec, x in zip(tree.flatten(specs), tree.flatten(results), strict=True):
        _assert_spec(spec, x, batch)


def _assert_spec(spec: KerasTensor, x: Any, batch: bool) -> None:
    _assert_shape("spec", spec.shape, tuple(ops.shape(x)))
    assert spec.shape[0] is not None or not batch, f"spec {spec.shape} of a known batch size"
    dtype = standardize_dtype(x.dtype)
    assert spec.dtype == dtype, f"spec {spec.dtype}, result {dtype}"


def _assert_shape(what: str, inferred: tuple[int | None, ...], shape: tuple[int, ...]) -> None:
    assert len(inferred) == len(shape) and all(a in (None, b) for a, b in zip(inferred, shape)), (
        f"{what} {inferred}, result {shape}"
    )


def check_repeat(sample: Sample) -> None:
    """A second call, which may skip the stages, gives what the first one gave."""
    if sample.random:
        return
    layer = sample.layer()
    inputs = sample.inputs()
    first, second, third = (sample.run(layer, inputs) for _ in range(3))
    _assert_close(first, second)
    _assert_close(first, third)
    as_arrays = tree.map_structure(ops.convert_to_numpy, inputs)
    _assert_close(first, sample.run(layer, as_arrays))


def check_weights(sample: Sample) -> None:
    """Weights travel through `get_weights` and through a file's store."""
    layer, twin, third = sample.layer(), sample.layer(), sample.layer()
    for made in (layer, twin, third):
        sample.run(made)
    twin.set_weights(layer.get_weights())
    for one, other in zip(_own_layers(layer), _own_layers(third)):
        store: dict[str, Any] = {}
        one.save_own_variables(store)
        other.load_own_variables({k: np.asarray(ops.convert_to_numpy(v)) for k, v in store.items()})
    if not sample.random:
        expected = sample.run(layer)
        _assert_close(sample.run(twin), expected)
        _assert_close(sample.run(third), expected)


def _own_layers(layer: Layer) -> list[Layer]:
    return list(layer._flatten_layers())


def check_restore(sample: Sample) -> None:
    """What files hold of a layer (config, build config, weights) makes one that computes the same."""
    layer = sample.layer()
    expected = sample.run(layer)
    if sample.saves:
        again = deserialize_keras_object(json.loads(json.dumps(serialize_keras_object(layer))))
    else:
        again = sample.cls.from_config(layer.get_config())
        again.build_from_config(json.loads(json.dumps(layer.get_build_config() or {})))
    if not again.built:
        sample.build(again)
    again.set_weights(layer.get_weights())
    if not sample.random:
        _assert_close(sample.run(again), expected)


def check_stateless(sample: Sample) -> None:
    """`stateless_call` computes what a call does, and changes nothing."""
    layer = sample.layer()
    sample.run(layer)
    before = layer.get_weights()
    trainable = [v.value for v in layer.trainable_variables]
    others = [v.value for v in layer.non_trainable_variables]
    outputs, updated = layer.stateless_call(trainable, others, sample.inputs(), **sample.further())
    assert len(updated) == len(others)
    for old, new in zip(before, layer.get_weights()):
        np.testing.assert_array_equal(old, new)
    if not sample.random:
        _assert_close(outputs, sample.run(layer))


def check_compiled(sample: Sample) -> None:
    """A compiled call computes what an eager one does, twice: also once nothing is traced any more."""
    backend = active()
    if not backend.traits.compiles:
        return
    layer = sample.layer()
    expected = sample.run(layer)
    trainable = [v.value for v in layer.trainable_variables]
    others = [v.value for v in layer.non_trainable_variables]

    def step(trainable: Any, others: Any, inputs: Any, tensors: Any) -> Any:
        return layer.stateless_call(trainable, others, inputs, **sample.call, **tensors)[0]

    compiled = backend.compile(step)
    tensors = {name: x for name, x in sample.further().items() if name in sample.tensors}
    for _ in range(2):
        outputs = compiled(trainable, others, sample.inputs(), tensors)
        if not sample.random:
            _assert_close(outputs, expected)


def check_dtypes(sample: Sample) -> None:
    """In half precision, results have the dtype that was inferred, and mixed layers keep float32 weights."""
    if not sample.half:
        return
    for name in ("float16", "mixed_bfloat16"):
        layer = sample.layer(dtype=name)
        results = sample.run(layer)
        specs = sample.layer(dtype=name)(sample.specs(), **sample.further_specs())
        _assert_specs(specs, results, True)
        for variable in layer.trainable_weights:
            assert variable.dtype == layer.variable_dtype


def check_mask(sample: Sample) -> None:
    """A layer that supports masks passes them on, or as it says, and heeds those that it takes."""
    layer = sample.layer()
    shapes = sample.shape if isinstance(sample.shape, list) else [sample.shape]
    if not layer.supports_masking or any(len(shape) < 3 for shape in shapes):
        return
    inputs = sample.inputs()
    masks = [_mask_for(x, i) for i, x in enumerate(tree.flatten(inputs))]
    _put_masks(inputs, masks)
    outputs = sample.run(layer, inputs)
    passed = masks if isinstance(inputs, list) else masks[0]
    expected = layer.compute_mask(inputs, passed) if layer._facts.own_mask else masks[0]
    flat = tree.flatten(outputs)
    wanted = expected if isinstance(expected, (list, tuple)) else [expected] * len(flat)
    for x, own in zip(flat, wanted, strict=True):
        mask = get_mask(x)
        assert (mask is None) == (own is None), f"mask {mask}, expected {own}"
        if mask is not None:
            np.testing.assert_array_equal(ops.convert_to_numpy(mask), ops.convert_to_numpy(own))
    if "mask" in layer._facts.mask_names and not sample.random and not isinstance(inputs, list):
        _check_heeded(sample, layer, inputs, outputs)


def _mask_for(x: Any, number: int) -> Any:
    """A mask of the first two axes in which neither all steps nor none count."""
    shape = tuple(ops.shape(x))[:2]
    return ops.convert_to_tensor((np.arange(np.prod(shape)).reshape(shape) + number) % 3 != 1)


def _put_masks(inputs: Any, masks: list[Any]) -> None:
    for x, mask in zip(tree.flatten(inputs), masks, strict=True):
        set_mask(x, mask)


def _check_heeded(sample: Sample, layer: Layer, inputs: Any, outputs: Any) -> None:
    """What masked steps hold does not matter to the results of the other ones."""
    mask = get_mask(inputs)
    kept = ops.convert_to_numpy(mask)
    values = np.array(ops.convert_to_numpy(inputs))
    values[~kept] += 1
    changed = ops.convert_to_tensor(values)
    set_mask(changed, mask)
    for x, y in zip(tree.flatten(outputs), tree.flatten(sample.run(layer, changed)), strict=True):
        x, y = ops.convert_to_numpy(x), ops.convert_to_numpy(y)
        same_steps = x.shape[:2] == kept.shape
        _assert_close(x[kept] if same_steps else x, y[kept] if same_steps else y)


def check_training(sample: Sample) -> None:
    """Every trainable weight has a finite gradient, and small steps against the gradients lower the loss."""
    layer = sample.layer()
    results = sample.run(layer)
    variables = layer.trainable_variables
    if not active().traits.trainable or not variables or not _all_floats(results):
        return
    first = last = _loss_and_gradients(sample, layer)[0]
    for _ in range(3):
        last, gradients = _loss_and_gradients(sample, layer)
        for variable, gradient in zip(variables, gradients):
            assert gradient is not None, f"no gradient for {variable.path}"
            assert np.isfinite(gradient).all(), f"gradient of {variable.path}: {gradient}"
        size = max(1.0, *(float(np.abs(gradient).max()) for gradient in gradients))
        for variable, gradient in zip(variables, gradients):
            variable.assign(variable.numpy() - 0.01 / size * gradient)
    last = _loss_and_gradients(sample, layer)[0]
    assert sample.random or last < first, f"the loss was {first} and is {last} after three steps"


def _loss_and_gradients(sample: Sample, layer: Layer) -> tuple[float, list[Any]]:
    values = [v._storage for v in layer.trainable_variables]
    (loss, _), gradients = active().gradients(_loss_of(sample, layer), values)
    arrays = [None if g is None else ops.convert_to_numpy(g) for g in gradients]
    return float(ops.convert_to_numpy(loss)), arrays


def _loss_of(sample: Sample, layer: Layer) -> Callable[[Any], tuple[Any, Any]]:
    inputs = sample.inputs()

    def loss() -> Any:
        outputs = tree.flatten(sample.run(layer, inputs))
        total = ops.sum(ops.square(outputs[0] - 1.5))
        for x in outputs[1:]:
            total = total + ops.sum(ops.square(x - 1.5))
        return total

    def function(values: Any) -> tuple[Any, Any]:
        if not active().traits.functional:
            return loss(), None
        with StatelessScope(state_mapping=list(zip(layer.trainable_variables, values))):
            return loss(), None

    return function


def _all_floats(results: Any) -> bool:
    return all(is_float(standardize_dtype(x.dtype)) for x in tree.flatten(results))


def _assert_close(got: Any, expected: Any) -> None:
    for x, y in zip(tree.flatten(got), tree.flatten(expected), strict=True):
        np.testing.assert_allclose(
            ops.convert_to_numpy(x).astype("float64"),
            ops.convert_to_numpy(y).astype("float64"),
            rtol=TOLERANCE,
            atol=TOLERANCE,
        )


CHECKS = (
    check_config,
    check_build,
    check_spec,
    check_repeat,
    check_weights,
    check_restore,
    check_stateless,
    check_compiled,
    check_dtypes,
    check_mask,
    check_training,
)
"""All checks, in the order in which `layer_test` runs them."""
