"""Whoever drafts a decision is told at which field a finding of any rule comes from, and what to do there."""

from __future__ import annotations

from registry.domain.words import RECTIFICATION_RULES, RULES
from registry.web.console.drafting.ways import CAUSES

# Drafts demand no certificates and order nothing put right.
NOT_OF_A_DRAFT = {"certificate-demand", *RECTIFICATION_RULES}


def test_every_rule_of_which_a_draft_can_open_findings_says_where_and_what_to_do() -> None:
    assert {*CAUSES} == {*RULES} - NOT_OF_A_DRAFT
