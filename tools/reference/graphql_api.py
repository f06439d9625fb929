"""The GraphQL interface: every question, mutation and subscription with its arguments, and the saved operations."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from graphql import GraphQLObjectType

from registry import data_files
from registry.web.graphql.schema import CORE
from tools.reference.tables import page, table

HEAD: Final = """
全部类型见 [graphql/schema.graphql](../../graphql/schema.graphql)（SDL，每个字段附说明）；怎样提问见
[用 GraphQL 提问](../howto/ask-over-graphql.md)；错误见[错误代码](errors.md)。
All types are in [graphql/schema.graphql](../../graphql/schema.graphql), the SDL with its descriptions; how to ask is told in
[ask over GraphQL](../howto/ask-over-graphql.md), errors in [errors](errors.md).
"""
ROOTS: Final = (
    ("Query", "查询 · Questions"),
    ("Mutation", "记录 · Mutations"),
    ("Subscription", "订阅 · Subscriptions"),
)


def markdown() -> str:
    """The whole page."""
    return page("GraphQL", HEAD, _lines())


def _lines() -> Iterator[str]:
    for name, title in ROOTS:
        root = CORE.type_map[name]
        assert isinstance(root, GraphQLObjectType)
        yield from (f"## {title}", "")
        rows: list[tuple[str, str, str]] = []
        for field, one in sorted(root.fields.items()):
            if not one.description:
                raise ValueError(f"{name}.{field} has no description")
            arguments = ", ".join(f"{argument}: {value.type}" for argument, value in one.args.items())
            rows.append(
                (f"`{field}({arguments})`" if arguments else f"`{field}`", f"`{one.type}`", _plain(one.description))
            )
        yield from table(("字段 field", "结果 result", ""), rows)
        yield ""
    yield from _operations()


def _operations() -> Iterator[str]:
    """The saved operations: their titles are the first lines of their files."""
    yield from ("## 常用语句 · Saved operations", "")
    rows: list[tuple[str, str]] = []
    for file in sorted((data_files.path("graphql") / "operations").glob("*.graphql")):
        title = re.match(r"# (.+)", file.read_text(encoding="utf-8"))
        if title is None:
            raise ValueError(f"{file.name} has no title")
        rows.append((f"[`{file.stem}`](../../graphql/operations/{file.name})", title[1]))
    yield from table(("文件 file", ""), rows)


def _plain(text: str) -> str:
    return " ".join(text.split())
