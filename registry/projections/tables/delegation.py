"""Duties delegated, powers granted, burdens imposed, and certificates demanded."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from datetime import date
from typing import Final, NamedTuple

from registry.domain import decisions as d
from registry.domain.aggregates import Ref, by_day
from registry.domain.dates import OPEN
from registry.projections.tables.rectification import (
    RectificationAnswerRow,
    RectificationRow,
    rectification_rows,
)
from registry.projections.tables.table import table

KindOf = Callable[[str], str]


class DelegationRow(NamedTuple):
    """A delegation on days with the same resources; it is in force while its recipient exists, too.

    `kind` is its matter's; `sender` and `recipient` the decision's `from` and `to`; `began` its `at`; `ended` its
    recorded end; `brings` its own resources and those allotted by `valid_from`. `valid_to` is the earlier of `until`
    and `ended`. An annulled delegation makes no row.
    """

    ref: str
    kind: str
    matter: str
    sender: str
    recipient: str
    role: str | None
    mode: str | None
    instrument: str
    began: date
    until: date | None
    ended: date | None
    end_reason: str | None
    due_on: date | None
    brings: tuple[str, ...]
    under: str | None
    proposal: str | None
    position: int
    valid_from: date
    valid_to: date


class DemandRow(NamedTuple):
    """A certificate demanded of a village, from the day of the demand on."""

    ref: str
    matter: str
    sender: str
    recipient: str
    position: int
    valid_from: date
    valid_to: date


DELEGATION: Final = table("delegation", DelegationRow, identity="ref valid_from", aggregate="ref", key="ref")
DEMAND: Final = table("demand", DemandRow, identity="ref", aggregate="ref", key="ref")


def ref_rows(
    ref: Ref, kind_of: KindOf
) -> Sequence[DelegationRow | DemandRow | RectificationRow | RectificationAnswerRow]:
    """The rows that what bears a ref makes; `kind_of` gives the kind of a matter by its code."""
    transfer = ref.transfer
    if ref.ordered is not None:
        return rectification_rows(ref, ref.ordered)
    if transfer is None or ref.annulled:
        return []
    position, ended = ref.introduced_at, ref.ended
    if isinstance(transfer, d.CertificateDemanded):
        demand = DemandRow(
            ref=transfer.ref,
            matter=transfer.matter,
            sender=transfer.from_,
            recipient=transfer.to,
            position=position,
            valid_from=transfer.at,
            valid_to=OPEN,
        )
        return [demand]
    role, mode, due_on, under = None, None, None, None
    brings: tuple[str, ...] = ()
    if isinstance(transfer, d.DutyDelegated):
        kind, role, mode, due_on, under = "duty", transfer.role, transfer.mode, transfer.due_on, transfer.under
        brings = transfer.brings or ()
    elif isinstance(transfer, d.PowerGranted):
        kind, mode, brings = "power", transfer.mode, transfer.brings or ()
    else:
        assert isinstance(transfer, d.BurdenImposed)
        kind, due_on, under = kind_of(transfer.matter), transfer.due_on, transfer.under
    end = min(transfer.until or OPEN, ended.at if ended else OPEN)

    def row(start: date, stop: date, resources: tuple[str, ...]) -> DelegationRow:
        return DelegationRow(
            ref=transfer.ref,
            kind=kind,
            matter=transfer.matter,
            sender=transfer.from_,
            recipient=transfer.to,
            role=role,
            mode=mode,
            instrument=transfer.instrument,
            began=transfer.at,
            until=transfer.until,
            ended=ended.at if ended else None,
            end_reason=ended.reason if ended else None,
            due_on=due_on,
            brings=resources,
            under=under,
            proposal=transfer.proposal,
            position=position,
            valid_from=start,
            valid_to=stop,
        )

    if len(ref.history) == 1:
        return [row(transfer.at, end, _ordered(brings))]
    start, resources = transfer.at, set(brings)
    rows: list[DelegationRow] = []
    for _, allotted in by_day(ref.of(d.ResourcesAllotted)):
        if allotted.at >= end or not set(allotted.brings) - resources:
            continue
        if allotted.at > start:
            rows.append(row(start, allotted.at, _ordered(resources)))
            start = allotted.at
        resources |= set(allotted.brings)
    rows.append(row(start, end, _ordered(resources)))
    return rows


def _ordered(resources: Collection[str]) -> tuple[str, ...]:
    """Staff before funds, each once."""
    if not resources:
        return ()
    return tuple(resource for resource in ("staff", "funds") if resource in resources)
