"""Train both models again: `python -m tools.certificates`. The same sayings give the same bytes."""

from __future__ import annotations

import hashlib
import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from registry import data_files, settings
from registry.queries.certificates import model, vocabulary
from tools.certificates import sayings
from tools.linear_training import Example, train

PENALTY: Final = 1e-5
STEPS: Final = 400  # fewer leave rare pieces without their say
LEAST: Final = 2  # sayings that a piece must stand in
DROPPED: Final = 0.06  # smaller weights are left out
SEVERAL: Final = 0.5  # how much of a saying that may mean several is learnt as that
WEIGHT: Final = 2.0  # and how often it counts: there are few of them
LEARNT: Final = ("train", "tune")


def labelled(parts: Sequence[str]) -> list[tuple[str, tuple[str, ...]]]:
    """What is learnt: the names and sayings of the vocabulary, and the sayings of these parts."""
    words = vocabulary.read([data_files.path(vocabulary.FILE)])
    texts = [
        (text.replace(vocabulary.GAP, ""), (meaning.names[0],))
        for meaning in words.meanings
        for text in (*meaning.names, *meaning.says, *meaning.english)
    ]
    return [*texts, *((one.text, one.means) for one in sayings.read() if one.part in parts)]


def digest(parts: Sequence[str] = LEARNT) -> str:
    """Tell by one number what is learnt from: the texts with what they mean, the words made alike or of a kind."""
    words = vocabulary.read([data_files.path(vocabulary.FILE)])
    return hashlib.sha256(
        repr((labelled(parts), sorted(words.put.items()), sorted(words.kinds.items()))).encode()
    ).hexdigest()


def shared(means: Sequence[str]) -> dict[str, float]:
    """Of which classes a saying is, with its share of each: half of it of SEVERAL where it may mean several."""
    if len(means) == 1:
        return {means[0]: 1.0}
    return {model.SEVERAL: SEVERAL, **{name: (1.0 - SEVERAL) / len(means) for name in means}}


def trained(parts: Sequence[str] = LEARNT) -> tuple[bytes, bytes]:
    """Both models, by letters and by sound."""
    words = vocabulary.read([data_files.path(vocabulary.FILE)])
    texts = labelled(parts)
    about = {"sayings": len(texts), "learnt": list(parts), "digest": digest(parts)}
    shares = [shared(means) for _, means in texts]
    written, spoken = zip(*(model.pieces(text, words) for text, _ in texts), strict=True)
    first, second = (
        train(
            [
                Example(pieces, share, WEIGHT if len(share) > 1 else 1.0)
                for pieces, share in zip(each, shares, strict=True)
            ],
            penalty=PENALTY,
            steps=STEPS,
            least=LEAST,
            dropped=DROPPED,
            about=about,
        )
        for each in (written, spoken)
    )
    return first, second


def _main() -> None:
    os.environ.pop(settings.CERTIFICATE_WORDS.name, None)  # a county's words are no part of what is shipped
    folder = Path(sys.argv[2]) if sys.argv[1:2] == ["--to"] else model.LETTERS.parent
    parts = tuple(sys.argv[3].split(",")) if len(sys.argv) > 3 else LEARNT
    for file, content in zip((model.LETTERS, model.SOUNDS), trained(parts), strict=True):
        (folder / file.name).write_bytes(content)
        sys.stdout.write(f"{folder / file.name}: {len(content):,} bytes\n")


if __name__ == "__main__":
    _main()
