"""A clerk marks an answer at the certificate window as wrong: a saying to review, without anybody's data."""

from __future__ import annotations

import html
import json
import re
from collections.abc import Iterator

import pytest

from registry import database
from registry.domain.dates import today
from registry.queries.certificates import review
from tests.support.api_client import Api, api
from tests.support.cli_runner import cli_runner

VILLAGE = "420684103205"
PAGE = {"Accept": "text/html"}
ADDRESS = f"/villages/{VILLAGE}/wrong-answer"


@pytest.fixture(scope="module")
def client(demo_database: str) -> Iterator[Api]:
    with api(demo_database) as opened:
        yield opened


@pytest.fixture(autouse=True)
def nothing_marked(demo_database: str) -> None:
    with database.connect(demo_database) as connection:
        review.reviewed(connection, 2**63 - 1)


def look(client: Api, path: str, status: int = 200, **query: str) -> str:
    answer = client.send("GET", path, params=query or None, headers=PAGE)
    assert answer.status_code == status
    return answer.text


def send(client: Api, said: str, meant: str = "", status: int = 200, **other: str) -> str:
    (token,) = re.findall(r'name="token" value="([^"]*)"', look(client, ADDRESS))
    fields = {"token": token, "said": said, "meant": meant} | other
    answer = client.send("POST", ADDRESS, data=fields, files={"": ("", b"")}, headers=PAGE)
    assert answer.status_code == status, answer.text
    return html.unescape(answer.text)


def marked(url: str) -> list[review.Marked]:
    with database.connect(url) as connection:
        return review.marked(connection)


def test_what_was_answered_wrongly_is_noted_from_the_answer_and_listed_for_review(
    client: Api, demo_database: str
) -> None:
    answered = look(client, f"/villages/{VILLAGE}", q="开个屋的条子")
    (link,) = re.findall(r'<a href="(/villages/\d+/wrong-answer[^"]*)"', answered)
    form = look(client, html.unescape(link))
    assert 'value="开个屋的条子"' in form
    assert 'enctype="multipart/form-data"' in form  # what forms are read as here
    assert "宅基地使用情况证明" in form
    page = send(client, "开个屋的条子", "宅基地使用情况证明")
    assert "记下了：" in page
    send(client, "开个屋的条子", "宅基地使用情况证明")  # once is enough
    (row,) = marked(demo_database)
    assert (row.day, row.county, row.said, row.status) == (today(), "420684", "开个屋的条子", "AMBIGUOUS")
    assert row.meant == "宅基地使用情况证明"
    run = cli_runner(demo_database)
    (line,) = run("marked-answers", "--json").stdout.splitlines()
    assert json.loads(line)["said"] == "开个屋的条子"
    assert "开个屋的条子" in run("marked-answers").stdout.decode()
    assert "已删去 1 条" in run("marked-answers", "--reviewed", str(row.number)).stdout.decode()
    assert marked(demo_database) == []


def test_a_right_certificate_with_a_wrong_office_can_be_marked(client: Api, demo_database: str) -> None:
    assert f'value="{review.WRONG_OFFICE}"' in look(client, ADDRESS)
    assert "记下了：" in send(client, "毕业证丢了", review.WRONG_OFFICE)
    (row,) = marked(demo_database)
    assert (row.answered, row.meant) == ("证件遗失证明", review.WRONG_OFFICE)


def test_nobodys_numbers_are_kept_and_no_names(client: Api, demo_database: str) -> None:
    for said in ("我叫13812345678要开证明", "身份证11010519491231002X丢了", "卡号6222 0210 0111 丢了"):
        page = send(client, said, status=400)
        assert "没有记下" in page
    assert marked(demo_database) == []
    assert "王小红" not in look(client, ADDRESS, q="我叫王小红要屋的证明")
    shown = look(client, ADDRESS, q="我叫王小红，和李建国是夫妻，要证明")
    assert "王小红" not in shown
    send(client, "我叫王小红，和李建国是夫妻，要证明")
    (row,) = marked(demo_database)
    assert row.said == "我叫某某，和某某是夫妻，要证明"


@pytest.mark.parametrize(
    ("said", "meant", "says"),
    [
        ("", "", "请写明"),
        ("证" * 201, "", "太长"),
        ("开个条", "没有的证明", "列出的证明"),
    ],
)
def test_what_cannot_be_noted_says_why_and_keeps_what_was_entered(
    client: Api, demo_database: str, said: str, meant: str, says: str
) -> None:
    page = send(client, said, meant, status=400)
    assert says in page
    assert f'value="{said}"' in page
    assert marked(demo_database) == []


def test_a_county_notes_so_many_a_day_and_other_sites_none(client: Api, demo_database: str) -> None:
    with database.connect(demo_database) as connection:
        connection.execute(
            "INSERT INTO review.marked_answer (day, county, said, status) "
            "SELECT %s, '420684', 'said ' || n, 'UNKNOWN' FROM generate_series(1, %s) n",
            (today(), review.DAILY),
        )
    assert "明天再标" in send(client, "开个条", status=429)
    assert len(marked(demo_database)) == review.DAILY
    assert send(client, "开个条", status=403, token="forged")
    elsewhere = client.send("POST", ADDRESS, data={"said": "开个条"}, headers=PAGE | {"Sec-Fetch-Site": "cross-site"})
    assert elsewhere.status_code == 403


def test_only_a_village_has_answers_to_mark(client: Api) -> None:
    look(client, "/villages/420684/wrong-answer", status=404)
    look(client, "/villages/nowhere/wrong-answer", status=404)
