"""A question for each field at the root of GraphQL, deep enough to tell what it can tell of a unit."""

from __future__ import annotations

from typing import Final

_DELEGATION: Final = "ref from { name } to { name } matter { name } instrument { title } position"
_HOLDING: Final = "subject by mode effective position unit { code } matter { name } from { name }"
_FINDING: Final = "rule subject path message unit { code } matter { name } orders { ref text } since "
_SHOWN: Final = "sender { name } waiver { reason } steps { subject name from { code } to { code } matter { name } }"
_REPORT: Final = "report text about answer unit { code } findings { subject } candidates { delegation { ref } }"
_ORDER: Final = "ref text subject unit { code } by { code } answers { text } finding { subject }"
_DECISION: Final = "position type data recordedBy effects { key message }"
_CASE: Final = "case title about by { code }"
_PAGE: Final = "totalCount pageInfo { endCursor }"
_PROPOSAL: Final = "proposal from { name } to { name } delegations opinion { opened { subject } closed { subject } }"
_YEAR: Final = "tallies { kind imposed } imposed { delegation { ref } } planned { name refs }"
_FIGURES: Final = "{ units duties led violations assigned }"
_UNIT: Final = f"""code name responsibilities {{ nodes {{ {_HOLDING} }} {_PAGE} }} powers {{ chain power {{ name }} }}
burdens {{ {_DELEGATION} }} findings {{ nodes {{ {_FINDING} }} {_PAGE} }}
history {{ nodes {{ {_DECISION} }} {_PAGE} }}"""
_RESTING: Final = f"""delegations {{ {_DELEGATION} }} delegationsPage {{ nodes {{ ref }} {_PAGE} }} lists vestings
opened {{ {_FINDING} }} openedPage {{ nodes {{ subject }} {_PAGE} }}"""

