"""The units, matters, lists and rules that a question names: each resolved to its code, or refused with a typed error.

A face (command, GraphQL field, REST route, page) resolves what its user named before it asks anything, so that a name
that means nothing is an error and never an empty answer:

    unit = await resolve_unit(reader, text, as_of)       # a code, or a name or alias that only one unit bears
    await need_unit(reader, code, as_of)                 # a code and nothing else
    await need_matter(reader, code, as_of)
    await need_list(reader, code, as_of)
    need_rule(name)

`reader` is an asyncpg pool or connection. Commands that hold a psycopg connection call resolve_unit_now(connection,
text, as_of). All raise a subclass of UnknownName: show `error.text.zh` and `error.text.en` with `error.code`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final, Literal, LiteralString

import psycopg
from psycopg.rows import dict_row

from registry.domain.text import Text
from registry.domain.words import RULES
from registry.relations.two_times import AsOf, Reader, at, known

Recorded = Literal["unit", "matter", "instrument", "ref", "proposal"]
CANDIDATES: Final = 5  # at most so many units are named in an error
LONGEST: Final = 200  # characters of what is looked for: the database's work grows faster than the text
SHOWN: Final = 60  # characters of it that an error repeats


@dataclass(frozen=True, slots=True)
class Candidate:
    """A unit that the user may have meant, with the name of the unit above it."""

    code: str
    name: str
    above: str | None


class UnknownName(Exception):
    """What a question names is not there. `code` is one of the contract's, `text` says so in zh and en."""

    code = "bad-value"
    field = ""

    def __init__(self, name: str, text: Text) -> None:
        self.name = name
        self.text = text
        super().__init__(f"{text.zh} / {text.en}")


class UnknownUnit(UnknownName):
    """No unit of this code or name by that day; `candidates`: units whose name contains it, or that all bear it."""

    code = "unknown-unit"
    field = "unit"

    def __init__(self, name: str, text: Text, candidates: Sequence[Candidate] = ()) -> None:
        super().__init__(name, text)
        self.candidates = tuple(candidates)


class AmbiguousUnit(UnknownUnit):
    """Several units bear this name on that day."""


class TooLong(UnknownName):
    """What is looked for is longer than any name."""

    field = "search"


class UnknownMatter(UnknownName):
    """No matter of this code is known."""

    code = "unknown-matter"
    field = "matter"


class UnknownList(UnknownName):
    """No list of this code by that day."""

    code = "unknown-list"
    field = "list"


class UnknownInstrument(UnknownName):
    """No instrument of this number is recorded."""

    code = "unknown-instrument"
    field = "instrument"


class UnknownRef(UnknownName):
    """No delegation, grant, burden, demand or report of this ref is recorded."""

    code = "unknown-ref"
    field = "ref"


class UnknownProposal(UnknownName):
    """No proposal of this id is recorded."""

    code = "unknown-ref"
    field = "proposal"


class UnknownType(UnknownName):
    """No type of decision of this name."""

    field = "type"


class UnknownRule(UnknownName):
    """No rule of this name."""

    field = "rule"


_UNRECORDED: Final[dict[Recorded, tuple[type[UnknownName], str, str]]] = {
    "unit": (UnknownUnit, "单位代码", "a unit"),
    "matter": (UnknownMatter, "事项编码", "a matter"),
    "instrument": (UnknownInstrument, "文号", "an instrument"),
    "ref": (UnknownRef, "编号", "a ref"),
    "proposal": (UnknownProposal, "准入申请编号", "a proposal"),
}
# A unit counts from the day on which it was registered, dissolved or not: a dissolved one is read as its successor.
_UNIT: Final[LiteralString] = (
    f"SELECT EXISTS (SELECT FROM unit u WHERE u.code = $3 AND u.valid_from <= $1 AND {known('u')})"
)
# A matter need only be known: its row begins before all days.
_MATTER: Final[LiteralString] = (
    f"SELECT EXISTS (SELECT FROM matter m WHERE m.code = $3 AND m.valid_from <= $1 AND {known('m')})"
)
_LIST: Final[LiteralString] = (
    f"SELECT EXISTS (SELECT FROM list l WHERE l.code = $3 AND l.valid_from <= $1 AND {known('l')})"
)
# What a decision is about is among its tags: docs/explanation/architecture.md.
_RECORDED: Final[LiteralString] = "SELECT EXISTS (SELECT FROM log.tag t WHERE t.tag = $1 AND t.position <= $2)"
# $3: what was typed. $4: a pattern for names that contain it. rank 0: the code; 1: the name or an alias; 2: contains
# it. Names of two characters or more are found by the index on their pairs of characters.
_NAMED: Final[LiteralString] = f"""
WITH hit AS (
    SELECT u.code, u.name, u.parent, 0 AS rank FROM unit u
    WHERE u.code = $3 AND {at("u")}
    UNION ALL
    SELECT u.code, u.name, u.parent, CASE WHEN u.name = $3 OR $3 = ANY (u.aliases) THEN 1 ELSE 2 END
    FROM unit u
    WHERE char_length($3) > 1 AND quanze.pairs(u.name || u.aliases) @> quanze.pairs(ARRAY[$3]) AND NOT u.dissolved
        AND {at("u")}
        AND (u.name ILIKE $4 OR EXISTS (SELECT FROM unnest(u.aliases) a WHERE a ILIKE $4))
)
SELECT h.code, h.name, p.name AS above, h.rank
FROM hit h
LEFT JOIN LATERAL (
    SELECT p.name FROM unit p
    WHERE p.code = h.parent AND {at("p")}
    LIMIT 1
) p ON true
ORDER BY h.rank, char_length(h.name), h.code
LIMIT 50
"""


