"""Bases that are law no more on a day: documents on which something rests, and articles that matters cite.

What the registry has recorded of a document counts, and what the program knows of it (`registry.laws`), so that a
county is told before it has recorded a repeal. A document that was re-enacted is told too, for a new one is to be
cited; what was decided under it stands.
"""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any, Final, Literal, NamedTuple

from registry.laws import Law, laws, plain
from registry.queries.lists.lists import notes
from registry.relations.two_times import AsOf, Reader, at, known

What = Literal["list", "item", "delegation", "vesting", "matter"]
Why = Literal["repealed", "overtaken", "renumbered"]

_CITED: Final = re.compile(r"《([^》]+)》(?:（([^）]*)）)?((?:第[一二三四五六七八九十百千零]+条、?)*)")


@dataclass(frozen=True, slots=True)
class ExpiredBasis:
    """A basis that is law no more: of what, since when and why, and what is to be cited.

    `subject`: the list's code, LIST#ITEM, the ref, POWER#UNIT, the matter's code; `cites`: the basis as recorded;
    `replacement`: what replaced it, None where that is not known; `reenacted`: what was decided under it stands.
    """

    what: What
    subject: str
    name: str
    cites: str
    why: Why
    since: date
    replacement: str | None
    reenacted: bool


class _Document(NamedTuple):
    number: str
    title: str
    ended: date | None
    replaced_by: str | None
    reenacted: bool


_INSTRUMENTS: Final = f"""
SELECT i.number, i.title, nullif(i.valid_to, 'infinity') AS ended, i.replaced_by, i.reenacted
FROM instrument i WHERE $1::date IS NOT NULL AND {known("i")}
"""
_RESTING: Final = f"""
SELECT 'delegation' AS what, d.ref AS subject, coalesce(m.name, d.matter) AS name, d.instrument AS number
FROM delegation d LEFT JOIN matter m ON m.code = d.matter AND {at("m")}
WHERE d.instrument = ANY($3::text[]) AND ($4::text[] IS NULL OR d.sender = ANY ($4) OR d.recipient = ANY ($4))
    AND {at("d")} AND coalesce(d.until, 'infinity') > $1
    AND coalesce(d.ended, 'infinity') > $1
UNION ALL
SELECT 'list', l.code, l.title, l.instrument FROM list l WHERE l.instrument = ANY($3::text[]) AND {at("l")}
UNION ALL
SELECT 'vesting', v.power || '#' || v.unit, coalesce(m.name, v.power), v.instrument
FROM vesting v LEFT JOIN matter m ON m.code = v.power AND {at("m")}
WHERE v.instrument = ANY($3::text[]) AND ($4::text[] IS NULL OR v.unit = ANY ($4)) AND {at("v")}
ORDER BY 1, 2
"""
# Since when a matter has the basis that it has on the day: it was given another before, or began.
_MATTERS: Final = f"""
SELECT m.code, m.name, m.basis, greatest(
        (SELECT max(o.valid_to) FROM matter o
            WHERE o.code = m.code AND o.basis <> m.basis AND o.valid_to <= m.valid_from AND {known("o")}),
        (SELECT min(o.valid_from) FROM matter o WHERE o.code = m.code AND o.in_law AND {known("o")})
    ) AS stated
FROM matter m WHERE m.in_law AND m.basis <> '{{}}' AND {at("m")} ORDER BY m.code
"""


# Items of a territory's lists: by what each is listed their notes say, where their matter says otherwise: a line as
# imports write it, 设定依据：《…》第十条, up to the next label.
_ITEMS: Final = f"""
SELECT i.list || '#' || i.item AS code, i.name, i.position, i.valid_from AS stated
FROM item i JOIN list l ON l.code = i.list AND {at("l")}
WHERE l.scope IS NOT NULL AND {at("i")} ORDER BY i.list, i.item
"""
_BASIS_NOTED: Final = re.compile(r"(?:^|\n)设定依据：(.*?)(?=\n[^\n《》：]{2,14}：|\Z)", re.DOTALL)


async def expired_bases(reader: Reader, moment: AsOf, seen: Sequence[str] | None = None) -> list[ExpiredBasis]:
    """Everything in force on the day of which the basis is not, or has another number: lists and their items first.

    Matters come last. An item is told for the basis that it has of its own; what its matter cites, of the matter.

    `seen`: of delegations and vestings those alone that concern one of these units.
    """
    day = moment.valid_at
    rows = await reader.fetch(_INSTRUMENTS, day, moment.known_at)
    documents = {row["number"]: _known(_Document(**dict(row)), day) for row in rows}
    gone = [number for number, paper in documents.items() if paper.ended is not None and paper.ended <= day]
    resting = await reader.fetch(_RESTING, day, moment.known_at, gone, seen) if gone else []
    expired = [_rests(row, documents) for row in resting]
    titles = _by_title(documents)
    for row in await reader.fetch(_MATTERS, day, moment.known_at):
        expired += _of_matter(row, titles, day)
    expired += [one async for one in _of_items(reader, moment, titles)]
    order = {"list": 0, "item": 1, "delegation": 2, "vesting": 3, "matter": 4}
    return sorted(expired, key=lambda each: (order[each.what], each.subject, each.cites))


async def _of_items(reader: Reader, moment: AsOf, titles: _Cited) -> AsyncIterator[ExpiredBasis]:
    """What is wrong with the bases that items have of their own."""
    rows = await reader.fetch(_ITEMS, moment.valid_at, moment.known_at)
    noted = await notes(reader, [row["position"] for row in rows], moment.known_at) if rows else {}
    for row in rows:
        basis = _BASIS_NOTED.search(noted.get(row["position"], ""))
        if basis is not None:
            for one in _of_matter({**dict(row), "basis": [basis[1]]}, titles, moment.valid_at):
                yield replace(one, what="item")


