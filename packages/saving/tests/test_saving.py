"""Round trips of models and weights in every format, layouts, and what does not fit."""

import io
import json
import os
import warnings
import zipfile
from contextlib import nullcontext

import h5py
import numpy as np
import pytest
from keras_backends.version import KERAS_VERSION
from keras_saving import files, formats, saving
from keras_saving.errors import MissingFileError, WeightsMismatchError
from keras_saving.h5 import to_numpy
from keras_saving.testing import Net, Unit, fill, read, same
from keras_saving.walk import walk


@pytest.fixture
def net():
    return Net()


PATHS = [
    "",
    "blocks/unit",
    "blocks/container/unit",
    "blocks/container/unit_1",
    "first",
    "table/unit",
    "words",
    "_hidden",
]


def test_walk_names_every_object_once(net):
    assert [path for path, _ in walk(net)] == PATHS
    assert len({id(obj) for _, obj in walk(net)}) == len(PATHS)


def test_walk_of_an_object_that_lists_no_children():
    class Bare:
        tracked_as = "metric"

        def __init__(self):
            self.variables = []
            self.inner = Unit()

    assert [path for path, _ in walk(Bare())] == ["", "inner"]


@pytest.mark.parametrize("zipped", [True, False])
@pytest.mark.parametrize("dtype", ["float32", "bfloat16", "float16"])
def test_models_come_back(tmp_path, zipped, dtype):
    net = Net(dtype=dtype, name="mine")
    values = fill(net)
    net.words.words = ["alpha", "beta"]
    path = tmp_path / ("model.keras" if zipped else "model")
    saving.save_model(net, path, zipped=zipped)
    assert path.is_dir() != zipped
    again = saving.load_model(path)
    assert type(again) is Net
    assert again.name == "mine"
    assert same(read(again), values)
    assert again.own[0].dtype == dtype
    assert again.words.words == ["alpha", "beta"]
    assert again.compiled_with == {"optimizer": "none"}
    assert saving.load_model(path, compile=False).compiled_with is None
    assert os.listdir(tmp_path) == [path.name]


def test_streams(net):
    values = fill(net)
    stream = io.BytesIO()
    saving.save_model(net, stream)
    stream.seek(0)
    assert same(read(saving.load_model(stream)), values)


def test_layout_of_an_archive(tmp_path, net):
    path = tmp_path / "model.keras"
    net.words.words = ["w"]
    saving.save_model(net, path)
    with zipfile.ZipFile(path) as archive:
        assert archive.namelist() == [
            "metadata.json",
            "config.json",
            "model.weights.h5",
            "assets/words/words.txt",
        ]
        assert {info.compress_type for info in archive.infolist()} == {zipfile.ZIP_STORED}
        metadata = json.loads(archive.read("metadata.json"))
        assert metadata["keras_version"] == KERAS_VERSION
        assert metadata["date_saved"][4::3][:2] == "--"
        config = json.loads(archive.read("config.json"))
        assert config["registered_name"] == "saving_tests>Net"
        weights = h5py.File(io.BytesIO(archive.read("model.weights.h5")))
    for group in PATHS:
        assert isinstance(weights[f"{group}/vars" if group else "vars"], h5py.Group)
    assert weights["first/vars"].attrs["name"] == "one"
    assert sorted(weights["first/vars"]) == ["0", "1"]
    assert list(weights["words/vars"]) == ["half"]
    assert len(weights["blocks/container/unit_1/vars"]) == 0


def test_bfloat16_is_stored_as_raw_bytes(tmp_path):
    path = tmp_path / "x.weights.h5"
    unit = Unit((3,), dtype="bfloat16")
    saving.save_weights(unit, path)
    with h5py.File(path) as file:
        assert file["vars/0"].dtype == np.dtype("V2")
        assert file["vars/0"].attrs["dtype"] == "bfloat16"


@pytest.mark.parametrize("name", ["w.weights.h5", "w.weights.json", "w.safetensors", "w.keras"])
def test_weights_come_back(tmp_path, net, name):
    values = fill(net)
    path = tmp_path / name
    (saving.save_model if name == "w.keras" else saving.save_weights)(net, path)
    other = Net()
    saving.load_weights(other, path)
    assert same(read(other), values)
    kept = Net()
    saving.load_weights(kept, str(path), objects_to_skip=[kept.first])
    assert kept.first.own[0].numpy()[0] == 7.0


