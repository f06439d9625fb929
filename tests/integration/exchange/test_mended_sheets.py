"""A wrong sheet is taken back and the mended one imported with the same ids: what is as before comes back as it was."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from unittest.mock import ANY

import pytest

from registry.exchange.published.loading import load
from registry.exchange.sheets.planning.importing import carry_out
from registry.exchange.sheets.planning.request import Request
from registry.queries.lists import lists
from registry.recording.undo import plan_undo
from registry.recording.unit_of_work import record
from registry.replay import replay
from tests.support import sheets_county
from tests.support.registry_under_test import Registry, as_of_known
from tests.support.sheets_county import COUNTY

HEAD = "宜城市镇（街道）配合履职事项清单\n序号,类别,事项名称,对应上级部门,上级部门职责,乡镇职责\n"
SIZE = 350
REQUEST = Request(county=COUNTY, instrument="宜办发〔2025〕6号", code="ASSIST")


@dataclass(frozen=True)
class Sheets:
    """A county, and what sheets make of one of its lists."""

    county: Registry

    def take(self, text: str) -> Counter[str]:
        """Record a sheet; what was recorded, by type."""
        done = carry_out(self.county.connection, text.encode(), "清单.csv", REQUEST, recorded_by="组织部")
        return Counter(decision["type"] for decision in done.decisions)

    def items(self) -> dict[str, tuple[str, str, str | None]]:
        """The items in force by id: name, matter, from."""
        rows = self.county.connection.execute(
            "SELECT item, name, matter, grantor FROM item WHERE list = 'ASSIST' AND valid_to = 'infinity'"
            " AND known_to = 9223372036854775807"
        ).fetchall()
        self.county.connection.rollback()
        return {item: (name, matter, grantor) for item, name, matter, grantor in rows}


@pytest.fixture
def sheets(registry: Registry) -> Sheets:
    registry.connection.rollback()
    registry.empty()
    record(registry.connection, sheets_county.journal())
    return Sheets(registry)


def sheet(*, wrong: range = range(0), size: int = SIZE) -> str:
    """A list of `size` items; those with these numbers name another department than the mended sheet."""
    rows = (
        f"{number},公共服务,事项{number:03},{'财政局' if number in wrong else '民政局'},指导,配合\n"
        for number in range(1, size + 1)
    )
    return HEAD + "".join(rows)


def undo(registry: Registry, first: int, last: int) -> tuple[int, int]:
    """Take these positions back; gives the first and last of what was recorded."""
    taken_back = plan_undo(registry.connection, range(first, last + 1))
    assert taken_back.possible
    done = record(registry.connection, taken_back.decisions)
    return done.before + 1, done.after


def head(registry: Registry) -> int:
    (position,) = registry.connection.execute("SELECT max(position) FROM log.decision").fetchone() or (0,)
    registry.connection.rollback()
    return position


def test_a_wrong_sheet_is_undone_and_the_mended_one_imported_with_the_same_ids(sheets: Sheets) -> None:
    county = sheets.county
    before, empty = head(county), sheets.items()
    sheets.take(sheet(wrong=range(1, 11)))
    wrong, after = sheets.items(), head(county)
    assert len(wrong) == SIZE

    undone = undo(county, before + 1, after)
    assert sheets.items() == empty

    recorded = sheets.take(sheet())
    mended = sheets.items()
    assert mended.keys() == wrong.keys()
    assert {item for item in mended if mended[item] != wrong[item]} == {str(number) for number in range(1, 11)}
    assert recorded["ListItemEntered"] == 10
    assert recorded["Reinstated"] == sum(Counter({"ListAdopted": 1, "items": SIZE - 10, "matters": SIZE}).values())

    undo(county, undone[1] + 1, head(county))
    undo(county, *undone)
    assert sheets.items() == wrong
    assert replay(county.connection).differences == []


def test_what_was_annulled_twice_over_comes_back_as_the_sheet_says(sheets: Sheets) -> None:
    county = sheets.county
    start = head(county)
    for wrong in (range(0), range(1, 4)):  # as it is to be, then another: both taken back
        before = head(county)
        sheets.take(sheet(wrong=wrong, size=5))
        undo(county, before + 1, head(county))
    sheets.take(sheet(size=5))
    again = sheets.items()
    undo(county, start + 1, head(county))
    assert sheets.items() == {}
    sheets.take(sheet(size=5))
    assert sheets.items() == again


def test_a_sheet_comes_back_after_another_that_gave_a_row_a_new_name(sheets: Sheets) -> None:
    """What the other sheet called the row is a matter that is gone with it: nothing may come back by way of that."""
    county = sheets.county
    start, empty = head(county), sheets.items()
    sheets.take(sheet(size=5))
    original = sheets.items()
    undone = undo(county, start + 1, head(county))
    sheets.take(sheet(size=5).replace("事项003", "改名的事项"))
    renamed = sheets.items()

    refused = plan_undo(county.connection, range(undone[0], undone[1] + 1))
    (in_the_way,) = {each.position for each in refused.resting}
    assert in_the_way == head(county) - 2  # the renamed item, entered anew; after it 4 and 5 were reinstated
    assert refused.decisions == []
    back = plan_undo(county.connection, range(undone[0], undone[1] + 1), with_later=True)
    assert back.possible

    undo(county, undone[1] + 1, head(county))
    assert sheets.items() == empty
    undone_again = undo(county, *undone)
    assert sheets.items() == original
    undo(county, *undone_again)
    assert sheets.items() == empty
    sheets.take(sheet(size=5))
    assert sheets.items() == original
    undo(county, start + 1, head(county))
    sheets.take(sheet(size=5).replace("事项003", "改名的事项"))
    assert sheets.items() == renamed
    assert replay(county.connection).differences == []


def test_one_item_of_a_sheet_taken_back_comes_back_with_its_list_and_matter(sheets: Sheets) -> None:
    county = sheets.county
    start = head(county)
    sheets.take(sheet(size=3))
    original = sheets.items()
    first, last = undo(county, start + 1, head(county))  # items are annulled first, then the list, then the matters
    alone = plan_undo(county.connection, [first])
    annulled = {each.position: each.decision.named_type for each in alone.resting}
    assert not alone.problems
    assert {named.__name__ for named in annulled.values() if named} == {"ListAdopted", "MatterDefined"}
    assert all(first < position <= last for position in annulled)
    together = plan_undo(county.connection, [first], with_later=True)
    record(county.connection, together.decisions)
    assert sheets.items() == {"3": original["3"]}


@pytest.mark.parametrize("wrong", [range(0), range(2)])
def test_the_same_sheet_again_records_nothing(sheets: Sheets, wrong: range) -> None:
    sheets.take(sheet(wrong=wrong, size=5))
    assert sheets.take(sheet(wrong=wrong, size=5)) == Counter()


def test_a_corrected_note_of_an_item_is_the_one_that_is_shown(sheets: Sheets) -> None:
    county = sheets.county
    sheets.take(sheet(size=1))
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
