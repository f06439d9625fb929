"""Findings as `registry check --json` prints them, with their ways out."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any, Final

import psycopg

from registry import checker
from registry.checker import Finding
from registry.cli.terminal import tell_plainly
from registry.impact.remedies import remedies
from registry.recording.unit_of_work import Busy

FEW: Final = 100  # of so many findings the ways out are looked for unasked


def lines(
    connection: psycopg.Connection[Any], found: Sequence[Finding], with_remedies: bool | None
) -> Iterator[dict[str, object]]:
    """Each finding as the contract writes it. `with_remedies`: always, never, or (None) where findings are few."""
    wanted = len(found) <= FEW if with_remedies is None else with_remedies
    if with_remedies is None and not wanted:
        tell_plainly(
            f"问题多于 {FEW} 个，未逐一给出整改办法（需要时加 --remedies）。 / "
            f"More than {FEW} findings: their ways out are not looked for (--remedies does)."
        )
    for finding in found:
        yield checker.as_json(_with_remedies(connection, finding) if wanted else finding)


def _with_remedies(connection: psycopg.Connection[Any], finding: Finding) -> Finding:
    try:
        ways = remedies(connection, finding)
    except Busy as busy:
        tell_plainly(f"{busy.code}: {busy}")
        return finding
    return replace(
        finding,
        remedies=tuple(
            {
                "action": way.action,
                "message": {"zh": way.message.zh, "en": way.message.en},
                "decisions": way.decisions,
                "opens": [list(opened.key) for opened in way.opens],
                "closes": [list(closed.key) for closed in way.closes],
            }
            for way in ways
        ),
    )
