"""Who may record what, over HTTP: every type of decision, role and territory; and what an attacker tries."""

from __future__ import annotations

from typing import Any

import pytest

from registry.access.operations import RECORDS, Answer, Rule, Where, answer
from registry.access.roles import Role
from registry.domain.decisions import TYPES
from tests.support.counties import Counties, Who, mentioned, refused
from tests.support.two_counties import NAMING_ANOTHERS, RECORD, mark
from tests.support.worlds import Line, decision, unit

DAY = "2023-01-01"
# What can never be recorded: with it nothing is, and what is wrong with the others is told all the same.
IMPOSSIBLE = decision("UnitRenamed", DAY, unit="nowhere", name="x")
UNITS = {Where.OWN: "A-town", Where.BELOW: "A-town-village", Where.PARENT: "A", Where.OTHER: "B-town"}
# Of these no unit acts in particular: they belong to everybody.
SHARED = {"MatterDefined", "MatterRevised", "MatterRetired"}


def acts_of(code: str) -> list[Line]:
    """One decision of each type that is the act of a unit, in an order in which they can be recorded."""
    paper, sent = {"instrument": "acts"}, {"matter": "D-SAND", "from": code, "to": "A-town2-village"}
    duty = {"role": "lead", "mode": "assigned", **paper}
    of_finding = {"rule": "duty-without-power", "subject": "act-duty", "unit": code, "by": code}
    return [
        decision("InstrumentIssued", DAY, instrument="acts", title="通知", kind="notice", issuer=code),
        unit("act-child", "village", "village", code, at=DAY),
        unit("act-other", "village", "village", code, at=DAY),
        decision("UnitMoved", "2023-02-01", unit="act-other", parent=code),
        decision("UnitRevised", DAY, unit=code, aliases=["别名"]),
        decision("UnitRenamed", DAY, unit=code, name="新名"),
        decision("UnitDissolved", "2023-02-01", unit="act-child", successor=code),
        decision("PowerVested", DAY, power="P-SAND", unit=code, **paper),
        decision("PowerDivested", "2023-02-01", power="P-SAND", unit=code),
        decision("ListAdopted", DAY, list="act-list", title="清单", polarity="positive", covers="form", scope=code)
        | {"audience": "village", **paper},
        decision("ListItemEntered", DAY, list="act-list", item="1", name="事", matter="F-LEDGER"),
        decision("ListItemWithdrawn", "2023-02-01", list="act-list", item="1"),
        decision("ListRepealed", "2023-03-01", list="act-list"),
        *(decision("DelegationProposed", DAY, proposal=f"act-{each}", **sent, **paper) for each in ("yes", "no")),
        decision("ProposalAdmitted", DAY, proposal="act-yes", by=code),
        decision("ProposalRefused", DAY, proposal="act-no", by=code),
        decision("DutyDelegated", DAY, ref="act-duty", **sent, **duty),
        decision("PowerGranted", DAY, ref="act-power", **{**sent, "matter": "P-SAND"}, mode="devolved", **paper),
        decision("BurdenImposed", DAY, ref="act-burden", **{**sent, "matter": "F-LEDGER"}, **paper),
        decision("CertificateDemanded", DAY, ref="act-paper", **{**sent, "matter": "C-KIN"}),
        decision("ResourcesAllotted", DAY, ref="act-duty", brings=["staff"]),
        decision("DelegationEnded", "2023-06-01", ref="act-burden", reason="completed"),
        decision("BurdenReported", DAY, report="act-report", unit=code, text="太多"),
        decision("ReportAnswered", DAY, report="act-report", by=code, text="取消", outcome="upheld"),
        decision("FindingWaived", DAY, **of_finding, reason="试点"),
        decision("WaiverLifted", "2023-02-01", rule="duty-without-power", subject="act-duty", unit=code),
        decision("RectificationOrdered", DAY, ref="act-order", **of_finding, text="整改", due_on="2023-06-30"),
        decision("RectificationAnswered", "2023-02-01", ref="act-order", by=code, text="已办", outcome="done"),
        decision("CaseRecorded", DAY, case="act-case", title="案例", text="已尽责", outcome="exempted", by=code),
        decision("UnitAssessed", DAY, assessment="act-score", unit="A-water", by=code, period="2022", score=80),
        decision("Corrected", DAY, ref="act-power", set_={"mode": "entrusted"}),
        decision("Annulled", DAY, ref="act-power"),
        decision("Reinstated", DAY, ref="act-power"),
        decision("InstrumentRepealed", "2024-01-01", instrument="acts"),
    ]


