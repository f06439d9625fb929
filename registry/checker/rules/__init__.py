"""The rules that are built, by name, in the contract's order."""

from __future__ import annotations

from registry.checker.rule import Rule
from registry.checker.rules import (
    certificate_demand,
    conflicting_orders,
    deadline_squeeze,
    delegation_loop,
    disguised,
    duty_without_power,
    expired_basis,
    incapable_recipient,
    level_skip,
    multiple_leads,
    negative_list,
    no_lead,
    off_list,
    out_of_line,
    passed_down,
    quota_exceeded,
    re_entrusted,
    rebound,
    unfit_instrument,
    unfunded_mandate,
    void_grant,
)
from registry.domain import words

_BUILT = {
    module.RULE.name: module.RULE
    for module in (
        certificate_demand,
        conflicting_orders,
        deadline_squeeze,
        delegation_loop,
        disguised,
        duty_without_power,
        expired_basis,
        incapable_recipient,
        level_skip,
        multiple_leads,
        negative_list,
        no_lead,
        off_list,
        out_of_line,
        passed_down,
        quota_exceeded,
        re_entrusted,
        rebound,
        unfit_instrument,
        unfunded_mandate,
        void_grant,
    )
}
RULES: dict[str, Rule] = {name: _BUILT[name] for name in words.RULES if name in _BUILT}
