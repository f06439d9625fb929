"""What a county's sheets say from year to year: twice is once, the last one holds, nothing goes in by halves."""

from __future__ import annotations

import csv
import io
from datetime import date, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from registry.exchange.sheets.planning.importing import NotImported, carry_out, plan
from registry.exchange.sheets.planning.request import Request
from registry.log import recorder
from registry.recording.unit_of_work import record
from tests.support import sheets_county
from tests.support.drawing import examples
from tests.support.registry_under_test import Registry

PAPER = "宜办发〔2025〕6号"
NAMES = (
    "社区矫正工作",
    "防溺水巡查",
    "森林防灭火",
    "人口普查登记",
    "村庄保洁",
    "低保初审",
    "“三资”管理",
    "防汛（抗旱）",
)
SENDERS = ("市司法局", "教育局", "县应急局", "市民政局、市财政局", "")
SPOKEN = ("", "牵头", "1.巡查；\n2.报告", "备注：无")
RUNS = settings(examples(15), suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])

row = st.tuples(
    st.sampled_from(NAMES), st.sampled_from(SENDERS), st.sampled_from(SPOKEN), st.sampled_from(("", "民生"))
)
rows = st.lists(row, min_size=1, max_size=7)
Row = tuple[str, str, str, str]


def sheet(stated: list[Row], first: int = 1) -> bytes:
    """A list of assistance with these rows."""
    made = io.StringIO()
    writer = csv.writer(made)
    writer.writerow(["配合履职事项清单", "", "", "", ""])
    writer.writerow(["序号", "事项名称", "对应上级部门", "乡镇职责", "类别"])
    for number, one in enumerate(stated, first):
        writer.writerow([number, *one])
    return made.getvalue().encode()


def request(day: int) -> Request:
    return Request("420684", PAPER, code="ASSIST", day=date(2025, 3, 1) + timedelta(days=day), missing="withdraw")


def begin(registry: Registry) -> None:
    registry.empty()
    record(registry.connection, sheets_county.journal())


def take(registry: Registry, stated: list[Row], day: int, first: int = 1) -> int:
    return len(carry_out(registry.connection, sheet(stated, first), "清单.csv", request(day)).steps)


def recorded_items(registry: Registry) -> list[tuple[str, str, str | None, str | None]]:
    """What the list says in the end, its items' ids and days apart: name, matter, from, note."""
    results = registry.connection.execute(
        "SELECT i.name, i.matter, i.grantor, convert_from(d.data, 'UTF8')::jsonb ->> 'note'"
        " FROM item i JOIN log.decision d ON d.position = i.position"
        " WHERE i.list = 'ASSIST' AND i.valid_to = 'infinity' AND i.known_to = 9223372036854775807"
    ).fetchall()
    registry.connection.rollback()
    return sorted(results, key=str)


def position(registry: Registry) -> int:
    results = recorder.head(registry.connection)[0]
    registry.connection.rollback()
    return results


@RUNS
@given(stated=rows, number=st.integers(0, 40))
def test_a_sheet_taken_twice_is_taken_once(registry: Registry, stated: list[Row], number: int) -> None:
    begin(registry)
    assert take(registry, stated, 0, number) > 0
    before = position(registry)
    assert take(registry, stated, 0, number) == 0
    assert take(registry, stated, 400, number + 1) == 0  # numbers say nothing of the matter
    assert position(registry) == before


@RUNS
@given(first=rows, second=rows)
def test_whatever_stood_before_the_last_sheet_holds(registry: Registry, first: list[Row], second: list[Row]) -> None:
    # A new matter takes its category from the first row that names it, in whichever sheet that is.
    first, second = ([(*one[:3], "民生") for one in stated] for stated in (first, second))
    begin(registry)
    take(registry, second, 0)
    alone = recorded_items(registry)
    begin(registry)
    take(registry, first, 0)
    once = recorded_items(registry)
    take(registry, second, 365)
    assert recorded_items(registry) == alone
    take(registry, first, 730)
    assert recorded_items(registry) == once
    take(registry, second, 730)  # on the same day too
    assert take(registry, second, 1000) == 0


@RUNS
@given(stated=rows, bad=st.integers(0, 6), name=st.sampled_from(("人口普查入户登记工作", "养老服务")))
def test_one_row_that_is_not_clear_keeps_all_out(registry: Registry, stated: list[Row], bad: int, name: str) -> None:
    begin(registry)
    before = position(registry)
    index = min(bad, len(stated))
    stated = [*stated[:index], (name, "统计局", "", ""), *stated[index:]]
    with pytest.raises(NotImported) as refused:
        take(registry, stated, 0)
    assert [problem.cell for problem in refused.value.plan.errors] == [f"B{index + 3}"]
    assert position(registry) == before


@RUNS
@given(first=rows, second=rows)
def test_what_is_shown_is_what_is_recorded(registry: Registry, first: list[Row], second: list[Row]) -> None:
    begin(registry)
    take(registry, first, 0)
    shown = plan(registry.connection, sheet(second), "清单.csv", request(365))
    before = position(registry)
    done = carry_out(registry.connection, sheet(second), "清单.csv", request(365), shown=shown.digest)
    assert done.decisions == shown.decisions
    assert position(registry) == before + len(shown.decisions)