def attempt(counties: Counties, who: Who, lines: list[Line]) -> dict[int, dict[str, Any]]:
    """What is wrong with each line, from 1; nothing is recorded."""
    before = counties.last()
    (error,) = counties.query(who, RECORD, decisions=[*lines, IMPOSSIBLE])["errors"]
    assert counties.last() == before
    errors = error["extensions"].get("errors")
    if errors is None:  # nobody with this role records anything
        assert refused(f'"{error["extensions"]["code"]}"')
        return dict.fromkeys(range(1, len(lines) + 1), error["extensions"])
    return {each["line"]: each for each in errors}


def test_an_act_of_every_type_is_tried() -> None:
    assert {line["type"] for line in acts_of("A-town")} | SHARED == {*TYPES}


@pytest.mark.parametrize("role", Role)
@pytest.mark.parametrize("where", Where)
def test_acts_are_recorded_for_ones_own_units_by_those_whose_role_it_is(
    counties: Counties, role: Role, where: Where
) -> None:
    lines = acts_of(UNITS[where])
    # What a clerk answers, an organizer ordered and an editor sent: recorded beforehand by whoever sees everything.
    errors = attempt(counties, Who(role), lines)
    for number, line in enumerate(lines, 1):
        lowest = RECORDS[line["type"]]
        if answer(Rule(lowest), role, where) is Answer.YES:
            # A lower role lacks what a higher one would have recorded before.
            assert errors.get(number, {}).get("code") in ({None} if role is Role.ORGANIZER else {None, *MISSING}), line
        else:
            assert errors[number]["code"] in {"forbidden", "not-logged-in", *MISSING}, line


MISSING = ("unknown-ref", "unknown-instrument", "unknown-list", "unknown-unit")


def test_who_records_is_said_by_the_account_and_not_by_the_request(counties: Counties) -> None:
    lines = [decision("BurdenReported", DAY, report=f"{mark('A-town')}by", unit="A-town", text="报表太多")]
    counties.query(Who(Role.CLERK), RECORD, decisions=lines)
    assert counties.last()[1] == "clerk-a-town"
    query = '{ decisions(recordedBy: "clerk-a-town") { type recordedBy } }'
    (seen,) = counties.query(Who(Role.AUDITOR), query)["data"]["decisions"]
    assert seen == {"type": "BurdenReported", "recordedBy": "clerk-a-town"}
    assert counties.query(Who(Role.AUDITOR, "B-town"), query)["data"]["decisions"] == []
    assert counties.query(Who(Role.CLERK), query)["errors"][0]["extensions"]["code"] == "forbidden"


@pytest.mark.parametrize("line", NAMING_ANOTHERS, ids=lambda line: line["type"])
def test_an_id_of_another_county_is_answered_as_one_that_there_is_not(counties: Counties, line: Line) -> None:
    def tried(mark_: str, line: Line = line) -> str:
        given = [eval(repr(line).replace("$", mark_))]
        return str(attempt(counties, Who(Role.ORGANIZER, "A"), given)[1]).replace(mark_, "$")

    assert tried(mark("B-town")) == tried("S-nothing.")
    assert "unknown-ref" in tried(mark("B-town"))
    # As an act of that county's own, which is not the account's to record.
    theirs = {name: text.replace("A", "B", 1) if name in ("by", "from") else text for name, text in line.items()}
    assert tried(mark("B-town"), theirs) == tried("S-nothing.", theirs)


