"""What the lists in force say about every certificate in one village on one day."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

from registry.database.row_objects import as_object, as_part
from registry.relations import reach, territory
from registry.relations.reach import reaching
from registry.relations.two_times import AsOf, Reader, at

FARTHEST: Final = 1 << 16  # of a nationwide list: every other is nearer to the village


class UnknownVillage(Exception):
    """There is no village of this code on that day: who asked says so in zh and en."""

    code = "unknown-unit"

    def __init__(self, village: str, as_of: date) -> None:
        self.village = village
        self.zh = f"{as_of}没有代码为“{village}”的村（社区）。"
        self.en = f"On {as_of} there is no village of the code {village}."
        super().__init__(f"{self.zh} / {self.en}")


@dataclass(frozen=True, slots=True)
class Listed:
    """A list of certificates that reaches the village; `steps`: how many units of the tree its scope is above it."""

    list: str
    title: str
    positive: bool
    closed: bool
    instrument: str
    since: date
    steps: int


@dataclass(frozen=True, slots=True)
class Item:
    """An item of such a list."""

    of: Listed
    item: str
    name: str
    matter: str | None
    category: str | None
    terms: tuple[str, ...]
    issuer: str | None
    alternative: str | None
    position: int

    @property
    def order(self) -> tuple[Any, ...]:
        """Nearest first: the county's before the prefecture's, the province's, the nation's; of one place the newer."""
        return (self.of.steps, -self.of.since.toordinal(), self.of.list, self.position)


@dataclass(frozen=True, slots=True)
class Matter:
    """A matter of kind certificate as it stands on the day."""

    code: str
    name: str
    category: str | None
    aliases: tuple[str, ...]
    basis: tuple[str, ...]
    issuer: str | None
    alternative: str | None
    materials: tuple[str, ...]
    procedure: str | None
    online: str | None
    retired: bool


@dataclass(frozen=True, slots=True)
class Certificate:
    """What a village may do about one certificate: ALLOWED, FORBIDDEN or, on no list that reaches it, UNLISTED."""

    status: str
    matter: str | None  # None: an item that no matter known here matches
    name: str
    list: str | None
    item: str | None
    issuer: str | None
    alternative: str | None
    materials: tuple[str, ...]
    procedure: str | None
    online: str | None
    basis: tuple[str, ...]
    texts: tuple[str, ...]  # what it is called: its names, aliases, the items' names and terms


@dataclass(frozen=True, slots=True)
class VillageCertificates:
    """The lists that reach a village, nearest first, and the certificates on them."""

    lists: tuple[Listed, ...]
    certificates: tuple[Certificate, ...]

    @property
    def closed(self) -> tuple[Listed, ...]:
        """The closed positive lists: what is on none of them is off the list."""
        return tuple(listed for listed in self.lists if listed.positive and listed.closed)


REACHING: Final = f"""
WITH RECURSIVE {territory.REQUESTED}, {territory.UP}, {reach.SCOPE},
{reaching("l.covers = $4")},
near AS (
    SELECT n.code, min(up.depth) AS depth
    FROM scope s JOIN up ON up.code = s.government, unnest(s.codes) AS n (code) GROUP BY n.code
)
SELECT r.code AS list, r.title, r.polarity = 'positive' AS positive, r.closed, r.instrument, r.valid_from AS since,
    coalesce(n.depth, {FARTHEST}) AS steps, i.item, i.name, i.matter, i.category, i.terms, i.issuer, i.alternative,
    i.position
FROM requested a
LEFT JOIN reaching r ON true
LEFT JOIN near n ON n.code = r.scope
LEFT JOIN LATERAL (SELECT * FROM item i WHERE i.list = r.code AND {at("i")} OFFSET 0) i ON true
WHERE a.level = 'village'
"""

MATTERS: Final = f"""
SELECT m.code, m.name, m.category, m.aliases, m.basis, m.issuer, m.alternative, m.materials, m.procedure, m.online,
    m.retired
