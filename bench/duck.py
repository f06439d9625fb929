"""The four relations of the checker that SQL can report, in DuckDB beside our own: the same columns, the same answers.

The tables are the snapshot's columns, in memory. DuckDB is given more than that for nothing: who is above whom is laid
out, and that no unit of the bench's journal was ever dissolved spares it the days on which units are read.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

import duckdb
import numpy as np

from registry import law
from registry.checker.rule import Hits
from registry.domain import words
from registry.relations.columns import (
    INSTRUMENT_KIND,
    LEVEL,
    MATTER_KIND,
    MODE,
    POWER_KIND,
    ROLE,
    UNIT_KIND,
    expand_ranges,
)
from registry.snapshot import Snapshot
from registry.snapshot.past import past

Keys = set[tuple[int, int, int]]  # unit, delegation, item: places in the snapshot

# The codes of words, as the snapshot has them: {duty}, {power}, {lead} …
_CODES: Final = {
    **{f"kind_{word}": index for word, index in UNIT_KIND.items()},
    **{f"level_{word}": index for word, index in LEVEL.items()},
    **MATTER_KIND,
    **{f"role_{word}": index for word, index in ROLE.items()},
    "entrusted": MODE["entrusted"],
}

_ASSIGNED = """
    assigned AS (
        SELECT u.unit, -1 AS delegation, i.item, i.matter, l.role
        FROM item i JOIN list l USING (list)
        JOIN unit u ON u.level = l.audience AND u.kind IN ({kind_government}, {kind_village})
        LEFT JOIN above a ON a.unit = u.unit AND a.ancestor = l.scope
        WHERE i.matter >= 0 AND l.positive AND l.role >= 0 AND (l.scope = -1 OR a.unit IS NOT NULL)
    )
"""

_DUTY_WITHOUT_POWER = (
    """
WITH RECURSIVE granted AS (
        SELECT sender AS grantor, recipient, matter AS power, mode, instrument FROM delegation
        WHERE kind = {power} AND matter >= 0 AND sender >= 0
      UNION ALL
        SELECT i.grantor, u.unit, i.matter, l.mode, l.instrument
        FROM item i JOIN list l USING (list)
        JOIN unit u ON u.level = l.audience AND u.kind = {kind_government}
        LEFT JOIN above a ON a.unit = u.unit AND a.ancestor = l.scope
        WHERE i.matter >= 0 AND l.positive AND l.mode >= 0 AND i.grantor >= 0
          AND (l.scope = -1 OR a.unit IS NOT NULL)
    ),
    usable AS (
        SELECT g.grantor, g.recipient, g.power, g.mode
        FROM granted g
        JOIN instrument n ON n.instrument = g.instrument AND n.in_force
        JOIN matter m ON m.matter = g.power
        JOIN fit f ON f.power_kind = m.power_kind AND f.kind = n.kind AND f.entrusted = (g.mode = {entrusted})
        JOIN unit u ON u.unit = g.grantor AND u.level <> {level_village}
        JOIN unit r ON r.unit = g.recipient AND r.level <> {level_village}
    ),
    outright AS (
        SELECT DISTINCT u.unit, l.matter AS power
        FROM (SELECT DISTINCT grantor AS unit, power FROM usable) g
        JOIN unit u USING (unit)
        JOIN lawful l ON l.matter = g.power AND l.level = u.level AND l.function = u.function
      UNION
        SELECT unit, power FROM vested
    ),
    may_grant (unit, power) AS (
        SELECT unit, power FROM outright
      UNION
        SELECT g.recipient, g.power
        FROM may_grant h JOIN usable g ON g.grantor = h.unit AND g.power = h.power AND g.mode <> {entrusted}
    ),
    given AS (
        SELECT DISTINCT g.recipient AS unit, g.power
        FROM usable g JOIN may_grant h ON h.unit = g.grantor AND h.power = g.power
    ),
    """
    + _ASSIGNED.strip()
    + """,
    leads AS (
        SELECT recipient AS unit, delegation, -1 AS item, matter FROM delegation
        WHERE kind = {duty} AND role = {role_lead} AND matter >= 0
      UNION ALL
        SELECT unit, delegation, item, matter FROM assigned WHERE role = {role_lead}
    ),
    needed AS (
        SELECT l.unit, l.delegation, l.item, r.power
        FROM leads l
        JOIN unit u ON u.unit = l.unit AND u.level >= {level_township}
        JOIN requires r USING (matter)
    ),
    asked AS (
        SELECT unit, power, unit AS holder FROM needed
      UNION
        SELECT n.unit, n.power, u.unit
        FROM needed n JOIN unit u ON u.government = n.unit AND u.kind = {kind_department}
    ),
    by_name AS (
        SELECT a.unit, a.power, u.unit AS holder, coalesce(p.unit, u.unit) AS origin
        FROM asked a JOIN unit u ON u.unit = a.holder
        LEFT JOIN unit p ON p.unit = u.parent AND u.kind = {kind_dispatched}
        WHERE u.level <> {level_village}
    ),
    held AS (
        SELECT n.unit, n.power FROM by_name n JOIN given g ON g.unit = n.origin AND g.power = n.power
      UNION
        SELECT n.unit, n.power FROM by_name n JOIN given g ON g.unit = n.holder AND g.power = n.power
      UNION
        SELECT n.unit, n.power FROM by_name n JOIN unit u ON u.unit = n.origin
        JOIN lawful l ON l.matter = n.power AND l.level = u.level AND l.function = u.function
      UNION
        SELECT n.unit, n.power FROM by_name n JOIN vested v ON v.unit = n.origin AND v.power = n.power
    )