@pytest.mark.parametrize(
    "lines",
    [
        # A unit of the other county registered again, as if it were new and one's own.
        [unit("B-town", "township", "government", "A"), decision("UnitRenamed", DAY, unit="B-town", name="x")],
        # The same, in the words in which it is recorded but for where it is.
        [unit("B-town", "township", "government", "B"), decision("UnitRenamed", DAY, unit="B-town", name="x")],
        [decision("UnitMoved", DAY, unit="B-town", parent="A")],
        [decision("UnitMoved", DAY, unit="A-town", parent="B")],
        [decision("UnitDissolved", DAY, unit="A-town2", successor="B-town")],
        [decision("Corrected", DAY, of={"type": "UnitRegistered", "unit": "B-town"}, set_={"parent": "A"})],
        [decision("Corrected", DAY, ref=f"{mark('A-town')}D1", set_={"from": "B-water"})],
        [decision("Annulled", DAY, of={"type": "UnitRegistered", "unit": "B-town"})],
        [decision("ListItemEntered", DAY, list="B-PLAN", item="9", name="x", matter="F-LEDGER")],
        [decision("ListItemEntered", DAY, list="NEG", item="9", name="x", matter="F-LEDGER")],
        [decision("ListAdopted", DAY, list="all", title="x", polarity="positive", covers="form", audience="village")
         | {"instrument": "A号"}],
        [decision("InstrumentRepealed", DAY, instrument="B号")],
        [decision("MatterRevised", DAY, matter="D-SAND", name="x")],
        [decision("MatterRetired", DAY, matter="D-SAND")],
        [unit("A-top", "county", "government")],
    ],
)  # fmt: skip
def test_nothing_of_others_is_taken_over(counties: Counties, lines: list[Line]) -> None:
    errors = attempt(counties, Who(Role.ORGANIZER, "A"), lines)
    assert errors[len(lines)]["code"] == "forbidden"
    assert all(errors[len(lines)][language] for language in ("zh", "en"))


def test_what_one_brought_in_for_everybody_one_may_mend(counties: Counties) -> None:
    own, other = Who(Role.ORGANIZER, "A"), Who(Role.ORGANIZER, "B")
    matter = decision("MatterDefined", DAY, matter="D-OWN", kind="duty", name="新事项")
    assert "errors" not in counties.query(own, RECORD, decisions=[matter])
    mended = [decision("MatterRevised", DAY, matter="D-OWN", name="改名")]
    assert attempt(counties, other, mended)[1]["code"] == "forbidden"
    assert 1 not in attempt(counties, own, mended)
    assert 1 not in attempt(counties, own, [decision("Annulled", DAY, of={"type": "MatterDefined", "matter": "D-OWN"})])


def test_a_bureau_reads_its_governments_territory_and_acts_for_itself(counties: Counties) -> None:
    bureau = Who(Role.EDITOR, "A-water")
    text = str(counties.query(bureau, '{ findings(within: "4206") { nodes { subject } } }'))
    assert mentioned(text) == {"A-town", "A-town2"}
    sent = {"matter": "F-LEDGER", "to": "A-town", "instrument": "A号"}
    lines = [decision("BurdenImposed", DAY, ref=f"new-{code}", from_=code, **sent) for code in ("A-water", "A", "B")]
    errors = attempt(counties, bureau, lines)
    assert (errors.get(1), errors[2]["code"], errors[3]["code"]) == (None, "forbidden", "forbidden")


def test_a_simulation_tells_nothing_of_others(counties: Counties) -> None:
    query = """query ($decisions: [JSON!]!) {
        simulate(decisions: $decisions) { errors opened { subject } closed { subject } } }"""
    end = decision("DelegationEnded", "2022-02-01", ref=f"{mark('A-town')}D2", reason="completed")
    done = counties.query(Who(Role.ORGANIZER), query, decisions=[end])["data"]["simulate"]
    assert (done["errors"], mentioned(str(done["closed"]))) == ([], {"A-town"})
    answers = {key: counties.query(Who(Role.ORGANIZER), query, decisions=[{**end, "ref": f"{key}D2"}]) for key in
             (mark("B-town"), "S-nothing.")}  # fmt: skip
    first, second = (str(each["data"]["simulate"]).replace(key, "") for key, each in answers.items())
    assert first == second
    assert "unknown-ref" in first


