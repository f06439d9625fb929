"""The balance of a territory, counted holding by holding."""

from __future__ import annotations

from tests.oracle.fold import Picture
from tests.oracle.powers import holders
from tests.oracle.rules import Finding

Counts = dict[str, int]


def balance(picture: Picture, within: str, found: list[Finding], matters: dict[str, str]) -> dict[str, Counts]:
    """The figures of each unit of the territory, by code. `found`: what is not waived; `matters`: of its subjects."""
    counted: dict[str, Counts] = {}
    kinds = {code: matter.kind for code, matter in picture.matters.items()}
    powers = [code for code, kind in kinds.items() if kind == "power"]
    for unit in sorted(picture.within(within)):
        held = [h for h in picture.holdings if h.unit == unit and kinds[h.matter] == "duty"]
        led = {h.matter for h in held if h.role == "lead"}
        near = {unit, *picture.departments(unit)}
        lacking = {
            duty
            for duty in led
            if any(not near & holders(picture, power).all for power in picture.matters[duty].requires)
        }
        assigned = [h for h in held if h.by != "law"]
        village = picture.units[unit].level == "village"
        short = [
            h
            for h in assigned
            if not set(picture.matters[h.matter].needs) <= h.brings
            or (h.mode == "entrusted" and village and "funds" not in h.brings)
        ]
        needing = [h for h in assigned if picture.matters[h.matter].needs and h not in short]
        violations = [f for f in found if f.unit == unit and f.severity == "V"]
        counted[unit] = {
            "units": 1,
            "duties": len({h.matter for h in held}),
            "led": len(led),
            "with_power": len(led - lacking),
            "without_power": len(lacking),
            "no_power_needed": len([duty for duty in led if not picture.matters[duty].requires]),
            "powers": len([power for power in powers if unit in holders(picture, power).all]),
            "assigned": len(assigned),
            "funded": len(needing),
            "unfunded": len(short),
            "without_needs": len(assigned) - len(short) - len(needing),
            "violations": len(violations),
            "duty_violations": len([f for f in violations if kinds[matters[f.subject]] == "duty"]),
        }
    return counted


def subjects(picture: Picture) -> dict[str, str]:
    """The matter of everything that a finding can be about."""
    items = {
        f"{code}#{item['item']}": item["matter"]
        for code in picture.lists
        for item in picture.items(code)
        if "matter" in item
    }
    return items | {ref: deed["matter"] for ref, deed in picture.history.deeds.items()}
