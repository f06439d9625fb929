"""How much of two names is the same, reckoned for few names and for many."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from registry.checker.names import likeness

NAMES = st.lists(st.text("河道采砂许可执法的", min_size=1, max_size=8), min_size=1, max_size=8)


@given(names=NAMES, others=NAMES)
def test_many_names_share_what_few_do(names: list[str], others: list[str]) -> None:
    few = likeness.nearest(names, others)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(likeness, "DENSE", 0)
        assert likeness.nearest(names, others) == few
