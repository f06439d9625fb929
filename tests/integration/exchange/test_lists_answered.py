"""What is not clear in a list is asked about once, and one answer settles all cells that say the same."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Any, Final

import pytest

from registry.domain.dates import today
from registry.exchange.sheets.planning import confirming
from registry.exchange.sheets.planning.importing import carry_out, plan
from registry.exchange.sheets.planning.plans import Plan
from registry.exchange.sheets.planning.request import Issued, Request
from registry.recording import unit_of_work
from tests.support.registry_under_test import Registry

ASSIST: Final = "宜城市镇（街道）配合履职事项清单\n序号,事项名称,牵头部门,{}\n"
POWERS: Final = "宜城市赋予镇（街道）行政权力事项清单\n序号,事项名称,职权类型,赋权部门,{}\n"
CERTIFICATES: Final = (
    "宜城市村级组织出具证明事项清单\n序号,证明名称,备注\n1,示例甲证明,\n2,示例乙证明,{0}\n3,示例丙证明,{0}\n"
)
STREETS: Final = "鄢城街道、南营街道、龙头街道"


@pytest.fixture
def recording(demo: Registry) -> Iterator[Registry]:
    """The county's registry, of which nothing recorded stays."""
    with demo.connection.transaction(force_rollback=True):
        yield demo


def request(**more: Any) -> Request:
    options: dict[str, Any] = {"county": "420684", "instrument": "试测〔2026〕1号", "code": "T", "accept": "none"}
    options["issued"] = Issued("x", "notice", date(2026, 11, 1))
    return Request(**(options | more))


def of(county: Registry, text: str, **more: Any) -> Plan:
    return plan(county.connection, text.encode(), "清单.csv", request(**more))


def record(county: Registry, text: str, **more: Any) -> Plan:
    return carry_out(county.connection, text.encode(), "清单.csv", request(**more))


def errors(planned: Plan) -> list[str]:
    return [problem.code for problem in planned.errors]


def names(planned: Plan) -> dict[str, list[str]]:
    """The names entered on each list."""
    assert planned.errors == []
    result: dict[str, list[str]] = {}
    for one in planned.decisions:
        if one["type"] == "ListItemEntered":
            result.setdefault(one["list"], []).append(one["name"])
    return result


# ------------------------------------------------------------------------------------------------------ rows


@pytest.mark.parametrize("opinion", ["拟取消", "建议取消", "计划于2027年取消"])
@pytest.mark.parametrize(
    ("answer", "lists"),
    [
        ("keep", {"T": ["示例甲证明", "示例乙证明", "示例丙证明"]}),
        ("保留", {"T": ["示例甲证明", "示例乙证明", "示例丙证明"]}),
        ("deny", {"T-CERTIFICATES": ["示例甲证明"], "T-NO-CERTIFICATES": ["示例乙证明", "示例丙证明"]}),
        ("取消", {"T-CERTIFICATES": ["示例甲证明"], "T-NO-CERTIFICATES": ["示例乙证明", "示例丙证明"]}),
    ],
)
def test_what_is_planned_is_asked_about_and_one_answer_settles_all(
    demo: Registry, opinion: str, answer: str, lists: dict[str, list[str]]
) -> None:
    text = CERTIFICATES.replace("备注", "清理意见").replace("1,示例甲证明,", "1,示例甲证明,保留").format(opinion)
    open_plan = of(demo, text)
    assert (errors(open_plan), open_plan.decisions) == (["row-unclear", "row-unclear"], [])
    assert list(open_plan.open_texts) == [("row", opinion)]
    assert open_plan.as_object()["open"]["rows"] == [opinion]
    assert names(of(demo, text, mapping={"rows": {opinion: answer}})) == lists


def test_a_remark_that_plans_is_no_remark_that_says(demo: Registry) -> None:
    assert errors(of(demo, CERTIFICATES.format("拟取消"))) == ["row-unclear", "row-unclear"]
    assert names(of(demo, CERTIFICATES.format("已取消")))["T-NO-CERTIFICATES"] == ["示例乙证明", "示例丙证明"]


def test_an_answer_that_says_nothing_of_rows_leaves_the_question_open(demo: Registry) -> None:
    text = CERTIFICATES.format("拟取消")
    assert errors(of(demo, text, mapping={"rows": {"拟取消": "以后再说"}})) == ["row-unclear", "row-unclear"]


@pytest.mark.parametrize("title", ["宜城市拟收回镇（街道）事项清单", "宜城市计划取消的村级组织出具证明事项清单"])
def test_a_title_that_plans_is_asked_about_until_it_is_said_to_be_decided(demo: Registry, title: str) -> None:
    text = f"{title}\n序号,事项名称,承接部门\n1,示例甲检查,市市场监督管理局\n"
    assert errors(of(demo, text)) == ["draft"]
    decided = of(demo, text, polarity="negative")
    assert [problem.code for problem in decided.problems if problem.code == "draft"] == ["draft"]
    assert len(names(decided)) == 1


