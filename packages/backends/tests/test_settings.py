"""Settings: setters check what they get, `keras.json` and variables supply defaults."""

import json
from pathlib import Path

import pytest
from keras_backends import settings


@pytest.fixture(autouse=True)
def _restored():
    saved = (settings.floatx(), settings.epsilon(), settings.image_data_format())
    yield
    settings.set_floatx(saved[0])
    settings.set_epsilon(saved[1])
    settings.set_image_data_format(saved[2])
    settings.set_max_epochs(None)
    settings.set_max_steps_per_epoch(None)


@pytest.mark.parametrize("value", ["bfloat16", "float16", "float32", "float64"])
def test_floatx_is_kept(value):
    settings.set_floatx(value)
    assert settings.floatx() == value


@pytest.mark.parametrize("value", ["float8", "int32", None, 32])
def test_floatx_refuses_what_is_no_float_type(value):
    with pytest.raises(ValueError, match=r"float16.*float64.*Received"):
        settings.set_floatx(value)


def test_data_format_is_standardized():
    assert settings.standardize_data_format(None) == settings.image_data_format()
    assert settings.standardize_data_format("CHANNELS_FIRST") == "channels_first"
    with pytest.raises(ValueError, match="channels_last"):
        settings.standardize_data_format("channels_middle")
    with pytest.raises(ValueError, match="data_format"):
        settings.set_image_data_format("first")


@pytest.mark.parametrize("name", ["max_epochs", "max_steps_per_epoch"])
def test_limits(name):
    getter, setter = getattr(settings, name), getattr(settings, f"set_{name}")
    assert getter() is None
    setter(3)
    assert getter() == 3
    setter(-1)
    assert getter() is None


@pytest.mark.parametrize("name", ["interactive_logging", "traceback_filtering", "flash_attention"])
def test_switches(name):
    initial = getattr(settings, f"is_{name}_enabled")()
    getattr(settings, f"disable_{name}")()
    assert getattr(settings, f"is_{name}_enabled")() is False
    getattr(settings, f"enable_{name}")()
    assert getattr(settings, f"is_{name}_enabled")() is True
    setattr(settings._settings, name, initial)


def test_unsafe_deserialization_is_off_until_enabled():
    assert not settings.is_unsafe_deserialization_enabled()
    settings.enable_unsafe_deserialization()
    assert settings.is_unsafe_deserialization_enabled()
    settings.disable_unsafe_deserialization()


SHOW = "from keras_backends import settings as s; print(s.floatx(), s.epsilon(), s.image_data_format(), s.max_epochs())"


def test_config_file_and_variables_are_read(fresh_python, tmp_path: Path):
    content = {"floatx": "float16", "epsilon": 1e-3, "image_data_format": "channels_first"}
    (tmp_path / "keras.json").write_text(json.dumps(content))
    result = fresh_python(SHOW, KERAS_MAX_EPOCHS="2")
    assert result.stdout.split() == ["float16", "0.001", "channels_first", "2"], result.stderr


def test_config_file_is_never_written(fresh_python, tmp_path: Path):
    assert fresh_python(SHOW).returncode == 0
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("content", ["{broken", "[1]", '{"floatx": "float31"}'])
def test_an_unfit_config_file_warns_and_is_named(content, fresh_python, tmp_path: Path):
    (tmp_path / "keras.json").write_text(content)
    result = fresh_python(SHOW)
    assert result.stdout.split()[0] == "float32"
    assert "keras.json" in result.stderr
