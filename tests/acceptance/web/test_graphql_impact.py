"""Over GraphQL: what recording opened and closed, simulations, since when, ways out, and proposals with an opinion."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import psycopg
import pytest

from registry.log import recorder
from registry.web.graphql import context, finding_loaders
from tests.support.api_client import Api
from tests.support.worlds import COUNTY, Line, decision, duty, grant, unit

FINDING = "{ rule unit { code name } subject }"
STAFFING = unit("staffing", "county", "party", "420684", function="staffing")
# Else everything handed to a town would be off its list.
UNLISTED = decision("ListRepealed", "2019-02-01", list="BASIC")
AS_OF = "2021-08-01"


@pytest.fixture
def county_api(api_over: Callable[..., Api]) -> Callable[..., Api]:
    """A function that records more of the county into an empty registry and returns the API over it."""
    return lambda *more: api_over([*COUNTY, UNLISTED, STAFFING, *more])


def keys(findings: list[dict[str, Any]]) -> list[tuple[str, str, str]]:
    return [(each["rule"], each["unit"]["code"], each["subject"]) for each in findings]


RECORD = f"mutation ($d: [JSON!]!) {{ record(decisions: $d) {{ positions opened {FINDING} closed {FINDING} }} }}"
SIMULATE = f"""query ($d: [JSON!]!, $asOf: Date) {{
  simulate(decisions: $d, asOf: $asOf) {{ asOf errors opened {FINDING} closed {FINDING} }}
}}"""


def test_recording_says_what_it_opened_and_closed(county_api: Callable[..., Api]) -> None:
    client = county_api(grant("G-1"), duty("D-1"))
    done = client.ask(RECORD, d=[decision("DelegationEnded", "2021-01-01", ref="G-1", reason="revoked")])["record"]
    assert keys(done["opened"]) == [("duty-without-power", "town", "D-1")]
    assert done["closed"] == []
    # By a typed mutation too.
    again = client.ask(
        f"""mutation {{ endDelegation(ref: "D-1", at: "2021-02-01", reason: "returned") {{ closed {FINDING} }} }}"""
    )["endDelegation"]
    assert keys(again["closed"]) == [("duty-without-power", "town", "D-1")]
    repeated = client.ask(RECORD, d=[duty("D-1")])["record"]
    assert (repeated["opened"], repeated["closed"]) == ([], [])


def test_a_repeat_of_what_was_annulled_is_told_as_such(county_api: Callable[..., Api]) -> None:
    client = county_api(duty("D-1"), duty("D-2", to="town2"), decision("Annulled", "2021-01-01", ref="D-1"))
    query = "mutation ($d: [JSON!]!) { record(decisions: $d) { positions annulled } }"
    done = client.ask(query, d=[duty("D-2", to="town2"), duty("D-1")])["record"]
    assert done["annulled"] == [done["positions"][1]]


def test_one_simulation_after_another_says_what_each_alone_would(county_api: Callable[..., Api]) -> None:
    client = county_api(grant("G-1"), duty("D-1"))
    revoked = [decision("DelegationEnded", "2021-01-01", ref="G-1", reason="revoked")]
    more = [duty("D-2"), *revoked]

    def opened(decisions: list[Line]) -> list[tuple[str, str, str]]:
        return keys(client.ask(SIMULATE, d=decisions, asOf=AS_OF)["simulate"]["opened"])

    # The same server, from the same position: what one read serves the next, in whatever order.
    without = ("duty-without-power", "town", "D-1")
    for _ in range(2):
        assert opened(revoked) == [without]
        assert {without, ("duty-without-power", "town", "D-2")} <= set(opened(more))
    # And from the next position it does not.
    client.ask(RECORD, d=revoked)
    returned = [decision("DelegationEnded", "2021-01-01", ref="D-1", reason="returned")]
    assert keys(client.ask(SIMULATE, d=returned, asOf=AS_OF)["simulate"]["closed"]) == [without]


def test_a_simulation_records_nothing(county_api: Callable[..., Api]) -> None:
    client = county_api(grant("G-1"), duty("D-1"))
    size = client.ask("{ log { size } }")["log"]["size"]
    lines = [decision("DelegationEnded", "2020-05-01", ref="G-1", reason="revoked")]
    difference = client.ask(SIMULATE, d=lines, asOf=AS_OF)["simulate"]
    assert difference["asOf"] == AS_OF
    assert keys(difference["opened"]) == [("duty-without-power", "town", "D-1")]
    assert difference["errors"] == []
    assert client.ask("{ log { size } }")["log"]["size"] == size
    assert client.ask("query ($d: Date) { findings(asOf: $d) { totalCount } }", d=AS_OF)["findings"]["totalCount"] == 0


def test_what_only_the_simulation_knows_is_shown_too(county_api: Callable[..., Api]) -> None:
    client = county_api()
    new = unit("town3", "township", "government", "420684")
    matter = decision("MatterDefined", "2019-01-01", matter="D-SALT", kind="duty", name="盐业监管", requires=["P-SAND"])
    lines = [new, matter, duty("D-9", matter="D-SALT", to="town3")]
    query = """query ($d: [JSON!]!, $asOf: Date) { simulate(decisions: $d, asOf: $asOf) {
      opened { rule subject unit { code name level parent { code } } matter { code name requires { code } } }
    } }"""
    by_rule = {each["rule"]: each for each in client.ask(query, d=lines, asOf=AS_OF)["simulate"]["opened"]}
    assert by_rule["duty-without-power"]["unit"] == {
        "code": "town3",
        "name": "单位town3",
        "level": "TOWNSHIP",
        "parent": {"code": "420684"},
    }
    assert by_rule["duty-without-power"]["matter"] == {
        "code": "D-SALT",
        "name": "盐业监管",
        "requires": [{"code": "P-SAND"}],
    }


def test_bad_decisions_are_reported_by_line(county_api: Callable[..., Api]) -> None:
    lines = [duty("D-1"), decision("DelegationEnded", "2021-01-01", ref="D-7", reason="revoked"), {"type": "?"}]
    difference = county_api().ask(SIMULATE, d=lines)["simulate"]
    assert [(error["line"], error["code"], error["field"]) for error in difference["errors"]] == [
        (2, "unknown-ref", "ref"),
        (3, "unknown-type", "type"),
    ]
    assert difference["opened"] == []


def test_too_many_decisions_to_simulate(county_api: Callable[..., Api]) -> None:
    assert county_api().refused(SIMULATE, d=[duty(f"D-{n}") for n in range(1001)])["code"] == "too-large"


EACH = f"""query ($each: [[JSON!]!]!, $asOf: Date) {{
  simulateEach(alternatives: $each, asOf: $asOf) {{ asOf errors opened {FINDING} closed {FINDING} }}
}}"""


def test_alternatives_are_simulated_each_as_if_the_others_were_not(county_api: Callable[..., Api]) -> None:
    client = county_api(grant("G-1"), duty("D-1"), duty("D-0", to="town2"))
    revoked = decision("DelegationEnded", "2020-05-01", ref="G-1", reason="revoked")
    each = [
        [revoked],
        [grant("G-2", to="town2")],
        [duty("D-2", to="town2")],  # which the grant before would let be done
        [decision("DelegationEnded", "2020-05-01", ref="NONE", reason="revoked")],
        [revoked, duty("D-3", to="village")],
        [],
        [unit("town3", "township", "government", "420684"), duty("D-4", to="town3")],
        [duty("D-5", to="town3")],  # which it has not heard of
    ]
    size = client.ask("{ log { size } }")["log"]["size"]
    answers = client.ask(EACH, each=each, asOf=AS_OF)["simulateEach"]
    assert answers == [client.ask(SIMULATE, d=lines, asOf=AS_OF)["simulate"] for lines in each]
    assert [bool(one["opened"] or one["closed"]) for one in answers] == [True] * 3 + [False, True, False, True, False]
    assert [bool(one["errors"]) for one in answers] == [False] * 3 + [True, False, False, False, True]
    assert client.ask("{ log { size } }")["log"]["size"] == size
    assert client.ask(EACH, each=[], asOf=AS_OF)["simulateEach"] == []
    assert client.refused(EACH, each=[[]] * 21)["code"] == "too-large"


def test_who_records_at_the_same_time_must_wait(
    county_api: Callable[..., Api], shared_api: tuple[psycopg.Connection, Api]
) -> None:
    client = county_api(grant("G-1"), duty("D-1"))
    with shared_api[0].transaction():
        recorder.lock(shared_api[0])
        shared_api[0].execute("UPDATE delegation SET known_to = known_to WHERE ref = 'G-1'")
        # Another thing is simulated all the same, though somebody holds the log's lock.
        other = [decision("DelegationEnded", "2020-05-01", ref="D-1", reason="returned")]
        assert client.ask(SIMULATE, d=other, asOf=AS_OF)["simulate"]["errors"] == []
        same = [decision("DelegationEnded", "2020-05-01", ref="G-1", reason="revoked")]
        assert client.refused(SIMULATE, d=same, asOf=AS_OF)["code"] == "busy"


def test_since_when_and_what_to_do(county_api: Callable[..., Api]) -> None:
    client = county_api(
        grant("G-1"), duty("D-1"), decision("DelegationEnded", "2022-01-01", ref="G-1", reason="revoked")
    )
    query = """query ($asOf: Date) { findings(asOf: $asOf) { nodes {
      rule since subject remedies { action message en: message(lang: "en") decisions opens { rule } closes { rule } }
    } } }"""
    (finding,) = client.ask(query, asOf="2022-06-01")["findings"]["nodes"]
    assert finding["since"] == "2022-01-01"
    ways = finding["remedies"]
    assert [way["action"] for way in ways] == ["return-duty", "grant-power", "let-assist"]
    assert all(way["message"] and way["en"] for way in ways)
    # To assist takes somebody who leads, and nobody does.
    assert [way["opens"] for way in ways] == [[], [], [{"rule": "no-lead"}]]
    assert [way["closes"] for way in ways] == [[], [], []]
    # What is offered can be recorded as it is, and does what it says.
    done = client.ask(RECORD, d=ways[1]["decisions"])["record"]
    assert keys(done["closed"]) == [("duty-without-power", "town", "D-1")]
    assert client.ask(query, asOf="2022-06-01")["findings"]["nodes"] == []


def test_ways_out_of_too_many_findings(county_api: Callable[..., Api]) -> None:
    client = county_api(*(duty(f"D-{n}") for n in range(31)))
    query = "query ($n: Int) { findings(first: $n) { nodes { remedies { action } } } }"
    assert client.post(query, n=31).json()["errors"][0]["extensions"]["code"] == "too-costly"
    assert len(client.ask(query, n=2)["findings"]["nodes"]) == 2
    # The same findings on several days are as much work again for each day.
    days = "".join(
        f'd{n}: findings(first: 4, asOf: "2022-06-0{n}") {{ nodes {{ remedies {{ action }} }} }}' for n in range(1, 9)
    )
    assert client.refused(f"{{ {days} }}")["code"] == "too-costly"


def test_a_question_that_has_been_computed_for_long_begins_nothing_more(
    county_api: Callable[..., Api], monkeypatch: pytest.MonkeyPatch
) -> None:
    client = county_api(duty("D-1"))
    days = [f'd{n}: findingCounts(by: RULE, asOf: "2022-06-0{n}") {{ count }}' for n in range(1, 6)]
    monkeypatch.setattr(context, "SPENDABLE", 0.0)  # seconds
    assert client.ask(f"{{ {days[0]} }}")["d1"]
    several = " ".join(days[1:])
    assert client.refused(f"{{ {several} }}")["code"] == "too-costly"
    monkeypatch.setattr(finding_loaders, "REMEDYING", 0.0)
    monkeypatch.setattr(context, "SPENDABLE", 60.0)
    ways = "{ findings { nodes { remedies { action } } } }"
    assert client.ask(ways)["findings"]["nodes"]
    more = county_api(duty("D-1"), duty("D-2"))
    assert more.refused(ways)["code"] == "too-costly"


PROPOSED = {"matter": "D-SAND", "from": "water", "to": "town", "instrument": "通知1号"}
PROPOSAL = f"""query ($p: ID!, $asOf: Date) {{ proposal(proposal: $p, asOf: $asOf) {{
  proposal role since answer answeredOn answeredBy {{ code }} delegations matter {{ code }} from {{ code }}
  to {{ code }} instrument {{ number }}
  opinion {{ entitled errors by {{ code }} opened {FINDING} }}
}} }}"""


def proposed(proposal: str, **fields: Any) -> Line:
    return decision("DelegationProposed", "2020-02-01", proposal=proposal, **(PROPOSED | fields))


CLOSED = decision(
    "ListAdopted",
    "2019-06-01",
    list="DUTIES",
    title="清单",
    polarity="positive",
    covers="duty",
    audience="township",
    scope="420684",
    instrument="通知1号",
)


def test_a_proposal_comes_with_an_opinion(county_api: Callable[..., Api]) -> None:
    client = county_api(CLOSED, proposed("P-1", role="lead"))
    results = client.ask(PROPOSAL, p="P-1", asOf=AS_OF)["proposal"]
    assert (results["answer"], results["since"], results["delegations"]) == (None, "2020-02-01", [])
    assert (results["from"]["code"], results["to"]["code"], results["role"]) == ("water", "town", "LEAD")
    # Were it admitted, it would be on no list and still not be off the lists; the power stays above.
    assert [rule for rule, _, _ in keys(results["opinion"]["opened"])] == ["duty-without-power"]
    assert results["opinion"]["entitled"] is None
    assert results["opinion"]["by"] == [{"code": "staffing"}]

    refused = decision("ProposalRefused", "2020-03-01", proposal="P-1", by="town", reason="不符合")
    client.ask("mutation ($d: [JSON!]!) { record(decisions: $d) { positions } }", d=[refused])
    results = client.ask(PROPOSAL, p="P-1", asOf=AS_OF)["proposal"]
    assert (results["answer"], results["answeredBy"]["code"], results["answeredOn"]) == (
        "refused",
        "town",
        "2020-03-01",
    )
    assert results["opinion"]["entitled"] is False
    assert sorted(rule for rule, _, _ in keys(results["opinion"]["opened"])) == ["duty-without-power", "off-list"]

    # It goes ahead all the same: recorded, and flagged.
    done = client.ask(RECORD, d=[duty("D-1", at="2020-04-01", proposal="P-1")])["record"]
    assert ("off-list", "town", "D-1") in keys(done["opened"])
    assert client.ask(PROPOSAL, p="P-1", asOf=AS_OF)["proposal"]["delegations"] == ["D-1"]


def test_only_the_content_that_was_admitted_counts(county_api: Callable[..., Api]) -> None:
    admitted = decision("ProposalAdmitted", "2020-03-01", proposal="P-1", by="staffing")
    client = county_api(CLOSED, proposed("P-1", role="assist"), admitted)
    assert client.ask(PROPOSAL, p="P-1", asOf=AS_OF)["proposal"]["opinion"]["entitled"] is True
    as_admitted = duty("D-1", at="2020-04-01", role="assist", proposal="P-1")
    to_another = duty("D-2", at="2020-04-01", role="assist", proposal="P-1", to="town2")
    done = client.ask(RECORD, d=[as_admitted, to_another])["record"]
    assert [each for each in keys(done["opened"]) if each[0] == "off-list"] == [("off-list", "town2", "D-2")]


def test_proposals_of_a_territory(county_api: Callable[..., Api]) -> None:
    answered = decision("ProposalAdmitted", "2020-03-01", proposal="P-2", by="staffing")
    client = county_api(proposed("P-1"), proposed("P-2", to="town2"), proposed("P-3", to="village"), answered)
    query = """query ($in: ID!, $pending: Boolean, $first: Int, $after: String) {
      proposals(within: $in, pending: $pending, asOf: "2020-06-01", first: $first, after: $after) {
        totalCount pageInfo { hasNextPage endCursor } nodes { proposal }
      }
    }"""

    def proposals(**variables: Any) -> tuple[int, list[str]]:
        page = client.ask(query, **variables)["proposals"]
        return page["totalCount"], [node["proposal"] for node in page["nodes"]]

    assert proposals(**{"in": "420684"}) == (3, ["P-1", "P-2", "P-3"])
    assert proposals(**{"in": "420684", "pending": True}) == (2, ["P-1", "P-3"])
    assert proposals(**{"in": "420684", "pending": False}) == (1, ["P-2"])
    assert proposals(**{"in": "town"}) == (2, ["P-1", "P-3"])
    page = client.ask(query, **{"in": "420684", "first": 2})["proposals"]
    assert page["pageInfo"]["hasNextPage"] is True
    assert proposals(**{"in": "420684", "after": page["pageInfo"]["endCursor"]}) == (3, ["P-3"])
    assert client.refused(query, **{"in": "nobody"})["code"] == "unknown-unit"
    assert client.ask(PROPOSAL, p="P-9")["proposal"] is None


def test_waivers_expire(county_api: Callable[..., Api]) -> None:
    stated = {"rule": "duty-without-power", "subject": "D-1", "unit": "town", "by": "420684", "reason": "过渡期"}
    client = county_api(duty("D-1"), decision("FindingWaived", "2020-03-01", **stated, until="2020-06-01"))
    query = """query ($asOf: Date, $waived: Boolean) { findings(asOf: $asOf, waived: $waived) {
      nodes { rule subject waivedBy } } }"""
    assert client.ask(query, asOf="2020-05-31")["findings"]["nodes"] == []
    waived = {"rule": "duty-without-power", "subject": "D-1", "waivedBy": "420684"}
    assert client.ask(query, asOf="2020-05-31", waived=True)["findings"]["nodes"] == [waived]
    assert client.ask(query, asOf="2020-06-01")["findings"]["nodes"] == [waived | {"waivedBy": None}]
