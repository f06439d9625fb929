"""What is wrong on a day: the rules, and what they find."""

from __future__ import annotations

from registry.checker.check import Found, check, check_picture, found, tell
from registry.checker.finding import Finding, as_json
from registry.checker.rules import RULES

__all__ = ["RULES", "Finding", "Found", "as_json", "check", "check_picture", "found", "tell"]
