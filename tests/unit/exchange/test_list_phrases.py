"""What words of lists say: permitted, denied or taken away, and what a negation reaches."""

from __future__ import annotations

import pytest

from registry.exchange.sheets.meaning.opinions import of_opinion, of_section
from registry.exchange.sheets.meaning.phrases import statement


@pytest.mark.parametrize(
    ("text", "status"),
    [
        ("宜城市镇（街道）基本履职事项清单", "plain"),
        ("宜城市上级部门收回事项清单", "ended"),
        ("2026年取消的督查检查考核事项清单", "ended"),
        ("不适宜下放镇（街道）权力事项清单", "denied"),
        ("不应由村级组织承担的工作事务清单", "denied"),
        ("镇街无权行使的事项", "denied"),
        ("镇（街道）不承担的事项清单", "denied"),
        ("村（社区）可以出具的证明清单", "permitted"),
        ("村级组织工作事务负面清单", "denied"),
        # a denial of an ending: it goes on
        ("未取消的证明事项清单", "permitted"),
        ("不再收回的事项", "permitted"),
        ("不得取消的证明", "permitted"),
        # an ending of what was permitted, or of a prohibition
        ("取消保留的证明", "ended"),
        ("废止不得出具证明清单的规定", "unclear"),
        ("并非不得出具的证明", "unclear"),
        ("非基本履职事项", "unclear"),
        # both sides
        ("保留和取消的证明事项清单", "mixed"),
        ("基本履职、配合履职和上级收回事项清单", "mixed"),
        ("收回、下放事项清单", "mixed"),
        ("不再保留和取消的证明事项", "denied"),
        ("证明事项清理结果汇总表", "open"),
        # what is left out of the list, or said of what is not on it
        ("（本清单不含已由上级部门收回的事项）", "plain"),
        ("除上级部门收回事项外，镇（街道）履行职责清单", "plain"),
        ("未列入本清单的证明，村（社区）一律不得出具。", "plain"),
        ("除本清单所列证明外，村级组织一律不得出具其他证明", "plain"),
        ("其他证明一律不再开具", "plain"),
        ("除国家另有规定外，以下事项不得交由村级承担", "denied"),
        ("（2025年版，原2019年清单同时废止）", "plain"),
        # quoted, an instruction, a word with a negation in it
        ("依据《宜城市收回事项清单》制定", "plain"),
        ("关于印发《宜城市村级负面清单》的通知", "denied"),
        ("各部门不得擅自增加清单事项", "plain"),
        ("不动产登记、非法集资排查、未成年人保护和禁毒", "plain"),
    ],
)
def test_a_line_says_what_a_reader_understands(text: str, status: str) -> None:
    assert statement(text).status == status


def test_the_words_that_decided_are_given() -> None:
    assert statement("不适宜下放镇（街道）权力事项清单").words == ("不适宜下放",)
    assert statement("（本清单不含已由上级部门收回的事项）").left_out == ("不含已由上级部门收回的事项",)
    assert statement("不得将招商引资、征地拆迁等任务交由村级组织承担").words[0].startswith("不得将招商引资")


@pytest.mark.parametrize(
    ("heading", "text", "effect"),
    [
        ("清理意见", "保留", "keep"),
        ("清理意见", "取消", "end"),
        ("清理意见", "不予保留", "deny"),
        ("清理意见", "不取消", "keep"),
        ("是否保留", "是", "keep"),
        ("是否保留", "否", "end"),
        ("是否取消", "√", "end"),
        ("是否取消", "否", "keep"),
        ("是否不再保留", "是", "deny"),
        ("是否适合下放", "否", "deny"),
        ("调整方式", "新增", "add"),
        ("调整方式", "合并至第3项", "unclear"),
        ("清理意见", "并入甲群", "unclear"),
        ("调整方式", "取消（并入第2项）", "end"),
        ("处理意见", "暂缓", "unclear"),
        ("处理意见", "见附件", "unclear"),
        ("处理意见", "不同意取消", "keep"),
        ("审核意见", "不同意", "deny"),
        ("审核意见", "未通过", "deny"),
        ("审核意见", "不尽合理", "unclear"),
        ("变动情况", "不变", "keep"),
        ("保留或取消", "是", "unclear"),
    ],
)
def test_an_opinion_is_read_under_its_heading(heading: str, text: str, effect: str) -> None:
    assert of_opinion(text, heading) == effect


@pytest.mark.parametrize(
    ("text", "effect"),
    [
        ("一、不得悬挂的牌子", "deny"),
        ("二、可以悬挂的牌子", "permit"),
        ("禁止类", "deny"),
        ("（一）拟取消事项", "unclear"),
        ("（一）取消事项", "end"),
        ("新增事项", "add"),
        ("保留、取消的事项", "unclear"),
        ("禁止野外用火", "unclear"),
        ("禁毒", None),
        ("经济发展", None),
        ("不动产登记", None),
        ("环境整治", None),
    ],
)
def test_a_section_speaks_of_its_rows_or_is_a_subject(text: str, effect: str | None) -> None:
    assert of_section(text) == effect
