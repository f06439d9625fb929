"""What was handed down: duties, powers, burdens and demands, each row of a table to one unit or to many."""

from __future__ import annotations

from collections.abc import Iterator

from registry.demo.tables import Line, divisions, rows, several, units

_TYPES = {"duties.csv": "DutyDelegated", "grants.csv": "PowerGranted", "burdens.csv": "BurdenImposed"}


def decisions() -> Iterator[Line]:
    """Delegations with their ends and allotments, and certificates demanded."""
    for file, kind in _TYPES.items():
        for row in rows(file):
            yield from _handed_down(kind, row)
    for row in rows("demands.csv"):
        yield {"type": "CertificateDemanded"} | row


def _handed_down(kind: str, row: dict[str, str]) -> Iterator[Line]:
    ended, reason = row.pop("ended", None), row.pop("reason", None)
    allotted, proposed, admitted = row.pop("allotted", None), row.pop("proposed", None), row.pop("admitted", None)
    series, recipients = row.pop("series"), row.pop("to")
    for to in units(recipients):
        # 'its-town': every village or office gets it from its own township
        sender = _town(to) if row["from"] == "its-town" else row["from"]
        ref = f"{series}-{to.removeprefix('420684').removeprefix('-')}"
        decision: Line = {"type": kind} | row | {"ref": ref, "from": sender, "to": to}
        if "brings" in decision:
            decision["brings"] = several(decision["brings"])
        if proposed and admitted:
            reference = {"proposal": f"ZR-{ref}"}
            yield from _admitted(decision | reference, proposed, admitted)
            decision |= reference
        yield decision
        if allotted:
            at, brings = allotted.split(":")
            yield {"type": "ResourcesAllotted", "at": at, "ref": ref, "brings": several(brings)}
        if ended:
            yield {"type": "DelegationEnded", "at": ended, "ref": ref, "reason": reason}


def _admitted(proposal: Line, proposed: str, admitted: str) -> Iterator[Line]:
    """The delegation as it was proposed, and the staffing office's answer (职责准入)."""
    yield {key: value for key, value in proposal.items() if key not in ("ref", "until", "note")} | {
        "type": "DelegationProposed",
        "at": proposed,
    }
    yield {
        "type": "ProposalAdmitted",
        "at": admitted,
        "proposal": proposal["proposal"],
        "by": "420684-staffing",
        "reason": "上级统一部署，人员经费同步下达",
    }


def _town(unit: str) -> str:
    """The township of a village, or of an office or station coded after it."""
    return divisions()[unit]["parent"] if unit in divisions() else unit.partition("-")[0]
