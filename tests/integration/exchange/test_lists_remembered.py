"""What a county answered of its lists is used with the next file where the question comes again, told and withdrawn."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Any, Final

import pytest

from registry.domain.dates import today
from registry.exchange.sheets.planning import remembered
from registry.exchange.sheets.planning.importing import carry_out
from registry.exchange.sheets.planning.plans import Plan
from registry.exchange.sheets.planning.request import Issued
from tests.support.planned_lists import COUNTY, errors, of_text, request
from tests.support.registry_under_test import Registry

CERTIFICATES: Final = "宜城市村级证明事项清单\n序号,证明名称,{}\n1,示例甲证明,{}\n2,示例乙证明,{}\n"
POWERS: Final = (
    "宜城市赋予镇（街道）行政权力事项清单\n序号,事项名称,职权类型,赋权部门,承接单位\n"
    "1,对示例甲的行政处罚,行政处罚,市水利局,{}\n"
)
ASSIST: Final = "宜城市镇（街道）配合履职事项清单\n序号,事项名称,牵头部门,实施时间\n1,示例甲巡查,市公安局,{}\n"
NEXT: Final[dict[str, Any]] = {
    "instrument": "试测〔2027〕1号",
    "code": "U",
    "issued": Issued("y", "notice", date(2026, 11, 20)),
}


@pytest.fixture
def recording(demo: Registry) -> Iterator[Registry]:
    """The county's registry, of which nothing recorded stays."""
    with demo.connection.transaction(force_rollback=True):
        yield demo


def record(county: Registry, text: str, **more: Any) -> Plan:
    return carry_out(county.connection, text.encode(), "清单.csv", request(**more))


def repeated(planned: Plan) -> list[tuple[str, str] | None]:
    """The texts of which the plan says that they were answered before."""
    return [problem.asks for problem in planned.warnings if problem.code == "answered-before"]


def test_what_was_answered_of_rows_holds_for_lists_of_that_kind(recording: Registry) -> None:
    issued = CERTIFICATES.format("出具单位", "村（居）委会", "派出所")
    record(recording, issued, mapping={"rows": {"派出所": "不得"}})
    again = of_text(recording, issued.replace("示例乙证明", "示例丙证明"), **NEXT)
    assert (again.errors, repeated(again)) == ([], [("row", "派出所")])
    assert [one["list"] for one in again.decisions if one.get("name") == "示例丙证明" and "item" in one] == [
        "U-NO-CERTIFICATES"
    ]
    (warning,) = [problem for problem in again.warnings if problem.code == "answered-before"]
    assert f"沿用 {today()} 的答复：“派出所”——不得（列入负面清单）" in warning.zh
    assert f"As you answered on {today()} of “派出所”: may not be (on a negative list)" in warning.en
    assert "registry lists" not in warning.on("page").zh
    # What is answered now goes first, and is kept in place of it.
    otherwise = NEXT | {"mapping": {"rows": {"派出所": "keep"}}}
    assert repeated(record(recording, issued, **otherwise)) == []
    assert [one.means for one in remembered.every(recording.connection, COUNTY) if one.kind == "row"] == ["keep"]
    # Another kind of list asks for itself.
    other = "宜城市村（社区）挂牌清单\n序号,牌子名称,清理意见\n1,示例甲,保留\n2,示例乙,派出所\n"
    assert errors(of_text(recording, other, **NEXT)) == ["row-unclear"]


def test_an_answer_that_is_withdrawn_is_asked_for_again(recording: Registry) -> None:
    issued = CERTIFICATES.format("出具单位", "村（居）委会", "派出所")
    record(recording, issued, mapping={"rows": {"派出所": "deny"}})
    assert errors(of_text(recording, issued, **NEXT, mapping={"rows": {"派出所": "?"}})) == ["row-unclear"]
    assert errors(of_text(recording, issued, **NEXT, mapping={"rows": {"派出所": "? 列入；不列入；不得"}})) == []
    assert remembered.withdraw(recording.connection, COUNTY, "row", "派出所") > 0
    assert errors(of_text(recording, issued, **NEXT)) == ["row-unclear"]
    assert remembered.withdraw(recording.connection, COUNTY, "row", "派出所") == 0


def test_what_is_so_for_the_time_being_is_asked_about_in_the_next_document(recording: Registry) -> None:
    planned = CERTIFICATES.format("清理意见", "保留", "拟取消")
    record(recording, planned, mapping={"rows": {"拟取消": "end"}})
    same = of_text(recording, planned, issued=None)
    assert (same.errors, repeated(same)) == ([], [("row", "拟取消")])
    assert errors(of_text(recording, planned, **NEXT)) == ["row-unclear"]


def test_which_towns_are_meant_holds_for_all_lists_but_for_those_of_a_trial(recording: Registry) -> None:
    for text, codes in (("山区乡镇", ["420684103", "420684104"]), ("试点镇", ["420684105"])):
        record(recording, POWERS.format(text), mapping={"towns": {text: "、".join(codes)}}, code=f"T-{text[:2]}")
    again = of_text(recording, POWERS.format("山区乡镇"), **NEXT)
    assert [one["scope"] for one in again.decisions if one["type"] == "ListAdopted"] == ["420684103", "420684104"]
    assert repeated(again) == [("town", "山区乡镇")]
    assert list(of_text(recording, POWERS.format("试点镇"), **NEXT).open_texts) == [("town", "试点镇")]


def test_a_day_is_that_of_its_document_and_no_day_is_none_again(recording: Registry) -> None:
    for text, answer in (("第四季度", "2027-10-01"), ("年底前", "none")):
        record(recording, ASSIST.format(text), mapping={"days": {text: answer}}, code=f"T-{text[:2]}")
    assert errors(of_text(recording, ASSIST.format("第四季度"), **NEXT)) == ["time-unclear"]
    same = of_text(recording, ASSIST.format("第四季度"), code="T-2", issued=None)
    assert (same.errors, repeated(same)) == ([], [("day", "第四季度")])
    none = of_text(recording, ASSIST.format("年底前"), **NEXT)
    assert (none.errors, repeated(none)) == ([], [("day", "年底前")])


def test_nothing_is_kept_of_what_was_not_recorded_or_stands_in_no_row(recording: Registry) -> None:
    before = remembered.every(recording.connection, COUNTY)
    text = ASSIST.format("第四季度")
    assert of_text(recording, text, mapping={"days": {"第四季度": "none"}}).errors == []
    record(recording, text, mapping={"days": {"第四季度": "none"}, "rows": {"另一份的": "end"}})
    kept = [(one.kind, one.name, one.subject) for one in remembered.every(recording.connection, COUNTY)]
    assert [one for one in kept if one[0] == "row"] == [
        (one.kind, one.name, one.subject) for one in before if one.kind == "row"
    ]
    assert ("day", "第四季度", "township-assist") in kept