FROM matter m WHERE m.kind = 'certificate' AND {at("m")} ORDER BY m.code
"""


async def items(
    reader: Reader, moment: AsOf, village: str, covers: str = "certificate"
) -> tuple[tuple[Listed, ...], tuple[Item, ...]]:
    """The lists of certificates that reach a village, nearest first, and their items. Raises UnknownVillage.

    `covers`: the lists of another kind of matter.
    """
    rows = await reader.fetch(REACHING, moment.valid_at, moment.known_at, [village], covers)
    if not rows:
        raise UnknownVillage(village, moment.valid_at)
    lists: dict[str, Listed] = {}
    results: dict[tuple[str, str], Item] = {}
    for row in rows:
        code = row["list"]
        if code is None:
            continue
        if code not in lists or row["steps"] < lists[code].steps:
            lists[code] = as_part(Listed, row)
        if row["item"] is not None:
            item = {**row, "of": lists[code], "terms": tuple(row["terms"] or ())}
            results[code, row["item"]] = as_part(Item, item)
    ordered = sorted(lists.values(), key=lambda listed: (listed.steps, -listed.since.toordinal(), listed.list))
    return tuple(ordered), tuple(sorted(results.values(), key=lambda item: item.order))


async def matters(reader: Reader, moment: AsOf) -> tuple[Matter, ...]:
    """Every matter of kind certificate, by code."""
    rows = await reader.fetch(MATTERS, moment.valid_at, moment.known_at)
    arrays = ("aliases", "basis", "materials")
    return tuple(as_object(Matter, {**row, **{name: tuple(row[name]) for name in arrays}}) for row in rows)


def certificates_of_village(
    lists: Sequence[Listed], on_lists: Iterable[Item], known: Iterable[Matter]
) -> VillageCertificates:
    """What the items say of each certificate that they match, and of what no certificate known here stands for.

    An item matches by matter, category, or a term contained in a name or alias (contract, section 3). Negative goes
    before positive. Where several items of the deciding polarity match, the nearest list's speaks: its item is named;
    issuer and alternative are those of the nearest item that gives one, else the matter's.
    """
    by_matter: dict[str, list[Item]] = defaultdict(list)
    by_category: dict[str, list[Item]] = defaultdict(list)
    by_term: list[Item] = []
    for item in on_lists:
        if item.matter is not None:
            by_matter[item.matter].append(item)
        elif item.category is not None:
            by_category[item.category].append(item)
        else:
            by_term.append(item)
    results: list[Certificate] = []
    for matter in known:
        names = (matter.name, *matter.aliases)
        matched = [*by_matter.get(matter.code, ()), *by_category.get(matter.category or "", ())]
        matched += [item for item in by_term if any(term in name for term in item.terms for name in names)]
        if matched:
            results.append(_of_matter(matter, sorted(matched, key=lambda item: item.order)))
    # An item by category or terms also stands for itself: more certificates go by its words than are known here.
    results += [_of_item(item) for item in (*(item for of in by_category.values() for item in of), *by_term)]
    return VillageCertificates(tuple(lists), tuple(results))


def unlisted(matter: Matter) -> Certificate:
    """A certificate that is on no list that reaches the village."""
    return Certificate(
        "UNLISTED",
        matter.code,
        matter.name,
        None,
        None,
        matter.issuer,
        matter.alternative,
        matter.materials,
        matter.procedure,
        matter.online,
        matter.basis,
        (matter.name, *matter.aliases),
    )


def _of_matter(matter: Matter, matched: list[Item]) -> Certificate:
    deciding = [item for item in matched if not item.of.positive] or matched
    nearest = deciding[0]
    return Certificate(
        "ALLOWED" if nearest.of.positive else "FORBIDDEN",
        matter.code,
        matter.name,
        nearest.of.list,
        nearest.item,
        next((item.issuer for item in deciding if item.issuer), matter.issuer),
        next((item.alternative for item in deciding if item.alternative), matter.alternative),
        matter.materials,
        matter.procedure,
        matter.online,
        tuple(dict.fromkeys([*(item.of.instrument for item in deciding), *matter.basis])),
        # The items' names are its names too: lists call it as their people do. Those by category name a kind of it.
        tuple(dict.fromkeys([matter.name, *matter.aliases, *(item.name for item in matched if item.matter)])),
    )


def _of_item(item: Item) -> Certificate:
    return Certificate(
        "ALLOWED" if item.of.positive else "FORBIDDEN",
        None,
        item.name,
        item.of.list,
        item.item,
        item.issuer,
        item.alternative,
        (),
        None,
        None,
        (item.of.instrument,),
        tuple(dict.fromkeys([item.name, *item.terms])),
    )
