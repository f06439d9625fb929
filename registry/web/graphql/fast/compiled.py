"""Hot documents compiled to one statement that returns the answer's JSON.

A document of the shape `unit(code, asOf, known) { … responsibilities(role, first, after) { … } }` with plain fields of
the duties, their matter, sender and instrument becomes SQL that writes the answer as the GraphQL executor would, byte
for byte (a test compares the two). Everything else, and every request that is not plainly right, is left to the
executor, which also finds the words for what is wrong.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final, cast

from graphql import (
    ArgumentNode,
    EnumValueNode,
    FieldNode,
    GraphQLError,
    IntValueNode,
    NonNullTypeNode,
    NullValueNode,
    ObjectValueNode,
    OperationDefinitionNode,
    OperationType,
    SelectionSetNode,
    StringValueNode,
    ValueNode,
    VariableNode,
)

from registry.domain.dates import today
from registry.queries.holdings import holdings
from registry.relations.two_times import LAST, NEWEST, at, in_days, known
from registry.web.graphql.relay import page_size, read_cursor
from registry.web.graphql.scalars import Role, read_day


class NotPlain(Exception):
    """The document, or this request's variables, are for the executor."""


Variables = Mapping[str, Any]
Read = Callable[[Variables], Any]


@dataclass(frozen=True, slots=True)
class Plan:
    """A document as one statement: its answer, and the newest decision's position and time of recording.

    There is no row where the unit asked for is not there. Of the arguments $2 is the position, $3 has the unit's code.
    """

    sql: str
    bind: Callable[[Variables], tuple[Any, ...]]  # raises NotPlain


def text(column: str) -> str:
    """SQL: a text, number, day or array as JSON."""
    return f"coalesce(to_json({column})::text, 'null')"


def word(column: str) -> str:
    """SQL: a word of the contract as the name of an enum's value."""
    return text(f"upper({column})")


def day(column: str) -> str:
    """SQL: a day as JSON; an open end is null."""
    return text(f"nullif({column}, 'infinity')")


UNIT: Final = {
    "code": text("{}.code"),
    "name": text("{}.name"),
    "level": word("{}.level"),
    "kind": text("{}.kind"),
    "function": text("{}.function"),
    "aliases": text("{}.aliases"),
    "monitored": text("{}.monitored"),
    "dissolved": text("{}.dissolved"),
}
MATTER: Final = {
    "code": text("m.code"),
    "kind": word("m.kind"),
    "name": text("m.name"),
    "category": text("m.category"),
    "aliases": text("m.aliases"),
    "basis": text("m.basis"),
    "needs": text("m.needs"),
    "powerKind": text("m.power_kind"),
    "issuer": text("m.issuer"),
    "alternative": text("m.alternative"),
    "materials": text("m.materials"),
    "procedure": text("m.procedure"),
    "online": text("m.online"),
    "asks": text("m.asks"),
    "window": word("m.window_level"),
    "inLaw": text("m.in_law"),
    "retired": text("m.retired"),
    "position": text("m.position"),
}
INSTRUMENT: Final = {
    "number": text("i.number"),
    "title": text("i.title"),
    "kind": text("i.kind"),
    "since": day("i.valid_from"),
    "until": day("i.valid_to"),
    "inForce": text(in_days("i", "$1", "$1")),
    "position": text("i.position"),
}
HOLDING: Final = {
    "role": word("p.role"),
    "by": text("p.by"),
    "subject": text("p.subject"),
    "mode": text("p.mode"),
    "since": day("p.since"),
    "until": day("p.until"),
    "brings": text("p.brings"),
    "dueOn": text("p.due_on"),
    "position": text("p.position"),
}
CURSOR: Final = "'\"' || translate(encode(convert_to('k:' || {}.subject, 'UTF8'), 'base64'), E'+/\\n', '-_') || '\"'"
PAGE_INFO: Final = {
    "hasNextPage": text("(SELECT count(*) FROM page) >= $6"),
    "hasPreviousPage": text("$5::text IS NOT NULL"),
    "startCursor": f"coalesce((SELECT {CURSOR.format('l')} FROM page l WHERE l.rank = 1 AND $6 > 1), 'null')",
    "endCursor": "coalesce((SELECT "
    + CURSOR.format("l")
    + " FROM page l WHERE l.rank < $6 ORDER BY l.rank DESC LIMIT 1), 'null')",
}
SHOWN: Final = "u.code, u.name, u.level, u.kind, u.function, u.aliases, u.monitored, u.dissolved"
JOINS: Final = {
    "unit": f"LATERAL (SELECT {SHOWN} FROM unit u WHERE u.code = p.unit AND {at('u')} OFFSET 0) a ON true",
    "matter": f"LATERAL (SELECT * FROM matter m WHERE m.code = p.matter AND {at('m')} OFFSET 0) m ON true",
    "from": "resolved ON resolved.named = p.sender LEFT JOIN "
    f"LATERAL (SELECT {SHOWN} FROM unit u WHERE u.code = resolved.code AND {at('u')} OFFSET 0) u ON true",
    "instrument": "LATERAL (SELECT * FROM instrument i WHERE i.number = p.instrument "
    f"AND {known('i')} ORDER BY i.valid_from DESC LIMIT 1) i ON true",
}