SELECT DISTINCT n.unit, n.delegation, n.item
FROM needed n ANTI JOIN held h ON h.unit = n.unit AND h.power = n.power
"""
)

_NEGATIVE_LIST = (
    "WITH "
    + _ASSIGNED.strip()
    + """,
    barred AS (
        SELECT i.*, l.covers, l.audience, l.scope FROM item i JOIN list l USING (list) WHERE NOT l.positive
    ),
    matching AS (
        SELECT b.item, m.matter FROM barred b JOIN matter m ON m.matter = b.matter AND m.kind = b.covers
      UNION
        SELECT b.item, m.matter FROM barred b JOIN matter m ON m.category = b.category AND m.kind = b.covers
        WHERE b.category <> ''
      UNION
        SELECT b.item, m.matter FROM barred b JOIN term t USING (item)
        JOIN called c ON contains(c.name, t.term) JOIN matter m ON m.matter = c.matter AND m.kind = b.covers
    ),
    held AS (
        SELECT recipient AS unit, delegation, -1 AS item, matter, role FROM delegation
        WHERE kind <> {power} AND matter >= 0
      UNION ALL
        SELECT unit, delegation, item, matter, role FROM assigned
    )
SELECT DISTINCT h.unit, h.delegation, h.item
FROM held h
JOIN matching m USING (matter)
JOIN barred b ON b.item = m.item
JOIN unit u ON u.unit = h.unit AND u.level = b.audience
LEFT JOIN above a ON a.unit = h.unit AND a.ancestor = b.scope
WHERE (b.scope = -1 OR a.unit IS NOT NULL) AND (h.role < 0 OR (b.roles >> greatest(h.role, 0)) & 1 = 1)
"""
)

_DELEGATION_LOOP = """
WITH RECURSIVE passing AS (
        SELECT delegation, matter, sender, recipient FROM delegation
        WHERE kind = {duty} AND role <> {role_assist} AND sender >= 0 AND sender <> recipient AND matter >= 0
    ),
    -- On a ring only what comes from somewhere and goes on: twice, and hardly anything is left.
    once AS (
        SELECT * FROM passing p
        SEMI JOIN passing f ON f.recipient = p.sender AND f.matter = p.matter
        SEMI JOIN passing t ON t.sender = p.recipient AND t.matter = p.matter
    ),
    candidate AS (
        SELECT * FROM once p
        SEMI JOIN once f ON f.recipient = p.sender AND f.matter = p.matter
        SEMI JOIN once t ON t.sender = p.recipient AND t.matter = p.matter
    ),
    reached (start, matter, unit) AS (
        SELECT delegation, matter, recipient FROM candidate
      UNION
        SELECT r.start, r.matter, c.recipient FROM reached r
        JOIN candidate c ON c.matter = r.matter AND c.sender = r.unit
    )
