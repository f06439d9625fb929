"""Train the models again: `python -m tools.certificates`. The same sayings give the same bytes."""

from __future__ import annotations

import hashlib
import os
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final

from registry import data_files, settings
from registry.queries.certificates import chances, model, vocabulary
from registry.text import linear
from tools.certificates import misspelt, sayings, trusting
from tools.linear_training import Example, train

PENALTY: Final = 1e-5
STEPS: Final = 400  # fewer leave rare pieces without their say
LEAST: Final = 2  # sayings that a piece must stand in
DROPPED: Final = 0.06  # smaller weights are left out
SEVERAL: Final = 0.5  # how much of a saying that may mean several is learnt as that
WEIGHT: Final = 2.0  # and how often it counts: there are few of them
PENALTY_APART: Final = 3e-5  # the same for the model that tells nothing else: of two classes, so it learns sooner
MISSPELT: Final = 0.5  # how often a saying with a wrong letter counts
LEARNT: Final = ("train", "tune", "unseen")  # what was scored once is learnt since then


def labelled(parts: Sequence[str]) -> list[tuple[str, tuple[str, ...]]]:
    """What is learnt: the names and sayings of the vocabulary, and the sayings of these parts."""
    words = vocabulary.read([data_files.path(vocabulary.FILE)])
    texts = [
        (text.replace(vocabulary.GAP, ""), (meaning.names[0],))
        for meaning in words.meanings
        for text in (*meaning.names, *meaning.says, *meaning.english)
    ]
    return [*texts, *((one.text, one.means) for one in sayings.read() if one.part in parts)]


def with_wrong_letters(parts: Sequence[str]) -> list[tuple[str, tuple[str, ...], float]]:
    """What is learnt, with how often it counts, and some of it again with a wrong letter."""
    right = labelled(parts)
    return [
        *((text, means, WEIGHT if len(means) > 1 else 1.0) for text, means in right),
        *((text, means, MISSPELT) for text, means in misspelt.of(right)),
    ]


def digest(parts: Sequence[str] = LEARNT) -> str:
    """Tell by one number what is learnt from: the texts with what they mean, the words made alike or of a kind."""
    words = vocabulary.read([data_files.path(vocabulary.FILE)])
    return hashlib.sha256(
        repr((with_wrong_letters(parts), sorted(words.put.items()), sorted(words.kinds.items()))).encode()
    ).hexdigest()


def shared(means: Sequence[str]) -> dict[str, float]:
    """Of which classes a saying is, with its share of each: half of it of SEVERAL where it may mean several."""
    if len(means) == 1:
        return {means[0]: 1.0}
    return {model.SEVERAL: SEVERAL, **{name: (1.0 - SEVERAL) / len(means) for name in means}}


def files(parts: Sequence[str] = LEARNT) -> Iterator[tuple[Path, bytes]]:
    """The files that are made of these parts, each with its bytes.

    How far the models can be trusted is learnt from sayings that models of the first part alone have not learnt.
    """
    others = [one for one in sayings.read() if one.part in parts[1:] and not one.file.startswith(sayings.WORDS)]
    earlier = model.Models(*map(linear.decode, trained(parts[:1])))
    about = {"sayings": len(others), "learnt": list(parts), "digest": digest(parts)}
    yield chances.FILE, trusting.trained(trusting.lessons(others, earlier), about)
    yield from zip((model.LETTERS, model.SOUNDS, model.VAGUE), trained(parts), strict=True)


def trained(parts: Sequence[str]) -> tuple[bytes, ...]:
    """The models by letters, by sound, and for whether several may be meant."""
    words = vocabulary.read([data_files.path(vocabulary.FILE)])
    texts = with_wrong_letters(parts)
    about = {"sayings": len(texts), "learnt": list(parts), "digest": digest(parts)}
    shares = [shared(means) for _, means, _ in texts]
    pieces = [model.pieces(text, words) for text, _, _ in texts]
    weights = [counts for _, _, counts in texts]
    apart = [{model.SEVERAL if len(share) > 1 else model.ONE: 1.0} for share in shares]
    tasks = (
        ([written for written, _ in pieces], shares, PENALTY),
        ([spoken for _, spoken in pieces], shares, PENALTY),
        ([model.joint(*each) for each in pieces], apart, PENALTY_APART),
    )
    return tuple(
        train(
            [Example(*each) for each in zip(learnt, classes, weights, strict=True)],
            penalty=penalty,
            steps=STEPS,
            least=LEAST,
            dropped=DROPPED,
            about=about,
        )
        for learnt, classes, penalty in tasks
    )


def _main() -> None:
    if os.environ.get("PYTHONHASHSEED") != "0":
        # Which of the texts that are equally alike is looked at first goes by the order of sets.
        os.execve(  # noqa: S606  the same command again
            sys.executable,
            [sys.executable, "-m", "tools.certificates", *sys.argv[1:]],
            {**os.environ, "PYTHONHASHSEED": "0"},
        )
    os.environ.pop(settings.CERTIFICATE_WORDS.name, None)  # a county's words are no part of what is shipped
    folder = Path(sys.argv[2]) if sys.argv[1:2] == ["--to"] else model.LETTERS.parent
    parts = tuple(sys.argv[3].split(",")) if len(sys.argv) > 3 else LEARNT
    for file, content in files(parts):
        (folder / file.name).write_bytes(content)
        sys.stdout.write(f"{folder / file.name}: {len(content):,} bytes\n")


if __name__ == "__main__":
    _main()
