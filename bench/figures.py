"""What was measured, how it compares with its target, and how it is printed."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Figure:
    """One measurement. `target` is (">=" or "<=", value), or None where nothing is asked."""

    what: str
    value: float
    unit: str
    target: tuple[str, float] | None = None

    @property
    def word(self) -> str:
        if self.target is None:
            return ""
        sign, bound = self.target
        return "pass" if (self.value >= bound if sign == ">=" else self.value <= bound) else "MISS"

    def line(self) -> str:
        target = "" if self.target is None else f"{self.target[0]} {number(self.target[1])}"
        return f"  {self.what:<66} {number(self.value):>12} {self.unit:<14} {target:<12} {self.word}".rstrip()


def number(value: float) -> str:
    """As many digits as say something."""
    if value >= 100 or value == int(value):
        return f"{value:,.0f}"
    return f"{value:.1f}" if value >= 10 else f"{value:.2f}" if value >= 1 else f"{value:.3f}"


def quantile(values: Sequence[float], part: float) -> float:
    """The value that `part` of them do not exceed."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, max(0, round(part * len(ordered) + 0.5) - 1))]


def where(title: str, seconds: Mapping[str, float], whole: float) -> str:
    """Where the time goes: each part's seconds and share of the whole, largest first; the rest last.

    What runs beside something else is counted in both.
    """
    lines = [f"  {title}"]
    for name, spent in sorted(seconds.items(), key=lambda each: -each[1]):
        lines.append(f"    {name:<50} {spent:8.2f} s {100 * spent / whole:5.1f} %")
    rest = whole - sum(seconds.values())
    name = "the rest" if rest >= 0 else "of these at the same time as others, at least"
    lines.append(f"    {name:<50} {abs(rest):8.2f} s {100 * abs(rest) / whole:5.1f} %")
    return "\n".join(lines)


Report = Callable[[Figure | str], None]