async def need_unit(reader: Reader, code: str, as_of: AsOf) -> str:
    """The code, if it is that of a unit registered by the day, dissolved or not. Raises UnknownUnit."""
    if not await _exists(reader, _UNIT, code, as_of):
        raise _unknown_unit(code, as_of, ())
    return code


async def need_matter(reader: Reader, code: str, as_of: AsOf) -> str:
    """The code, if it is that of a matter known by then, begun or not, retired or not. Raises UnknownMatter."""
    if not await _exists(reader, _MATTER, code, as_of):
        shown = shortened(code)
        raise UnknownMatter(code, Text(f"没有编码为“{shown}”的事项。", f"There is no matter {shown}."))
    return code


async def need_list(reader: Reader, code: str, as_of: AsOf) -> str:
    """The code, if it is that of a list adopted by the day, repealed or not. Raises UnknownList."""
    if not await _exists(reader, _LIST, code, as_of):
        shown = shortened(code)
        zh, en = f"{as_of.valid_at}没有编号为“{shown}”的清单。", f"On {as_of.valid_at} there is no list {shown}."
        raise UnknownList(code, Text(zh, en))
    return code


def need_rule(name: str) -> str:
    """The name, if it is that of a rule. Raises UnknownRule, which names them all."""
    if name not in RULES:
        shown = shortened(name)
        zh = f"没有名为“{shown}”的规则，可选：{'、'.join(RULES)}。"
        raise UnknownRule(name, Text(zh, f"There is no rule {shown}; choose one of {', '.join(RULES)}."))
    return name


def need_type(name: str) -> str:
    """The name, if it is that of a type of decision. Raises UnknownType."""
    from registry.domain.decisions import TYPES  # a third of a second, for which no other question waits

    if name not in TYPES:
        shown = shortened(name)
        raise UnknownType(name, Text(f"没有决定类型“{shown}”。", f"There is no type of decision {shown}."))
    return name


async def need_recorded(reader: Reader, kind: Recorded, code: str, known_at: int) -> str:
    """The code, if a decision up to a position is about that unit, matter, instrument, ref or proposal, on any day.

    Raises UnknownUnit, UnknownMatter, UnknownInstrument, UnknownRef or UnknownProposal.
    """
    if "\0" not in code and await reader.fetchval(_RECORDED, f"{kind}:{code}", known_at):
        return code
    raise unrecorded(kind, code)


def unrecorded(kind: Recorded, code: str) -> UnknownName:
    """The error for what no decision is about."""
    unknown, zh, en = _UNRECORDED[kind]
    shown = shortened(code)
    return unknown(code, Text(f"没有{zh}为“{shown}”的记录。", f"Nothing is recorded of {en} {shown}."))


async def resolve_unit_ever(reader: Reader, text: str, as_of: AsOf) -> str:
    """As resolve_unit, for a question about more than one day: the code of any unit recorded, or a name of the day."""
    try:
        return await need_recorded(reader, "unit", text, as_of.known_at)
    except UnknownUnit:
        return await resolve_unit(reader, text, as_of)


