"""Lists in shapes that counties published in 2025: what a careful clerk records of them, or asks about."""

from __future__ import annotations

from datetime import date
from typing import Final

import pytest

from registry.exchange.sheets.planning.plans import Plan
from tests.support.planned_lists import errors, of_text
from tests.support.registry_under_test import Registry

BASIC: Final = "宜城市镇（街道）基本履职事项清单\n序号,事项名称,备注\n1,示例甲登记,{}\n2,示例乙登记,\n"
ASSIST: Final = "宜城市镇（街道）配合履职事项清单\n序号,事项名称,牵头部门,{}\n"
POWERS: Final = (
    "宜城市镇（街道）赋权清单\n序号,职权名称,职权类型,赋权部门,{}\n"
    "1,对示例甲的行政处罚,行政处罚,市水利局,{}\n2,对示例乙的行政处罚,行政处罚,市水利局,\n"
)
CERTIFICATES: Final = "宜城市村级组织出具证明事项清单\n序号,证明名称,{}\n1,示例甲证明,{}\n2,示例乙证明,{}\n"


def listed(planned: Plan) -> dict[str, list[str]]:
    """The names on each list, by its side: a list that forbids begins with 不得."""
    assert planned.errors == []
    sides = {one["list"]: one["polarity"] for one in planned.decisions if one["type"] == "ListAdopted"}
    result: dict[str, list[str]] = {}
    for one in planned.decisions:
        if one["type"] == "ListItemEntered":
            side = "不得" if sides[one["list"]] == "negative" else "应当"
            result.setdefault(side, []).append(one["name"])
    return result


def titles(planned: Plan) -> list[str]:
    return [one["title"] for one in planned.decisions if one["type"] == "ListAdopted"]


@pytest.mark.parametrize(
    ("remark", "outcome"),
    [
        ("镇（街道）不再承担", "goes"),
        ("由市民政局承担，镇（街道）不再承担", "goes"),
        ("镇（街道）无需配合", "goes"),
        ("不再由镇（街道）承担", "goes"),
        ("已上收市民政局", "goes"),
        ("收回市级部门实施", "goes"),
        ("并入第2项", "asked"),
        ("与第2项合并", "asked"),
        ("改由市民政局办理", "asked"),
        ("今年起由部门直接实施", "asked"),
        ("2026年底前取消", "asked"),
        ("待条件成熟后下放", "asked"),
        ("今年暂停", "asked"),
        ("仍由市民政局实施", "asked"),
        ("由市民政局负责指导", "stays"),
        ("镇（街道）不得收取费用", "stays"),
        ("不得要求村级组织提供材料", "stays"),
        ("原由市安监局承担", "stays"),
        ("取消年检后改为年报", "stays"),
    ],
)
def test_a_remark_says_that_its_row_is_no_more_or_is_asked_about(demo: Registry, remark: str, outcome: str) -> None:
    planned = of_text(demo, BASIC.format(f'"{remark}"'))
    if outcome == "asked":
        assert (errors(planned), list(planned.open_texts)) == (["row-unclear"], [("row", remark)])
        return
    both = ["示例甲登记", "示例乙登记"]
    assert listed(planned) == {"应当": both[1:] if outcome == "goes" else both}


def test_a_remark_why_something_was_taken_back_leaves_it_on_the_list_of_that(demo: Registry) -> None:
    text = (
        "宜城市镇（街道）上级部门收回事项清单\n序号,事项名称,承接部门,备注\n1,示例甲登记,市民政局,由市民政局统一办理\n"
    )
    assert listed(of_text(demo, text)) == {"不得": ["示例甲登记"]}


def test_a_remark_against_the_opinion_on_its_row_is_asked_about(demo: Registry) -> None:
    text = CERTIFICATES.format("清理意见,备注", "保留,", "保留,2026年底前取消")
    assert list(of_text(demo, text).open_texts) == [("row", "2026年底前取消")]


