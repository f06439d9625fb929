"""Undoing: the registry reads as if what is taken back had never been recorded, and the undoing can be undone."""

from __future__ import annotations

from random import Random
from typing import Any

import pytest
from hypothesis import given, note
from hypothesis import strategies as st
from psycopg import sql

from registry.projections.tables import TABLES
from registry.recording.undo import Undo, plan_undo
from registry.recording.unit_of_work import record
from tests.oracle import reading, validity
from tests.support import journals
from tests.support.drawing import examples
from tests.support.registry_under_test import Registry
from tests.support.worlds import COUNTY, Line, decision, duty, grant

pytestmark = pytest.mark.slow  # journals of a hundred decisions, undone and whole again


def undo(registry: Registry, positions: list[int], **how: Any) -> tuple[Undo, list[int]]:
    """Take these positions back; gives the plan and the positions of what was recorded."""
    plan = plan_undo(registry.connection, positions, **how)
    assert plan.possible == (not plan.resting and not plan.problems)
    if not plan.decisions:
        return plan, []
    done = record(registry.connection, plan.decisions)
    assert done.positions == list(range(done.before + 1, done.after + 1)), "each is new"
    return plan, done.positions


def still_known(registry: Registry) -> dict[str, set[str]]:
    """The rows of the read tables that are known at the end, without the positions from which."""
    rows: dict[str, set[str]] = {}
    for table in TABLES:
        known = sql.SQL(
            "SELECT (to_jsonb(t) - 'known_from' - 'position')::text FROM {} t WHERE known_to = 9223372036854775807"
        )
        rows[table.name] = {row for (row,) in registry.connection.execute(known.format(sql.Identifier(table.name)))}
    registry.connection.rollback()
    assert rows["unit"], "something is known"
    return rows


@examples(40)
@given(journal=journals.journals(size=50), seed=st.integers(0, 2**20))
def test_the_last_recordings_taken_back_leave_the_rows_of_before(
    registry: Registry, journal: list[Line], seed: int
) -> None:
    lines = validity.judge(map(journals.encoded, journal)).recorded
    kept = Random(seed).randint(max(1, len(lines) - 15), len(lines) - 1)
    assert registry.import_lines(map(journals.encoded, lines[:kept])) == []
    before = still_known(registry)
    assert registry.import_lines(map(journals.encoded, lines)) == []
    after = still_known(registry)

    plan, undone = undo(registry, list(range(kept + 1, len(lines) + 1)))
    note(f"{kept} of {len(lines)} kept: {plan}")
    assert plan.possible
    assert still_known(registry) == before
    if not undone:  # what was taken back had no effect
        assert plan.without_effect
        assert before == after
        return

    plan, redone = undo(registry, undone)
    note(f"undone again: {plan}")
    assert plan.possible
    assert still_known(registry) == after
    if redone:
        assert undo(registry, redone)[0].possible
        assert still_known(registry) == before


@examples(40)
@given(journal=journals.journals(size=40), seed=st.integers(0, 2**20))
def test_any_recording_is_taken_back_with_what_rests_on_it_or_refused(
    registry: Registry, journal: list[Line], seed: int
) -> None:
    lines = validity.judge(map(journals.encoded, journal)).recorded
    assert registry.import_lines(map(journals.encoded, lines)) == []
    position = Random(seed).randint(1, len(lines))
    plan, undone = undo(registry, [position], with_later=True)
    note(f"position {position}: {plan}")
    assert not plan.resting
    if plan.problems:
        assert plan.problems[0][1].message.zh
        return
    assert position in plan.positions or position in plan.without_effect
    taken_back = {*plan.positions, *plan.without_effect}
    assert all(at == position or at > position for at in taken_back)
    exported = [journals.encoded(line) for line in lines] + [journals.encoded(line) for line in plan.decisions]
    assert validity.judge(exported).errors == []
    if lines[position - 1]["type"] not in ("Corrected", "Annulled", "Reinstated", "DelegationEnded"):
        assert position not in {each.position for each in reading.standing(reading.read([*lines, *plan.decisions]))}
    assert len(undone) == len(plan.decisions)


OVER = decision("DelegationEnded", "2021-06-01", ref="A", reason="revoked")
BACK = decision("Reinstated", "2021-07-01", ref="A")
PAPER = decision("InstrumentIssued", "2021-01-01", instrument="撤回通知", title="撤回通知", kind="notice")
ENTERED = decision("ListItemEntered", "2021-02-01", list="BASIC", item="2", name="采砂管理", matter="D-SAND")
OF_ITEM = {"type": "ListItemEntered", "list": "BASIC", "item": "2"}
RENAMED = ENTERED | {"name": "改名"}


