"""PyTorch kernels of neural-network operations that are neither elementwise nor windows.

Most are fused versions of composites; they return `NotImplemented` where they do not fit, and the
operation's own body runs.
"""

import math

import torch
import torch.nn.functional as _f
from torch.nn import attention as _attention

from keras_backends.torch.tensors import DTYPES as _DTYPES

_MASKED = -0.7 * torch.finfo(torch.float32).max


def one_hot(x, *, num_classes, axis=-1, dtype="float32", sparse=False):
    if sparse:
        return NotImplemented
    axis = range(x.ndim + 1)[axis]
    classes = torch.arange(num_classes, device=x.device).reshape((-1,) + (1,) * (x.ndim - axis))
    return (x.unsqueeze(axis) == classes).to(_DTYPES[dtype])


def batch_normalization(x, mean, variance, offset=None, scale=None, *, axis, epsilon=1e-3):
    # PyTorch's function gives the statistics no gradient, as while training they need one.
    if mean.requires_grad or variance.requires_grad or not x.is_floating_point():
        return NotImplemented
    y = _f.batch_norm(x.movedim(axis, 1), mean, variance, scale, offset, False, 0.0, epsilon)
    return y.movedim(1, axis)


normalize_by_averages = batch_normalization


def normalize_batch(x, scale=None, offset=None, *, axis=-1, epsilon=1e-3):
    if x.dtype not in (torch.float32, torch.float64):
        return NotImplemented
    # Of three axes the function wants the channels in the middle of memory too, of others it does not.
    flat = x.ndim == 3 and axis in (-1, 2)
    moved = x.reshape(-1, x.shape[-1]) if flat else x.movedim(axis, 1)
    y, mean, factor = torch.native_batch_norm(moved, scale, offset, None, None, True, 0.0, epsilon)
    return y.reshape(x.shape) if flat else y.movedim(1, axis), mean, factor.pow(-2) - epsilon


def squared_difference(target, output):
    if target.shape != output.shape:  # The gradient of the function takes no others.
        target, output = torch.broadcast_tensors(target, output)
    return _f.mse_loss(output, target, reduction="none")


def layer_normalization(x, gamma=None, beta=None, *, axis=-1, epsilon=None, rms_scaling=False):
    shape = _trailing_shape(x, axis)
    if rms_scaling or epsilon is None or not all(_scales(t, x, shape) for t in (gamma, beta)):
        return NotImplemented
    return _f.layer_norm(x, shape, gamma, beta, epsilon)


def rms_normalization(x, scale=None, *, axis=-1, epsilon=None):
    shape = _trailing_shape(x, axis)
    if epsilon is None or not _scales(scale, x, shape):
        return NotImplemented
    return _f.rms_norm(x, shape, scale, epsilon)


def binary_crossentropy(target, output, *, from_logits=False):
    # PyTorch clips logarithms of probabilities, where the operation clips the probabilities.
    if not from_logits or target.shape != output.shape:
        return NotImplemented
    return _f.binary_cross_entropy_with_logits(output, target, reduction="none")


def sparse_categorical_crossentropy(target, output, *, from_logits=False, axis=-1):
    classes = output.movedim(axis, 1) if output.ndim > 1 else output
    if not from_logits or output.ndim < 2 or target.shape != (classes.shape[:1] + classes.shape[2:]):
        return NotImplemented
    return _f.cross_entropy(classes, target.long(), reduction="none")


def dot_product_attention(
    query,
    key,
    value,
    bias=None,
    mask=None,
    *,
    scale=None,
    is_causal=False,
    flash_attention=None,
    attn_logits_soft_cap=None,
):
    if attn_logits_soft_cap is not None:
        return NotImplemented
    query, key, value = (t.transpose(1, 2) for t in (query, key, value))
    if is_causal and not (mask is None and bias is None):
        # The functions take a flag or a mask, not both.
        causal = torch.ones(query.shape[2], key.shape[2], dtype=torch.bool, device=query.device).tril()
        mask = causal if mask is None else mask.bool() & causal
        is_causal = False
    if mask is not None:
        # Added instead of minus infinity, so that rows without any position give no NaN.
        hidden = torch.full(
            (), max(_MASKED, torch.finfo(query.dtype).min), dtype=query.dtype, device=query.device
        )
        mask = torch.where(mask.bool(), torch.zeros_like(hidden), hidden)
        bias = mask if bias is None else bias + mask
    options = {
        "attn_mask": bias,
        "is_causal": is_causal,
        "scale": 1 / math.sqrt(query.shape[-1]) if scale is None else scale,
        "enable_gqa": query.shape[1] != key.shape[1],
    }
    if flash_attention is None:
        result = _f.scaled_dot_product_attention(query, key, value, **options)
    else:
        result = _chosen_attention(flash_attention, query, key, value, options)
    return result.transpose(1, 2)


_ATTENTION = {True: _attention.SDPBackend.FLASH_ATTENTION, False: _attention.SDPBackend.MATH}


def _chosen_attention(flash, query, key, value, options):
    with _attention.sdpa_kernel(_ATTENTION[flash]):
        try:
            return _f.scaled_dot_product_attention(query, key, value, **options)
        except RuntimeError as error:
            if not flash:
                raise
            raise ValueError(
                f"expected inputs that PyTorch's flash attention takes, as `flash_attention=True` asks for, received "
                f"query, key and value of shapes {tuple(query.shape)}, {tuple(key.shape)}, {tuple(value.shape)} and "
                f"dtype {query.dtype} on {query.device}, {'a mask or bias' if options['attn_mask'] is not None else 'no mask'}"
                "; `flash_attention=None` takes the best kernel that fits."
            ) from error


def alignment_loss(target, output, target_length, output_length, *, mask_index):
    return _f.ctc_loss(
        output.transpose(0, 1), target, output_length, target_length, blank=mask_index, reduction="none"
    )


def unfold(x, *, kernel_size, dilation=1, padding=0, stride=1):
    if not x.is_floating_point() or x.ndim != 4:
        return NotImplemented
    return _f.unfold(x, kernel_size, dilation, padding, stride)


def fold(x, *, output_size, kernel_size, dilation=1, padding=0, stride=1):
    if not x.is_floating_point() or x.ndim != 3:
        return NotImplemented
    return _f.fold(x, output_size, kernel_size, dilation, padding, stride)


def _trailing_shape(x, axis):
    """The sizes of `axis` if these are the last axes of a float tensor, else `None`."""
    axes = sorted(range(x.ndim)[a] for a in (axis if isinstance(axis, (tuple, list)) else (axis,)))
    last = axes == list(range(x.ndim - len(axes), x.ndim))
    return x.shape[axes[0] :] if last and x.is_floating_point() else None


def _scales(weight, x, shape):
    """Whether a weight is one that the fused functions take (an absent one is)."""
    return shape is not None and (weight is None or (weight.shape == shape and weight.dtype == x.dtype))