@pytest.mark.parametrize(
    ("heading", "text", "since", "last"),
    [
        ("备注", "自2027年7月1日起实施", "2027-07-01", None),
        ("备注", "自2027年7月起由镇（街道）承接，经费由市财政保障", "2027-07-01", None),
        ("备注", "有效期至2027年12月31日", "2026-11-01", date(2027, 12, 31)),
        ("备注", "试行至2027年底", "2026-11-01", date(2027, 12, 31)),
        ("备注", "依据2027年1月1日起施行的示例条例", "2026-11-01", None),
        ("有效期", "自发布之日起三年", "2026-11-01", date(2029, 10, 31)),
        ("有效期", "至2027年第三季度", "2026-11-01", date(2027, 9, 30)),
    ],
)
def test_a_row_holds_from_when_and_to_when_it_says(
    demo: Registry, heading: str, text: str, since: str, last: date | None
) -> None:
    planned = of_text(demo, POWERS.format(heading, f'"{text}"'))
    assert planned.errors == []
    (entered, *_) = [one for one in planned.decisions if one["type"] == "ListItemEntered"]
    ends = [one["at"] for one in planned.decisions if one["type"] == "ListItemWithdrawn"]
    assert (entered["name"], entered["at"]) == ("对示例甲的行政处罚", since)
    assert ends == ([date.fromordinal(last.toordinal() + 1).isoformat()] if last else [])


@pytest.mark.parametrize(
    ("text", "code"), [("一年", "day-unclear"), ("2027年底前", "day-unclear"), ("2025年12月31日", "ended-before")]
)
def test_an_end_that_is_not_clear_or_is_over_is_asked_about(demo: Registry, text: str, code: str) -> None:
    csv = POWERS.format("有效期", text)
    planned = of_text(demo, csv)
    assert (errors(planned), list(planned.open_texts)) == ([code], [("day", text)])
    assert of_text(demo, csv, mapping={"days": {text: "2027-06-30"}}).errors == []
    assert of_text(demo, csv, mapping={"days": {text: "none"}}).errors == []


@pytest.mark.parametrize("heading", ["村级是否出具", "村（社区）是否出具", "最终是否保留"])
def test_a_question_with_its_subject_in_a_heading_decides_too(demo: Registry, heading: str) -> None:
    planned = of_text(demo, CERTIFICATES.format(heading, "√", "×"))
    assert listed(planned) == {"应当": ["示例甲证明"], "不得": ["示例乙证明"]}


def test_of_two_columns_of_opinions_the_result_decides_and_else_it_is_asked(demo: Registry) -> None:
    planned = of_text(demo, CERTIFICATES.format("部门意见,审核结果", "取消,保留", "保留,取消"))
    assert listed(planned) == {"应当": ["示例甲证明"], "不得": ["示例乙证明"]}
    unclear = of_text(demo, CERTIFICATES.format("镇街意见,部门意见", "保留,保留", "保留,取消"))
    assert errors(unclear) == ["row-unclear"]
    assert "示例乙证明" in unclear.errors[0].zh


@pytest.mark.parametrize(
    "title",
    ["宜城市村级组织不应出具证明事项清单（示例乙证明除外）", "宜城市村级组织出具证明事项清单（不含示例乙证明）"],
)
def test_a_list_that_names_what_its_title_leaves_out_is_asked_about(demo: Registry, title: str) -> None:
    planned = of_text(demo, f"{title}\n序号,证明名称\n1,示例甲证明\n2,示例乙证明\n")
    assert errors(planned) == ["row-unclear"]
    assert "示例乙证明" in planned.errors[0].zh


def test_what_is_excepted_from_all_others_is_on_the_list(demo: Registry) -> None:
    text = CERTIFICATES.format("用途", "", "") + "注：除示例甲证明、示例乙证明外，其他证明一律不再出具。\n"
    assert listed(of_text(demo, text)) == {"应当": ["示例甲证明", "示例乙证明"]}


def test_a_certificate_of_the_police_is_none_of_the_village(demo: Registry) -> None:
    text = CERTIFICATES.format("出具单位", "村（居）委会", "派出所").replace("村级组织出具证明", "证明")
    planned = of_text(demo, text)
    assert list(planned.open_texts) == [("row", "派出所")]
    denied = of_text(demo, text, mapping={"rows": {"派出所": "deny"}})
    assert listed(denied) == {"应当": ["示例甲证明"], "不得": ["示例乙证明"]}


@pytest.mark.parametrize("label", ["单位：孔湾镇人民政府", "填报单位：孔湾镇", "填报单位（盖章）：孔湾镇人民政府"])
def test_a_list_that_a_town_fills_in_is_of_that_town(demo: Registry, label: str) -> None:
    planned = of_text(demo, f"镇（街道）基本履职事项清单\n{label}\n序号,事项名称\n1,示例甲登记\n")
    assert [one["scope"] for one in planned.decisions if one["type"] == "ListAdopted"] == ["420684105"]


