"""What is told of names that the thesaurus does not know, and by which words."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from registry.checker.names import evaluation, learned
from registry.checker.names.likeness import alike, why_alike
from registry.checker.names.normalise import normalised
from registry.checker.names.thesaurus import COUNTY_FILES, load_thesaurus
from registry.checker.parts import NAMES
from tests.support.paths import CASES, DATA
from tools import disguised_training

MORE = evaluation.read(CASES / "disguised_more.csv")
UNSEEN = evaluation.read(DATA / "disguised" / "unseen.csv")


def test_the_models_are_those_of_the_names_in_the_repository() -> None:
    """Else run `python -m tools.disguised_training`, and measure again (docs/explanation/disguised.md)."""
    examples = disguised_training.digest()
    models = learned.load_models()
    assert {models.burden.about["examples"], models.kind.about["examples"]} == {examples}


def test_what_a_model_is_trained_on_is_not_what_it_is_measured_on() -> None:
    trained = {normalised(case.candidate) for file in disguised_training.NAMES for case in evaluation.read(file)}
    assert len(UNSEEN) >= 300
    assert trained.isdisjoint(normalised(case.candidate) for case in UNSEEN)
    assert trained.isdisjoint(normalised(case.candidate) for case in MORE)


def test_names_that_nothing_was_learned_from() -> None:
    """As docs/explanation/disguised.md says."""
    score = evaluation.as_shipped(UNSEEN)
    assert (*score, score.f1) == pytest.approx((0.979, 0.954, 0.966), abs=0.004)


def test_names_that_were_missed_are_told() -> None:
    score = evaluation.as_shipped(MORE)
    assert score.precision >= 0.93
    assert score.f1 >= 0.95


@pytest.mark.parametrize(
    "name",
    [
        "甲",
        "事项一",
        "乙事项",
        "D-1",
        "职责甲",
        "街面",
        "会议室",
        "检查",
        "统计",
        "工作",
        "Fire patrol",
        "安全",
        "龘靐",
    ],
)
def test_a_name_that_says_little_is_left_alone(name: str) -> None:
    items = [[burden.name] for burden in load_thesaurus().burdens]
    assert alike([[name]], items).tolist() == []


@pytest.mark.parametrize(
    ("name", "item", "words"),
    [
        ("为家乡代言每天五百赞", "点赞转发投票", {"每天"}),
        ("收到请回复并公布未读人员名单", "接龙回复", {"收到", "回复"}),
        ("镇村干部到县直跟班学习半年", "借调人员", {"跟班学习"}),
        ("个体户登记增量认领", "经营主体增长指标", {"个体户"}),
    ],
)
def test_the_words_that_tell_are_words_of_the_name(name: str, item: str, words: set[str]) -> None:
    why = why_alike([name], [item])
    assert why is not None
    assert why.reading is not None
    assert all(word in name for word in why.reading.evidence)
    assert all(any(word in evidence for evidence in why.reading.evidence) for word in words)


def test_an_item_in_words_of_its_own_is_understood() -> None:
    """No head of the thesaurus is in these items."""
    for item, name in (("亮旗比拼", "重点任务现场晾晒打分"), ("搬离动员", "签约搬离入户谈心")):
        assert load_thesaurus().meant([item]) == frozenset()
        assert alike([[name]], [[item]]).tolist() == [[0, 0]]


def test_an_item_of_something_else_means_no_burden() -> None:
    items = [["乡镇自用船舶登记管理"], ["宗教事务管理"], ["农药经营初审"], ["河道采砂许可"]]
    assert alike([["重点任务现场晾晒打分"], ["签约搬离入户谈心"], ["每户走访照片每日上传"]], items).tolist() == []


def test_many_names_are_read_as_each_alone() -> None:
    model = learned.load_models().kind
    runs = [learned.pieces(case.candidate) for case in UNSEEN[:50]] + [set[str]()]
    together = model.probabilities_of(runs)
    assert np.allclose(together, [model.probabilities(each) for each in runs], atol=1e-5)
    assert model.probabilities_of([]).shape == (0, len(model.classes))


@pytest.mark.parametrize(
    "content",
    [
        {"burdens": [{"burden": "政务APP打卡", "not": ["家乡代言"]}]},
        {"burdens": [{"burden": "政务APP打卡", "names": ["用不着"]}], "deeds": ["家乡代言"]},
    ],
)
def test_a_county_says_that_a_name_is_lawful(content: object, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    name, items = ["为家乡代言每天五百赞"], [["点赞转发投票"]]
    before = NAMES.version
    assert len(alike([name], items)) == 1
    file = tmp_path / "ours.yaml"
    file.write_text(json.dumps(content, ensure_ascii=False), "utf-8")
    monkeypatch.setenv(COUNTY_FILES, str(file))
    load_thesaurus.cache_clear()
    try:
        assert alike([name], items).tolist() == []
        assert NAMES.version != before
    finally:
        load_thesaurus.cache_clear()


def test_other_weights_are_another_version(monkeypatch: pytest.MonkeyPatch) -> None:
    before, models = NAMES.version, learned.load_models()
    monkeypatch.setattr(learned, "load_models", lambda: learned.Models(models.burden, models.kind, "other"))
    assert NAMES.version != before
