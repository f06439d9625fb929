"""The letter that orders a finding to be put right (督办单), and the form of its answer (整改情况答复单), as .docx."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from docx.shared import Mm

from registry.checker import RULES, Finding
from registry.domain.dates import in_chinese
from registry.exchange.sheets.writing import as_docx
from registry.exchange.sheets.writing.printable import Source
from registry.queries.findings.rectifications import Answer, Rectification

OUTCOMES: Final = {"done": "已整改", "extended": "申请延期", "disputed": "有异议"}
BLANK: Final = "　" * 20


@dataclass(frozen=True, slots=True)
class Letter:
    """What a letter needs: the order, its answers by the day, its finding if that stands, names by code.

    `about`: what the subject is about, in words, where that is known.
    """

    order: Rectification
    answers: Sequence[Answer]
    finding: Finding | None
    names: Mapping[str, str]
    about: str | None = None

    def named(self, code: str) -> str:
        """A unit's or document's name and code."""
        return f"{self.names[code]}（{code}）" if code in self.names else code

    def signing(self, code: str) -> str:
        """A unit's name alone, as it signs."""
        return self.names.get(code, code)

    @property
    def subject(self) -> str:
        """What the finding is about, and its ref."""
        return self.order.subject if self.about is None else f"{self.about}（{self.order.subject}）"


def order_letter(letter: Letter, source: Source) -> bytes:
    """The letter of order: what is wrong, with which unit, by which rule; what is to be done, and by when."""
    order, rule = letter.order, RULES[letter.order.rule]
    finding = letter.finding
    gone = f"截至{in_chinese(source.moment.valid_at)}，该问题已不在检查结果之中。"
    rows = [
        ("被督办单位", letter.named(order.unit)),
        ("问题类型", rule.title.zh),
        ("问题对象", letter.subject),
        ("问题情况", gone if finding is None else finding.message.zh),
        ("认定依据", "；".join(finding.basis if finding is not None else rule.basis)),
        ("整改要求", order.text),
        ("整改期限", in_chinese(order.due_on)),
        *([("督办依据", letter.named(order.instrument))] if order.instrument is not None else []),
        *_given(letter),
    ]
    title = "问题整改督办单"
    document = as_docx.new_document(upright=True)
    as_docx.add_heading(document, title, f"督办编号：{order.ref}　　签发日期：{in_chinese(order.ordered)}")
    _table(document, rows)
    if finding is not None and not order.done:
        request = f"请于{in_chinese(order.due_on)}以前整改到位，并填写《问题整改情况答复单》答复。"
        as_docx.add_paragraph(document, request, as_docx.PLAIN, 12)
    _signed(document, ("督办单位（盖章）", letter.signing(order.by)), ("经办人", ""), ("签收单位（盖章）", ""))
    as_docx.add_footer(document, f"督办编号：{order.ref}", source)
    return as_docx.written(document, (), source, f"{title} {order.ref}")


def answer_form(letter: Letter, source: Source) -> bytes:
    """The form of the answer: filled in with the latest answer given, else to be filled in."""
    order = letter.order
    latest = letter.answers[-1] if letter.answers else None
    chosen = "　".join(
        f"{'☑' if latest is not None and latest.outcome == word else '□'} {zh}" for word, zh in OUTCOMES.items()
    )
    new_day = in_chinese(latest.due_on) if latest is not None and latest.due_on is not None else BLANK
    rows = [
        ("答复单位", letter.named(latest.by if latest is not None else order.unit)),
        ("问题类型", RULES[order.rule].title.zh),
        ("问题对象", letter.subject),
        ("整改要求", order.text),
        ("整改期限", in_chinese(order.due_on)),
        ("整改结果", chosen),
        ("新的期限", f"{new_day}（申请延期的填写）"),
        ("整改情况", latest.text if latest is not None else "\n" * 6),
        ("答复日期", in_chinese(latest.at) if latest is not None else BLANK),
    ]
    title = "问题整改情况答复单"
    document = as_docx.new_document(upright=True)
    as_docx.add_heading(document, title, f"督办编号：{order.ref}　　督办单位：{letter.signing(order.by)}")
    _table(document, rows)
    _signed(document, ("答复单位（盖章）", ""), ("负责人", ""), ("督办单位核实意见", ""))
    as_docx.add_footer(document, f"督办编号：{order.ref}", source)
    return as_docx.written(document, (), source, f"{title} {order.ref}")


def _given(letter: Letter) -> list[tuple[str, str]]:
    """The answers so far, each on a row."""
    rows: list[tuple[str, str]] = []
    for answer in letter.answers:
        until = f"至{in_chinese(answer.due_on)}" if answer.due_on is not None else ""
        answered = (
            f"{in_chinese(answer.at)}　{letter.signing(answer.by)}：{OUTCOMES[answer.outcome]}{until}。{answer.text}"
        )
        rows.append(("已有答复", answered))
    return rows


def _table(document: Any, rows: Sequence[tuple[str, str]]) -> None:
    table = document.add_table(rows=0, cols=2)
    table.style = document.styles["Table Grid"]
    table.autofit = False
    for label, text in rows:
        cells = table.add_row().cells
        for cell, width, content, font in (
            (cells[0], Mm(36), label, as_docx.BOLD),
            (cells[1], Mm(138), text, as_docx.PLAIN),
        ):
            cell.width = width
            as_docx.fill_cell(cell, content, font)


def _signed(document: Any, *lines: tuple[str, str]) -> None:
    document.add_paragraph()
    for label, name in lines:
        as_docx.add_paragraph(document, f"{label}：{name or BLANK}", as_docx.PLAIN, 12)
