"""How messages name things: so that a cadre who reads one knows the unit, the matter and the document."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from registry.checker.rule import Hits
from registry.domain import words
from registry.domain.labels import INSTRUMENT_KIND
from registry.domain.text import Text
from registry.relations.powers import subject
from registry.snapshot.columns import Snapshot


def unit(snapshot: Snapshot, index: int) -> str:
    """A unit's name on the day."""
    return snapshot.units.name[index] if index >= 0 else "——"


def units(snapshot: Snapshot, indexes: list[int]) -> Text:
    """Several units' names; more than five are counted."""
    names = [unit(snapshot, index) for index in indexes[:5]]
    if len(indexes) > len(names):
        return Text(f"{'、'.join(names)}等{len(indexes)}个单位", f"{', '.join(names)} … ({len(indexes)} units)")
    return Text("、".join(names), ", ".join(names))


def by_code(snapshot: Snapshot, indexes: Iterable[int]) -> list[int]:
    """Units in the order of their codes: that of a snapshot is whatever the database read them in."""
    return sorted(indexes, key=lambda index: snapshot.units.code[index])


def matter(snapshot: Snapshot, index: int) -> Text:
    """A matter's name, quoted."""
    name = quoted(snapshot.matters.name[index])
    return Text(name, name)


def quoted(name: str) -> str:
    """A name in quotes; those that it has itself become single ones (GB/T 15834)."""
    return f"“{name.replace('“', '‘').replace('”', '’')}”"


def matters(snapshot: Snapshot, indexes: list[int]) -> Text:
    """Several matters' names, quoted."""
    return Text("".join(matter(snapshot, p).zh for p in indexes), ", ".join(matter(snapshot, p).en for p in indexes))


def document(snapshot: Snapshot, index: int) -> str:
    """A document's title and number, as it is cited in Chinese."""
    if index < 0:
        return "——"
    return f"《{snapshot.instruments.title[index].strip('《》')}》（{snapshot.instruments.number[index]}）"


def source(snapshot: Snapshot, delegation: int, item: int) -> Text:
    """What a holding comes from: the delegation with its number and sender, or the item of a list."""
    if delegation >= 0:
        sender = unit(snapshot, int(snapshot.delegations.sender_named[delegation]))
        ref = snapshot.delegations.ref[delegation]
        paper = document(snapshot, int(snapshot.delegations.instrument[delegation]))
        return Text(f"{sender}依据{paper}（{ref}）", f"by {sender} under {paper} ({ref})")
    listed = int(snapshot.items.list[item])
    title, name = snapshot.lists.title[listed].strip("《》"), quoted(snapshot.items.name[item])
    key = subject(snapshot, -1, item)
    return Text(f"《{title}》{name}一项（{key}）", f"by the item {name} of 《{title}》 ({key})")


def hit(hits: Hits, row: int) -> tuple[int, int, int]:
    """The unit, delegation and item of one hit as plain integers."""
    return int(hits.unit[row]), int(hits.delegation[row]), int(hits.item[row])


def day(ordinal: int) -> str:
    """A day of a snapshot as YYYY-MM-DD."""
    return date.fromordinal(ordinal).isoformat()


def fit_kinds(kinds: frozenset[str]) -> Text:
    """Kinds of document, in the contract's order."""
    named = [INSTRUMENT_KIND[kind] for kind in words.INSTRUMENT_KINDS if kind in kinds]
    return Text("、".join(kind.zh for kind in named), ", ".join(kind.en for kind in named))