# ------------------------------------------------------------------------------------------------------ towns


def test_towns_that_are_not_named_are_asked_about_once_and_settled_together(demo: Registry) -> None:
    rows = "".join(f"{n},对示例{n}的行政处罚,行政处罚,市城市管理执法局,除城区街道外各镇\n" for n in range(1, 4))
    text = POWERS.format("承接单位") + rows
    open_plan = of(demo, text)
    assert errors(open_plan) == ["towns-unclear"]
    assert list(open_plan.open_texts) == [("town", "除城区街道外各镇")]
    answered = names(of(demo, text, mapping={"towns": {"除城区街道外各镇": "郑集镇、420684105"}}))
    assert {code: len(rows) for code, rows in answered.items()} == {"T-420684102": 3, "T-420684105": 3}
    assert list(names(of(demo, text, mapping={"towns": {"除城区街道外各镇": "all"}}))) == ["T"]
    assert errors(of(demo, text, mapping={"towns": {"除城区街道外各镇": "某某镇"}})) == ["towns-unclear"]


@pytest.mark.parametrize(
    ("text", "towns"),
    [
        ("各镇（街道）", None),
        ("各镇人民政府、街道办事处", None),
        ("全市11个镇（街道）", None),
        ("乡镇综合执法机构", None),
        ("市综合执法大队", None),
        ("孔湾镇、流水镇", ["420684105", "420684106"]),
        ("孔湾镇等1个镇", ["420684105"]),
        ("孔湾镇等5个镇", "asked"),
        ("部分镇", "asked"),
        ("试点镇（街道）", "asked"),
        ("山区乡镇", "asked"),
        ("各镇（某某镇除外）", "asked"),
        (f"各镇（{STREETS}除外）", [f"42068410{n}" for n in range(2, 10)]),
        (f"除{STREETS}外，其他镇", [f"42068410{n}" for n in range(2, 10)]),
        (f"全市各镇，不含{STREETS}", [f"42068410{n}" for n in range(2, 10)]),
        ("孔湾镇、流水镇（流水镇暂不承接）", ["420684105"]),
    ],
)
def test_a_cell_is_of_the_towns_that_it_says(demo: Registry, text: str, towns: list[str] | str | None) -> None:
    planned = of(demo, POWERS.format("承接单位") + f'1,对示例甲的行政处罚,行政处罚,市城市管理执法局,"{text}"\n')
    if towns == "asked":
        assert {problem.asks for problem in planned.errors} == {("town", text)}
        return
    assert planned.errors == []
    assert [one["scope"] for one in planned.decisions if one["type"] == "ListAdopted"] == (towns or ["420684"])


# ------------------------------------------------------------------------------------------------------- days


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("明年元旦", "2027-01-01"),
        ("明年3月1日起", "2027-03-01"),
        ("2027年元旦起施行", "2027-01-01"),
        ("自2027年第四季度起", "2027-10-01"),
        ("2027年下半年起", "2027-07-01"),
        ("常年", "2026-11-01"),
        ("每季度", "2026-11-01"),
        ("3月至5月", "2026-11-01"),
        ("主汛期", "2026-11-01"),
        ("第四季度", None),
        ("2027年第四季度", None),
        ("年底前", None),
        ("2027年底前", None),
        ("明年", "2027-01-01"),
        ("下半年", None),
        ("条件成熟后", None),
    ],
)
def test_a_time_is_a_day_or_a_season_or_asked_about(demo: Registry, text: str, day: str | None) -> None:
    csv = ASSIST.format("实施时间") + f"1,示例甲巡查,市公安局,{text}\n"
    planned = of(demo, csv)
    if day is None:
        assert errors(planned) == ["time-unclear"]
        assert list(planned.open_texts) == [("day", text)]
        (settled,) = [one for one in of(demo, csv, mapping={"days": {text: "2027-10-01"}}).decisions if "item" in one]
        assert settled["at"] == "2027-10-01"
        (noted,) = [one for one in of(demo, csv, mapping={"days": {text: "none"}}).decisions if "item" in one]
        assert (noted["at"], noted["note"]) == ("2026-11-01", f"时间安排：{text}")
        return
    assert planned.errors == []
    assert [one["at"] for one in planned.decisions if "item" in one] == [day]


def test_a_season_is_told_and_a_frequency_is_not_taken_for_a_day(demo: Registry) -> None:
    planned = of(demo, ASSIST.format("实施时间") + "1,示例甲巡查,市公安局,主汛期\n")
    assert "time-noted" in [problem.code for problem in planned.warnings]