def compiled(operation: OperationDefinitionNode) -> Plan | None:
    """The plan of a valid operation; None for one that is not of this shape."""
    try:
        return _compiled(operation)
    except NotPlain:
        return None


def _compiled(operation: OperationDefinitionNode) -> Plan:
    if operation.operation is not OperationType.QUERY or operation.directives:
        raise NotPlain
    fields = _fields(operation.selection_set)
    if [field.name.value for field in fields.values()] != ["unit"]:
        raise NotPlain
    ((key, unit),) = fields.items()
    duties = [each for each in _fields(unit.selection_set).values() if each.name.value == "responsibilities"]
    if len(duties) != 1:
        raise NotPlain
    nodes: list[str] = []
    joins: set[str] = set()
    answer = _object("Unit", unit.selection_set, _filled(UNIT, "a"), {"responsibilities": _page(nodes, joins)})
    line = ", ".join(["p.rank", "p.subject", *(f"{node} AS node_{index}" for index, node in enumerate(nodes))])
    joined = " ".join(f"LEFT JOIN {JOINS[name]}" for name in JOINS if name in joins)
    # The names of units are not among the columns of `requested`, which serves other questions.
    sql = f"""
WITH RECURSIVE {holdings.PAGE},
line AS (SELECT {line} FROM page p {joined} WHERE p.rank < $6)
SELECT '{{"data":{{"{key}":' || {answer} || '}}}}' AS answer, head.position, head.recorded_at
FROM {HEAD} head, requested r,
    LATERAL (SELECT {SHOWN} FROM unit u WHERE u.code = r.code AND {at("u")} AND {_REACHED} OFFSET 0) a
"""
    return Plan(" ".join(sql.split()), _binding(operation, unit, duties[0]))


# The newest decision: what the statement answers is as the log was then.
HEAD: Final = "(SELECT d.position, d.recorded_at FROM log.decision d ORDER BY d.position DESC LIMIT 1)"
# A position that the log has not reached is an error, which the executor says.
_REACHED: Final = f"($2 = {NEWEST} OR $2 <= head.position)"


def _filled(columns: Mapping[str, str], row: str) -> dict[str, str]:
    return {name: column.format(row) for name, column in columns.items()}


def _fields(selections: SelectionSetNode | None) -> dict[str, FieldNode]:
    """The fields by response key; only plain ones, each once."""
    results: dict[str, FieldNode] = {}
    for each in selections.selections if selections else ():
        if not isinstance(each, FieldNode) or each.directives:
            raise NotPlain
        key = each.alias.value if each.alias else each.name.value
        if key in results:
            raise NotPlain
        results[key] = each
    return results


def _object(
    kind: str,
    selections: SelectionSetNode | None,
    columns: Mapping[str, str],
    inner: Mapping[str, Callable[[FieldNode], str]],
) -> str:
    """SQL: the JSON object of a selection; `inner` writes the fields that have selections of their own."""
    parts: list[str] = []
    for key, field in _fields(selections).items():
        name = field.name.value
        if name == "__typename":
            value = f"'\"{kind}\"'"
        elif name in columns:
            value = columns[name]
        elif name in inner:
            value = inner[name](field)
        else:
            raise NotPlain
        parts.append(f"'\"{key}\":' || {value}")
    return "'{' || " + " || ',' || ".join(parts) + " || '}'"


