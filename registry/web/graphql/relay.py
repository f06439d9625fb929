"""Relay connections: forward paging by cursors that hold the key of the last row."""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Callable, Sequence
from datetime import date
from typing import Any, Final, Generic, TypeGuard, TypeVar, cast

import strawberry
from graphql import GraphQLError

from registry.web.problems import bad_value

MOST: Final = 1000  # rows on one page, whatever is asked for; also when nothing is
T = TypeVar("T")


@strawberry.type(description="分页信息。 Where a page stands among all.")
class PageInfo:
    has_next_page: bool
    has_previous_page: bool
    start_cursor: str | None
    end_cursor: str | None


@strawberry.type
class Edge(Generic[T]):
    cursor: str
    node: T


@strawberry.type
class Connection(Generic[T]):
    edges: list[Edge[T]]
    nodes: list[T]
    page_info: PageInfo
    count: strawberry.Private[Callable[[], Any]]

    @strawberry.field(description="总数。 How many there are in all, on any page.")
    async def total_count(self) -> int:
        counted = self.count()
        return counted if isinstance(counted, int) else await counted


def write_cursor(key: object) -> str:
    """The cursor of a row: its key behind a mark, in URL-safe base64."""
    return base64.urlsafe_b64encode(f"k:{key}".encode()).decode()


def not_given_out() -> GraphQLError:
    """The error for a cursor that no page has given out."""
    return bad_value(
        "after",
        "after 须是上一页给出的游标（endCursor）。",
        "after must be a cursor of the page before (its endCursor).",
    )


def read_cursor(cursor: str | None) -> str | None:
    """The key in a cursor; None for none. A cursor that nobody was given is a bad value."""
    if cursor is None:
        return None
    try:
        text = base64.b64decode(cursor.encode("ascii"), altchars=b"-_", validate=True).decode()
    except (binascii.Error, ValueError):
        text = ""
    if not text.startswith("k:") or "\0" in text:
        raise not_given_out()
    return text[2:]


def read_day_cursor(cursor: str | None) -> tuple[date, int] | None:
    """The day and position in a cursor of rows that are in order of these; None for none."""
    key = read_cursor(cursor)
    if key is None:
        return None
    day, _, position = key.partition(" ")
    if not is_position(position):
        raise not_given_out()
    try:
        return date.fromisoformat(day), int(position)
    except ValueError:
        raise not_given_out() from None


def read_position(cursor: str | None) -> int:
    """The position in a cursor; 0 for none."""
    key = read_cursor(cursor)
    if key is None:
        return 0
    if not is_position(key):
        raise not_given_out()
    return int(key)


def is_position(text: str) -> bool:
    """Whether a text from a cursor is a position that the log could have."""
    return text.isascii() and text.isdigit() and len(text) <= 18


def write_names(*names: str) -> str:
    """The key of a row that several names identify."""
    return json.dumps(names, ensure_ascii=False)


def read_names(cursor: str | None, count: int) -> list[str] | None:
    """The names in a cursor, so many of them; None for none. Raises bad-value for any other cursor."""
    key = read_cursor(cursor)
    if key is None:
        return None
    try:
        read = json.loads(key)
    except (ValueError, RecursionError):
        read = None
    names = [name for name in cast("list[object]", read) if is_name(name)] if isinstance(read, list) else []
    if len(names) != count or names != read:
        raise not_given_out()
    return names


def is_name(value: object) -> TypeGuard[str]:
    """Whether a value read from a cursor is text that the database can hold: JSON can write what it cannot."""
    return isinstance(value, str) and "\0" not in value and not any("\ud800" <= letter <= "\udfff" for letter in value)


def starting_at(after: int | None, newest: int) -> int:
    """The position after which a feed begins: the newest where none is given. Raises bad-value for one beyond it."""
    if after is None:
        return newest
    if not 0 <= after <= newest:
        raise bad_value(
            "after", f"没有序号 {after}，最新为 {newest}。", f"There is no {after}; the newest is {newest}."
        )
    return after


def page_size(first: int | None) -> int:
    """How many rows to give; more than a page holds is cut to it."""
    if first is None:
        return MOST
    if first < 0:
        raise bad_value("first", f"first 不能为负数：{first}。", f"first must not be negative: {first}.")
    return min(first, MOST)


def connection(
    rows: Sequence[T],
    key: Callable[[T], object],
    size: int,
    after: str | None,
    count: Callable[[], Any],
) -> Connection[T]:
    """The page of at most `size` of the rows found (one more than that says that there is a next page)."""
    nodes = list(rows[:size])
    edges = [Edge(cursor=write_cursor(key(node)), node=node) for node in nodes]
    info = PageInfo(
        has_next_page=len(rows) > size,
        has_previous_page=after is not None,
        start_cursor=edges[0].cursor if edges else None,
        end_cursor=edges[-1].cursor if edges else None,
    )
    return Connection(edges=edges, nodes=nodes, page_info=info, count=count)
