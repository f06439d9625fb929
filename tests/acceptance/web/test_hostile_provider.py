"""Log-ins replayed and mixed up, and providers whose answers are no answers: nobody gets in, nothing hangs or fails."""

from __future__ import annotations

import gzip
import json
from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest

from registry import database
from registry.access import accounts
from registry.access.changes import By
from registry.access.roles import Role
from registry.access.viewer import Grant
from registry.web import provider_client
from tests.support.api_client import Api, api
from tests.support.identity_provider import CLIENT, SECRET, IdentityProvider, identity_provider
from tests.support.visitor import Visitor

pytestmark = pytest.mark.slow  # a provider of identities that tries everything

MIB = 1 << 20
JSON = {"Content-Type": "application/json"}


@pytest.fixture(scope="module")
def provider() -> Iterator[IdentityProvider]:
    with identity_provider() as started:
        yield started


@pytest.fixture(scope="module")
def url(module_database: Callable[[], str]) -> str:
    made = module_database()
    with database.connect(made) as connection:
        accounts.add(connection, "admin", None, [Grant(Role.ADMINISTRATOR)], By("test", "command"))
    return made


@pytest.fixture
def opened(url: str, provider: IdentityProvider, monkeypatch: pytest.MonkeyPatch) -> Iterator[Api]:
    """A server that has asked the provider nothing yet."""
    monkeypatch.setenv("REGISTRY_OIDC_ISSUER", provider.address)
    monkeypatch.setenv("REGISTRY_OIDC_CLIENT_ID", CLIENT)
    monkeypatch.setenv("REGISTRY_OIDC_CLIENT_SECRET", SECRET)
    with api(url) as client:
        yield client
    provider.change.clear()
    provider.instead.clear()
    provider.says.clear()
    provider.paths.clear()
    provider.forge = provider.down = provider.careless = False
    provider.pause = 0.0


def begun(one: Visitor) -> str:
    """Where the browser is sent."""
    sent = one.get("/login/provider")
    assert sent.status_code == 303, one.page
    return sent.headers["location"]


def answered(address: str, person: str = "li") -> dict[str, str]:
    """What the provider gives the browser to bring back."""
    back = httpx.post(address, data={"person": person}).headers["location"]
    return {name: values[0] for name, values in parse_qs(urlsplit(back).query).items()}


def brought(one: Visitor, query: dict[str, str]) -> int:
    return one.get(str(httpx.URL("/login/callback", params=query))).status_code


def is_in(one: Visitor) -> bool:
    return one.get("/account").status_code == 200


# ------------------------------------------------------------------------------------------ replayed and mixed up


@pytest.mark.parametrize("careless", [False, True], ids=["once", "again and again"])
def test_a_code_logs_in_once_even_where_the_provider_takes_it_again(
    opened: Api, provider: IdentityProvider, careless: bool
) -> None:
    provider.careless = careless
    one, thief = Visitor(opened), Visitor(opened)
    stolen = answered(begun(one))
    assert brought(one, stolen) == 303
    assert brought(one, stolen) == 400  # the log-in is over
    # In a log-in of his own, with its state: the ID token is for another one.
    own = parse_qs(urlsplit(begun(thief)).query)
    assert brought(thief, stolen | {"state": own["state"][0]}) == 403
    assert "provider-refused" in thief.page
    assert not is_in(thief)


def test_a_state_is_worth_nothing_after_its_log_in(opened: Api, provider: IdentityProvider) -> None:
    one = Visitor(opened)
    first = answered(begun(one))
    assert brought(one, first) == 303
    other = answered(begun(one), "wang")
    assert brought(one, other | {"state": first["state"]}) == 403
    assert brought(one, other) == 400  # a wrong state ends the log-in too


def test_a_log_in_begun_twice_is_finished_as_the_last_one(opened: Api, provider: IdentityProvider) -> None:
    one = Visitor(opened)
    first, second = begun(one), begun(one)
    assert brought(one, answered(first)) == 403
    assert not is_in(one)
    third = answered(begun(one))
    assert brought(one, third) == 303
    assert second != first


