"""Files that are damaged or made to harm: each is refused, with a message that names it."""

import io
import json
import stat
import warnings
import zipfile

import h5py
import numpy as np
import pytest
from keras_saving import archive, saving
from keras_saving.errors import BrokenFileError
from keras_saving.testing import Net


@pytest.fixture
def net():
    return Net()


@pytest.fixture
def parts(tmp_path, net):
    """The parts of a saved model by name."""
    path = tmp_path / "good.keras"
    saving.save_model(net, path)
    with zipfile.ZipFile(path) as file:
        return {name: file.read(name) for name in file.namelist()}


def write(path, parts, compression=zipfile.ZIP_STORED):
    with zipfile.ZipFile(path, "w", compression) as file:
        for name, content in parts.items():
            file.writestr(name, content)
    return path


def with_weights(parts, edit):
    """The parts with the weights edited by a function of the open file."""
    stream = io.BytesIO(parts["model.weights.h5"])
    with h5py.File(stream, "r+") as file:
        edit(file)
    return {**parts, "model.weights.h5": stream.getvalue()}


def test_compressed_archives_are_read(tmp_path, parts):
    assert isinstance(saving.load_model(write(tmp_path / "c.keras", parts, zipfile.ZIP_DEFLATED)), Net)


@pytest.mark.parametrize("content", [b"", b"not a zip", b"PK\x03\x04" + b"x" * 50])
def test_no_archive(tmp_path, content):
    path = tmp_path / "bad.keras"
    path.write_bytes(content)
    with pytest.raises(ValueError, match=r"bad\.keras"):
        saving.load_model(path)


def test_truncated_archive(tmp_path, parts):
    path = write(tmp_path / "cut.keras", parts)
    path.write_bytes(path.read_bytes()[:-200])
    with pytest.raises(ValueError, match="truncated"):
        saving.load_model(path)


@pytest.mark.parametrize(
    ("name", "error"),
    [("config.json", KeyError), ("config.json", ValueError), ("model.weights.h5", ValueError)],
)
def test_missing_parts(tmp_path, parts, name, error):
    path = write(tmp_path / "part.keras", {k: v for k, v in parts.items() if k != name})
    with pytest.raises(error, match=name):
        saving.load_model(path)


def test_metadata_may_be_missing(tmp_path, parts):
    del parts["metadata.json"]
    assert isinstance(saving.load_model(write(tmp_path / "m.keras", parts)), Net)


@pytest.mark.parametrize("text", ["{", "[1]", "3", "[" * 100_000])
def test_config_that_is_none(tmp_path, parts, text):
    with pytest.raises(BrokenFileError):
        saving.load_model(write(tmp_path / "c.keras", {**parts, "config.json": text}))


def test_flipped_bits_are_noticed(tmp_path, parts):
    path = write(tmp_path / "flip.keras", parts)
    data = bytearray(path.read_bytes())
    start = data.find(parts["model.weights.h5"]) + 100
    data[start] ^= 0xFF
    path.write_bytes(data)
    with pytest.raises(BrokenFileError, match=r"model\.weights\.h5"):
        saving.load_model(path)


@pytest.mark.parametrize(
    "name", ["../out.txt", "/etc/out.txt", "assets/../../out.txt", "a\\b", "C:/x", "/".join("d" * 80)]
)
def test_members_that_lead_out(tmp_path, parts, name):
    with pytest.raises(BrokenFileError, match="refused"):
        saving.load_model(write(tmp_path / "out.keras", {**parts, name: b"x"}))


def test_links_in_archives(tmp_path, parts):
    path = write(tmp_path / "link.keras", parts)
    info = zipfile.ZipInfo("assets/words/words.txt.link")
    info.external_attr = (stat.S_IFLNK | 0o777) << 16
    with zipfile.ZipFile(path, "a") as file:
        file.writestr(info, "/etc/passwd")
    with pytest.raises(BrokenFileError, match="link"):
        saving.load_model(path)


def test_names_that_occur_twice(tmp_path, parts):
    path = write(tmp_path / "twice.keras", parts)
    with warnings.catch_warnings(), zipfile.ZipFile(path, "a") as file:
        warnings.simplefilter("ignore")
        file.writestr("config.json", "{}")
    with pytest.raises(BrokenFileError, match="twice"):
        saving.load_model(path)


