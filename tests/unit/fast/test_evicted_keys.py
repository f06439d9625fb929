"""The Bloom filter beside the set that it stands for, and the collector left as it was."""

from __future__ import annotations

import gc
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from registry.fast.collector import uncollected
from registry.fast.evicted_keys import EvictedKeys
from registry.fast.switching import SECONDS, quick_switching

KEYS = st.lists(st.text(max_size=8), max_size=60)


@given(added=KEYS, query=KEYS)
def test_no_key_that_was_added_is_missed(added: list[str], query: list[str]) -> None:
    filter_ = EvictedKeys()
    assert filter_.among(query) == []
    filter_.add(added)
    assert {*query} & {*added} <= {*filter_.among(query)} <= {*query}


def test_few_are_named_that_were_not_added() -> None:
    filter_ = EvictedKeys()
    filter_.add(f"ref:{number}" for number in range(100_000))
    others = [f"unit:{number}" for number in range(100_000)]
    assert len(filter_.among(others)) < 100


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
