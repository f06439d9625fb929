"""Pictures that the server draws, as SVG: timelines, small graphs, line charts.

Presentation attributes only, for the policy of the pages forbids `style=`. Colours are told apart with red-green
blindness, and in grey by dashes and by what is written beside them; each picture has a table behind it.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import TYPE_CHECKING, Final, Literal

from fastapi import Response
from markupsafe import Markup, escape

from registry.domain.text import Text
from registry.exchange.file_names import disposition
from registry.web.beside import MadeBeside
from registry.web.console.tables import Shown, Table
from registry.web.pages import address as lookup

if TYPE_CHECKING:
    from registry.web.console.view import View

INK: Final = "#1a1a1a"
QUIET: Final = "#595959"
RULE: Final = "#b9b0a4"  # thin lines: axes, lanes
PAPER: Final = "#ffffff"
# Strokes that are told apart: a colour (Okabe and Ito's, darkened to 4.5:1 on white) and a pattern of dashes.
STROKES: Final[tuple[tuple[str, str], ...]] = (
    ("#00598f", ""),
    ("#a84300", "7 3"),
    ("#006b4f", "2 3"),
    ("#1a1a1a", "9 3 2 3"),
    ("#94487a", "4 2"),
    ("#6b5a00", "1 2"),
)
# From paper to dark in steps that differ in grey; from the fourth on, what is written on them is white.
SHADES: Final = ("#ffffff", "#fbe9dc", "#f3c6a5", "#e39a6a", "#b4592f", "#7d2d12")
FONT: Final = "'PingFang SC','Noto Sans CJK SC','Noto Sans SC','Microsoft YaHei',sans-serif"
Point = tuple[float, float]


def shade(number: float, most: float) -> int:
    """Which of SHADES a number has where `most` is the darkest: 0 for nothing, else 1 to 5."""
    if number <= 0 or most <= 0:
        return 0
    return min(5, max(1, 1 + int(5 * (number / most) ** 0.7 - 1e-9)))


@dataclass(slots=True)
class Drawing:
    """An SVG in the making: `width` and `height` in its own units, `title` and `description` for who cannot see it.

    Whatever text is given is escaped. `name` is unique on its page.
    """

    name: str
    width: float
    height: float
    title: str
    description: str = ""
    lang: str = "zh-CN"
    _parts: list[str] = field(default_factory=list[str])

    def line(self, start: Point, end: Point, *, colour: str = RULE, width: float = 1, dashes: str = "") -> None:
        """A straight line."""
        self._add("line", x1=start[0], y1=start[1], x2=end[0], y2=end[1], **_stroke(colour, width, dashes))

    def path(self, points: Iterable[Point], *, colour: str = INK, width: float = 2, dashes: str = "") -> None:
        """A line through points."""
        written = " ".join(f"{_number(x)},{_number(y)}" for x, y in points)
        self._add("polyline", points=written, fill="none", stroke_linejoin="round", **_stroke(colour, width, dashes))

    def curve(self, start: Point, end: Point, *, colour: str, width: float, opacity: float = 0.45) -> None:
        """A band from left to right, as of a Sankey diagram; `width` across."""
        (x1, y1), (x2, y2) = start, end
        middle = _number((x1 + x2) / 2)
        d = f"M{_number(x1)} {_number(y1)}C{middle} {_number(y1)} {middle} {_number(y2)} {_number(x2)} {_number(y2)}"
        self._add("path", d=d, fill="none", stroke_opacity=opacity, **_stroke(colour, width, ""))

    def box(
        self,
        corner: Point,
        size: Point,
        *,
        fill: str = PAPER,
        edge: str = "",
        round_: float = 0,
        tip: str = "",
        href: str = "",
    ) -> None:
        """A rectangle; `tip` is shown over it, `href` is where it leads."""
        outline = _stroke(edge, 1, "") if edge else {}
        self._begin(href)
        made = {"x": corner[0], "y": corner[1], "width": size[0], "height": size[1], "rx": round_, "fill": fill}
        self._add("rect", tip, **made, **outline)
        self._end(href)

    def dot(self, at: Point, *, radius: float = 3, fill: str = INK, edge: str = "", tip: str = "") -> None:
        """A disc."""
        outline = _stroke(edge, 1.5, "") if edge else {}
        self._add("circle", tip, cx=at[0], cy=at[1], r=radius, fill=fill, **outline)

    def text(
        self,
        at: Point,
        text: str,
        *,
        size: float = 12,
        anchor: Literal["start", "middle", "end"] = "start",
        colour: str = INK,
        bold: bool = False,
        href: str = "",
        lang: str = "",
    ) -> None:
        """A line of text, its baseline at a point; `lang`: where it is not the drawing's."""
        weight = {**({"font_weight": "bold"} if bold else {}), **({"lang": lang} if lang else {})}
        self._begin(href)
        attributes = _attributes({"x": at[0], "y": at[1], "font_size": size, "text_anchor": anchor, "fill": colour})
        self._parts.append(f"<text{attributes}{_attributes(weight)}>{escape(text)}</text>")
        self._end(href)

    @property
    def svg(self) -> Markup:
        """The element, for a page."""
        return self._element(self.height, "".join(self._parts))

    def above(self, other: Drawing, height: float) -> Markup:
        """The element with another drawing below so much of this one."""
        below = f'<g transform="translate(0 {_number(height)})">{"".join(other._parts)}</g>'
        paper = f'<rect width="100%" height="100%" fill="{PAPER}"/>'
        return self._element(height + other.height, paper + "".join(self._parts) + below)

    def _element(self, height: float, drawn: str) -> Markup:
        ids = f"{self.name}-title", f"{self.name}-description"
        attributes = _attributes(
            {
                "viewBox": f"0 0 {_number(self.width)} {_number(height)}",
                "width": self.width,
                "height": height,
                "role": "group" if any(part.startswith("<a ") for part in self._parts) else "img",
                "lang": self.lang,
                "font_family": FONT,
                "aria_labelledby": " ".join(ids),
            }
        )
        named = f'<title id="{escape(ids[0])}">{escape(self.title)}</title>'
        described_by = f'<desc id="{escape(ids[1])}">{escape(self.description)}</desc>'
        inner = named + described_by + drawn
        return Markup(f'<svg xmlns="http://www.w3.org/2000/svg"{attributes}>{inner}</svg>')  # noqa: S704 - escaped above

    def _add(self, element: str, tip: str = "", /, **attributes: object) -> None:
        inside = f"<title>{escape(tip)}</title>" if tip else ""
        self._parts.append(f"<{element}{_attributes(attributes)}>{inside}</{element}>")

    def _begin(self, href: str) -> None:
        if href:
            self._parts.append(f"<a{_attributes({'href': href})}>")

    def _end(self, href: str) -> None:
        if href:
            self._parts.append("</a>")


