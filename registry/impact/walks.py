"""What a search for units reads of the log: by its own statements, or out of what many searches share."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from itertools import chain
from typing import Any, Final, LiteralString, NamedTuple

from cachetools import LRUCache

from registry.impact.reachable_units import (
    EACH,
    FAMILY,
    IN_FORCE,
    LIST,
    MEMBERS,
    TRANSFER,
    ListRow,
    LogWindow,
    Transfer,
)
from registry.relations.two_times import known_between

# Walks and reaches of lists that are kept while a search goes on.
LAST: Final = 256
_BY_GRANTOR: Final[LiteralString] = (
    "assigns IS NOT NULL AND covers = 'power' AND "
    + IN_FORCE
    + " AND code IN (SELECT list FROM item i WHERE i.grantor = ANY(%(grantors)s)"
    " AND (%(power)s::text IS NULL OR i.matter = %(power)s) AND " + known_between("i") + ")"
)


class Walks:
    """By statements over the window of one search; walks and reaches of lists are kept while it goes on."""

    def __init__(self, window: LogWindow, kept: int = LAST) -> None:
        """`kept`: how many walks at most."""
        self.window = window
        # A sheet of hundreds of items asks of one list, and of those that it reaches, the same again for each.
        self.reaching: LRUCache[tuple[ListRow, bool], frozenset[str]] = LRUCache(LAST)
        self._walked: LRUCache[tuple[str, frozenset[str]], frozenset[str]] = LRUCache(kept)

    def units(self, walk: LiteralString, codes: Collection[str]) -> frozenset[str]:
        """The units that a walk from these leads to."""
        start = walk, frozenset(codes)
        if (reached := self._walked.get(start)) is None:
            reached = self._walked[start] = frozenset(self.window.units(walk, start[1]))
        return reached

    def transfers(self, refs: Collection[str], window: LogWindow) -> list[Transfer]:
        """These delegations as they were known in a window."""
        return window.transfers("ref = ANY(%(refs)s)", refs=sorted(refs))

    def ordered(self, refs: Collection[str], window: LogWindow) -> list[tuple[str, str | None]]:
        """The units of these where they are orders to put right, or demands, with what is demanded."""
        order: LiteralString = "SELECT unit, NULL FROM rectification WHERE ref = ANY(%(refs)s) AND " + known_between()
        demand: LiteralString = "SELECT recipient, matter FROM demand WHERE ref = ANY(%(refs)s) AND " + known_between()
        return [(unit, matter) for unit, matter in window.rows(f"{order} UNION {demand}", refs=sorted(refs))]

    def passed_on(self, refs: Collection[str], window: LogWindow) -> list[Transfer]:
        """The duties and burdens that pass one of these on, by its ref."""
        return window.transfers("under = ANY(%(refs)s) AND kind <> 'power'", refs=sorted(refs))

    def sent(self, senders: Collection[str], matter: str | None, window: LogWindow) -> list[Transfer]:
        """The duties and burdens that these handed down of a matter (or of all)."""
        return window.transfers(
            "sender = ANY(%(senders)s) AND kind <> 'power' AND (%(matter)s::text IS NULL OR matter = %(matter)s)",
            senders=sorted(senders),
            matter=matter,
        )

    def granted(self, senders: Collection[str], power: str | None, window: LogWindow) -> list[Transfer]:
        """The grants of a power (or of any) by these."""
        return window.transfers(
            "sender = ANY(%(senders)s) AND kind = 'power' AND (%(power)s::text IS NULL OR matter = %(power)s) AND "
            + IN_FORCE,
            senders=sorted(senders),
            power=power,
        )

    def granting_lists(self, grantors: Collection[str], power: str | None, window: LogWindow) -> list[ListRow]:
        """The lists by which these grant a power (or any)."""
        return window.lists(_BY_GRANTOR, grantors=sorted(grantors), power=power)

    def lists(self, code: str, window: LogWindow) -> list[ListRow]:
        """A list, as it was known in a window."""
        return window.lists("code = %(list)s", list=code)

    def item_matters(self, listed: str, item: str, window: LogWindow) -> set[str]:
        """The matters of an item of a list."""
        matter: LiteralString = (
            "SELECT matter FROM item WHERE list = %(list)s AND item = %(item)s AND matter IS NOT NULL AND "
        )
        return {row[0] for row in window.rows(matter + known_between(), list=listed, item=item)}


class Named(NamedTuple):
    """What the decisions of many searches are about: refs, codes of lists, and of units that are registered."""

    refs: frozenset[str]
    lists: frozenset[str]
    units: frozenset[str]

    @classmethod
    def of(cls, keys: Iterable[tuple[str, Sequence[str]]]) -> Named:
        """Out of the keys of decisions: a kind and its codes."""
        by_kind: dict[str, set[str]] = defaultdict(set)
        for kind, codes in keys:
            # The key of an item is that of its list and its own.
            by_kind[kind].update(codes if kind == "ref" else codes[:1])
        lists = by_kind["list"] | by_kind["item"]
        return cls(frozenset(by_kind["ref"]), frozenset(lists), frozenset(by_kind["unit"]))


class _Known(NamedTuple):
    """Something with the positions between which the log knew it so: the first, and the one after the last."""

    what: Any
    since: int
    until: int

    def within(self, window: LogWindow) -> bool:
        return self.since <= window.after and self.until > window.before


class Shared(Walks):
    """What searches share that lie within one window: read for all that they are about when one of them asks first.

    It may lead to units that are none yet at the time of a search, and to grants that are over by then.
    """

    def __init__(self, window: LogWindow, named: Named, kept: int = LAST) -> None:
        super().__init__(window, kept)
        self._named = named
        self._each: dict[str, dict[str, frozenset[str]]] = defaultdict(dict)
        self._matters: dict[str, set[tuple[bool, str]]] = {}  # of a sender: whether it is a power, and which
        self._sent: dict[tuple[str, str], list[_Known]] = {}
        self._under: dict[str, list[_Known]] = {}
        self._lists: dict[str, list[_Known]] | None = None
        self._items: dict[tuple[str, str], list[_Known]] = defaultdict(list)
        self._grantors: set[str] | None = None
        refs = sorted(named.refs)
        ordered: LiteralString = "SELECT ref FROM rectification WHERE ref = ANY(%(refs)s) AND " + known_between()
        demand: LiteralString = "SELECT ref FROM demand WHERE ref = ANY(%(refs)s) AND " + known_between()
        self._orders = {row[0] for row in window.rows(f"{ordered} UNION {demand}", refs=refs)} if refs else set[str]()
        self._transfers: defaultdict[str, list[_Known]] = defaultdict(list)
        for known in self._read("ref", refs):
            self._transfers[known.what.ref].append(known)
        self.expected = named.units | {known.what.recipient for of in self._transfers.values() for known in of}

    def _read(self, column: LiteralString, names: Collection[str]) -> list[_Known]:
        """The delegations of which a column is among these."""
        if not names:
            return []
        statement: LiteralString = f"SELECT DISTINCT {TRANSFER}, known_from, known_to FROM delegation WHERE "
        statement += f"{column} = ANY(%(names)s) AND " + known_between()
        rows = self.window.rows(statement, names=sorted(names))
        return [_Known(_transfer(*what), since, until) for *what, since, until in rows]

    def units(self, walk: LiteralString, codes: Collection[str]) -> frozenset[str]:
        """The units that a walk from these leads to."""
        if walk not in EACH:
            return super().units(walk, codes)
        each = self._each[walk]
        if any(code not in each for code in codes):
            missing = (self.expected | set(codes)) - each.keys()
            reached: dict[str, set[str]] = {code: set() for code in missing}
            for start, code in self.window.rows(EACH[walk], codes=sorted(missing)):
                reached[start].add(code)
            each |= {code: frozenset(units) for code, units in reached.items()}
        if len(codes) == 1:
            return each[next(iter(codes))]
        return frozenset(chain.from_iterable(each[code] for code in codes))

    def transfers(self, refs: Collection[str], window: LogWindow) -> list[Transfer]:
        """These delegations as they were known in a window."""
        if not self._named.refs.issuperset(refs):
            return super().transfers(refs, window)
        return _within(window, (self._transfers[ref] for ref in refs if ref in self._transfers))

    def ordered(self, refs: Collection[str], window: LogWindow) -> list[tuple[str, str | None]]:
        """The units of these where they are orders to put right, or demands, with what is demanded."""
        if self._named.refs.issuperset(refs) and self._orders.isdisjoint(refs):
            return []
        return super().ordered(refs, window)

    def passed_on(self, refs: Collection[str], window: LogWindow) -> list[Transfer]:
        """The duties and burdens that pass one of these on, by its ref."""
        if any(ref not in self._under for ref in refs):
            missing = (self._named.refs | set(refs)) - self._under.keys()
            self._under |= {ref: [] for ref in missing}
            statement: LiteralString = f"SELECT DISTINCT {TRANSFER}, known_from, known_to, under FROM delegation"
            statement += " WHERE under = ANY(%(refs)s) AND kind <> 'power' AND "
            for *row, since, until, under in self.window.rows(statement + known_between(), refs=sorted(missing)):
                self._under[under].append(_Known(_transfer(*row), since, until))
        return _within(window, (self._under[ref] for ref in refs))

    def _of_senders(self, senders: Collection[str]) -> Mapping[str, set[tuple[bool, str]]]:
        """What each of these (and more) ever handed down: whether a power, and which matter."""
        if any(sender not in self._matters for sender in senders):
            missing = (self.expected | set(senders)) - self._matters.keys()
            self._matters |= {unit: set() for unit in missing}
            query: LiteralString = "SELECT DISTINCT sender, kind = 'power', matter FROM delegation WHERE "
            query += "sender = ANY(%(senders)s) AND " + known_between()
            for sender, power, matter in self.window.rows(query, senders=sorted(missing)):
                self._matters[sender].add((power, matter))
        return self._matters

    def sent(self, senders: Collection[str], matter: str | None, window: LogWindow) -> list[Transfer]:
        """The duties and burdens that these handed down of a matter (or of all)."""
        of_senders = self._of_senders(senders)
        if matter is None:
            having = [sender for sender in senders if any(not power for power, _ in of_senders[sender])]
            return super().sent(having, matter, window) if having else []
        wanted = [(sender, matter) for sender in senders if (False, matter) in of_senders[sender]]
        if any(pair not in self._sent for pair in wanted):
            self._read_sent({*wanted, *self._expected_pairs()})
        return _within(window, (self._sent[pair] for pair in wanted))

    def _expected_pairs(self) -> Iterable[tuple[str, str]]:
        """Of which senders and matters the searches for what is named will ask: for each matter its members'."""
        pairs = {
            (known.what.recipient, known.what.matter)
            for of in self._transfers.values()
            for known in of
            if known.what.kind != "power"
        }
        self.units(FAMILY, self.expected)
        self.units(MEMBERS, self.expected)
        every = [
            (sender, matter)
            for unit, matter in pairs
            for sender in self.units(FAMILY, [unit]) | self.units(MEMBERS, [unit])
        ]
        of_senders = self._of_senders({sender for sender, _ in every})
        return (pair for pair in every if (False, pair[1]) in of_senders[pair[0]])

    def _read_sent(self, pairs: Collection[tuple[str, str]]) -> None:
        missing = sorted({*pairs} - self._sent.keys())
        self._sent |= {pair: [] for pair in missing}
        statement: LiteralString = f"""
            SELECT DISTINCT {TRANSFER}, known_from, known_to
            FROM (
                SELECT sender COLLATE "C" AS wanted, matter COLLATE "C" AS of
                FROM unnest(%(senders)s::text[], %(matters)s::text[]) AS wanted (sender, matter)
            ) AS wanted
            CROSS JOIN LATERAL (
                SELECT d.* FROM delegation d
                WHERE d.sender = wanted.wanted AND d.matter = wanted.of AND d.kind <> 'power'
                  AND {known_between("d")} OFFSET 0
            ) AS d
        """
        senders, matters = [pair[0] for pair in missing], [pair[1] for pair in missing]
        for *row, since, until in self.window.rows(statement, senders=senders, matters=matters):
            transfer = _transfer(*row)
            self._sent[transfer.sender, transfer.matter].append(_Known(transfer, since, until))

    def granted(self, senders: Collection[str], power: str | None, window: LogWindow) -> list[Transfer]:
        """The grants of a power (or of any) by these."""
        of_senders = self._of_senders(senders)
        having = [
            sender
            for sender in senders
            if any(is_power and power in (None, matter) for is_power, matter in of_senders[sender])
        ]
        return super().granted(having, power, window) if having else []

    def granting_lists(self, grantors: Collection[str], power: str | None, window: LogWindow) -> list[ListRow]:
        """The lists by which these grant a power (or any)."""
        if self._grantors is None:
            query: LiteralString = "SELECT DISTINCT grantor FROM item WHERE grantor IS NOT NULL AND "
            self._grantors = {row[0] for row in self.window.rows(query + known_between())}
        having = self._grantors.intersection(grantors)
        return super().granting_lists(having, power, window) if having else []

    def lists(self, code: str, window: LogWindow) -> list[ListRow]:
        """A list, as it was known in a window."""
        if code not in self._named.lists:
            return super().lists(code, window)
        return _within(window, [self._read_lists()[code]])

    def item_matters(self, listed: str, item: str, window: LogWindow) -> set[str]:
        """The matters of an item of a list."""
        if listed not in self._named.lists:
            return super().item_matters(listed, item, window)
        self._read_lists()
        return set(_within(window, [self._items.get((listed, item), [])]))

    def _read_lists(self) -> dict[str, list[_Known]]:
        """The lists that are named, and their items."""
        if self._lists is None:
            self._lists = {code: [] for code in self._named.lists}
            lists: LiteralString = f"SELECT {LIST}, known_from, known_to FROM list WHERE code = ANY(%(codes)s) AND "
            for *row, since, until in self.window.rows(lists + known_between(), codes=sorted(self._named.lists)):
                self._lists[row[0]].append(_Known(_list(*row), since, until))
            items: LiteralString = "SELECT list, item, matter, known_from, known_to FROM item"
            items += " WHERE list = ANY(%(codes)s) AND matter IS NOT NULL AND " + known_between()
            for code, item, *known in self.window.rows(items, codes=sorted(self._named.lists)):
                self._items[code, item].append(_Known(*known))
        return self._lists


def _within(window: LogWindow, known: Iterable[list[_Known]]) -> list[Any]:
    """What the log knew in a window, each once."""
    return list({each.what: None for of in known for each in of if each.within(window)})


def _transfer(ref: str, kind: str, matter: str, sender: str, recipient: str, returned: bool) -> Transfer:
    return Transfer(ref=ref, kind=kind, matter=matter, sender=sender, recipient=recipient, returned=returned)


def _list(code: str, polarity: str, covers: str, audience: str, scope: str | None, assigns: str | None) -> ListRow:
    return ListRow(code=code, polarity=polarity, covers=covers, audience=audience, scope=scope, assigns=assigns)
