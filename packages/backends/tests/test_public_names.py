"""Public names are found by name, in any thread."""

import sys
import threading

from keras_backends import public_names, settings


def test_threads_look_up_names_at_once(monkeypatch):
    failures = []

    def look_up():
        try:
            assert public_names.load_exported("keras.config", "floatx") is settings.floatx
        except Exception as error:
            failures.append(error)

    interval = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    try:
        for _ in range(20):
            # As before the first look-up.
            monkeypatch.setattr(public_names, "_unread", dict.fromkeys(public_names._packages))
            threads = [threading.Thread(target=look_up) for _ in range(4)]
            for thread in threads:
                thread.start()
            for thread in threads:
                thread.join()
    finally:
        sys.setswitchinterval(interval)
    assert not failures
