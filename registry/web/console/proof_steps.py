"""The steps of a proof as a table: which two hashes are put together in each, and what that comes to."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from registry.domain.text import Text
from registry.web.console.asking import Data
from registry.web.console.tables import Cell, Column, Row, Table

HASH: Final = "code hash"  # how a hash looks, which may be broken anywhere
COLUMNS: Final = (
    Column("step", Text("步", "Step"), "number", width=6),
    Column("left", Text("左", "Left"), width=66),
    Column("right", Text("右", "Right"), width=66),
    Column("hash", Text("合起来的哈希", "Hash over both"), width=66),
)
STEPS: Final = Text("逐步计算", "Step by step")
NO_STEPS: Final = Text("不需要计算：它就是树根。", "There is nothing to compute: it is the root itself.")


def steps_table(name: str, title: Text, steps: Sequence[Data]) -> Table:
    """The table `name` of steps as the API has them (`left right hash`), in the order of computing."""
    rows: list[Row] = [
        {"step": Cell(number), **{key: Cell(one[key], mark=HASH) for key in ("left", "right", "hash")}}
        for number, one in enumerate(steps, 1)
    ]
    return Table(name, title, COLUMNS, rows, NO_STEPS, main=False)
