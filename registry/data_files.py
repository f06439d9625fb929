"""Files that the program reads but that are no code: `lists` and `graphql`.

In a checkout they stand at the top level; an installed program carries them in registry/_data.
"""

from __future__ import annotations

from pathlib import Path
from typing import Final

PACKED: Final = Path(__file__).parent / "_data"
CHECKOUT: Final = Path(__file__).parent.parent


def path(name: str) -> Path:
    """The folder of this name (`lists`, `graphql`), or a file in it (`lists/positive`).

    Raises FileNotFoundError where there is none.
    """
    for place in (PACKED, CHECKOUT):
        if (place / name).exists():
            return place / name
    raise FileNotFoundError(f"{name} is neither in {PACKED} nor in {CHECKOUT}")
