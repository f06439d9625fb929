"""Lists that come as spreadsheets: what rows become, and what is asked back."""

from __future__ import annotations

import pytest

from tests.support.planned_lists import problems
from tests.support.recorded_lists import ASSIST, PAPER, head, read, take
from tests.support.registry_under_test import Registry
from tests.support.sheets_county import COUNTY


def test_rows_become_a_list_with_its_items_and_new_matters(county: Registry) -> None:
    text = (
        ASSIST
        + '1,平安法治,社区矫正工作,市司法局,"负责矫正。\n定期走访。",协助\n2,民生,老年人防诈骗,县公安局,组织,配合\n'
    )
    planned = read(county, text)
    assert not planned.problems
    new = planned.decisions[0]
    assert new["type"] == "MatterDefined"
    assert new["matter"].startswith("420684-D-")
    assert len(new["matter"]) == len("420684-D-") + 8
    assert planned.decisions == [
        {
            "type": "MatterDefined",
            "at": "2025-03-01",
            "matter": new["matter"],
            "kind": "duty",
            "name": "老年人防诈骗",
            "category": "民生",
        },
        {
            "type": "ListAdopted",
            "at": "2025-03-01",
            "list": "ASSIST",
            "title": "宜城市镇（街道）配合履职事项清单",
            "polarity": "positive",
            "covers": "duty",
            "audience": "township",
            "assigns": "assist",
            "scope": COUNTY,
            "instrument": PAPER,
        },
        {
            "type": "ListItemEntered",
            "at": "2025-03-01",
            "list": "ASSIST",
            "item": "1",
            "name": "社区矫正工作",
            "matter": "D-COMMUNITY-CORRECTION",
            "from": "420684-justice",
            "note": "类别：平安法治\n上级部门职责：负责矫正。\n定期走访。\n乡镇（街道）配合职责：协助",
        },
        {
            "type": "ListItemEntered",
            "at": "2025-03-01",
            "list": "ASSIST",
            "item": "2",
            "name": "老年人防诈骗",
            "matter": new["matter"],
            "from": "420684-public-security",
            "note": "上级部门职责：组织\n乡镇（街道）配合职责：配合",
        },
    ]
    before = head(county)
    assert take(county, text) == {"MatterDefined": 1, "ListAdopted": 1, "ListItemEntered": 2}
    assert head(county) == before + 4
    assert take(county, text) == {}
    assert head(county) == before + 4


@pytest.mark.parametrize(
    ("written", "unit"),
    [
        ("宜城市应急管理局", "emergency"),
        ("应急管理局", "emergency"),
        ("市应急局", "emergency"),
        ("县应急局", "emergency"),
        ("县级应急管理部门", "emergency"),
        ("市公安局", "public-security"),
        ("市监局", "market"),
        ("市市场监管局", "market"),
        ("人社局", "human-resources"),
        ("市委组织部", "organization"),
        ("县委政法委", "political-legal"),
        ("编办", "staffing"),
        ("市残联", "disabled"),
        ("卫健局", "health"),
        ("牵头部门：市水利局", "water"),
        ("市林业局、市公安局", "forestry"),
        ("市委办", "party-office"),
        ("市委办公室", "party-office"),
        ("市政府办", "office"),
        ("卫健委", "health"),
        ("市公安局、市应急局（牵头）", "emergency"),
        ("配合部门：市公安局、市司法局；牵头部门：市应急局", "emergency"),
        ("襄阳市生态环境局（宜城分局）、市公安局", "ecology"),
        ("市委组织部市公安局市市场监管局、财政局", "organization"),
    ],
)
def test_departments_are_found_by_their_full_and_customary_names(county: Registry, written: str, unit: str) -> None:
    planned = read(county, f"{ASSIST}1,,社区矫正工作,{written},,\n")
    assert not planned.errors
    assert planned.decisions[-1]["from"] == f"{COUNTY}-{unit}"
    several = "、" in written  # then the note has it all
    assert ("对应上级部门：" in planned.decisions[-1].get("note", "")) is several


