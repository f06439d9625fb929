"""What several rules rest on, each with its version: when a part changes, the rules that rest on it are assessed anew.

Code has a number that whoever changes what it answers raises by one; data has a hash of its content.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import Final

from registry import law
from registry.checker.names import learned, thesaurus


def _no_data() -> str:
    return ""


def _no_days() -> tuple[date, ...]:
    return ()


@dataclass(frozen=True)
class Part:
    """Code and data that rules share.

    `code`: the number of its version; `data`: returns the version of its data. `days`: returns the days from which its
    data say something else, so that findings can change on them though nobody decides anything.
    """

    name: str
    code: int
    data: Callable[[], str] = _no_data
    days: Callable[[], tuple[date, ...]] = _no_days

    @property
    def version(self) -> str:
        """The version as it is now: `powers.1`, `names.1.3f5c…`."""
        return ".".join(filter(None, (self.name, str(self.code), self.data())))


# Units, territory, holdings and waivers of a day: registry.snapshot. Every rule rests on it.
SNAPSHOT: Final = Part("snapshot", 1)
# Which lists reach whom, and which of their items match a matter: registry.relations.reach and matching.
REACH: Final = Part("reach", 1)
# Who effectively holds a power: registry.relations.powers, by the law on fit instruments.
POWERS: Final = Part("powers", 1, lambda: law.fit_instruments().version, lambda: law.fit_instruments().days())
# How units, lists and delegations were on earlier days: registry.snapshot.past.
PAST: Final = Part("past", 2)
# What was returned before a day: registry.snapshot.returned. A snapshot of many days brings it only where it is used.
RETURNED: Final = Part("returned", 1)


def _names_data() -> str:
    return f"{thesaurus.load_thesaurus().version}.{learned.load_models().version}"


# Which names mean the same: registry.checker.names, by the thesaurus with what the county adds, and what was learned.
NAMES: Final = Part("names", 2, _names_data)
