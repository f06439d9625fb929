"""Random journals: burdens and reports counted as a plain fold over the decisions counts them."""

from __future__ import annotations

from collections import Counter
from datetime import date
from random import Random
from statistics import median
from typing import Any

from hypothesis import given, note
from hypothesis import strategies as st

from registry.queries.burdens import imposed, landing, reports
from registry.relations.two_times import AsOf
from tests.oracle import validity
from tests.oracle.fold import BURDENS, History, Line, Snapshot
from tests.support import journals, random_world
from tests.support.drawing import examples
from tests.support.registry_under_test import Registry, as_of_known
from tests.support.retrospective_journals import retrospective_journals

YEARLY = ("form", "inspection", "meeting", "document")


def given_to(snapshot: Snapshot, unit: str, kind: str, on: str) -> list[Line]:
    """The burdens of a kind that count for a unit on a day: begun in its year, or in force on it."""
    results = []
    for transfer in snapshot.history.transfers.values():
        if transfer["type"] != "BurdenImposed" or snapshot.matters[transfer["matter"]].kind != kind:
            continue
        end = min(transfer.get("until", "9999"), snapshot.history.ends.get(transfer["ref"], {}).get("at", "9999"))
        counts = transfer["at"] >= on[:4] if kind in YEARLY else end > on
        if snapshot.read(transfer["to"]) == unit and transfer["at"] <= on and counts:
            results.append(transfer)
    return sorted(results, key=lambda transfer: (transfer["at"], transfer["position"]))


def expected(snapshot: Snapshot, unit: str) -> dict[str, tuple[int, ...]]:
    """By kind: imposed, planned, beyond the quota, last year, last year by then."""
    counts = {}
    year = int(snapshot.day[:4]) - 1
    for kind in BURDENS:
        now = given_to(snapshot, unit, kind, snapshot.day)
        positive = snapshot.lists_for(unit, kind, "positive")
        quotas = [
            stated["quota"] for stated in (*positive, *snapshot.lists_for(unit, kind, "negative")) if "quota" in stated
        ]
        planned = [
            transfer for transfer in now if any(snapshot.listed(stated, transfer["matter"]) for stated in positive)
        ]
        before = len(given_to(snapshot, unit, kind, f"{year}-12-31"))
        then = len(given_to(snapshot, unit, kind, f"{year}{snapshot.day[4:]}"))
        beyond = max(len(now) - min(quotas), 0) if quotas else 0
        counts[kind] = (len(now), len(planned), beyond, before, then)
    return counts


