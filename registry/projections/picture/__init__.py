"""The picture of a day: everything a rule or a question needs to know about a date, as columns."""

from __future__ import annotations

from registry.projections.picture.assemble import assemble
from registry.projections.picture.columns import Picture
from registry.projections.picture.load import load

__all__ = ["Picture", "assemble", "load"]
