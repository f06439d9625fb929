"""Lists that come as spreadsheets: what is refused, what next year's file records, and nothing by halves."""

from __future__ import annotations

from datetime import date

import pytest

from registry.exchange.sheets.planning.importing import Changed, NotImported, carry_out
from registry.exchange.sheets.planning.request import Issued
from registry.recording.unit_of_work import record
from tests.support import sheets_county
from tests.support.planned_lists import problems
from tests.support.recorded_lists import ASSIST, PAPER, head, items, read, request_with, take
from tests.support.registry_under_test import Registry
from tests.support.sheets_county import COUNTY


def test_what_the_registry_refuses_is_reported_in_each_language_alone(county: Registry) -> None:
    text = f"{ASSIST}1,,社区矫正工作,司法局,,\n"
    issued = Issued("通知", "notice", date(2025, 1, 1), issuer="X / Y")
    problem, *others = read(county, text, instrument="A / B", issued=issued).errors
    assert problem.code == "unknown-unit"
    assert {other.code for other in others} <= {"unknown-instrument", "unknown-list"}  # what the first would bring in
    assert all(other.zh.count(" / ") == other.en.count(" / ") for other in others)
    assert problem.zh == "没有记录过单位“X / Y”。先登记该单位，或核对其代码。"
    assert problem.en == "No unit X / Y is recorded. Register the unit first, or check its code."


def test_what_is_requested_must_be_known(county: Registry) -> None:
    text = f"{ASSIST}1,,社区矫正工作,司法局,,\n"
    assert problems(read(county, text, instrument="无此文")) == [("unknown-instrument", "")]
    assert "宜办发〔2025〕6号" in read(county, text, instrument="宜办发[2025]6号").errors[0].zh
    assert problems(read(county, text, county="999999", code="X")) == [("unknown-county", "")]
    assert problems(read(county, text, scope="4206")) == [("unknown-scope", "")]
    assert problems(read(county, text, sheet="别的")) == [("no-such-sheet", "")]
    assert problems(read(county, "a,b\n1,2\n"))[0][0] != "internal"
    assert problems(read(county, "序号,事项名称,备注\n1,防溺水巡查,\n")) == [("unknown-kind", "")]
    assert not read(county, "序号,事项名称,备注\n1,防溺水巡查,\n", kind="township-basic").errors


def test_an_unknown_document_is_issued_along_with_the_list(county: Registry) -> None:
    text = f"{ASSIST}1,,社区矫正工作,司法局,,\n"
    issued = Issued("配合履职清单", "notice", date(2025, 5, 1))
    planned = read(county, text, instrument="宜发〔2025〕1号", issued=issued)
    assert planned.decisions[0] == {
        "type": "InstrumentIssued",
        "at": "2025-05-01",
        "instrument": "宜发〔2025〕1号",
        "title": "配合履职清单",
        "kind": "notice",
        "issuer": COUNTY,
    }
    assert planned.decisions[1]["at"] == "2025-05-01"
    assert problems(read(county, text, issued=issued)) == [("instrument-differs", "")]


def test_a_file_with_one_bad_row_records_nothing(county: Registry) -> None:
    before = head(county)
    text = f"{ASSIST}1,,社区矫正工作,司法局,,\n2,,防溺水巡查,哪个局,,\n"
    with pytest.raises(NotImported) as refused:
        take(county, text)
    assert [(problem.sheet, problem.cell) for problem in refused.value.plan.errors] == [("清单", "D4")]
    assert head(county) == before
    assert not items(county)


def test_what_the_registry_refuses_is_reported_at_its_row(county: Registry) -> None:
    planned = read(county, f"{ASSIST}1,,{'长' * 20_001},司法局,,\n")
    assert planned.errors
    assert all(problem.cell == "C3" for problem in planned.errors)
    late = read(county, f"{ASSIST}1,,社区矫正工作,司法局,,\n", day=date(2001, 1, 1))
    assert problems(late) == [("unknown-county", "")]


def test_a_row_that_says_the_same_again_is_left_out(county: Registry) -> None:
    planned = read(county, f"{ASSIST}1,,社区矫正工作,司法局,甲,乙\n2,,社区矫正工作,司法局,甲,乙\n")
    assert problems(planned) == [("repeated-row", "C4")]
    assert sum(one["type"] == "ListItemEntered" for one in planned.decisions) == 1


# ------------------------------------------------------------------------------------------------- next year's file

