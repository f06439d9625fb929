"""Checkpoints of the log, and its witnesses, as tables of the views that show them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from registry.domain.text import Text
from registry.log.cosignatures import Cosignature
from registry.log.witness_policy import Witness
from registry.upkeep import state
from registry.web.console.asking import Data
from registry.web.console.proof_steps import HASH
from registry.web.console.tables import Cell, Column, Table, rows_of
from registry.web.console.view import View
from registry.web.console.words import time_cell

KEPT: Final = (
    Column("size", Text("覆盖到第几项", "Covers the first"), "number", width=12),
    Column("issued", Text("签发时间", "Issued"), "day", width=17),
    Column("root", Text("树根", "Root"), width=48),
    Column("since", Text("之后有没有改动", "Altered since?"), width=20),
)
COSIGNED: Final = Column("witnesses", Text("副署的证人", "Cosigned by"), own_words=True, width=40)
WITNESSES: Final = (
    Column("witness", Text("证人", "Witness"), own_words=True, width=40),
    Column("size", Text("副署到第几项", "Cosigned up to"), "number", width=14),
    Column("at", Text("时间（UTC）", "When (UTC)"), "day", width=18),
)
NOTHING_YET: Final = Text("尚未副署", "nothing yet")
NO_WITNESSES: Final = Text(
    "还没有证人。检查点请存在本服务器以外的地方：与数据库放在一起的，防不住能改数据库的人。",
    "There are no witnesses yet. Keep checkpoints elsewhere than on this server: beside the database they protect "
    "against nobody who can write there.",
)


@dataclass(frozen=True, slots=True)
class Newest:
    """A witness with the largest checkpoint that it cosigned, by its size; None where it cosigned none."""

    witness: Witness
    size: int
    given: Cosignature | None


def checkpoints_table(
    view: View, checkpoints: Sequence[Data], cosigned: Mapping[tuple[int, str], Sequence[str]] | None = None
) -> Table:
    """Checkpoints as the API has them (`size issuedAt note`), each leading to the proof that it is still the beginning.

    `cosigned`: by size and text of a note the witnesses whose cosignature of it holds; None: without that column.
    """

    def since(one: Data) -> Cell | None:
        if not one["size"]:
            return None
        href = view.href("/log", first=str(one["size"]), second=str(view.newest))
        return Cell("check", view.localized("核验", "Check"), href=href)

    def witnesses(one: Data) -> str | None:
        text = one["note"].partition("\n\n")[0] + "\n"
        return view.series((cosigned or {}).get((one["size"], text), ())) or None

    rows = rows_of(
        checkpoints,
        size=lambda one: one["size"],
        issued=lambda one: time_cell(one["issuedAt"]),
        root=lambda one: Cell(one["note"].split("\n")[2], mark=HASH),
        witnesses=witnesses,
        since=since,
    )
    columns = KEPT if cosigned is None else (*KEPT[:-1], COSIGNED, KEPT[-1])
    title = Text("签发过的检查点", "Checkpoints issued")
    return Table("checkpoints", title, columns, rows, state.NEVER_KEPT, main=False)


def witnesses_table(view: View, every: Sequence[Newest]) -> Table:
    """Each witness, up to which decision it cosigned the log, and when."""

    def at(one: Newest) -> Cell:
        if one.given is None:
            return Cell(None, view.localized(*NOTHING_YET))
        return Cell(f"{one.given.given_at:%Y-%m-%d %H:%M}")

    rows = rows_of(
        every,
        witness=lambda one: Cell(one.witness.key.name, mark="code"),
        size=lambda one: one.size if one.given else None,
        at=at,
    )
    return Table("witnesses", Text("证人", "Witnesses"), WITNESSES, rows, NO_WITNESSES, main=False)
