"""What importing must not import: frameworks that were not selected, and heavy parts nobody asked for."""

import pytest

NEVER = {
    "keras_backends": ("jax", "torch", "tensorflow", "openvino", "scipy", "h5py", "rich", "absl", "keras"),
    "keras_backends.numpy": ("jax", "torch", "tensorflow", "openvino", "scipy"),
    "keras_backends.torch": ("jax", "tensorflow", "torch._dynamo", "torchvision"),
    "keras_backends.jax": ("torch", "tensorflow", "flax", "jax.experimental.sparse"),
    "keras_backends.tensorflow": ("torch",),  # TensorFlow's converter imports jax by itself.
    "keras_backends.openvino": ("torch", "jax", "tensorflow"),
}


@pytest.mark.parametrize("package", NEVER)
def test_never_imported(package, fresh_python, backend):
    if package not in ("keras_backends", f"keras_backends.{backend.name}"):
        pytest.skip("asked where that backend is selected")
    code = f"import sys, {package}; print([n for n in {NEVER[package]!r} if n in sys.modules])"
    result = fresh_python(code)
    assert result.stdout.strip().endswith("[]"), result.stdout + result.stderr
