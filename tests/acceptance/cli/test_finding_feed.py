"""The feed of findings as users follow it, and what it stands: kills, other processes, other rules, another log."""

from __future__ import annotations

import asyncio
import json
import threading
from collections.abc import Generator, Iterator
from contextlib import contextmanager, suppress
from typing import Any

import psycopg
import pytest

from registry import checker, database
from registry.impact import finding_feed
from registry.impact.finding_feed.replaying import compare_open_findings, derive_anew
from registry.impact.finding_feed.store import Store
from registry.recording.unit_of_work import record
from registry.web.application import application
from registry.web.graphql import explorer, finding_events
from registry.web.resources import ServerResources
from tests.support.api_client import Api, api
from tests.support.cli_runner import cli_runner
from tests.support.finding_feed import feed_rows
from tests.support.worlds import COUNTY, Line, decision, duty, grant

FIRST = len(COUNTY) + 2  # the position of R-1
UNLISTED = decision("ListRepealed", "2019-02-01", list="BASIC")
# A duty without its power, and one that somebody else leads too; the power comes, and goes again.
STORY: list[Line] = [
    duty("R-1"),
    duty("R-2", to="town2"),
    grant("G-1"),
    decision("DelegationEnded", "2021-01-01", ref="G-1", reason="revoked"),
    decision("DelegationEnded", "2021-02-01", ref="R-1", reason="returned"),
]
JOURNAL = [*COUNTY, UNLISTED, *STORY]
WITHOUT = ("duty-without-power", "town", "R-1")


@pytest.fixture
def county(connection: psycopg.Connection) -> psycopg.Connection:
    record(connection, JOURNAL)
    return connection


def happened(connection: psycopg.Connection) -> list[tuple[str, int, tuple[str, str, str]]]:
    return [(row[4], row[2], row[5][:3]) for row in feed_rows(connection)]


def test_a_finding_is_reported_with_the_decision_that_opened_it_and_the_one_that_closed_it(
    county: psycopg.Connection,
) -> None:
    finding_feed.bring_up_to_date(county)
    of_town = [(change, position) for change, position, key in happened(county) if key == WITHOUT]
    assert of_town == [("opened", FIRST), ("closed", FIRST + 2), ("opened", FIRST + 3), ("closed", FIRST + 4)]
    before = feed_rows(county)
    assert finding_feed.bring_up_to_date(county) is not None
    assert feed_rows(county) == before