def _stroke(colour: str, width: float, dashes: str) -> dict[str, object]:
    return {"stroke": colour, "stroke_width": width, **({"stroke_dasharray": dashes} if dashes else {})}


def _attributes(given: Mapping[str, object]) -> str:
    """Names have - for _; numbers to a tenth."""
    return "".join(
        [
            f' {_written(name)}="{_number(value) if isinstance(value, int | float) else escape(value)}"'
            for name, value in given.items()
        ]
    )


@cache
def _written(name: str) -> str:
    return name.replace("_", "-")


def _number(value: float) -> str:
    # A drawing of a thousand boxes has five thousand numbers, most of them whole.
    return str(int(value)) if value == int(value) else f"{value:.2f}".rstrip("0").rstrip(".")


# ------------------------------------------------------------------------------------------------------- line charts


@dataclass(frozen=True, slots=True)
class Series:
    """A line of a chart: its name, and a number for each day; None where there is none, which is a gap."""

    name: str
    values: Sequence[float | None]


@dataclass(frozen=True, slots=True)
class Panel:
    """A small chart: its head (in the language `lang`), where that leads, and its lines, named in its legend."""

    title: str
    series: Sequence[Series]
    href: str = ""
    lang: str = "zh-CN"


_WIDE: Final = 1208.0  # as a desk of 1280 pixels leaves for all panels side by side
_WIDTHS: Final = (270.0, 400.0)  # of a panel, at least and at most
_HIGH: Final = 160.0
_LEFT, _TOP, _RIGHT, _BOTTOM = 34.0, 26.0, 12.0, 22.0  # of its margins
_ACROSS: Final = 4  # panels