def test_one_answer_settles_all_cells_that_name_a_department(county: Registry) -> None:
    rows = "1,,甲事,市安监局,,\n2,,乙事,1.宜城市安监局\n3,,丙事,安监局（牵头）,,\n"
    planned = read(county, ASSIST + rows, accept="none")
    assert [code for code, _ in problems(planned)] == ["unknown-department"] * 3
    assert list(planned.open_units) == ["市安监局"]
    answered = read(county, ASSIST + rows, accept="none", mapping={"units": {"市安监局": "420684-emergency"}})
    assert [one["from"] for one in answered.decisions if "from" in one] == ["420684-emergency"] * 3


def test_a_department_that_only_helps_is_not_the_one_above(county: Registry) -> None:
    planned = read(county, f"{ASSIST}1,,社区矫正工作,配合部门：市公安局,,\n")
    assert problems(planned) == [("unknown-department", "D3")]


def test_a_department_beside_the_county_is_found_by_its_full_name(county: Registry) -> None:
    assert read(county, f"{ASSIST}1,,社区矫正工作,襄阳市公安局,,\n").decisions[-1]["from"] == "4206-public-security"


@pytest.mark.parametrize("written", ["相关部门", "市安监局", "局", "市委", "各部门", "镇应急办"])
def test_a_department_that_is_unclear_needs_confirmation(county: Registry, written: str) -> None:
    planned = read(county, f"{ASSIST}1,,社区矫正工作,{written},,\n")
    assert problems(planned) == [("unknown-department", "D3")]
    assert not planned.decisions
    assert written in planned.open_units
    for decided, sender in (("none", None), ("420684-emergency", "420684-emergency")):
        plan_made = read(county, f"{ASSIST}1,,社区矫正工作,{written},,\n", mapping={"units": {written: decided}})
        assert plan_made.decisions[-1].get("from") == sender


@pytest.mark.parametrize(
    ("name", "matter"),
    [
        ("人口普查入户登记", "D-CENSUS"),
        ("人口普查登记", "D-CENSUS"),
        ("人口普查　入户登记", "D-CENSUS"),
        ("「社區矯正工作」", "D-COMMUNITY-CORRECTION"),
    ],
)
def test_a_name_an_alias_or_one_that_differs_in_width_is_the_matter(county: Registry, name: str, matter: str) -> None:
    planned = read(county, f"{ASSIST}1,,{name},统计局,,\n")
    assert not planned.errors
    assert planned.decisions[-1]["matter"] == matter


def test_a_near_name_is_proposed_and_not_assumed(county: Registry) -> None:
    text = f"{ASSIST}1,,人口普查入户登记工作,统计局,,\n"
    planned = read(county, text)
    assert problems(planned) == [("needs-confirmation", "C3")]
    assert "D-CENSUS" in planned.errors[0].zh
    assert "D-CENSUS" in planned.errors[0].en
    assert read(county, text, accept="near").decisions[-1]["matter"] == "D-CENSUS"
    assert read(county, text, accept="none").decisions[-1]["matter"].startswith("420684-D-")
    named = {"matters": {"人口普查入户登记工作": "D-CENSUS"}}
    assert read(county, text, mapping=named).decisions[-1]["matter"] == "D-CENSUS"
    named["matters"]["人口普查入户登记工作"] = "D-NOBODY"
    assert problems(read(county, text, mapping=named)) == [("unknown-matter", "C3")]
    # Once it is decided it is known: the list has had an item of that name.
    take(county, text, accept="near")
    assert not read(county, text).decisions
    assert read(county, text, code="OTHER").decisions[-1]["matter"] == "D-CENSUS"


def test_a_name_of_two_matters_is_left_for_confirmation(county: Registry) -> None:
    planned = read(county, f"{ASSIST}1,,养老服务,民政局,,\n")
    assert problems(planned) == [("needs-confirmation", "C3")]
    assert "D-OLD-AGE-2" in planned.errors[0].zh
    assert problems(read(county, f"{ASSIST}1,,养老服务,民政局,,\n", accept="near")) == [("needs-confirmation", "C3")]


def test_another_countys_own_matter_is_not_this_ones(county: Registry) -> None:
    planned = read(county, f"{ASSIST}1,,樊城特有事项,民政局,,\n")
    assert planned.decisions[-1]["matter"].startswith("420684-D-")


def test_the_code_in_a_row_names_the_matter(county: Registry) -> None:
    text = "配合履职事项清单\n序号,事项名称,事项编码,对应上级部门\n1,居家养老,D-OLD-AGE-2,民政局\n"
    assert read(county, text).decisions[-1]["matter"] == "D-OLD-AGE-2"


