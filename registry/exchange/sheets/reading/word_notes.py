"""What a .docx has beside its text: comments, footnotes, text boxes, letters that nobody sees, headers of pages."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, Final

from docx.oxml import parse_xml
from docx.oxml.ns import qn

from registry.exchange.sheets.reading.unprinted import printed_beside

_FALLBACK: Final = "{http://schemas.openxmlformats.org/markup-compatibility/2006}Fallback"
_BOX: Final = qn("w:txbxContent")
_OFF: Final = ("0", "false", "off")
_COMMENTS, _FOOTNOTES, _ENDNOTES = "comments", "footnotes", "endnotes"


@dataclass(slots=True)
class Beside:
    """Comments and notes of a document by kind and number, and what stands above its pages.

    `of_paragraphs`: the comments on what is in no table, as they were come upon.
    """

    texts: dict[tuple[str, str], str]
    margins: tuple[str, ...]
    of_paragraphs: list[str] = field(default_factory=list[str])

    def comments_in(self, element: Any) -> list[str]:
        """The comments that belong to text in an element."""
        return self._referred(element, ((_COMMENTS, "w:commentReference"),))

    def footnotes_in(self, element: Any) -> list[str]:
        """The footnotes and endnotes that belong to text in an element."""
        return self._referred(element, ((_FOOTNOTES, "w:footnoteReference"), (_ENDNOTES, "w:endnoteReference")))

    def _referred(self, element: Any, kinds: tuple[tuple[str, str], ...]) -> list[str]:
        marks = ((kind, each.get(qn("w:id"))) for kind, tag in kinds for each in element.iter(qn(tag)))
        return [self.texts[key] for key in marks if key in self.texts]


def of_document(document: Any) -> Beside:
    """What a document of python-docx has beside its text."""
    texts: dict[tuple[str, str], str] = {}
    for relation in document.part.rels.values():
        kind = str(relation.reltype).rpartition("/")[2]
        if kind not in (_COMMENTS, _FOOTNOTES, _ENDNOTES) or relation.is_external:
            continue
        notes: Any = parse_xml(relation.target_part.blob)
        for note in notes:
            text = _text(note)
            if text and note.get(qn("w:type")) not in ("separator", "continuationSeparator", "continuationNotice"):
                texts[kind, str(note.get(qn("w:id")))] = text
    return Beside(texts, tuple(printed_beside(_margins(document))))


def boxes(paragraph: Any) -> Iterator[Any]:
    """The contents of text boxes in a paragraph, each once: Word writes them twice, for old programs too."""
    for box in paragraph.iter(_BOX):
        above = list(box.iterancestors())
        if not any(each.tag == _FALLBACK for each in above) and not any(
            each.tag == _BOX for each in above[: above.index(paragraph)]
        ):
            yield box


def is_unseen(cell: Any) -> bool:
    """Whether letters of a cell are hidden, or white on a ground without colour."""
    ground = cell.find(f"{qn('w:tcPr')}/{qn('w:shd')}")
    coloured = ground is not None and str(ground.get(qn("w:fill"), "auto")).upper() not in ("AUTO", "FFFFFF")
    for run in cell.iter(qn("w:r")):
        about = run.find(qn("w:rPr"))
        if about is None or not any((text.text or "").strip() for text in run.iter(qn("w:t"))):
            continue
        hidden, color = about.find(qn("w:vanish")), about.find(qn("w:color"))
        if hidden is not None and hidden.get(qn("w:val"), "1") not in _OFF:
            return True
        white = color is not None and str(color.get(qn("w:val"))).upper() == "FFFFFF"
        if white and not coloured and about.find(qn("w:shd")) is None and about.find(qn("w:highlight")) is None:
            return True
    return False


def _margins(document: Any) -> Iterator[str]:
    for section in document.sections:
        heads = section.header, section.first_page_header, section.even_page_header
        feet = section.footer, section.first_page_footer, section.even_page_footer
        for header in (*heads, *feet):
            if not header.is_linked_to_previous:
                yield from filter(None, map(_text, header._element.iter(qn("w:p"))))


def _text(element: Any) -> str:
    return "".join(each.text or "" for each in element.iter(qn("w:t"))).strip()
