"""data/certificate_phrasings.csv, certificates_blind.csv: what people say at a window in Yicheng, and the right answer.

expected_matter: of FORBIDDEN and ALLOWED the certificate; of UNLISTED one that is on no list, or nothing; of AMBIGUOUS
those, separated by `|`, some of which must be among the candidates. `part` says which half may be looked at when the
matcher is tuned (dev) and which may not (unseen); the text alone decides it. All of certificates_blind.csv and of
its second, third and fourth is unseen by the models; `kind` says how it is said.
The thresholds were chosen by the first two after these had been scored.
"""

from __future__ import annotations

import csv
import hashlib
from collections import Counter
from pathlib import Path

import pytest
import yaml

from registry import data_files
from registry.demo import tables
from registry.queries.certificates import model, vocabulary
from tests.support.paths import (
    BLIND_CERTIFICATES,
    BLIND_CERTIFICATES_FOURTH,
    BLIND_CERTIFICATES_SECOND,
    BLIND_CERTIFICATES_THIRD,
    CERTIFICATE_REQUESTS,
    PHRASINGS,
)
from tools.certificates import __main__ as training
from tools.certificates import misspelt, sayings

BLIND = (BLIND_CERTIFICATES, BLIND_CERTIFICATES_SECOND, BLIND_CERTIFICATES_THIRD, BLIND_CERTIFICATES_FOURTH)
# Whoever wrote the fourth had seen none of the others: a request this plain is put the same way.
PUT_THE_SAME = frozenset({"选民证明", "居住证明", "无业证明", "我要开证明"})
DEMO = Path(tables.__file__).parent / "data"


def rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def test_each_phrasing_is_in_the_half_that_its_text_decides() -> None:
    phrasings = rows(PHRASINGS)
    assert len(phrasings) >= 320
    assert len({row["text"] for row in phrasings}) == len(phrasings)
    for row in phrasings:
        odd = hashlib.sha256(row["text"].encode()).digest()[-1] % 2
        assert row["part"] == ("unseen" if odd else "dev"), row["text"]


@pytest.mark.parametrize(
    ("path", "least"),
    [
        (BLIND_CERTIFICATES, 400),
        (BLIND_CERTIFICATES_SECOND, 200),
        (BLIND_CERTIFICATES_THIRD, 200),
        (BLIND_CERTIFICATES_FOURTH, 260),
    ],
    ids=["blind", "second", "third", "fourth"],
)
def test_the_blind_ones_are_unseen_and_none_is_learnt(path: Path, least: int) -> None:
    blind = rows(path)
    assert len(blind) >= least
    assert {row["part"] for row in blind} == {"unseen"}
    texts = {row["text"] for row in blind}
    assert len(texts) == len(blind)
    others = {*BLIND, PHRASINGS, CERTIFICATE_REQUESTS} - {path}
    if path == BLIND_CERTIFICATES_FOURTH:
        texts -= PUT_THE_SAME
    assert not texts & {row["text"] for other in others for row in rows(other)} - PUT_THE_SAME
    assert not texts & {one.text for one in sayings.read()}


@pytest.mark.parametrize(
    ("path", "least"),
    [
        (PHRASINGS, 4),
        (BLIND_CERTIFICATES, 4),
        (BLIND_CERTIFICATES_SECOND, 2),
        (BLIND_CERTIFICATES_THIRD, 1),
        (BLIND_CERTIFICATES_FOURTH, 1),
    ],
    ids=["phrasings", "blind", "second", "third", "fourth"],
)
def test_the_right_answers_are_what_the_lists_say(path: Path, least: int) -> None:
    forbidden: set[str] = set()
    for name in ("village-certificates", "village-certificates-hubei"):
        listed = yaml.safe_load((data_files.path("lists/negative") / f"{name}.yaml").read_text(encoding="utf-8"))
        forbidden |= {item["matter"] for item in listed["items"]}
    allowed = {row["matter"] for row in rows(DEMO / "items" / "YC-CERT16.csv")}
    others = {row["matter"] for row in rows(DEMO / "matters.csv") if row["kind"] == "certificate"} - allowed
    query: Counter[str] = Counter()
    for row in rows(path):
        matters = [code for code in row["expected_matter"].split("|") if code]
        query.update(matters)
        match row["expected_status"]:
            case "FORBIDDEN":
                assert len(matters) == 1
                assert matters[0] in forbidden
            case "ALLOWED":
                assert len(matters) == 1
                assert matters[0] in allowed - forbidden
            case "UNLISTED":
                assert set(matters) <= others
            case "AMBIGUOUS":
                assert len(matters) > 1
                assert set(matters) <= forbidden | allowed | others
            case status:
                assert (status, matters) == ("UNKNOWN", [])
    assert min(query[code] for code in forbidden | allowed) >= least


def test_the_sayings_that_the_models_learn_from_name_what_the_vocabulary_names_and_stand_in_their_part() -> None:
    known = {meaning.names[0] for meaning in vocabulary.load_vocabulary().meanings} | {model.OFF_LIST, model.NO_REQUEST}
    every = sayings.read()
    assert len(every) > 5000
    assert len({one.text for one in every}) == len(every)
    assert not {one.text for one in every} & {row["text"] for row in rows(PHRASINGS)}
    parts = Counter(one.part for one in every)
    assert parts["unseen"] > 1000
    for one in every:
        assert one.part == sayings.part_of(one.text, one.file), one
        assert set(one.means) <= known, one


def test_wrong_letters_are_the_same_every_time_and_one_in_each_saying() -> None:
    right = [(one.text, one.means) for one in sayings.read()]
    wrong = list(misspelt.of(right))
    assert wrong == list(misspelt.of(right))
    texts = {text for text, _ in right}
    short = [(text, means) for text, means in right if len(text) <= misspelt.LONGEST]
    but_one = {(means, text[:index] + "＊" + text[index + 1 :]) for text, means in short for index in range(len(text))}
    assert len(wrong) > 1000
    for text, means in wrong:
        assert text not in texts
        assert any((means, text[:index] + "＊" + text[index + 1 :]) in but_one for index in range(len(text))), text


def test_the_models_were_trained_from_the_sayings_and_the_vocabulary_as_they_are() -> None:
    for trained in model.models():
        assert trained.about["digest"] == training.digest(), "train again: python -m tools.certificates"
        assert trained.about["learnt"] == ["train", "tune", "unseen"]
    letters, sounds, vague = model.models()
    assert set(letters.classes) == set(sounds.classes)
    assert set(vague.classes) == {model.ONE, model.SEVERAL}
