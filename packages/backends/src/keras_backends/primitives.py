"""Names of the primitives: the operations without a body, which a backend should have kernels for.

A table, because operations are declared one package further up; a test there keeps the two in step.
"""

PRIMITIVES = frozenset(["add"])
