"""The rules that are built, by name, in the contract's order."""

from __future__ import annotations

from registry.checker.rule import Rule
from registry.checker.rules import (
    duty_without_power,
    expired_basis,
    incapable_recipient,
    negative_list,
    off_list,
    re_entrusted,
    unfit_instrument,
    void_grant,
)
from registry.domain import words

_BUILT = {
    module.RULE.name: module.RULE
    for module in (
        duty_without_power,
        expired_basis,
        incapable_recipient,
        negative_list,
        off_list,
        re_entrusted,
        unfit_instrument,
        void_grant,
    )
}
RULES: dict[str, Rule] = {name: _BUILT[name] for name in words.RULES if name in _BUILT}
