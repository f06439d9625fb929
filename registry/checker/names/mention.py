"""How much of a matter's name a free text mentions: to propose what a report from below may be about."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from registry.checker.names.normalise import bare, normalised

# From this share on a name is proposed: half of its pairs of letters are in the text.
MENTIONED: Final = 0.5


def mention(text: str, names: Iterable[str]) -> tuple[float, str]:
    """The share (0 to 1) of the pairs of letters of that name which the text mentions most, and the name.

    Names and text are compared normalised; words that say nothing of the matter (开展, 工作 …) do not count. A name
    that stands in the text as it is has 1. Of equal shares the longest name is given.
    """
    written = normalised(text)
    share, _, name = max(((_share(written, name), len(name), name) for name in names), default=(0.0, 0, ""))
    return share, name


def _share(written: str, name: str) -> float:
    core = bare(name)
    if core in written:
        return 1.0
    pieces = {core[index : index + 2] for index in range(len(core) - 1)}
    return sum(piece in written for piece in pieces) / len(pieces) if pieces else 0.0
