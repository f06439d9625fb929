"""What an address names and is not there is an error, on pages and over REST: its code, zh and en, and what to do."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator
from urllib.parse import parse_qsl, urlsplit

import pytest

from registry import database
from registry.recording.unit_of_work import record
from tests.support import sheets_county
from tests.support.api_client import Api, api
from tests.support.databases import database_copy
from tests.support.worlds import decision

UNKNOWN = [
    *((f"/villages?in={code}", 404, "unknown-unit") for code in ("nowhere", "月球村", "%00", "x" * 3000)),
    *((f"/villages/{code}", 404, "unknown-unit") for code in ("nowhere", "月球村", "%00", "x" * 3000)),
    ("/villages/nowhere?q=证明", 404, "unknown-unit"),
    ("/villages/420684102201?as_of=1990-01-01", 404, "unknown-unit"),
    ("/villages/420684102201?as_of=2025-02-30", 400, "bad-value"),
    ("/villages/420684102201?as_of=2025-W01-1", 400, "bad-value"),
    ("/villages/nowhere/burdens", 404, "unknown-unit"),
    ("/villages/420684102201/burdens?month=2025-13", 400, "bad-value"),
    ("/villages/nowhere/report", 404, "unknown-unit"),
    ("/villages/420684102201/report?about=nowhere", 404, "unknown-ref"),
    ("/reports?within=nowhere", 404, "unknown-unit"),
    ("/reports?within=420684&state=forgotten", 400, "bad-value"),
    ("/reports?within=420684&since=2025-02-30", 400, "bad-value"),
    ("/reports/nowhere", 404, "unknown-ref"),
    ("/monitoring?within=nowhere", 404, "unknown-unit"),
    ("/monitoring?within=420684&month=2025-13", 400, "bad-value"),
    ("/monitoring?within=420684&format=pdf", 400, "bad-value"),
    ("/assessments?within=nowhere", 404, "unknown-unit"),
    ("/assessments?within=420684&period=2025-Q5", 400, "bad-value"),
    ("/findings?within=nowhere", 404, "unknown-unit"),
    ("/findings?rule=bad-weather", 400, "bad-value"),
    ("/findings?state=lost", 400, "bad-value"),
    ("/findings/one?rule=off-list", 400, "bad-value"),
    ("/findings/one?rule=off-list&unit=420684&subject=R-NONE", 404, "not-found"),
    ("/reports?within=420684&by=nowhere", 404, "unknown-unit"),
    ("/reports?within=420684&from=nowhere", 404, "unknown-unit"),
    ("/reports?within=420684&outcome=forgotten", 400, "bad-value"),
    ("/burdens?within=nowhere", 404, "unknown-unit"),
    ("/burdens?kind=duty", 400, "bad-value"),
    ("/overview/420684?against=week", 400, "bad-value"),
    ("/overview/420684?as_of=2026-01-01&against=2026-01-01", 400, "bad-value"),
    ("/overview/420684?severity=X", 400, "bad-value"),
    ("/burdens?within=420684&level=street", 400, "bad-value"),
    ("/units/420684?show=lost", 400, "bad-value"),
    ("/rectifications?within=nowhere", 404, "unknown-unit"),
    ("/rectifications?state=lost", 400, "bad-value"),
    ("/work/nothing", 404, "not-found"),
    ("/lists/nowhere", 404, "unknown-list"),
    ("/lists/L?as_of=never", 400, "bad-value"),
    ("/lists/L?known=-1", 400, "bad-value"),
    ("/lists/L?known=2025-13-01", 400, "bad-value"),
    ("/lists/L?known=999999", 404, "unknown-position"),
    ("/lists/L?known=9999999999999999999999", 404, "unknown-position"),
    ("/v1/lists/L.json?known=999999", 404, "unknown-position"),
    ("/lists/L?as_of=1990-01-01", 404, "not-in-force"),
    ("/units/nowhere/lists", 404, "unknown-unit"),
    ("/units/nowhere", 404, "unknown-unit"),
    ("/units/420684?tab=nothing", 400, "bad-value"),
    ("/units/420684?format=pdf", 400, "bad-value"),
    ("/units/420684?tab=assessments&period=2026-13", 400, "bad-value"),
    ("/units/420684?as_of=1990-01-01", 404, "unknown-unit"),
    ("/matters/nothing", 404, "unknown-matter"),
    ("/matters/D-1?within=nowhere", 404, "unknown-matter"),
    ("/matters?kind=nothing", 400, "bad-value"),
    ("/documents/nothing", 404, "unknown-instrument"),
    ("/documents?kind=nothing", 400, "bad-value"),
    ("/documents?format=pdf", 400, "bad-value"),
    ("/units/420684/lists?as_of=0", 400, "bad-value"),
    ("/units/420684/lists?as_of=1990-01-01", 404, "not-in-force"),
    *(
        address
        for kind in ("xlsx", "docx", "json")
        for address in (
            (f"/v1/lists/nowhere.{kind}", 404, "unknown-list"),
            (f"/v1/lists/L.{kind}?as_of=2025-02-30", 400, "bad-value"),
            (f"/v1/lists/L.{kind}?as_of=", 400, "bad-value"),
            (f"/v1/units/nowhere/lists.{kind}", 404, "unknown-unit"),
            (f"/v1/units/420684/lists.{kind}?known=x", 400, "bad-value"),
        )
    ),
    ("/decisions/0", 404, "unknown-position"),
    ("/history?unit=nowhere", 404, "unknown-unit"),
    ("/log?page=0", 400, "bad-value"),
    ("/lists/compare?list=nowhere", 404, "unknown-list"),
    ("/accountability?unit=nowhere&matter=NO&on=2025-02-30", 400, "bad-value"),
    ("/v1/evidence.zip?unit=nowhere&matter=NO&on=2025-02-01", 404, "unknown-unit"),
    ("/v1/lists/L.pdf", 404, "not-found"),
    *((f"/drafts/{code}", 404, "not-found") for code in ("nothing", "CG-20260101-00000000", "%00")),
    ("/drafts/choices?of=nothing&q=x", 400, "bad-value"),
    ("/proposals/nothing", 404, "not-found"),
    ("/proposals?within=nowhere", 404, "unknown-unit"),
    ("/proposals?within=420684&state=never", 400, "bad-value"),
    ("/v1/units/nowhere/balance.csv", 404, "unknown-unit"),
    ("/v1/units/420684/balance.csv?as_of=2025-02-30", 400, "bad-value"),
    ("/v1/units/420684/balance.csv?step=week&from=2025-01-01", 400, "bad-value"),
    ("/v1/units/420684/balance.csv?asof=2025-01-01", 400, "bad-value"),
    ("/v1/units/420684/balance.csv?lang=fr", 400, "bad-value"),
    ("/v1/villages/nowhere/certificates", 404, "unknown-unit"),
    ("/v1/villages/nowhere/certificates?q=证明", 404, "unknown-unit"),
    ("/v1/villages/420684102201/certificates?on=never", 400, "bad-value"),
    ("/v1/villages/420684102201/certificates?lang=fr", 400, "bad-value"),
]


@pytest.fixture(scope="module")
def county(server_url: str, migrated: str) -> Iterator[Api]:
    listed = decision("ListAdopted", "2025-03-01", list="L", title="清单", polarity="positive", covers="duty")
    listed |= {"audience": "township", "instrument": "宜办发〔2025〕6号", "scope": "420684"}
    with database_copy(server_url, migrated) as url:
        with database.connect(url) as connection:
            record(connection, [*sheets_county.journal(), listed])
        with api(url) as opened:
            yield opened


@pytest.mark.parametrize(("address", "status", "code"), UNKNOWN)
def test_what_is_not_there_is_an_error_to_programs_and_to_readers(
    county: Api, address: str, status: int, code: str
) -> None:
    answer = county.send("GET", address, headers={"accept": "application/json"})
    assert answer.status_code == status, answer.text
    (error,) = answer.json()["errors"]
    assert error["extensions"]["code"] == code
    for text in ("message", "hint"):
        assert all(error["extensions"][text][language] for language in ("zh", "en"))
    page = county.send("GET", address, headers={"accept": "text/html"})
    assert page.status_code == status
    assert code in page.text
    words = error["extensions"]["message"]["zh"]
    # By its parameter, which a page calls by its field; addresses of /v1 are for programs.
    named = None if address.startswith("/v1/") else re.fullmatch(r"([A-Za-z_]+) (.+)", words, re.DOTALL)
    assert (named[2] if named else words)[:12] in page.text.replace("&#34;", '"')
    if named:
        heading = re.findall(r"<h1>(.*)</h1>", page.text)[0]
        assert re.match("“[^”]*[一-鿿][^”]*”", heading), heading
        assert named[1] not in heading


# A refused address, the parameter that is wrong, and how the message begins on the page in Chinese and in English.
TYPED = [
    ("/changes/420684?from=2025-02-30&to=2026-06-30", "from", "“起始日期”须写成", "“After” must be"),
    ("/balance/420684?from=2025-02-30&to=2026-06-30", "from", "“起始日期”须写成", "“From” must be"),
    ("/balance/420684?from=2025-02-28&to=2025-01-30", "from", "起始日期 2025-02-28 晚于", "2025-02-28 is after"),
    ("/lists/compare?list=L&from=2025-02-28&to=x", "to", "“后一日期”须写成", "“Second day” must be"),
    ("/overview/420684?as_of=2025-02-30", "as_of", "“日期”须写成", "“Day” must be"),
    ("/overview/420684?against=2025-02-30", "against", "“对照的日子”须写成", "“Day compared with” must be"),
    ("/findings?within=nowhere&rule=off-list", "within", "", ""),
    ("/findings?sender=nowhere&rule=off-list", "sender", "", ""),
    ("/monitoring?within=420684&month=2025-13", "month", "“月份”须写成", "“Month” must be"),
    ("/reports?within=420684&since=2025-02-30&until=2025-03-01", "since", "“起始日期”须写成", "“From” must be"),
    ("/reports?within=420684&since=2025-03-30&until=2025-03-01", "since", "起始日期 2025-03-30 晚于", "2025-03-30 is"),
    ("/units/420684?period=2026-13&tab=assessments", "period", "“时段”须写成", "“Period” is written"),
    ("/accountability?unit=420684&matter=NO&on=2025-02-30", "on", "“事发之日”须写成", "“Day of the incident” must"),
    ("/history?unit=nowhere", "unit", "", ""),
    ("/lists/L?known=-1", "known", "“当时所知”须是", "“As was known” must be"),
    ("/villages?in=nowhere&q=证明", "in", "", ""),
]


@pytest.mark.parametrize("lang", ["zh", "en"])
@pytest.mark.parametrize(("address", "wrong", "zh", "en"), TYPED)
def test_a_form_that_is_refused_comes_back_with_what_was_typed(
    county: Api, address: str, wrong: str, zh: str, en: str, lang: str
) -> None:
    program = county.send("GET", address, headers={"accept": "application/json"}).json()
    message = program["errors"][0]["extensions"]["message"]
    page = html.unescape(county.send("GET", f"{address}&lang={lang}", headers={"accept": "text/html"}).text)
    form = page.partition('id="again"')[2].partition("</form>")[0]
    shown = dict(re.findall(r'name="([^"]+)" value="([^"]*)"', form))
    shown |= dict(re.findall(r'<select id="[^"]+" name="([^"]+)".*?<option value="([^"]*)" selected', form))
    assert shown == {**dict(parse_qsl(urlsplit(address).query)), "lang": lang}
    (field,) = [field for field in form.split('<p class="field">') if "aria-invalid" in field]
    assert f'name="{wrong}"' in field
    begins = {"zh": zh or message["zh"], "en": en or message["en"]}
    assert begins[lang] in field
    if zh:
        assert wrong not in re.findall(r'id="wrong">([^<]*)', field)[0].split()
    before, _, folded = page.partition("<details")
    other = begins["en" if lang == "zh" else "zh"]
    assert other not in before
    assert other in folded


@pytest.mark.parametrize("lang", ["zh", "en"])
@pytest.mark.parametrize(
    ("address", "name", "chosen"),
    [
        ("/matters?kind=duty&as_of=2026-02-30", "kind", "duty"),
        ("/matters?kind=dutty", "kind", None),
        ("/documents?kind=leaflet", "kind", None),
        ("/burdens?kind=form&planned=maybe", "planned", None),
        ("/burdens?kind=form&level=moon", "level", None),
        ("/cases?outcome=upheld", "outcome", None),
        ("/proposals?state=lost", "state", None),
        ("/balance/420684?step=week", "step", None),
        ("/findings?rule=bad-weather", "rule", None),
        ("/findings?severity=lost&state=open", "severity", None),
        ("/findings?severity=lost&state=open", "state", "open"),
        ("/findings?age=old", "age", None),
        ("/matrix/420684?show=nothing", "show", None),
        ("/matrix/420684?group=nothing&show=uneven", "group", None),
        ("/matrix/420684?group=nothing&show=uneven", "show", "uneven"),
        ("/lists/compare?unit=420684&otherUnit=420684&kind=nothing", "kind", None),
        ("/lists/compare?list=L&only=nothing", "only", None),
        ("/reports?within=420684&state=forgotten", "state", None),
        ("/reports?within=420684&outcome=forgotten", "outcome", None),
        ("/rectifications?state=lost", "state", None),
        ("/overview/420684?severity=X", "severity", None),
        ("/units/420684?show=lost", "show", None),
        ("/units/420684?tab=lost", "tab", None),
        ("/log?tab=lost", "tab", None),
        ("/balance/420684?step=month&figure=weather", "step", "month"),
    ],
)
def test_what_is_chosen_is_chosen_among_words_on_the_form_of_a_refused_address(
    county: Api, address: str, name: str, chosen: str | None, lang: str
) -> None:
    answer = county.send("GET", f"{address}&lang={lang}", headers={"accept": "text/html"})
    assert answer.status_code == 400
    form = answer.text.partition('id="again"')[2].partition("</form>")[0]
    choices = form.partition(f'<select id="{name}" name="{name}"')[2].partition("</select>")[0]
    options = re.findall(r'<option value="([^"]*)"( selected)?>([^<]+)</option>', choices)
    assert len(options) > 1
    assert [value for value, selected, _ in options if selected] == ([chosen] if chosen else [])
    assert all(bool(re.search("[一-鿿]", words)) == (lang == "zh") for _, _, words in options)
    assert f'<input id="{name}"' not in form


@pytest.mark.parametrize(
    "address",
    [
        "/villages/小家村民委员会",
        "/villages/小家村民委员会/burdens",
        "/villages?in=宜城市",
        "/units/宜城市司法局/lists",
        "/v1/units/宜城市司法局/lists.json",
        "/v1/units/宜城市/balance.csv",
        "/v1/villages/小家村民委员会/certificates",
    ],
)
def test_a_unit_may_be_named_where_it_alone_bears_the_name(county: Api, address: str) -> None:
    assert county.send("GET", address).status_code == 200


@pytest.mark.parametrize("field", ["dry_run", "replace"])
def test_a_tick_that_is_neither_yes_nor_no_is_refused(county: Api, field: str) -> None:
    fields = {"county": "420684", "instrument": "宜办发〔2025〕6号", field: "ture"}
    answer = county.send("POST", "/v1/lists", params=fields, content=b"x")
    assert (answer.status_code, answer.json()["errors"][0]["extensions"]["code"]) == (400, "bad-value")


def test_a_field_that_there_is_not_is_refused(county: Api) -> None:
    fields = {"county": "420684", "instrument": "宜办发〔2025〕6号", "qouta": "5", "dry_run": "1"}
    answer = county.send("POST", "/v1/lists", params=fields, content=b"x")
    assert answer.status_code == 400
    assert "qouta" in answer.text


ENDLESS = {"/v1/decisions", "/v1/findings"}  # streams
FILLED = {"/villages/{code:path}": "/villages/420684102201", "/lists/{code:path}": "/lists/L"}


@pytest.mark.parametrize("day", ["0001-01-01", "9999-12-31"])
def test_no_page_fails_on_the_first_or_the_last_day_there_is(county: Api, day: str) -> None:
    # Drawn by the hostile inputs: /monitoring?as_of=9999-12-31 was 500, for that month has none after it.
    paths: set[str] = {
        route.path for route in county.app.routes if "GET" in (getattr(route, "methods", None) or ()) and route.path
    }
    statuses: dict[str, int] = {}
    for path in sorted(paths - ENDLESS):
        address = re.sub(r"\{\w+(:path)?\}", "420684", FILLED.get(path, path))
        query = f"{address}?within=420684&as_of={day}&from=0001-01-01&to={day}"
        statuses[address] = county.send("GET", query, headers={"accept": "text/html"}).status_code
    assert len(statuses) > 60
    assert {address: status for address, status in statuses.items() if status >= 500} == {}
