"""What was heard of a request: how likely each certificate is meant, and how it is said."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

from registry.queries.certificates.status import Certificate


@dataclass(frozen=True, slots=True)
class Likely:
    """A certificate, how likely it is meant, and how alike one of its names and sayings is; both from 0 to 1."""

    certificate: Certificate
    share: float
    alike: float


@dataclass(frozen=True)
class Heard:
    """What the models heard, all from 0 to 1 and together 1: `likely`, the likeliest first, and what is none of these.

    `off_list`: a paper that is none of them; `no_request`: nothing is asked for; `several`: it may mean several.
    Apart from these, also from 0 to 1: `vague`, how likely several are meant by the model that tells nothing else;
    `strange`, how much of it stands in no saying.
    """

    likely: Sequence[Likely]
    off_list: float
    no_request: float
    several: float
    vague: float
    strange: float

    @cached_property
    def listed(self) -> list[Likely]:
        """Those on a list that reaches the village."""
        return [one for one in self.likely if one.certificate.status != "UNLISTED"]

    @cached_property
    def known_off_list(self) -> list[Likely]:
        """Those that are on no list but known by name."""
        return [one for one in self.likely if one.certificate.status == "UNLISTED"]

    @cached_property
    def unlisted(self) -> float:
        """How likely a paper on no list is meant: whatever it is, it is answered alike."""
        return self.off_list + sum(one.share for one in self.known_off_list)


@dataclass(frozen=True, slots=True)
class Manner:
    """How it is said: `paper`, one is spoken of; `slip`, or a slip or stamp; `wants`, or something is wanted.

    `asks`: it is a question; `asks_how`: one that speaks of no paper. `foreign`: it has no Chinese letter. `length`:
    how many letters it has.
    """

    paper: bool
    slip: bool
    wants: bool
    asks: bool
    asks_how: bool
    foreign: bool
    length: int