@pytest.mark.parametrize(
    ("story", "lines"),
    [
        ("an end and its reinstatement", [OVER, BACK]),
        ("an end, its reinstatement, another end", [OVER, BACK, OVER | {"at": "2021-08-01"}]),
        ("an end by a paper, its reinstatement, the paper", [PAPER, OVER | {"instrument": "撤回通知"}, BACK]),
        ("an item, annulled, another of its id", [ENTERED, decision("Annulled", "2021-03-01", of=OF_ITEM), RENAMED]),
        (
            "an item, annulled, another, annulled",
            [
                ENTERED,
                decision("Annulled", "2021-03-01", of=OF_ITEM),
                RENAMED,
                decision("Annulled", "2021-04-01", of=OF_ITEM),
            ],
        ),
    ],
)
def test_everything_of_a_story_taken_back_at_once_leaves_nothing_of_it(
    registry: Registry, story: str, lines: list[Line]
) -> None:
    """Also what an undoing decides anew, such as an end that was taken back, is taken back with the rest."""
    start = [*COUNTY, duty("A", "2021-01-01")]
    assert registry.import_lines(map(journals.encoded, start)) == []
    before = still_known(registry)
    assert registry.import_lines(map(journals.encoded, [*start, *lines])) == []
    after = still_known(registry)
    _, undone = undo(registry, list(range(len(start) + 1, len(start) + len(lines) + 1)))
    assert still_known(registry) == before
    undo(registry, undone)
    assert still_known(registry) == after


MEANS = decision("ResourcesAllotted", "2021-02-01", ref="A", brings=["staff"])
MORE_MEANS = MEANS | {"brings": ["funds"], "note": "另行安排"}
OF_MEANS = {"type": "ResourcesAllotted", "ref": "A", "at": "2021-02-01"}
NO_MEANS = decision("Annulled", "2021-06-30", of=OF_MEANS)
MEANS_BACK = decision("Reinstated", "2021-07-20", of=OF_MEANS)
REVISED = decision("MatterRevised", "2021-03-01", matter="D-SAND", name="采砂")
UNREVISED = decision("Annulled", "2021-06-30", of={"type": "MatterRevised", "matter": "D-SAND", "at": "2021-03-01"})
GONE = decision("Annulled", "2021-06-30", ref="A")
REDONE = duty("A", "2021-07-15", note="重录")
VESTED = decision("PowerVested", "2021-01-01", power="P-SAND", unit="town", instrument="决定1号")
DIVESTED = decision("PowerDivested", "2021-05-01", power="P-SAND", unit="town")
UNVESTED = decision(
    "Annulled", "2021-06-30", of={"type": "PowerVested", "power": "P-SAND", "unit": "town", "at": "2021-01-01"}
)
WAIVED = decision(
    "FindingWaived",
    "2021-03-01",
    rule="duty-without-power",
    subject="A",
    unit="town",
    by="420684",
    reason="过渡期",
)
LIFTED = decision("WaiverLifted", "2021-05-01", rule="duty-without-power", subject="A", unit="town")
OF_WAIVER = {"type": "FindingWaived", "rule": "duty-without-power", "subject": "A", "unit": "town", "at": "2021-03-01"}
ORDERED = decision(
    "RectificationOrdered",
    "2021-03-01",
    ref="R",
    rule="duty-without-power",
    subject="A",
    unit="town",
    by="420684",
    text="请整改",
    due_on="2021-04-01",
)
ANSWERED = decision("RectificationAnswered", "2021-04-01", ref="R", by="town", text="已办结", outcome="done")
FORM = decision(
    "BurdenImposed", "2021-01-01", ref="A", matter="F-LEDGER", from_="water", to="town", instrument="通知1号"
)
DEMAND = decision("CertificateDemanded", "2021-01-01", ref="A", matter="C-KIN", from_="water", to="village")
REPORT = decision("BurdenReported", "2021-01-05", report="B", unit="town", text="台账太多")
NO_REPORT = decision("Annulled", "2021-06-30", of={"type": "BurdenReported", "report": "B"})
ENDED_BY_PAPER = OVER | {"instrument": "撤回通知"}
NO_PAPER = decision("Annulled", "2021-08-01", of={"type": "InstrumentIssued", "instrument": "撤回通知"})


