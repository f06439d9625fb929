"""The past on the command line, in words and as JSON; the examples of docs/howto/look-into-the-past.md on the demo."""

from __future__ import annotations

import json
import re
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from registry import database
from registry.recording.unit_of_work import record
from tests.support.cli_runner import Run, cli_runner
from tests.support.paths import DOCS
from tests.support.worlds import COUNTY, decision, duty

PAGE = DOCS / "howto/look-into-the-past.md"

JOURNAL = [
    *COUNTY,
    duty("R-1", "2020-01-01"),
    duty("R-2", "2020-02-01", to="village", from_="town", under="R-1"),
    decision("ResourcesAllotted", "2020-03-01", ref="R-1", brings=["funds"]),
    decision("UnitDissolved", "2021-01-01", unit="town", successor="town2"),
]


@pytest.fixture(scope="module")
def run(module_database: Callable[[], str]) -> Run:
    url = module_database()
    with database.connect(url) as connection:
        record(connection, JOURNAL, recorded_by="clerk")
    return cli_runner(url)


def objects(answer: subprocess.CompletedProcess[bytes]) -> list[dict[str, Any]]:
    assert answer.returncode == 0, answer.stderr.decode()
    return [json.loads(line) for line in answer.stdout.splitlines()]


def test_blame_prints_who_led_since_when_by_which_paper_and_decision(run: Run) -> None:
    first, passed, after = objects(run("blame", "D-SAND", "--within", "420684", "--json"))
    decided = first.pop("decision")
    assert decided.pop("recorded_at").endswith("Z")
    assert decided == {"position": len(COUNTY) + 1, "type": "DutyDelegated", "at": "2020-01-01", "recorded_by": "clerk"}
    ended = first.pop("ended_by")
    assert (ended["position"], ended["type"]) == (len(JOURNAL), "UnitDissolved")
    assert first == {
        "since": "2020-01-01",
        "until": "2021-01-01",
        "holder": "town",
        "name": "单位town",
        "role": "lead",
        "by": "delegation",
        "subject": "R-1",
        "from": "water",
        "from_name": "单位water",
        "instrument": "通知1号",
        "title": "通知",
    }
    assert (passed["holder"], passed["subject"], passed["until"]) == ("village", "R-2", None)
    assert (after["holder"], after["since"], after["decision"]["type"]) == ("town2", "2021-01-01", "UnitDissolved")
    head, *lines = run("blame", "D-SAND", "--within", "420684").stdout.decode().splitlines()
    assert all(word in head for word in ("自 since", "单位 holder", "文号 instrument", "记录人 by"))
    assert [line.split()[:3] for line in lines] == [
        ["2020-01-01", "2021-01-01", "单位town（town）"],
        ["2020-02-01", "至今", "now"],
        ["2021-01-01", "至今", "now"],
    ]
    positions = [len(COUNTY) + 1, len(COUNTY) + 2, len(JOURNAL)]
    assert all(f"#{position} " in line for position, line in zip(positions, lines, strict=True))
    known = objects(run("blame", "D-SAND", "--within", "420684", "--known", str(len(COUNTY) + 1), "--json"))
    assert [(line["holder"], line["until"], line["ended_by"]) for line in known] == [("town", None, None)]


def test_history_of_a_unit_and_of_a_matter_says_what_changed(run: Run) -> None:
    of_unit = objects(run("history", "town", "--json"))
    assert [line["type"] for line in of_unit][-4:] == [
        "DutyDelegated",
        "DutyDelegated",
        "ResourcesAllotted",
        "UnitDissolved",
    ]
    (allotted,) = of_unit[-2]["effects"]
    assert allotted["fields"] == [{"field": "brings", "before": [], "after": ["funds"]}]
    assert allotted["message"]["zh"].startswith("自2020-03-01起，")
    printed = run("history", "D-SAND", "--first", "2").stdout.decode()
    assert "MatterDefined" in printed
    assert "From 2020-01-01, delegation R-1 holds" in printed
    assert "2 decisions." in printed


