"""What a row says that no field of a decision takes: kept in the item's note, line by line, and read out of it again.

A line is `标签：text`, the label being the field's heading in zh; a line without a known label goes on the one before.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import Final

from registry.exchange.sheets.recognising import headings

# The document by which an item came to a list that rests on another one. No cell of a sheet says it.
DOCUMENT: Final = "document"
_DOCUMENT: Final = "文件"


def write(fields: Mapping[str, str]) -> str | None:
    """The note for these fields, in the order in which headings.yaml has them; None where nothing is said."""
    lines: list[str] = []
    for field, label in _labels().items():
        if field in fields:
            # A line of the text that looks like a label of ours would be read as one.
            texts = fields[field].split("\n")
            lines.append(f"{label}：{texts[0]}")
            lines += [f" {text}" if _labelled(text) else text for text in texts[1:]]
    return "\n".join(lines) or None


def read(note: str | None) -> dict[str, str]:
    """What a note says by field; text before the first label, as a person writes it, is a remark."""
    fields: dict[str, str] = {}
    field = "remark"
    for line in (note or "").split("\n"):
        result = _labelled(line)
        if result is not None and result not in fields:
            field = result
            fields[field] = line.partition("：")[2]
        elif line:
            fields[field] = f"{fields[field]}\n{line.strip()}" if field in fields else line
    return fields


def _labelled(line: str) -> str | None:
    """The field whose label the line begins with."""
    label, colon, _ = line.partition("：")
    return _fields().get(label) if colon else None


@cache
def _labels() -> Mapping[str, str]:
    return {name: field.heading for name, field in headings.fields().items()} | {DOCUMENT: _DOCUMENT}


@cache
def _fields() -> Mapping[str, str]:
    return {label: name for name, label in _labels().items()}
