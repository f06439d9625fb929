"""The log as tiles (C2SP tlog-tiles): its tree in runs of 256 hashes, and its decisions in bundles of 256 leaves.

What is kept level by level in the database are those tiles: level 0 the leaves' hashes beside their decisions, level 1
the ancestors of 256 leaves each, and so on. A leaf's bytes are the entry, so a reader hashes an entry as it stands.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any, Final

from registry.log import merkle

WIDTH: Final = merkle.RUN
LEVELS: Final = 64  # 0 to 63
LONGEST: Final = 0xFFFF  # bytes of an entry: its length is written in two
PATH: Final = r"^(x[0-9]{3}/)*[0-9]{3}(\.p/([1-9][0-9]?|1[0-9]{2}|2[0-4][0-9]|25[0-5]))?$"


class EntryTooLong(Exception):
    """A decision whose leaf no bundle can hold."""

    def __init__(self, position: int) -> None:
        super().__init__(position)
        self.position = position


@dataclass(frozen=True, slots=True)
class Tile:
    """Which tile: its level, its index in the level, and how many hashes or entries of it are meant, at most 256."""

    level: int
    index: int
    width: int

    @property
    def start(self) -> int:
        """The index in its level of the tile's first hash."""
        return self.index * WIDTH


def read_path(level: int, path: str) -> Tile | None:
    """The tile that an address names, as `x001/x234/067.p/12` after the level; None where it is not so written."""
    if not re.fullmatch(PATH.strip("^$"), path, re.ASCII) or len(path) > 64:
        return None
    digits, _, width = path.partition(".p/")
    parts = digits.replace("x", "").split("/")
    if len(parts) > 1 and parts[0] == "000":  # written with more parts than it needs
        return None
    return Tile(level, int("".join(parts)), int(width) if width else WIDTH)


def path_of(tile: Tile) -> str:
    """How an address names a tile within its level."""
    digits = str(tile.index)
    digits = digits.zfill(-(-len(digits) // 3) * 3)
    parts = [digits[start : start + 3] for start in range(0, len(digits), 3)]
    path = "/".join([f"x{part}" for part in parts[:-1]] + parts[-1:])
    return path if tile.width == WIDTH else f"{path}.p/{tile.width}"


async def hashes(reader: Any, tile: Tile) -> bytes | None:
    """The tile's hashes, 32 bytes each; None where the log has not as many."""
    if tile.level == 0:
        statement = "SELECT leaf FROM log.decision WHERE position > $1 AND position <= $2 ORDER BY position"
        rows = await reader.fetch(statement, *_bounds(tile))
    else:
        statement = "SELECT hash FROM log.ancestor WHERE level = $3 AND place >= $1 AND place < $2 ORDER BY place"
        rows = await reader.fetch(statement, *_bounds(tile), tile.level)
    return b"".join(row[0] for row in rows) if len(rows) == tile.width else None


async def entries(reader: Any, tile: Tile) -> bytes | None:
    """The bundle of the tile's leaves, each after its length in two bytes; None where the log has not as many.

    Raises EntryTooLong.
    """
    rows = await reader.fetch(
        "SELECT position, type, version, data, recorded_at, recorded_by FROM log.decision"
        " WHERE position > $1 AND position <= $2 ORDER BY position",
        *_bounds(tile),
    )
    if len(rows) != tile.width:
        return None
    bundle = bytearray()
    for position, type_name, version, data, recorded_at, recorded_by in rows:
        leaf = merkle.leaf(position, type_name, version, merkle.day_of(data), data, recorded_at, recorded_by)
        if len(leaf) > LONGEST:
            raise EntryTooLong(position)
        bundle += len(leaf).to_bytes(2, "big") + leaf
    return bytes(bundle)


def _bounds(tile: Tile) -> tuple[int, int]:
    """From where up to where in its level, for positions (after, up to) and places (from, before) alike."""
    return min(tile.start, 2**62), min(tile.start + tile.width, 2**62)
