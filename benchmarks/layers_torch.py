"""The models of `layers.py` as PyTorch modules, with the weights of ours."""

from typing import Any

import torch
from torch import nn


class _Recurrent(nn.Module):
    def __init__(self, module: nn.Module, weights: list[torch.Tensor]) -> None:
        super().__init__()
        self.module = module
        with torch.no_grad():
            for parameter, weight in zip(module.parameters(), weights, strict=True):
                parameter.copy_(weight)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return self.module(x)[0][:, -1]


def lstm(kernel: torch.Tensor, recurrent: torch.Tensor, bias: torch.Tensor) -> nn.Module:
    module = nn.LSTM(kernel.shape[0], recurrent.shape[0], batch_first=True)
    return _Recurrent(module, [kernel.t(), recurrent.t(), bias, torch.zeros_like(bias)])


def gru(kernel: torch.Tensor, recurrent: torch.Tensor, bias: torch.Tensor) -> nn.Module:
    def swapped(weight: torch.Tensor) -> torch.Tensor:
        update, reset, candidate = weight.chunk(3, -1)
        return torch.cat([reset, update, candidate], -1)

    module = nn.GRU(kernel.shape[0], recurrent.shape[0], batch_first=True)
    own = [swapped(kernel).t(), swapped(recurrent).t(), swapped(bias[0]), swapped(bias[1])]
    return _Recurrent(module, own)


class _Attention(nn.Module):
    causal = False

    def __init__(self, *weights: torch.Tensor) -> None:
        super().__init__()
        size, self.heads, self.width = weights[0].shape
        kernels = [weights[i].reshape(size, -1) for i in (0, 2, 4)]
        biases = [weights[i].reshape(-1) for i in (1, 3, 5)]
        self.project, self.out = (
            nn.Linear(size, 3 * kernels[0].shape[1]),
            nn.Linear(kernels[0].shape[1], size),
        )
        with torch.no_grad():
            self.project.weight.copy_(torch.cat(kernels, 1).t())
            self.project.bias.copy_(torch.cat(biases))
            self.out.weight.copy_(weights[6].reshape(-1, size).t())
            self.out.bias.copy_(weights[7])

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        parts = self.project(x).unflatten(-1, (3, self.heads, self.width)).permute(2, 0, 3, 1, 4)
        result = nn.functional.scaled_dot_product_attention(*parts, is_causal=self.causal)
        return self.out(result.transpose(1, 2).flatten(2))


class _Causal(_Attention):
    causal = True


class _Convolutions(nn.Module):
    def __init__(self, *weights: torch.Tensor) -> None:
        super().__init__()
        self.convolutions = nn.ModuleList()
        for kernel, bias in zip(weights[::2], weights[1::2], strict=True):
            inputs, outputs = kernel.shape[2:]
            strides = 1 if outputs == 32 else 2
            convolution = nn.Conv2d(inputs, outputs, 3, strides, padding=1 if strides == 1 else 0)
            convolution.to(memory_format=torch.channels_last)
            with torch.no_grad():
                convolution.weight.copy_(kernel.permute(3, 2, 0, 1))
                convolution.bias.copy_(bias)
            self.convolutions.append(convolution)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        x = x.permute(0, 3, 1, 2)
        for convolution in self.convolutions:
            if convolution.stride == (2, 2):
                x = nn.functional.pad(x, (0, 1, 0, 1))
            x = torch.relu(convolution(x))
        return x.mean((2, 3))


class _Normalization(nn.Module):
    def __init__(self, gamma: torch.Tensor, *_: Any) -> None:
        super().__init__()
        self.norm = nn.BatchNorm2d(len(gamma), eps=1e-3, momentum=0.01)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return self.norm(x.permute(0, 3, 1, 2)).mean((2, 3))


MODULES = {
    "LSTM(128) x 64": lstm,
    "GRU(128) x 64": gru,
    "attention 8x512x64": _Attention,
    "causal attention 8x512x64": _Causal,
    "3 Conv2D 32x32x32x3": _Convolutions,
    "BatchNormalization 64x32x32x32": _Normalization,
}
"""Case -> maker of a module from the model's weights."""
