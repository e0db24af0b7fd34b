"""All elementwise operations under one name, for the other families of operations.

They are declared in the modules imported here. What builds on reductions is not among them:
`closeness` and the activation functions.
"""

# ruff: noqa: F403
from keras_ops.operations.arithmetic import *
from keras_ops.operations.bitwise import *
from keras_ops.operations.comparison import *
from keras_ops.operations.complex_numbers import *
from keras_ops.operations.limits import *
from keras_ops.operations.powers import *
from keras_ops.operations.rounding import *
from keras_ops.operations.trigonometry import *
