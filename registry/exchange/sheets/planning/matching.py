"""Which matter a row means: decided by the mapping file, told by its code or name, or only proposed by a near name."""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from registry.checker.names.likeness import nearest
from registry.checker.names.normalise import normalised
from registry.domain.decision import ID_LENGTH
from registry.exchange.sheets.planning.county_records import Named

NEW: Final = "new"
LETTERS: Final[Mapping[str, str]] = {
    "duty": "D",
    "power": "P",
    "certificate": "C",
    "form": "F",
    "service": "S",
    "inspection": "I",
    "meeting": "H",
    "document": "N",
    "mechanism": "M",
    "workgroup": "W",
}
_CODE_LENGTH: Final = 8
_PROPOSED: Final = 3
# Every power is written so; what is left tells one from another.
_FRAME: Final = re.compile(r"^对|的?(行政)?(处罚|许可|强制|强制措施|强制执行|征收|给付|检查|确认|奖励|裁决)$")


@dataclass(frozen=True, slots=True)
class Match:
    """What a row's name came to: a matter's code; or none, then what it may mean. No candidates: it is new."""

    code: str | None
    candidates: tuple[Named, ...] = ()


class Matters:
    """Matters of one kind, by code and by all the names under which they go."""

    def __init__(
        self,
        matters: Sequence[Named],
        named: Mapping[str, str],
        decided: Mapping[str, str],
        accept: str | None = None,
    ) -> None:
        """`named`: what items of the county's lists stood for; `decided`: the mapping file's, a code or `new`."""
        self.by_code = {matter.code: matter for matter in matters}
        self.accept = accept
        self._decided = {normalised(name): code for name, code in decided.items()}
        self._named = {normalised(name): code for name, code in named.items() if code in self.by_code}
        # By full name, then by alias; each as written, then without width, case and punctuation.
        self._ways: tuple[dict[str, set[str]], ...] = ({}, {}, {}, {})
        for matter in matters:
            for aliases, names in enumerate(((matter.name,), matter.aliases)):
                for name in names:
                    self._ways[2 * aliases].setdefault(name, set()).add(matter.code)
                    self._ways[2 * aliases + 1].setdefault(normalised(name), set()).add(matter.code)
        self._names = [(name, matter) for matter in matters for name in (matter.name, *matter.aliases)]

    def decided(self, name: str) -> str | None:
        """What the mapping file says of the name: a code, or `new`."""
        return self._decided.get(normalised(name))

    def match(self, names: Sequence[str]) -> list[Match]:
        """What each of the names means, the mapping file not asked."""
        matches = [self._match_by_name(name) for name in names]
        open_ = [location for location, match in enumerate(matches) if match is None]
        near = self._near([names[location] for location in open_])
        for location, match in zip(open_, near, strict=True):
            matches[location] = match
        return [match or Match(None) for match in matches]

    def _match_by_name(self, name: str) -> Match | None:
        ambiguous: set[str] = set()
        for way, key in zip(self._ways, (name, normalised(name)) * 2, strict=True):
            codes = way.get(key, set())
            if len(codes) == 1:
                return Match(next(iter(codes)))
            ambiguous |= codes
            if codes:
                break
        if (code := self._named.get(normalised(name))) is not None and (not ambiguous or code in ambiguous):
            return Match(code)
        return Match(None, tuple(self.by_code[code] for code in sorted(ambiguous))) if ambiguous else None

    def _near(self, names: Sequence[str]) -> list[Match]:
        if self.accept == "none":
            return [Match(None) for _ in names]
        near = nearest([_FRAME.sub("", name) for name in names], [_FRAME.sub("", name) for name, _ in self._names])
        return [self._proposed([(share, self._names[location][1]) for share, location in results]) for results in near]

    def _proposed(self, likely: list[tuple[float, Named]]) -> Match:
        matters = tuple(dict.fromkeys(matter for _, matter in likely))[:_PROPOSED]
        nearest_ones = {matter for share, matter in likely if share == likely[0][0]}
        if self.accept == "near" and len(nearest_ones) == 1:
            return Match(likely[0][1].code)
        return Match(None, matters)


def is_own(code: str, kind: str) -> bool:
    """Whether it is written as registries code a matter of this kind: `D-KILN`, `YC-D-KILN`, `420684-D-K3QW7M2A`.

    Such a code, in a list given out by another registry, is the matter's. What counties' own catalogues number their
    matters with, another county has for another.
    """
    return len(code) <= ID_LENGTH and re.fullmatch(rf"([0-9A-Z]+-)?{LETTERS[kind]}(-[0-9A-Z]+)+", code) is not None


def new_code(county: str, kind: str, name: str, taken: Iterable[str]) -> str:
    """The code of a county's own matter: always the same for a name, longer where another one has it already.

    `420684-D-K3QW7M2A`: the county, the kind's letter, and the first of the name's SHA-256 in base32.
    """
    digest = base64.b32encode(hashlib.sha256(f"{kind}:{normalised(name)}".encode()).digest()).decode().rstrip("=")
    spent = set(taken)
    for length in range(_CODE_LENGTH, len(digest) + 1):
        code = f"{county}-{LETTERS[kind]}-{digest[:length]}"
        if code not in spent:
            return code
    return f"{county}-{LETTERS[kind]}-{digest}-{len(spent)}"
