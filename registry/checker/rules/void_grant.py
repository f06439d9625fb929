"""A grant of what its grantor does not hold."""

from __future__ import annotations

from datetime import date

from registry.checker import naming, paths
from registry.checker.case import Case
from registry.checker.holdings import grant_hits, grantor_holding, grants_of
from registry.checker.parts import POWERS, REACH
from registry.checker.rule import Example, Explanation, Hits, Rule
from registry.checker.setting import COUNTY, DECISION, SETTING, TOWN, URBAN, granted
from registry.checker.ways_out import Ways, granted_anew, powers_granted, taken_back
from registry.domain.text import Text
from registry.relations.powers import IN_NAME, effective_powers
from registry.snapshot.columns import Snapshot


def _find(snapshot: Snapshot) -> Hits:
    ways = snapshot.once(grantor_holding)
    hits = grant_hits(snapshot, (ways == 0) | (ways == IN_NAME))
    return hits.where(snapshot.territory[hits.unit])


def _explain(snapshot: Snapshot, hits: Hits) -> list[Explanation]:
    all_grants, indexes = grants_of(snapshot, hits)
    ways = snapshot.once(grantor_holding)
    powers = snapshot.once(effective_powers)
    explanations: list[Explanation] = []
    for row in range(len(hits)):
        unit, delegation, item = naming.hit(hits, row)
        grant = int(indexes[row])
        named = int(snapshot.delegations.sender_named[delegation] if item < 0 else snapshot.items.grantor_named[item])
        who, grantor = naming.unit(snapshot, unit), naming.unit(snapshot, named)
        what, source = naming.matter(snapshot, int(all_grants.power[grant])), naming.source(snapshot, delegation, item)
        if named < 0:
            zh_why, en_why = "但没有写明由哪个单位授予", "but nobody is named who grants it"
        elif int(all_grants.grantor[grant]) < 0:
            zh_why, en_why = f"但{grantor}已撤销，没有承接单位", f"but {grantor} has been dissolved without a successor"
        elif ways[grant] == IN_NAME:
            zh_why, en_why = (
                f"但{grantor}只是以所属部门的名义行使该权力，无权再授予",
                f"but {grantor} acts only in its department's name and may not grant it",
            )
        else:
            zh_why, en_why = f"但{grantor}当日并不掌握该权力", f"but {grantor} does not hold it on that day"
        zh = f"{source.zh}把{what.zh}授予{who}，{zh_why}，授权无效。"
        en = f"{what.en} is granted to {who} {source.en}, {en_why}: the grant is void."
        explanations.append(
            Explanation(paths.of_grants(powers, grant), Text(zh, en), snapshot.matters.basis[all_grants.power[grant]])
        )
    return explanations


def _ways_out(case: Case) -> Ways:
    yield from granted_anew(case)
    # Where a link above is broken: give the grantor what it grants.
    if case.row is not None:
        grantor = case.snapshot.units.read(case.row["sender"])
        if grantor >= 0:
            yield from powers_granted(case, grantor, [case.matter])
    yield from taken_back(case)


RULE = Rule(
    name="void-grant",
    version=1,
    severity="V",
    title=Text("无权而授", "Void grant"),
    sentence=Text(
        "授出权力的单位当日并不有效掌握该权力，或者只是以他人名义行使。",
        "The grantor does not effectively hold the power on the day, or holds it only in another's name.",
    ),
    basis=(),
    remedy=Text(
        "由依法掌握权力的单位重新授予；链条中断的，先恢复上一环；否则终止授权。",
        "Have the lawful holder grant it; where the chain is broken, mend the link above; otherwise end the grant.",
    ),
    fires=Example(
        Text(
            "处罚权在县城市管理局，下放却由县政府作出，县政府自己并没有这项权力。",
            "The power to fine is the bureau's, but it is the county government, which does not have it, that hands "
            "it down.",
        ),
        (*SETTING, granted("R-1", COUNTY, TOWN, "devolved", DECISION)),
        date(2021, 8, 1),
        ((TOWN, "R-1"),),
    ),
    clean=Example(
        Text("由掌握处罚权的县城市管理局下放。", "The bureau, which holds the power, hands it down."),
        (*SETTING, granted("R-1", URBAN, TOWN, "devolved", DECISION)),
        date(2021, 8, 1),
    ),
    find=_find,
    explain=_explain,
    ways_out=_ways_out,
    laws=(
        "penalty-organ",
        "penalty-handed-down",
        "licence-organ",
        "licence-entrusted",
    ),
    rests_on=(POWERS, REACH),
)