def test_powers_have_their_kind_from_the_column_or_the_name(county: Registry) -> None:
    head = "宜城市赋权清单\n序号,职权名称,职权类型,赋权部门,赋权方式,实施依据\n"
    text = head + (
        "1,对露天焚烧秸秆的行政处罚,行政处罚,生态环境局,直接赋权,《中华人民共和国大气污染防治法》第一百一十九条\n"
        "2,对占用耕地建窑的行政处罚,,自然资源和规划局,直接赋权,《土地管理法》第七十五条；《湖北省土地管理条例》\n"
        "3,乡村建设核实,行政确认,自然资源和规划局,直接赋权,\n"
    )
    units = {"units": {"生态环境局": "420684-ecology"}}
    planned = read(county, text, instrument="鄂政发〔2021〕12号", code="POWERS", mapping=units)
    assert not planned.errors
    defined = {one["name"]: one for one in planned.decisions if one["type"] == "MatterDefined"}
    assert defined["对占用耕地建窑的行政处罚"]["power_kind"] == "penalty"
    assert defined["对占用耕地建窑的行政处罚"]["basis"] == ["《土地管理法》第七十五条", "《湖北省土地管理条例》"]
    assert defined["乡村建设核实"]["power_kind"] == "confirmation"
    assert "note" not in planned.decisions[-3]  # the matter says it all
    assert [problem.code for problem in planned.warnings] == ["not-by-law"] * 3
    held = read(county, text, instrument="鄂政发〔2021〕12号", code="POWERS", mapping=units, holders=True)
    assert [problem.code for problem in held.warnings] == ["not-by-law"]  # a known matter is not revised
    assert held.decisions[0]["lawful_holders"] == [{"level": "county", "function": "natural-resources"}]
    unclear = read(county, head + "1,店招牌匾设置,,城管局,直接赋权,\n", code="POWERS")
    assert problems(unclear) == [("power-kind-unclear", "B3"), ("not-by-law", "D3")]
    both = f"{head}1,对露天焚烧秸秆的行政处罚,,公安局,直接赋权,\n2,对噪音的行政处罚,,公安局,委托,\n"
    both += "3,对垃圾的行政处罚,,公安局,赋权,\n"
    mixed = read(county, both, code="P")
    adopted = {one["list"]: one["assigns"] for one in mixed.decisions if one["type"] == "ListAdopted"}
    assert adopted == {"P": "devolved", "P-ENTRUSTED": "entrusted"}
    take(county, both, code="P")
    assert read(county, both, code="P").decisions == []
    without = read(county, both.replace("委托", "直接赋权"), code="P")
    assert [(one["type"], one["list"]) for one in without.decisions] == [("ListItemEntered", "P")]
    assert "other-way" in [problem.code for problem in without.warnings]
    entrusted = read(county, head + "1,对噪音的行政处罚,,公安局,委托实施,\n", code="Q")
    assert entrusted.decisions[0]["assigns"] == "entrusted"


def test_a_division_of_duties_assigns_assistance_from_the_lead(county: Registry) -> None:
    text = (
        "宜城市属地管理事项责任清单\n序号,事项,牵头部门,配合部门,部门职责,乡镇职责\n"
        "1,森林防灭火,应急管理局,林业局,统筹,巡查\n2,防溺水巡查,教育局,公安局,统筹,巡查\n"
    )
    planned = read(county, text, code="DIVISION")
    assert problems(planned) == [("not-by-law", "C4")]  # the first is the emergency bureau's by law
    adopted, first, _ = planned.decisions
    assert (adopted["covers"], adopted["assigns"], adopted["audience"]) == ("duty", "assist", "township")
    assert first["from"] == "420684-emergency"
    assert first["note"] == "配合部门：林业局\n上级部门职责：统筹\n乡镇（街道）配合职责：巡查"