FIRST = f"{ASSIST}1,,社区矫正工作,司法局,管,帮\n2,,防溺水巡查,教育局,管,帮\n3,,森林防灭火,应急局,管,帮\n"
NEXT = f"{ASSIST}1,,防溺水巡查,教育局,全管,帮\n2,,森林防灭火,应急局,管,帮\n3,,人口普查登记,统计局,管,帮\n"


def test_next_years_file_records_only_the_differences(county: Registry) -> None:
    take(county, FIRST)
    planned = read(county, NEXT, instrument="宜办发〔2026〕6号", missing="withdraw")
    assert [problem.code for problem in planned.problems] == ["rests-on"]
    stated = [(one["type"], one["item"], one["at"], one.get("note")) for one in planned.decisions]
    document = "文件：宜办发〔2026〕6号"
    assert stated == [
        ("ListItemWithdrawn", "1", "2026-03-01", document),
        ("ListItemWithdrawn", "2", "2026-03-01", document),
        ("ListItemEntered", "2-2", "2026-03-01", f"上级部门职责：全管\n乡镇（街道）配合职责：帮\n{document}"),
        ("ListItemEntered", "4", "2026-03-01", f"上级部门职责：管\n乡镇（街道）配合职责：帮\n{document}"),
    ]
    take(county, NEXT, instrument="宜办发〔2026〕6号", missing="withdraw")
    assert take(county, NEXT, instrument="宜办发〔2026〕6号") == {}
    assert take(county, NEXT, instrument="宜办发〔2025〕6号") == {}
    assert sorted(items(county)) == ["2-2", "3", "4"]


def test_back_and_forth_gives_the_same_list(county: Registry) -> None:
    take(county, FIRST)
    once = sorted(items(county).values())
    take(county, NEXT, missing="withdraw")
    take(county, FIRST, missing="withdraw")
    assert sorted(items(county).values()) == once
    assert sorted(items(county)) == ["2-3", "3", "5"]
    assert take(county, FIRST) == {}


def test_a_list_whose_document_is_replaced_is_adopted_anew(county: Registry) -> None:
    take(county, FIRST)
    record(
        county.connection,
        [{"type": "InstrumentRepealed", "at": "2026-02-01", "instrument": PAPER, "replaced_by": "宜办发〔2026〕6号"}],
    )
    assert problems(read(county, FIRST, instrument="宜办发〔2026〕6号")) == [("basis-repealed", "")]
    counts = take(county, FIRST, instrument="宜办发〔2026〕6号", replace=True)
    assert counts == {"ListRepealed": 1, "ListAdopted": 1, "ListItemEntered": 3}
    assert len(items(county, "ASSIST-2")) == 3
    # From then on the id stands for the list in force.
    assert take(county, FIRST, instrument="宜办发〔2026〕6号", replace=True) == {}
    after = take(county, NEXT, instrument="宜办发〔2026〕6号", missing="withdraw")
    assert after == {"ListItemWithdrawn": 2, "ListItemEntered": 2}


def test_the_past_is_not_written_over(county: Registry) -> None:
    take(county, FIRST)
    take(county, NEXT, instrument="宜办发〔2026〕6号", missing="withdraw")
    planned = read(county, FIRST, day=date(2025, 6, 1))
    assert problems(planned)[0] == ("from-before", "")
    assert "2026-03-01" in planned.errors[0].zh


def test_a_list_of_another_kind_is_not_touched(county: Registry) -> None:
    take(county, FIRST)
    planned = read(county, "不应出具证明事项清单\n序号,证明事项名称,出具单位\n1,亲属关系证明,派出所\n")
    assert problems(planned) == [("list-differs", "")]
    assert "（职责，正面清单，范围 420684），与此表（证明，负面清单，范围 420684）" in planned.errors[0].zh
    powers = read(county, "赋权清单\n序号,职权名称,赋权部门,赋权方式\n1,对噪音的行政处罚,市公安局,委托\n")
    assert problems(powers) == [("list-differs", "")]


def test_a_sheet_without_rows_does_not_empty_a_list(county: Registry) -> None:
    take(county, FIRST)
    assert ("empty-list", "") in problems(read(county, ASSIST))
    assert len(items(county)) == 3


def test_what_was_confirmed_is_what_is_recorded(county: Registry) -> None:
    shown = read(county, FIRST).digest
    record(county.connection, [sheets_county.decision("MatterRetired", "2020-01-01", matter="D-DROWNING")])
    with pytest.raises(Changed):
        carry_out(county.connection, FIRST.encode(), "清单.csv", request_with(), shown=shown)
    assert not items(county)
