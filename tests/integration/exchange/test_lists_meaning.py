"""Files in published shapes: what a careful clerk would record of them, or would ask."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Any

import pytest

from registry.exchange.sheets.planning import confirming
from registry.exchange.sheets.planning.importing import NotImported, carry_out, plan
from registry.exchange.sheets.planning.plans import Plan
from registry.exchange.sheets.writing import exporting
from registry.exchange.sheets.writing.printable import Source
from registry.log import recorder
from tests.support.planned_lists import COUNTY, errors, of_file, of_text, request
from tests.support.registry_under_test import Registry, as_of_known

ZHENGJI, XIAOHE, LIUSHUI = "420684102", "420684103", "420684106"
LISTED = tuple[str, str, str, str | None]  # polarity, covers, audience, assigns


def lists(planned: Plan) -> dict[str, LISTED]:
    """What each list is."""
    return {
        one["list"]: (one["polarity"], one["covers"], one["audience"], one.get("assigns"))
        for one in planned.decisions
        if one["type"] == "ListAdopted"
    }


def items(planned: Plan) -> dict[str, list[str]]:
    """The names on each list."""
    names: dict[str, list[str]] = {}
    for one in planned.decisions:
        if one["type"] == "ListItemEntered":
            names.setdefault(one["list"], []).append(one["name"])
    return names


# ---------------------------------------------------------------------------------------------- which side it is on


def test_what_a_list_leaves_out_says_nothing_of_what_is_on_it(demo: Registry) -> None:
    planned = of_file(demo, "a1")
    assert lists(planned) == {"T": ("positive", "duty", "township", "lead")}
    assert items(planned) == {"T": ["临时救助", "高龄津贴申报"]}
    (question,) = confirming.questions(planned)
    assert (
        question.sentence.zh
        == "这是 2 项职责，由宜城市各镇（街道）负责承担，自 2026-11-01 起，依据试测〔2026〕1号。对吗？"
    )
    assert "不含已由上级部门收回的事项”（说的是清单以外，不计）" in question.words.zh


def test_abolished_inspections_are_no_plan_and_asked_about(demo: Registry) -> None:
    planned = of_file(demo, "a2")
    assert (errors(planned), planned.decisions) == (["which-reading"], [])
    (problem,) = planned.errors
    assert "A1“2026年取消的督查检查考核事项清单”中的“取消”" in problem.zh
    assert "--effect withdrawn" in problem.zh
    assert "--polarity negative" in problem.zh
    assert "--" not in problem.on("page").zh
    forbidden = of_file(demo, "a2", kind="plan-inspections", polarity="negative")
    assert lists(forbidden) == {"T": ("negative", "inspection", "township", None)}
    refused = of_file(demo, "a2", kind="plan-inspections", polarity="positive", effect="listed")
    assert (errors(refused), refused.decisions) == (["contradicts-file"], [])


def test_opinions_on_certificates_part_those_kept_from_those_abolished(demo: Registry) -> None:
    planned = of_file(demo, "a5")
    assert lists(planned) == {
        "T-CERTIFICATES": ("positive", "certificate", "village", None),
        "T-NO-CERTIFICATES": ("negative", "certificate", "village", None),
    }
    assert items(planned) == {"T-CERTIFICATES": ["受灾证明"], "T-NO-CERTIFICATES": ["亲属关系证明"]}
    forbidding = confirming.questions(planned)[1]
    assert "不得由宜城市各村（社区）出具" in forbidding.sentence.zh
    assert "villages of 宜城市 may NOT issue" in forbidding.sentence.en
    assert "C4“取消”" in forbidding.words.zh


@pytest.mark.parametrize("name", ["a7", "a8"])
def test_powers_taken_back_or_not_fit_to_be_handed_down_are_not_granted(demo: Registry, name: str) -> None:
    planned = of_file(demo, name)
    assert (errors(planned), planned.decisions) == (["which-reading"], [])
    granted = of_file(demo, name, kind="empowerment", polarity="positive", effect="listed")
    assert (errors(granted), granted.decisions) == (["contradicts-file"], [])


def test_our_own_notice_board_keeps_its_side(demo: Registry) -> None:
    planned = of_file(demo, "g1")
    assert lists(planned) == {"T": ("negative", "duty", "township", None)}
    assert len(items(planned)["T"]) == 47
    (question,) = confirming.questions(planned)
    assert question.sentence.en == (
        "These are 47 duties that townships of 宜城市 may NOT be given, from 2026-11-01, by 试测〔2026〕1号. Right?"
    )
    assert len(question.samples) == 3


@pytest.mark.parametrize("format_", ["docx", "xlsx"])
@pytest.mark.parametrize(
    "code",
    ["YC-BACK-2025", "YC-BASIC-2025", "YC-ASSIST-2025", "YC-POWERS", "YC-PILOT", "YC-CERT16", "YC-NO-INSPECT"],
)
def test_lists_given_out_come_back_on_their_side(demo: Registry, code: str, format_: exporting.Format) -> None:
    source = Source(as_of_known("2026-11-22", 10**9), "0" * 64)
    listing = demo.runner.run(exporting.of_list(demo.pool, source.moment, code))
    content = exporting.list_file(listing, source, format_)
    planned = plan(demo.connection, content, f"x.{format_}", request(scope=listing.list.scope))
    of = listing.list
    assert set(lists(planned).values()) == {(of.polarity, of.covers, of.audience, of.assigns)}


@pytest.mark.parametrize(
    ("line", "readings"),
    [
        ("（以下事项不得交由镇街承担）", 2),
        ("（未列入本清单的事项，不得要求镇街承担）", 1),
        ("（各部门不得擅自增加）", 1),
        ("（清单实行动态管理，取消、新增事项及时调整）", 1),
        ("注：以上事项已由上级部门收回。", 2),
    ],
)
def test_a_line_below_the_title_is_weighed_against_it(demo: Registry, line: str, readings: int) -> None:
    planned = of_text(demo, f"宜城市镇（街道）基本履职事项清单\n{line}\n序号,事项名称\n1,临时救助\n")
    (table,) = planned.tables
    assert len(table.meaning.readings) == readings
    assert errors(planned) == (["which-reading"] if readings == 2 else [])


def test_a_sheet_named_after_the_other_side_is_asked_about(demo: Registry) -> None:
    text = "宜城市村（社区）出具证明事项清单\n序号,证明名称\n1,受灾证明\n"
    planned = plan(demo.connection, text.encode(), "取消.csv", request())
    assert errors(planned) == ["which-reading"]
    names = "宜城市村级组织工作事务清单\n序号,事项名称\n1,不得将招商引资任务下达到村\n"
    assert errors(of_text(demo, names)) == ["which-reading"]


def test_a_list_that_permits_what_others_forbid_is_asked_about(demo: Registry) -> None:
    names = ("公路沿线非公路标志和建筑控制区管理", "户外广告和店招牌匾管理", "房屋租赁登记备案")
    text = "宜城市镇（街道）基本履职事项清单\n序号,事项名称\n" + "".join(
        f"{at},{name}\n" for at, name in enumerate(names)
    )
    planned = of_text(demo, text)
    assert (errors(planned), planned.decisions) == (["forbidden-elsewhere"], [])
    assert "YC-BACK-2025" in planned.errors[0].zh
    assert errors(of_text(demo, text, polarity="positive")) == []


# --------------------------------------------------------------------------------------------------- rows that decide


def test_a_section_of_what_may_not_be_is_a_list_of_its_own(demo: Registry) -> None:
    text = "宜城市村（社区）挂牌清单\n序号,牌子名称\n一、可以悬挂的牌子,\n1,村民委员会\n"
    text += "二、不得悬挂的牌子,\n2,某某工作站\n"
    planned = of_text(demo, text)
    assert errors(planned) == []
    assert lists(planned) == {
        "T-PLATES": ("positive", "mechanism", "village", None),
        "T-PLATES-NOT": ("negative", "mechanism", "village", None),
    }
    assert items(planned) == {"T-PLATES": ["村民委员会"], "T-PLATES-NOT": ["某某工作站"]}


def test_an_opinion_that_is_not_clear_is_asked_about_at_its_cell(demo: Registry) -> None:
    text = "宜城市镇（街道）基本履职事项清单\n序号,事项名称,处理意见\n1,临时救助,保留\n2,高龄津贴申报,暂缓\n"
    planned = of_text(demo, text)
    assert [(problem.code, problem.cell) for problem in planned.errors] == [("row-unclear", "C4")]
    assert planned.decisions == []


# ------------------------------------------------------------------------------------------------------ whose list


def test_a_workbook_with_a_sheet_for_each_town(demo: Registry) -> None:
    planned = of_file(demo, "b3")
    scopes = {one["list"]: one["scope"] for one in planned.decisions if one["type"] == "ListAdopted"}
    assert scopes == {f"T-{ZHENGJI}": ZHENGJI, f"T-{LIUSHUI}": LIUSHUI}
    assert items(planned) == {f"T-{ZHENGJI}": ["示例提灌站日常管护"], f"T-{LIUSHUI}": ["示例西瓜产业服务"]}


def test_a_matrix_of_towns_gives_each_what_is_ticked(demo: Registry) -> None:
    planned = of_file(demo, "b5")
    assert items(planned) == {
        f"T-{ZHENGJI}": ["村民自治工作指导", "示例提灌站日常管护"],
        f"T-{XIAOHE}": ["村民自治工作指导"],
        f"T-{LIUSHUI}": ["村民自治工作指导"],
    }
    assert len([one for one in planned.decisions if one["type"] == "MatterDefined"]) == 1
    unclear = "宜城市镇（街道）基本履职事项清单\n序号,事项名称,郑集镇,小河镇\n1,临时救助,√,配合\n"
    assert errors(of_text(demo, unclear)) == ["town-column"]
    nobody = "宜城市镇（街道）基本履职事项清单\n序号,事项名称,郑集镇,小河镇\n1,临时救助,√,\n2,高龄津贴申报,,\n"
    assert errors(of_text(demo, nobody)) == ["no-town-ticked"]


def test_the_town_in_a_title_is_whose_list_it_is(demo: Registry) -> None:
    text = "宜城市{}基本履职事项清单\n序号,事项名称\n1,临时救助\n"
    planned = of_text(demo, text.format("郑集镇"))
    assert planned.decisions[1]["scope"] == ZHENGJI
    assert confirming.questions(planned)[0].sentence.zh.startswith("这是 1 项职责，由郑集镇负责承担")
    assert errors(of_text(demo, text.format("李家镇"))) == ["unknown-town"]
    assert errors(of_text(demo, text.format("郑集镇"), scope=LIUSHUI)) == ["scope-differs"]
    assert errors(of_text(demo, text.format("郑集镇"), scope=COUNTY)) == ["scope-differs"]


def test_rows_for_other_towns_than_the_scope_given_are_not_recorded_for_it(demo: Registry) -> None:
    text = "宜城市镇（街道）基本履职事项清单\n序号,事项名称,承接单位\n1,临时救助,各镇（街道）\n2,高龄津贴申报,{}\n"
    for recipient, scope in (("郑集镇", COUNTY), ("郑集镇", LIUSHUI), ("除流水镇外", LIUSHUI)):
        assert errors(of_text(demo, text.format(recipient), scope=scope)) == ["row-for-others"]
    for recipient, scope in (("各镇（街道）", COUNTY), ("郑集镇", ZHENGJI), ("郑集镇、流水镇", LIUSHUI)):
        assert items(of_text(demo, text.format(recipient), scope=scope)) == {"T": ["临时救助", "高龄津贴申报"]}


def test_a_column_of_towns_parts_the_rows(demo: Registry) -> None:
    text = "宜城市镇（街道）基本履职事项清单\n序号,事项名称,承接单位\n"
    text += "1,临时救助,各镇（街道）\n2,高龄津贴申报,郑集镇、流水镇\n"
    assert items(of_text(demo, text)) == {
        "T": ["临时救助"],
        f"T-{ZHENGJI}": ["高龄津贴申报"],
        f"T-{LIUSHUI}": ["高龄津贴申报"],
    }


@pytest.mark.parametrize("name", ["b1", "b2"])
def test_what_a_bureau_may_do_by_law_is_handed_to_nobody(demo: Registry, name: str) -> None:
    planned = of_file(demo, name)
    assert (errors(planned), planned.decisions) == ([], [])
    assert [problem.code for problem in planned.warnings] == ["held-already"]


def test_powers_that_a_body_is_not_known_to_hold_are_vested_in_it(demo: Registry) -> None:
    text = "宜城市{}权责清单\n序号,职权名称,职权类型\n1,对示例堆放的处罚,行政处罚\n"
    planned = of_text(demo, text.format("应急管理局"))
    kinds = [(one["type"], one.get("unit")) for one in planned.decisions]
    assert kinds == [("InstrumentIssued", None), ("MatterDefined", None), ("PowerVested", "420684-emergency")]
    assert "宜城市应急管理局依法自有的 1 项行政权力（不下放、不委托）" in confirming.questions(planned)[0].sentence.zh
    assert of_text(demo, text.format("郑集镇")).decisions[-1]["unit"] == ZHENGJI
    assert errors(of_text(demo, text.format("镇（街道）"))) == ["whose-powers"]


# ------------------------------------------------------------------------------------------- what is not in the file


NAMES = ("临时救助", "高龄津贴申报", "村民自治工作指导", "防汛抗旱", "森林防灭火", "人口普查入户登记")


def basic(names: tuple[str, ...], title: str = "基本履职事项清单", opinions: dict[str, str] | None = None) -> bytes:
    rows = [f"{number},{name},{(opinions or {}).get(name, '')}" for number, name in enumerate(names, 1)]
    return "\n".join([f"宜城市镇（街道）{title}", "序号,事项名称,调整方式", *rows]).encode()


@pytest.fixture
def standing(demo: Registry) -> Iterator[Registry]:
    """The county with a list of six items, until the test is over."""
    with demo.connection.transaction(force_rollback=True):
        carry_out(demo.connection, basic(NAMES), "清单.csv", request(day=date(2026, 11, 1)))
        yield demo


def again(demo: Registry, content: bytes, **more: Any) -> Plan:
    return plan(demo.connection, content, "清单.csv", request(day=date(2026, 11, 20), **more))


def withdrawn(planned: Plan) -> list[str]:
    return [one["item"] for one in planned.decisions if one["type"] == "ListItemWithdrawn"]


def test_more_than_a_fifth_does_not_go_unasked(standing: Registry) -> None:
    planned = again(standing, basic(NAMES[:4]))
    assert (errors(planned), planned.decisions) == (["not-in-the-file"], [])
    assert "森林防灭火、人口普查入户登记" in planned.errors[0].zh
    assert withdrawn(again(standing, basic(NAMES[:4]), missing="withdraw")) == ["5", "6"]
    assert again(standing, basic(NAMES[:4]), missing="keep").decisions == []
    few = again(standing, basic(NAMES[:5]))
    assert (errors(few), withdrawn(few)) == ([], ["6"])
    assert "人口普查入户登记" in confirming.questions(few)[0].sentence.zh
    stated = request(
        day=date(2026, 11, 20), kind="township-basic", polarity="positive", audience="township", scope=COUNTY
    )
    with pytest.raises(NotImported) as refused:
        carry_out(standing.connection, basic(NAMES[:5]), "清单.csv", stated, stated=True)
    assert [problem.code for problem in refused.value.plan.errors] == ["going-unasked"]


def test_an_addition_takes_nothing_away_unasked(standing: Registry) -> None:
    planned = again(standing, basic(("农村公路养护",), "基本履职事项清单（第二批）"))
    assert (errors(planned), planned.decisions) == (["not-in-an-adjustment"], [])
    kept = again(standing, basic(("农村公路养护",), "基本履职事项清单（第二批）"), missing="keep")
    assert (withdrawn(kept), items(kept)) == ([], {"T": ["农村公路养护"]})


def test_an_adjustment_touches_only_what_it_names(standing: Registry) -> None:
    opinions = {"农村公路养护": "新增", "防汛抗旱": "取消"}
    planned = again(standing, basic(("农村公路养护", "防汛抗旱"), "基本履职事项动态调整清单", opinions))
    assert errors(planned) == []
    assert (withdrawn(planned), items(planned)) == (["4"], {"T": ["农村公路养护"]})
    opinions = {"从未列入的事项": "取消"}
    unknown = again(standing, basic(("从未列入的事项",), "基本履职事项动态调整清单", opinions))
    assert [(problem.code, problem.cell) for problem in unknown.errors] == [("not-standing", "B3")]


def test_what_was_cancelled_goes_off_the_list_that_stands(standing: Registry) -> None:
    content = basic(("防汛抗旱", "森林防灭火"), "取消的基本履职事项清单")
    planned = again(standing, content)
    assert (errors(planned), withdrawn(planned), items(planned)) == ([], ["4", "5"], {})
    assert confirming.questions(planned)[0].sentence.zh == (
        "从清单“宜城市镇（街道）基本履职事项清单”中移出 2 项职责，不再由宜城市各镇（街道）负责承担，"
        "自 2026-11-20 起，依据试测〔2026〕1号。对吗？"
    )
    assert errors(again(standing, content, code="NEW")) == ["which-reading"]
    withdrawing = again(standing, content, code="NEW", polarity="positive", effect="withdrawn")
    assert set(errors(withdrawing)) == {"not-standing"}


# ---------------------------------------------------------------------------------------------- nobody is asked


def test_what_is_stated_must_be_all_and_what_the_file_says(demo: Registry) -> None:
    before = recorder.head(demo.connection)[0]
    text = "宜城市上级部门收回事项清单\n序号,事项名称\n1,示例收回的事\n".encode()
    whole = {"kind": "township-returned", "polarity": "negative", "audience": "township", "scope": COUNTY}
    wrong = [{name: value for name, value in whole.items() if name != left_out} for left_out in whole] + [
        whole | {"polarity": "positive"},
        whole | {"kind": "township-basic"},
        whole | {"audience": "village"},
    ]
    refused = ["not-stated"] * 4 + ["contradicts-file"] * 2 + ["stated-otherwise"]
    for stated, code in zip(wrong, refused, strict=True):
        with pytest.raises(NotImported) as problem:
            carry_out(demo.connection, text, "清单.csv", request(**stated), stated=True)
        assert code in errors(problem.value.plan), stated
    with demo.connection.transaction(force_rollback=True):
        assert carry_out(demo.connection, text, "清单.csv", request(**whole), stated=True).recorded
    assert recorder.head(demo.connection)[0] == before
