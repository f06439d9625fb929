"""What a list is called: by its title in the file, where that does not say the opposite of what is recorded."""

from __future__ import annotations

from collections.abc import Iterable

from registry.exchange.sheets.meaning.phrases import statement
from registry.exchange.sheets.meaning.readings import FORBIDDEN, kind_named, polarity_of
from registry.exchange.sheets.planning.plans import Sheets
from registry.exchange.sheets.recognising import headings, numbering

_OPPOSITE = {"positive": "denied", "negative": "permitted"}


def title(sheets: Sheets, county: str) -> str:
    """The list's title: the file's without a section's number and count; else the county's name and the kind's.

    Of a table that makes several lists the title is that of the kind which it names; what is forbidden beside that is
    called so.
    """
    kind = headings.kinds().get(sheets.kind or "")
    usual = f"{county}{kind.zh if kind else sheets.sheet}"
    texts = [text for table in sheets.tables if (text := " ".join(table.title.split()))]
    if not texts:
        return usual
    text = numbering.bare(texts[0]) if numbering.level(texts[0]) is not None else texts[0]
    if kind is None or sheets.polarity is None:
        return text
    named, status = kind_named(text), statement(text).status
    if status in ("open", "mixed") or (status in ("denied", "ended") and sheets.polarity == "negative"):
        return text
    if named is not None and named != kind.name and (kind.name == FORBIDDEN or "duty" in _covers(named, kind.name)):
        return usual
    if status == _OPPOSITE[sheets.polarity]:
        return usual if sheets.polarity == polarity_of(kind.name) else f"{usual}（负面清单）"
    if sheets.polarity == "negative" and polarity_of(kind.name) == "positive" and status == "plain":
        return f"{text}（负面清单）"
    return text


def among(sheets: Sheets, lists: Iterable[Sheets], county: str) -> str:
    """The list's title among those of its file: where another kind has the same one, each says which kind it is."""
    text = title(sheets, county)
    kind = headings.kinds().get(sheets.kind or "")
    others = {
        other.kind for other in lists if other.kind and other.scope == sheets.scope and title(other, county) == text
    }
    if kind is None or not others - {sheets.kind}:
        return text
    return f"{text}（{kind.zh.removesuffix('清单')}）"


def _covers(*names: str) -> list[str]:
    return [headings.kinds()[name].adopts.get("covers", "duty") for name in names]
