"""No negation, section, opinion or remark put into a good list turns what it permits into what it forbids unasked."""

from __future__ import annotations

from dataclasses import dataclass

from hypothesis import given
from hypothesis import strategies as st

from registry.exchange.sheets.grids import Cell, Grid, cell_location
from registry.exchange.sheets.meaning.readings import Reading
from registry.exchange.sheets.planning.choosing import Part, parts
from registry.exchange.sheets.planning.request import Request
from registry.exchange.sheets.problems import SheetProblem
from registry.exchange.sheets.recognising.tables import Table, recognise
from tests.support.drawing import examples

REQUEST = Request("420684", "试测〔2026〕1号")
NAMES = ("甲事", "乙事", "丙事", "丁事")


@dataclass(frozen=True)
class Good:
    """A list whose side nobody doubts: its title before and after the word that a negation may stand before."""

    before: str
    after: str
    name: str
    polarity: str

    @property
    def title(self) -> str:
        return self.before + self.after


PERMITTING = (
    Good("宜城市镇（街道）", "承担的基本履职事项清单", "事项名称", "positive"),
    Good("宜城市镇（街道）", "配合履职事项清单", "事项名称", "positive"),
    Good("宜城市", "赋予镇（街道）行政权力事项清单", "职权名称", "positive"),
    Good("宜城市村级组织", "出具证明事项清单", "证明名称", "positive"),
    Good("2026年", "开展的督查检查考核计划", "检查名称", "positive"),
    Good("2026年要求镇（街道）", "填报的报表清单", "报表名称", "positive"),
    Good("宜城市村（社区）", "悬挂的牌子清单", "牌子名称", "positive"),
    Good("宜城市村级组织", "协助政府工作事项清单", "事项名称", "positive"),
)
FORBIDDING = (
    Good("宜城市上级部门", "收回事项清单", "事项名称", "negative"),
    Good("宜城市村级组织", "不应承担的工作事务清单", "事项名称", "negative"),
    Good("宜城市村级组织", "不得出具的证明事项清单", "证明名称", "negative"),
    Good("宜城市村（社区）", "禁止悬挂的牌子清单", "牌子名称", "negative"),
)
NEGATIONS = (
    *(
        "不得",
        "不应",
        "不宜",
        "不再",
        "不予",
        "不准",
        "禁止",
        "严禁",
        "不适宜",
        "不适合",
        "无需",
        "不由",
        "未",
        "非",
        "不",
    ),
    *("取消", "废止", "撤销", "收回", "停止", "终止", "不再允许", "暂不"),
)
EXCEPTIONS = (
    *("（不含已由上级部门收回的事项）", "（不包括取消的事项）", "（除上级部门收回事项外）", "（已剔除废止的事项）"),
    *(
        "（未列入本清单的，不得要求承担）",
        "（其他事项一律取消）",
        "（各部门不得擅自增加）",
        "（依据《宜城市收回事项清单》）",
    ),
)
good = st.sampled_from((*PERMITTING, *FORBIDDING))
negation = st.sampled_from(NEGATIONS)


def tables_of(*rows: list[str], name: str = "Sheet1") -> list[Table]:
    width = max(map(len, rows))
    cells = tuple(
        tuple(
            Cell(text, cell_location(name, at, column))
            for column, text in enumerate([*row, *[""] * (width - len(row))])
        )
        for at, row in enumerate(rows)
    )
    return recognise([Grid(name, (), cells)])


def divided(*rows: list[str]) -> tuple[list[Part], list[SheetProblem]]:
    """What a sheet of these rows comes to: parts with their readings, and questions."""
    problems: list[SheetProblem] = []
    made = [part for table in tables_of(*rows) for part in parts(table, REQUEST, None, problems)]
    return made, problems


def body(names: tuple[str, ...] = NAMES) -> list[list[str]]:
    return [[str(number), name] for number, name in enumerate(names, 1)]


def sides(made: list[Part]) -> dict[str, str]:
    """On which side each name came: positive, negative, or gone."""
    result: dict[str, str] = {}
    for part in made:
        assert part.reading is not None
        result |= {row.cells["name"].text: part.reading.polarity for row in part.table.rows}
        result |= {row.cells["name"].text: "gone" for row in part.gone}
    return result


def readings(*rows: list[str]) -> set[Reading]:
    return {reading for table in tables_of(*rows) for reading in table.meaning.readings}


@examples(400)
@given(good=good)
def test_a_good_list_is_on_its_side(good: Good) -> None:
    made, problems = divided([good.title], ["序号", good.name], *body())
    assert set(sides(made).values()) == {good.polarity}
    assert problems == []


@examples(400)
@given(good=good, negation=negation, bracket=st.sampled_from(("", "（2026年版）", "（试行）")))
def test_a_negation_in_the_title_is_never_passed_over(good: Good, negation: str, bracket: str) -> None:
    title = f"{good.before}{negation}{good.after}{bracket}"
    made, problems = divided([title], ["序号", good.name], *body())
    if not problems:
        assert good.polarity not in sides(made).values(), (title, readings([title], ["序号", good.name], *body()))