@pytest.mark.parametrize("suffix", [".weights.h5", ".safetensors"])
@pytest.mark.parametrize("dtype", ["float16", "bfloat16", "float32", "int32", "uint8", "bool"])
def test_dtypes_come_back(tmp_path, suffix, dtype):
    unit, other = Unit((3, 0), dtype=dtype), Unit((3, 0), dtype=dtype)
    unit.own[0].assign(np.array([0, 1, 1]))
    saving.save_weights(unit, tmp_path / f"w{suffix}")
    saving.load_weights(other, tmp_path / f"w{suffix}")
    assert same(read(unit), read(other))


def test_layout_of_safetensors(tmp_path):
    path = tmp_path / "w.safetensors"
    saving.save_weights(Unit((2,)), path)
    data = path.read_bytes()
    length = int.from_bytes(data[:8], "little")
    table = json.loads(data[8 : 8 + length])
    assert length % 8 == 0
    assert table["vars/0"] == {"dtype": "F32", "shape": [2], "data_offsets": [0, 8]}
    assert np.frombuffer(data[8 + length :], "float32").tolist() == [7.0, 7.0]


def test_a_format_is_one_entry(tmp_path, net):
    stored = {}

    class Store:
        name = "memory"

        def write(self, path, name, values):
            stored[path] = {key: to_numpy(value) for key, value in values.items()}

        def values(self, path):
            return stored[path]

        def paths(self):
            return list(stored)

    known = list(formats._formats)
    store = nullcontext(Store())
    formats.add_format(formats.Format(".memory", lambda path: store, lambda path, size: store))
    try:
        values = fill(net)
        path = tmp_path / "x.memory"
        saving.save_weights(net, path)
        path.touch()
        other = Net()
        saving.load_weights(other, path)
        assert same(read(other), values)
    finally:
        formats._formats[:] = known


def test_shards(tmp_path, net):
    values = fill(net)
    path = tmp_path / "w.weights.json"
    saving.save_weights(net, path, max_shard_size=24e-9)
    index = json.loads(path.read_text())
    names = sorted(os.listdir(tmp_path))
    assert names[0] == "w.weights.json"
    assert names[1:] == [f"w_{i:05}.weights.h5" for i in range(len(names) - 1)]
    assert len(names) > 3
    assert index["metadata"]["total_size"] == sum(v.nbytes for v in values)
    assert set(index["weight_map"]) == {f"/{p}/vars" if p else "/vars" for p in PATHS if p[-6:] != "unit_1"}
    assert {n for used in index["weight_map"].values() for n in used} == set(names[1:])
    other = Net()
    saving.load_weights(other, path)
    assert same(read(other), values)
    (tmp_path / names[2]).unlink()
    with pytest.raises(FileNotFoundError, match=names[2]):
        saving.load_weights(other, path)


def test_an_index_may_name_files_beside_it_only(tmp_path, net):
    path = tmp_path / "w.weights.json"
    path.write_text(json.dumps({"metadata": {}, "weight_map": {"/vars": ["../w.weights.h5"]}}))
    with pytest.raises(ValueError, match="beside it"):
        saving.load_weights(net, path)


def changed(net):
    """A net whose objects `first` and `_hidden` do not fit the weights of `Net`."""
    net.first = net.table["y"] = Unit((3, 5), name="one")
    net._hidden = Unit((1, 1), name="e")
    return net


def test_weights_that_do_not_fit_are_all_named(tmp_path, net):
    path = tmp_path / "w.weights.h5"
    fill(net)
    saving.save_weights(net, path)
    with pytest.raises(WeightsMismatchError) as caught:
        saving.load_weights(changed(Net()), path)
    text = str(caught.value)
    for part in (
        "first (Unit 'one')",
        "(5,)",
        "(4,)",
        "_hidden (Unit 'e'): ",
        "2 variables",
        "skip_mismatch",
    ):
        assert part in text


def test_skip_mismatch_loads_the_rest(tmp_path, net):
    path = tmp_path / "w.weights.h5"
    values = fill(net)
    saving.save_weights(net, path)
    other = changed(Net())
    with pytest.warns(UserWarning, match="keep the values"):
        saving.load_weights(other, path, skip_mismatch=True)
    assert np.array_equal(other.own[0].numpy(), values[0])
    assert other._hidden.own[0].numpy()[0] == 7.0


def test_values_for_objects_that_are_gone_are_reported(tmp_path, net):
    path = tmp_path / "w.weights.h5"
    saving.save_weights(net, path)
    del net._hidden
    with pytest.warns(UserWarning, match="_hidden"):
        saving.load_weights(net, path)


