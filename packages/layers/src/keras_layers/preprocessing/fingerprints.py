"""Fingerprints of byte strings: the hash functions that hashing layers put values into bins with.

Saved models rely on them, so they are the published algorithms, on Python integers. Layers that hash are in
`hashing` and `hashed_crossing`.
"""

import functools
from collections.abc import Callable

_MASK = (1 << 64) - 1
_K0, _K1, _K2 = 0xC3A5C85C97CB3127, 0xB492B66FBE98F273, 0x9AE16A3B2F90404F
_CACHED = 1 << 16


def _rotated(x: int, by: int) -> int:
    """Rotates 64 bits to the right."""
    x &= _MASK
    return (x >> by | x << (64 - by)) & _MASK


def _mixed(x: int) -> int:
    x &= _MASK
    return x ^ x >> 47


def _word(data: bytes, at: int, size: int = 8) -> int:
    return int.from_bytes(data[at : at + size], "little")


def _pair(u: int, v: int, factor: int) -> int:
    a = _mixed((u ^ v) * factor)
    return _mixed((v ^ a) * factor) * factor & _MASK


def _up_to_16(data: bytes) -> int:
    size = len(data)
    factor = _K2 + size * 2
    if size >= 8:
        a, b = _word(data, 0) + _K2, _word(data, size - 8)
        return _pair(_rotated(b, 37) * factor + a & _MASK, (_rotated(a, 25) + b) * factor & _MASK, factor)
    if size >= 4:
        return _pair(size + (_word(data, 0, 4) << 3), _word(data, size - 4, 4), factor)
    if size:
        y, z = data[0] + (data[size >> 1] << 8), size + (data[-1] << 2)
        return _mixed(y * _K2 & _MASK ^ z * _K0 & _MASK) * _K2 & _MASK
    return _K2


def _ends(data: bytes, first: int) -> tuple[int, int, int, int, int]:
    """What strings of 17 to 64 bytes begin with: four words, and the factor."""
    size = len(data)
    factor = _K2 + size * 2
    a, b = _word(data, 0) * first & _MASK, _word(data, 8)
    c, d = _word(data, size - 8) * factor & _MASK, _word(data, size - 16) * _K2 & _MASK
    return a, b, c, d, factor


def _up_to_32(data: bytes) -> int:
    a, b, c, d, factor = _ends(data, _K1)
    return _pair(
        _rotated(a + b, 43) + _rotated(c, 30) + d & _MASK, a + _rotated(b + _K2, 18) + c & _MASK, factor
    )


def _up_to_64(data: bytes) -> int:
    a, b, c, d, factor = _ends(data, _K2)
    size = len(data)
    y = _rotated(a + b, 43) + _rotated(c, 30) + d & _MASK
    z = _pair(y, a + _rotated(b + _K2, 18) + c & _MASK, factor)
    e, f = _word(data, 16) * factor & _MASK, _word(data, 24)
    g, h = (y + _word(data, size - 32)) * factor & _MASK, (z + _word(data, size - 24)) * factor & _MASK
    return _pair(
        _rotated(e + f, 43) + _rotated(g, 30) + h & _MASK, e + _rotated(f + a, 18) + g & _MASK, factor
    )


def _block(data: bytes, at: int, a: int, b: int) -> tuple[int, int]:
    """Mixes 32 bytes into two seeds."""
    w, x, y, z = (_word(data, at + i) for i in (0, 8, 16, 24))
    a += w
    b = _rotated(b + a + z, 21)
    c = a
    a += x + y
    b += _rotated(a, 44)
    return a + z & _MASK, b + c & _MASK


