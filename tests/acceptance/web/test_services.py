"""Services at the village window: what a county offers, what people call it, and by every face."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest

from tests.support.api_client import Api, api
from tests.support.cli_runner import cli_runner

VILLAGE, TOWN, DAY = "420684108201", "420684108", "2026-11-01"
OFFERED = ["S-BIRTH", "S-DEATH", "S-DISABILITY", "S-MARRIAGE", "S-RELIEF", "S-RETIREMENT", "S-SCHOOL", "S-SOCIAL-CARD"]


@pytest.fixture(scope="module")
def client(demo_database: str) -> Iterator[Api]:
    with api(demo_database) as opened:
        yield opened


def codes(client: Api, **filters: str) -> list[str]:
    """The services that a GraphQL question answers, in order."""
    arguments = ", ".join(f"{name}: {json.dumps(value, ensure_ascii=False)}" for name, value in filters.items())
    answer = client.ask(f"{{ services({arguments}) {{ matter {{ code }} }} }}")
    return [service["matter"]["code"] for service in answer["services"]]


def test_a_closed_list_of_services_says_what_the_county_offers(client: Api) -> None:
    every = codes(client, asOf=DAY)
    assert len(every) == 12
    assert codes(client, village=VILLAGE, asOf=DAY) == OFFERED
    assert set(OFFERED) < set(every)
    # Before the county's list, all that the centre names; before the centre named any, none.
    assert codes(client, village=VILLAGE, asOf="2025-08-31") == every
    assert codes(client, village=VILLAGE, asOf="2024-01-08") == []
    assert "S-DEATH" not in codes(client, asOf="2025-07-07")


def test_by_the_window_of_a_level(client: Api) -> None:
    at_town = codes(client, unit=TOWN, asOf=DAY)
    assert at_town == ["S-BIRTH", "S-DEATH", "S-DISABILITY", "S-RELIEF"]
    assert not set(at_town) & set(codes(client, unit="420684", asOf=DAY))


@pytest.mark.parametrize(
    ("text", "service"),
    [
        ("媳妇生娃了要办些啥", "S-BIRTH"),
        ("给娃上户口", "S-BIRTH"),
        ("出生醫學證明", "S-BIRTH"),
        ("老人走了要到哪些地方办手续", "S-DEATH"),
        ("销户口", "S-DEATH"),
        ("我想办残疾证", "S-DISABILITY"),
        ("重度残疾人护理补贴", "S-DISABILITY"),
        ("明年要退休了", "S-RETIREMENT"),
        ("准备结婚", "S-MARRIAGE"),
        ("家里困难想吃低保", "S-RELIEF"),
        ("社保卡丢了", "S-SOCIAL-CARD"),
        ("小升初", "S-SCHOOL"),
        ("低保怎么办", "S-RELIEF"),
        ("请问残疾证在哪里办？", "S-DISABILITY"),
    ],
)
def test_in_peoples_own_words(client: Api, text: str, service: str) -> None:
    assert codes(client, village=VILLAGE, text=text, asOf=DAY)[0] == service


@pytest.mark.parametrize("text", ["", "，。", "一件事", "今天天气好", "办" * 300])
def test_what_names_none_gets_none(client: Api, text: str) -> None:
    assert codes(client, village=VILLAGE, text=text, asOf=DAY) == []


def test_the_certificate_leads_to_the_service_that_includes_it(client: Api) -> None:
    question = """query ($village: ID!, $text: String!, $on: Date!) {
      certificate(village: $village, text: $text, asOf: $on) {
        status
        message
        services {
          matter { code kind window includes { code } }
          window
          includes { code name }
          materials
          procedure
          online
        }
      }
    }"""
    answer = client.ask(question, village=VILLAGE, text="死亡证明", on=DAY)["certificate"]
    (service,) = answer["services"]
    assert answer["status"] == "FORBIDDEN"
    assert (service["matter"]["code"], service["matter"]["kind"], service["window"]) == (
        "S-DEATH",
        "SERVICE",
        "TOWNSHIP",
    )
    assert {"code": "C-DEATH", "name": "死亡证明"} in service["includes"]
    assert [each["code"] for each in service["includes"]] == [each["code"] for each in service["matter"]["includes"]]
    assert "逝者居民身份证" in service["materials"]
    assert "公民身后" in answer["message"]
    assert "乡镇（街道）便民服务中心" in answer["message"]
    # The service began on the day on which the centre's document was made public.
    assert client.ask(question, village=VILLAGE, text="死亡证明", on="2025-07-07")["certificate"]["services"] == []


def test_by_rest(client: Api) -> None:
    answer = client.send("GET", f"/v1/villages/{VILLAGE}/certificates", params={"q": "出生证明", "on": DAY}).json()
    (service,) = answer["services"]
    assert service["code"] == "S-BIRTH"
    assert service["includes"][0] == {"code": "C-BIRTH", "name": "出生证明"}
    every = client.send("GET", f"/v1/villages/{VILLAGE}/services", params={"on": DAY}).json()
    assert [each["code"] for each in every["services"]] == OFFERED
    meant = client.send("GET", f"/v1/villages/{VILLAGE}/services", params={"q": "生娃", "on": DAY}).json()
    assert [each["code"] for each in meant["services"]] == ["S-BIRTH"]
    (error,) = client.send("GET", f"/v1/villages/{TOWN}/services").json()["errors"]
    assert error["extensions"]["code"] == "unknown-unit"


@pytest.mark.parametrize("named", ['village: "nowhere"', 'unit: "nowhere"', f'village: "{TOWN}"'])
def test_what_is_no_village_or_unit_is_an_error(client: Api, named: str) -> None:
    assert client.refused(f"{{ services({named}) {{ procedure }} }}")["code"] == "unknown-unit"


def test_on_the_villages_page(client: Api) -> None:
    page = client.send("GET", f"/villages/{VILLAGE}", params={"q": "老人在家走了，火化要死亡证明", "as_of": DAY}).text
    assert "公民身后" in page
    assert "不用一样一样跑" in page
    assert "逝者居民身份证" in page
    plain = client.send("GET", f"/villages/{VILLAGE}", params={"as_of": DAY}).text
    assert plain.count("<details>") == len(OFFERED)
    english = client.send("GET", f"/villages/{VILLAGE}", params={"q": "出生证明", "as_of": DAY, "lang": "en"}).text
    assert "One service, one visit" in english
    assert "the township&#39;s service centre" in english or "the township's service centre" in english


def test_a_service_meant_in_a_question_is_the_answer_of_the_page(client: Api) -> None:
    page = client.send("GET", f"/villages/{VILLAGE}", params={"q": "低保怎么办", "as_of": DAY, "lang": "zh"}).text
    assert 'id="S-RELIEF"' in page
    assert "没听懂" not in page
    assert "/wrong-answer?" in page


def test_on_the_command_line(demo_database: str) -> None:
    run = cli_runner(demo_database)
    lines = run("services", "生娃", "--village", VILLAGE, "--as-of", DAY, "--json").stdout.splitlines()
    assert [json.loads(line)["code"] for line in lines] == ["S-BIRTH"]
    printed = run("services", "--unit", TOWN, "--as-of", DAY).stdout.decode()
    assert "窗口 window: 乡镇（街道）便民服务中心" in printed
    assert "共 4 件。" in printed
    refused = run("services", "--village", "不存在的村")
    assert refused.returncode != 0
    assert b"unknown-unit" in refused.stderr
