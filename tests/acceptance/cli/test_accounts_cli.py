"""`registry accounts …` and whom `registry serve` lets in."""

from __future__ import annotations

import json
import os
import pty
import subprocess
import sys
from datetime import timedelta

import pytest

from registry import database
from registry.domain.dates import today
from registry.recording.unit_of_work import record
from tests.support.cli_runner import cli_runner, start_command
from tests.support.worlds import COUNTY

LONG = "五只松鼠慢慢收很多松果\n".encode()


@pytest.fixture
def url(database_url: str) -> str:
    with database.connect(database_url) as connection:
        record(connection, COUNTY)
    return database_url


def test_the_first_account_is_an_administrator_and_others_are_what_is_said(url: str) -> None:
    run = cli_runner(url, USER="root", SUDO_USER="zhang")
    assert run("accounts", "add", "Admin", stdin=LONG).returncode == 0
    assert (
        run("accounts", "add", "li", "--role", "editor:单位420684", "--role", "auditor:*", stdin=LONG).returncode == 0
    )
    assert run("accounts", "add", "program", "--tokens-only", "--role", "clerk:town").returncode == 0
    with database.connect(url) as connection:
        kept = connection.execute("SELECT password FROM access.account WHERE name = 'admin'").fetchone()
    assert str(kept).startswith("('$argon2id$v=19$m=65536,t=3,p=4$")  # RFC 9106, second recommended option
    listed = [json.loads(line) for line in run("accounts", "list", "--json").stdout.splitlines()]
    assert [(one["account"], one["roles"], one["password"]) for one in listed] == [
        ("admin", ["administrator"], True),
        ("li", ["auditor:*", "editor:420684"], True),
        ("program", ["clerk:town"], False),
    ]
    assert run("accounts", "role", "li", "--give", "clerk:town", "--take", "auditor:*").returncode == 0
    assert "clerk:town, editor:420684" in run("accounts", "list").stdout.decode()
    changes = [json.loads(line) for line in run("accounts", "changes", "li", "--json").stdout.splitlines()]
    assert {(one["by"], one["via"]) for one in changes} == {("zhang", "command")}
    assert [one["what"] for one in changes] == ["role-taken", "role-given", "role-given", "role-given", "added"]
    for what in ("disable", "enable", "logout"):
        assert run("accounts", what, "li").returncode == 0
    refused = run("accounts", "disable", "admin")
    assert (refused.returncode, refused.stderr[:18]) == (1, b"last-administrator")


@pytest.mark.parametrize(
    ("arguments", "stdin", "code"),
    [
        (("add", "li", "--role", "editor:月球"), LONG, b"unknown-unit"),
        (("add", "li", "--role", "editor"), LONG, b"bad-value"),
        (("add", "li", "--role", "king:420684"), LONG, b"bad-value"),
        (("add", "li", "--role", "administrator:420684"), LONG, b"bad-value"),
        (("add", "li si"), LONG, b"bad-value"),
        (("add", "l\u202ei"), LONG, b"bad-value"),
        (("add", "li"), b"short\n", b"weak-password"),
        (("add", "li"), b"", b"weak-password"),
        (("add", "松鼠慢慢"), LONG, b"weak-password"),
        (("role", "li", "--give", "clerk:town"), b"", b"unknown-account"),
        (("tokens", "li"), b"", b"unknown-account"),
    ],
    ids=lambda value: str(value)[:40],
)
def test_what_cannot_be_is_refused_and_nothing_is_made(
    url: str, arguments: tuple[str, ...], stdin: bytes, code: bytes
) -> None:
    run = cli_runner(url)
    refused = run("accounts", *arguments, stdin=stdin)
    assert refused.returncode != 0
    assert refused.stderr.startswith(code)
    assert run("accounts", "list", "--json").stdout == b""