def test_whose_responsibility_it_is_says_from_whom_the_town_has_it(demo: Registry) -> None:
    head = "宜城市属地管理事项责任清单\n序号,事项名称,主体责任,配合责任\n1,示例甲,市林业局,镇（街道）\n"
    (entered,) = [one for one in of_text(demo, head).decisions if one["type"] == "ListItemEntered"]
    assert entered["from"] == "420684-forestry"
    assert errors(of_text(demo, head + "2,示例乙,镇（街道）,市城市管理局\n")) == ["unknown-department"]


@pytest.mark.parametrize(
    "struck",
    [
        "<td><s>示例乙登记</s></td>",
        "<td><del>示例乙登记</del></td>",
        "<td style='text-decoration:line-through'>示例乙登记</td>",
    ],
)
def test_a_row_struck_out_on_a_page_is_not_on_the_list(demo: Registry, struck: str) -> None:
    page = (
        "<html><meta charset='utf-8'><h2>宜城市镇（街道）基本履职事项清单</h2>"
        "<table><tr><th>序号</th><th>事项名称</th></tr>"
        f"<tr><td>1</td><td>示例甲登记</td></tr><tr><td>2</td>{struck}</tr></table></html>"
    )
    assert listed(of_text(demo, page, "清单.html")) == {"应当": ["示例甲登记"]}
    partly = of_text(demo, page.replace("示例乙登记", "示例乙登记<b style='text-decoration:none'></b>", 1), "清单.html")
    assert listed(partly) == {"应当": ["示例甲登记"]}
    part = page.replace(struck, "<td>示例<s>乙</s>登记</td>")
    assert errors(of_text(demo, part, "清单.html")) == ["row-unclear"]


def test_a_list_is_called_what_it_is_and_not_by_the_section_of_another(demo: Registry) -> None:
    text = (
        "宜城市村（社区）挂牌清单\n一、保留悬挂的牌子\n序号,牌子名称,设立单位\n1,示例党支部,市委组织部\n"
        "二、不得悬挂的牌子\n2,示例工作站,市司法局\n"
    )
    planned = of_text(demo, text)
    assert listed(planned) == {"应当": ["示例党支部"], "不得": ["示例工作站"]}
    assert titles(planned) == ["宜城市村（社区）挂牌清单", "宜城市村（社区）挂牌清单（负面清单）"]
    types = of_text(
        demo,
        "宜城市镇（街道）基本履职事项清单\n序号,事项名称,事项类型\n1,示例甲,基本履职\n2,示例乙,配合履职\n3,示例丙,上级收回\n",
    )
    assert titles(types) == ["宜城市镇（街道）基本履职事项清单", "宜城市配合履职事项清单", "宜城市上级部门收回事项清单"]


@pytest.mark.parametrize(
    ("text", "sides"),
    [
        ("宜城市村（社区）不得悬挂标识牌清单\n序号,标识牌名称\n1,示例工作站\n", {"不得": ["示例工作站"]}),
        ("宜城市村（社区）负面清单\n序号,禁止事项,责任部门\n1,示例征地,市公安局\n", {"不得": ["示例征地"]}),
        ("宜城市村（社区）事项准入清单\n序号,准入事项,准入部门\n1,示例走访,市民政局\n", {"应当": ["示例走访"]}),
        ("宜城市村（社区）不予准入事项清单\n序号,事项名称,申报部门\n1,示例走访,市民政局\n", {"不得": ["示例走访"]}),
    ],
)
def test_lists_of_2025_are_known_by_their_headings(demo: Registry, text: str, sides: dict[str, list[str]]) -> None:
    assert listed(of_text(demo, text)) == sides


@pytest.mark.parametrize(
    ("heading", "text"),
    [
        ("是否基本履职事项", "否"),
        ("承接状态", "已收回"),
        ("现状", "由市民政局统一办理"),
        ("配合职责", "不承担"),
        ("配合职责", "不再配合"),
    ],
)
def test_another_column_that_takes_a_row_off_is_asked_about(demo: Registry, heading: str, text: str) -> None:
    csv = ASSIST.format(heading) + f"1,示例甲,市民政局,{text}\n2,示例乙,市民政局,宣传\n"
    planned = of_text(demo, csv)
    assert errors(planned) == ["row-unclear"]
    ((kind, unclear),) = planned.open_texts
    assert (kind, text in unclear) == ("row", True)
    settled = of_text(demo, csv, mapping={"rows": {unclear: "end"}})
    assert listed(settled) == {"应当": ["示例乙"]}


