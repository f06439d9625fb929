"""A model is trained the same every time, survives its file, says of which class a text is, and why."""

from __future__ import annotations

import numpy as np
import pytest

from registry.text import linear
from tools.linear_training import Example, train

DOGS = ["养狗", "我养了一条狗", "狗证", "给狗办证"]
PIGS = ["养猪", "我养了三头猪", "猪场", "卖猪"]


def examples() -> list[Example]:
    return [
        *(Example(set(linear.grams(text)), {"dog": 1.0}) for text in DOGS),
        *(Example(set(linear.grams(text)), {"pig": 1.0}) for text in PIGS),
        Example(set(linear.grams("养了一只")), {"dog": 0.5, "pig": 0.5}),
    ]


def likeliest(model: linear.Model, text: str) -> str:
    return model.classes[int(model.probabilities(linear.grams(text)).argmax())]


def test_runs_of_letters_know_where_the_text_begins_and_ends() -> None:
    assert list(linear.grams("狗证", (1, 2))) == ["狗", "证", "\x02狗", "狗证", "证\x03"]
    assert list(linear.grams(("gou", "zheng"), (2,), mark="~")) == ["~\x02 gou", "~gou zheng", "~zheng \x03"]
    assert list(linear.grams("")) == ["\x02\x03"]


def test_a_trained_model_names_the_class_and_the_pieces_that_say_so() -> None:
    model = linear.decode(train(examples(), about={"of": "animals"}))
    assert model.classes == ("dog", "pig")
    assert model.about == {"of": "animals"}
    assert likeliest(model, "俺家养的狗") == "dog"
    assert likeliest(model, "猪棚") == "pig"
    assert "狗" in [piece for piece, _ in model.reasons(linear.grams("俺家养的狗"), "dog")[:3]]
    assert model.reasons(linear.grams("狗"), "pig", than="dog") == []


def test_what_two_classes_share_leaves_it_open_and_what_none_knows_says_nothing() -> None:
    model = linear.decode(train(examples()))
    even = model.probabilities(linear.grams("养了一只"))
    assert abs(even[0] - even[1]) < 0.2
    assert np.array_equal(model.logits(["never seen"]), model.bias)
    assert np.array_equal(model.logits([]), model.bias)


def test_the_same_examples_give_the_same_bytes() -> None:
    assert train(examples(), about={"of": 1}) == train(examples(), about={"of": 1})


@pytest.mark.parametrize("content", [b"", b"{}\n", b'{"format":"other"}\n', b"\x00\xff", train(examples())[:-3]])
def test_what_is_no_model_is_refused(content: bytes) -> None:
    with pytest.raises(linear.UnusableModel):
        linear.decode(content)
