"""Mapping files: what was recognised in a file, written out to be corrected, and read back the next time."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final, cast

import yaml
from jsonschema import Draft202012Validator

from registry.exchange.sheets.problems import BadSheet, SheetProblem
from registry.exchange.sheets.recognising.headings import fields, kinds
from registry.exchange.sheets.recognising.tables import Table

SCHEMA: Final = Path(__file__).with_name("mapping.schema.json")
_SIZE: Final = 2**20
_PREFACE: Final = (
    "# 表格映射：每个表是哪种清单，各列是什么。可修改后用 --mapping 读入。\n"
    "# Which list each table is, and what its columns are. To be edited, and read by --mapping.\n"
    "# kind: {kinds}\n# columns: {fields}\n"
)


def mapping_of(tables: Sequence[Table]) -> dict[str, Any]:
    """What was recognised, as a mapping that recognises the same."""
    entries: list[dict[str, Any]] = []
    for table in tables:
        entry: dict[str, Any] = {"sheet": table.sheet}
        number = 1 + sum(other["sheet"] == table.sheet for other in entries)
        entry |= {"table": number} if number > 1 else {}
        entry |= {"kind": table.kind} if table.kind else {}
        entry["columns"] = {field: heading.text for field, heading in table.columns.items()}
        entry |= {"noted": [heading.text for heading in table.noted]} if table.noted else {}
        entry |= {"ignored": [heading.text for heading in table.unused]} if table.unused else {}
        entries.append(entry)
    return {"tables": entries}


def write_mapping(
    tables: Sequence[Table],
    path: Path | str,
    matters: Mapping[str, str] | None = None,
    units: Mapping[str, str] | None = None,
    texts: Mapping[str, Mapping[str, str]] | None = None,
) -> None:
    """Writes what was recognised as YAML, with what names mean, and by section what texts do (planning/answers.py).

    Raises OSError where the file cannot be written.
    """
    preface = _PREFACE.format(kinds=" ".join(kinds()), fields=" ".join(fields()))
    mapping = mapping_of(tables)
    mapping |= {"matters": dict(matters)} if matters else {}
    mapping |= {"units": dict(units)} if units else {}
    mapping |= {section: dict(given) for section, given in (texts or {}).items() if given}
    text = yaml.safe_dump(mapping, allow_unicode=True, sort_keys=False, width=120)
    Path(path).write_text(preface + text, "utf-8")


def read_mapping(path: Path | str) -> dict[str, Any]:
    """A mapping file's content, for `recognise`. Raises BadSheet, with what to do, where it is none."""
    name = Path(path).name
    try:
        with Path(path).open("rb") as file:
            content = file.read(_SIZE + 1)
        if len(content) > _SIZE:
            raise ValueError("more than 1 MB")
        mapping: Any = yaml.safe_load(content.decode("utf-8-sig"))
    except (OSError, ValueError, yaml.YAMLError, RecursionError) as error:
        raise _bad(name, "", "不能读取或不是 UTF-8 编码的 YAML", f"cannot be read as YAML in UTF-8: {error}") from None
    validator: Any = Draft202012Validator(json.loads(SCHEMA.read_text("utf-8")))  # its types are not fully known
    errors: list[Any] = list(validator.iter_errors(mapping))
    if errors:
        error = max(errors, key=lambda error: len(error.absolute_path))
        raise _bad(name, error.json_path, "不符合映射文件的格式", str(error.message)[:300])
    for at, entry in enumerate(mapping["tables"]):
        if entry.get("kind", "division") not in kinds():
            where = f"tables[{at}].kind"
            raise _bad(name, where, f"没有“{entry['kind']}”这种清单", f"there is no kind of list {entry['kind']}")
        for field in entry.get("columns", {}):
            if field not in fields():
                raise _bad(name, f"tables[{at}].columns", f"没有“{field}”这个字段", f"there is no field {field}")
    return cast(dict[str, Any], mapping)


def _bad(name: str, where: str, zh: str, en: str) -> BadSheet:
    zh = f"映射文件有误：{zh}。请改正，或删去后用 --save-mapping 重新生成。"
    en = f"The mapping file is wrong: {en}. Correct it, or write it anew with --save-mapping."
    return BadSheet([SheetProblem(name, where, "bad-mapping", zh, en)])
