"""What a form names that is another's is answered as what nobody has: ids in its fields, drafts, work, uploads.

A form has a row here, or the test fails: what its address takes beside is tried in test_every_named_id.py.
"""

from __future__ import annotations

import re
from functools import partial
from typing import Final
from urllib.parse import quote, urlencode

import pytest

from registry.access.operations import ADDRESSES
from registry.access.roles import Role
from registry.access.viewer import Grant, Viewer
from registry.web import forms
from registry.web.background import works
from tests.support.alike import same
from tests.support.asgi import answer_to
from tests.support.counties import Counties, Who
from tests.support.draft_pages import Pages

SAFE: Final = "/?&=,"
FILLED_IN: Final = "application/x-www-form-urlencoded"
FINDING: Final = "/findings/one?rule=duty-without-power&unit=A-town-village&subject=S-A-town.D2"
DRAFT: Final = {"kind": "delegate", "matter": "D-SAND", "from": "A-town", "role": "lead", "instrument": "A号"} | {
    "duty_mode": "assigned",
    "to:A-town-village": "1",
}
ANSWER: Final = {"by": "A-town", "text": "好", "outcome": "done", "due": ""}
# By address: the page that has the form, and what is sent, `$` for an id of another's. Nothing of it can be recorded.
FORMS: Final[dict[str, list[tuple[str, str, dict[str, str]]]]] = {
    "/findings/one": [
        (FINDING.replace("S-A-town.D2", "$D2"), FINDING, {"act": "waive", "by": "A-town", "text": "好"}),
        (FINDING, FINDING, {"act": "answer", "ref": "$Z1", **ANSWER}),
        (FINDING, FINDING, {"act": "remedy", "ways": "$", "way": "1"}),
    ],
    "/reports/{report:path}": [
        ("/reports/$Q2", "/reports/S-A-town.Q2", {"by": "A-town", "text": "好", "outcome": "upheld"})
    ],
    "/proposals/{code:path}": [
        ("/proposals/$P1", "/proposals/S-A-town.P1", {"by": "A-town", "answer": "admit"}),
        ("/proposals/S-A-town.P1", "/proposals/S-A-town.P1", {"by": "", "answer": "admit", "also:$P1": "1"}),
    ],
    "/assessments": [
        (
            "/assessments",
            "/assessments?within=A-town&period=2022",
            {"unit": "$", "by": "A-town", "period": "2022", "score": "80", "text": "好"},
        )
    ],
    "/drafts": [
        ("/drafts", "/drafts/new?kind=delegate", {**DRAFT, "do": verb, name: "$" + end})
        for verb in ("look", "record")
        for name, end in (("proposal", "P1"), ("matter", "D2"), ("from", "D2"), ("instrument", "D2"), ("to:$", ""))
    ],
    "/undo": [("/undo", "/undo?from=$position", {"from": "$D2", "to": ""})],
    "/villages/{code:path}/report": [
        (
            "/villages/A-town-village/report",
            "/villages/A-town-village/report",
            {"about": "$B1", "text": "太多"},
        )
    ],
    "/account": [("/account", "/account", {"do": "revoke", "number": "$"})],
}
# Forms that name accounts, questions, proofs that are handed in: other tests' own.
ELSEWHERE: Final = {
    "/login": "tests/acceptance/web/test_guessing.py",
    "/logout": "names nothing",
    "/accounts": "administrators see all accounts",
    "/accounts/{name}": "administrators see all accounts",
    "/villages/{code:path}/wrong-answer": "names certificates of published lists",
    "/graphql": "test_every_named_id.py",
    "/proofs/check": "what is handed in is checked by itself",
    "/v1/lists": "test_uploads_name_ids below",
    "/lists/import": "test_uploads_name_ids below",
    "/lists/import-folder": "test_uploads_name_ids below",
}


class Form:
    """The form of a page as an account has it, which goes on being good."""

    def __init__(self, counties: Counties, who: Who, page: str) -> None:
        self._api, self._headers = counties.api, {**counties.cookie(who), "accept": "text/html"}
        page = page.replace("$position", str(counties.positions["A-town"]))
        shown = self._api.runner.run(answer_to(self._api.app, "GET", quote(page, SAFE), self._headers))
        text = shown.body.decode()
        token = re.search('name="token" value="(.*?)"', text)
        assert token is not None, f"{page}: {shown.status}"
        kept = [each.partition(";")[0] for each in shown.headers.getlist("set-cookie")]
        self._headers["cookie"] = "; ".join([self._headers["cookie"], *kept])
        draft = re.search('name="id" value="(CG-.*?)"', text)
        self._own = {"token": token[1]} | ({"id": draft[1], "version": "0"} if draft else {})

    def sent(self, address: str, fields: dict[str, str]) -> str:
        """The answer to the form with these fields, which was taken for one of the server's."""
        whole, headers = {**self._own, **fields}, {**self._headers, "content-type": FILLED_IN}
        body = urlencode(whole)
        if address.startswith("/lists/"):
            headers["content-type"] = "multipart/form-data; boundary=part"
            parts = (
                f'--part\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'
                for name, value in whole.items()
            )
            body = "".join(parts) + "--part--\r\n"
        app = self._api.app
        answer = self._api.runner.run(answer_to(app, "POST", quote(address, SAFE), headers, body.encode()))
        text = answer.body.decode()
        assert answer.status < 500
        assert forms.UNSIGNED[0] not in text
        return f"{answer.status} {answer.headers.get('location')} {text}"


