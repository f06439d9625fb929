"""What is told, asked back or not understood, by what the models heard: a yes stays rare, however likely it seems."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from registry.queries.certificates import chances, deciding, model
from registry.queries.certificates.deciding import ANOTHER, decided
from registry.queries.certificates.heard import Heard, Likely, Manner
from registry.queries.certificates.status import Certificate
from tests.support.drawing import examples
from tools.certificates import __main__ as training
from tools.certificates import sayings, trusting

FIRM: Final = Manner(paper=True, slip=True, wants=True, asks=False, asks_how=False, foreign=False, length=12)
TALK: Final = Manner(paper=False, slip=False, wants=False, asks=True, asks_how=True, foreign=False, length=8)


def certificate(name: str, status: str) -> Certificate:
    return Certificate(status, f"C-{name}", name, None, None, None, None, (), None, None, (), (name,))


POOR, BURIAL, DEATH, SCHOOLING = (
    certificate(name, status)
    for name, status in (("困难", "ALLOWED"), ("安葬", "ALLOWED"), ("死亡", "FORBIDDEN"), ("学历", "UNLISTED"))
)


def heard(*likely: tuple[Certificate, float, float], vague: float = 0.0, **rest: float) -> Heard:
    """What was heard: certificates with how likely and how alike each is, and off_list, no_request, several."""
    ordered = [Likely(*one) for one in sorted(likely, key=lambda one: -one[1])]
    others = {"off_list": 0.0, "no_request": 0.0, "several": 0.0} | rest
    return Heard(ordered, vague=vague, strange=0.0, **others)


def test_what_is_sure_is_told_and_what_is_not_is_asked_back_with_two_choices() -> None:
    assert decided(heard((DEATH, 0.99, 0.9), (POOR, 0.01, 0.1)), FIRM) == (DEATH,)
    assert decided(heard((DEATH, 0.5, 0.6), (BURIAL, 0.45, 0.6), off_list=0.05), FIRM) == (DEATH, BURIAL)
    assert decided(heard((DEATH, 0.55, 0.6), (BURIAL, 0.01, 0.1), off_list=0.44), FIRM) == (DEATH, ANOTHER)


def test_one_on_no_list_is_answered_by_its_name_where_that_is_clear() -> None:
    assert decided(heard((DEATH, 0.01, 0.1), (SCHOOLING, 0.9, 0.9), off_list=0.09), FIRM) == (SCHOOLING,)
    assert decided(heard((DEATH, 0.01, 0.1), (SCHOOLING, 0.04, 0.1), off_list=0.95), FIRM) == ()


def test_talk_is_no_request() -> None:
    assert decided(heard((DEATH, 0.03, 0.1), (POOR, 0.01, 0.1), no_request=0.96), TALK) is None


def test_a_village_without_lists_answers_what_is_on_none() -> None:
    assert decided(heard((SCHOOLING, 0.9, 0.9), off_list=0.1), FIRM) == (SCHOOLING,)
    assert decided(heard(off_list=0.2, no_request=0.8), FIRM) is None


def test_with_one_certificate_on_the_lists_the_other_choice_is_another_paper() -> None:
    assert decided(heard((DEATH, 0.55, 0.6), off_list=0.45), FIRM) == (DEATH, ANOTHER)


@st.composite
def anything(draw: st.DrawFn) -> tuple[Heard, Manner]:
    """Any shares of two allowed, a forbidden and an unlisted certificate and of the rest, said in any manner."""
    raw = [draw(st.floats(0.0, 1.0)) ** 4 for _ in range(7)]
    shares = [one / (sum(raw) or 1.0) for one in raw]
    alike = [draw(st.floats(0.0, 1.0)) for _ in range(4)]
    likely: Sequence[tuple[Certificate, float, float]] = list(
        zip((POOR, BURIAL, DEATH, SCHOOLING), shares[:4], alike, strict=True)
    )
    rest = {"off_list": shares[4], "no_request": shares[5], "several": shares[6]}
    manner = Manner(*(draw(st.booleans()) for _ in range(6)), length=draw(st.integers(1, 200)))
    return heard(*likely, vague=draw(st.floats(0.0, 1.0)), **rest), manner


@examples(300)
@given(given_=anything())
def test_a_yes_needs_that_nothing_forbidden_is_beside_it_and_that_it_is_asked_for(
    given_: tuple[Heard, Manner],
) -> None:
    listened, manner = given_
    answer = decided(listened, manner)
    assert answer is None or len(answer) <= 2
    if answer is not None and len(answer) == 1 and answer[0].status == "ALLOWED":
        likely = next(one for one in listened.likely if one.certificate is answer[0])
        forbidden = next(one for one in listened.likely if one.certificate is DEATH)
        assert likely.share >= deciding.YES_ALIKE
        assert forbidden.share <= deciding.NO_BESIDE_ALIKE
        assert manner.slip or not manner.asks
        assert manner.slip or likely.alike >= deciding.ALIKE


@examples(200)
@given(given_=anything())
def test_chances_are_together_all_there_is(given_: tuple[Heard, Manner]) -> None:
    likely = chances.chances(*given_)
    assert min(likely) >= 0.0
    assert sum(likely) == pytest.approx(1.0)


def test_the_weights_of_chances_were_trained_from_the_sayings_as_they_are() -> None:
    about = chances.weights().about
    assert about["digest"] == training.digest(), "train again: python -m tools.certificates"
    assert chances.weights().weights.shape == (len(chances.features_named()), len(chances.Chances._fields))


def test_the_same_lessons_give_the_same_weights_and_these_make_what_was_right_likelier() -> None:
    some = [one for one in sayings.read() if one.file == "42-beside-the-lists"]
    lessons = trusting.lessons(some, model.models())
    assert len(lessons) > 100
    content = trusting.trained(lessons, {})
    assert content == trusting.trained(lessons, {})
    likely = [getattr(chances.chances(one.heard, one.manner), one.right) for one in lessons]
    assert np.mean(likely) > 0.6
