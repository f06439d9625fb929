"""What a file says beside its items is understood or asked about in one question, whatever words it uses."""

from __future__ import annotations

from datetime import date
from typing import Any, Final

import pytest

from registry.exchange.sheets.meaning import changing
from registry.exchange.sheets.planning import importing, remembered
from registry.exchange.sheets.planning.importing import plan
from registry.exchange.sheets.planning.plans import Plan
from registry.exchange.sheets.planning.request import Issued, Request
from tests.support.list_files import word
from tests.support.registry_under_test import Registry

TITLE: Final = "宜城市镇（街道）基本履职事项清单"
# None of these has a word of changing.yaml.
STRANGE: Final = [
    "街道那边的活归片区包圆",
    "孔湾镇那几样搁着",
    "县里说了算",
    "豁免",
    "挂空挡",
    "拿给第三方做",
    "等开春见分晓",
]
HARMLESS: Final = [
    "每季度一次",
    "依据《示例条例》第十二条",
    "需提供身份证复印件、户口本",
    "窗口办理，网上可办",
    "由市民政局负责业务指导",
    "5个工作日内办结",
    "不收费",
    "发现问题及时上报",
]
LINES: Final = [
    "为深入贯彻落实党中央、国务院决策部署，根据《关于规范村级组织工作事务的意见》（厅字〔2022〕28号）精神，结合我市实际，制定本清单。",
    "现将《宜城市镇（街道）履职事项清单》印发给你们，请认真贯彻执行。",
    "“基本履职事项”是指由镇（街道）依法承担主体责任的事项。",
    "各部门要加强业务指导和培训，各镇（街道）要认真履行职责。",
    "抄送：市委办公室，市人大常委会办公室。",
    "本清单实行动态管理，由市委编办会同市司法局负责解释。",
    "填报单位（盖章）：宜城市民政局 填报日期：2026年10月30日",
]


def sheet(*, above: str = "", remark: str = "", name: str = "", section: str = "", below: str = "") -> str:
    rows = [TITLE, *([above] if above else []), "序号,类别,事项名称,牵头部门,备注"]
    bracket = f"（{name}）" if name else ""
    rows += ["1,经济发展,示例甲登记,,", f"2,{section or '经济发展'},示例乙登记{bracket},,{remark}"]
    return "\n".join([*rows, *([below] if below else [])]) + "\n"


def planned(county: Registry, content: str | bytes, name: str = "清单.csv", **mapping: dict[str, str]) -> Plan:
    return plan(county.connection, content.encode() if isinstance(content, str) else content, name, request(mapping))


def request(mapping: dict[str, dict[str, str]], number: str = "试测〔2026〕1号") -> Request:
    issued = Issued("x", "notice", date(2026, 11, 1))
    return Request("420684", number, "T", accept="none", issued=issued, mapping=mapping)


def codes(made: Plan) -> list[str]:
    return [problem.code for problem in made.errors]


@pytest.mark.parametrize("saying", STRANGE)
@pytest.mark.parametrize("where", ["above", "remark", "name", "section", "below"])
def test_what_nobody_thought_of_is_asked_about_wherever_it_is_written(demo: Registry, where: Any, saying: str) -> None:
    assert [one for one in changing.sentences(saying) if changing.word(one)] == []
    made = planned(demo, sheet(**{where: saying}))
    assert codes(made) == ["notes-unread"]
    assert saying in made.errors[0].zh
    assert made.decisions == []


@pytest.mark.parametrize("saying", HARMLESS)
def test_a_remark_that_describes_its_item_is_not_asked_about(demo: Registry, saying: str) -> None:
    made = planned(demo, sheet(remark=saying))
    assert codes(made) == []
    assert saying in str(made.decisions)


@pytest.mark.parametrize("line", LINES)
def test_what_belongs_to_any_notice_is_not_asked_about(demo: Registry, line: str) -> None:
    rows = [["序号", "事项名称"], ["1", "示例甲登记"], ["2", "示例乙登记"]]
    assert codes(planned(demo, word([TITLE, line, rows]), "清单.docx")) == []
    assert codes(planned(demo, word([TITLE, rows, line]), "清单.docx")) == []