def test_changes_account_and_decisions(run: Run) -> None:
    began, allotted = objects(
        run("changes", "--within", "town", "--from", "2020-01-31", "--to", "2020-12-31", "--json")
    )
    assert (began["change"], began["unit"], began["decision"]["type"]) == ("began", "village", "DutyDelegated")
    assert allotted["fields"] == [{"field": "brings", "before": [], "after": ["funds"]}]
    assert (
        "2 changes" in run("changes", "--within", "town", "--from", "2020-01-31", "--to", "2020-12-31").stdout.decode()
    )

    (account,) = objects(run("account", "D-SAND", "--unit", "village", "--on", "2020-06-01", "--json"))
    assert (account["conclusion"], account["missing"]) == ("HELD_WITHOUT_POWER", ["P-SAND"])
    assert [(link["unit"], link["subject"], link["from"]) for link in account["chain"]] == [
        ("village", "R-2", "town"),
        ("town", "R-1", "water"),
    ]
    printed = run("account", "D-SAND", "--unit", "village", "--on", "2020-06-01").stdout.decode()
    assert "当日承担，但不掌握所需权力。" in printed
    assert "without the powers required" in printed

    output = objects(run("decisions", "--ref", "R-1", "--type", "DutyDelegated", "--recorded-by", "clerk", "--json"))
    assert [line["data"]["ref"] for line in output] == ["R-1", "R-2"]
    assert objects(run("decisions", "--until", "2001-01-01T00:00:00Z", "--json")) == []


def test_an_export_can_stop_where_the_log_stood(run: Run, tmp_path: Path) -> None:
    lines = run("export").stdout.splitlines(keepends=True)
    assert run("export", "--until", "5").stdout == b"".join(lines[:5])
    file = tmp_path / "export.jsonl"
    assert run("export", "--until", "2001-01-01T00:00:00+08:00", "-o", str(file)).returncode == 0
    assert file.read_bytes() == b""


@pytest.mark.parametrize(
    ("arguments", "code", "status"),
    [
        (("blame", "D-SAND", "--within", "nowhere"), "unknown-unit", 1),
        (("blame", "D-NONE", "--within", "town"), "unknown-matter", 1),
        (("history", "nothing"), "unknown-matter", 1),
        (("account", "D-NONE", "--unit", "town", "--on", "2020-01-01"), "unknown-matter", 1),
        (("changes", "--within", "town", "--from", "2020-02-01", "--to", "2020-01-01"), "bad-value", 2),
        (("decisions", "--type", "Decreed"), "bad-value", 2),
        (("decisions", "--since", "yesterday"), "bad-value", 2),
        (("blame", "D-SAND", "--within", "town", "--known", "lately"), "bad-value", 2),
    ],
)
def test_a_question_about_nothing_is_refused_in_both_languages(
    run: Run, arguments: tuple[str, ...], code: str, status: int
) -> None:
    answer = run(*arguments)
    printed = answer.stderr.decode()
    assert (answer.returncode, printed.split(":")[0]) == (status, code)
    assert " / " in printed


def examples() -> list[tuple[str, str]]:
    """The commands of the page, and what it says they print."""
    blocks = re.findall(r"```console\n\$ registry ([^\n]+)\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.DOTALL)
    return [(command, printed) for command, printed in blocks]


def lasting(printed: str) -> list[str]:
    """Without what another recording or another state of the published lists makes otherwise: times, positions."""
    printed = re.sub(r"\d{4}-\d\d-\d\dT[\d:]+Z", "TIME", printed)
    return [" ".join(line.split()) for line in re.sub(r"#\d+\b(?!\w)", "#N", printed).splitlines()]


def test_the_page_shows_what_the_demo_county_answers(demo_database: str) -> None:
    page = cli_runner(demo_database)
    assert len(examples()) >= 5
    for command, printed in examples():
        answer = page(*command.split())
        assert answer.returncode == 0, answer.stderr.decode()
        assert lasting(printed) == lasting(answer.stdout.decode()), command
