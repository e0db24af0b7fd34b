"""OpenVINO kernels of Fourier transforms, in float32; its complex numbers are pairs along a last axis."""

from keras_backends.openvino.graph import const, convert, joined, node, opset, tensor


def _complex(x):
    parts = [opset.unsqueeze(node(convert(part, "float32")), const([-1], "int64")).output(0) for part in x]
    return joined(parts, -1)


def _pair(result, dtype):
    axis = const(-1, "int64")
    return tuple(convert(tensor(opset.gather(result, const(i, "int64"), axis)), dtype) for i in (0, 1))


def _of_pairs(transform, count):
    def kernel(x):
        dtype, rank = x[0].dtype, x[0].ndim
        if dtype == "float64":
            return NotImplemented
        axes = const(list(range(rank - count, rank)), "int64")
        return _pair(transform(_complex(x), axes), dtype)

    return kernel


fft = _of_pairs(opset.dft, 1)
fft2 = _of_pairs(opset.dft, 2)
ifft2 = _of_pairs(opset.idft, 2)


def _fitted(x, size):
    """Cuts the last axis, or continues it with zeros; OpenVINO refuses to do the latter by itself."""
    x = convert(x, "float32")
    x, missing = x[..., :size], size - x.shape[-1]
    if missing <= 0:
        return x
    front, end = [0] * x.ndim, [0] * (x.ndim - 1) + [missing]
    return tensor(
        opset.pad(node(x), const(front, "int64"), const(end, "int64"), "constant", const(0, x.dtype))
    )


def rfft(x, *, fft_length):
    if x.dtype == "float64":
        return NotImplemented
    size = x.shape[-1] if fft_length is None else fft_length
    axis, length = const([x.ndim - 1], "int64"), const([size], "int64")
    return _pair(opset.rdft(node(_fitted(x, size)), axis, length), x.dtype)


def irfft(x, *, fft_length):
    dtype, rank = x[0].dtype, x[0].ndim
    if dtype == "float64":
        return NotImplemented
    size = 2 * (x[0].shape[-1] - 1) if fft_length is None else fft_length
    axis, length = const([rank - 1], "int64"), const([size], "int64")
    halves = _complex([_fitted(part, size // 2 + 1) for part in x])
    return convert(tensor(opset.irdft(halves, axis, length)), dtype)
