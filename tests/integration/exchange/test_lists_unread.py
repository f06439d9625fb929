"""What a file says beside its cells, that may change what they say and that nothing has understood, is asked about."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Final

import pytest

from registry.exchange.sheets.meaning import changing
from registry.exchange.sheets.planning.importing import plan
from registry.exchange.sheets.planning.plans import Plan
from registry.exchange.sheets.planning.request import Issued, Request
from tests.support.registry_under_test import Registry

TITLE: Final = "宜城市镇（街道）基本履职事项清单"
HEAD: Final = "序号,事项名称,备注,情况说明"
SAYINGS: Final = [
    "过渡期内由市民政局代管",
    "视情况由街道承担",
    "待人员到位后再行承接",
    "分批移交，先在小河镇",
    "目前暂由市民政局代办",
    "改为示例丙登记",
    "拆分为两项",
]


def _above(saying: str) -> str:
    return f"{TITLE}\n{saying}\n{HEAD}\n1,示例甲登记,,\n2,示例乙登记,,\n"


def _below(saying: str) -> str:
    return f"{TITLE}\n{HEAD}\n1,示例甲登记,,\n2,示例乙登记,,\n注：部分事项{saying},,,\n"


def _remark(saying: str) -> str:
    return f"{TITLE}\n{HEAD}\n1,示例甲登记,,\n2,示例乙登记,{saying},\n"


def _unknown_column(saying: str) -> str:
    return f"{TITLE}\n{HEAD}\n1,示例甲登记,,\n2,示例乙登记,,{saying}\n"


def _name(saying: str) -> str:
    return f"{TITLE}\n{HEAD}\n1,示例甲登记,,\n2,示例乙登记（{saying}）,,\n"


def _section(saying: str) -> str:
    return f"{TITLE}\n{HEAD}\n一、常规事项,,,\n1,示例甲登记,,\n二、{saying}事项,,,\n2,示例乙登记,,\n"


def planned(county: Registry, text: str, **mapping: dict[str, str]) -> Plan:
    issued = Issued("x", "notice", date(2026, 11, 1))
    request = Request("420684", "试测〔2026〕1号", "T", accept="none", issued=issued, mapping=mapping)
    return plan(county.connection, text.encode(), "清单.csv", request)


@pytest.mark.parametrize("build", [_above, _below, _remark, _unknown_column, _name, _section])
@pytest.mark.parametrize("saying", SAYINGS)
def test_what_may_change_an_item_is_asked_about_wherever_it_is_written(
    demo: Registry, build: Callable[[str], str], saying: str
) -> None:
    made = planned(demo, build(saying))
    assert made.errors, [one for one in made.decisions if one["type"] == "ListItemEntered"]
    assert made.decisions == []


def test_a_note_that_was_answered_to_change_nothing_is_asked_about_no_more(demo: Registry) -> None:
    text = _above("目前由市民政局指导，逐步规范")
    (problem,) = planned(demo, text).errors
    assert (problem.code, problem.cell, problem.asks) == ("note-unread", "A2", ("note", "目前由市民政局指导，逐步规范"))
    made = planned(demo, text, notes={"目前由市民政局指导，逐步规范": "不影响"})
    assert made.errors == []
    assert [one["name"] for one in made.decisions if one["type"] == "ListItemEntered"] == ["示例甲登记", "示例乙登记"]
    unanswered = planned(demo, text, rows={"目前由市民政局指导，逐步规范": "end"})
    assert [problem.code for problem in unanswered.errors] == ["note-unread"]


@pytest.mark.parametrize(
    "text",
    [
        "本清单实行动态管理，取消、新增的及时调整",
        "法律、法规另有规定的除外",
        "原宜办发1号清单同时废止",
        "《关于取消示例证明的通知》",
        "与镇会议合并召开",
        "本清单由市委编办负责解释",
        "与上级规定不一致的，以上级规定为准",
    ],
)
def test_what_is_said_of_lists_as_such_has_no_such_word(text: str) -> None:
    assert [changing.word(sentence) for sentence in changing.sentences(text) if changing.word(sentence)] == []