@pytest.mark.parametrize(
    ("heading", "text"), [("是否网上办理", "否"), ("是否收费", "否"), ("配合职责", "不得擅自收费")]
)
def test_another_column_that_says_something_else_is_only_noted(demo: Registry, heading: str, text: str) -> None:
    csv = ASSIST.format(heading) + f"1,示例甲,市民政局,{text}\n"
    assert listed(of_text(demo, csv)) == {"应当": ["示例甲"]}


def test_a_column_whether_towns_help_decides(demo: Registry) -> None:
    csv = ASSIST.format("镇（街道）是否配合") + "1,示例甲,市民政局,是\n2,示例乙,市民政局,否\n"
    assert listed(of_text(demo, csv)) == {"应当": ["示例甲"]}


def test_nobody_that_takes_it_on_is_not_everybody(demo: Registry) -> None:
    planned = of_text(demo, POWERS.format("承接单位", "均不承接"))
    assert errors(planned) == ["towns-blank", "towns-unclear"]
    assert list(planned.open_texts) == [("town", "承接单位空白"), ("town", "均不承接")]


@pytest.mark.parametrize("text", ["暂无", "无", "—", "/", "待定", "另行确定"])
@pytest.mark.parametrize("first", ["各镇（街道）", "孔湾镇"])
def test_a_cell_that_names_nobody_is_asked_about_where_others_name_somebody(
    demo: Registry, first: str, text: str
) -> None:
    powers = "序号,职权名称,职权类型,赋权部门,承接单位\n1,示例甲,行政处罚,市水利局,{}\n2,示例乙,行政处罚,市水利局,{}\n"
    planned = of_text(demo, f"宜城市镇（街道）赋权清单\n{powers.format(first, text)}")
    assert (errors(planned), list(planned.open_texts)) == (["towns-unclear"], [("town", text)])
    assert planned.decisions == []
    assert errors(of_text(demo, ASSIST.format("承接") + f"1,示例甲,市民政局,\n2,示例乙,{text},\n")) == [
        "unknown-department"
    ]


def test_a_blank_recipient_is_asked_about_once_for_all_such_rows_and_one_answer_settles_them(demo: Registry) -> None:
    text = POWERS.format("承接单位", "孔湾镇") + "3,对示例丙的行政处罚,行政处罚,市水利局,\n"
    planned = of_text(demo, text)
    assert (errors(planned), list(planned.open_texts)) == (["towns-blank"], [("town", "承接单位空白")])
    assert "2 行没有写“承接单位”（第 4、5 行）" in planned.errors[0].zh
    everywhere = of_text(demo, text, mapping={"towns": {"承接单位空白": "all"}})
    there = of_text(demo, text, mapping={"towns": {"承接单位空白": "孔湾镇"}})
    assert (errors(everywhere), errors(there)) == ([], [])
    lists = [[one["scope"] for one in made.decisions if one["type"] == "ListAdopted"] for made in (everywhere, there)]
    assert lists == [["420684", "420684105"], ["420684105"]]


@pytest.mark.parametrize("text", ["", "/", "——"])
def test_a_column_of_recipients_that_nobody_used_says_nothing(demo: Registry, text: str) -> None:
    planned = of_text(demo, POWERS.format("承接单位", text))
    assert listed(planned) == {"应当": ["对示例甲的行政处罚", "对示例乙的行政处罚"]}


def test_a_list_of_promises_in_place_of_certificates_is_none_of_villages(demo: Registry) -> None:
    text = "宜城市证明事项告知承诺制清单\n序号,证明名称,实施部门\n1,示例甲证明,市公安局\n"
    assert errors(of_text(demo, text)) == ["unknown-kind"]


def test_who_is_mainly_responsible_leads(demo: Registry) -> None:
    head = "宜城市镇（街道）配合履职事项清单\n序号,事项名称,主责部门,保障情况\n"
    planned = of_text(demo, head + '1,示例甲,"市公安局牵头、各镇（街道）配合",费随事转\n')
    (entered,) = [one for one in planned.decisions if one["type"] == "ListItemEntered"]
    assert (entered["from"], entered["brings"]) == ("420684-public-security", ["funds"])
    assert errors(of_text(demo, head + '1,示例甲,"各镇（街道）牵头，市公安局配合",\n')) == ["unknown-department"]
