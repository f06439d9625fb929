"""The read tables, each declared once: its typed columns, and how an aggregate makes its rows.

A row here is without `known_from` and `known_to`: the writer sets them by comparing an aggregate's rows before and
after a decision.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Final

from registry.domain import aggregates as a
from registry.projections.tables.assessment import ASSESSMENT, AssessmentRow, assessment_rows
from registry.projections.tables.delegation import DELEGATION, DEMAND, DelegationRow, DemandRow, KindOf, ref_rows
from registry.projections.tables.instrument import INSTRUMENT, InstrumentRow, instrument_rows
from registry.projections.tables.list_ import ITEM, LIST, ItemRow, ListRow, item_rows, list_rows
from registry.projections.tables.matter import LAWFUL_HOLDER, MATTER, LawfulHolderRow, MatterRow, matter_rows
from registry.projections.tables.precedent import PRECEDENT, PrecedentRow, precedent_rows
from registry.projections.tables.proposal import PROPOSAL, ProposalRow, proposal_rows
from registry.projections.tables.rectification import (
    RECTIFICATION,
    RECTIFICATION_ANSWER,
    RectificationAnswerRow,
    RectificationRow,
)
from registry.projections.tables.report import REPORT, ReportRow, report_rows
from registry.projections.tables.table import STILL_KNOWN, Column, Table
from registry.projections.tables.unit import UNIT, UnitRow, unit_rows
from registry.projections.tables.vesting import VESTING, VestingRow, vesting_rows
from registry.projections.tables.waiver import WAIVER, WaiverRow, waiver_rows

__all__ = ["STILL_KNOWN", "TABLES", "TABLE_OF", "Column", "KindOf", "Row", "Table", "rows"]

Row = (
    UnitRow
    | InstrumentRow
    | MatterRow
    | LawfulHolderRow
    | VestingRow
    | ListRow
    | ItemRow
    | DelegationRow
    | DemandRow
    | ProposalRow
    | ReportRow
    | WaiverRow
    | RectificationRow
    | RectificationAnswerRow
    | PrecedentRow
    | AssessmentRow
)
TABLES: Final[tuple[Table, ...]] = (
    UNIT,
    INSTRUMENT,
    MATTER,
    LAWFUL_HOLDER,
    VESTING,
    LIST,
    ITEM,
    DELEGATION,
    DEMAND,
    PROPOSAL,
    REPORT,
    WAIVER,
    RECTIFICATION,
    RECTIFICATION_ANSWER,
    PRECEDENT,
    ASSESSMENT,
)
TABLE_OF: Final[dict[type[Any], Table]] = {table.row: table for table in TABLES}

_ROWS: Final[dict[type[a.Aggregate], Callable[[Any], Sequence[Row]]]] = {
    a.Unit: unit_rows,
    a.Instrument: instrument_rows,
    a.Matter: matter_rows,
    a.Vesting: vesting_rows,
    a.List: list_rows,
    a.Item: item_rows,
    a.Proposal: proposal_rows,
    a.Report: report_rows,
    a.Waiver: waiver_rows,
    a.Precedent: precedent_rows,
    a.Assessment: assessment_rows,
}


def rows(aggregate: a.Aggregate, kind_of: KindOf) -> Sequence[Row]:
    """The rows that an aggregate makes, as now known; `kind_of` gives the kind of a matter by its code."""
    if isinstance(aggregate, a.Ref):
        return ref_rows(aggregate, kind_of)
    make = _ROWS.get(type(aggregate))
    return () if make is None else make(aggregate)