def test_killed_anywhere_it_goes_on_to_the_same_events(
    county: psycopg.Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    finding_feed.bring_up_to_date(county)
    whole = feed_rows(county)
    Store(county).clear()
    monkeypatch.setattr(finding_feed, "BATCH", 3)
    for name in ("begin_day", "write", "advance"):
        with monkeypatch.context() as patch:

            def killed(*_: Any, **__: Any) -> None:
                raise KeyboardInterrupt

            finding_feed.assess_some(county)
            patch.setattr(Store, name, killed)
            with suppress(KeyboardInterrupt):
                finding_feed.bring_up_to_date(county)
    finding_feed.bring_up_to_date(county)
    assert feed_rows(county) == whole


def test_two_processes_at_once_tell_everything_once(
    county: psycopg.Connection, database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    finding_feed.bring_up_to_date(county)
    whole = feed_rows(county)
    Store(county).clear()
    monkeypatch.setattr(finding_feed, "BATCH", 2)

    def judge() -> None:
        with database.connect(database_url) as connection:
            finding_feed.bring_up_to_date(connection)

    threads = [threading.Thread(target=judge) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert feed_rows(county) == whole
    with county.transaction():
        county.execute("SELECT pg_advisory_xact_lock(%s)", (finding_feed.ADVISORY_LOCK,))
        with database.connect(database_url) as other, pytest.raises(finding_feed.AssessedElsewhere):
            finding_feed.assess_some(other, patient=False)


@pytest.fixture
def whole_rules() -> Iterator[None]:
    """Whatever is taken from the rules is back afterwards where it stood: their order is that of every page of them."""
    whole = dict(checker.RULES)
    yield
    checker.RULES.clear()
    checker.RULES.update(whole)


@pytest.mark.usefixtures("whole_rules")
def test_where_the_rules_are_others_the_difference_is_reported_and_no_decision_blamed(
    county: psycopg.Connection,
) -> None:
    record(county, [duty("R-9", to="town2", instrument="通知1号")])
    finding_feed.bring_up_to_date(county)
    number = len(feed_rows(county))
    del checker.RULES["duty-without-power"]
    finding_feed.bring_up_to_date(county)
    new = feed_rows(county)[number:]
    assert {(row[1], row[4], row[5].rule) for row in new} == {("rules", "closed", "duty-without-power")}
    assert {row[5].subject for row in new} == {"R-2", "R-9"}


def test_a_log_that_was_put_back_is_judged_anew(county: psycopg.Connection) -> None:
    finding_feed.bring_up_to_date(county)
    whole = feed_rows(county)
    for table in ("log.decision", "log.tag"):
        county.execute(f"DELETE FROM {table} WHERE position > {FIRST}".encode())
    county.execute("DELETE FROM delegation WHERE known_from > %s", (FIRST,))
    county.execute("UPDATE delegation SET known_to = 9223372036854775807 WHERE known_to > %s", (FIRST,))
    finding_feed.bring_up_to_date(county)
    assert feed_rows(county) == [row for row in whole if row[2] <= FIRST]


def test_the_feed_can_be_compared_with_the_log_and_put_right(county: psycopg.Connection) -> None:
    assert compare_open_findings(county) == []
    finding_feed.bring_up_to_date(county)
    whole = feed_rows(county)
    assert compare_open_findings(county) == []
    assert derive_anew(county, replace=False) == (len(whole), [])
    county.execute("UPDATE judged.event SET subject = 'R-7' WHERE number = 1")
    county.execute("DELETE FROM judged.standing WHERE subject = 'R-2'")
    assert {difference.kind for difference in compare_open_findings(county)} == {"missing"}
    number, differences = derive_anew(county, replace=False)
    assert [(each.kind, each.count) for each in differences] == [("missing", 1), ("surplus", 1)]
    derive_anew(county, replace=True)
    assert feed_rows(county) == whole
    assert (number, compare_open_findings(county)) == (len(whole), [])
    assert county.execute("SELECT count(*) FROM pg_namespace WHERE nspname ~ '^judged_'").fetchone() == (0,)


QUERY = """query ($within: ID, $rule: String, $severity: Severity, $first: Int, $after: String) {
    findingEvents(within: $within, rule: $rule, severity: $severity, first: $first, after: $after) {
        totalCount pageInfo { hasNextPage endCursor } nodes { number change cause position on decision { type }
            finding { rule severity subject unit { code } matter { code } message(lang: "en") } } }
    findingsJudged { position number } }"""


def test_the_feed_is_queried_over_graphql(
    client: Api, county: psycopg.Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Asking judges what was recorded, all of it where there is time.
    monkeypatch.setattr(finding_feed, "SECONDS", 600.0)
    answer = client.ask(QUERY, rule="duty-without-power", within="town")
    assert answer["findingsJudged"]["position"] == FIRST + len(STORY) - 1
    nodes = answer["findingEvents"]["nodes"]
    assert [(node["change"], node["position"], node["decision"]["type"]) for node in nodes] == [
        ("OPENED", FIRST, "DutyDelegated"),
        ("CLOSED", FIRST + 2, "PowerGranted"),
        ("OPENED", FIRST + 3, "DelegationEnded"),
        ("CLOSED", FIRST + 4, "DelegationEnded"),
    ]
    assert {node["finding"]["severity"] for node in nodes} == {"VIOLATION"}
    assert nodes[0]["finding"]["unit"] == {"code": "town"}
    # What closes is told as it was when it opened.
    assert nodes[0]["finding"]["message"] == nodes[1]["finding"]["message"] != ""
    page = client.ask(QUERY, first=2)["findingEvents"]
    rest = client.ask(QUERY, after=page["pageInfo"]["endCursor"])["findingEvents"]
    numbers = [node["number"] for node in [*page["nodes"], *rest["nodes"]]]
    assert numbers == list(range(1, page["totalCount"] + 1))
    assert client.ask(QUERY, severity="REVIEW")["findingEvents"]["totalCount"] == 0
    saved = client.ask(explorer.operations()["finding-events"], within="420684", first=1)
    assert len(saved["findingEvents"]["nodes"]) == 1
    for variables, code in (({"within": "nowhere"}, "unknown-unit"), ({"rule": "none"}, "bad-value")):
        assert client.refused(QUERY, **variables)["code"] == code


async def _heard(resources: ServerResources, path: str, many: int, after: Any) -> list[dict[str, Any]]:
    """The data of the first events of a stream; `after` is awaited once it has begun."""
    heard: list[bytes] = []
    enough = asyncio.Event()

    async def receive() -> dict[str, Any]:
        await enough.wait()
        return {"type": "http.disconnect"}

    async def send(message: dict[str, Any]) -> None:
        lines = message.get("body", b"").split(b"\n")
        heard.extend(line[6:] for line in lines if line.startswith(b"data: "))
        if len(heard) >= many:
            enough.set()

    path, _, query = path.partition("?")
    scope = {"type": "http", "method": "GET", "path": path, "query_string": query.encode(), "headers": []}
    serving = asyncio.create_task(application(resources=resources)(scope, receive, send))
    await after()
    async with asyncio.timeout(60):
        await serving
    return [json.loads(each) for each in heard]


JUDGED = "{ findingsJudged { position } findingEvents { nodes { number position } } }"


@contextmanager
def judging(database_url: str) -> Generator[Api]:
    """A server that judges beside answering."""

    async def start(resources: ServerResources) -> None:
        resources.finding_worker.start()

    with api(database_url) as opened:
        opened.runner.run(start(opened.app.state.resources))
        yield opened


def test_a_question_waits_for_a_server_that_judges_the_last_decisions(
    county: psycopg.Connection, database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(finding_feed, "SECONDS", 600.0)
    with judging(database_url) as client:
        for number in range(3):
            (position,) = record(county, [duty(f"R-8{number}", to="town2", instrument="通知1号")]).positions
            answer = client.ask(JUDGED)
            assert answer["findingsJudged"] == {"position": position}
            assert position in {event["position"] for event in answer["findingEvents"]["nodes"]}


def test_a_question_does_not_wait_where_a_server_has_much_to_judge(
    county: psycopg.Connection, database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(finding_events, "LITTLE", 2)
    with database.connect(database_url) as other:  # so that nothing is judged meanwhile
        other.execute("SELECT pg_advisory_lock(%s)", (finding_feed.ADVISORY_LOCK,))
        with judging(database_url) as client:
            assert client.ask(JUDGED) == {"findingsJudged": None, "findingEvents": {"nodes": []}}
            other.execute("SELECT pg_advisory_unlock(%s)", (finding_feed.ADVISORY_LOCK,))
            finding_feed.bring_up_to_date(county)
            answer = client.ask(JUDGED)
    assert answer["findingsJudged"] == {"position": FIRST + len(STORY) - 1}
    assert len(answer["findingEvents"]["nodes"]) == len(feed_rows(county))


def test_a_stream_reports_what_opens_as_it_is_recorded(county: psycopg.Connection, database_url: str) -> None:
    async def follow() -> list[dict[str, Any]]:
        resources = ServerResources(database_url)
        resources.finding_worker.start()

        async def more() -> None:
            await asyncio.sleep(0.5)
            await asyncio.to_thread(record, county, [duty("R-8", to="town2", instrument="通知1号")])

        answer = await _heard(resources, "/v1/findings?after=0&rule=duty-without-power", 6, more)
        await resources.close()
        await asyncio.sleep(0.1)  # what listens is let go of at the loop's next turns
        return answer

    heard = asyncio.run(follow())
    assert [(each["change"], each["finding"]["subject"]) for each in heard][-1] == ("OPENED", "R-8")
    assert heard[-1]["position"] == FIRST + len(STORY)
    assert heard[-1]["finding"]["message"]["zh"]
    assert [each["number"] for each in heard] == sorted({each["number"] for each in heard})


@pytest.mark.parametrize("query", ["rule=none", "severity=V", "type=DutyDelegated", "after=x"])
def test_what_no_stream_reports_is_refused(client: Api, query: str) -> None:
    answer = client.send("GET", f"/v1/findings?{query}")
    (error,) = answer.json()["errors"]
    assert (answer.status_code, error["extensions"]["code"]) == (400, "bad-value")


def test_the_command_reports_the_feed_and_check_has_ways_out(county: psycopg.Connection, database_url: str) -> None:
    run = cli_runner(database_url)
    rows = [json.loads(line) for line in run("findings", "--json", "--within", "town").stdout.splitlines()]
    assert {each["finding"]["unit"] for each in rows} == {"town"}
    later = run("findings", "--after", str(rows[0]["number"]), "--within", "town", "--severity", "V")
    assert f"#{FIRST + 2}".encode() in later.stdout
    assert run("findings", "--within", "nowhere").returncode == 1
    # Ways out: filled where findings are few, on request, or not at all.
    report = [json.loads(line) for line in run("check", "--json", "--rule", "duty-without-power").stdout.splitlines()]
    assert [each["subject"] for each in report] == ["R-2"]
    remedies = report[0]["remedies"]
    assert remedies
    assert {"action", "message", "decisions", "opens", "closes"} == remedies[0].keys()
    bare = [json.loads(line) for line in run("check", "--json", "--no-remedies").stdout.splitlines()]
    assert bare
    assert all(each["remedies"] == [] for each in bare)
    assert record(county, remedies[0]["decisions"]).positions
    assert run("check", "--json", "--rule", "duty-without-power").stdout == b""
    replayed = run("replay", "--findings")
    assert replayed.returncode == 0, replayed.stdout.decode()
    assert "every one agrees" in replayed.stdout.decode()