def got(counties: Counties, who: Who, address: str) -> str:
    """What an account gets at the address of a page."""
    headers = {**counties.cookie(who), "accept": "text/html"}
    answer = counties.api.runner.run(answer_to(counties.api.app, "GET", quote(address, SAFE), headers))
    assert answer.status < 500
    return f"{answer.status} {answer.headers.get('location')} {answer.body.decode()}"


def test_every_form_has_a_row() -> None:
    posted = {row.path for row in ADDRESSES if "POST" in row.methods.split()}
    assert posted == {*FORMS, *ELSEWHERE}


@pytest.mark.parametrize(
    ("address", "page", "fields"),
    [row for rows in FORMS.values() for row in rows],
    ids=lambda value: value if isinstance(value, str) else ",".join(value),
)
def test_a_form_names_anothers_as_nobodys(
    counties: Counties, statements: list[str], address: str, page: str, fields: dict[str, str]
) -> None:
    before = counties.last()
    form = Form(counties, Who(Role.ORGANIZER), page)

    def ask(named: str) -> str:
        sent = {name.replace("$", named): value.replace("$", named) for name, value in fields.items()}
        return form.sent(address.replace("$", named), sent).replace(quote(named), named)

    same(statements, ask)
    assert counties.last() == before


# --------------------------------------------------------------------------------------- what an account has for itself


@pytest.fixture(scope="module")
def ids_of_another(counties: Counties) -> tuple[str, str, str]:
    """Pieces of work that B's organizer began, two, with what was handed in; and the id of none."""
    other = Who(Role.ORGANIZER, "B")
    counties.headers(other)  # the account is there
    viewer = Viewer(other.account, (Grant(other.role, other.unit),))
    made = [works.add(counties.connection, viewer, "import", {"of": "B"}, b"secret") for _ in range(2)]
    counties.connection.commit()
    return str(made[0]), str(made[1]), "A" * len(str(made[0]))


@pytest.mark.parametrize(
    ("address", "page", "fields"),
    [
        ("/work/$", "", {}),
        ("/work/$?format=json", "", {}),
        ("/lists/import?work=$", "", {}),
        ("/lists/import", "/lists/import", {"upload": "$", "county": "A", "instrument": "A号"}),
        ("/lists/import-folder", "/lists/import-folder", {"upload": "$", "county": "A", "instrument": "A号"}),
        (FINDING, FINDING, {"act": "remedy", "ways": "$", "way": "1"}),
    ],
)
def test_anothers_work_and_what_it_was_handed_is_answered_as_none(
    counties: Counties,
    statements: list[str],
    ids_of_another: tuple[str, str, str],
    address: str,
    page: str,
    fields: dict[str, str],
) -> None:
    who = Who(Role.ORGANIZER, "A")
    sender = Form(counties, who, page) if page else None

    def ask(named: str) -> str:
        sent = {name: value.replace("$", named) for name, value in fields.items()}
        return sender.sent(address, sent) if sender else got(counties, who, address.replace("$", named))

    same(statements, ask, ids_of_another)


@pytest.fixture(scope="module")
def drafts_of_another(counties: Counties) -> tuple[str, str, str]:
    """Two drafts of B's editor, and the id of none."""
    other = Pages(partial(counties.send, Who(Role.EDITOR, "B")))
    sender = {"from": "B-water", "instrument": "B号"}
    made = [other.begun({**DRAFT, **sender}, "save")["id"] for _ in range(2)]
    return made[0], made[1], "CG-20260101-00000001"


@pytest.mark.parametrize("verb", ["get", "save", "share", "delete", "copy", "record", "propose"])
def test_anothers_draft_is_answered_as_none(
    counties: Counties, statements: list[str], drafts_of_another: tuple[str, str, str], verb: str
) -> None:
    who = Who(Role.EDITOR, "A")
    form = Form(counties, who, "/drafts/new?kind=delegate")

    def ask(named: str) -> str:
        if verb == "get":
            return got(counties, who, f"/drafts/{named}")
        return form.sent("/drafts", {**DRAFT, "do": verb, "id": named, "version": "1"})

    same(statements, ask, drafts_of_another)


# ------------------------------------------------------------------------------------------------- files of lists


@pytest.mark.parametrize("named", ["matter", "text", "reading", "as", "title", "matter:巡河台账", "unit:A局"])
def test_uploads_name_ids(counties: Counties, statements: list[str], named: str) -> None:
    """A file, or what is said about it, that names what is another county's: by REST and on the page."""
    given = {"county": "A", "instrument": "A号", "kind": "plan-forms", "as": "PG", "dry_run": "1"}

    def ask(begins: str) -> str:
        cell = f"{begins}B1" if named in ("matter", "text") else "巡河台账"
        column = "填报要求" if named == "text" else "备注"
        content = f"序号,报表名称,{column}\n1,{cell if named == 'matter' else '巡河台账'},{cell}\n"
        more = {} if named in ("matter", "text") else {named: f"{begins}B1"}
        answer = counties.send(
            Who(Role.ORGANIZER, "A"), "POST", "/v1/lists", params=given | more, content=content.encode()
        )
        assert answer.status_code < 500
        text = re.sub(r"\bA-F-\w{8}\b", "CODE", answer.text)  # of a new matter, made of its name
        return f"{answer.status_code} {text}"

    same(statements, ask)
