"""The aggregates that decisions are about, each the fold of its own stream.

An aggregate keeps what was decided of it in the order of the log and answers for any day, as far as the log knows. It
names other aggregates by code and never looks at them: that is for the slices.
"""

from __future__ import annotations

from registry.domain.aggregates.base import KINDS, Aggregate, Entry, by_day, corrected
from registry.domain.aggregates.cache import AggregateCache, LogIndex, StreamNotLoaded
from registry.domain.aggregates.instruments import Instrument
from registry.domain.aggregates.judgements import Assessment, Precedent
from registry.domain.aggregates.lists import Item, List
from registry.domain.aggregates.matters import Matter
from registry.domain.aggregates.periods import Period, Vesting, Waiver
from registry.domain.aggregates.proposals import Proposal, Report
from registry.domain.aggregates.refs import Ref
from registry.domain.aggregates.units import Succession, Unit

__all__ = [
    "KINDS",
    "Aggregate",
    "AggregateCache",
    "Assessment",
    "Entry",
    "Instrument",
    "Item",
    "List",
    "LogIndex",
    "Matter",
    "Period",
    "Precedent",
    "Proposal",
    "Ref",
    "Report",
    "StreamNotLoaded",
    "Succession",
    "Unit",
    "Vesting",
    "Waiver",
    "by_day",
    "corrected",
]