def test_bombs(tmp_path, parts, monkeypatch):
    monkeypatch.setattr(archive, "_SLACK", 0)
    bomb = {**parts, "assets/words/zeros": b"\0" * (8 << 20)}
    with pytest.raises(BrokenFileError, match="times as large"):
        saving.load_model(write(tmp_path / "bomb.keras", bomb, zipfile.ZIP_DEFLATED))
    monkeypatch.setattr(archive, "MAX_MEMBERS", 3)
    with pytest.raises(BrokenFileError, match="members"):
        saving.load_model(write(tmp_path / "many.keras", bomb))


def external_link(file):
    del file["first"]
    file["first"] = h5py.ExternalLink("other.h5", "/x")


def soft_link(file):
    file.move("first", "elsewhere")
    file["first"] = h5py.SoftLink("/elsewhere")


def external_data(file):
    del file["first/vars/0"]
    file["first/vars"].create_dataset("0", (3,), "float32", external=[("other.bin", 0, 12)])


def virtual_data(file):
    del file["first/vars/0"]
    layout = h5py.VirtualLayout((3,), "float32")
    layout[:] = h5py.VirtualSource("other.h5", "x", (3,))
    file["first/vars"].create_virtual_dataset("0", layout)


def hollow_data(file):
    del file["first/vars/0"]
    file["first/vars"].create_dataset("0", (1 << 40,), "float32", chunks=(1 << 20,))


def references(file):
    del file["first/vars/0"]
    data = file["first/vars"].create_dataset("0", (3,), h5py.ref_dtype)
    data[0] = file["words"].ref


def group_for_dataset(file):
    del file["first/vars/0"]
    file["first/vars"].create_group("0")


def unknown_dtype(file):
    del file["first/vars/0"]
    file["first/vars"].create_dataset("0", data=np.zeros(3, "V2")).attrs["dtype"] = "float3"


EDITS = [external_link, soft_link, external_data, virtual_data, hollow_data, references]
EDITS += [group_for_dataset, unknown_dtype]


@pytest.mark.parametrize("edit", EDITS, ids=lambda edit: edit.__name__)
def test_weights_that_are_refused(tmp_path, parts, edit):
    path = write(tmp_path / "bad.keras", with_weights(parts, edit))
    with pytest.raises(BrokenFileError, match=r"bad\.keras"):
        saving.load_model(path)
    path = tmp_path / "bad.weights.h5"
    path.write_bytes(with_weights(parts, edit)["model.weights.h5"])
    with pytest.raises(BrokenFileError, match=r"bad\.weights\.h5"):
        saving.load_weights(Net(), path)


def test_weights_of_no_hdf5(tmp_path, parts):
    with pytest.raises(BrokenFileError, match="HDF5"):
        saving.load_model(write(tmp_path / "x.keras", {**parts, "model.weights.h5": b"no"}))


def test_code_in_a_config_is_refused(tmp_path, parts):
    config = json.loads(parts["config.json"])
    config["config"]["name"] = {"class_name": "__lambda__", "config": {"code": "", "defaults": None}}
    path = write(tmp_path / "l.keras", {**parts, "config.json": json.dumps(config)})
    with pytest.raises(ValueError, match="safe_mode"):
        saving.load_model(path)


def test_a_foreign_class_is_refused(tmp_path, parts):
    config = {"module": "subprocess", "class_name": "Popen", "config": {"args": "false"}}
    path = write(tmp_path / "p.keras", {**parts, "config.json": json.dumps(config)})
    with pytest.raises(TypeError, match="Popen"):
        saving.load_model(path)


TABLES = [
    {"vars/0": {"dtype": "F32", "shape": [1 << 40], "data_offsets": [0, 1 << 42]}},
    {"vars/0": {"dtype": "F32", "shape": [2], "data_offsets": [0, 4]}},
    {"vars/0": {"dtype": "F32", "shape": [-1], "data_offsets": [4, 0]}},
    {"vars/0": {"dtype": "pickle", "shape": [1], "data_offsets": [0, 4]}},
    {"vars/0": [1]},
    [1],
]


@pytest.mark.parametrize("table", TABLES)
def test_safetensors_that_are_refused(tmp_path, table):
    header = json.dumps(table).encode()
    path = tmp_path / "bad.safetensors"
    for data in (len(header).to_bytes(8, "little") + header + b"\0" * 8, b"\xff" * 20, b""):
        path.write_bytes(data)
        with pytest.raises(BrokenFileError, match=r"bad\.safetensors"):
            saving.load_weights(Net(), path)
