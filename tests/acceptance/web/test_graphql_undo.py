"""Taking recordings back over GraphQL: what it would record and change, and that what was shown is what is recorded."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from registry.recording import undo
from tests.support.api_client import Api
from tests.support.worlds import COUNTY, decision, duty, grant, unit

FINDING = "{ rule unit { code name } subject }"
UNDO = f"""query ($from: Int!, $to: Int, $withLater: Boolean, $asOf: Date) {{
  undo(from: $from, to: $to, withLater: $withLater, asOf: $asOf) {{
    decisions positions withoutEffect digest judged problems
    goesWith {{ position }} resting {{ on decision {{ position type }} }} opened {FINDING} closed {FINDING}
  }}
}}"""
RECORD = f"""mutation ($from: Int!, $to: Int, $withLater: Boolean, $shown: String) {{
  undo(from: $from, to: $to, withLater: $withLater, shown: $shown) {{ positions opened {FINDING} closed {FINDING} }}
}}"""
UNLISTED = decision("ListRepealed", "2019-02-01", list="BASIC")
FIRST = len(COUNTY) + 2  # the position of the first decision after these


@pytest.fixture
def client(api_over: Callable[..., Api]) -> Callable[..., Api]:
    """A function that records more of the county into an empty registry and returns the API over it."""
    return lambda *more: api_over([*COUNTY, UNLISTED, *more])


def keys(findings: list[dict[str, Any]]) -> list[tuple[str, str, str]]:
    return [(each["rule"], each["unit"]["code"], each["subject"]) for each in findings]


def size(client: Api) -> int:
    return client.ask("{ log { size } }")["log"]["size"]


def test_what_was_shown_is_recorded_and_is_itself_undone(client: Callable[..., Api]) -> None:
    over = client(grant("G-1", "2022-01-01"), duty("D-1", "2022-01-01"))
    end = over.ask('mutation { endDelegation(ref: "G-1", at: "2023-01-01", reason: "revoked") { positions } }')[
        "endDelegation"
    ]["positions"][0]
    shown = over.ask(UNDO, **{"from": FIRST})["undo"]
    assert [(each["type"], each["ref"]) for each in shown["decisions"]] == [("Annulled", "G-1")]
    assert (shown["positions"], shown["withoutEffect"], shown["resting"], shown["judged"]) == ([FIRST], [], [], True)
    assert shown["goesWith"] == [{"position": end}]
    assert (shown["opened"], shown["closed"]) == ([], [])  # it had been revoked: nothing is other today
    shown = over.ask(UNDO, **{"from": FIRST}, asOf="2022-06-01")["undo"]
    assert keys(shown["opened"]) == [("duty-without-power", "town", "D-1")]
    assert size(over) == end

    done = over.ask(RECORD, **{"from": FIRST}, shown=shown["digest"])["undo"]
    assert done["positions"] == [end + 1]
    back = over.ask(UNDO, **{"from": end + 1}, asOf="2022-06-01")["undo"]
    assert [each["type"] for each in back["decisions"]] == ["Reinstated"]
    assert keys(back["closed"]) == [("duty-without-power", "town", "D-1")]
    again = over.ask(RECORD, **{"from": FIRST})["undo"]
    assert (again["positions"], again["opened"], again["closed"]) == ([], [], [])
    assert over.ask(UNDO, **{"from": FIRST})["undo"]["withoutEffect"] == [FIRST]


def test_what_rests_on_it_is_named_and_goes_with_it_where_that_is_wanted(client: Callable[..., Api]) -> None:
    over = client(unit("town3", "township", "government", "420684"), duty("D-1", to="town3"), duty("D-2", to="town3"))
    shown = over.ask(UNDO, **{"from": FIRST})["undo"]
    assert (shown["decisions"], shown["judged"], shown["opened"], shown["closed"]) == ([], False, None, None)
    assert [(each["on"], each["decision"]) for each in shown["resting"]] == [
        (FIRST, {"position": FIRST + 1, "type": "DutyDelegated"}),
        (FIRST, {"position": FIRST + 2, "type": "DutyDelegated"}),
    ]
    refused = over.refused(RECORD, **{"from": FIRST})
    assert refused["code"] == "in-use"
    assert refused["resting"] == [{"on": FIRST, "position": FIRST + 1}, {"on": FIRST, "position": FIRST + 2}]
    assert size(over) == FIRST + 2

    shown = over.ask(UNDO, **{"from": FIRST}, withLater=True)["undo"]
    assert shown["positions"] == [FIRST + 2, FIRST + 1, FIRST]
    done = over.ask(RECORD, **{"from": FIRST}, withLater=True, shown=shown["digest"])["undo"]
    assert len(done["positions"]) == 3
    assert over.ask('{ unit(code: "town3") { code } }')["unit"] is None
    # The units that it brings back are shown as they were recorded, though nobody knows them now.
    first, last = done["positions"][0], done["positions"][-1]
    back = over.ask(UNDO, **{"from": first, "to": last})["undo"]
    assert {each["unit"]["name"] for each in back["opened"]} == {"单位town3"}
    lines = {"d": back["decisions"]}
    opened = over.ask(f"query ($d: [JSON!]!) {{ simulate(decisions: $d) {{ opened {FINDING} }} }}", **lines)
    assert opened["simulate"]["opened"] == back["opened"]


def test_what_takes_too_long_to_work_out_is_refused_and_ends(
    client: Callable[..., Api], monkeypatch: pytest.MonkeyPatch
) -> None:
    over = client(duty("D-1"))
    before = size(over)
    monkeypatch.setattr(undo, "PATIENCE", -1.0)
    for statement in (UNDO, RECORD):
        refused = over.refused(statement, **{"from": 1}, withLater=True)
        assert refused["code"] == "too-large"
        assert "several goes" in refused["message"]["en"]
    assert size(over) == before


def test_what_is_no_more_what_was_shown_is_not_recorded(client: Callable[..., Api]) -> None:
    over = client(duty("D-1"))
    digest = over.ask(UNDO, **{"from": FIRST})["undo"]["digest"]
    over.ask('mutation { annul(ref: "D-1", at: "2021-01-01") { positions } }')
    before = size(over)
    refused = over.refused(RECORD, **{"from": FIRST}, shown=digest)
    assert refused["code"] == "conflict"
    assert "undo" in refused["hint"]["en"]
    assert size(over) == before


@pytest.mark.parametrize(
    ("span", "code"),
    [
        ({"from": 9, "to": 3}, "bad-value"),
        ({"from": 0}, "unknown-position"),
        ({"from": 1_000_000}, "unknown-position"),
        ({"from": 1, "to": 1000}, "unknown-position"),
        ({"from": 1, "to": 2_000_000_000}, "too-large"),
    ],
)
def test_positions_that_cannot_be_are_refused(client: Callable[..., Api], span: dict[str, int], code: str) -> None:
    over = client()
    assert over.refused(UNDO, **span)["code"] == code
    assert over.refused(RECORD, **span)["code"] == code
