"""How likely texts beside items change some: the model is that of the sentences in the repository, and tells them."""

from __future__ import annotations

import pytest

from registry.exchange.sheets.meaning import likely
from registry.exchange.sheets.meaning.harmless import Where
from registry.text import linear
from tools import beside_training


def test_the_model_is_that_of_the_sentences_in_the_repository() -> None:
    """Run `python -m tools.beside_training` after a change of tests/data/beside."""
    assert linear.read(likely.FILE).about["examples"] == beside_training.digest()


def test_there_are_as_many_sentences_of_either_kind() -> None:
    sentences = beside_training.sentences()  # of which none is sorted both ways
    assert len(sentences) > 9000
    assert 0.45 < sum(one.changes for one in sentences) / len(sentences) < 0.55


@pytest.mark.parametrize(
    ("text", "where"),
    [
        ("前三项已随机构改革划走", "line"),
        ("其余各镇仍由县局执法大队行使", "remark"),
        ("核定时一律减半", "line"),
        ("该条留白候批", "remark"),
        ("填表说明：序号连续编排，联系人填写全名，后两项另由县里统一核定后再定承接单位", "line"),
    ],
)
def test_what_changes_an_item_is_likely_to(text: str, where: Where) -> None:
    assert likely.may_change(text, where)


@pytest.mark.parametrize(
    ("text", "where"),
    [
        ("联系人：王某 电话：0710-4212000", "line"),
        ("每学年开学前集中办理", "remark"),
        ("首页 > 政务公开 > 清单公示", "line"),
        ("需两名村民代表签字", "remark"),
        ("60厘米×40厘米", "remark"),
    ],
)
def test_what_changes_none_is_not(text: str, where: Where) -> None:
    assert not likely.may_change(text, where)


def test_a_clause_is_not_lost_in_a_long_sentence() -> None:
    routine = "各镇（街道）要高度重视，明确专人负责，认真组织实施，及时总结经验"
    assert likely.chance(f"{routine}，第五项改由县局直接办理", "line") > likely.chance(routine, "line")
