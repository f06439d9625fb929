"""The balance of a territory, counted holding by holding."""

from __future__ import annotations

from tests.oracle.fold import Snapshot
from tests.oracle.powers import holders
from tests.oracle.rules import Finding

Counts = dict[str, int]


def balance(snapshot: Snapshot, within: str, findings: list[Finding], matters: dict[str, str]) -> dict[str, Counts]:
    """The figures of each unit of the territory, by code. `found`: what is not waived; `matters`: of its subjects."""
    counted: dict[str, Counts] = {}
    kinds = {code: matter.kind for code, matter in snapshot.matters.items()}
    powers = [code for code, kind in kinds.items() if kind == "power"]
    for unit in sorted(snapshot.within(within)):
        held = [h for h in snapshot.holdings if h.unit == unit and kinds[h.matter] == "duty"]
        led = {h.matter for h in held if h.role == "lead"}
        near = {unit, *snapshot.offices(unit, "department", "dispatched")}
        lacking = {
            duty
            for duty in led
            if any(not near & holders(snapshot, power).all for power in snapshot.matters[duty].requires)
        }
        assigned = [h for h in held if h.by != "law"]
        village = snapshot.units[unit].level == "village"
        short = [
            h
            for h in assigned
            if not set(snapshot.matters[h.matter].needs) <= h.brings
            or (h.mode == "entrusted" and village and "funds" not in h.brings)
        ]
        needing = [h for h in assigned if snapshot.matters[h.matter].needs and h not in short]
        violations = [f for f in findings if f.unit == unit and f.severity == "V"]
        counted[unit] = {
            "units": 1,
            "duties": len({h.matter for h in held}),
            "led": len(led),
            "with_power": len(led - lacking),
            "without_power": len(lacking),
            "no_power_needed": len([duty for duty in led if not snapshot.matters[duty].requires]),
            "powers": len([power for power in powers if unit in holders(snapshot, power).all]),
            "assigned": len(assigned),
            "funded": len(needing),
            "unfunded": len(short),
            "without_needs": len(assigned) - len(short) - len(needing),
            "violations": len(violations),
            "duty_violations": len([f for f in violations if kinds[matters[f.subject]] == "duty"]),
        }
    return counted


def subjects(snapshot: Snapshot) -> dict[str, str]:
    """The matter of everything that a finding can be about."""
    items = {
        f"{code}#{item['item']}": item["matter"]
        for code in snapshot.lists
        for item in snapshot.items(code)
        if "matter" in item
    }
    return items | {ref: transfer["matter"] for ref, transfer in snapshot.history.transfers.items()}