# ------------------------------------------------------------------------------------------------------- ends


ENDING: Final = POWERS.format("有效期") + (
    "1,对示例甲的行政处罚,行政处罚,市城市管理执法局,至2027年底\n2,对示例乙的行政处罚,行政处罚,市城市管理执法局,长期\n"
)


def standing(county: Registry, day: str) -> list[str]:
    rows = county.connection.execute(
        "SELECT name FROM item WHERE list = 'T' AND valid_from <= %s AND valid_to > %s AND known_to > 1000000000"
        " ORDER BY item",
        (day, day),
    )
    return [name for (name,) in rows.fetchall()]


def test_an_item_that_ends_by_itself_is_off_its_list_from_the_day_after(recording: Registry) -> None:
    first = record(recording, ENDING)
    assert [problem.code for problem in first.problems if problem.code.startswith("end")] == ["ends-recorded"]
    both = ["对示例甲的行政处罚", "对示例乙的行政处罚"]
    assert standing(recording, "2027-12-31") == both
    assert standing(recording, "2028-01-01") == both[1:]
    assert record(recording, ENDING).decisions == []  # again: it says so already
    later = ENDING + "3,对示例丙的行政处罚,行政处罚,市城市管理执法局,长期\n"
    (defined, entered) = record(recording, later, issued=None).decisions
    assert (defined["type"], entered["type"]) == ("MatterDefined", "ListItemEntered")
    assert entered["at"] == today().isoformat()  # and not only when the first has ended


def test_an_item_that_was_to_end_later_ends_when_the_next_list_says_so(recording: Registry) -> None:
    record(recording, ENDING)
    changed = record(recording, ENDING.replace("至2027年底", "至2028年底"), issued=None)
    assert [one["type"] for one in changed.decisions] == ["Corrected", "ListItemEntered", "ListItemWithdrawn"]
    assert sorted(standing(recording, "2028-12-31")) == ["对示例乙的行政处罚", "对示例甲的行政处罚"]
    assert standing(recording, "2029-01-01") == ["对示例乙的行政处罚"]
    gone = "\n".join(line for line in ENDING.splitlines() if not line.startswith("1,"))
    taken_off = record(recording, gone, issued=None, missing="withdraw")
    assert [one["type"] for one in taken_off.decisions] == ["Corrected"]
    (question,) = confirming.questions(taken_off)
    assert "对示例甲的行政处罚" in question.sentence.zh
    assert standing(recording, "2028-06-01") == ["对示例乙的行政处罚"]


# ------------------------------------------------------------------------------------------- parts of what stands


def test_a_file_of_some_departments_is_asked_about_by_their_names(recording: Registry) -> None:
    rows = [f"{n},示例{n}巡查,市公安局," for n in range(1, 19)] + ["19,示例甲走访,市民政局,", "20,示例乙走访,市民政局,"]
    record(recording, ASSIST.format("备注") + "\n".join(rows))
    part = ASSIST.format("备注") + "\n".join(rows[:18])
    open_plan = of(recording, part, issued=None)
    assert errors(open_plan) == ["departments-not-in-the-file"]
    assert "宜城市民政局" in open_plan.errors[0].zh
    assert "示例甲走访、示例乙走访" in open_plan.errors[0].zh
    assert of(recording, part, issued=None, missing="keep").decisions == []
    assert len(of(recording, part, issued=None, missing="withdraw").decisions) == 2
    # One item less of a department that has others is no part of the list.
    assert of(recording, ASSIST.format("备注") + "\n".join(rows[1:]), issued=None).errors == []


def test_a_file_of_some_categories_is_asked_about_and_compared_with_these_alone(recording: Registry) -> None:
    head = "宜城市镇（街道）配合履职事项清单\n序号,类别,事项名称,牵头部门\n"
    rows = [f"{n},平安法治,示例{n}巡查,市公安局" for n in range(1, 19)]
    rows += ["19,生态环保,示例甲巡河,市水利局", "20,生态环保,示例乙巡河,市水利局"]
    record(recording, head + "\n".join(rows))
    most = head + "\n".join(rows[1:18])
    open_plan = of(recording, most, issued=None)
    assert errors(open_plan) == ["categories-not-in-the-file"]
    assert "生态环保等类别的 2 项" in open_plan.errors[0].zh
    taken_off = {
        missing: [one["item"] for one in of(recording, most, issued=None, missing=missing).decisions]
        for missing in ("keep", "within", "withdraw")
    }
    assert taken_off == {"keep": [], "within": ["1"], "withdraw": ["1", "19", "20"]}
    one_of_two = head + rows[18]  # of one category alone: what is of others may not even be many
    assert errors(of(recording, one_of_two, issued=None)) == ["categories-not-in-the-file"]
    within = of(recording, one_of_two, issued=None, missing="within")
    assert [one["item"] for one in within.decisions] == ["20"]
    # One item less of a category that has others is no part of the list.
    assert of(recording, head + "\n".join(rows[1:]), issued=None).errors == []