@pytest.mark.parametrize(
    "line",
    [
        "根据《示例条例》，孔湾镇那几样搁着。",
        "为深入贯彻落实党中央、国务院决策部署，结合我市实际，街道部分听区里的。",
        "请各镇认真贯彻执行，街道豁免。",
        "本清单由市委编办负责解释，街道的活区里兜着。",
        "联系人：张三 后头几样歇了",
    ],
)
def test_a_harmless_beginning_hides_nothing(demo: Registry, line: str) -> None:
    rows = [["序号", "事项名称"], ["1", "示例甲登记"]]
    assert codes(planned(demo, word([TITLE, line, rows]), "清单.docx")) == ["notes-unread"]
    assert codes(planned(demo, word([TITLE, rows, line]), "清单.docx")) == ["notes-unread"]


def test_all_of_a_file_is_one_question_with_equal_texts_once(demo: Registry) -> None:
    rows = [f"{at},示例{at}登记,{STRANGE[at % 2]}" for at in range(1, 7)]
    rows += [f"{at},示例{at}登记,{'甲乙丙丁戊己庚辛壬'[at - 7]}县说了算" for at in range(7, 16)]
    (problem,) = planned(demo, "\n".join([TITLE, "序号,事项名称,备注", *rows])).errors
    assert problem.code == "notes-unread"
    assert "有 11 处没有读懂" in problem.zh
    assert f"“{STRANGE[1]}”（3 处）" in problem.zh
    assert problem.zh.count("县说了算”") == 6  # with the two others eight are shown
    assert [kind for kind, _ in filter(None, [problem.asks])] == ["note"]


def test_the_answer_that_they_change_nothing_records_the_table_as_it_is(demo: Registry) -> None:
    text = sheet(above=STRANGE[0], remark=STRANGE[2])
    (problem,) = planned(demo, text).errors
    assert problem.asks is not None
    made = planned(demo, text, notes={problem.asks[1]: "不影响"})
    assert codes(made) == []
    entered = [one for one in made.decisions if one["type"] == "ListItemEntered"]
    assert [one["name"] for one in entered] == ["示例甲登记", "示例乙登记"]
    assert STRANGE[2] in entered[1]["note"]
    other = planned(demo, text.replace(STRANGE[2], STRANGE[3]), notes={problem.asks[1]: "不影响"})
    assert codes(other) == ["notes-unread"]  # the answer was of other texts


def test_rows_that_the_answer_names_are_asked_about_one_by_one(demo: Registry) -> None:
    text = sheet(above=STRANGE[0])
    made = planned(demo, text, notes={STRANGE[0]: "2"})
    assert [(one.code, one.cell) for one in made.errors] == [("row-unclear", "C5")]
    (asks,) = [one.asks for one in made.errors]
    assert asks is not None
    settled = planned(demo, text, notes={STRANGE[0]: "2"}, rows={asks[1]: "end"})
    assert [one["name"] for one in settled.decisions if one["type"] == "ListItemEntered"] == ["示例甲登记"]
    assert codes(planned(demo, text, notes={STRANGE[0]: "7"})) == ["notes-unread"]


def test_an_answer_is_remembered_for_each_of_the_texts(demo: Registry) -> None:
    text = sheet(above=STRANGE[0], remark=STRANGE[2])
    with demo.connection.transaction(force_rollback=True):
        (problem,) = planned(demo, text).errors
        assert problem.asks is not None
        wanted = request({"notes": {problem.asks[1]: "nothing"}})
        importing.carry_out(demo.connection, text.encode(), "清单.csv", wanted)
        kept = {one.name: one.means for one in remembered.every(demo.connection, "420684") if one.kind == "note"}
        assert kept == {STRANGE[0]: "nothing", STRANGE[2]: "nothing"}
        again = plan(demo.connection, sheet(below=STRANGE[2]).encode(), "清单.csv", request({}, "试测〔2026〕2号"))
        assert "notes-unread" not in codes(again)
        assert "answered-before" in [problem.code for problem in again.warnings]
        new = plan(demo.connection, sheet(below=STRANGE[4]).encode(), "清单.csv", request({}, "试测〔2026〕2号"))
        assert "notes-unread" in codes(new)


@pytest.mark.parametrize("saying", ["县里说了算", "街道那边的活归片区包圆"])
@pytest.mark.parametrize("after", ["", "填报单位：宜城市委编办\n", "其他\n"])
def test_a_line_below_the_items_is_no_section_because_another_line_follows(
    demo: Registry, saying: str, after: str
) -> None:
    sheet = f"{TITLE},,\n序号,事项名称,责任部门\n1,人口普查入户登记,\n2,社区矫正,\n{saying}\n{after}"
    request = Request(county="420684", instrument="试测〔2026〕1号", code="T", accept="none")
    made = plan(demo.connection, sheet.encode(), "清单.csv", request)
    assert [problem.code for problem in made.errors if saying in problem.zh] == ["notes-unread"]