def test_an_optimizer_that_the_file_lacks_is_left_alone(tmp_path, net):
    path = tmp_path / "w.weights.h5"
    values = fill(net)
    saving.save_weights(net, path)
    fill(net, start=50)
    net.optimizer = Unit((2,), name="adam")
    net.optimizer.tracked_as = "optimizer"
    saving.load_weights(net, path)
    assert net.optimizer.own[0].numpy().tolist() == [7.0, 7.0]
    del net.optimizer
    assert all(map(np.array_equal, read(net), values))


def test_an_optimizer_that_the_model_lacks_is_passed_over(tmp_path, net):
    path = tmp_path / "o.weights.h5"
    net.optimizer = Unit((2,), name="adam")
    net.optimizer.tracked_as = "optimizer"
    values = fill(net)
    saving.save_weights(net, path)
    del net.optimizer
    expected = read(net)
    assert len(values) == len(expected) + 1
    fill(net, start=50)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        saving.load_weights(net, path)
    assert all(map(np.array_equal, read(net), expected))


@pytest.mark.parametrize(
    ("call", "text"),
    [
        (lambda net, p: saving.save_model(net, p / "model.thing"), r"\.keras"),
        (lambda net, p: saving.save_model(net, p / "model.thing", zipped=True), r"\.keras"),
        (lambda net, p: saving.save_model(net, "gs://bucket/model.keras"), "this machine"),
        (lambda net, p: saving.save_model(net, 3), "path"),
        (lambda net, p: saving.save_model(net, p / "model.keras", zip=True), "zip"),
        (lambda net, p: saving.save_weights(net, p / "model.h5"), r"weights\.h5"),
        (lambda net, p: saving.save_weights(net, p / "a.weights.h5", max_shard_size=1), r"weights\.json"),
        (lambda net, p: saving.load_model(p / "absent.keras"), "File not found"),
        (lambda net, p: saving.load_weights(net, p / "absent.weights.h5"), "File not found"),
        (lambda net, p: saving.load_model(p), r"config\.json"),
    ],
)
def test_wrong_arguments(tmp_path, net, call, text):
    with pytest.raises(ValueError, match=text):
        call(net, tmp_path)


def test_a_missing_file_is_both_kinds_of_error(tmp_path):
    with pytest.raises(FileNotFoundError):
        saving.load_model(tmp_path / "absent.keras")
    assert issubclass(MissingFileError, ValueError)


def test_unknown_extension_of_an_existing_file(tmp_path, net):
    path = tmp_path / "model.thing"
    path.write_bytes(b"")
    for call in (saving.load_model, lambda p: saving.load_weights(net, p)):
        with pytest.raises(ValueError, match=r"\.weights\.h5"):
            call(path)


def test_by_name_is_for_legacy_files(tmp_path, net):
    path = tmp_path / "w.weights.h5"
    saving.save_weights(net, path)
    with pytest.raises(ValueError, match="by_name"):
        saving.load_weights(net, path, by_name=True)


def test_asking_before_overwriting(tmp_path):
    path = tmp_path / "file"
    path.write_text("x")
    answers = iter(["maybe", "n"])
    assert not files.may_write(path, False, ask=lambda _: next(answers))
    assert files.may_write(path, False, ask=lambda _: "Y")
    assert files.may_write(path, True)
    assert files.may_write(tmp_path / "new", False)


class Failing(Unit):
    def save_own_variables(self, store):
        raise RuntimeError("disk on fire")


@pytest.mark.parametrize("name", ["m.keras", "m", "m.weights.h5", "m.weights.json", "m.safetensors"])
def test_a_failed_save_leaves_what_was_there(tmp_path, net, name):
    path = tmp_path / name
    save = saving.save_model if name in ("m.keras", "m") else saving.save_weights
    save(net, path)
    before = {p: p.read_bytes() for p in tmp_path.rglob("*") if p.is_file()}
    net.zone = Failing()
    with pytest.raises(RuntimeError, match="on fire"):
        save(net, path)
    assert {p: p.read_bytes() for p in tmp_path.rglob("*") if p.is_file()} == before


def test_a_folder_replaces_a_folder(tmp_path, net):
    path = tmp_path / "model"
    saving.save_model(net, path)
    (path / "stray").write_text("x")
    saving.save_model(net, path)
    assert not (path / "stray").exists()
    assert os.listdir(tmp_path) == ["model"]