@pytest.mark.parametrize("named", [False, True], ids=["says nothing of iss", "says that it names itself"])
def test_an_answer_of_another_provider_is_not_taken_to_this_one(
    opened: Api, provider: IdentityProvider, named: bool
) -> None:
    provider.says = {"authorization_response_iss_parameter_supported": named}

    def status(**more: str) -> int:
        one = Visitor(opened)
        came = answered(begun(one)) | more
        provider.paths.clear()
        result = brought(one, came)
        assert ("/token" in provider.paths) == (result == 303)  # no code is given away
        return result

    assert status(iss="https://another.example") == 403
    assert status(iss="") == 403
    assert status(iss=provider.address) == 303
    assert status() == (403 if named else 303)


def test_a_log_in_is_finished_at_the_provider_that_it_was_begun_at(
    opened: Api, url: str, provider: IdentityProvider, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Though another is set meanwhile, or at another host of the same registry: it is given no code of the first."""
    one = Visitor(opened)
    came = answered(begun(one))
    with identity_provider() as another:
        monkeypatch.setenv("REGISTRY_OIDC_ISSUER", another.address)
        with api(url) as elsewhere:
            there = Visitor(elsewhere)
            there.client.cookies.update(one.client.cookies)
            assert brought(there, came) == 400
            assert "/token" not in another.paths
    assert brought(one, came) == 303


def test_a_form_for_logging_out_ends_its_own_session_and_no_later_one(opened: Api, provider: IdentityProvider) -> None:
    one = Visitor(opened)
    assert brought(one, answered(begun(one))) == 303
    one.get("/logout")
    form = one.page
    assert one.post("/logout").status_code == 200
    assert not is_in(one)
    assert brought(one, answered(begun(one))) == 303
    one.page = form  # sent again, as by who kept it
    assert one.post("/logout").status_code == 403
    assert is_in(one)


def test_a_session_that_was_ended_is_not_begun_again_by_its_cookie(opened: Api, provider: IdentityProvider) -> None:
    one, thief = Visitor(opened), Visitor(opened)
    assert brought(one, answered(begun(one))) == 303
    for name, value in one.client.cookies.items():
        thief.client.cookies.set(name, value)
    assert is_in(thief)
    one.get("/logout")
    one.post("/logout")
    assert not is_in(thief)
    thief.get("/logout")
    thief.post("/logout")
    assert "id_token_hint" not in thief.page  # nor does it tell what the provider had said


# ------------------------------------------------------------------------------------------ answers that are none

DEEP = b"[" * 200_000
WRONG: dict[str, tuple[int, dict[str, str], bytes]] = {
    "nothing": (200, JSON, b""),
    "no JSON": (200, {}, b"<html>"),
    "a list": (200, JSON, b"[]"),
    "a number": (200, JSON, b"1"),
    "null": (200, JSON, b"null"),
    "an object": (200, JSON, b'{"a": 1}'),
    "no keys": (200, JSON, b'{"keys": 7}'),
    "keys that are none": (200, JSON, b'{"keys": [{"kty": "RSA", "n": 1}, 2]}'),
    "deep": (200, JSON, DEEP),
    "not UTF-8": (200, JSON, b'{"\xff": 1}'),
    "too long": (200, JSON, b'{"a": "' + b"x" * 2 * MIB + b'"}'),
    "packed": (200, JSON | {"Content-Encoding": "gzip"}, gzip.compress(b" " * 50 * MIB + b"{}")),
    "led elsewhere": (302, {"Location": "/elsewhere"}, b""),
    "led on with the form": (307, {"Location": "/elsewhere"}, b""),
    "an error": (500, JSON, b"{}"),
    "not allowed": (403, JSON, b"{}"),
}


@pytest.mark.parametrize("path", ["/.well-known/openid-configuration", "/token", "/keys"])
@pytest.mark.parametrize("wrong", WRONG)
def test_whatever_the_provider_answers_is_its_failure(
    opened: Api, provider: IdentityProvider, path: str, wrong: str
) -> None:
    one = Visitor(opened)
    if path == "/token":
        came = answered(begun(one))
        provider.instead[path] = WRONG[wrong]
        status = brought(one, came)
    elif path == "/keys":
        provider.instead[path] = WRONG[wrong]
        status = brought(one, answered(begun(one)))
    else:
        provider.instead[path] = WRONG[wrong]
        status = one.get("/login/provider").status_code
    assert status in (403, 503), one.page
    assert "provider-unavailable" in one.page or "provider-refused" in one.page
    assert "/elsewhere" not in provider.paths
    assert not is_in(one)
    provider.instead.clear()
    assert brought(one, answered(begun(one))) == 303  # it is asked anew


@pytest.mark.parametrize(
    "change",
    [
        {"id_token": None},
        {"id_token": 7},
        {"id_token": ""},
        {"id_token": "a.b.c"},
        {"id_token": "x" * 500_000},
        {"id_token": "eyJhbGciOiJub25lIn0.e30."},
        {"error": "invalid_grant"},
    ],
    ids=lambda change: str(change)[:40],
)
def test_an_answer_without_an_id_token_lets_nobody_in(
    opened: Api, provider: IdentityProvider, change: dict[str, Any]
) -> None:
    one = Visitor(opened)
    came = answered(begun(one))
    answer = {"access_token": "x", "token_type": "Bearer"} | change
    provider.instead["/token"] = (200, JSON, json.dumps(answer).encode())
    assert brought(one, came) in (403, 503)
    assert not is_in(one)


def test_thousands_of_keys_are_not_gone_through(opened: Api, provider: IdentityProvider) -> None:
    public = provider.keys[0].as_dict(private=False)
    many = [public | {"kid": str(number)} for number in range(2000)]
    assert len(json.dumps(many)) < provider_client.LONGEST
    provider.instead["/keys"] = (200, JSON, json.dumps({"keys": [*many, public]}).encode())
    one = Visitor(opened)
    assert brought(one, answered(begun(one))) == 503
    few = [*many[: provider_client.KEYS - 1], public]
    provider.instead["/keys"] = (200, JSON, json.dumps({"keys": few}).encode())
    assert brought(one, answered(begun(one))) == 303


def test_a_provider_that_trickles_is_left_after_a_while(
    opened: Api, provider: IdentityProvider, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("registry.web.provider.WHOLE", 0.5)
    one = Visitor(opened)
    came = answered(begun(one))
    provider.pause = 0.02  # each byte well within the patience for one; the whole would take over a minute
    provider.instead["/token"] = (200, JSON, b" " * 4000 + b"{}")
    assert brought(one, came) == 503
    assert "TimeoutError" in one.page


def test_what_the_provider_says_of_itself_sets_nothing_here(
    opened: Api, provider: IdentityProvider, monkeypatch: pytest.MonkeyPatch
) -> None:
    options: list[dict[str, Any]] = []
    make = httpx.AsyncClient.__init__

    def making(self: httpx.AsyncClient, *given: Any, **more: Any) -> None:
        options.append(more)
        make(self, *given, **more)

    monkeypatch.setattr(httpx.AsyncClient, "__init__", making)
    hostile = {"verify": False, "proxy": "http://127.0.0.1:1", "follow_redirects": True, "headers": {"X": "y"}}
    hostile |= {"timeout": None, "client_id": "another", "code_challenge_method": "plain", "scope": "everything"}
    provider.says = hostile
    one = Visitor(opened)
    address = begun(one)
    sent_along = {name: values[0] for name, values in parse_qs(urlsplit(address).query).items()}
    assert (sent_along["code_challenge_method"], sent_along["scope"]) == ("S256", "openid profile")
    assert sent_along["client_id"] == CLIENT
    assert brought(one, answered(address)) == 303
    made = [each for each in options if "event_hooks" in each]
    assert len(made) >= 3
    for each in made:
        assert each.get("verify", True) is True
        assert not {"proxy", "mounts", "transport"} & {*each}
        assert each["follow_redirects"] is False
        assert each["timeout"] == provider_client.PATIENCE


@pytest.mark.parametrize("name", provider_client.ENDPOINTS)
@pytest.mark.parametrize("where", ["http://provider.example/x", "javascript:alert(1)", "//elsewhere", 7])
def test_an_address_that_is_not_safe_is_not_used(
    opened: Api, provider: IdentityProvider, name: str, where: object
) -> None:
    provider.instead["/.well-known/openid-configuration"] = (
        200,
        JSON,
        json.dumps(provider.about() | {name: where}).encode(),
    )
    one = Visitor(opened)
    assert one.get("/login/provider").status_code in (403, 503)
    assert "provider-" in one.page
