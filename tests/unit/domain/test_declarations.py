"""Every type of decision declares all of itself on its class, and has its slice and its example."""

from __future__ import annotations

import json
import re
from collections import Counter

import pytest

from registry.domain.aggregates import KINDS
from registry.domain.decide import SLICES
from registry.domain.decision import Decision, Step
from registry.domain.decisions import TYPES, delegation_type
from registry.domain.lines import from_line, to_line
from registry.domain.words import MATTER_KINDS, TRANSFER_KINDS
from registry.impact.affected_units import SEARCHES
from tests.support.every_decision import EXAMPLES
from tests.support.given_when_then import RECORDED, REPEATED, given
from tests.support.worlds import COUNTY, line

EVERY = pytest.mark.parametrize("decision", TYPES.values(), ids=TYPES)


@EVERY
def test_a_type_bears_its_own_name_and_is_keyed_by_its_fields(decision: type[Decision]) -> None:
    assert TYPES[decision.__name__] is decision
    assert decision.aggregate_kind() in KINDS
    assert decision.key_fields()
    assert set(decision.key_fields()) <= decision.model_fields.keys()


@EVERY
def test_a_type_names_aggregates_by_fields_that_it_has(decision: type[Decision]) -> None:
    for name in decision.NAMES:
        field = decision.model_fields[name.attribute]
        assert name.field == (field.alias or name.attribute)
        assert name.prefix.removesuffix(":") in KINDS


@EVERY
def test_a_type_says_in_both_languages_what_it_records(decision: type[Decision]) -> None:
    zh, en = decision.SENTENCE
    assert re.fullmatch(r"[\u4e00-\u9fff，。；：（）“”、]+。", zh)
    assert re.fullmatch(r"[A-Z][\x20-\x7e]+\.", en)
    assert decision.__doc__ == en


@EVERY
def test_a_type_says_what_it_does_to_its_aggregate_and_to_findings(decision: type[Decision]) -> None:
    assert isinstance(decision.STEP, Step)
    assert set(decision.FINDINGS.when) <= decision.model_fields.keys()
    if decision.FINDINGS.search == "aggregate":
        assert decision.aggregate_kind() in {"ref", *SEARCHES}
    if decision.FINDINGS.search == "newcomer":
        assert decision.aggregate_kind() == "unit"
    assert set(decision.MATTER_KINDS) <= set(MATTER_KINDS)


def test_mutations_are_named_apart() -> None:
    mutations = Counter(decision.MUTATION for decision in TYPES.values())
    assert set(mutations.values()) == {1}
    assert all(re.fullmatch(r"[a-z]+([A-Z][a-z]+)*", name) for name in mutations)


def test_every_type_has_its_slice_and_every_aggregate_its_introduction() -> None:
    assert SLICES.keys() == TYPES.keys()
    begun = {
        decision.aggregate_kind() for decision in TYPES.values() if decision.STEP in (Step.INTRODUCES, Step.BEGINS)
    }
    assert begun == KINDS.keys() - {"succession"}  # which a dissolution joins


def test_what_ends_ends_what_another_type_began() -> None:
    for decision in TYPES.values():
        if decision.STEP is Step.ENDS:
            others = [other for other in TYPES.values() if other.KEY == decision.KEY]
            assert any(other.STEP in (Step.INTRODUCES, Step.BEGINS) for other in others), decision


def test_a_matter_is_handed_down_by_the_type_for_its_kind() -> None:
    assert {kind: delegation_type(kind).__name__ for kind in TRANSFER_KINDS} == {
        "duty": "DutyDelegated",
        "power": "PowerGranted",
        "form": "BurdenImposed",
        "inspection": "BurdenImposed",
        "meeting": "BurdenImposed",
        "document": "BurdenImposed",
        "mechanism": "BurdenImposed",
        "workgroup": "BurdenImposed",
    }


def test_every_type_has_an_example_that_is_recorded_once_and_reads_back() -> None:
    assert {example["type"] for example in EXAMPLES} == TYPES.keys()
    recorded = given(*COUNTY)
    for example in EXAMPLES:
        recorded.when(example).then(RECORDED)
        recorded.when(example).then(REPEATED)
        assert json.loads(to_line(from_line(line(example)))) == example


def test_the_journal_of_the_reference_has_every_type() -> None:
    from tests.support.paths import DOCS

    headings = re.findall(r"(?m)^## ([A-Z]\w+)$", (DOCS / "reference" / "journal.md").read_text("utf-8"))
    assert headings == list(TYPES)


def test_every_decision_says_whose_act_it_is() -> None:
    for kind in TYPES.values():
        units = {name.attribute for name in kind.NAMES if name.prefix == "unit:"} | {"unit"}
        assert {*kind.ACTING.fields} <= units & {*kind.model_fields}, kind
        assert kind.ACTING.source in ("own", "begun", "named")
        # Whoever acts is named, or what is begun is everybody's; else nobody but who has the whole registry records it.
        assert kind.ACTING.fields or kind.ACTING.shared or kind.ACTING.source != "own", kind
