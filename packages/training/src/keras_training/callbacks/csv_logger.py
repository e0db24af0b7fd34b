"""`CSVLogger`: the metrics of epochs in a file."""

import csv
import os
from collections.abc import Iterable
from typing import Any

import numpy as np
from keras_backends.api import export

from keras_training.callbacks.callback import Callback


@export("keras.callbacks.CSVLogger")
class CSVLogger(Callback):
    """Writes the metrics of each epoch as a row of a CSV file.

    Args:
        filename: The file.
        separator: What separates values.
        append: Whether to go on with an existing file.

    Example:

        >>> CSVLogger("log.csv", separator=";").sep
        ';'
    """

    def __init__(self, filename: str | os.PathLike[str], separator: str = ",", append: bool = False) -> None:
        super().__init__()
        self.filename = os.fspath(filename)
        self.sep = separator
        self.append = append
        self.writer: Any = None
        self.keys: list[str] | None = None
        self.append_header = True
        self.csv_file: Any = None

    def on_train_begin(self, logs: dict[str, Any] | None = None) -> None:
        """Opens the file."""
        mode = "w"
        if self.append:
            if os.path.exists(self.filename):
                with open(self.filename, newline="") as file:
                    self.append_header = not file.readline()
            mode = "a"
        self.csv_file = open(self.filename, mode, newline="")  # noqa: SIM115 - open until training ends
        self.writer = None
        self.keys = None

    def on_epoch_end(self, epoch: int, logs: dict[str, Any] | None = None) -> None:
        """Writes a row."""
        logs = logs or {}
        if self.keys is None:
            self.keys = sorted(logs)
            # Validation may start in a later epoch; its columns must be there from the first row on.
            if not any(key.startswith("val_") for key in self.keys):
                self.keys += [f"val_{key}" for key in self.keys]
        if self.writer is None:
            self.writer = csv.DictWriter(
                self.csv_file, fieldnames=["epoch", *self.keys], delimiter=self.sep, lineterminator="\n"
            )
            if self.append_header:
                self.writer.writeheader()
        self.writer.writerow({"epoch": epoch} | {key: _cell(logs.get(key, "NA")) for key in self.keys})
        self.csv_file.flush()

    def on_train_end(self, logs: dict[str, Any] | None = None) -> None:
        """Closes the file."""
        self.csv_file.close()
        self.writer = None


def _cell(value: Any) -> Any:
    if isinstance(value, str) or np.ndim(value) == 0:
        return value
    if isinstance(value, Iterable):
        return f'"[{", ".join(map(str, value))}]"'
    return value
