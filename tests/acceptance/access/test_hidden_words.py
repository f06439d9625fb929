"""Words of what may not be seen are answered as words that nobody wrote, wherever somebody writes freely."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from typing import Any, Final
from urllib.parse import quote, unquote

import pytest

from registry import database
from registry.access import accounts
from registry.access.roles import Role
from registry.access.viewer import Grant
from registry.recording.unit_of_work import record
from tests.support import named_ids
from tests.support.alike import same
from tests.support.api_client import api
from tests.support.asgi import answer_to
from tests.support.counties import BY, Counties, Who
from tests.support.two_counties import DAY, JOURNAL
from tests.support.worlds import Line, decision

pytestmark = pytest.mark.slow  # every argument of text, with words in several forms

# Of three towns that cannot be told apart by rules or by letters: the words of the first two stand in what B's towns
# wrote, the third's nowhere.
WORDS: Final = ("鹧鸪", "画眉", "百灵")
ROLES: Final = (Role.ANYBODY, Role.CLERK, Role.ORGANIZER)


def written(town: str, word: str) -> list[Line]:
    """What a town and its village wrote with a word of their own."""
    village, paper, s = f"{town}-village", {"instrument": "B号"}, f"W-{word}-"
    sent: dict[str, Any] = {"from_": town, "to": village}
    return [
        decision("BurdenReported", DAY, report=f"{s}Q", unit=village, text=f"{word}台账太多"),
        decision("ReportAnswered", DAY, report=f"{s}Q", by=town, text=f"取消{word}台账", outcome="upheld"),
        decision("CaseRecorded", DAY, case=f"{s}A", title=f"{word}案例", text=f"{word}已尽责", outcome="held", by=town),
        decision("CertificateDemanded", DAY, ref=f"{s}C", matter="C-KIN", note=f"{word}证明", **sent),
        decision("BurdenImposed", DAY, ref=f"{s}B", matter="F-LEDGER", note=f"报送{word}", **sent, **paper),
        decision("DelegationProposed", DAY, proposal=f"{s}P", matter="D-RIVER", note=f"{word}巡查", **sent, **paper),
        decision("UnitAssessed", DAY, assessment=f"{s}Y", unit=town, by=village, period="2023", score=80, text=word),
        decision(
            "RectificationOrdered",
            DAY,
            ref=f"{s}Z",
            rule="duty-without-power",
            subject=f"S-{town}.D2",
            unit=village,
            by=town,
            text=f"整改{word}",
            due_on="2022-06-30",
        ),
    ]


@pytest.fixture(scope="module")
def counties(module_database: Callable[[], str]) -> Iterator[Counties]:
    url = module_database()
    with database.connect(url) as connection, api(url) as opened:
        record(connection, JOURNAL, recorded_by="someone")
        accounts.add(connection, "first", None, [Grant(Role.ADMINISTRATOR)], BY)
        for town, word in zip(("B-town2", "B-town"), WORDS, strict=False):
            record(connection, written(town, word), recorded_by=f"某{word}")
        connection.commit()
        yield Counties(url, opened, connection, {})


# Around a word: alone, in a sentence, in a question, in pinyin, as a name with its unit's.
FORMS: Final[tuple[Callable[[str], str], ...]] = (
    str,
    lambda word: f"{word}台账太多",
    lambda word: f"要开{word}证明",
    lambda word: f"谁牵头{word}？",
    lambda word: f"某{word}",
    lambda word: f"W-{word}-Q",
)
SAYINGS: Final = [named_ids.Argument("certificate", "text", many=False)]


@pytest.mark.parametrize("role", ROLES)
@pytest.mark.parametrize("argument", [*SAYINGS, *named_ids.arguments()], ids=lambda one: f"{one.field}.{one.name}")
def test_a_question_tells_nothing_of_hidden_words(
    counties: Counties, statements: list[str], role: Role, argument: named_ids.Argument
) -> None:
    who = Who(role)
    for form in FORMS:

        def ask(word: str, form: Callable[[str], str] = form) -> str:
            query, variables = named_ids.question(argument, form(word), role)
            return counties.send(who, "POST", "/graphql", json={"query": query, "variables": variables}).text

        same(statements, ask, WORDS)


PAGES: Final = (
    "/search?q=$",
    "/matters?q=$",
    "/lists?q=$",
    "/documents?q=$",
    "/cases?q=$",
    "/findings?sender=$",
    "/villages?q=$",
    "/villages/A-town-village?q=$",
    "/villages/A-town-village?text=$",
    "/villages/A-town-village/report?text=$",
    "/history?by=$",
    "/drafts/new?title=$",
    "/v1/villages/A-town-village/certificates?text=$",
    "/v1/villages/A-town-village/services?text=$",
)


@pytest.mark.parametrize("role", ROLES)
@pytest.mark.parametrize("pattern", PAGES)
def test_a_page_tells_nothing_of_hidden_words(
    counties: Counties, statements: list[str], role: Role, pattern: str
) -> None:
    page = not pattern.startswith("/v1/")
    who = Who(role)
    headers = {**(counties.cookie(who) if page else counties.headers(who)), "accept": "text/html" if page else "*/*"}
    for form in FORMS:

        def ask(word: str, form: Callable[[str], str] = form) -> str:
            address = quote(pattern.replace("$", form(word)), "/?&=,")
            answered = counties.api.runner.run(answer_to(counties.api.app, "GET", address, headers))
            text = f"{answered.status} {answered.headers.get('location')} {answered.body.decode(errors='replace')}"
            return unquote(unquote(text))

        same(statements, ask, WORDS)


def test_the_words_are_found_by_who_may_see_them(counties: Counties) -> None:
    """So that what is answered alike to others is something that could have been told."""
    who = Who(Role.AUDITOR, "B-town")
    for query in ('{ reports(within: "B-town") { nodes { text } } }', '{ cases(search: "画眉") { nodes { title } } }'):
        assert "画眉" in json.dumps(counties.query(who, query), ensure_ascii=False)
