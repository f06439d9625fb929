"""A wrong sheet is taken back and the mended one imported with the same ids: what is as before comes back as it was."""

from __future__ import annotations

from collections import Counter
from unittest.mock import ANY

import pytest

from registry.exchange.published.loading import load
from registry.queries.lists import lists
from registry.recording.undo import plan_undo
from registry.recording.unit_of_work import record
from registry.replay import replay
from tests.support import sheets_county
from tests.support.recorded_lists import ASSIST, head, items, take
from tests.support.registry_under_test import Registry, as_of_known

SIZE = 120


def sheet(*, wrong: range = range(0), size: int = SIZE) -> str:
    """A list of `size` items; those with these numbers name another department than the mended sheet."""
    rows = (
        f"{number},公共服务,事项{number:03},{'财政局' if number in wrong else '民政局'},指导,配合\n"
        for number in range(1, size + 1)
    )
    return ASSIST + "".join(rows)


@pytest.fixture
def county(registry: Registry) -> Registry:
    """The county whose lists come as sheets, recorded anew: here it is replayed, and read on other connections."""
    registry.connection.rollback()
    registry.empty()
    record(registry.connection, sheets_county.journal())
    return registry


def undo(registry: Registry, first: int, last: int) -> tuple[int, int]:
    """Take these positions back; gives the first and last of what was recorded."""
    taken_back = plan_undo(registry.connection, range(first, last + 1))
    assert taken_back.possible
    done = record(registry.connection, taken_back.decisions)
    return done.before + 1, done.after


def test_a_wrong_sheet_is_undone_and_the_mended_one_imported_with_the_same_ids(county: Registry) -> None:
    before, empty = head(county), items(county)
    take(county, sheet(wrong=range(1, 11)))
    wrong, after = items(county), head(county)
    assert len(wrong) == SIZE

    undone = undo(county, before + 1, after)
    assert items(county) == empty

    recorded = take(county, sheet())
    mended = items(county)
    assert mended.keys() == wrong.keys()
    assert {item for item in mended if mended[item] != wrong[item]} == {str(number) for number in range(1, 11)}
    assert recorded["ListItemEntered"] == 10
    assert recorded["Reinstated"] == sum(Counter({"ListAdopted": 1, "items": SIZE - 10, "matters": SIZE}).values())

    undo(county, undone[1] + 1, head(county))
    undo(county, *undone)
    assert items(county) == wrong
    assert replay(county.connection).differences == []


def test_what_was_annulled_twice_over_comes_back_as_the_sheet_says(county: Registry) -> None:
    start = head(county)
    for wrong in (range(0), range(1, 4)):  # as it is to be, then another: both taken back
        before = head(county)
        take(county, sheet(wrong=wrong, size=5))
        undo(county, before + 1, head(county))
    take(county, sheet(size=5))
    again = items(county)
    undo(county, start + 1, head(county))
    assert items(county) == {}
    take(county, sheet(size=5))
    assert items(county) == again


def test_a_sheet_comes_back_after_another_that_gave_a_row_a_new_name(county: Registry) -> None:
    """What the other sheet called the row is a matter that is gone with it: nothing may come back by way of that."""
    start, empty = head(county), items(county)
    take(county, sheet(size=5))
    original = items(county)
    undone = undo(county, start + 1, head(county))
    take(county, sheet(size=5).replace("事项003", "改名的事项"))
    renamed = items(county)

    refused = plan_undo(county.connection, range(undone[0], undone[1] + 1))
    (in_the_way,) = {each.position for each in refused.resting}
    assert in_the_way == head(county) - 2  # the renamed item, entered anew; after it 4 and 5 were reinstated
    assert refused.decisions == []
    back = plan_undo(county.connection, range(undone[0], undone[1] + 1), with_later=True)
    assert back.possible

    undo(county, undone[1] + 1, head(county))
    assert items(county) == empty
    undone_again = undo(county, *undone)
    assert items(county) == original
    undo(county, *undone_again)
    assert items(county) == empty
    take(county, sheet(size=5))
    assert items(county) == original
    undo(county, start + 1, head(county))
    take(county, sheet(size=5).replace("事项003", "改名的事项"))
    assert items(county) == renamed
    assert replay(county.connection).differences == []


def test_one_item_of_a_sheet_taken_back_comes_back_with_its_list_and_matter(county: Registry) -> None:
    start = head(county)
    take(county, sheet(size=3))
    original = items(county)
    first, last = undo(county, start + 1, head(county))  # items are annulled first, then the list, then the matters
    alone = plan_undo(county.connection, [first])
    annulled = {each.position: each.decision.named_type for each in alone.resting}
    assert not alone.problems
    assert {named.__name__ for named in annulled.values() if named} == {"ListAdopted", "MatterDefined"}
    assert all(first < position <= last for position in annulled)
    together = plan_undo(county.connection, [first], with_later=True)
    record(county.connection, together.decisions)
    assert items(county) == {"3": original["3"]}


@pytest.mark.parametrize("wrong", [range(0), range(2)])
def test_the_same_sheet_again_records_nothing(county: Registry, wrong: range) -> None:
    take(county, sheet(wrong=wrong, size=5))
    assert take(county, sheet(wrong=wrong, size=5)) == Counter()


def test_a_corrected_note_of_an_item_is_the_one_that_is_shown(county: Registry) -> None:
    take(county, sheet(size=1))
    before = head(county)
    of = {"type": "ListItemEntered", "list": "ASSIST", "item": "1"}
    record(county.connection, [{"type": "Corrected", "at": "2026-01-01", "of": of, "set": {"note": "更正后的说明"}}])
    shown = [
        county.runner.run(lists.of_list(county.pool, as_of_known("2026-01-01", known), "ASSIST"))
        for known in (before, before + 1)
    ]
    assert [entry.note for listing in shown for entry in listing.entries] == [ANY, "更正后的说明"]
    assert shown[0].entries[0].note != "更正后的说明"


def test_published_matters_that_somebody_annulled_are_not_counted_as_loaded(registry: Registry) -> None:
    registry.empty()
    load(registry.connection)
    matter = "P-RESIDENCE-PERMIT"
    users = plan_undo(registry.connection, [_defined(registry, matter)], with_later=True)
    record(registry.connection, users.decisions)
    assert load(registry.connection).recorded["MatterDefined"] == 0


def _defined(registry: Registry, matter: str) -> int:
    row = registry.connection.execute(
        "SELECT min(position) FROM log.tag WHERE tag = %s", (f"matter:{matter}",)
    ).fetchone()
    registry.connection.rollback()
    assert row is not None
    return int(row[0])