SELECT DISTINCT c.recipient AS unit, c.delegation, -1 AS item
FROM candidate c JOIN reached r ON r.start = c.delegation AND r.unit = c.sender
"""

_DEADLINE_SQUEEZE = """
WITH RECURSIVE named AS (
        SELECT place, under AS above FROM orders WHERE under >= 0
    ),
    -- What it passes on, where it does not report: the one order of the matter to its sender in force on its first day.
    guessed AS (
        SELECT o.place, min(f.place) AS above
        FROM orders o
        JOIN orders f ON f.recipient = o.sender AND f.matter = o.matter AND f.place <> o.place
          AND f.began <= o.began AND (f.ends = 0 OR f.ends > o.began)
        WHERE NOT EXISTS (FROM named n WHERE n.place = o.place)
        GROUP BY o.place HAVING count(*) = 1
    ),
    passed_on AS (
        SELECT * FROM named UNION ALL SELECT * FROM guessed
    ),
    up (start, step, place) AS (
        SELECT p.place, 1, p.above FROM passed_on p
        JOIN orders o ON o.place = p.place AND o.due_on > 0 AND o.delegation >= 0
      UNION ALL
        SELECT u.start, u.step + 1, p.above FROM up u JOIN passed_on p ON p.place = u.place
        WHERE u.step < 16
    ),
    farthest AS (
        SELECT u.start, max_by(o.due_on - o.began, u.step) AS days
        FROM up u JOIN orders o ON o.place = u.place AND o.due_on > 0
        GROUP BY u.start
    )
SELECT o.recipient AS unit, o.delegation, -1 AS item
FROM farthest f JOIN orders o ON o.place = f.start
WHERE 2 * (o.due_on - o.began) < f.days
"""

RELATIONS: Final[Mapping[str, str]] = {
    rule: statement.format(**_CODES)
    for rule, statement in (
        ("duty-without-power", _DUTY_WITHOUT_POWER),
        ("negative-list", _NEGATIVE_LIST),
        ("delegation-loop", _DELEGATION_LOOP),
        ("deadline-squeeze", _DEADLINE_SQUEEZE),
    )
}


def tables(snapshot: Snapshot, threads: int) -> duckdb.DuckDBPyConnection:
    """A database in memory with the snapshot's columns. Raises ValueError where units were dissolved."""
    if (snapshot.units.level < 0).any():
        raise ValueError("the comparison is of registries in which no unit was dissolved")
    connection = duckdb.connect(config={"threads": threads})
    for name, columns in _columns(snapshot).items():
        connection.register("columns", columns)
        connection.execute(f"CREATE TABLE {name} AS SELECT * FROM columns")
        connection.unregister("columns")
    return connection


def ask(connection: duckdb.DuckDBPyConnection, rule: str) -> dict[str, np.ndarray]:
    """The columns unit, delegation and item of one relation."""
    return connection.execute(RELATIONS[rule]).fetchnumpy()


def keys(hits: Hits | Mapping[str, np.ndarray]) -> Keys:
    """What was found, to compare."""
    columns = (
        (hits.unit, hits.delegation, hits.item)
        if isinstance(hits, Hits)
        else (hits["unit"], hits["delegation"], hits["item"])
    )
    return set(zip(*(column.tolist() for column in columns), strict=True))


