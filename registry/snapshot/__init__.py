"""The snapshot of a day: everything a rule or a question needs to know about a date, as columns."""

from __future__ import annotations

from registry.snapshot.assemble import assemble
from registry.snapshot.columns import Snapshot
from registry.snapshot.load import load

__all__ = ["Snapshot", "assemble", "load"]
