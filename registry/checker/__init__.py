"""What is wrong on a day: the rules, and their findings."""

from __future__ import annotations

from registry.checker.check import (
    FindingRow,
    check,
    check_snapshot,
    explain,
    explained,
    finding_keys,
    finding_rows,
    rules_named,
)
from registry.checker.finding import Finding, as_json
from registry.checker.in_pieces import Findings, check_in_pieces
from registry.checker.rules import RULES

__all__ = [
    "RULES",
    "Finding",
    "FindingRow",
    "Findings",
    "as_json",
    "check",
    "check_in_pieces",
    "check_snapshot",
    "explain",
    "explained",
    "finding_keys",
    "finding_rows",
    "rules_named",
]
