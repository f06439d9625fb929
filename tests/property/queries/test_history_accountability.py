"""Accountability on random journals: what was held and missing is what the oracle says, and the chain is whole."""

from __future__ import annotations

from datetime import date
from random import Random

from hypothesis import example, given, note
from hypothesis import strategies as st

from registry.queries.holdings import accountability
from registry.queries.holdings.accountability import Account
from registry.relations.two_times import AsOf
from tests.oracle import rules, validity
from tests.oracle.fold import History, Snapshot
from tests.oracle.powers import holders
from tests.support import journals, random_world
from tests.support.drawing import examples
from tests.support.registry_under_test import Registry
from tests.support.worlds import Line


def account(registry: Registry, matter: str, unit: str, on: str, known: int) -> Account | None:
    moment = AsOf(date.fromisoformat(on), known)
    query = accountability.account(registry.pool, registry.connection, moment, matter, unit)
    answer = registry.runner.run(query)
    registry.connection.rollback()
    return answer


def _unit(code: str, parent: str | None = None) -> Line:
    line = {"type": "UnitRegistered", "at": "2019-01-01", "unit": code, "name": code, "level": "county"}
    return line | {"kind": "government"} | ({"parent": parent} if parent else {})


def _handed(ref: str, sender: str, recipient: str, role: str, **others: str) -> Line:
    line = {"type": "DutyDelegated", "at": "2020-01-01", "ref": ref, "matter": "D", "from": sender, "to": recipient}
    return line | {"role": role, "mode": "letter", "instrument": "文1"} | others


# What D-2 passes on is D-1, through which the way came: there it ends, though its sender was given the duty by D-3 too.
RING = [
    _unit("A"),
    _unit("B", "A"),
    _unit("C", "B"),
    {"type": "InstrumentIssued", "at": "2019-01-01", "instrument": "文1", "title": "通知", "kind": "notice"},
    {"type": "MatterDefined", "at": "2019-01-01", "matter": "D", "kind": "duty", "name": "巡查"},
    _handed("D-1", "A", "B", "lead"),
    _handed("D-2", "B", "A", "lead", under="D-1"),
    _handed("D-3", "C", "B", "assist"),
]


@example(RING, 2)
@examples(20)
@given(journal=journals.journals(size=60), seed=st.integers(0, 2**20))
def test_the_answer_is_that_of_the_oracle(registry: Registry, journal: list[Line], seed: int) -> None:
    recorded = validity.judge(map(journals.encoded, journal)).recorded
    random = Random(seed)
    assert registry.import_lines(map(journals.encoded, recorded)) == []
    units = [line["unit"] for line in recorded if line["type"] == "UnitRegistered"]
    for _ in range(6):
        known, on = random.randint(len(recorded) // 2, len(recorded)), random.choice(random_world.QUERY_DAYS)
        snapshot = History(recorded, known).on(on)
        holding = [(h.matter, h.unit) for h in snapshot.holdings]
        if not snapshot.matters:
            continue
        matter, unit = random.choice(holding or [(matter, units[0]) for matter in snapshot.matters])
        if random.random() < 0.2:
            unit = random.choice(units)
        note(f"{matter} by {unit} on {on}, known {known}")
        answer = account(registry, matter, unit, on, known)
        assert answer is not None
        compare(answer, snapshot)


def compare(answer: Account, snapshot: Snapshot) -> None:
    own = snapshot.holds(answer.unit, answer.matter)
    assert {(held.subject, held.role, held.by) for held in answer.holdings} == {(h.subject, h.role, h.by) for h in own}
    roles = [role for role in ("lead", "share", "assist") if any(h.role == role for h in own)]
    assert answer.role == (roles[0] if roles else None)
    assert set(answer.brings) == {means for h in own for means in h.brings}

    required = snapshot.matters[answer.matter].requires
    offices = snapshot.offices(answer.unit, "department", "dispatched")
    mine = {answer.unit, *offices} if answer.unit in snapshot.units else set()
    lacking = [power for power in required if not mine & holders(snapshot, power).all]
    assert (answer.required, answer.missing) == (list(required), lacking)
    assert answer.conclusion == (
        "NOT_HELD"
        if not own
        else "ASSISTED"
        if answer.role == "assist"
        else "HELD_WITHOUT_POWER"
        if lacking
        else "HELD_WITH_POWER"
    )

    findings = [f for f in rules.findings(snapshot) if f.unit == answer.unit]
    about = {h.subject for h in own}
    reported = {(f.rule, f.subject) for f in answer.findings}
    assert reported >= {(f.rule, f.subject) for f in findings if f.subject in about}
    assert reported <= {(f.rule, f.subject) for f in findings}

    assert bool(answer.chain) == bool(own)
    assert len({(link.unit, link.subject) for link in answer.chain}) == len(answer.chain)
    for link in answer.chain:
        assert link.subject in {h.subject for h in snapshot.holds(link.unit, answer.matter)}
    for lower, upper in zip(answer.chain, answer.chain[1:], strict=False):
        assert lower.by != "law"
        assert upper.unit == lower.sender or upper.subject == snapshot.history.transfers[lower.subject].get("under")
    if answer.chain and answer.chain[-1].by != "law" and answer.chain[-1].sender in snapshot.units:
        passed = {(link.unit, link.subject) for link in answer.chain}
        rest = {(answer.chain[-1].sender, h.subject) for h in snapshot.holds(answer.chain[-1].sender, answer.matter)}
        under = snapshot.history.transfers.get(answer.chain[-1].subject, {}).get("under")
        # Where it ends below the law, there is nothing more above, or what was passed on is a link that was passed.
        assert rest <= passed or under in {subject for _, subject in passed}

    higher = snapshot.chain(answer.unit)[1:] if answer.unit in snapshot.units else []
    above = next((unit for unit in higher if snapshot.tree[unit].kind in ("government", "village")), None)
    offices = {u for u in snapshot.units if above is not None and snapshot.government(u) == above} - {answer.unit}
    assert {(held.unit, held.subject) for held in answer.above} == {
        (h.unit, h.subject) for h in snapshot.holdings if h.unit in offices and h.matter == answer.matter
    }
