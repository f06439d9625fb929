"""Files of lists brought in over pages: by whose role it is, for their county, and nothing of another, in no part."""

from __future__ import annotations

import re

import pytest

from registry.access.operations import ROLES, Rule
from registry.access.roles import Role
from tests.support.counties import Counties, Who, mentioned

PAGES = {"/lists/import": "file", "/lists/import-folder": "files"}
LIST = "序号,报表名称\n1,巡河台账\n"
GIVEN = {"instrument": "A号", "kind": "plan-forms", "polarity": "positive", "audience": "village", "as": "PG"}


def submitted(counties: Counties, who: Who, page: str, fields: dict[str, str]) -> tuple[int, str]:
    """What a page answers to a file: its status and text; the form is filled as it is shown, as far as it is."""
    headers = {**counties.cookie(who), "host": "localhost", "accept": "text/html"}
    form = counties.api.send("GET", page, headers=headers)
    token = re.search('name="token" value="(.*?)"', form.text)
    if token is not None:
        kept = form.headers["set-cookie"].partition(";")[0]
        headers["cookie"] = "; ".join(filter(None, (headers.get("cookie"), kept)))
    files = {PAGES[page]: ("报表.csv", LIST.encode())}
    sent = {**GIVEN, **fields, "token": token[1] if token else ""}
    answer = counties.api.send("POST", page, data=sent, files=files, headers=headers, follow_redirects=False)
    answer = (
        counties.api.settled(answer, headers=headers) if "/login" not in answer.headers.get("location", "") else answer
    )
    return answer.status_code, answer.text


@pytest.mark.parametrize("page", PAGES)
def test_a_page_takes_files_from_whose_role_it_is_for_their_county_alone(counties: Counties, page: str) -> None:
    before = counties.last()
    for role in Role:
        who = Who(role, "A")
        for county in ("A", "B", "4206"):
            status, text = submitted(counties, who, page, {"county": county, "scope": "A"})
            allowed = role in ROLES[Rule.EDITOR]
            expected = {200} if allowed and county == "A" else {403} if role is not Role.ANYBODY else {303, 401}
            assert status in expected, f"{county} by {role}: {status}"
            # Who may import for a county is offered its units to choose from.
            assert mentioned(text) <= ({"A-town", "A-town2"} if status == 200 else set())
            if status == 403 and allowed:
                assert "forbidden" in text
    assert counties.last() == before


@pytest.mark.parametrize("scope", ["B", "B-town", "4206"])
@pytest.mark.parametrize("page", PAGES)
def test_a_page_records_nothing_for_another_scope(counties: Counties, page: str, scope: str) -> None:
    before = counties.last()
    more = {"scope": scope, "county": "A", "matter:巡河台账": "F-LEDGER", "answer:matter:巡河台账": "F-LEDGER"}
    status, text = submitted(counties, Who(Role.ORGANIZER, "A"), page, more)
    digest = re.search('name="shown" value="(.*?)"', text)
    of_file = re.search('name="file:scope:(.*?)"', text)
    more |= {"record": "1", "shown": digest[1] if digest else ""}
    more |= (
        {f"file:{name}:{of_file[1]}": value for name, value in (GIVEN | {"scope": scope}).items()} if of_file else {}
    )
    status, text = submitted(counties, Who(Role.ORGANIZER, "A"), page, more)
    assert status < 500
    assert counties.last() == before
    assert not mentioned(text)