@examples(60)
@given(journal=retrospective_journals(), seed=st.integers(0, 2**20))
def test_a_year_is_counted_as_the_fold_counts_it(registry: Registry, journal: list[Line], seed: int) -> None:
    recorded = validity.judge(map(journals.encoded, journal)).recorded
    random = Random(seed)
    assert registry.import_lines(map(journals.encoded, recorded)) == []
    as_of, known = random.choice(random_world.QUERY_DAYS), random.randint(len(recorded) // 2, len(recorded))
    note(f"as of {as_of}, known {known}")
    snapshot, expected_state = History(recorded, known).on(as_of), as_of_known(as_of, known)
    counted = registry.runner.run(imposed.tallies(registry.pool, expected_state, sorted(snapshot.units)))
    zero = dict.fromkeys(BURDENS, (0, 0, 0, 0, 0))
    for unit in snapshot.units:
        of = counted.get(unit, [])
        counts = {one.kind: (one.imposed, one.planned, one.excess, one.year_before, one.by_then) for one in of}
        assert zero | counts == expected(snapshot, unit), unit
        assert all(one.planned + one.unplanned == one.imposed for one in of)
    if not snapshot.units:
        return
    # The territory's totals are its units'; every burden is told once, and as often as it is counted.
    top = random.choice(sorted(snapshot.units))
    inside = registry.runner.run(imposed.burdened(registry.pool, expected_state, top))
    assert set(inside) <= snapshot.within(top)
    total = imposed.summed(list(registry.runner.run(imposed.tallies(registry.pool, expected_state, inside)).values()))
    whole = {kind: sum(expected(snapshot, unit)[kind][0] for unit in snapshot.within(top)) for kind in BURDENS}
    assert {one.kind: one.imposed for one in total if one.imposed} == {kind: n for kind, n in whole.items() if n}
    for unit in random.sample(sorted(snapshot.units), min(2, len(snapshot.units))):
        year = registry.runner.run(imposed.year(registry.pool, expected_state, unit))
        assert Counter(one.delegation.kind for one in year.imposed) == Counter(
            {one.kind: one.imposed for one in year.tallies if one.imposed}
        )
        for one in year.tallies:
            rows = [each for each in year.imposed if each.delegation.kind == one.kind]
            assert sum(bool(each.planned_by) for each in rows) == one.planned
            assert sum(each.beyond for each in rows) == one.excess
        covered = {(each.delegation.ref, subject) for each in year.imposed for subject in each.planned_by}
        assert covered == {(ref, f"{item.list}#{item.item}") for item in year.planned for ref in item.refs}


@examples(40)
@given(journal=retrospective_journals(), seed=st.integers(0, 2**20))
def test_the_months_of_a_year_add_up_to_the_year(registry: Registry, journal: list[Line], seed: int) -> None:
    recorded = validity.judge(map(journals.encoded, journal)).recorded
    random = Random(seed)
    assert registry.import_lines(map(journals.encoded, recorded)) == []
    known = random.randint(len(recorded) // 2, len(recorded))
    year = random.choice((2019, 2020, 2021))
    moment = AsOf(date(year, 12, 31), known)
    units = sorted(History(recorded, known).on(f"{year}-12-31").units)
    months = [landing.month_of(date(year, number, 1)) for number in range(1, 13)]
    landed = [registry.runner.run(landing.landing(registry.pool, moment, units, month)) for month in months]
    for unit in units:
        counted = registry.runner.run(imposed.year(registry.pool, moment, unit))
        yearly = [one.delegation.ref for one in counted.imposed if one.delegation.kind in YEARLY]
        rows = [one for month in landed for one in month.get(unit, [])]
        assert sorted(yearly) == sorted(
            one.delegation.ref for one in rows if one.begins and one.delegation.kind in YEARLY
        )
        current = {one.delegation.ref for one in counted.imposed if one.delegation.kind not in YEARLY}
        last = {one.delegation.ref for one in landed[-1].get(unit, []) if one.delegation.kind in BURDENS[2:]}
        assert current <= last
        assert len({(one.delegation.ref, one.begins) for one in rows if one.begins}) == sum(one.begins for one in rows)


@st.composite
def report_journals(draw: st.DrawFn) -> list[Line]:
    """A journal with many reports and answers."""
    lines = draw(journals.journals(size=40))
    random = Random(draw(st.integers(0, 2**20)))
    units = [line["unit"] for line in lines if line["type"] == "UnitRegistered"]
    refs = [line["ref"] for line in lines if line["type"] in ("DutyDelegated", "BurdenImposed", "CertificateDemanded")]
    for number in range(random.randrange(12)):
        line: dict[str, Any] = {
            "type": "BurdenReported",
            "at": random.choice(random_world.DAYS),
            "report": f"R{number}",
        }
        line |= {"unit": random.choice(units), "text": random_world.name(random)}
        lines.append(line | ({"about": random.choice(refs)} if refs and random.random() < 0.6 else {}))
        for _ in range(random.choice((0, 0, 1, 1, 2))):
            outcome = random.choice(("upheld", "rejected", "resolved"))
            stated = {"report": f"R{number}", "by": random.choice(units), "text": "答复", "outcome": outcome}
            lines.append({"type": "ReportAnswered", "at": random.choice(random_world.DAYS), **stated})
    return lines


def days(since: str, until: str) -> int:
    return (date.fromisoformat(until) - date.fromisoformat(since)).days


@examples(60)
@given(journal=report_journals(), seed=st.integers(0, 2**20))
def test_reports_are_counted_as_the_fold_counts_them(registry: Registry, journal: list[Line], seed: int) -> None:
    recorded = validity.judge(map(journals.encoded, journal)).recorded
    random = Random(seed)
    assert registry.import_lines(map(journals.encoded, recorded)) == []
    as_of, known = random.choice(random_world.QUERY_DAYS), random.randint(len(recorded) // 2, len(recorded))
    note(f"as of {as_of}, known {known}")
    history = History(recorded, known)
    snapshot, moment = history.on(as_of), as_of_known(as_of, known)
    if "42" not in snapshot.units:
        return
    inside = snapshot.within("42")
    want = {}
    for line in snapshot.so_far("BurdenReported"):
        unit = snapshot.read(line["unit"])
        if unit not in inside:
            continue
        # An answer dated before its report counts from the report on.
        answers = [stated for stated in snapshot.so_far("ReportAnswered") if stated["report"] == line["report"]]
        given_ = [(max(stated["at"], line["at"]), stated["outcome"]) for stated in answers]
        about = history.transfers.get(line.get("about", ""))
        sender = about and (snapshot.read(about["from"]) or about["from"])
        first = min((day for day, _ in given_), default=None)
        outcome = given_[-1][1] if given_ else None
        want[line["report"]] = (unit, outcome, days(line["at"], first or as_of), sender)
    wanted = reports.Wanted("42")
    rows = registry.runner.run(reports.reports(registry.pool, moment, wanted, None, 1000))
    assert {row.report: (row.unit, row.outcome, row.days) for row in rows} == {
        report: of[:3] for report, of in want.items()
    }
    assert [(row.on, row.position) for row in rows] == sorted(((row.on, row.position) for row in rows), reverse=True)
    for by, index in (("unit", 0), ("sender", 3)):
        counted = registry.runner.run(reports.statistics(registry.pool, moment, wanted, by=by))
        assert {one.unit: (one.reports, one.open, one.days) for one in counted} == {
            key: (len(of), sum(o[1] is None for o in of), median(d) if (d := [o[2] for o in of if o[1]]) else None)
            for key in {of[index] for of in want.values()}
            for of in [[each for each in want.values() if each[index] == key]]
        }
        assert all(
            one.upheld + one.rejected + one.resolved == one.answered == one.reports - one.open for one in counted
        )
    (together,) = registry.runner.run(reports.statistics(registry.pool, moment, wanted))
    assert together.reports == len(want) == registry.runner.run(reports.count(registry.pool, moment, wanted))
