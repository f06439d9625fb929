"""Whatever is written beside the items of a list in words that nobody has listed is asked about, wherever it stands."""

from __future__ import annotations

from typing import Final

from hypothesis import given
from hypothesis import strategies as st

from registry.exchange.sheets.grids import Cell, Grid, cell_location
from registry.exchange.sheets.planning import unlisted, unread
from registry.exchange.sheets.planning.request import Request
from registry.exchange.sheets.planning.scopes import Towns
from registry.exchange.sheets.recognising.tables import recognise
from tests.support.drawing import examples

REQUEST: Final = Request("420684", "试测〔2026〕1号")
TOWNS: Final = Towns("宜城市", (("孔湾镇", "420684105"), ("流水镇", "420684106")))
TITLE: Final = "宜城市镇（街道）基本履职事项清单"
WHO: Final = (
    "",
    "孔湾镇",
    "街道",
    "村里",
    "城关的几家",
    "打头的两样",
    "靠后的几件",
    "带红字的",
    "执法一类的",
    "镇上",
    "县里",
)
HOW: Final = (
    "",
    "姑且",
    "径直",
    "悉数",
    "权且",
    "照例",
    "勉强",
    "凑合着",
    "干脆",
    "索性",
    "一股脑",
    "多半",
    "眼下",
    "来年",
)
DOES: Final = (
    *(
        "搁浅",
        "豁免",
        "托付给片区",
        "冻结",
        "腾挪出去",
        "作罢",
        "打住",
        "缩水",
        "转包",
        "外包",
        "甩给县局",
        "兜起来",
        "翻篇",
    ),
    *(
        "封存",
        "剥离",
        "下架",
        "清零",
        "熄火",
        "挪到县局",
        "悬着",
        "歇手",
        "听县局的",
        "跟着县局走",
        "归县局拿主意",
        "打折扣",
    ),
    *("挂个名", "做做样子", "算数与否再议", "等人手", "看县局脸色", "轮着来", "交邻镇捎带", "按老规矩", "走县局的路子"),
)
BEFORE: Final = (
    *("", "", "根据《示例条例》，", "为贯彻落实中央精神，", "每季度一次，", "本清单由市委编办负责解释；", "窗口办理，"),
    *("请认真贯彻执行。", "由市民政局负责业务指导，", "注：1.本清单按类别排列。2."),
)
# Letters that are in no word of the program's.
RARE: Final = "梆镲攘蹿咣趔趄踉跄嘟囔咂摸捯饬掰扯寻摸踅踮蹦跶晃荡鼓捣折腾"
sayings = st.builds("{}{}{}".format, st.sampled_from(WHO), st.sampled_from(HOW), st.sampled_from(DOES))
strange = st.text(alphabet=RARE, min_size=3, max_size=12)


def is_question(*rows: list[str]) -> bool:
    """Whether a sheet of these rows is asked about for what stands beside its items."""
    width = max(map(len, rows))
    texts = [[*row, *[""] * (width - len(row))] for row in rows]
    cells = tuple(
        tuple(Cell(text, cell_location("Sheet1", at, column)) for column, text in enumerate(row))
        for at, row in enumerate(texts)
    )
    tables = recognise([Grid("Sheet1", (), cells)])
    doubted = [unread.doubted(table, TOWNS, None) for table in tables]
    unclear = any(row.verdict is not None for table in doubted for row in table.rows)
    decided = any(len(table.meaning.readings) != 1 for table in doubted)
    by_itself = any([*unread.notes(table, tables, TOWNS, REQUEST, None)] for table in tables)
    named = any("recipient" in row.cells for table in doubted for row in table.rows)  # for whom it is is asked there
    # What may well change an item is asked about before anything is recorded, the rest where the list is confirmed.
    together = [*unlisted.bundles(doubted, TOWNS, REQUEST, None, ())]
    return unclear or decided or by_itself or named or bool(together)


def sheet(where: str, saying: str) -> list[list[str]]:
    item = ["2", "社会救助", f"示例乙登记（{saying}）" if where == "name" else "示例乙登记", ""]
    item[3] = saying if where == "remark" else ""
    item[1] = saying if where == "section" else item[1]
    rows = [["序号", "类别", "事项名称", "备注"], ["1", "经济发展", "示例甲登记", ""], item]
    above = [[saying]] if where == "above" else []
    below = [[saying]] if where == "below" else []
    return [[TITLE], *above, *rows, *below]


def test_the_same_sheets_without_it_are_not() -> None:
    assert not is_question(*sheet("none", ""))
    assert not is_question(*sheet("remark", "每季度一次"))


@examples(600)
@given(
    saying=st.one_of(sayings, strange),
    before=st.sampled_from(BEFORE),
    where=st.sampled_from(("above", "below", "remark")),
)
def test_words_that_nobody_has_listed_are_is_question(saying: str, before: str, where: str) -> None:
    assert is_question(*sheet(where, before + saying)), before + saying


@examples(300)
@given(saying=st.one_of(sayings, strange), where=st.sampled_from(("name", "section")))
def test_so_they_are_in_brackets_and_as_sections(saying: str, where: str) -> None:
    assert is_question(*sheet(where, saying)), saying
