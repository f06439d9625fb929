"""The checker: every rule over the picture of a day."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date
from typing import Any

import numpy as np
import psycopg

from registry.checker.finding import Finding
from registry.checker.holdings import matter_of
from registry.checker.rule import Hits, Rule
from registry.checker.rules import RULES
from registry.projections.picture import Picture, load
from registry.projections.powers import subject


def check(
    connection: psycopg.Connection[Any],
    as_of: date,
    known: int,
    within: Collection[str] | str | None = None,
    rule: str | None = None,
    severity: str | None = None,
    matter: str | None = None,
    waived: bool = False,
) -> list[Finding]:
    """What is wrong on the day `as_of`, as far as the log knew at position `known`, sorted by (rule, unit, subject).

    `within`: only what units of that territory bear; `rule`, `severity` (V, W, R) and `matter` (a code) narrow it
    down. Waived findings come only with `waived`, and say so. Contract, section 4.
    """
    picture = load(connection, as_of, known, within)
    chosen = list(RULES.values()) if rule is None else [RULES[rule]] if rule in RULES else []
    return check_picture(picture, chosen, severity=severity, matter=matter, waived=waived)


def check_picture(
    picture: Picture,
    rules: Collection[Rule] | None = None,
    *,
    severity: str | None = None,
    matter: str | None = None,
    waived: bool = False,
) -> list[Finding]:
    """The findings in the picture's territory, sorted by key; `rules`: only these. Texts are made of these alone."""
    findings: list[Finding] = []
    for rule in RULES.values() if rules is None else rules:
        if severity is None or severity == rule.severity:
            findings += _findings(picture, rule, matter, waived)
    return sorted(findings, key=lambda finding: finding.key)


def _findings(picture: Picture, rule: Rule, matter: str | None, waived: bool) -> list[Finding]:
    hits = rule.find(picture)
    if matter is not None:
        hits = hits.where(matter_of(picture, hits) == picture.matters.index.get(matter, -2))
    waivers = _waivers(picture, rule, hits)
    if not waived and waivers:
        hits = hits.where(np.array([row not in waivers for row in range(len(hits))], np.bool_))
        waivers = {}
    if not len(hits):
        return []
    codes = matter_of(picture, hits)
    return [
        Finding(
            rule=rule.name,
            severity=rule.severity,
            unit=picture.units.code[int(hits.unit[row])],
            subject=subject(picture, int(hits.delegation[row]), int(hits.item[row])),
            matter=picture.matters.code[int(codes[row])],
            as_of=picture.as_of,
            missing=told.missing,
            path=tuple(told.path),
            message=told.message,
            basis=tuple(dict.fromkeys([*rule.basis, *told.basis])),
            waived_by=waivers.get(row),
        )
        for row, told in enumerate(rule.tell(picture, hits))
    ]


def _waivers(picture: Picture, rule: Rule, hits: Hits) -> dict[int, str]:
    """The hits that are waived on the day, and by whom."""
    about = {unit: True for name, unit, _ in picture.waivers if name == rule.name}
    if not about:
        return {}
    waived: dict[int, str] = {}
    for row in np.flatnonzero(np.isin(hits.unit, list(about))):
        unit = int(hits.unit[row])
        waiver = picture.waivers.get(
            (rule.name, unit, subject(picture, int(hits.delegation[row]), int(hits.item[row])))
        )
        if waiver is not None:
            waived[int(row)] = waiver.waived_by
    return waived
