"""Derivatives of functions of tensors. Gradients of losses are the business of a backend's engine."""

from collections.abc import Callable, Sequence
from typing import Any

from keras_backends.api import export
from keras_backends.contract import KernelMissing

from keras_ops.inference import compute_output_spec
from keras_ops.op import op
from keras_ops.operations.core import convert_to_tensor
from keras_ops.operations.core import dtype as dtype_of
from keras_ops.operations.packing import Packing, Structure
from keras_ops.state import state
from keras_ops.tensor import KerasTensor, Tensor


def _jvp_spec(
    primals: Sequence[KerasTensor], tangents: Sequence[KerasTensor], function: Callable[..., Any]
) -> tuple[list[KerasTensor], ...]:
    outputs, aux = compute_output_spec(function, *primals)
    return outputs, [KerasTensor.make(x._shape, x.dtype) for x in outputs], aux


@op(spec=_jvp_spec, call=("function",), module="linalg")
def _jvp(
    primals: Sequence[Tensor], tangents: Sequence[Tensor], function: Callable[..., Any]
) -> tuple[list[Tensor], list[Tensor], list[Tensor]]:
    """Outputs of a function, their derivatives along the tangents and what else it returns, see `jvp`."""


@export(["keras.ops.jvp", "keras.ops.linalg.jvp"])
def jvp(
    fun: Callable[..., Any],
    primals: Sequence[Structure],
    tangents: Sequence[Structure],
    has_aux: bool = False,
) -> tuple[Any, ...]:
    """Calls a function and differentiates it in a direction (forward mode).

    Args:
        fun: Function of tensors or structures of tensors.
        primals: Its arguments.
        tangents: The direction: for each argument one of the same shape.
        has_aux: Whether `fun` returns a pair whose second part is not differentiated.

    Returns:
        What `fun` returns, and the derivatives of that; with `has_aux` also the second part.

    Raises:
        ValueError: If there are not as many tangents as primals.
        NotImplementedError: If the backend takes no derivatives.

    Example:

        jvp(square, (convert_to_tensor(3.0),), (convert_to_tensor(1.0),))  # (9., 6.)
    """
    inputs, directions = Packing(list(primals)), Packing(list(tangents))
    if len(inputs.leaves) != len(directions.leaves):
        raise ValueError(
            f"ops.jvp: expected a tangent for each primal, received {len(inputs.leaves)} primals and "
            f"{len(directions.leaves)} tangents."
        )
    points = [convert_to_tensor(x) for x in inputs.leaves]
    if not state.backend.traits.trainable and not any(isinstance(x, KerasTensor) for x in points):
        raise KernelMissing(
            f"ops.jvp differentiates, which the {state.backend.name!r} backend can not. Set KERAS_BACKEND to 'jax', "
            "'torch' or 'tensorflow'."
        )
    made: list[Packing] = []

    def function(*leaves: Any) -> tuple[list[Any], list[Any]]:
        result = fun(*inputs.pack(leaves))
        made[:] = map(Packing, result if has_aux else (result, None))
        outputs, aux = ([convert_to_tensor(x) for x in packing.leaves] for packing in made)
        return outputs, aux

    moves = [convert_to_tensor(t, dtype_of(x)) for t, x in zip(directions.leaves, points)]
    outputs, derivatives, aux = _jvp(points, moves, function)
    results = made[0].pack(outputs), made[0].pack(derivatives)
    return (*results, made[1].pack(aux)) if has_aux else results