@pytest.mark.parametrize(
    ("story", "kept", "lines"),
    [
        ("its means", [duty("A"), MEANS], [GONE, REDONE]),
        ("its means, used again as it was", [duty("A"), MEANS], [GONE, duty("A", note="同"), MEANS | {"note": "同"}]),
        ("means of one day, and its end", [duty("A"), MEANS, MORE_MEANS, OVER], [GONE, REDONE]),
        ("means that came after", [duty("A")], [MEANS, MORE_MEANS, GONE, REDONE, OVER | {"at": "2021-08-01"}, BACK]),
        ("means of one day, annulled", [duty("A"), MEANS, MORE_MEANS], [NO_MEANS, NO_MEANS | {"note": "再"}]),
        (
            "means of one day, reinstated out of turn",
            [duty("A"), MEANS],
            [NO_MEANS, MORE_MEANS, decision("Reinstated", "2021-07-01", of=OF_MEANS)],
        ),
        (
            "revisions of one day, annulled",
            [REVISED, REVISED | {"name": "清障"}],
            [UNREVISED, UNREVISED | {"note": "再"}],
        ),
        (
            "corrected means",
            [duty("A"), MEANS],
            [decision("Corrected", "2021-06-01", of=OF_MEANS, set_={"brings": ["funds"]}), GONE, REDONE],
        ),
        (
            "means annulled before it",
            [duty("A"), MEANS],
            [decision("Annulled", "2021-06-01", of=OF_MEANS), GONE, REDONE],
        ),
        ("used thrice", [duty("A"), MEANS], [GONE, REDONE, MORE_MEANS, GONE | {"note": "再"}, grant("A"), OVER]),
        (
            "used again, its means reinstated",
            [duty("A"), MEANS],
            [GONE, REDONE, MEANS_BACK, GONE | {"note": "再"}, FORM],
        ),
        (
            "used thrice, and gone",
            [duty("A"), MEANS, OVER],
            [GONE, grant("A"), GONE | {"note": "再"}, REDONE, MORE_MEANS, GONE | {"note": "三"}],
        ),
        (
            "reinstated before",
            [duty("A"), MEANS],
            [GONE, decision("Reinstated", "2021-07-01", ref="A"), GONE | {"note": "再"}, REDONE],
        ),
        ("an end taken back", [duty("A")], [OVER, BACK, MEANS, GONE, REDONE]),
        ("an end by a paper, annulled", [PAPER, duty("A"), ENDED_BY_PAPER], [GONE, NO_PAPER, REDONE]),
        ("a burden", [FORM, OVER], [GONE, FORM | {"note": "重录"}, OVER | {"reason": "returned"}]),
        ("a burden, with a duty as the next", [FORM, OVER], [GONE, REDONE, MEANS]),
        ("a demand", [DEMAND], [GONE, DEMAND | {"at": "2021-02-01"}]),
        ("a grant", [grant("A"), MEANS, OVER], [GONE, grant("A", note="重录")]),
        (
            "an order and its answers",
            [duty("A"), ORDERED, ANSWERED],
            [GONE | {"ref": "R"}, ORDERED | {"text": "请速整改"}],
        ),
        ("a vesting and its end", [VESTED, DIVESTED], [UNVESTED, VESTED | {"instrument": "通知1号"}]),
        (
            "a vesting, twice, and its end",
            [VESTED, DIVESTED],
            [UNVESTED, VESTED | {"note": "同"}, DIVESTED | {"note": "同"}],
        ),
        (
            "a waiver and its end",
            [duty("A"), WAIVED, LIFTED],
            [decision("Annulled", "2021-06-30", of=OF_WAIVER), WAIVED | {"reason": "另议"}],
        ),
        ("a report", [REPORT], [NO_REPORT, REPORT | {"text": "台账重复"}]),
        ("an item", [ENTERED], [decision("Annulled", "2021-03-01", of=OF_ITEM), RENAMED]),
    ],
)
def test_what_was_annulled_and_whose_name_was_used_again_comes_back_with_what_followed_up_on_it(
    registry: Registry, story: str, kept: list[Line], lines: list[Line]
) -> None:
    """Also where that undoing is undone, again and again; and where all of it is taken back, nothing of it is left."""
    nothing = [*COUNTY]
    assert registry.import_lines(map(journals.encoded, nothing)) == []
    empty = still_known(registry)
    start = [*nothing, *kept]
    assert registry.import_lines(map(journals.encoded, start)) == []
    before = still_known(registry)
    assert registry.import_lines(map(journals.encoded, [*start, *lines])) == []
    after = still_known(registry)
    assert validity.judge(map(journals.encoded, [*start, *lines])).errors == []
    recorded = list(range(len(start) + 1, len(start) + len(lines) + 1))
    every = [*start, *lines]
    for expected in (before, after, before, after):
        plan, recorded = undo(registry, recorded)
        assert plan.possible, plan
        assert still_known(registry) == expected
        every += plan.decisions
    assert validity.judge(map(journals.encoded, every)).errors == []
    plan, recorded = undo(registry, list(range(len(nothing) + 1, len(every) + 1)))
    assert plan.possible, plan
    assert still_known(registry) == empty
    plan, _ = undo(registry, recorded)
    assert plan.possible, plan
    assert still_known(registry) == after


def test_what_is_to_be_recorded_anew_names_is_taken_back_first(registry: Registry) -> None:
    """The paper by which a delegation ended was annulled after the delegation: that is taken back too where wanted."""
    start = [*COUNTY, PAPER, duty("A"), ENDED_BY_PAPER]
    assert registry.import_lines(map(journals.encoded, start)) == []
    before = still_known(registry)
    assert registry.import_lines(map(journals.encoded, [*start, GONE, REDONE, NO_PAPER])) == []
    gone, redone, no_paper = range(len(start) + 1, len(start) + 4)
    plan, _ = undo(registry, [gone, redone])
    assert [(each.on, each.position) for each in plan.resting] == [(gone, no_paper)]
    plan, _ = undo(registry, [gone], with_later=True)
    assert plan.possible, plan
    assert plan.positions == [redone, no_paper, gone]
    assert still_known(registry) == before