def line_charts(
    name: str,
    title: str,
    description: str,
    days: Sequence[str],
    panels: Sequence[Panel],
    *,
    same_scale: bool = False,
    across: int = _ACROSS,
) -> Drawing:
    """Small line charts side by side, one a panel, all over the same days; `same_scale`: to be compared by height."""
    across = min(across, max(1, len(panels)))
    down = -(-len(panels) // across) or 1
    size = min(max(_WIDE / across, _WIDTHS[0]), _WIDTHS[1]), _HIGH
    drawing = Drawing(name, across * size[0], down * size[1] + 4, title, description)
    highest = max((_most(panel) for panel in panels), default=0.0)
    for index, panel in enumerate(panels):
        corner = (index % across) * size[0], (index // across) * size[1]
        _panel(drawing, (corner, size), panel, days, highest if same_scale else _most(panel))
    return drawing


def _most(panel: Panel) -> float:
    return max((value for series in panel.series for value in series.values if value is not None), default=0.0)


def _panel(drawing: Drawing, box: tuple[Point, Point], panel: Panel, days: Sequence[str], most: float) -> None:
    corner, size = box
    x0, y0 = corner[0] + _LEFT, corner[1] + _TOP
    width, height = size[0] - _LEFT - _RIGHT, size[1] - _TOP - _BOTTOM
    top = _rounded(most)
    drawing.text((corner[0] + 2, corner[1] + 14), panel.title, size=13, bold=True, href=panel.href, lang=panel.lang)
    for part in (0.0, 0.5, 1.0):
        y = y0 + height * (1 - part)
        drawing.line((x0, y), (x0 + width, y), colour=RULE if part == 0 else "#e4ded5")
        if part != 0.5 or top >= 2:
            drawing.text((x0 - 4, y + 4), f"{top * part:g}", size=10, anchor="end", colour=QUIET)
    step = width / max(len(days) - 1, 1)
    if days:
        drawing.text((x0, y0 + height + 14), days[0], size=10, colour=QUIET)
    if len(days) > 1:
        drawing.text((x0 + width, y0 + height + 14), days[-1], size=10, anchor="end", colour=QUIET)
    for series, (colour, dashes) in zip(panel.series, STROKES, strict=False):
        points = [
            None if value is None else (x0 + index * step, y0 + height * (1 - value / top))
            for index, value in enumerate(series.values)
        ]
        for run in _runs(points):
            drawing.path(run, colour=colour, dashes=dashes)
        if points and (end := points[-1]) is not None:
            drawing.dot(end, fill=colour, tip=f"{series.name} {series.values[-1]:g}")
            written = f"{series.values[-1]:g}" if len(panel.series) == 1 else f"{series.name} {series.values[-1]:g}"
            drawing.text((end[0], end[1] - 6), written, size=10, anchor="end", colour=colour, lang=panel.lang)


def _runs(points: Sequence[Point | None]) -> list[list[Point]]:
    runs: list[list[Point]] = [[]]
    for point in points:
        if point is None:
            runs.append([])
        else:
            runs[-1].append(point)
    return [run for run in runs if len(run) > 1]


def _rounded(most: float) -> float:
    """The top of an axis: the next of 1, 2, 4, 5, 10, 20 and so on."""
    if most <= 0:
        return 1.0
    power = 1.0
    while power * 10 < most:
        power *= 10
    while power > most and power > 0.1:
        power /= 10
    return next(power * factor for factor in (1, 2, 3, 4, 5, 6, 8, 10) if power * factor >= most)


# ------------------------------------------------------------------------------------------------- pictures of a view


@dataclass(frozen=True, slots=True)
class Picture:
    """A picture of a view: what is drawn, its caption, and the table behind it. In templates: `{{ picture(it) }}`."""

    drawing: Drawing
    caption: Text
    shown: Shown
    territory: str = ""

    @classmethod
    def of(cls, view: View, drawing: Drawing, caption: Text, table: Table, territory: str) -> Picture:
        """A picture with the table behind it, as the address wants that sorted and filtered; of which territory."""
        return cls(drawing, caption, view.shown(table), territory)

    @property
    def name(self) -> str:
        """By which its file is asked for."""
        return self.drawing.name

    @property
    def file(self) -> str:
        """The address of the SVG alone."""
        return self.shown.view.here(format="svg", picture=self.name)

    def svg_file(self, view: View) -> str:
        """The picture as it leaves its page: headed by its title, its territory, the day and what it shows."""
        drawing, moment = self.drawing, view.moment
        under = [
            *([f"{view.localized('单位：', 'Unit: ')}{self.territory}"] if self.territory else []),
            view.localized(f"截至 {moment.valid_at}", f"as of {moment.valid_at}"),
            view.localized(f"按第 {moment.known_at} 号记录时所知", f"as known at position {moment.known_at}"),
        ]
        head = Drawing(drawing.name, drawing.width, 0, drawing.title, drawing.description, drawing.lang)
        y = 4.0
        for text, size, bold in ((drawing.title, 16.0, True), ("  ·  ".join(under), 12.0, False)):
            for line in lines(text, (drawing.width - 8) / size):
                y += size * 1.35
                head.text((4, y), line, size=size, bold=bold)
        for line in lines(view.localized(*self.caption), (drawing.width - 8) / 12):
            y += 16
            head.text((4, y), line, size=12, colour=QUIET)
        return head.above(drawing, math.ceil(y + 12))


def ems(text: str) -> float:
    """How wide a text is in ems, about: Chinese is one em a letter, others about half."""
    return sum(1.0 if ord(letter) > 0x2E80 else 0.55 for letter in text)


def lines(text: str, wide: float) -> list[str]:
    """A text in lines, each as many ems wide at most."""
    lines, line, width = list[str](), "", 0.0
    for piece in re.findall(r"[!-~]+ ?|.", text):
        wider = ems(piece)
        if line and width + wider > wide:
            lines, line, width = [*lines, line], "", 0.0
        line, width = line + piece, width + wider
    return [*lines, line]


def picture_file(view: View, pictures: Sequence[Picture]) -> Response | None:
    """The SVG that the address of a view asks for (`?format=svg`, `picture=` of several); None where it asks for none.

    Raises Refused: bad-value, where the page has no picture of the name.
    """
    if view.parameter("format") != "svg":
        return None
    name = view.parameter("picture")
    chosen = [picture for picture in pictures if not name or picture.name == name]
    if not chosen:
        lookup.refuse("bad-value", f"本页没有图 {name}。", f"This page has no picture {name}.")
    picture = chosen[0]
    drawing = picture.drawing
    headers = {
        "Content-Disposition": disposition(f"{drawing.name}.svg", f"{view.file_name(drawing.title)}.svg"),
        "Cache-Control": "private, no-store",
    }
    head = '<?xml version="1.0" encoding="UTF-8"?>'
    return MadeBeside(lambda: f"{head}\n{picture.svg_file(view)}\n", headers=headers, media_type="image/svg+xml")