def test_certificates_say_who_issues_them_and_what_to_bring(county: Registry) -> None:
    text = (
        "村（社区）不应出具证明事项清单\n序号,证明事项名称,出具单位,替代方式\n"
        "1,亲属关系证明,派出所,凭户口簿\n2,家庭关系证明,公证处,\n3,宠物健康证明,动物医院,凭免疫证\n"
    )
    planned = read(county, text, code="NO")
    assert not planned.problems
    defined, adopted, *entered = planned.decisions
    assert (defined["issuer"], defined["alternative"]) == ("动物医院", "凭免疫证")
    assert (adopted["polarity"], adopted["covers"], adopted["audience"]) == ("negative", "certificate", "village")
    assert [item.get("issuer") for item in entered] == [None, "公证处", None]  # only where it is not the matter's
    allowed = "村级组织出具证明事项清单\n序号,证明事项名称,所需材料,办理程序\n1,居住证明,{0},到村委会\n"
    first = take(county, allowed.format("身份证、户口簿"), code="YES")
    assert first == {"MatterDefined": 1, "ListAdopted": 1, "ListItemEntered": 1}
    # What to bring is the county's own matter to revise; a shared one stays as it is.
    again = read(county, allowed.format("身份证"), code="YES")
    assert [one["type"] for one in again.decisions] == ["MatterRevised"]
    assert again.decisions[0]["materials"] == ["身份证"]
    shared = read(county, allowed.replace("居住证明", "亲属关系证明").format("身份证"), code="YES2")
    assert {problem.code for problem in shared.warnings} == {"matter-differs", "stands-beside"}
    assert shared.decisions[-1]["note"] == "所需材料：身份证\n办理程序：到村委会"


def test_a_plan_takes_its_quota_and_its_audience(county: Registry) -> None:
    head = "2026年度村级报表清单\n序号,报表名称,报送部门,填报内容\n"
    text = f"{head}1,防返贫监测对象台账,农业农村局,姓名、住址\n2,留守儿童表,民政局,姓名；学校\n"
    planned = read(county, text, code="FORMS", quota=4)
    assert not planned.errors
    adopted = next(one for one in planned.decisions if one["type"] == "ListAdopted")
    assert (adopted["covers"], adopted["audience"], adopted["quota"]) == ("form", "village", 4)
    assert planned.decisions[0]["asks"] == ["姓名", "学校"]
    assert "no-quota" in [problem.code for problem in read(county, text, code="FORMS").warnings]
    take(county, text, code="FORMS", quota=4)
    assert ("quota-differs", "") in problems(read(county, text, code="FORMS", quota=5))
    anew = read(county, text, code="FORMS", quota=5, replace=True, instrument="宜办发〔2026〕6号")
    assert [one.get("quota") for one in anew.decisions if one["type"] == "ListAdopted"] == [5]


def test_what_villages_are_forbidden_in_general_words_is_found_by_these(county: Registry) -> None:
    text = "村级组织负面清单\n序号,事项名称,设定依据\n1,征地拆迁、招商引资,厅字〔2022〕28号\n2,防溺水巡查,\n"
    planned = read(county, text, code="NOT")
    assert not planned.problems
    assert [(one.get("terms"), one.get("matter")) for one in planned.decisions[1:]] == [
        (["征地拆迁", "招商引资"], None),
        (None, "D-DROWNING"),
    ]
    take(county, text, code="NOT")
    assert take(county, text, code="NOT") == {}


def test_persons_do_not_go_into_the_log(county: Registry) -> None:
    text = "政务工作群清单\n序号,工作群名称,管理单位,责任人\n1,防汛群,市水利局,张三 13800000000\n"
    planned = read(county, text, code="GROUPS", quota=2)
    assert [problem.code for problem in planned.problems] == ["person-left-out"]
    assert "张三" not in str(planned.decisions)


def test_several_lists_of_one_file_get_ids_with_the_prefix(county: Registry) -> None:
    text = "基本履职事项清单\n序号,事项名称\n1,防溺水巡查\n\n"
    text += "配合履职事项清单\n序号,事项名称,对应上级部门\n1,社区矫正工作,司法局\n"
    planned = read(county, text, code="YC-2025")
    assert [one["list"] for one in planned.decisions if one["type"] == "ListAdopted"] == [
        "YC-2025-BASIC",
        "YC-2025-ASSIST",
    ]
    unnamed = read(county, text, code=None)
    assert [one["list"] for one in unnamed.decisions if one["type"] == "ListAdopted"] == [
        "420684-BASIC",
        "420684-ASSIST",
    ]