def _page(nodes: list[str], joins: set[str]) -> Callable[[FieldNode], str]:
    """Writes the connection, and leaves what each of its rows must write in `nodes`, and what that needs in `joins`."""

    def joined(name: str, kind: str, columns: Mapping[str, str], there: str) -> Callable[[FieldNode], str]:
        def write(field: FieldNode) -> str:
            joins.add(name)
            written = _object(kind, field.selection_set, columns, {})
            return f"CASE WHEN {there} IS NULL THEN 'null' ELSE {written} END"

        return write

    holding: dict[str, Callable[[FieldNode], str]] = {
        "unit": joined("unit", "Unit", _filled(UNIT, "a"), "a.code"),
        "matter": joined("matter", "Matter", MATTER, "m.code"),
        "from": joined("from", "Unit", _filled(UNIT, "u"), "u.code"),
        "instrument": joined("instrument", "Instrument", INSTRUMENT, "i.number"),
    }

    def column(field: FieldNode) -> str:
        nodes.append(_object("Holding", field.selection_set, HOLDING, holding))
        return f"l.node_{len(nodes) - 1}"

    def listed(each: str) -> str:
        return f"(SELECT '[' || coalesce(string_agg({each}, ',' ORDER BY l.rank), '') || ']' FROM line l)"

    def edges(field: FieldNode) -> str:
        cursor = {"cursor": CURSOR.format("l")}
        return listed(_object("HoldingEdge", field.selection_set, cursor, {"node": column}))

    def page(field: FieldNode) -> str:
        return _object(
            "HoldingConnection",
            field.selection_set,
            {"totalCount": "(SELECT count(*)::text FROM matched)"},
            {
                "edges": edges,
                "nodes": lambda nodes_field: listed(column(nodes_field)),
                "pageInfo": lambda info: _object("PageInfo", info.selection_set, PAGE_INFO, {}),
            },
        )

    return page


def _binding(
    operation: OperationDefinitionNode, unit: FieldNode, duties: FieldNode
) -> Callable[[Variables], tuple[Any, ...]]:
    """How a request's variables become the statement's arguments."""
    defaults = {each.variable.name.value: each.default_value for each in operation.variable_definitions or ()}
    needed = [
        each.variable.name.value
        for each in operation.variable_definitions or ()
        if isinstance(each.type, NonNullTypeNode) and each.default_value is None
    ]
    code = _reader(unit, "code", _text, defaults)
    as_of = _reader(unit, "asOf", _day, defaults)
    position = _reader(unit, "known", _position, defaults)
    role = _reader(duties, "role", _role, defaults)
    first = _reader(duties, "first", _number, defaults)
    after = _reader(duties, "after", _text, defaults)

    def bind(variables: Variables) -> tuple[Any, ...]:
        if any(variables.get(name) is None for name in needed):
            raise NotPlain
        code_given = code(variables)
        if code_given is None:
            raise NotPlain
        try:
            key, size = read_cursor(after(variables)), page_size(first(variables))
        except GraphQLError:
            raise NotPlain from None
        return as_of(variables) or today(), position(variables), [code_given], role(variables), key, size + 1

    return bind


def _reader(field: FieldNode, name: str, read: Callable[[Any], Any], defaults: Mapping[str, ValueNode | None]) -> Read:
    """How to read one argument of a field, out of the document or the variables."""
    given = {argument.name.value: argument for argument in field.arguments or ()}.get(name)
    if given is None:
        value = read(None)
        return lambda _: value
    node: ArgumentNode = given
    if not isinstance(node.value, VariableNode):
        value = read(_constant(node.value))
        return lambda _: value
    variable = node.value.name.value
    default = defaults[variable]
    otherwise = None if default is None else _constant(default)

    def from_variables(variables: Variables) -> Any:
        return read(variables.get(variable, otherwise))

    return from_variables


def _constant(node: ValueNode) -> Any:
    if isinstance(node, NullValueNode):
        return None
    if isinstance(node, (StringValueNode, EnumValueNode)):
        return node.value
    if isinstance(node, IntValueNode):
        return int(node.value)
    if isinstance(node, ObjectValueNode):
        return {field.name.value: _constant(field.value) for field in node.fields}
    raise NotPlain


def _text(value: Any) -> str | None:
    if value is None or (isinstance(value, str) and "\0" not in value):
        return value
    raise NotPlain


def _number(value: Any) -> int | None:
    if value is None or (type(value) is int and 0 <= value < 2**31):
        return value
    raise NotPlain


def _day(value: Any) -> Any:
    if value is None:
        return None
    try:
        return min(read_day(value), LAST)
    except GraphQLError:
        raise NotPlain from None


def _role(value: Any) -> str | None:
    if value is None:
        return None
    if isinstance(value, str) and value in Role.__members__:
        return Role[value].value
    raise NotPlain


def _position(value: Any) -> int:
    """What a statement of its own sees as newest is one snapshot, so the position need not be looked up first."""
    if value is None:
        return NEWEST
    given = cast("dict[str, Any]", value) if isinstance(value, dict) else {}
    if list(given) == ["position"]:
        position = _number(given["position"])
        if position is not None:
            return position
    raise NotPlain
