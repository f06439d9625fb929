"""How messages name things."""

from __future__ import annotations

from registry.checker import naming


def test_quotes_within_quotes_are_single_ones() -> None:
    assert naming.quoted("森林防灭火") == "“森林防灭火”"
    assert naming.quoted("“大棚房”问题清理整治") == "“‘大棚房’问题清理整治”"
