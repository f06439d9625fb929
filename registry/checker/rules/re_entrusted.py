"""What was entrusted, entrusted again."""

from __future__ import annotations

from datetime import date

import numpy as np

from registry.checker import naming, paths
from registry.checker.case import Case
from registry.checker.holdings import (
    delegated_to,
    duty_delegations,
    grant_hits,
    grantor_holding,
    grants_of,
    holds_duty_not_by_delegation,
    matter_of,
    pair_keys,
)
from registry.checker.parts import POWERS, REACH
from registry.checker.rule import Example, Explanation, Hits, Rule, both, of_delegations
from registry.checker.setting import DECISION, ENFORCEMENT, LAW, SETTING, TOWN, URBAN, granted
from registry.checker.ways_out import Ways, granted_anew, taken_back
from registry.domain.text import Text
from registry.relations.columns import MATTER_KIND, MODE, among
from registry.relations.powers import effective_powers, entrusted_only
from registry.snapshot.columns import Snapshot


def _duties(snapshot: Snapshot) -> Hits:
    """Duties entrusted by who holds them only by entrustment."""
    delegations = snapshot.delegations
    duties = duty_delegations(snapshot)
    entrusted = duties & (delegations.mode == MODE["entrusted"])
    hits = of_delegations(snapshot, entrusted & snapshot.territory[delegations.recipient])
    sender, matter = delegations.sender[hits.delegation], delegations.matter[hits.delegation]
    only = among(delegated_to(snapshot, entrusted), pair_keys(snapshot, sender, matter))
    hits, sender, matter = hits.where(only), sender[only], matter[only]
    # Otherwise than entrusted: of the delegations only those to senders need be looked at.
    sent = np.zeros(len(snapshot.units) + 1, np.bool_)
    sent[sender] = True
    others = delegated_to(snapshot, duties & ~entrusted & sent[delegations.recipient])
    otherwise = among(others, pair_keys(snapshot, sender, matter))
    return hits.where(~otherwise & ~holds_duty_not_by_delegation(snapshot, sender, matter))


def _find(snapshot: Snapshot) -> Hits:
    hits = grant_hits(snapshot, entrusted_only(snapshot.once(grantor_holding)))
    return both(hits.where(snapshot.territory[hits.unit]), _duties(snapshot))


def _explain(snapshot: Snapshot, hits: Hits) -> list[Explanation]:
    matter = matter_of(snapshot, hits)
    _, indexes = grants_of(snapshot, hits)
    powers = snapshot.once(effective_powers)
    chains, explanations = paths.of_holdings(snapshot, hits), list[Explanation]()
    for row in range(len(hits)):
        unit, delegation, item = naming.hit(hits, row)
        named = int(snapshot.delegations.sender_named[delegation] if item < 0 else snapshot.items.grantor_named[item])
        who, giver = naming.unit(snapshot, unit), naming.unit(snapshot, named)
        what, source = naming.matter(snapshot, int(matter[row])), naming.source(snapshot, delegation, item)
        if snapshot.matters.kind[matter[row]] == MATTER_KIND["power"]:
            path = paths.of_grants(powers, int(indexes[row]))
            zh = f"{source.zh}把{what.zh}再授予{who}，而{giver}自己只是受委托行使，受托的权力不得再委托或者下放。"
            en = f"{what.en} is passed to {who} {source.en}, but {giver} itself only has it entrusted."
            en += " What is entrusted may not be passed on."
        else:
            path = chains[row]
            zh = f"{source.zh}把{what.zh}再委托给{who}，而{giver}自己只是受委托承担，受托的事项不得再委托。"
            en = f"{what.en} is entrusted to {who} {source.en}, but {giver} itself only has it entrusted."
            en += " What is entrusted may not be entrusted again."
        explanations.append(Explanation(path, Text(zh, en)))
    return explanations


def _ways_out(case: Case) -> Ways:
    if case.kind == "power":
        yield from granted_anew(case)
    yield from taken_back(case)


RULE = Rule(
    name="re-entrusted",
    version=1,
    severity="V",
    title=Text("转委托", "Entrusted again"),
    sentence=Text(
        "授出权力的单位只凭有效的委托（或者只凭委托和他人名义）掌握该权力；或者委托职责的单位承担该职责，而且只凭委托。",
        "The grantor holds the power only by good entrusted grants, or only so and in another's name; or a duty is "
        "entrusted by a "
        "unit that holds it, and only by entrusted delegations.",
    ),
    basis=(),
    remedy=Text(
        "终止转委托，由原委托单位直接委托适格的承接单位，或者依法下放。",
        "End it; let the original holder entrust the recipient itself if it may, or have the power devolved.",
    ),
    fires=Example(
        Text(
            "柳林镇受县局委托实施处罚，又把处罚委托给镇里的执法办公室。",
            "Liulin town, which the bureau entrusted with fining, entrusts its own enforcement office with it in turn.",
        ),
        (
            *SETTING,
            granted("R-1", URBAN, TOWN, "entrusted", LAW),
            granted("R-2", TOWN, ENFORCEMENT, "entrusted", LAW, "2021-04-01"),
        ),
        date(2021, 8, 1),
        ((ENFORCEMENT, "R-2"),),
    ),
    clean=Example(
        Text(
            "处罚权是省里决定下放给镇的，镇可以依法委托。",
            "The power was devolved to the town by provincial decision: the town may entrust it.",
        ),
        (
            *SETTING,
            granted("R-1", URBAN, TOWN, "devolved", DECISION),
            granted("R-2", TOWN, ENFORCEMENT, "entrusted", LAW, "2021-04-01"),
        ),
        date(2021, 8, 1),
    ),
    find=_find,
    explain=_explain,
    ways_out=_ways_out,
    laws=(
        "penalty-entrusted",
        "licence-entrusted",
    ),
    rests_on=(POWERS, REACH),
)
