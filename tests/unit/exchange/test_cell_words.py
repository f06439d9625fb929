"""What the words in cells say: means, days, bases, kinds of power, ways of handing down. Expected by eye."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from registry.exchange.sheets.recognising import cells, citations, days, department_cells, powers
from registry.exchange.sheets.recognising.days import Period
from registry.exchange.sheets.recognising.means import means
from tests.support.drawing import examples

FUNDS, STAFF, BOTH = ["funds"], ["staff"], ["staff", "funds"]
UNCLEAR = None


@pytest.mark.parametrize(
    ("text", "brings"),
    [
        ("经费自筹", []),
        ("未安排经费", []),
        ("暂不安排人员和经费", []),
        ("由村集体承担费用", []),
        ("不安排专项经费", []),
        ("由乡镇自行解决", []),
        ("经费由镇（街道）承担", []),
        ("由镇财政保障", []),
        ("从村级公用经费中列支", []),
        ("无专项经费", []),
        ("市财政不予保障", []),
        ("不再另行拨付补助", []),
        ("没有经费", []),
        ("免费", []),
        ("无", []),
        ("否", []),
        ("0", []),
        ("自理", []),
        ("群众自筹", []),
        ("经费不足", []),
        ("未随事划转", []),
        ("由镇村自行筹措", []),
        ("由市级财政予以保障，村级不承担经费", FUNDS),
        ("配备护林员1名，工资由市林业局发放", BOTH),
        ("同步下放工作经费", FUNDS),
        ("监测员补助", FUNDS),
        ("公益岗位补贴", FUNDS),
        ("配备专员1名", STAFF),
        ("费随事转", FUNDS),
        ("人随事转、费随事转", BOTH),
        ("由县财政保障", FUNDS),
        ("县级财政预算安排", FUNDS),
        ("列入部门预算", FUNDS),
        ("500", FUNDS),
        ("2万元/年", FUNDS),
        ("不低于5万元", FUNDS),
        ("补助500元/人·年", FUNDS),
        ("政府购买服务", FUNDS),
        ("是", FUNDS),
        ("√", FUNDS),
        ("人员、经费由县财政保障", BOTH),
        ("安排公益岗位人员2名，经费由镇自筹", STAFF),
        ("不安排人员，安排经费", FUNDS),
        ("不增加编制，经费由市财政局拨付", FUNDS),
        ("经费由市财政全额保障，不另行安排人员", FUNDS),
        ("县财政补助，不足部分由镇自筹", FUNDS),
        ("市财政和镇财政共同承担", FUNDS),
        ("视情安排", UNCLEAR),
        ("待定", UNCLEAR),
        ("经费待明确", UNCLEAR),
        ("另行研究", UNCLEAR),
        ("统筹解决", UNCLEAR),
        ("根据实际需要安排", UNCLEAR),
        ("见附件", UNCLEAR),
        ("县级财政适当补助", UNCLEAR),
        ("协调保障", UNCLEAR),
    ],
)
def test_means_that_are_promised_denied_or_left_open(text: str, brings: list[str] | None) -> None:
    result = means(text, "经费保障")
    assert (result.brings, result.clear) == (brings or [], brings is not UNCLEAR)


def test_means_are_what_the_heading_says_and_what_the_giver_is() -> None:
    assert means("2", "人员保障").brings == STAFF
    assert not means("2", "人员经费保障").clear
    assert means("由镇财政保障", "经费保障", village=True).brings == FUNDS  # to a village a township gives
    assert means("村集体自筹", "经费保障", village=True).brings == []


@pytest.mark.parametrize(
    "text",
    [
        "2027-03-01",
        "2027年3月1日",
        "2027年03月01日",
        "2027 年 3 月 1 日",
        "2027.3.1",
        "2027/3/1",
        "2027—3—1",
        "2027年3月1号",
        "２０２７年３月１日",
        "二〇二七年三月一日",
        "二○二七年三月一日",
        "20270301",
        "202703",
        "46447",
        "2027年3月",
        "2027.3",
        "2027-03",
        "2027-03-01 00:00",
        "2027年3月1日零时",
        "2027年3月1日起",
        "自2027年3月1日起施行",
        "从2027年3月1日开始执行",
    ],
)
def test_every_usual_form_of_a_day(text: str) -> None:
    assert days.period(text) == Period(date(2027, 3, 1))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("自印发之日起", Period("issued")),
        ("自本通知印发之日起施行", Period("issued")),
        ("即日起", Period("issued")),
        ("2027年", Period(date(2027, 1, 1))),
        ("二〇二七年十二月三十一日", Period(date(2027, 12, 31))),
        ("长期", Period(until="open")),
        ("2027年1月1日起长期有效", Period(date(2027, 1, 1), "open")),
        ("2027年3月1日至2028年12月31日", Period(date(2027, 3, 1), date(2028, 12, 31))),
        ("2027.1.1-2028.12.31", Period(date(2027, 1, 1), date(2028, 12, 31))),
        ("2027-2028年", Period(date(2027, 1, 1), date(2028, 12, 31))),
        ("2027年1月-12月", Period(date(2027, 1, 1), date(2027, 12, 31))),
        ("自印发之日起至2028年12月31日", Period("issued", date(2028, 12, 31))),
        ("至2028年底", Period(until=date(2028, 12, 31))),
        ("2027年上半年", None),
        ("2027年底", None),
        ("3月", None),
        ("2027年13月1日", None),
        ("2027年2月30日", None),
        ("条件成熟时", None),
        ("3/1/2027", None),
        ("500", None),
    ],
)
def test_from_when_an_item_holds(text: str, expected: Period | None) -> None:
    assert days.period(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2028-12-31", Period(until=date(2028, 12, 31))),
        ("2028年12月", Period(until=date(2028, 12, 31))),
        ("2028年底", Period(until=date(2028, 12, 31))),
        ("至2028年12月31日止", Period(until=date(2028, 12, 31))),
        ("有效期至2028年12月31日", Period(until=date(2028, 12, 31))),
        ("有效期3年，自2027年1月1日起", Period(date(2027, 1, 1), date(2029, 12, 31))),
        ("长期有效", Period(until="open")),
        ("有效期三年", None),
        ("2028年12月31日前", None),
        ("自印发之日起", None),
    ],
)
def test_until_when_an_item_holds(text: str, expected: Period | None) -> None:
    assert days.period(text, ends=True) == expected


def chinese(number: int) -> str:
    tens, ones = divmod(number, 10)
    numerals = "〇一二三四五六七八九"
    return (("" if tens == 1 else numerals[tens]) + "十" if tens else "") + (numerals[ones] if ones else "")


@examples(60)
@given(day=st.dates(date(2000, 1, 1), date(2099, 12, 31)))
def test_a_day_is_the_same_in_every_form(day: date) -> None:
    year = "".join("〇一二三四五六七八九"[int(digit)] for digit in str(day.year))
    forms = [
        f"{day.year}年{day.month}月{day.day}日",
        f"{day.year}.{day.month}.{day.day}",
        f"{day.year}/{day.month:02}/{day.day:02}",
        day.isoformat(),
        f"{day:%Y%m%d}",
        str((day - date(1899, 12, 30)) // timedelta(days=1)),
        f"{year}年{chinese(day.month)}月{chinese(day.day)}日",
        f"自{day.year}年{day.month}月{day.day}日起施行",
    ]
    assert {days.period(form) for form in forms} == {Period(day)}
    assert days.period(f"至{forms[0]}止", ends=True) == Period(until=day)


@pytest.mark.parametrize(
    ("text", "bases"),
    [
        (
            "【行政法规】《城市市容和环境卫生管理条例》第三十六条：示例全文。\n【地方性法规】《湖北省示例条例》第十条",
            ["《城市市容和环境卫生管理条例》第三十六条", "《湖北省示例条例》第十条"],
        ),
        (
            "1.《甲法》第三条：违反《乙条例》规定的，处罚款。2.《丙办法》第五条第二款",
            ["《甲法》第三条", "《丙办法》第五条第二款"],
        ),
        ("《甲法》第三条、第四条和《乙条例》第五条", ["《甲法》第三条、第四条", "《乙条例》第五条"]),
        (
            "根据《甲法》第六十四条规定，由县级以上政府责令改正；《乙条例》第三条。",
            ["《甲法》第六十四条", "《乙条例》第三条"],
        ),
        ("一、法律：《甲法》第一条 二、行政法规：《乙条例》第二条", ["《甲法》第一条", "《乙条例》第二条"]),
        ("《甲法》（2021年修订）第四十二条第（三）项", ["《甲法》（2021年修订）第四十二条第（三）项"]),
        ("《中华人民共和国行政处罚法》（主席令第七十号）第二十四条：省、自治区……", ["《行政处罚法》第二十四条"]),
        ("《关于示例的通知》（厅字〔2022〕28号）", ["《关于示例的通知》（厅字〔2022〕28号）"]),
        ("《甲法》第三条；宜办发〔2025〕6号", ["《甲法》第三条", "宜办发〔2025〕6号"]),
        ("宜办发〔2025〕6号", ["宜办发〔2025〕6号"]),
        ("《甲法》、《乙法》", ["《甲法》", "《乙法》"]),
        ("法律：《水法》（第六十五条、第六十六条）", ["《水法》第六十五条、第六十六条"]),
        ("《水法》第119条第2款", ["《水法》第119条第2款"]),
        ("《关于赋权的决定》（鄂政发〔2021〕12号）附件第3项", ["《关于赋权的决定》（鄂政发〔2021〕12号）附件第3项"]),
        ("县委常委会会议议定", ["县委常委会会议议定"]),
    ],
)
def test_a_basis_is_instrument_and_article(text: str, bases: list[str]) -> None:
    assert citations.bases(text) == bases


@pytest.mark.parametrize(
    ("text", "kind", "beyond"),
    [
        ("行政处罚", "penalty", ""),
        ("处罚类", "penalty", ""),
        ("行政审批", "licence", ""),
        ("监督检查", "inspection", ""),
        ("行政强制措施", "coercion", ""),
        ("其他行政权力", "other", ""),
        ("1.行政处罚", "penalty", ""),
        ("行政备案", "other", "行政备案"),
        ("公共服务", "other", "公共服务"),
        ("审核转报", "other", "审核转报"),
        ("非行政许可审批", "other", "非行政许可审批"),
        ("行政处罚、行政强制", None, ""),
        ("行政处罚（含行政强制）", None, ""),
        ("行政许可/行政确认", None, ""),
        ("行政", None, ""),
    ],
)
def test_kinds_of_power_and_those_beyond_the_ten(text: str, kind: str | None, beyond: str) -> None:
    result = powers.of_cell(text)
    assert (result.kind, result.beyond) == (kind, beyond)


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("对拒绝检查的行政处罚", "penalty"),
        ("农产品质量安全监督检查", "inspection"),
        ("烟花爆竹经营（零售）许可", "licence"),
        ("示例检查计划备案", None),
        ("对违建的行政处罚、行政强制", None),
        ("店招牌匾设置", None),
    ],
)
def test_a_name_tells_the_kind_where_it_can(name: str, kind: str | None) -> None:
    assert powers.of_name(name) == kind


@pytest.mark.parametrize(
    ("text", "way"),
    [
        ("直接赋权", "devolved"),
        ("下放", "devolved"),
        ("委托", "entrusted"),
        ("以委托方式下放", "entrusted"),
        ("赋权或委托", None),
        ("不委托", None),
        ("取消委托", None),
        ("委托收回", None),
        ("派驻执法", None),
    ],
)
def test_ways_of_handing_down(text: str, way: str | None) -> None:
    assert cells.mode(text) == way


@pytest.mark.parametrize(
    ("text", "leads", "helps"),
    [
        ("市公安局", ["市公安局"], []),
        ("宜城市公安局\n宜城市应急管理局", ["宜城市公安局", "宜城市应急管理局"], []),
        ("宜城市公安局宜城市应急管理局", ["宜城市公安局", "宜城市应急管理局"], []),
        ("1.市林业局\n2.市公安局", ["市林业局", "市公安局"], []),
        ("1.市林业局2.市公安局", ["市林业局", "市公安局"], []),
        ("①市林业局②市公安局", ["市林业局", "市公安局"], []),
        ("市教育局等部门", ["市教育局"], []),
        ("市公安局、市应急局等3个部门", ["市公安局", "市应急局"], []),
        ("市农业农村局（市乡村振兴局、市畜牧中心）", ["市农业农村局"], []),
        ("市消防救援大队牵头，市公安局配合", ["市消防救援大队"], ["市公安局"]),
        ("市应急局、市公安局（牵头）", ["市公安局"], ["市应急局"]),
        ("市公安局、市应急局牵头", ["市公安局", "市应急局"], []),
        ("牵头部门：市公安局；配合部门：市应急局、市林业局", ["市公安局"], ["市应急局", "市林业局"]),
        ("配合部门：市应急局；牵头部门：市公安局", ["市公安局"], ["市应急局"]),
        ("牵头：市公安局\n配合：市应急局", ["市公安局"], ["市应急局"]),
        ("由市公安局牵头负责，市应急局、市林业局配合", ["市公安局"], ["市应急局", "市林业局"]),
        ("市公安局会同市应急局", ["市公安局"], ["市应急局"]),
        ("市民政局（牵头部门）市财政局（配合部门）", ["市民政局"], ["市财政局"]),
        ("市公安局、市应急局按职责分工负责", ["市公安局", "市应急局"], []),
        ("教育局和市场监管局", ["教育局", "市场监管局"], []),
        ("住房和城乡建设局", ["住房和城乡建设局"], []),
        ("人力资源和社会保障局、发展和改革局", ["人力资源和社会保障局", "发展和改革局"], []),
        ("市残疾人联合会、市商务局", ["市残疾人联合会", "市商务局"], []),
        ("配合部门：市应急局", [], ["市应急局"]),
        ("主管部门", ["主管部门"], []),
        ("市公安局为主，市司法局参与", ["市公安局"], ["市司法局"]),
        ("（牵头）市公安局、（配合）市司法局", ["市公安局"], ["市司法局"]),
    ],
)
def test_departments_of_a_cell(text: str, leads: list[str], helps: list[str]) -> None:
    result = department_cells.named(text)
    assert ([one.name for one in result.leads], [one.name for one in result.helps]) == (leads, helps)


@pytest.mark.parametrize(
    ("text", "lines"),
    [
        ("宜城市公安局\n宜城市应急管理局", "宜城市公安局\n宜城市应急管理局"),
        ("宜城市人力资源和\n社会保障局", "宜城市人力资源和社会保障局"),
        ("市发展和改革委\n员会", "市发展和改革委员会"),
        ("市公安\n局\n市司法局", "市公安局\n市司法局"),
        ("市农业农村局\n（市乡村振兴局）", "市农业农村局（市乡村振兴局）"),
    ],
)
def test_lines_of_departments_and_names_that_wrap(text: str, lines: str) -> None:
    assert department_cells.lines(text) == lines


def test_titles_of_sections_that_are_organs() -> None:
    organs = ["市民政局", "县委组织部", "市残联", "综合执法大队", "市委办", "襄阳市生态环境局宜城分局"]
    others = ["党的建设", "平安法治", "民生服务", "经济发展", "干部", "基层党建工作", "应急管理", "市民政局工作职责"]
    assert [text for text in organs + others if department_cells.is_organ(text)] == organs
