"""Who led a duty from when to when: a lane for each holder, the document at each change, changes of the law marked."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import accumulate, pairwise
from typing import Final

from registry.domain.dates import today
from registry.domain.text import Text
from registry.web.console import cells
from registry.web.console.asking import Data
from registry.web.console.pictures import INK, QUIET, RULE, STROKES, Drawing, Picture, ems
from registry.web.console.tables import Cell, Column, Table, rows_of
from registry.web.console.view import View
from registry.web.console.words import decision_cell

TOGETHER: Final = 4  # holders of the same span by the same subject, from which on they share a lane
LANES: Final = 40
LAW: Final = ("MatterDefined", "MatterRevised", "MatterRetired")
_LEFT, _RIGHT, _TOP, _LANE, _AXIS = 190.0, 20.0, 30.0, 46.0, 26.0
_WIDTH: Final = 1000.0
_BOX: Final = 18.0
_LINE: Final = 13.0  # from one line of labels below a bar to the next
_SIZE: Final = 11.0  # of a label
_LETTERS: Final = 13  # of a name in front of its lane
COLUMNS: Final = (
    Column("since", Text("起", "From"), "day", width=12),
    Column("until", Text("止", "To"), "day", width=12),
    Column("holder", Text("牵头单位", "Led by"), chinese=True, width=24),
    Column("by", Text("依据种类", "By"), width=8),
    Column("sender", Text("交办单位", "From whom"), chinese=True, width=24),
    Column("document", Text("依据文件", "Document"), chinese=True, width=40),
    Column("decision", Text("由哪项决定转来", "By which decision"), own_words=True, width=50),
    Column("then", Text("当时所知", "As was known then"), width=12),
)


@dataclass(frozen=True, slots=True)
class Bar:
    """A stretch of days in a lane."""

    since: date
    until: date | None
    span: Data


def spans_by(view: View, spans: Sequence[Data]) -> list[Data]:
    """The spans as they stood on a past day that the bar names: none that began later, none ended by what came later.

    All of them where the day is today or to come.
    """
    day = view.moment.valid_at
    if day >= today():
        return list(spans)
    begun = [span for span in spans if date.fromisoformat(span["since"]) <= day]
    return [
        {**span, "until": None, "endedBy": None} if span["until"] and span["until"] > str(day) else span
        for span in begun
    ]


def custody_table(view: View, spans: Sequence[Data]) -> Table:
    """The spans, each with the day and the knowledge at which it began."""
    path = view.request.scope["path"]

    def then(span: Data) -> Cell:
        if span["decision"] is None:
            return Cell(None)
        position = str(span["decision"]["position"])
        within = view.parameter("within") or None
        text = view.localized("看当时", "show")
        # Not the bar's moment, but that of the change.
        return Cell(int(position), text, view.href(path, as_of=span["since"], known=position, within=within))

    rows = rows_of(
        spans,
        since=lambda one: one["since"],
        until=lambda one: one["until"],
        holder=lambda one: cells.unit_cell(view, one["holder"]),
        by=lambda one: Cell(one["by"], view.localized(*cells.RESTS_ON[one["by"]])),
        sender=lambda one: one["from"] and one["from"]["name"],
        document=lambda one: cells.document_cell(view, one["instrument"]),
        decision=lambda one: decision_cell(view, one["decision"]),
        then=then,
    )
    return Table("custody", Text("牵头沿革", "Who led it"), COLUMNS, rows, main=False)


def custody_picture(
    view: View, name: str, spans: Sequence[Data], laws: Sequence[Data], table: Table, territory: str
) -> Picture:
    """The timeline, up to a past day where the bar names one; `laws`: the decisions about the matter itself."""
    lanes = _lanes(view, spans)
    left_out = max(0, len(lanes) - LANES)
    lanes = dict(list(lanes.items())[:LANES])
    bars = [bar for of_lane in lanes.values() for bar in of_lane]
    days = [bar.since for bar in bars] + [bar.until for bar in bars if bar.until]
    first, last = min(days, default=view.moment.valid_at), max([view.moment.valid_at, *days])
    changed = [(date.fromisoformat(law["at"]), law["summary"]) for law in laws if law["type"] in LAW]
    on, past = view.moment.valid_at, view.moment.valid_at < today()
    marks = [(day, message) for day, message in changed if day >= first and not (past and day > on)]
    scale = (_WIDTH - _LEFT - _RIGHT) / max(1, (last - first).days)

    def x(day: date) -> float:
        return _LEFT + (day - first).days * scale

    labels = [_labels(view, of_lane, x) for of_lane in lanes.values()]
    tops = list(accumulate((_lane_height(of_lane) for of_lane in labels), initial=_TOP))
    bottom = tops[-1]
    height = bottom + _AXIS
    title = view.localized(f"{name}：牵头沿革", f"{name}: who led it")
    described = view.localized(
        "每一单位一行，各段的起止和依据文件见下表。", "A lane for each unit; the table has days and documents."
    )
    drawing = Drawing("custody", _WIDTH, height, title, described)
    for day, message in marks:
        drawing.line((x(day), _TOP - 8), (x(day), bottom), colour=QUIET, dashes="2 3")
        drawing.dot((x(day), _TOP - 10), radius=4, fill=QUIET, tip=f"{day} {message}")
    for (holder, of_lane), of_labels, (y, below) in zip(lanes.items(), labels, pairwise(tops), strict=True):
        drawing.line((_LEFT, below), (_WIDTH - _RIGHT, below))
        drawing.text((4, y + 26), _cut(holder), size=13)
        for bar in of_lane:
            _bar(view, drawing, bar, (x(bar.since), y + 6), x(bar.until or last))
        for label in of_labels:
            drawing.text((label.start, y + 6 + _BOX + _LINE * (label.row + 1)), label.text, size=_SIZE)
    if on != today():
        drawing.line((x(on), _TOP - 8), (x(on), bottom), width=2, colour=INK)
        drawing.text((x(on), _TOP - 14), str(on), size=11, anchor="end" if x(on) > _WIDTH / 2 else "start")
    _axis(drawing, first, last, bottom, x)
    caption = view.localized(
        "虚线是法律或事项本身的变化。", "Dashed lines: changes of the law or of the matter itself."
    )
    if past:
        caption += view.localized(
            f"图和表只到 {on}，以后的变化不在其中。", f" Picture and table end on {on}, without what changed later."
        )
    elif on != today():
        caption += view.localized(f"竖线是 {on}。", f" The upright line is {on}.")
    if left_out:
        caption += view.localized(
            f"图上省去 {left_out} 行，表中都有。", f" {left_out} lanes are left out here; the table has all."
        )
    return Picture.of(view, drawing, Text(caption, caption), table, territory)


def _lanes(view: View, spans: Sequence[Data]) -> dict[str, list[Bar]]:
    """Bars by what stands in front of their lane; many units that hold it together share one."""
    together: defaultdict[tuple[str, str, str | None], list[Data]] = defaultdict(list)
    for span in spans:
        subject = span["subject"] if span["by"] == "list" else f"{span['subject']} {span['holder']['code']}"
        together[subject, span["since"], span["until"]].append(span)
    lanes: dict[str, list[Bar]] = {}
    for (_, since, until), of in sorted(together.items(), key=lambda each: (each[0][1], each[0][0])):
        named = [of] if len(of) >= TOGETHER else [[one] for one in of]
        for each in named:
            first, number = each[0]["holder"]["name"], len(each)
            name = first if number == 1 else view.localized(f"{first}等{number}个单位", f"{first} … ({number} units)")
            bar = Bar(date.fromisoformat(since), date.fromisoformat(until) if until else None, each[0])
            lanes.setdefault(name, []).append(bar)
    return lanes


@dataclass(frozen=True, slots=True)
class Label:
    """What is written below a bar: from which x on, on which line below the bars of the lane, from 0."""

    text: str
    start: float
    row: int


def _labels(view: View, bars: Sequence[Bar], x: Callable[[date], float]) -> list[Label]:
    """The labels of a lane, each on the first line on which it touches none of those before it, within the picture."""
    labels: list[Label] = []
    ends: list[float] = []  # of what is written so far, by line
    for bar in sorted(bars, key=lambda bar: bar.since):
        text = f"{bar.since} {_paper(view, bar)}"
        width = ems(text) * _SIZE
        start = max(0.0, min(x(bar.since) + 2, _WIDTH - _RIGHT - width))
        row = next((row for row, end in enumerate(ends) if end < start), len(ends))
        ends[row : row + 1] = [start + width + _SIZE / 2]
        labels.append(Label(text, start, row))
    return labels


def _lane_height(labels: Sequence[Label]) -> float:
    return _LANE + _LINE * max((label.row for label in labels), default=0)


def _paper(view: View, bar: Bar) -> str:
    document = bar.span["instrument"]
    return view.localized("法定", "by law") if document is None else document["number"]


def _bar(view: View, drawing: Drawing, bar: Bar, corner: tuple[float, float], end: float) -> None:
    colour = {"law": STROKES[0][0], "list": STROKES[2][0], "delegation": STROKES[1][0]}[bar.span["by"]]
    tip = f"{bar.since} – {bar.until or ''} {_paper(view, bar)}"
    drawing.box(corner, (max(2.0, end - corner[0]), _BOX), fill=colour, edge=INK, round_=2, tip=tip)


def _axis(drawing: Drawing, first: date, last: date, y: float, x: Callable[[date], float]) -> None:
    years = range(first.year, last.year + 1)
    step = max(1, len(years) // 10)
    for year in years[::step]:
        day = max(first, date(year, 1, 1))
        drawing.line((x(day), y), (x(day), y + 5), colour=RULE)
        drawing.text((x(day), y + 18), str(year), size=11, colour=QUIET)


def _cut(text: str, letters: int = _LETTERS) -> str:
    return text if len(text) <= letters else text[: letters - 1] + "…"
