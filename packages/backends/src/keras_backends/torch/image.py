"""PyTorch kernels for images: resizing and warping where its own functions give the same numbers."""

import torch
import torch.nn.functional as _f

_MODES = {("bilinear", False): "bilinear", ("bilinear", True): "bilinear", ("bicubic", True): "bicubic"}
# Without antialiasing its cubic is another one (a = -3/4); nearest rounds sizes that do not divide.


def resize(
    images,
    *,
    size,
    interpolation,
    antialias,
    crop_to_aspect_ratio,
    pad_to_aspect_ratio,
    fill_mode,
    fill_value,
    data_format,
):
    mode = _MODES.get((interpolation, antialias))
    plain = fill_mode == "constant" and not (crop_to_aspect_ratio or pad_to_aspect_ratio)
    if mode is None or not plain or images.dtype not in (torch.float32, torch.float64) or len(size) != 2:
        return NotImplemented
    if images.ndim not in (3, 4) or min(size) < 1:
        return NotImplemented
    x = images if images.ndim == 4 else images[None]
    x = x if data_format == "channels_first" else x.movedim(-1, 1)
    x = _f.interpolate(x, (int(size[0]), int(size[1])), mode=mode, align_corners=False, antialias=antialias)
    x = x if data_format == "channels_first" else x.movedim(1, -1)
    return x if images.ndim == 4 else x[0]


_PADDINGS = {
    "constant": ("zeros", True),
    "nearest": ("border", True),
    "mirror": ("reflection", True),
    "reflect": ("reflection", False),
}
"""By fill mode: PyTorch's name, and whether -1 and 1 are the middles of the outermost pixels, not the edges."""


def read_images(images, x, y, *, order, mode, fill):
    # It rounds halves to even, so nearest pixels would be other ones, and cannot wrap.
    if order != 1 or mode not in _PADDINGS or images.dtype not in (torch.float32, torch.float64):
        return NotImplemented
    if images.numel() == 0 or min(images.shape[1:3]) < 2:
        return NotImplemented
    padding, middles = _PADDINGS[mode]
    # Positions as shares of the image have to be told apart as well as pixels' numbers are.
    exact = torch.float64 if images.is_cpu else images.dtype
    axes = []
    for positions, size in ((x, images.shape[2]), (y, images.shape[1])):
        positions = positions.to(exact)
        axes.append(positions * (2 / (size - 1)) - 1 if middles else (2 * positions + 1) / size - 1)
    grid = torch.stack(torch.broadcast_tensors(*axes), -1)
    offset = fill if mode == "constant" else 0
    inside = (images - offset if offset else images).movedim(-1, 1).to(exact)
    grid = grid.expand(len(images), *grid.shape[1:])
    result = _f.grid_sample(inside, grid, mode="bilinear", padding_mode=padding, align_corners=middles)
    result = result.to(images.dtype).movedim(1, -1)
    return result + offset if offset else result