def test_a_password_is_typed_unseen_and_twice(url: str) -> None:
    ours, theirs = pty.openpty()
    command = [sys.executable, "-m", "registry", "accounts", "add", "admin"]
    environment = os.environ | {"REGISTRY_DATABASE_URL": url}
    with subprocess.Popen(
        command, env=environment, stdin=theirs, stdout=theirs, stderr=theirs, start_new_session=True
    ) as process:
        os.close(theirs)
        seen = b""
        for line in (LONG, LONG):
            while not seen.endswith(b": "):
                seen += os.read(ours, 1024)
            os.write(ours, line)
            seen += b"\n"
        while True:
            try:
                seen += os.read(ours, 1024)
            except OSError:  # the terminal is closed as the command ends
                break
        assert process.wait(60) == 0, seen
    os.close(ours)
    assert LONG.strip() not in seen
    assert "已设立账号" in seen.decode()


def test_a_token_is_printed_once(url: str) -> None:
    run = cli_runner(url)
    until = (today() + timedelta(days=10)).isoformat()
    run("accounts", "add", "program", "--tokens-only", "--role", "editor:420684")
    made = run("accounts", "tokens", "program", "--new", "督查平台", "--role", "editor:town", "--until", until)
    token = made.stdout.strip()
    assert token.startswith(b"quanze_")
    listed = run("accounts", "tokens", "program").stdout
    assert "督查平台".encode() in listed
    assert token not in listed
    assert run("accounts", "tokens", "program", "--revoke", "1").returncode == 0
    assert "失效" in run("accounts", "tokens", "program").stdout.decode()
    assert (
        run("accounts", "tokens", "program", "--new", "x", "--role", "organizer:town", "--until", until).returncode == 1
    )


def test_nobody_else_is_let_in_before_there_is_an_account(database_url: str) -> None:
    run = cli_runner(database_url)
    refused = run("serve", "--host", "0.0.0.0", "--port", "0")
    assert refused.returncode == 1
    assert b"no-accounts: " in refused.stderr
    assert b"registry accounts add" in refused.stderr
    half = cli_runner(database_url, REGISTRY_ADMIN="root")("serve", "--host", "0.0.0.0", "--port", "0")
    assert b"bad-setting: " in half.stderr


@pytest.mark.parametrize(
    ("one", "needed"),
    [
        ({"REGISTRY_ADMIN_PASSWORD": LONG.decode()}, "REGISTRY_ADMIN"),
        ({"REGISTRY_PROXY_USER_HEADER": "X-Remote-User"}, "REGISTRY_PROXIES"),
        ({"REGISTRY_PROXIES": "10.0.0.5", "REGISTRY_PROXY_ROLE_HEADER": "X-Role"}, "REGISTRY_PROXY_USER_HEADER"),
        ({"REGISTRY_OIDC_CLIENT_SECRET": "kept"}, "REGISTRY_OIDC_ISSUER"),
    ],
)
def test_a_server_does_not_start_open_where_half_of_what_closes_it_is_set(
    database_url: str, one: dict[str, str], needed: str
) -> None:
    refused = cli_runner(database_url, anew=False, **one)("serve", "--port", "0")
    assert refused.returncode == 1
    assert b"bad-setting: " in refused.stderr
    assert f"{needed}, which is not set".encode() in refused.stderr
    assert b"kept" not in refused.stderr


@pytest.mark.parametrize("made", [False, True])
def test_a_server_for_others_starts_when_it_is_meant_to(
    database_url: str, made: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    if made:  # by the environment, as in a container
        monkeypatch.setenv("REGISTRY_ADMIN", "Root")
        monkeypatch.setenv("REGISTRY_ADMIN_PASSWORD", LONG.decode())
    flags = [] if made else ["--open-to-everybody"]
    server = start_command(database_url, "serve", "--host", "0.0.0.0", "--port", "0", *flags)
    try:
        assert "ready" in server.stdout.readline()
        if not made:
            assert "registry accounts add" in server.stdout.readline()
    finally:
        server.terminate()
        server.wait()
    listed = cli_runner(database_url)("accounts", "list", "--json").stdout
    assert (b'"root"' in listed) is made


def test_a_server_on_this_machine_says_that_it_is_open(database_url: str) -> None:
    server = start_command(database_url, "serve", "--port", "0")
    try:
        assert "ready" in server.stdout.readline()
        assert "尚无账号" in server.stdout.readline()
    finally:
        server.terminate()
        server.wait()
