"""A form that says that it is written in another encoding than UTF-8 is refused, whoever sends it: never a 500."""

from __future__ import annotations

import pytest

from registry.access.operations import ADDRESSES
from registry.access.roles import Role
from tests.support.addresses import filled
from tests.support.asgi import answer_to
from tests.support.counties import Counties, Who
from tests.support.questions import replaced
from tests.support.two_counties import mark

POSTS = [row.path for row in ADDRESSES if "POST" in row.methods.split() and row.path != "/graphql"]
HALF = "\\ud800\\udfff"  # by the first two of these: halves of characters, which nothing can write
LETTERS = ("unicode_escape", "raw_unicode_escape", "undefined", "punycode", "utf-7", "utf-16", "rot13", "x" * 3000)
FIELDS = ("token", "name", "password", "do", "text", "by", "unit", "title", "matter", "id", "number", "county", "about")


@pytest.mark.parametrize("letters", LETTERS, ids=lambda name: name[:20])
def test_a_form_in_other_letters_is_refused(counties: Counties, letters: str) -> None:
    parts = (f'--part\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{HALF}\r\n' for name in FIELDS)
    body = ("".join(parts) + "--part--\r\n").encode()
    kind = f"multipart/form-data; boundary=part; charset={letters}"
    before = counties.last()
    for path in POSTS:
        address = replaced(filled(path)[0][0], "A-town", "A-town", mark("A-town"), 1).partition("?")[0]
        for role in (Role.ANYBODY, Role.ORGANIZER, Role.ADMINISTRATOR):
            who = Who(role, None if role is Role.ADMINISTRATOR else "A-town")
            given = counties.headers(who) if path.startswith("/v1/") else counties.cookie(who)
            headers = {**given, "accept": "text/html", "content-type": kind}
            answered = counties.api.runner.run(answer_to(counties.api.app, "POST", address, headers, body))
            assert answered.status in (303, 400, 401, 403, 404), f"{path} by {role}: {answered.status}"
    assert counties.last() == before


@pytest.mark.parametrize("letters", ["utf-8", '"UTF-8"', "us-ascii"])
def test_a_form_that_names_the_usual_ones_is_read(counties: Counties, letters: str) -> None:
    body = b'--part\r\nContent-Disposition: form-data; name="name"\r\n\r\nnobody\r\n--part--\r\n'
    headers = {"accept": "text/html", "content-type": f"multipart/form-data; boundary=part; charset={letters}"}
    answered = counties.api.runner.run(answer_to(counties.api.app, "POST", "/login", headers, body))
    assert answered.status == 403  # for it has no token
    assert 'value="nobody"' in answered.body.decode()
