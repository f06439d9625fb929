"""Terms of items, codes that are no county's, and lists that stand beside others."""

from __future__ import annotations

from typing import Final

import pytest

from tests.support.planned_lists import errors, of_text
from tests.support.registry_under_test import Registry

HEAD: Final = "宜城市镇（街道）配合履职事项清单\n序号,事项名称,牵头部门,{}\n1,社区矫正工作,市司法局,{}\n"
DIVISION: Final = (
    "宜城市属地管理事项责任清单\n序号,事项名称,主管部门,主管部门责任,属地责任\n1,示例甲,市司法局,监管,走访\n"
)


def holds(demo: Registry, heading: str, text: str) -> tuple[str, str | None]:
    """From which day the item of such a cell holds, and from which it does not any more."""
    planned = of_text(demo, HEAD.format(heading, text))
    assert errors(planned) == []
    days = {one["type"]: one["at"] for one in planned.decisions}
    return days["ListItemEntered"], days.get("ListItemWithdrawn")


@pytest.mark.parametrize("heading", ["有效期", "起始日期", "备注"])
@pytest.mark.parametrize(
    ("text", "since", "until"),
    [
        ("2027年1月1日起试行一年", "2027-01-01", "2028-01-01"),
        ("自发布之日起试行两年", "2026-11-01", "2028-11-01"),
        ("试行至2027年底", "2026-11-01", "2028-01-01"),
        ("至2027年6月", "2026-11-01", "2027-07-01"),
        ("2027年第四季度起", "2027-10-01", None),
        ("2027年1月1日起施行", "2027-01-01", None),
    ],
)
def test_a_term_with_its_beginning_or_end_is_that_of_the_item(
    demo: Registry, heading: str, text: str, since: str, until: str | None
) -> None:
    assert holds(demo, heading, text) == (since, until)


@pytest.mark.parametrize("text", ["试行一年", "有效期两年", "暂定6个月", "本事项试行期为一年"])
def test_a_term_without_its_beginning_is_told_and_ends_the_item_when_the_day_is_given(
    demo: Registry, text: str
) -> None:
    planned = of_text(demo, HEAD.format("备注", text))
    assert (errors(planned), "term-unclear" in [problem.code for problem in planned.warnings]) == ([], True)
    ends = of_text(demo, HEAD.format("备注", text), mapping={"days": {text: "2027-10-31"}})
    assert [one["at"] for one in ends.decisions if one["type"] == "ListItemWithdrawn"] == ["2027-11-01"]
    noted = of_text(demo, HEAD.format("备注", text), mapping={"days": {text: "none"}})
    assert (errors(noted), [one for one in noted.decisions if one["type"] == "ListItemWithdrawn"]) == ([], [])
    assert errors(of_text(demo, HEAD.format("有效期", text))) == ["day-unclear"]


@pytest.mark.parametrize("text", ["第四季度", "每年汛期", "项目补助至2028年底", "2027年完成整改", "试行"])
def test_what_a_remark_says_of_something_else_ends_nothing(demo: Registry, text: str) -> None:
    assert holds(demo, "备注", text) == ("2026-11-01", None)


@pytest.mark.parametrize("code", ["420684102", "420684102001"])
def test_the_code_of_a_township_or_village_is_no_countys(demo: Registry, code: str) -> None:
    planned = of_text(demo, HEAD.format("备注", ""), county=code)
    assert (errors(planned), planned.decisions) == (["county-wanted"], [])
    assert "420684，" in planned.errors[0].zh or "420684）" in planned.errors[0].zh
    assert "--" not in planned.errors[0].on("page").zh


def test_a_division_of_duties_beside_what_towns_assist_in_is_told_and_not_asked_about(demo: Registry) -> None:
    beside = of_text(demo, DIVISION, code=None)
    assert errors(beside) == []
    assert "stands-beside" in [problem.code for problem in beside.warnings]
    alike = of_text(demo, HEAD.format("备注", ""), code=None)
    assert errors(alike) == ["stands-beside"]
