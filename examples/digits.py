"""Trains a small convolutional network on real handwritten digits, and serves it on any backend.

The data are the 1,797 scanned 8 x 8 digits that ship inside scikit-learn. The first run trains, prints
the test accuracy, draws a few test digits with their predictions and saves `digits.keras`. A later run,
also under another `KERAS_BACKEND` (numpy and openvino too, which can not train), loads that file and
checks that it predicts the same.

    KERAS_BACKEND=jax python examples/digits.py [--out FOLDER] [--epochs N]
"""

import argparse
import time
from pathlib import Path

import keras
import numpy as np
from sklearn.datasets import load_digits


def data() -> tuple[tuple[np.ndarray, np.ndarray], tuple[np.ndarray, np.ndarray]]:
    """Returns training and test images `(n, 8, 8, 1)` in [0, 1] with their labels `(n,)`."""
    digits = load_digits()
    images = digits.images[..., None].astype("float32") / 16.0
    order = np.random.default_rng(0).permutation(len(images))
    train, test = order[:1400], order[1400:]
    return (images[train], digits.target[train]), (images[test], digits.target[test])


def network() -> keras.Model:
    """Two convolutions and a classifier."""
    return keras.Sequential(
        [
            keras.Input((8, 8, 1), name="image"),
            keras.layers.Conv2D(16, 3, padding="same", use_bias=False),
            keras.layers.BatchNormalization(),
            keras.layers.ReLU(),
            keras.layers.Conv2D(32, 3, padding="same", activation="relu"),
            keras.layers.MaxPooling2D(),
            keras.layers.Flatten(),
            keras.layers.Dropout(0.3),
            keras.layers.Dense(64, activation="relu"),
            keras.layers.Dense(10, activation="softmax"),
        ],
        name="digits",
    )


def train(epochs: int) -> keras.Model:
    """Trains a new network and prints its accuracy on the test digits."""
    (x, y), test = data()
    model = network()
    model.summary()
    model.compile("adam", "sparse_categorical_crossentropy", metrics=["accuracy"])
    start = time.perf_counter()
    model.fit(x, y, batch_size=32, epochs=epochs, validation_split=0.1)
    print(f"Trained in {time.perf_counter() - start:.1f} s.")
    accuracy = model.evaluate(*test, verbose=0, return_dict=True)["accuracy"]
    print(f"Test accuracy: {accuracy:.2%}")
    return model


def draw(images: np.ndarray, labels: np.ndarray, predictions: np.ndarray, path: Path) -> None:
    """Writes a picture of digits with what the network takes them for, mistakes in red."""
    import matplotlib

    matplotlib.use("agg")
    from matplotlib import pyplot

    figure, axes = pyplot.subplots(3, 8, figsize=(9, 4))
    for axis, image, label, prediction in zip(axes.flat, images, labels, predictions):
        guess = int(prediction.argmax())
        axis.imshow(image[..., 0], cmap="gray_r")
        axis.set_title(f"{guess} ({prediction[guess]:.0%})", fontsize=9, color="k" if guess == label else "r")
        axis.axis("off")
    figure.tight_layout()
    figure.savefig(path, dpi=120)
    pyplot.close(figure)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    parser.add_argument("--out", type=Path, default=Path("out"), help="folder for the files written")
    parser.add_argument("--epochs", type=int, default=12)
    options = parser.parse_args()
    options.out.mkdir(parents=True, exist_ok=True)
    file, answers = options.out / "digits.keras", options.out / "digits_predictions.npy"
    print(f"Keras {keras.__version__} on {keras.config.backend()}")
    keras.utils.set_random_seed(0)
    _, (images, labels) = data()

    if not file.exists():
        model = train(options.epochs)
        predictions = model.predict(images, verbose=0)
        model.save(file)
        np.save(answers, predictions)
        draw(images, labels, predictions, options.out / "digits.png")
        print(f"Wrote {file}, {options.out / 'digits.png'}")

    model = keras.models.load_model(file)
    difference = float(np.abs(model.predict(images, verbose=0) - np.load(answers)).max())
    print(f"Loaded {file}: predictions differ from those of the training run by at most {difference:.1e}")
    if difference > 1e-4:
        raise SystemExit("The loaded model predicts differently.")


if __name__ == "__main__":
    main()
