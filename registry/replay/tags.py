"""Whether the log's decisions are found under the tags that they have: derived anew, one after another.

Neither leaf nor checkpoint covers tags: they follow from the decision and from what was recorded before it. Who alters
them hides decisions from every question and makes an id look free; nobody notices but who derives them again.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import orjson
import psycopg
from eventsourcing.dcb.api import DCBReadResponse

from registry.domain.decide import load_and_retry, slice_for
from registry.domain.decide.plain_tags import PLAIN_TAGS
from registry.domain.decisions import TYPES, Decision
from registry.fast.collector import uncollected
from registry.log import recorder
from registry.log.events import decision_of, own_keys
from registry.log.recorder import LogRecorder
from registry.log.stored import Stored, stored
from registry.log.verifying import Differs, last_position
from registry.projections.aggregate_store import AggregateStore

CAPACITY: Final = 60_000  # aggregates kept in memory, twice over at most
NAMING: Final = 1000  # decisions read at a time to see which ever named an aggregate

# Of these decisions, the first without a row in the index for each of its tags. Rows lie in the table nearly as they
# were recorded: from the first decision's row on they are read as they lie, as many as there are tags. Decisions whose
# rows do not lie there, or lie otherwise, are looked up by their keys. Texts are compared for one by one: what holds
# no line feed itself, and is as many, cannot be equal otherwise.
NOT_IN_INDEX: Final = """
WITH heap AS MATERIALIZED (
    SELECT position, count(*) AS number, string_agg(tag, chr(10)) AS tags FROM (
        SELECT tag, position FROM log.tag
        WHERE ctid >= (SELECT ctid FROM log.tag WHERE tag = %(tag)s AND position = %(first)s) LIMIT %(rows)s
    ) t GROUP BY position
), elsewhere AS MATERIALIZED (
    SELECT d.position, d.tags FROM log.decision d LEFT JOIN heap h ON h.position = d.position
    WHERE d.position BETWEEN %(first)s AND %(last)s
        AND (h.number, h.tags) IS DISTINCT FROM (cardinality(d.tags)::bigint, array_to_string(d.tags, chr(10)))
)
SELECT min(e.position) FROM (SELECT position, unnest(tags) COLLATE "C" AS tag FROM elsewhere) e LEFT JOIN LATERAL (
    SELECT true AS there FROM log.tag t WHERE t.tag = e.tag AND t.position = e.position OFFSET 0
) t ON true WHERE t.there IS NULL"""
# The first row that its decision does not have. Each is looked up by its key, so that what it costs does not grow with
# the log, whatever the planner knows of it.
NOT_IN_LOG: Final = """
SELECT min(t.position) FROM log.tag t LEFT JOIN LATERAL (
    SELECT true AS there FROM log.decision d WHERE d.position = t.position AND t.tag = ANY(d.tags) OFFSET 0
) d ON true WHERE d.there IS NULL"""
ROWS: Final = "SELECT count(*) FROM log.tag"
# How many tags decisions have together, and the first of the first of them.
SPAN: Final = """
SELECT sum(cardinality(tags))::bigint, min(tags[1]) FILTER (WHERE position = %(first)s)
FROM log.decision WHERE position BETWEEN %(first)s AND %(last)s"""


@dataclass(frozen=True, slots=True)
class Tags:
    """What the tags of a piece of the log are: how many rows of the index they are, and the first that differs."""

    rows: int
    differs: Differs | None


def differing_tags(
    connection: psycopg.Connection, progress: Callable[[int, int], None] | None = None
) -> Differs | None:
    """The first decision whose tags, or whose rows in the tags' index, are not those that follow from the log.

    None where all are. In one repeatable-read transaction; `progress` is called with the decisions done and in all.
    """
    with connection.transaction():
        connection.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY")
        return surplus(connection, [tags(connection, 0, last_position(connection), progress)])


def tags(
    connection: psycopg.Connection, after: int, last: int, progress: Callable[[int, int], None] | None = None
) -> Tags:
    """Derive the tags of these positions anew, in the caller's transaction."""
    with uncollected():
        tagging = Tagging(connection, after)
        for rows in stored(connection, after, last):
            if not tagging.take(rows):
                break
            if progress is not None:
                progress(rows[-1].position, last)
        return tagging.result()


def surplus(connection: psycopg.Connection, checked: Iterable[Tags]) -> Differs | None:
    """The first that differs in pieces that follow one another, or that has a row in the index too many."""
    rows, differs = 0, None
    for piece in checked:
        rows += piece.rows
        differs = piece.differs
        if differs is not None:
            break
    # Where each tag has its row, there is none beside them if there are as many.
    if differs is None and _one(connection, ROWS) == rows:
        return None
    first = _one(connection, NOT_IN_LOG)
    return differs if first is None or (differs and differs.position < first) else _not_indexed(first)