def test_of_several_alternatives_each_tells_nothing_of_others(counties: Counties) -> None:
    query = """query ($alternatives: [[JSON!]!]!) {
        simulateEach(alternatives: $alternatives) { errors opened { subject } closed { subject } } }"""
    end = decision("DelegationEnded", "2022-02-01", ref=f"{mark('A-town')}D2", reason="completed")
    other, none = ([{**end, "ref": f"{key}D2"}] for key in (mark("B-town"), "S-nothing."))
    answer = counties.query(Who(Role.ORGANIZER), query, alternatives=[[end], other, none])["data"]["simulateEach"]
    assert (answer[0]["errors"], mentioned(str(answer[0]["closed"]))) == ([], {"A-town"})
    of_other, of_none = str(answer[1]).replace(mark("B-town"), ""), str(answer[2]).replace("S-nothing.", "")
    assert of_other == of_none
    assert "unknown-ref" in of_other


def test_nothing_of_others_is_taken_back(counties: Counties) -> None:
    organizer = Who(Role.ORGANIZER)
    look = "query ($from: Int!) { undo(from: $from) { positions resting { on } digest decisions } }"
    other, own = counties.positions["B-town"], counties.positions["A-town"]
    looked = counties.query(organizer, look, **{"from": other})["errors"][0]["extensions"]
    assert looked["code"] == "unknown-position"
    done = counties.query(organizer, "mutation ($from: Int!) { undo(from: $from) { positions } }", **{"from": other})
    assert done["errors"][0]["extensions"]["code"] == "unknown-position"
    assert counties.query(organizer, look, **{"from": own})["data"]["undo"]["positions"] == [own]
    for role in Role:
        if role is not Role.ORGANIZER:
            code = counties.query(Who(role), look, **{"from": own})["errors"][0]["extensions"]["code"]
            assert refused(f'"{code}"')
        page = counties.send(Who(role), "GET", "/undo", params={"from": own})
        assert page.status_code == {Role.ORGANIZER: 200, Role.ANYBODY: 303}.get(role, 403)
    page = counties.send(organizer, "GET", "/undo", params={"from": other})
    assert not mentioned(page.text)
    assert str(other) in page.text


LIST = "序号,报表名称\n1,巡河台账\n"


@pytest.mark.parametrize(
    ("role", "fields", "status"),
    [
        (Role.ORGANIZER, {"county": "A"}, 200),
        (Role.EDITOR, {"county": "A"}, 200),
        (Role.CLERK, {"county": "A"}, 403),
        (Role.AUDITOR, {"county": "A"}, 403),
        (Role.ANYBODY, {"county": "A"}, 401),
        (Role.ORGANIZER, {"county": "B"}, 403),
        (Role.ORGANIZER, {"county": "4206"}, 403),
        (Role.ORGANIZER, {"county": "A", "scope": "B"}, 422),
        (Role.ORGANIZER, {"county": "A", "scope": "B-town"}, 422),
    ],
)
def test_an_upload_that_names_another_county_is_refused_as_a_whole(
    counties: Counties, role: Role, fields: dict[str, str], status: int
) -> None:
    before = counties.last()
    given = {"kind": "plan-forms", "polarity": "positive", "audience": "village", "scope": "A", "as": "UP"} | fields
    given |= {"instrument": "A号", "filename": "报表.csv", "matter:巡河台账": "F-LEDGER"}
    sent = counties.send(Who(role, "A"), "POST", "/v1/lists", params=given | {"dry_run": "1"}, content=LIST.encode())
    if status != 422:
        assert sent.status_code == status, sent.text
    recorded = counties.send(Who(role, "A"), "POST", "/v1/lists", params=given, content=LIST.encode())
    assert recorded.status_code in ({200, 422} if status == 200 else {status}), recorded.text
    if status != 200:
        assert refused(recorded.text) or "unknown-scope" in recorded.text
        assert counties.last() == before