def _of_matter(row: Mapping[str, Any], titles: _Cited, day: date) -> Iterator[ExpiredBasis]:
    whole = "".join(row["basis"])
    for cited in _CITED.finditer(whole):
        expired = _cited(cited, titles, day, row["stated"])
        if expired is None:
            continue
        # What was overtaken may be cited beside what overtook it.
        later = (expired.replacement or "").partition("》")[0]
        if expired.why != "overtaken" or later not in whole:
            yield replace(expired, subject=row["code"], name=row["name"])


def _known(paper: _Document, day: date) -> _Document:
    """The document as recorded; where its end is not recorded, with the end that the program knows of."""
    law = laws().get(paper.number)
    if law is None or law.repealed is None or paper.ended is not None or law.repealed > day:
        return paper
    return paper._replace(ended=law.repealed, replaced_by=law.replaced_by, reenacted=law.reenacted)


def _rests(row: Mapping[str, Any], documents: Mapping[str, _Document]) -> ExpiredBasis:
    paper = documents[row["number"]]
    assert paper.ended is not None
    later = documents.get(paper.replaced_by or "") or laws().get(paper.replaced_by or "")
    title = None if later is None else later.title
    replacement = None if title is None else _named(title, paper.replaced_by or "")
    return ExpiredBasis(
        row["what"], row["subject"], row["name"], _named(paper.title, paper.number), "repealed", paper.ended,
        replacement, paper.reenacted,
    )  # fmt: skip


def _named(title: str, number: str) -> str:
    """A document with its number, where that is one; some go by their name and year."""
    return f"《{plain(title)}》" + ("" if number.startswith(plain(title)) else f"（{number}）")


class _Cited(NamedTuple):
    """Laws by their plain titles, oldest first, and the plain titles by number."""

    texts: dict[str, list[Law]]
    names: dict[str, str]


def _by_title(documents: Mapping[str, _Document]) -> _Cited:
    """The laws that the program knows and those of the registry, with the ends that either has."""
    titles: dict[str, list[Law]] = {}
    for law in laws().values():
        paper = documents.get(law.number)
        if paper is not None and paper.ended is not None and law.repealed is None:
            law = law._replace(repealed=paper.ended, replaced_by=paper.replaced_by)  # noqa: PLW2901
        titles.setdefault(law.name, []).append(law)
    for paper in documents.values():
        if paper.number not in laws() and paper.ended is not None:
            gone = Law(
                paper.number, paper.title, "", date.min, (), paper.ended, None, paper.replaced_by, paper.reenacted, {}
            )
            titles.setdefault(gone.name, []).append(gone)
        elif paper.number not in laws():
            there = Law(paper.number, paper.title, "", date.min, (), None, None, None, False, {})
            titles.setdefault(there.name, []).append(there)
    for of_title in titles.values():
        of_title.sort(key=lambda law: law.since)
    return _Cited(titles, {law.number: name for name, texts in titles.items() for law in texts})


def _cited(cited: re.Match[str], titles: _Cited, day: date, stated: date) -> ExpiredBasis | None:
    """What is wrong on the day with one citation, stated as a basis on a day; None where it is law."""
    texts = [law for law in titles.texts.get(plain(cited[1]), ()) if law.since <= day]
    articles = [article for article in cited[3].split("、") if article]
    if not texts:
        return None
    current = [law for law in texts if law.repealed is None or law.repealed > day]
    if not current:
        law = texts[-1]
        assert law.repealed is not None
        return _expired(cited[0], law, "repealed", law.repealed, articles, titles.names)
    law = current[-1]
    before = [old for old in texts if old.repealed is not None and stated < old.repealed <= day]
    if articles and before and before[-1] is not law:
        return _renumbered(cited[0], before[-1], law, articles)
    turned = [text for text in law.texts if stated < text <= day]
    if articles and len(law.texts) > 1 and turned and turned[-1] != law.texts[0]:
        return ExpiredBasis("matter", "", "", cited[0], "renumbered", turned[-1], None, False)
    if law.overtaken is not None and law.overtaken <= day:
        return _expired(cited[0], law, "overtaken", law.overtaken, articles, titles.names)
    return None


def _renumbered(text: str, old: Law, law: Law, articles: Sequence[str]) -> ExpiredBasis | None:
    """An article of a law that was replaced by one of the same name."""
    if all(old.renumbered.get(article) == article for article in articles):
        return None
    assert old.repealed is not None
    numbers = _moved(old, articles)
    replacement = f"《{law.name}》{numbers}" if numbers else None
    return ExpiredBasis("matter", "", "", text, "renumbered", old.repealed, replacement, True)


def _expired(
    text: str, law: Law, why: Why, since: date, articles: Sequence[str], names: Mapping[str, str]
) -> ExpiredBasis:
    name = names.get(law.replaced_by or "")
    replacement = None if name is None else f"《{name}》{_moved(law, articles) or ''}"
    return ExpiredBasis("matter", "", "", text, why, since, replacement, law.reenacted)


def _moved(law: Law, articles: Sequence[str]) -> str | None:
    """Where the articles went, None where that was not read of one of them."""
    if not articles or not all(article in law.renumbered for article in articles):
        return None
    return "、".join(dict.fromkeys(number for article in articles for number in law.renumbered[article].split("、")))
