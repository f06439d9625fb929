"""No question costs one statement per row: as many statements for ten rows as for thirty."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import psycopg
import pytest

from registry import database
from registry.recording.unit_of_work import record
from registry.web.graphql import turns
from tests.support.api_client import Api, api
from tests.support.worlds import COUNTY, decision, duty, grant, unit


class Counting:
    """A pool that counts the statements it is given."""

    def __init__(self, pool: Any, statements: list[str]) -> None:
        self.pool, self.statements = pool, statements

    def __getattr__(self, name: str) -> Any:
        return getattr(self.pool, name)

    async def fetch(self, query: str, *arguments: Any) -> Any:
        self.statements.append(query)
        return await self.pool.fetch(query, *arguments)

    async def fetchrow(self, query: str, *arguments: Any) -> Any:
        self.statements.append(query)
        return await self.pool.fetchrow(query, *arguments)

    async def fetchval(self, query: str, *arguments: Any) -> Any:
        self.statements.append(query)
        return await self.pool.fetchval(query, *arguments)


@pytest.fixture(scope="module")
def statements() -> Iterator[list[str]]:
    """Every statement of the API, asyncpg's and psycopg's."""
    counted: list[str] = []
    pool, run = database.pool, psycopg.Cursor.execute

    async def counting(*arguments: Any, **named: Any) -> Any:
        return Counting(await pool(*arguments, **named), counted)

    def running(self: psycopg.Cursor, query: Any, *arguments: Any, **named: Any) -> Any:
        if "access.account" not in str(query):  # whether there are accounts is asked every few seconds, by the clock
            counted.append(str(query))
        return run(self, query, *arguments, **named)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(database, "pool", counting)
        patch.setattr(psycopg.Cursor, "execute", running)
        patch.setattr(turns, "ROUND", 1_000_000)  # what is asked in one turn is counted
        yield counted


@pytest.fixture(scope="module")
def client(module_database: Callable[[], str], statements: list[str]) -> Iterator[Api]:
    """A county with forty townships, each with duties, burdens, powers and findings of several senders."""
    journal = [*COUNTY, decision("ListItemEntered", "2019-01-01", list="NEG", item="1", name="不得", terms=["巡河"])]
    covers = {"polarity": "positive", "covers": "duty", "audience": "township", "closed": False}
    journal.append(decision("ListAdopted", "2019-01-01", list="LONG", title="清单", instrument="通知1号", **covers))
    journal.append(decision("MatterRevised", "2000-01-01", matter="F-LEDGER", asks=["里程"]))
    for number in range(40):
        town, bureau = f"T{number:02}", f"bureau-{number:02}"
        journal.append(unit(town, "township", "government", "420684", monitored=number < 20))
        journal.append(unit(bureau, "county", "department", "420684"))
        paper, matter = f"文{number}号", f"D-{number:02}"
        journal.append(decision("InstrumentIssued", "2018-01-01", instrument=paper, title="通知", kind="notice"))
        journal.append(decision("MatterDefined", "2000-01-01", matter=matter, kind="duty", name=f"事{number}"))
        journal.append(
            decision("ListItemEntered", "2019-01-01", list="LONG", item=f"{number}", name=matter, matter=matter)
        )
        given = {"from_": bureau, "to": town, "instrument": paper}
        journal += [duty(f"{town}-{n}", matter=f"D-{n % (number + 1):02}", **given) for n in range(3)]
        journal.append(duty(f"{town}-sand", from_=bureau, to=town))
        journal.append(grant(f"{town}-grant", to=town))
        journal.append(unit(f"{town}V", "village", "village", town))
        burden = {"matter": "F-LEDGER", "from": bureau, "to": town, "instrument": paper}
        journal.append(decision("BurdenImposed", "2020-01-01", ref=f"{town}-form") | burden)
        journal.append(duty(f"town-{number:02}", matter=matter, from_=bureau, to="town", instrument=paper))
        journal.append(decision("BurdenImposed", "2020-01-01", ref=f"town-form-{number}") | burden | {"to": "town"})
        for reporter, about in (("town", {}), ("town", {"about": f"town-{number:02}"}), (town, {})):
            stated = {"report": f"{reporter}-{number}-{len(about)}", "unit": reporter, "text": "巡河台账太多"}
            journal.append(decision("BurdenReported", "2020-06-01", **stated, **about))
    url = module_database()
    with database.connect(url) as connection:
        record(connection, journal)
    with api(url) as opened:
        yield opened


HOLDING = """unit { name } matter { name requires { name } } from { name parent { name } }
    instrument { title issuer { name } }"""
TOWNSHIPS = "units(level: TOWNSHIP, first: $n) { nodes { %s } }"
DELEGATION = "ref matter { name } from { name } to { name parent { name } } instrument { title issuer { name } }"
QUESTIONS = {
    "holdings of a unit": f"""unit(code: "town") {{
        responsibilities(first: $n) {{ nodes {{ role {HOLDING} }} totalCount }} }}""",
    "units": "units(first: $n) { totalCount nodes { name parent { name } guidedBy { name } successor { name } } }",
    "children": """unit(code: "420684") {
        children(first: $n) { totalCount nodes { name parent { parent { name } } } } }""",
    "holdings of units": TOWNSHIPS % f"responsibilities {{ nodes {{ {HOLDING} }} }}",
    "lists of units": TOWNSHIPS
    % """positiveList { matter { name } scope { name } instrument { title } }
        negativeList { name matter { name } from { name } }""",
    "items of a list": """list(code: "LONG") { title scope { name } instrument { title issuer { name } }
        items(first: $n) { totalCount nodes { name matter { name } from { name } instrument { title } } } }""",
    "items of the lists of a unit": """lists(unit: "town") { nodes { title instrument { title }
        items(first: $n) { totalCount nodes { name matter { name } from { name } } } } }""",
    "lists": "lists(first: $n) { totalCount nodes { title scope { name } instrument { title issuer { name } } } }",
    "instruments": "instruments(first: $n) { totalCount nodes { title issuer { name parent { name } } } }",
    "findings of a document": """findings(first: $n, instrument: "通知1号", orderBy: SEVERITY, state: OPEN) {
        totalCount nodes { unit { name } matter { name } } }""",
    "findings by since": """findings(first: $n, within: "town", orderBy: SINCE_OLDEST) {
        totalCount nodes { since unit { name } matter { name } } }""",
    "holders in pages": f"""holdersPage(matter: "D-SAND", within: "420684", first: $n) {{
        totalCount nodes {{ role {HOLDING} }} }}""",
    "powers missing of holders": """holdersPage(matter: "D-SAND", within: "420684", first: $n) {
        nodes { missing { name } } }""",
    "powers missing of units": TOWNSHIPS % "responsibilities { nodes { missing { name } } }",
    "changes in pages": """changesPage(within: "420684", from: "1999-12-31", to: "2021-01-01", first: $n) {
        totalCount nodes { on unit { name } matter { name } decision { type } fields { field } } }""",
    "what rests on a document": f"""restsOn(instrument: "通知1号") {{ lists vestings
        delegationsPage(first: $n) {{ totalCount nodes {{ {DELEGATION} }} }}
        openedPage(first: $n) {{ totalCount nodes {{ message unit {{ name }} matter {{ name }} }} }} }}""",
    "burdens of units": TOWNSHIPS % "burdens { matter { name } from { name } to { name } instrument { title } }",
    "powers of units": TOWNSHIPS % "powers { power { name } chain }",
    "findings of units": TOWNSHIPS % "findings { totalCount nodes { unit { name } matter { name } message } }",
    "histories of units": TOWNSHIPS % "history(first: 3) { totalCount nodes { type } }",
    "children of children": TOWNSHIPS % "children { totalCount nodes { name children { nodes { name } } } }",
    "findings": "findings(first: $n) { totalCount nodes { unit { name parent { name } } matter { name } message } }",
    "matters": "matters(first: $n) { totalCount nodes { name requires { name } } }",
    "decisions": "decisions(first: $n) { type data }",
    "effects": "decisions(first: $n) { type effects { message fields { field } } }",
}


@pytest.mark.parametrize("name", QUESTIONS)
def test_thirty_rows_cost_as_many_statements_as_ten(client: Api, statements: list[str], name: str) -> None:
    query = f"query ($n: Int!) {{ {QUESTIONS[name]} }}"
    # Another day, so that nothing is answered from what an earlier question left behind.
    counts: list[int] = []
    for day, rows in (("2020-12-31", 1), ("2021-01-01", 1), ("2021-01-02", 10), ("2021-01-03", 30)):
        dated = query.replace("unit(code:", f'unit(asOf: "{day}", code:').replace("units(", f'units(asOf: "{day}", ')
        for field in ("findings(first:", "lists(first:", "instruments(first:", "holdersPage(matter:", "restsOn("):
            dated = dated.replace(f"{{ {field}", f'{{ {field.split("(")[0]}(asOf: "{day}", {field.split("(")[1]}')
        statements.clear()
        answer = client.ask(dated, n=rows)
        assert statements
        counts.append(len(statements))
        assert len(str(answer)) > 100 * (rows > 1)
    _, *counts = counts  # the first may have opened a connection
    assert counts[1] == counts[2], statements
    # What the first row alone does not have (a power, a parent's parent) is a statement more, whatever follows.
    assert counts[0] <= counts[1] <= counts[0] + 4


def test_an_answer_of_many_turns_costs_a_few_statements_a_turn(
    client: Api, statements: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    query = f"query ($n: Int!, $day: Date!) {{ {QUESTIONS['holdings of units']} }}".replace("n)", "n, asOf: $day)")
    statements.clear()
    whole = client.ask(query, n=30, day="2021-02-01")
    at_once = len(statements)
    monkeypatch.setattr(turns, "ROUND", 100)
    statements.clear()
    assert client.ask(query, n=30, day="2021-02-02") == whole
    rows = sum(len(each["responsibilities"]["nodes"]) for each in whole["units"]["nodes"])
    assert rows > 90
    assert at_once < len(statements) <= at_once + rows


def test_holders_cost_as_many_statements_whatever_their_number(client: Api, statements: list[str]) -> None:
    query = f'query ($m: ID!) {{ holders(matter: $m, within: "420684", asOf: "2021-01-01") {{ {HOLDING} }} }}'
    counts = {}
    for matter in ("D-39", "D-SAND"):
        statements.clear()
        rows = len(client.ask(query, m=matter)["holders"])
        counts[rows] = len(statements)
    few, many = min(counts), max(counts)
    assert few < 5
    assert many >= 30
    # D-SAND requires a power, whose name is one statement more.
    assert counts[many] <= counts[few] + 1


def test_what_is_counted_costs_as_many_statements_whatever_its_number(client: Api, statements: list[str]) -> None:
    query = """query ($within: ID!, $day: Date) {
        findingCounts(within: $within, by: [SENDER, INSTRUMENT], asOf: $day) { keys count } }"""
    counts: dict[int, int] = {}
    for day in ("2020-12-30", "2020-12-31"):  # the first may open a connection
        for within in ("T00", "420684"):
            statements.clear()
            counts[len(client.ask(query, within=within, day=day)["findingCounts"])] = len(statements)
    few, many = min(counts), max(counts)
    assert few < 5
    assert many >= 30
    # A territory that is a great part of all is read whole: that takes other statements, not more for each row.
    assert counts[many] <= counts[few] + 4, counts


def test_five_delegations_cost_as_many_statements_as_one(client: Api, statements: list[str]) -> None:
    counts: list[int] = []
    for number in (1, 1, 5):  # the first may open a connection
        each = (f'd{n}: delegation(ref: "T0{n}-1") {{ {DELEGATION} }}' for n in range(1, number + 1))
        statements.clear()
        client.ask("{" + " ".join(each) + "}")
        counts.append(len(statements))
    assert counts[2] == counts[1], statements


def test_a_balance_costs_as_many_statements_whatever_its_units(client: Api, statements: list[str]) -> None:
    query = """query ($n: Int, $on: Date) { balance(within: "420684", asOf: $on) { total { duties }
        levels { level figures { led } } units(first: $n, level: TOWNSHIP) {
            totalCount nodes { unit { name parent { name } } figures { duties led } } } } }"""
    counts = []
    for rows in (1, 10, 30):
        statements.clear()
        answer = client.ask(query, n=rows, on=f"2021-01-{rows:02}")["balance"]["units"]  # of no day is it kept
        assert (len(answer["nodes"]), answer["totalCount"]) == (rows, 42)
        counts.append(len(statements))
    assert counts[0] == counts[1] == counts[2], statements


def test_the_feed_of_findings_costs_as_many_statements_however_long_it_is(client: Api, statements: list[str]) -> None:
    query = """query ($n: Int) { findingEvents(within: "420684", first: $n) { totalCount nodes { change
        decision { type } finding { unit { name } matter { name } message } } } findingsJudged { number } }"""
    while (how := client.ask("{ findingsJudged { position } log { size } }")) and (
        how["findingsJudged"]["position"] < how["log"]["size"]
    ):
        pass
    counts = []
    for rows in (1, 10, 30):
        statements.clear()
        assert len(client.ask(query, n=rows)["findingEvents"]["nodes"]) == rows
        counts.append(len(statements))
    assert counts[0] == counts[1] == counts[2], statements


def test_the_hot_question_is_one_statement(client: Api, statements: list[str]) -> None:
    statements.clear()
    answer = client.ask(
        "query ($c: ID!) { unit(code: $c) { name responsibilities(first: 28) { nodes { role matter { code name } "
        "from { code name } instrument { number title } } } } }",
        c="town",
    )
    assert len(answer["unit"]["responsibilities"]["nodes"]) == 28
    assert len(statements) == 1


def test_the_past_costs_as_many_statements_a_piece_however_long_it_is(client: Api, statements: list[str]) -> None:
    changes = """query ($to: Date!) { changes(within: "420684", from: "1999-12-31", to: $to) {
        on unit { name } matter { name } decision { type } fields { field } } }"""
    custody = """query ($to: String!) { custody(matter: $to, within: "420684") {
        since holder { name } from { name } instrument { title } decision { type } endedBy { type } } }"""
    for query, few, many in ((changes, "2019-01-01", "2021-01-01"), (custody, "D-39", "D-SAND")):
        counts = []
        for to in (few, many):
            statements.clear()
            (rows,) = client.ask(query.replace("String!", "ID!"), to=to).values()
            counts.append((len(rows), len(statements)))
        assert counts[0][0] < counts[1][0]
        assert counts[1][0] >= 40
        assert counts[1][1] <= counts[0][1], statements


LANDED = "delegation { ref matter { name } from { name } instrument { title } }"
REPORTS = """reports(within: "%s", asOf: "2021-01-01") { nodes {
    unit { name } matter { name } from { name } to { name } findings { message unit { name } }
    candidates { delegation { from { name } matter { name } } findings { rule } } } }"""
BURDENS = {
    "year": f"""burdenYear(unit: "%s", asOf: "2020-12-31") {{ tallies {{ kind }} imposed {{ {LANDED} }}
        planned {{ instrument {{ title }} }} }}""",
    "month": f'landing(unit: "%s", month: "2020-01") {{ burdens {{ {LANDED} }} duties {{ {LANDED} }} }}',
    "totals": 'burdenTotals(within: "%s", asOf: "2020-12-31") { units { nodes { unit { name } tallies { kind } } } }',
    "forms": """sameFields(unit: "%s", below: true) { forms { matter { name } doubled { name }
        delegations { from { name } } } pairs { units { name } } }""",
    "reports": REPORTS,
    "statistics": 'reportStatistics(within: "%s", by: "sender") { unit { name } reports }',
    "monitoring": """monitoring(within: "%s", month: "2020-01") { points { unit { name } }
        landed { from { name } } opened { message unit { name } } }""",
}


@pytest.mark.parametrize("name", BURDENS)
def test_burdens_and_reports_cost_as_many_statements_however_many(
    client: Api, statements: list[str], name: str
) -> None:
    few, many = "T00", "town" if name in ("year", "month") else "420684"
    counts: list[int] = []
    sizes: list[int] = []
    for unit_ in (few, few, many):
        statements.clear()
        sizes.append(len(str(client.ask("{ " + BURDENS[name] % unit_ + " }"))))
        counts.append(len(statements))
    assert sizes[2] > sizes[1]
    # The first may have opened a connection; a few more are asked for what the first unit has none of.
    assert counts[2] <= counts[1] + 8, (counts, statements)