def _columns(snapshot: Snapshot) -> dict[str, dict[str, Any]]:
    units, matters, lists, items = snapshot.units, snapshot.matters, snapshot.lists, snapshot.items
    width = len(words.LEVELS)
    unit, generation = np.nonzero(units.lineage >= 0)
    required, at = expand_ranges(matters.requires_start[:-1], matters.requires_start[1:])
    names = [(index, name) for index, own in enumerate(matters.name) for name in (own, *matters.aliases[index])]
    terms = [(index, term) for index, own in enumerate(items.terms) for term in own or ()]
    fit = [
        (POWER_KIND[power], INSTRUMENT_KIND[kind], mode == "entrusted")
        for (power, mode), provision in law.fit_instruments().on(snapshot.as_of).items()
        for kind in provision.instruments
    ]
    return {
        "unit": {
            "unit": np.arange(len(units), dtype=np.int32),
            "level": units.level,
            "kind": units.kind,
            "function": units.function,
            "parent": units.parent,
            "government": units.government,
        },
        "above": {"unit": unit.astype(np.int32), "ancestor": units.lineage[unit, generation]},
        "matter": {
            "matter": np.arange(len(matters), dtype=np.int32),
            "kind": matters.kind,
            "power_kind": matters.power_kind,
            "category": np.array(matters.category, object),
        },
        "called": {
            "matter": np.array([index for index, _ in names], np.int32),
            "name": np.array([name for _, name in names], object),
        },
        "requires": {"matter": required.astype(np.int32), "power": matters.requires[at]},
        "lawful": {
            "matter": (matters.lawful // (len(units.functions) * width)).astype(np.int32),
            "function": (matters.lawful // width % len(units.functions)).astype(np.int32),
            "level": (matters.lawful % width).astype(np.int8),
        },
        "fit": {
            "power_kind": np.array([row[0] for row in fit], np.int8),
            "kind": np.array([row[1] for row in fit], np.int8),
            "entrusted": np.array([row[2] for row in fit], np.bool_),
        },
        "instrument": {
            "instrument": np.arange(len(snapshot.instruments.number), dtype=np.int32),
            "kind": snapshot.instruments.kind,
            "in_force": snapshot.instruments.in_force,
        },
        "vested": {
            "unit": (snapshot.vested // max(len(matters), 1)).astype(np.int32),
            "power": (snapshot.vested % max(len(matters), 1)).astype(np.int32),
        },
        "list": {
            "list": np.arange(len(lists), dtype=np.int32),
            "positive": lists.positive,
            "covers": lists.covers,
            "audience": lists.audience,
            "scope": lists.scope,
            "instrument": lists.instrument,
            "role": lists.role,
            "mode": lists.mode,
        },
        "item": {
            "item": np.arange(len(items), dtype=np.int32),
            "list": items.list,
            "matter": items.matter,
            "category": np.array(items.category, object),
            "roles": items.roles,
            "grantor": items.grantor,
        },
        "term": {
            "item": np.array([index for index, _ in terms], np.int32),
            "term": np.array([term for _, term in terms], object),
        },
        "delegation": _delegations(snapshot),
        "orders": _orders(snapshot),
    }


def _delegations(snapshot: Snapshot) -> dict[str, Any]:
    delegations = snapshot.delegations
    return {
        "delegation": np.arange(len(delegations), dtype=np.int32),
        "kind": delegations.kind,
        "matter": delegations.matter,
        "sender": delegations.sender,
        "recipient": delegations.recipient,
        "role": delegations.role,
        "mode": delegations.mode,
        "instrument": delegations.instrument,
    }


def _orders(snapshot: Snapshot) -> dict[str, Any]:
    """Duties and burdens of the day and of the past, as rules that look at earlier days see them."""
    delegations, transfers = snapshot.delegations, past(snapshot).transfers
    now = np.flatnonzero((delegations.kind != MATTER_KIND["power"]) & (delegations.matter >= 0))
    code = np.array([snapshot.units.index.get(name, -1) for name in past(snapshot).units.code], np.int32)

    def joined(today: Any, before: Any) -> Any:
        return np.concatenate([today[now], before])

    order = np.full(len(delegations) + len(transfers) + 1, -1, np.int32)
    order[now] = np.arange(len(now))
    order[len(delegations) : -1] = np.arange(len(now), len(now) + len(transfers))
    return {
        "place": np.arange(len(now) + len(transfers), dtype=np.int32),
        "delegation": np.concatenate([now, np.full(len(transfers), -1)]).astype(np.int32),
        "under": order[joined(delegations.under, transfers.under)],
        "matter": joined(delegations.matter.astype(np.int64), transfers.matter),
        "sender": joined(delegations.sender_named, code[transfers.sender]),
        "recipient": joined(delegations.recipient_named, code[transfers.recipient]),
        "began": joined(delegations.began, transfers.began),
        "ends": joined(delegations.ends, transfers.ends),
        "due_on": joined(delegations.due_on, transfers.due_on),
    }
