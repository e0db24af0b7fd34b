"""Samples of shapes, joining and splitting, diagonals."""

import numpy as np

from keras_ops.testing.samples import call

_X = np.arange(24, dtype="float32").reshape(2, 3, 4)
_M = np.arange(12, dtype="int32").reshape(3, 4)
_V = np.array([3.0, -1.0, 2.0], "float32")
_IMAGES = np.arange(48, dtype="float32").reshape(2, 2, 4, 3)
_B = np.array([[True, False], [False, True]])


SAMPLES = {
    "reshape": [
        call(_X, (4, 6), reference=np.reshape),
        call(_X, [3, -1], reference=np.reshape),
        call(_M, -1, reference=np.reshape),
        call(_V[:1], (), reference=np.reshape),
    ],
    "ravel": [call(_X, reference=np.ravel), call(_B, reference=np.ravel)],
    "transpose": [
        call(_X, reference=np.transpose),
        call(_X, (1, 0, 2), reference=np.transpose),
        call(_X, [-1, 0, 1], reference=np.transpose),
    ],
    "swapaxes": [call(_X, 0, -1, reference=np.swapaxes), call(_M, 0, 1, reference=np.swapaxes)],
    "moveaxis": [
        call(_X, 0, -1, reference=np.moveaxis),
        call(_X, (0, 1), (2, 0), reference=np.moveaxis),
        call(_X, [2], [0], reference=np.moveaxis),
    ],
    "expand_dims": [
        call(_V, 0, reference=np.expand_dims),
        call(_V, -1, reference=np.expand_dims),
        call(_X, (0, -1), reference=np.expand_dims),
    ],
    # Which axes of unknown size would be left out can not be known without `axis`.
    "squeeze": [
        call(_X[:1, :, :1], reference=np.squeeze, unknown=False),
        call(_X[:1, :, :1], axis=0, reference=np.squeeze),
        call(_X[:1, :, :1], axis=(0, -1), reference=np.squeeze),
    ],
    "broadcast_to": [
        call(_V, (2, 3), reference=np.broadcast_to),
        call(_X[:, :1], [2, 3, 4], reference=np.broadcast_to),
    ],
    "flip": [
        call(_X, reference=np.flip),
        call(_X, axis=1, reference=np.flip),
        call(_M, axis=(0, -1), reference=np.flip),
        call(_IMAGES, axis=2, reference=np.flip),
    ],
    "fliplr": [call(_X, reference=np.fliplr)],
    "flipud": [call(_V, reference=np.flipud)],
    "rot90": [
        call(_M, reference=np.rot90),
        call(_X, k=-1, axes=(1, 2), reference=np.rot90),
        call(_M, k=2, reference=np.rot90),
        call(_X, k=4, axes=(2, 0), reference=np.rot90),
    ],
    "roll": [
        call(_X, 5, reference=np.roll),
        call(_X, -1, axis=1, reference=np.roll),
        call(_M, (1, 2), axis=(0, 1), reference=np.roll),
    ],
    "repeat": [
        call(_X, 2, reference=np.repeat),
        call(_X, 3, axis=-1, reference=np.repeat),
        call(_M, [1, 0, 2], axis=0, reference=np.repeat),
    ],
    "tile": [
        call(_V, 2, reference=np.tile),
        call(_M, (2, 1, 3), reference=np.tile),
        call(_X, [2], reference=np.tile),
    ],
    "concatenate": [
        call([_X, _X[:1]], reference=np.concatenate),
        call([_X, _X[:, :, :1]], axis=-1, reference=np.concatenate),
        call([_M, _M.astype("float32")], axis=1, reference=np.concatenate),
    ],
    "stack": [
        call([_V, _V * 2], reference=np.stack),
        call([_X, _X + 1], axis=-1, reference=np.stack),
        call([_M, _M.astype("uint8")], axis=1, reference=np.stack),
    ],
    "hstack": [call([_V, _V[:1]], reference=np.hstack), call([_M, _M[:, :1]], reference=np.hstack)],
    "vstack": [call([_V, _V], reference=np.vstack), call([_M, _M[:1]], reference=np.vstack)],
    "dstack": [
        call([_V, _V], reference=np.dstack),
        call([_M, _M], reference=np.dstack),
        call([_X, _X[:, :, :1]], reference=np.dstack),
    ],
    "append": [
        call(_V, _X, reference=np.append),
        call(_X, _X[:, :1], axis=1, reference=np.append),
    ],
    "split": [
        call(_X, 2, reference=np.split),
        call(_X, [1, 3], axis=2, reference=np.split, unknown=False),
        call(_M, (0, 3), axis=-1, reference=np.split, unknown=False),
    ],
    "array_split": [
        call(_V, 2, reference=np.array_split),
        call(_X, 4, axis=1, reference=np.array_split),
        call(_X, [1], axis=1, reference=np.array_split),
    ],
    "hsplit": [
        call(_X, 3, reference=np.hsplit),
        call(_V, [1], reference=np.hsplit),
    ],
    "vsplit": [call(_M, 3, reference=np.vsplit)],
    "dsplit": [call(_X, 2, reference=np.dsplit)],
    "unstack": [
        call(_X, reference=list, unknown=False),
        call(_X, num=4, axis=-1, reference=lambda x, num, axis: list(np.moveaxis(x, axis, 0))),
    ],
    "pad": [
        call(_M, ((1, 2), (0, 1)), reference=np.pad),
        call(_X, 1, constant_values=2.5, reference=np.pad),
        call(_X, ((0, 0), (1, 2), (2, 0)), mode="reflect", reference=np.pad),
        call(_X, ((0, 0), (1, 2), (2, 0)), mode="symmetric", reference=np.pad),
        call(_X, ((0, 0), (1, 2), (2, 0)), mode="edge", reference=np.pad),
        call(_X, ((0, 0), (1, 2), (2, 0)), mode="wrap", reference=np.pad),
        call(_B, [[1, 0], [0, 1]], constant_values=True, reference=np.pad),
    ],
    "diag": [
        call(_V, reference=np.diag),
        call(_V, k=-1, reference=np.diag),
        call(_M, k=1, reference=np.diag),
        call(_M, k=9, reference=np.diag),
    ],
    "diagflat": [call(_B, reference=np.diagflat), call(_V, k=1, reference=np.diagflat)],
    "diagonal": [
        call(_X, reference=np.diagonal),
        call(_X, offset=-1, axis1=2, axis2=1, reference=np.diagonal),
    ],
    "trace": [
        call(_X, reference=np.trace),
        call(_M.astype("int8"), offset=1, reference=lambda x, offset: np.trace(x, offset).astype("int32")),
    ],
    "tril": [
        call(_X, reference=np.tril),
        call(_M, k=-1, reference=np.tril),
        call(_X, k=2, reference=np.tril),
    ],
    "triu": [
        call(_X, reference=np.triu),
        call(_M, k=-1, reference=np.triu),
        call(_B, k=1, reference=np.triu),
    ],
    "rearrange": [
        call(_X, "a b c -> c (a b)", reference=lambda x, p: x.transpose(2, 0, 1).reshape(4, 6)),
        call(
            _X,
            "a b (c d) -> a d b c",
            {"c": 2},
            reference=lambda x, p, sizes: x.reshape(2, 3, 2, 2).transpose(0, 3, 1, 2),
        ),
        call(_V, "a -> 1 a", reference=lambda x, p: x[None]),
    ],
}
