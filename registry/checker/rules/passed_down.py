"""层层转嫁: who was made to lead makes the next one lead."""

from __future__ import annotations

from datetime import date

from registry.checker import naming, paths
from registry.checker.case import Case
from registry.checker.holdings import assigned_to, duty_delegations, lead_assigned, lead_keys, matter_of, pair_keys
from registry.checker.parts import REACH
from registry.checker.rule import Example, Explanation, Hits, Rule, of_delegations
from registry.checker.setting import SETTING, TOWN, URBAN, VILLAGE, delegated
from registry.checker.ways_out import Ways, let_assist, taken_back
from registry.domain.text import Text
from registry.relations.columns import ROLE, among
from registry.relations.holding import held_by_law
from registry.relations.powers import subject
from registry.snapshot.columns import Snapshot


def _find(snapshot: Snapshot) -> Hits:
    delegations = snapshot.delegations
    given_lead = duty_delegations(snapshot) & (delegations.role == ROLE["lead"])
    hits = of_delegations(snapshot, given_lead & snapshot.territory[delegations.recipient])
    sender, matter = delegations.sender[hits.delegation], delegations.matter[hits.delegation]
    led = among(snapshot.once(lead_keys), pair_keys(snapshot, sender, matter))
    led[assigned_to(snapshot, snapshot.once(lead_assigned), sender, matter)[0]] = True
    return hits.where(led & ~held_by_law(snapshot, sender, matter))


def _explain(snapshot: Snapshot, hits: Hits) -> list[Explanation]:
    matter, sender = matter_of(snapshot, hits), snapshot.delegations.sender[hits.delegation]
    rows, items = assigned_to(snapshot, snapshot.once(lead_assigned), sender, matter)
    listed = dict(zip(map(int, rows[::-1]), map(int, items[::-1]), strict=True))
    chains, explanations = paths.of_holdings(snapshot, hits), list[Explanation]()
    for row in range(len(hits)):
        unit, delegation, item = naming.hit(hits, row)
        path = chains[row]
        if len(path) == 1 and row in listed:
            path = [subject(snapshot, -1, listed[row]), *path]
        who, what = naming.unit(snapshot, unit), naming.matter(snapshot, int(matter[row]))
        source, giver = naming.source(snapshot, delegation, item), naming.unit(snapshot, int(sender[row]))
        zh = f"{source.zh}让{who}牵头{what.zh}，而牵头责任本来是交给{giver}自己的，不是其法定职责，不得再层层下转。"
        en = f"{who} is made to lead {what.en} {source.en}; it was {giver} itself that was made to lead it, not by law."
        explanations.append(Explanation(path, Text(zh, en)))
    return explanations


def _ways_out(case: Case) -> Ways:
    yield from taken_back(case)
    yield from let_assist(case)


RULE = Rule(
    name="passed-down",
    version=1,
    severity="W",
    title=Text("层层转嫁", "Passed down"),
    sentence=Text(
        "交办牵头职责的单位，自己是依交办或清单（而不是依法）牵头该职责的。",
        "A duty is delegated as lead by a unit that holds it as lead by a delegation or list in force, and not by law.",
    ),
    basis=(
        "《整治形式主义为基层减负若干规定》（2024年8月）",
        "《关于解决形式主义突出问题为基层减负的通知》（2019年3月）",
    ),
    remedy=Text(
        "由原承接单位继续牵头，下级只作配合；或退回上级。",
        "Let the unit that was given the lead keep it and the one below only assist; or return it upwards.",
    ),
    fires=Example(
        Text(
            "县局以责任书要求柳林镇牵头，柳林镇又以责任书要求上河村牵头。",
            "The bureau makes Liulin town lead, and the town makes Shanghe village lead in turn.",
        ),
        (*SETTING, delegated("R-1", URBAN, TOWN), delegated("R-2", TOWN, VILLAGE)),
        date(2021, 8, 1),
        ((VILLAGE, "R-2"),),
    ),
    clean=Example(
        Text("柳林镇自己牵头，上河村配合。", "Liulin town leads itself, and the village assists."),
        (*SETTING, delegated("R-1", URBAN, TOWN), delegated("R-2", TOWN, VILLAGE, role="assist")),
        date(2021, 8, 1),
    ),
    find=_find,
    explain=_explain,
    ways_out=_ways_out,
    rests_on=(REACH,),
)
