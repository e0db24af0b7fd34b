"""PyTorch kernels for images: resizing where its own function gives the same numbers."""

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
