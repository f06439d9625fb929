"""The journal: every type of decision and every field, from the decision classes, and meanings.yaml for the fields."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any, Final

import yaml

from registry.domain.decision import Decision
from registry.domain.decisions import TYPES
from tools.reference.tables import page, table

HEAD: Final = """
日志是 UTF-8 的 JSON Lines（`.jsonl`，也可 `.jsonl.gz`），每行一项决定；导入、导出、接口和表格都化为同样的决定。下表列出每种决定的
全部字段：先是必填的，再是可选的。可选字段可以不写，但不能写 null（更正和修订除外：写 null 即去掉）。编号至多 200 字，不含
`#`；文字至多 20,000 字；数组至多 1,000 项。
The journal is JSON Lines in UTF-8 (`.jsonl`, also `.jsonl.gz`), one decision a line; import, export, the API and spreadsheets
all become the same decisions. Each type has its fields below, the required ones first. An optional field may be left out but
not be null, except in a correction or a revision, where null takes it away. An id has at most 200 characters and no
`#`; a text at most 20,000; an array at most 1,000.

```json
{"type": "UnitRegistered", "at": "2020-01-01", "unit": "420684", "name": "宜城市", "level": "county", "kind": "government"}
```

## 规矩 · What always holds

- 一项决定只能指明前面的行或日志已经登记的东西；单位须在当日存在。A decision names only what an earlier line or the log
  brought in; units must exist on its day.
- 全部记录或全不记录：有一行不对，就什么都不记录，并逐行说明（[错误代码](errors.md)）。All or nothing: one bad line and nothing is
  recorded, and every bad line is explained ([errors](errors.md)).
- 与已记录的完全相同的行略过，所以同一文件导入两次无害。A line equal to one recorded before is skipped, so importing twice
  does no harm.
- 事实从不因违法而被拒绝，只是查出问题；只有申请可以不准。Facts are never refused for being unlawful, they are flagged; only a
  proposal can be refused.
- 每种决定在 GraphQL 中有同名的修改（[GraphQL](graphql.md)），字段写作驼峰。Each type has a mutation of its own in
  [GraphQL](graphql.md), its fields in camel case.
"""
ORDER: Final = ("type", "at", "note")  # what every decision has, told once
FORMS: Final = (  # by what the pattern of a text says
    (r"\d{4}-\d{2}-\d{2}", "日期 date"),
    ("[^#", "编号 id"),
)


@cache
def _meanings() -> Mapping[str, tuple[str, str]]:
    return yaml.safe_load(Path(__file__).with_name("meanings.yaml").read_text("utf-8"))["fields"]


def markdown() -> str:
    """The whole page. Raises KeyError where a field is not described."""
    return page("日志 · The journal", HEAD, _lines())


def meaning(decision: str, field: str) -> str:
    """What a field of a decision means, in zh and en. Raises KeyError where nothing says it."""
    fields = _meanings()
    described = fields.get(f"{decision}.{field}") or fields.get(field)
    if described is None:
        raise KeyError(f"tools/reference/meanings.yaml does not describe {decision}.{field}")
    return " ".join(described)


def sentence(decision: str) -> str:
    """What a type of decision records, in zh and en."""
    return " ".join(TYPES[decision].SENTENCE)


def _lines() -> Iterator[str]:
    yield from ("## 各种决定 · The types", "")
    yield from table(("决定 type", ""), ((f"[`{name}`](#{name.lower()})", sentence(name)) for name in TYPES))
    yield ""
    yield from ("## 共有字段 · Fields of every decision", "")
    common = Decision.model_json_schema(by_alias=True)["properties"]
    rows = [
        ("`type`", "文字 text", "是 yes", "决定的种类，即下面各节的标题 The type, as the sections below are called")
    ]
    rows += [
        (f"`{name}`", _form(common[name], {}), "是 yes" if name == "at" else "", meaning("", name))
        for name in ORDER[1:]
    ]
    yield from _fields(rows)
    for decision in TYPES.values():
        yield from _decision(decision)


def _decision(decision: type[Decision]) -> Iterator[str]:
    schema = decision.model_json_schema(by_alias=True)
    properties = {name: form for name, form in schema["properties"].items() if name not in ORDER}
    required = set(schema.get("required", ()))
    yield from (f"## {decision.__name__}", "", sentence(decision.__name__), "")
    yield from _fields(
        (
            f"`{name}`",
            _form(properties[name], schema.get("$defs", {})),
            "是 yes" if name in required else "",
            meaning(decision.__name__, name),
        )
        for name in sorted(properties, key=lambda name: name not in required)
    )


def _fields(rows: Any) -> Iterator[str]:
    yield from table(("字段 field", "类型 type", "必填 required", "含义 meaning"), rows)
    yield ""


def _form(schema: Mapping[str, Any], named: Mapping[str, Any]) -> str:
    """What may be written for a field: the words of a vocabulary, or the kind of value."""
    if "$ref" in schema:
        name = schema["$ref"].rpartition("/")[2]
        parts = named[name]["properties"]
        return "{" + ", ".join(f"`{part}`: {_form(parts[part], named)}" for part in parts) + "}"
    if "anyOf" in schema:
        words = [word for choice in schema["anyOf"] for word in choice.get("enum", ())]
        return " ".join(f"`{word}`" for word in dict.fromkeys(words))
    if "enum" in schema:
        return " ".join(f"`{word}`" for word in schema["enum"])
    match schema["type"]:
        case "array":
            return f"[{_form(schema['items'], named)} …]"
        case "boolean":
            return "`true` `false`"
        case "integer":
            return f"整数 integer, {schema['minimum']} – {schema['maximum']}"
        case "object":
            return "对象 object"
        case _:
            pattern = schema.get("pattern", "")
            return next((form for part, form in FORMS if part in pattern), "文字 text")