def test_a_file_of_some_towns_is_asked_about_by_their_names(recording: Registry) -> None:
    head = POWERS.format("承接单位")
    rows = [f"{n},对示例{n}的行政处罚,行政处罚,市城市管理执法局,{{}}" for n in range(1, 4)]
    record(recording, head + "\n".join(row.format("孔湾镇、流水镇") for row in rows))
    part = head + "\n".join(row.format("孔湾镇") for row in rows)
    open_plan = of(recording, part, issued=None)
    assert errors(open_plan) == ["towns-not-in-the-file"]
    assert "流水镇" in open_plan.errors[0].zh
    assert of(recording, part, issued=None, missing="keep").decisions == []
    going = of(recording, part, issued=None, missing="withdraw")
    assert [(one["type"], one["list"]) for one in going.decisions] == [("ListRepealed", "T-420684106")]
    (question,) = confirming.questions(going)
    assert question.sentence.zh.startswith("废止清单")
    assert list(question.going) == ["对示例1的行政处罚", "对示例2的行政处罚", "对示例3的行政处罚"]


def test_a_power_of_its_own_that_has_ended_is_recorded_as_ended(recording: Registry) -> None:
    head = "宜城市应急管理局权责清单\n序号,职权名称,职权类型,备注\n"
    record(recording, head + "1,对示例甲的行政处罚,行政处罚,\n2,对示例乙的行政处罚,行政处罚,\n")
    text = head + "1,对示例甲的行政处罚,行政处罚,\n2,对示例乙的行政处罚,行政处罚,已取消\n"
    ended = record(recording, text, instrument="试测〔2026〕2号", issued=Issued("y", "notice", date(2026, 11, 20)))
    ((type_, unit),) = [(one["type"], one["unit"]) for one in ended.decisions if "unit" in one]
    assert (type_, unit) == ("PowerDivested", "420684-emergency")
    (question,) = confirming.questions(ended)
    assert "1 项行政权力终止" in question.sentence.zh
    assert "1 administrative power that 宜城市应急管理局 had by law ends" in question.sentence.en
    again = of(recording, text, issued=None, day=date(2026, 11, 21))
    assert (again.errors, again.decisions) == ([], [])
    assert "own-power-ended" in [problem.code for problem in again.warnings]


# ------------------------------------------------------------------------------------------------ another county


@pytest.mark.parametrize(
    ("title", "other"),
    [
        ("南漳县镇（街道）基本履职事项清单", True),
        ("湖北省襄阳市南漳县镇（街道）基本履职事项清单", True),
        ("关于公布巴南区镇（街道）基本履职事项清单", True),
        ("湖北省襄阳市宜城市镇（街道）基本履职事项清单", False),
        ("附件1：宜城市镇（街道）基本履职事项清单", False),
        ("襄阳市镇（街道）基本履职事项清单", False),
        ("湖北省乡镇（街道）基本履职事项清单", False),
        ("全市镇（街道）基本履职事项清单", False),
        ("市区镇（街道）基本履职事项清单", False),
        ("镇（街道）社区基本履职事项清单", False),
        ("园区镇（街道）基本履职事项清单", False),
    ],
)
def test_another_county_is_known_by_the_form_of_its_name(demo: Registry, title: str, other: bool) -> None:
    planned = of(demo, f"{title}\n序号,事项名称\n1,示例甲管理\n", kind="township-basic")
    assert errors(planned) == (["other-county"] if other else [])


def test_another_county_that_the_registry_has_is_known_wherever_it_is_named(recording: Registry) -> None:
    text = "镇（街道）基本履职事项清单（巴南区）\n序号,事项名称\n1,示例甲管理\n"
    assert errors(of(recording, text)) == []
    unit = {"unit": "500113", "name": "重庆市巴南区人民政府", "level": "county", "kind": "government"}
    unit_of_work.record(recording.connection, [{"type": "UnitRegistered", "at": "2020-01-01"} | unit])
    assert errors(of(recording, text)) == ["other-county"]


def test_kinds_are_named_as_people_know_them(demo: Registry) -> None:
    open_plan = of(demo, "某表\n序号,事项名称\n1,示例甲\n")
    assert errors(open_plan) == ["unknown-kind"]
    assert "基本履职事项清单 township-basic、配合履职事项清单 township-assist" in open_plan.errors[0].zh
    assert "what townships must do: township-basic, " in open_plan.errors[0].en
    assert "township-basic" not in open_plan.errors[0].on("page").zh
