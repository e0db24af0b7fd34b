"""Says, once per dtype, that a mixed precision policy does not pay on the hardware in use.

`call_stages` asks when a layer with such a policy is built. Whether 16-bit floats are fast is a fact of the
device that tensors lie on, and for the host of its processor's instructions; nothing is measured.
"""

import functools
import warnings
from pathlib import Path

import numpy as np
from keras_backends.selection import active

PROCESSOR_FACTS = Path("/proc/cpuinfo")
INSTRUCTIONS = {
    "bfloat16": frozenset({"avx512_bf16", "amx_bf16", "avx_ne_convert", "bf16"}),
    "float16": frozenset({"avx512_fp16", "amx_fp16", "fphp", "asimdhp"}),
}
"""Names that Linux gives to the processor features (x86 and ARM) which compute in a dtype."""


def is_fast(dtype: str) -> bool:
    """Says whether the hardware in use computes in a 16-bit dtype; yes where that is not known.

    Args:
        dtype: `"float16"` or `"bfloat16"`.
    """
    backend = active()
    with backend.outside_trace():
        x = backend.tensor(np.zeros((), "float32"), dtype)
    if isinstance(x, np.ndarray):
        # NumPy has no 16-bit arithmetic: it converts every number.
        return False
    if "cpu" not in str(getattr(x, "device", "cpu")).lower():
        return True
    features = processor_features()
    return not features or bool(features & INSTRUCTIONS[dtype])


@functools.cache
def processor_features() -> frozenset[str]:
    """Returns what the processor can do, in Linux' words; nothing where Linux does not say."""
    if not PROCESSOR_FACTS.is_file():
        return frozenset()
    for line in PROCESSOR_FACTS.read_text(encoding="utf-8", errors="replace").splitlines():
        key, _, value = line.partition(":")
        if key.strip() in ("flags", "Features"):
            return frozenset(value.split())
    return frozenset()


@functools.cache
def warn_if_slow(dtype: str) -> None:
    """Warns if the hardware does not compute in `dtype`; at most once per dtype."""
    if not is_fast(dtype):
        warnings.warn(
            f"The dtype policy 'mixed_{dtype}' asks for computations in {dtype}, which the hardware in use does "
            "not speed up, since it has to convert every number. The policy still saves memory; for speed use "
            "'float32' here.",
            stacklevel=2,
        )
