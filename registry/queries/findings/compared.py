"""Findings of two days compared: which stand on the later and did not on the earlier, and the other way round."""

from __future__ import annotations

from collections.abc import Iterable

from registry.queries.findings.counts import CountedFinding


def compared(
    before: Iterable[CountedFinding], after: Iterable[CountedFinding]
) -> tuple[list[CountedFinding], list[CountedFinding]]:
    """The findings that opened and those that closed from one answer to another, each by rule, unit and subject.

    Two are the same where rule, unit and subject are.
    """
    earlier = {_key(finding): finding for finding in before}
    later = {_key(finding): finding for finding in after}
    opened = [later[key] for key in sorted(later.keys() - earlier.keys())]
    return opened, [earlier[key] for key in sorted(earlier.keys() - later.keys())]


def _key(finding: CountedFinding) -> tuple[str, str, str]:
    return finding.rule, finding.unit, finding.subject