def first_not_in_index(connection: psycopg.Connection, first: int, last: int) -> int | None:
    """The first decision between two positions that is not found by each of its tags; None where all are."""
    row = connection.execute(SPAN, {"first": first, "last": last}).fetchone()
    rows, tag = row or (None, None)
    return _one(connection, NOT_IN_INDEX, {"first": first, "last": last, "tag": tag, "rows": rows})


class Tagging:
    """The tags of a piece of the log being derived anew, batch by batch.

    Of most decisions they follow from the line alone. Only where they do not is it read what was recorded before: the
    streams of a batch together, then each as it is asked for.
    """

    def __init__(self, connection: psycopg.Connection, after: int) -> None:
        self._connection = connection
        self._log = LogRecorder(connection)
        self._position = after  # of the decision under way: what comes after it is not there yet
        self._rows = 0  # of the index, by the decisions so far
        self._differs: Differs | None = None
        self._aggregates = AggregateStore(self._read_streams, capacity=CAPACITY, from_the_start=False, log_index=self)

    def take(self, rows: Sequence[Stored]) -> bool:
        """Derive the tags of what follows; False where they differ, and no more is to be given."""
        first, last = rows[0], rows[-1]
        number = sum(row.number for row in rows)
        span = {"first": first.position, "last": last.position, "tag": first.tags.partition("\n")[0], "rows": number}
        unindexed = _one(self._connection, NOT_IN_INDEX, span)
        self._position = first.position
        decisions = {row.position: decision_of(*row.shape) for row in rows if not _is_plain(row)}
        self._aggregates.load({decision.key for decision in decisions.values()})
        for row in rows:
            self._position = row.position
            if row.position == unindexed:
                self._differs = _not_indexed(row.position)
                return False
            if not self._agrees(row, decisions.get(row.position)):
                return False
        self._aggregates.cache.evict()
        return True

    def result(self) -> Tags:
        """What the tags of the batches so far are."""
        return Tags(self._rows, self._differs)

    def _agrees(self, row: Stored, decision: Decision | None) -> bool:
        """Whether these are its tags; `decision` is given where they do not follow from its line alone."""
        if decision is None:
            due = PLAIN_TAGS[row.type](orjson.loads(row.data))
        else:
            slice_ = slice_for(decision, self._aggregates.cache)
            due = load_and_retry(slice_.event_tags, self._aggregates.load_one)
        if row.tags == "\n".join(due) and row.number == len(due):
            self._rows += row.number
        else:
            kept = row.tags.split("\n") if row.number else []
            self._rows += len({*kept})
            if {*due} != {*kept} or len(kept) != row.number:
                self._differs = _differing(row.position, due, kept)
                return False
        if decision is not None:
            keys = own_keys(due)
            self._aggregates.load(keys)
        elif self._aggregates.cache.has(due[0]):
            keys, decision = due[:1], decision_of(*row.shape)
        else:
            return True  # read from the log if need be
        for key in keys:
            self._aggregates.cache.replay_event(key, row.position, decision)
        return True

    def naming(self, key: str) -> Iterator[Sequence[str]]:
        """The keys of the aggregates of which a decision before this one named that aggregate (`LogIndex`)."""
        after, query = 0, recorder.streams([f"@{key}"])
        while events := list(self._log.read(query, after=after, before=self._position, limit=NAMING)):
            after = events[-1].position
            keys = list(dict.fromkeys(own for each in events for own in own_keys(each.event.tags)))
            self._aggregates.load(keys)
            yield keys

    def streams_of(self, position: int) -> Sequence[str]:
        """The keys of the aggregates whose streams have the decision recorded there (`LogIndex`)."""
        return [key for each in self._log.read(after=position - 1, limit=1) for key in own_keys(each.event.tags)]

    def _read_streams(self, keys: Sequence[str]) -> DCBReadResponse:
        return self._log.read(recorder.streams(keys), before=self._position)


def _is_plain(row: Stored) -> bool:
    return row.type in PLAIN_TAGS and row.version == TYPES[row.type].VERSION


def _differing(position: int, due: Sequence[str], stored: Sequence[str]) -> Differs:
    zh, en = "、".join(stored) or "空", ", ".join(stored) or "none"
    return _differs(
        position,
        f"第 {position} 项的标签应为 {'、'.join(due)}，所存的是 {zh}。",
        f"The tags of decision {position} should be {', '.join(due)}; stored are {en}.",
    )


def _one(connection: psycopg.Connection, statement: str, named: Mapping[str, Any] | None = None) -> int | None:
    row = connection.execute(statement.encode(), named).fetchone()
    return None if row is None else row[0]


def _not_indexed(position: int) -> Differs:
    return _differs(
        position,
        f"第 {position} 项在标签索引中的行与其标签不符。",
        f"The rows of decision {position} in the tags' index are not its tags.",
    )


def _differs(position: int, zh: str, en: str) -> Differs:
    return Differs(position, "tags", zh, en)
