"""What a rule says about a holding or a delegation."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from registry.domain.text import Text

Json = dict[str, object]


@dataclass(frozen=True, slots=True)
class Finding:
    """One finding; (rule, unit, subject) is its key. `severity` is V, W or R; `missing` is of the rules that say it."""

    rule: str
    severity: str
    unit: str
    subject: str
    matter: str
    as_of: date
    missing: tuple[str, ...] | None
    path: tuple[str, ...]
    message: Text
    basis: tuple[str, ...]
    remedies: tuple[Json, ...] = ()
    waived_by: str | None = None

    @property
    def key(self) -> tuple[str, str, str]:
        return self.rule, self.unit, self.subject

    @property
    def waived(self) -> bool:
        return self.waived_by is not None


def as_json(finding: Finding) -> Json:
    """The finding as the contract writes it; a waived one also says by whom."""
    return {
        "rule": finding.rule,
        "severity": finding.severity,
        "unit": finding.unit,
        "subject": finding.subject,
        "matter": finding.matter,
        "as_of": finding.as_of.isoformat(),
        **({} if finding.missing is None else {"missing": list(finding.missing)}),
        "path": list(finding.path),
        "message": {"zh": finding.message.zh, "en": finding.message.en},
        "basis": list(finding.basis),
        "remedies": list(finding.remedies),
        **({} if finding.waived_by is None else {"waived": True, "waived_by": finding.waived_by}),
    }
