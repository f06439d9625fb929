"""Forms that ask for the same: what the one-form principle (一表通) would make one of."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Container, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Final

from registry.checker.names.normalise import normalised
from registry.database.row_objects import as_part
from registry.queries.burdens.burdens import DELEGATION, Delegation
from registry.relations import successors, territory
from registry.relations.two_times import AsOf, Reader, at

# Two forms that share this much of all that either asks for go together; two fields at the least, for one alone (a
# name, a telephone number) stands on every form.
SHARE: Final = Fraction(1, 2)
FIELDS: Final = 2


@dataclass(frozen=True, slots=True)
class Form:
    """A form in force in the territory: what it asks for, and every delegation by which it is imposed."""

    matter: str
    name: str
    asks: list[str]
    delegations: list[Delegation]

    @property
    def doubled(self) -> list[str]:
        """The units on which several units impose it."""
        senders: dict[str, set[str]] = defaultdict(set)
        for each in self.delegations:
            senders[each.recipient].add(each.sender)
        return sorted(unit for unit, of in senders.items() if len(of) > 1)

    @property
    def units(self) -> list[str]:
        """The units that it is imposed on."""
        return sorted({each.recipient for each in self.delegations})


@dataclass(frozen=True, slots=True)
class Pair:
    """Two forms that ask for the same, the one that asks for less first.

    `relation`: identical, contained (all that `one` asks for, `other` asks for too) or overlapping. `common`: the
    fields, as `one` writes them; `share`: of all that either asks for, in percent; `units`: those that must fill in
    both.
    """

    one: str
    other: str
    relation: str
    common: list[str]
    share: int
    units: list[str]


@dataclass(frozen=True, slots=True)
class Group:
    """Forms that hang together by such pairs; one alone is a group where several units impose it on the same unit."""

    forms: list[Form]
    pairs: list[Pair]


_SHOWN: Final = f"""
asking AS (
    SELECT m.code, m.name, m.asks
    FROM (SELECT DISTINCT f.matter FROM selected f) f,
    LATERAL (SELECT * FROM matter m WHERE m.code = f.matter AND {at("m")} OFFSET 0) m
    WHERE m.asks <> '{{}}'
),
{successors.nodes("resolved", "SELECT DISTINCT f.sender FROM selected f")}
SELECT a.name, a.asks, f.unit AS recipient, {DELEGATION.format(row="f", sender="s.code")}
FROM selected f JOIN asking a ON a.code = f.matter JOIN resolved s ON s.named = f.sender
ORDER BY f.matter, f.began, f.position
"""
_FORMS: Final = f"""
    SELECT p.unit, d.*
    FROM ground p,
    LATERAL (
        SELECT * FROM delegation d WHERE d.recipient = p.code AND d.kind = 'form' AND {at("d")} OFFSET 0
    ) d"""
ON_UNIT: Final = f"""
WITH RECURSIVE {territory.REQUESTED}, {successors.NAMED},
ground AS (SELECT n.unit, n.code FROM named n),
selected AS ({_FORMS}),
{_SHOWN}"""
IN_TERRITORY: Final = f"""
WITH RECURSIVE {territory.below("$3")},
ground AS (SELECT b.unit, b.code FROM below b WHERE NOT b.gone),
selected AS ({_FORMS}),
{_SHOWN}"""


async def groups(
    reader: Reader, moment: AsOf, unit: str, *, below: bool = False, seen: Container[str] | None = None
) -> list[Group]:
    """Groups of forms in force on a unit (`below`: on all of its territory) that ask for the same, the largest first.

    Two forms go together when they ask for the same fields, or one's fields are among the other's (two at least), or
    they share two fields and at least half of all that either asks for. Fields are compared in one width, case and
    script, without punctuation. A form that several units impose on the same unit goes with itself. `seen`: as far as
    they are imposed on these units.
    """
    statement, target = (IN_TERRITORY, unit) if below else (ON_UNIT, [unit])
    rows = await reader.fetch(statement, moment.valid_at, moment.known_at, target)
    forms: dict[str, Form] = {}
    for row in rows:
        each = as_part(Delegation, row)
        if seen is not None and each.recipient not in seen:
            continue
        forms.setdefault(each.matter, Form(each.matter, row["name"], row["asks"], [])).delegations.append(each)
    return grouped(list(forms.values()))


def grouped(forms: Sequence[Form]) -> list[Group]:
    """Those of the forms that ask for the same, put together."""
    results = pairs(forms)
    head = {form.matter: form.matter for form in forms}

    def top(matter: str) -> str:
        while head[matter] != matter:
            matter = head[matter]
        return matter

    for pair in results:
        head[max(top(pair.one), top(pair.other))] = min(top(pair.one), top(pair.other))
    together: dict[str, list[Form]] = defaultdict(list)
    for form in forms:
        together[top(form.matter)].append(form)
    made = [
        Group(sorted(of, key=lambda form: form.matter), [pair for pair in results if top(pair.one) == key])
        for key, of in together.items()
        if len(of) > 1 or of[0].doubled
    ]
    return sorted(made, key=lambda group: (-len(group.forms), group.forms[0].matter))


def pairs(forms: Sequence[Form]) -> list[Pair]:
    """The pairs of forms that ask for the same, the most alike first."""
    fields = {form.matter: {normalised(field) or field: field for field in form.asks} for form in forms}
    by_matter = {form.matter: form for form in forms}
    asking: dict[str, list[str]] = defaultdict(list)
    for matter, own_fields in fields.items():
        for field in own_fields:
            asking[field].append(matter)
    shared: dict[tuple[str, str], int] = defaultdict(int)
    for matters in asking.values():
        for index, one in enumerate(matters):
            for other in matters[index + 1 :]:
                shared[one, other] += 1
    results: list[Pair] = []
    for (first, second), count in shared.items():
        one, other = sorted((first, second), key=lambda matter: (len(fields[matter]), matter))
        every = len(fields[one]) + len(fields[other]) - count
        if count == every:
            relation = "identical"
        elif count >= FIELDS and count == len(fields[one]):
            relation = "contained"
        elif count >= FIELDS and Fraction(count, every) >= SHARE:
            relation = "overlapping"
        else:
            continue
        common = [text for field, text in fields[one].items() if field in fields[other]]
        both = sorted({*by_matter[one].units} & {*by_matter[other].units})
        results.append(Pair(one, other, relation, common, 100 * count // every, both))
    return sorted(results, key=lambda pair: (-pair.share, -len(pair.common), pair.one, pair.other))
