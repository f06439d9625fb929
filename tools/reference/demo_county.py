"""The page of the demo county: written by hand but for how many decisions it is, and its stories."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Final

from registry import demo
from registry.demo import stories

FILE: Final = Path(__file__).parents[2] / "docs/reference/demo.md"
_SIZES: Final = re.compile(r"It is [\d,]+ decisions: [\d,]+ of the published lists (\S+) and [\d,]+ of")


def markdown() -> str:
    """The whole page: what stands before the first story as it is, with the numbers of today, then the stories."""
    written, _, _ = FILE.read_text(encoding="utf-8").partition("\n### ")
    county = sum(1 for _ in demo.journal())
    both = sum(1 for _ in demo.complete())
    sizes = rf"It is {both:,} decisions: {both - county:,} of the published lists \1 and {county:,} of"
    head, replaced = _SIZES.subn(sizes, written)
    if replaced != 1:
        raise ValueError(f"{FILE.name} does not say how many decisions the county is")
    return f"{head}\n{stories.table()}"
