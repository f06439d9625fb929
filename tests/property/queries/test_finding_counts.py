"""Findings counted, put in order and by their origin, over random journals as the oracle reads them."""

from __future__ import annotations

from collections import Counter
from datetime import date
from itertools import pairwise, permutations
from random import Random

from hypothesis import given, note
from hypothesis import strategies as st

from registry import checker
from registry.queries.findings import counts, origins
from registry.queries.findings.counts import GROUPS
from registry.queries.findings.findings import Checked
from registry.queries.findings.ordering import ORDERS, ordered
from tests.oracle import rules, validity
from tests.oracle.fold import History, Line, Snapshot
from tests.support import journals, random_world
from tests.support.drawing import examples
from tests.support.registry_under_test import Registry, as_of_known


def origin(snapshot: Snapshot, subject: str) -> tuple[str, str]:
    """From whom a subject came and by which document; '' for none."""
    listed, _, item = subject.partition("#")
    if item:
        lines = [line for line in snapshot.items(listed) if line["item"] == item]
        sender = snapshot.read(lines[0].get("from")) if lines else None
        return sender or "", snapshot.lists[listed]["instrument"]
    transfer = (snapshot.history.transfers | snapshot.history.orders)[subject]
    if transfer["type"] == "RectificationOrdered":
        return origin(snapshot, transfer["subject"])
    return snapshot.read(transfer["from"]) or "", transfer.get("instrument", "")


def branch(snapshot: Snapshot, unit: str, within: str | None) -> str:
    """The unit right below `within` that a unit stands under, or is."""
    chain = snapshot.chain(unit)
    above = chain[: chain.index(within)] if within in chain else chain
    return above[-1] if above else unit


def matter(snapshot: Snapshot, subject: str) -> str:
    """The matter that a finding with this subject is about."""
    listed, _, item = subject.partition("#")
    if item:
        return next(line["matter"] for line in snapshot.items(listed) if line["item"] == item)
    transfer = (snapshot.history.transfers | snapshot.history.orders)[subject]
    return matter(snapshot, transfer["subject"]) if "subject" in transfer else transfer["matter"]


@examples(15)
@given(journal=journals.journals(size=70), seed=st.integers(0, 2**20))
def test_counts_and_origins_are_those_of_the_oracle(registry: Registry, journal: list[Line], seed: int) -> None:
    recorded = validity.judge(map(journals.encoded, journal)).recorded
    random = Random(seed)
    assert registry.import_lines(map(journals.encoded, recorded)) == []
    for as_of, known in random_world.two_times(random, len(recorded), 2):
        snapshot, when = History(recorded, known).on(as_of), as_of_known(as_of, known)
        stated = rules.findings(snapshot)
        for within in (None, *random.sample(sorted(snapshot.units), min(2, len(snapshot.units)))):
            note(f"as of {as_of}, known {known}, within {within}")
            territory = snapshot.units if within is None else snapshot.within(within)
            expected = [finding for finding in stated if finding.unit in territory]
            results = [
                row
                for row in Checked().counted(registry.connection, when, within)
                if row.rule not in rules.NOT_HERE and not row.waived
            ]
            subjects = {row.subject for row in results}
            by_subject = registry.runner.run(origins.origins(registry.pool, when, subjects))
            for by in random.sample([*permutations(GROUPS, 2), *((group,) for group in GROUPS)], 6):
                keys = Counter(
                    tuple(
                        {
                            "rule": finding.rule,
                            "unit": branch(snapshot, finding.unit, within),
                            "severity": finding.severity,
                            "sender": origin(snapshot, finding.subject)[0],
                            "instrument": origin(snapshot, finding.subject)[1],
                            "matter": matter(snapshot, finding.subject),
                        }[group]
                        for group in by
                    )
                    for finding in expected
                )
                counted = counts.count(results, by, by_subject)
                assert {row.keys: row.count for row in counted} == dict(keys)
                assert [row.count for row in counted] == sorted(keys.values(), reverse=True)
            registry.connection.rollback()


@examples(15)
@given(journal=journals.journals(size=70), seed=st.integers(0, 2**20))
def test_each_order_has_every_finding_once_and_compares_as_it_says(
    registry: Registry, journal: list[Line], seed: int
) -> None:
    recorded = validity.judge(map(journals.encoded, journal)).recorded
    random = Random(seed)
    assert registry.import_lines(map(journals.encoded, recorded)) == []
    day = date.fromisoformat(random.choice(random_world.QUERY_DAYS))
    findings = checker.check(registry.connection, day, len(recorded), waived=True)
    registry.connection.rollback()
    days = (None, date(2020, 1, 1), date(2020, 2, 1), date(2021, 1, 1))
    first_days = {finding.key: random.choice(days) for finding in findings}
    for order in ORDERS:
        sorted_findings = ordered(findings, order, first_days)
        assert len({sort_key for sort_key, _ in sorted_findings}) == len(findings)
        assert {finding.key for _, finding in sorted_findings} == {finding.key for finding in findings}
        for (_, one), (_, other) in pairwise(sorted_findings):
            first, second = first_days[one.key], first_days[other.key]
            if order == "severity":
                assert ("VWR".index(one.severity), one.key) < ("VWR".index(other.severity), other.key)
            elif order == "unit":
                assert (one.unit, one.rule, one.subject) < (other.unit, other.rule, other.subject)
            elif order == "rule" or first == second:
                assert one.key < other.key
            else:
                assert second is None or (first is not None and (first < second) == (order == "since_oldest"))


@examples(15)
@given(journal=journals.journals(size=70), seed=st.integers(0, 2**20))
def test_findings_that_are_shown_have_the_texts_that_all_have(
    registry: Registry, journal: list[Line], seed: int
) -> None:
    recorded = validity.judge(map(journals.encoded, journal)).recorded
    random = Random(seed)
    assert registry.import_lines(map(journals.encoded, recorded)) == []
    for as_of, known in random_world.two_times(random, len(recorded), 2):
        when, units = as_of_known(as_of, known), sorted(History(recorded, known).on(as_of).units)
        for within in (None, *random.sample(units, min(2, len(units)))):
            note(f"as of {as_of}, known {known}, within {within}")
            every = checker.check(registry.connection, when.valid_at, when.known_at, within, waived=True)
            checked = Checked()
            rows = checked.counted(registry.connection, when, within)
            assert sorted(row.key for row in rows) == [finding.key for finding in every]
            shown = random.sample(rows, random.randint(0, len(rows)))
            expected = {finding.key: finding for finding in every}
            for answers in (checked, Checked()):  # out of the picture of the territory, and of their units alone
                explained = answers.explained(registry.connection, when, within, shown)
                assert explained == [expected[row.key] for row in shown]
            registry.connection.rollback()
