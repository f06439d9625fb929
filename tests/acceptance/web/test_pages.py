"""The pages, asked over HTTP: what they say, in both languages, and what they let in."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

import pytest

from tests.support.api_client import Api, api

HTML = {"accept": "text/html,application/xhtml+xml,*/*;q=0.8"}


@pytest.fixture(scope="module")
def opened(module_database: Callable[[], str]) -> Iterator[Api]:
    """The application over an empty registry; the tests only read."""
    with api(module_database()) as made:
        yield made


@pytest.fixture
def client(opened: Api) -> Api:
    """The same, asked by who has no cookie yet."""
    opened.client.cookies.clear()
    return opened


@pytest.mark.parametrize("path", ["/", "/villages"])
def test_a_page_needs_nothing_from_elsewhere_and_lets_no_script_run(client: Api, path: str) -> None:
    page = client.send("GET", path, headers=HTML)
    assert page.status_code == 200
    assert page.headers["content-type"] == "text/html; charset=utf-8"
    policy = page.headers["content-security-policy"]
    assert policy.startswith("default-src 'none'; style-src 'sha256-")
    assert "unsafe" not in policy
    assert "set-cookie" not in page.headers
    assert not re.search(r"<script|<link[^>]+stylesheet|\son\w+=|\sstyle=|https?://", page.text)
    assert len(page.content) < 30_000
    assert client.send("HEAD", path, headers=HTML).status_code == 200


@pytest.mark.parametrize(
    ("accepted", "language"),
    [("", "zh-CN"), ("en-GB,en;q=0.9", "en"), ("en,zh-CN;q=0.5", "zh-CN"), ("fr", "zh-CN"), ("zh-TW,zh", "zh-CN")],
)
def test_the_language_is_the_one_chosen_else_the_browsers(client: Api, accepted: str, language: str) -> None:
    page = client.send("GET", "/", headers={"accept-language": accepted})
    assert f'<html lang="{language}">' in page.text
    assert page.headers["content-language"] == language
    assert page.headers["vary"].split(", ")[0] == "Accept-Language"
    for lang, tag in (("zh", "zh-CN"), ("en", "en")):
        chosen = client.send("GET", f"/?lang={lang}", headers={"accept-language": accepted})
        assert f'<html lang="{tag}">' in chosen.text


def test_who_reads_pages_gets_a_page_of_the_error_and_others_json(client: Api) -> None:
    page = client.send("GET", "/nowhere<b>", headers=HTML)
    assert page.status_code == 404
    assert "没有 /nowhere&lt;b&gt; 这一地址。" in page.text
    assert "There is nothing at" in page.text
    assert "not-found" in page.text
    other = client.send("GET", "/nowhere")
    assert other.json()["errors"][0]["extensions"]["code"] == "not-found"
    posted = client.send("POST", "/villages", headers=HTML)
    assert posted.status_code == 405
    assert posted.headers["allow"]
    assert posted.headers["content-type"].startswith("text/html")


def test_a_page_is_compressed_unless_its_length_could_give_its_token_away(client: Api) -> None:
    packing = {**HTML, "accept-encoding": "gzip"}
    for path, cookie, packed in (
        ("/villages", {}, True),
        ("/villages", {"cookie": "a=b"}, True),
        ("/login", {}, True),
        ("/login", {"cookie": "a=b"}, False),
    ):
        page = client.send("GET", path, headers={**packing, **cookie})
        assert ("content-encoding" in page.headers) == packed, (path, cookie)
        assert "</html>" in page.text
    assert "content-encoding" not in client.send("GET", "/villages", headers={"accept-encoding": "br"}).headers
    answer = client.post("{ __schema { types { name description } } }")
    assert len(answer.content) > 10_000
    assert "content-encoding" not in answer.headers


FORMS = ("/lists/import?county={}", "/lists/import-folder?county={}", "/proofs/check?q={}")


@pytest.mark.parametrize("path", FORMS)
def test_no_guess_at_a_forms_token_in_the_address_shortens_its_page(client: Api, path: str) -> None:
    first = client.send("GET", path.format("x"), headers=HTML)
    token = re.search('name="token" value="([^"]+)"', first.text)
    assert token is not None
    cookie = first.headers["set-cookie"].partition(";")[0]
    secret = cookie.partition("=")[2][:12]
    for guess in (secret, secret[::-1]):  # each as long as the other
        page = client.send("GET", path.format(guess), headers={**HTML, "accept-encoding": "gzip", "cookie": cookie})
        assert 'name="token"' in page.text
        assert "content-encoding" not in page.headers


def test_the_same_page_is_not_always_of_the_same_length(client: Api) -> None:
    pages = [client.send("GET", "/villages", headers={**HTML, "accept-encoding": "gzip"}) for _ in range(20)]
    assert len({page.text for page in pages}) == 1
    assert len({page.headers["content-length"] for page in pages}) > 1