# By field: what is asked. $unit is the unit, $town the town that it is or lies in, $mark begins that town's ids.
TERRITORY: Final = {
    "assessmentPeriods": 'assessmentPeriods(within: "$unit") { period assessed made }',
    "assessments": 'assessments(within: "$unit", period: "2022") '
    "{ mean assessments { assessment text } unit { code } sent { ref findings to { code } } }",
    "assessmentsMade": 'assessmentsMade(within: "$unit", period: "2022") { assessment text unit { code } by { code } }',
    "balance": f'balance(within: "$unit") '
    f"{{ total {_FIGURES} units {{ nodes {{ unit {{ code }} figures {_FIGURES} }} }} }}",
    "balanceOverTime": f'balanceOverTime(within: "$unit", from: "2022-01-01", to: "2022-03-01") {{ total {_FIGURES} }}',
    "balanceSeries": 'balanceSeries(within: "$unit", from: "2022-01-01", to: "2022-03-01") '
    "{ days total(figure: DUTIES) below { unit { code } values(figure: VIOLATIONS) } }",
    "burdenTotals": 'burdenTotals(within: "$unit", year: 2022) '
    "{ tallies { imposed } units { nodes { unit { code } } } }",
    "certificateDemands": 'certificateDemands(within: "$unit", from: "2022-01-01", to: "2022-12-31") '
    "{ demanded refs unit { code } }",
    "changes": f'changes(within: "$unit", from: "2021-12-31", to: "2022-12-31") '
    f"{{ subject unit {{ code }} decision {{ {_DECISION} }} }}",
    "changesPage": f'changesPage(within: "$unit", from: "2021-12-31", to: "2022-12-31", first: 3) '
    f"{{ nodes {{ subject }} {_PAGE} }}",
    "custody": f'custody(matter: "D-SAND", within: "$unit") {{ subject holder {{ code }} decision {{ {_DECISION} }} }}',
    "dutyMatrix": 'dutyMatrix(within: "$unit") { units { code } rows { nodes { matter { name } cells } } }',
    "findingsCompared": 'findingsCompared(within: "$unit", from: "2021-12-31", to: "2022-12-31") '
    "{ opened { totalCount nodes { subject unit { code } matter { name } } } closed { totalCount } }",
    "findingCounts": 'findingCounts(within: "$unit", by: [UNIT, RULE]) { keys count }',
    "findingEvents": f'findingEvents(within: "$unit", first: 500) '
    f"{{ nodes {{ finding {{ subject message }} decision {{ {_DECISION} }} }} {_PAGE} }}",
    "findingFacets": 'findingFacets(within: "$unit") { total facets { by values { key count unit { code } } } }',
    "findings": f'findings(within: "$unit", waived: true) {{ nodes {{ {_FINDING} {_SHOWN} }} {_PAGE} }}',
    "holders": f'holders(matter: "D-SAND", within: "$unit") {{ {_HOLDING} }}',
    "holdersPage": f'holdersPage(matter: "D-SAND", within: "$unit", first: 3) {{ nodes {{ {_HOLDING} }} {_PAGE} }}',
    "powerHolders": 'powerHolders(powers: ["P-SAND"], within: "$unit") { power { name } units { code name } }',
    "monitoring": 'monitoring(within: "$unit", month: "2022-01") '
    "{ points { unit { code } burdens } reports opened { subject } closed { subject } burdens { ref from { code } } "
    "begunBefore { ref } openedTheMonthBefore { subject } }",
    "proposals": f'proposals(within: "$unit") {{ nodes {{ {_PROPOSAL} }} {_PAGE} }}',
    "rectifications": f'rectifications(within: "$unit") {{ nodes {{ {_ORDER} }} {_PAGE} }}',
    "reportStatistics": 'reportStatistics(within: "$unit", by: "unit") { reports unit { code } }',
    "reports": f'reports(within: "$unit") {{ nodes {{ {_REPORT} }} {_PAGE} }}',
}
# The same of all there is: a viewer is answered of its own territory.
EVERYTHING: Final = {
    "cases": f'cases(search: "S-") {{ nodes {{ {_CASE} }} {_PAGE} }}',
    "decisions": f"decisions(first: 1000) {{ {_DECISION} }}",
    "expiredBases": "expiredBases { subject name }",
    "findingCounts": "findingCounts(by: [UNIT]) { keys count }",
    "findingEvents": f"findingEvents(first: 500) {{ nodes {{ finding {{ subject message }} }} {_PAGE} }}",
    "findingFacets": "findingFacets { total facets { values { key count } } }",
    "findings": f"findings {{ nodes {{ {_FINDING} }} {_PAGE} }}",
    "findingsJudged": "findingsJudged { position number }",
    "matter": f'matter(code: "D-SAND") {{ history {{ nodes {{ {_DECISION} }} {_PAGE} }} }}',
    "monitoring": 'monitoring(month: "2022-01") { points { unit { code } } }',
    "rectifications": f"rectifications {{ nodes {{ {_ORDER} }} {_PAGE} }}",
    "restsOn": f'restsOn(instrument: "$county号") {{ {_RESTING} }}',
}
OF_UNIT: Final = {
    "accountability": f'accountability(matter: "D-SAND", unit: "$unit", on: "2022-02-01") '
    f"{{ held holdings {{ {_HOLDING} }} chain {{ {_HOLDING} }} above {{ {_HOLDING} }} findings {{ {_FINDING} }} "
    f"precedents {{ {_CASE} }} precedentOutcomes {{ exempted }} }}",
    "assessments": 'assessments(unit: "$unit", period: "2022") { mean assessments { assessment text } }',
    "burdenYear": f'burdenYear(unit: "$unit", year: 2022) {{ {_YEAR} }}',
    "finding": f'finding(rule: "duty-without-power", unit: "$unit", subject: "$markD2") {{ {_FINDING} {_SHOWN} }}',
    "landing": f'landing(unit: "$unit", month: "2022-01") {{ burdens {{ delegation {{ {_DELEGATION} }} }} '
    f"duties {{ delegation {{ ref }} }} }}",
    "sameFields": 'sameFields(unit: "$unit", below: true) { forms { matter { name } delegations { ref } } }',
    "unit": f'unit(code: "$unit") {{ {_UNIT} }}',
}
OF_OBJECT: Final = {
    "decision": f"decision(position: $position) {{ {_DECISION} }}",
    "delegation": f'delegation(ref: "$markD2") {{ {_DELEGATION} }}',
    "report": f'report(report: "$markQ1") {{ {_REPORT} }}',
    "proposal": f'proposal(proposal: "$markP1") {{ {_PROPOSAL} }}',
}
PUBLISHED: Final = {
    "certificate": 'certificate(village: "$town-village", text: "亲属关系证明") { status message matter { name } }',
    "consistency": "consistency(first: 1, second: 2) { oldRoot newRoot oldSteps { hash } newSteps { hash } holds }",
    "consistencyProof": "consistencyProof(first: 1, second: 2)",
    "inclusionProof": "inclusionProof(position: $position) { leafHash root hashes }",
    "instrument": 'instrument(number: "$county号") { title issuer { name } }',
    "instruments": 'instruments(search: "通知") { nodes { number } totalCount }',
    "list": 'list(code: "$county-PLAN") { title scope { name } items { totalCount } }',
    "listComparison": 'listComparison(list: "$county-PLAN", from: "2021-12-31") { before { code } items { change } }',
    "lists": "lists { nodes { code } totalCount }",
    "log": "log { size root }",
    "matters": "matters { nodes { code } totalCount }",
    "services": "services { materials }",
    "units": 'units(within: "$unit") { nodes { code name parent { name } children { totalCount } } totalCount }',
}
# What is asked by who records, and told apart: tests/acceptance/access/test_recording.py.
OF_RECORDERS: Final = ("simulate", "simulateEach", "undo")


def filled(question: str, unit: str, town: str, mark: str, position: int = 1) -> str:
    """A question about a unit."""
    return f"{{ {replaced(question, unit, town, mark, position)} }}"


def replaced(text: str, unit: str, town: str, mark: str, position: int = 1) -> str:
    """A text about a unit: $unit, its $town and $county, what that town's ids begin with ($mark), a $position."""
    values = {
        "$unit": unit,
        "$county": town.partition("-")[0],
        "$town": town,
        "$mark": mark,
        "$position": str(position),
    }
    for name, value in values.items():
        text = text.replace(name, value)
    return text
