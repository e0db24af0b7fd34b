"""`state`: slots of a thread, the slot of the process, and the flag that says that none is set."""

import threading

import pytest
from keras_ops import serialize
from keras_ops.registry import CustomObjectScope, get_registered_object
from keras_ops.remat import RematScope
from keras_ops.serialize import ObjectSharingScope, SafeModeScope, in_safe_mode
from keras_ops.state import StatelessScope, SymbolicScope, current_path, name_scope, state
from keras_ops.variable import Variable


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


SCOPES = {
    "state": lambda: state.scope(autocast="float16"),
    "stateless": StatelessScope,
    "symbolic": SymbolicScope,
    "name": lambda: name_scope("outer"),
    "remat": RematScope,
    "objects": lambda: CustomObjectScope({"thing": len}),
    "safe mode": lambda: SafeModeScope(False),
    "sharing": ObjectSharingScope,
}


def everything():
    """All that scopes set in this thread."""
    sharing = serialize._scopes.sharing
    slots = state.plain, state.autocast, state.stateless, state.quiet, state.remat, current_path()
    return *slots, get_registered_object("thing"), in_safe_mode(), sharing


@pytest.mark.parametrize("make", SCOPES.values(), ids=SCOPES)
def test_a_scope_may_be_entered_again_while_it_is_open(make):
    scope, around, before = make(), SCOPES["state"](), everything()
    with scope:
        once = everything()
        with scope, around, scope:
            pass
        assert everything() == once != before
        with pytest.raises(KeyError), scope:
            raise KeyError
        assert everything() == once
    assert everything() == before
    with scope:
        assert everything() == once
    assert everything() == before


def test_a_stateless_scope_inside_itself_reads_and_makes_variables():
    old, scope = Variable([1.0]), StatelessScope()
    with scope, scope:
        assert old.value is not None
        new = Variable([2.0])
    new.assign([3.0])
    with scope:
        assert new.value is not None
    assert new.numpy().tolist() == [3.0]
