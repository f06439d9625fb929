"""Packed texts are the list of the same texts, whatever these are."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from registry.fast.packed_texts import SEPARATOR, Coded, Coding, Texts
from tests.support.drawing import examples

# Few letters, so that texts are alike: of other lengths with the same ending, of the same length with another.
ALIKE = st.lists(st.text("ab字", max_size=12))
ANY = st.lists(st.text(st.characters(exclude_characters=SEPARATOR, exclude_categories=["Cs"])))


def texts(of: Sequence[str]) -> Texts:
    return Texts("".join(text + SEPARATOR for text in of).encode())


def coded(of: Sequence[str]) -> Coded:
    coding = Coding()
    half = len(of) // 2
    coding.add(of[:half])
    coding.add(of[half:])
    return coding.texts()


@pytest.mark.parametrize("packed", [texts, coded])
@examples(200)
@given(data=st.data())
def test_packed_texts_are_a_list_of_them(packed: Any, data: st.DataObject) -> None:
    plain = data.draw(ALIKE | ANY)
    result = packed(plain)
    assert (len(result), list(result)) == (len(plain), plain)
    assert [result[row] for row in range(-len(plain), len(plain))] == [*plain, *plain]
    first = data.draw(st.integers(-3, 3))
    assert list(result[first:5]) == plain[first:5]
    rows = data.draw(st.lists(st.integers(0, len(plain) - 1))) if plain else []
    assert list(result.taken(np.array(rows, np.int64))) == [plain[row] for row in rows]
    for beyond in (len(plain), -len(plain) - 1):
        with pytest.raises(IndexError):
            result[beyond]


@examples(300)
@given(plain=ALIKE | ANY, other=st.sets(st.text("ab字", max_size=12)), data=st.data())
def test_wanted_texts_are_found_wherever_they_are(plain: list[str], other: set[str], data: st.DataObject) -> None:
    some: list[str] = data.draw(st.lists(st.sampled_from(plain))) if plain else []
    wanted = other.union(some)
    assert texts(plain).among(wanted).tolist() == [row for row, text in enumerate(plain) if text in wanted]


@examples(100)
@given(plain=ALIKE)
def test_coded_texts_have_the_places_of_their_names(plain: list[str]) -> None:
    index = {text: number for number, text in enumerate(sorted(set(plain))[::2])}
    assert coded(plain).places(index).tolist() == [index.get(text, -1) for text in plain]


def test_more_texts_than_are_gone_through_at_once() -> None:
    plain = [f"{number:x}" for number in range(25_000)]
    for packed in (texts(plain), coded(plain)):
        assert list(packed) == plain
        assert list(packed.taken(np.arange(25_000)[::-1])) == plain[::-1]
    assert texts(plain).among({"61a7", "0", "61a8"}).tolist() == [0, 24_999]
