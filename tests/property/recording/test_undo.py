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
from tests.support.worlds import COUNTY, Line, decision, duty


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