@examples(200)
@given(good=good, exception=st.sampled_from(EXCEPTIONS), line=st.booleans())
def test_what_is_left_out_of_a_list_does_not_turn_it(good: Good, exception: str, line: bool) -> None:
    above = [[good.title], [exception]] if line else [[good.title + exception]]
    made, problems = divided(*above, ["序号", good.name], *body())
    assert set(sides(made).values()) == {good.polarity}
    assert problems == []


@examples(200)
@given(
    good=good,
    remark=st.sampled_from(("以下事项{}交由镇街承担。", "（本清单所列事项{}实施）", "注：上述事项{}承担", "{}开展")),
    negation=st.sampled_from(("不得", "不再", "不应", "不宜", "禁止")),
)
def test_a_remark_that_forbids_is_weighed(good: Good, remark: str, negation: str) -> None:
    text = remark.format(negation)
    above = [[good.title], [text]]
    made, problems = divided(*above, ["序号", good.name], *body())
    if not problems:
        assert set(sides(made).values()) == {"negative"}, text


@examples(200)
@given(
    good=st.sampled_from(PERMITTING),
    verb=st.sampled_from(("承担", "出具", "悬挂", "开展", "下放", "要求填报", "配合")),
    negation=st.sampled_from(("不得", "不应", "不再", "不宜", "禁止", "严禁")),
    at=st.integers(0, 3),
)
def test_a_section_of_what_may_not_be_forbids_its_rows_alone(good: Good, verb: str, negation: str, at: int) -> None:
    rows = body()
    rows = [*rows[:at], [f"二、{negation}{verb}的", ""], *rows[at:]]
    made, problems = divided([good.title], ["序号", good.name], *rows)
    if not problems:
        on = sides(made)
        assert all(on[name] == "positive" for name in NAMES[:at])
        assert all(on[name] in ("negative", "gone") for name in NAMES[at:])


OPINIONS = {
    "stays": ("保留", "继续保留", "予以保留", "不取消", "维持"),
    "goes": ("取消", "废止", "不予保留", "不再保留", "予以取消", "收回", "不保留", "停止执行", "不同意"),
    "unclear": ("", "暂缓", "待定", "另行研究", "见附件", "部分取消", "取消或保留", "建议取消", "拟取消"),
}


@examples(300)
@given(
    good=st.sampled_from(PERMITTING),
    opinions=st.lists(st.sampled_from(("stays", "goes", "unclear")), min_size=4, max_size=4),
    pick=st.integers(0, 100),
    heading=st.sampled_from(("清理意见", "处理意见", "保留或取消", "调整方式", "动态调整情况")),
)
def test_an_opinion_decides_its_row(good: Good, opinions: list[str], pick: int, heading: str) -> None:
    rows = [[*row, OPINIONS[what][pick % len(OPINIONS[what])]] for row, what in zip(body(), opinions, strict=True)]
    made, problems = divided([good.title], ["序号", good.name, heading], *rows)
    blank = all(not text for *_, text in rows) or heading in ("调整方式", "动态调整情况")
    if blank and any(not text for *_, text in rows):
        return  # nothing was said, or nothing changed
    assert bool(problems) == ("unclear" in opinions)
    on = sides(made)
    for name, what in zip(NAMES, opinions, strict=True):
        if what == "stays":
            assert on[name] == "positive"
        elif what == "goes":
            assert on[name] in ("negative", "gone")
        else:
            assert name not in on


@examples(100)
@given(
    good=st.sampled_from(PERMITTING), yes=st.booleans(), asks=st.sampled_from(("是否保留", "是否取消", "是否不再保留"))
)
def test_yes_and_no_answer_the_question_of_their_heading(good: Good, yes: bool, asks: str) -> None:
    rows = [[*row, "是" if yes else "否"] for row in body()]
    made, problems = divided([good.title], ["序号", good.name, asks], *rows)
    stays = yes == (asks == "是否保留")
    assert problems == []
    assert {side == "positive" for side in sides(made).values()} == {stays}


@examples(60)
@given(
    good=st.sampled_from(PERMITTING),
    opinions=st.sampled_from(("取消", "已收回", "2026年起不再实施", "拟取消", "已废止")),
    shape=st.sampled_from(("{name}（{opinions}）", "【{opinions}】{name}", "({opinions}){name}")),
    at=st.integers(0, 3),
)
def test_a_name_that_says_it_is_no_more_is_asked_about(good: Good, opinions: str, shape: str, at: int) -> None:
    rows = body()
    rows[at][1] = shape.format(name=rows[at][1], opinions=opinions)
    made, problems = divided([good.title], ["序号", good.name], *rows)
    assert [problem.code for problem in problems] == ["row-unclear"]
    assert set(sides(made)) == {name for number, name in enumerate(NAMES) if number != at}
