"""`state`: slots of a thread, the slot of the process, and the flag that says that none is set."""

import threading

import pytest
from keras_ops.state import StatelessScope, state


def in_another_thread(read):
    found = []
    thread = threading.Thread(target=lambda: found.append(read()))
    thread.start()
    thread.join()
    return found[0]


def facts():
    return state.plain, state.autocast, state.distribution


def facts_of_a_thread_that_had_scopes():
    with StatelessScope():
        assert not state.plain
    return facts()


@pytest.mark.parametrize("read", [facts, facts_of_a_thread_that_had_scopes])
def test_a_distribution_is_set_for_all_threads(read):
    devices = object()
    with state.scope(autocast="float16"):
        pass  # This thread has set its flag once.
    state.distribution = devices
    try:
        assert read() == in_another_thread(read) == (False, None, devices)
    finally:
        state.distribution = None
    assert read() == in_another_thread(read) == (True, None, None)


def test_all_other_slots_are_those_of_one_thread():
    with state.scope(autocast="float16"):
        assert facts() == (False, "float16", None)
        assert in_another_thread(facts) == (True, None, None)
    assert facts() == (True, None, None)


def test_a_scope_gives_back_what_was_there():
    with state.scope(distribution="outer"):
        with state.scope(distribution="inner", quiet=True):
            assert (state.distribution, state.quiet) == ("inner", True)
        assert facts() == (False, None, "outer")
    assert facts() == (True, None, None)
