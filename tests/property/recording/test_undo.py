"""Undoing: the registry reads as if what is taken back had never been recorded, and the undoing can be undone."""

from __future__ import annotations

from random import Random
from typing import Any

from hypothesis import given, note
from hypothesis import strategies as st

from registry.recording.undo import Undo, plan_undo
from registry.recording.unit_of_work import record
from tests.oracle import reading, validity
from tests.support import journals
from tests.support.drawing import examples
from tests.support.registry_under_test import Registry
from tests.support.worlds import Line


def undo(registry: Registry, positions: list[int], **how: Any) -> tuple[Undo, list[int]]:
    """Take these positions back; gives the plan and the positions of what was recorded."""
    plan = plan_undo(registry.connection, positions, **how)
    assert plan.possible == (not plan.resting and not plan.problems)
    if not plan.decisions:
        return plan, []
    done = record(registry.connection, plan.decisions)
    assert done.positions == list(range(done.before + 1, done.after + 1)), "each is new"
    return plan, done.positions


def still_known(registry: Registry) -> dict[str, set[tuple[Any, ...]]]:
    """The rows of the read tables that are known at the end, without the positions from which."""
    return {
        table: {row[:-2] for row in rows if row[-1] == 2**63 - 1}
        for table, rows in registry.rows().items()
        if not table.startswith("log.")
    }


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