async def resolve_unit(reader: Reader, text: str, as_of: AsOf) -> str:
    """The code of the unit that is meant: by its code, or by a name or alias that one unit alone bears on the day.

    A code may be that of a dissolved unit; a name is one of the day. Raises UnknownUnit, whose candidates are units
    with the text in their name, and AmbiguousUnit, whose candidates are those that bear the name.
    """
    if "\0" in text or len(text) > LONGEST:
        raise _unknown_unit(text, as_of, ())
    rows = await reader.fetch(_NAMED, as_of.valid_at, as_of.known_at, text, containing(text))
    return _chosen(text, as_of, rows)


_NAMES: Final = f"SELECT u.code, u.name FROM unit u WHERE u.code = ANY($3) AND {at('u')}"


def resolve_unit_now(connection: psycopg.Connection[Any], text: str, as_of: AsOf) -> str:
    """As resolve_unit, over psycopg."""
    if "\0" in text or len(text) > LONGEST:
        raise _unknown_unit(text, as_of, ())
    with psycopg.RawCursor(connection, row_factory=dict_row) as cursor:
        arguments = (as_of.valid_at, as_of.known_at, text, containing(text))
        return _chosen(text, as_of, cursor.execute(_NAMED, arguments).fetchall())


def names_now(connection: psycopg.Connection[Any], codes: Sequence[str], as_of: AsOf) -> dict[str, str]:
    """The names of units by code, over psycopg; those that are not there are left out."""
    with psycopg.RawCursor(connection) as cursor:
        return dict(cursor.execute(_NAMES, (as_of.valid_at, as_of.known_at, list(codes))).fetchall())


def containing(text: str | None) -> str | None:
    """An ILIKE pattern that finds the text anywhere; its own wildcards mean themselves. None where there is no text.

    Raises TooLong beyond LONGEST characters.
    """
    if text is None:
        return None
    if len(text) > LONGEST:
        zh = f"要找的文字有 {len(text)} 个字符，最多 {LONGEST} 个。"
        raise TooLong(shortened(text), Text(zh, f"What is looked for has {len(text)} characters; {LONGEST} at most."))
    return "%" + text.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_") + "%"


def shortened(text: str) -> str:
    """What was named, as an error repeats it."""
    return text if len(text) <= SHOWN else f"{text[:SHOWN]}…"


async def _exists(reader: Reader, statement: str, code: str, as_of: AsOf) -> bool:
    return "\0" not in code and await reader.fetchval(statement, as_of.valid_at, as_of.known_at, code)


def _chosen(text: str, as_of: AsOf, rows: Sequence[Any]) -> str:
    """The code of the best row, if nothing is as good. Rows: code, name, above, rank, the best first."""
    for rank in (0, 1):
        ranked = [Candidate(row["code"], row["name"], row["above"]) for row in rows if row["rank"] == rank]
        if len(ranked) == 1:
            return ranked[0].code
        if ranked:
            raise _ambiguous_unit(text, as_of, ranked)
    raise _unknown_unit(text, as_of, [Candidate(row["code"], row["name"], row["above"]) for row in rows])


def _unknown_unit(text: str, as_of: AsOf, candidates: Sequence[Candidate]) -> UnknownUnit:
    text = shortened(text)
    zh = f"{as_of.valid_at}没有代码或名称为“{text}”的单位。"
    en = f"On {as_of.valid_at} there is no unit with the code or name {text}."
    if candidates:
        zh, en = f"{zh}名称含此字样的有：{_listed(candidates, zh=True)}。", f"{en} Like it: {_listed(candidates)}."
    return UnknownUnit(text, Text(zh, en), candidates)


def _ambiguous_unit(text: str, as_of: AsOf, candidates: Sequence[Candidate]) -> AmbiguousUnit:
    zh = f"{as_of.valid_at}名为“{text}”的单位不止一个，请改用代码：{_listed(candidates, zh=True)}。"
    en = f"On {as_of.valid_at} several units are called {text}; name one by its code: {_listed(candidates)}."
    return AmbiguousUnit(text, Text(zh, en), candidates)


def _listed(candidates: Sequence[Candidate], *, zh: bool = False) -> str:
    """The first CANDIDATES: code, name and the unit above."""
    shown: list[str] = []
    for each in candidates[:CANDIDATES]:
        zh_name = each.name if each.above is None or each.name.startswith(each.above) else f"{each.above}{each.name}"
        en_name = each.name if each.above is None else f"{each.name}, {each.above}"
        shown.append(f"{each.code}（{zh_name}）" if zh else f"{each.code} ({en_name})")
    if len(candidates) > CANDIDATES:
        shown.append("等" if zh else "and others")
    return ("、" if zh else "; ").join(shown)
