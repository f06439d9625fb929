"""What is switched for the time of long work is afterwards as it was."""

from __future__ import annotations

import gc
import sys

import pytest

from registry.fast.collector import uncollected
from registry.fast.switching import SECONDS, SERVING, quick_switching, serve_quickly


def test_the_collector_is_as_it_was_afterwards() -> None:
    assert gc.isenabled()
    with uncollected():
        assert not gc.isenabled()
        with uncollected():
            pass
        assert not gc.isenabled()
    assert gc.isenabled()


def test_threads_change_over_as_before_afterwards() -> None:
    before = sys.getswitchinterval()
    with quick_switching():
        assert sys.getswitchinterval() == pytest.approx(SECONDS)
    assert sys.getswitchinterval() == before != pytest.approx(SECONDS)


def test_a_server_keeps_its_interval_through_quick_work() -> None:
    before = sys.getswitchinterval()
    try:
        serve_quickly()
        with quick_switching():
            pass
        assert sys.getswitchinterval() == pytest.approx(SERVING)
    finally:
        sys.setswitchinterval(before)