def _long(data: bytes) -> int:
    seed = 81
    x, y = seed * _K2 + _word(data, 0) & _MASK, seed * _K1 + 113 & _MASK
    z = _mixed(y * _K2 + 113) * _K2 & _MASK
    v = w = (0, 0)

    def step(at: int, x: int, y: int, z: int, factor: int, weight: int) -> tuple[int, int, int]:
        nonlocal v, w
        x = _rotated(x + y + v[0] + _word(data, at + 8), 37) * factor & _MASK
        y = _rotated(y + v[1] + _word(data, at + 48), 42) * factor & _MASK
        x ^= w[1] * weight & _MASK
        y = y + v[0] * weight + _word(data, at + 40) & _MASK
        z = _rotated(z + w[0], 33) * factor & _MASK
        v = _block(data, at, v[1] * factor & _MASK, x + w[0])
        w = _block(data, at + 32, z + w[1], y + _word(data, at + 16))
        return z, y, x

    rest = (len(data) - 1) % 64
    for at in range(0, len(data) - 1 - rest, 64):
        x, y, z = step(at, x, y, z, _K1, 1)
    factor = _K1 + ((z & 0xFF) << 1)
    w = (w[0] + rest & _MASK, w[1])
    v = (v[0] + w[0] & _MASK, v[1])
    w = (w[0] + v[0] & _MASK, w[1])
    x, y, z = step(len(data) - 64, x, y, z, factor, 9)
    return _pair(
        _pair(v[0], w[0], factor) + _mixed(y) * _K0 + z & _MASK, _pair(v[1], w[1], factor) + x & _MASK, factor
    )


@functools.lru_cache(_CACHED)
def fingerprint(data: bytes) -> int:
    """Returns FarmHash's 64-bit fingerprint, which never changes.

    Args:
        data: Bytes of any number.

    Example:

        >>> fingerprint(b"amber") % 5
        4

    Source: Pike and Alakuijala 2014, FarmHash.
    """
    size = len(data)
    functions: tuple[tuple[int, Callable[[bytes], int]], ...] = (
        (16, _up_to_16),
        (32, _up_to_32),
        (64, _up_to_64),
    )
    return next((function for most, function in functions if size <= most), _long)(data)


@functools.lru_cache(_CACHED)
def keyed_fingerprint(data: bytes, key: tuple[int, int]) -> int:
    """Returns SipHash-2-4, whose results nobody can foresee without the key.

    Args:
        data: Bytes of any number.
        key: Two integers of 64 bits.

    Example:

        >>> keyed_fingerprint(b"delta", (133, 133)) % 7
        4

    Source: Aumasson and Bernstein 2012, SipHash: a fast short-input PRF.
    """
    first, second = (k & _MASK for k in key)
    v = [
        first ^ 0x736F6D6570736575,
        second ^ 0x646F72616E646F6D,
        first ^ 0x6C7967656E657261,
        second ^ 0x7465646279746573,
    ]
    whole = len(data) - len(data) % 8
    words = [_word(data, at) for at in range(0, whole, 8)]
    for word in (*words, _word(data, whole) | (len(data) & 0xFF) << 56):
        v[3] ^= word
        _sip_round(v)
        _sip_round(v)
        v[0] ^= word
    v[2] ^= 0xFF
    for _ in range(4):
        _sip_round(v)
    return v[0] ^ v[1] ^ v[2] ^ v[3]


def _sip_round(v: list[int]) -> None:
    for a, b, turn in ((0, 1, 13), (2, 3, 16)):
        v[a] = v[a] + v[b] & _MASK
        v[b] = _rotated(v[b], 64 - turn) ^ v[a]
    v[0] = _rotated(v[0], 32)
    for a, b, turn in ((2, 1, 17), (0, 3, 21)):
        v[a] = v[a] + v[b] & _MASK
        v[b] = _rotated(v[b], 64 - turn) ^ v[a]
    v[2] = _rotated(v[2], 32)


def joined(first: int, second: int) -> int:
    """Returns one fingerprint for two; their order matters."""
    factor = 0xC6A4A7935BD1E995
    result = first ^ factor ^ _mixed(second * factor) * factor & _MASK
    return _mixed(_mixed(result * factor) * factor)
