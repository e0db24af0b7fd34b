"""PyTorch kernels of products that contract axes, and of singular values.

Products of bools, and on accelerators those of integers, are missing in PyTorch and go through floats.
"""

import math

import torch


def matmul(x1, x2):
    if not x1.is_floating_point() and (x1.dtype is torch.bool or x1.is_cuda):
        return _through_floats(torch.matmul, x1, x2)
    return torch.matmul(x1, x2)


def _through_floats(product, *operands):
    dtype = operands[0].dtype
    if dtype.is_complex:
        return product(*operands)
    if dtype is torch.bool:
        return product(*(x.float() for x in operands)) > 0
    return product(*(x.double() for x in operands)).to(dtype)


def int8_product(x1, x2):
    rows = x1.reshape(-1, x1.shape[-1])
    if rows.is_cuda and (rows.shape[0] <= 16 or x2.shape[0] % 8 or x2.shape[1] % 8):
        # cuBLAS multiplies int8 in these sizes only. Single precision holds the sums of 1024 products.
        wide = torch.float32 if x2.shape[0] <= 1024 else torch.float64
        result = (rows.to(wide) @ x2.to(wide)).int()
    else:
        result = torch._int_mm(rows, x2)
    return result.reshape(*x1.shape[:-1], x2.shape[1])


def affine(x, kernel, bias, *, axes=1):
    if not x.is_floating_point():
        return NotImplemented
    if x.ndim == kernel.ndim == 2 and axes == 1:
        return torch.addmm(bias, x, kernel)
    # Sizes are said: where there are no numbers, -1 could be any.
    rows, inputs = math.prod(x.shape[: x.ndim - axes]), math.prod(kernel.shape[:axes])
    y = torch.addmm(bias.reshape(-1), x.reshape(rows, inputs), kernel.reshape(inputs, bias.numel()))
    return y.reshape(*x.shape[: x.ndim - axes], *kernel.shape[axes:])


def dot(x1, x2):
    # What is left to the body: numbers, and more than two axes on the right.
    return matmul(x1, x2) if x1.ndim and 0 < x2.ndim <= 2 else NotImplemented


def outer(x1, x2):
    return torch.outer(x1.reshape(-1), x2.reshape(-1))


def einsum(*operands, subscripts):
    x = operands[0]
    if not x.is_floating_point() and (x.dtype is torch.bool or x.is_cuda):
        return _through_floats(lambda *xs: torch.einsum(subscripts, *xs), *operands)
    return torch.einsum(subscripts, *operands)


kron = torch.kron


def tensordot(x1, x2, *, axes=2):
    if not x1.is_floating_point():
        return NotImplemented
    if not isinstance(axes, int):
        axes = [(axis,) if isinstance(axis, int) else axis for axis in axes]
    return torch.tensordot(x1, x2, axes)
