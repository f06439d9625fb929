"""`registry lists import`: what it says and writes, and how it ends."""

from __future__ import annotations

import json
import os
import pty
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
import yaml

from registry import database
from registry.log import recorder
from registry.recording.unit_of_work import record
from tests.support import sheets_county
from tests.support.cli_runner import Run, cli_runner

TEXT = "配合履职事项清单\n序号,事项名称,对应上级部门\n1,社区矫正工作,司法局\n2,人口普查入户登记工作,哪个局\n"
STATED = (
    "--yes",
    *("--kind", "township-assist", "--polarity", "positive", "--audience", "township", "--scope", "420684"),
)
OPTIONS = ("--county", "420684", "--instrument", "宜办发〔2025〕6号", "--as", "ASSIST")


@pytest.fixture
def registry(new_database: Callable[[], str]) -> tuple[Run, Callable[[], int]]:
    """The command in a county's registry, and how long its log is."""
    url = new_database()
    with database.connect(url) as connection:
        record(connection, sheets_county.journal())

    def head() -> int:
        with database.connect(url) as connection:
            return recorder.head(connection)[0]

    return cli_runner(url), head


def test_a_table_without_a_title_is_shown_without_one(registry: tuple[Run, Callable[[], int]], tmp_path: Path) -> None:
    run, _ = registry
    file = tmp_path / "清单.csv"
    file.write_text(TEXT.partition("\n")[2], "utf-8")
    shown = run("lists", "import", str(file), *OPTIONS, "--dry-run").stdout.decode()
    assert "清单.csv [清单] 种类不明 kind unknown，2 行 rows\n" in shown


def test_who_leads_is_asked_written_down_and_answered(registry: tuple[Run, Callable[[], int]], tmp_path: Path) -> None:
    run, head = registry
    file, mapping = tmp_path / "清单.csv", tmp_path / "mapping.yaml"
    rows = "1,社区矫正工作,司法局\n2,示例巡查,流水镇\n"
    file.write_text(f"流水镇基本履职事项清单\n序号,事项名称,牵头单位\n{rows}", "utf-8")
    before = head()
    refused = run("lists", "import", str(file), *OPTIONS, "--accept", "none", "--save-mapping", str(mapping))
    assert refused.returncode == 1
    assert "who-leads: “牵头单位”一栏有 1 行写的是别的单位（司法局）" in refused.stderr.decode()
    written = yaml.safe_load(mapping.read_text("utf-8"))
    assert written["leads"]["牵头单位"].startswith("? unit（")
    written["leads"]["牵头单位"] = "unit"
    mapping.write_text(yaml.safe_dump(written, allow_unicode=True), "utf-8")
    options = (*OPTIONS, "--accept", "none", "--mapping", str(mapping), "--dry-run", "--json")
    lines = [json.loads(line) for line in run("lists", "import", str(file), *options).stdout.splitlines()]
    adopted = {one["list"]: (one["assigns"], one["scope"]) for one in lines if one["type"] == "ListAdopted"}
    assert adopted == {"ASSIST-BASIC": ("lead", "420684106"), "ASSIST-ASSIST": ("assist", "420684106")}
    items = {one["list"]: one.get("from") for one in lines if one["type"] == "ListItemEntered"}
    assert items == {"ASSIST-BASIC": None, "ASSIST-ASSIST": "420684-justice"}
    assert head() == before


def test_what_is_open_is_written_down_decided_and_then_recorded(
    registry: tuple[Run, Callable[[], int]], tmp_path: Path
) -> None:
    run, head = registry
    file, mapping = tmp_path / "清单.csv", tmp_path / "mapping.yaml"
    file.write_text(TEXT, "utf-8")
    before = head()
    refused = run("lists", "import", str(file), *OPTIONS, "--save-mapping", str(mapping))
    assert refused.returncode == 1
    printed = refused.stderr.decode()
    assert "清单!B4: needs-confirmation" in printed
    assert "清单!C4: unknown-department" in printed
    assert "not-imported" in printed
    assert head() == before
    decided = yaml.safe_load(mapping.read_text("utf-8"))
    assert decided["matters"] == {"人口普查入户登记工作": "? D-CENSUS 人口普查入户登记"}
    assert decided["units"]["哪个局"].startswith("?")
    decided["matters"]["人口普查入户登记工作"], decided["units"]["哪个局"] = "D-CENSUS", "none"
    mapping.write_text(yaml.safe_dump(decided, allow_unicode=True), "utf-8")
    shown = run("lists", "import", str(file), *OPTIONS, "--mapping", str(mapping), "--dry-run")
    assert shown.returncode == 0
    assert "事项名称 name" in shown.stdout.decode()
    assert "3 decisions to record" in shown.stdout.decode()
    assert head() == before
    unasked = run("lists", "import", str(file), *OPTIONS, "--mapping", str(mapping))
    assert unasked.returncode == 1
    assert "not-confirmed" in unasked.stderr.decode()
    assert (
        "这是 2 项职责，由宜城市各镇（街道）配合，自 2025-03-01 起，依据宜办发〔2025〕6号。对吗？"
        in unasked.stderr.decode()
    )
    assert head() == before
    done = run("lists", "import", str(file), *OPTIONS, "--mapping", str(mapping), *STATED, "--json", "--by", "组织部")
    assert done.returncode == 0
    lines = [json.loads(line) for line in done.stdout.splitlines()]
    assert [line["type"] for line in lines] == ["ListAdopted", "ListItemEntered", "ListItemEntered"]
    assert head() == before + 3
    again = run("lists", "import", str(file), *OPTIONS, "--mapping", str(mapping))
    assert "0 decisions recorded" in again.stdout.decode()


@pytest.mark.parametrize(("answer", "recorded"), [("n", 0), ("", 0), ("y", 2)])
def test_at_a_terminal_only_yes_records(
    new_database: Callable[[], str], tmp_path: Path, answer: str, recorded: int
) -> None:
    url = new_database()
    with database.connect(url) as connection:
        record(connection, sheets_county.journal())
        before = recorder.head(connection)[0]
    file = tmp_path / "清单.csv"
    file.write_text("上级部门收回事项清单\n序号,事项名称\n1,防溺水巡查\n", "utf-8")
    keyboard, terminal = pty.openpty()
    os.write(keyboard, f"{answer}\n".encode())
    done = subprocess.run(
        [sys.executable, "-m", "registry", "lists", "import", str(file), *OPTIONS],
        stdin=terminal,
        capture_output=True,
        env=os.environ | {"REGISTRY_DATABASE_URL": url},
        timeout=120,
        check=False,
    )
    os.close(keyboard)
    os.close(terminal)
    assert "This is 1 duty that townships of 宜城市 may NOT be given, from 2025-03-01" in done.stderr.decode()
    assert (done.returncode == 0) is bool(recorded)
    with database.connect(url) as connection:
        assert recorder.head(connection)[0] == before + recorded


def test_errors_as_json_and_wrong_options(registry: tuple[Run, Callable[[], int]], tmp_path: Path) -> None:
    run, _ = registry
    file = tmp_path / "清单.csv"
    file.write_text(TEXT, "utf-8")
    refused = run("lists", "import", str(file), *OPTIONS, "--json")
    assert refused.returncode == 1
    errors = [json.loads(line) for line in refused.stdout.splitlines()]
    assert [(error["cell"], error["code"]) for error in errors] == [
        ("B4", "needs-confirmation"),
        ("C4", "unknown-department"),
    ]
    for wrong in (("--kind", "x"), ("--accept", "all"), ("--from", "2025"), ("--instrument-title", "x")):
        assert run("lists", "import", str(file), *OPTIONS, *wrong).returncode == 2
    assert run("lists", "import", str(tmp_path / "nothing.xlsx"), *OPTIONS).returncode == 1
    assert run("lists", "import", str(file), *OPTIONS, "--mapping", str(file)).returncode == 1


def test_every_row_is_accounted_for_and_a_wrong_number_of_items_is_asked_about(
    registry: tuple[Run, Callable[[], int]], tmp_path: Path
) -> None:
    run, head = registry
    file = tmp_path / "清单.csv"
    rows = "1,社区矫正工作,司法局\n*2,森林防灭火,林业局\n注：带*的试点。\n"
    file.write_text(f"配合履职事项清单（共3项）\n序号,事项名称,对应上级部门\n{rows}", "utf-8")
    before = head()
    refused = run("lists", "import", str(file), *OPTIONS, "--rows")
    assert refused.returncode == 1
    assert "读入 5 行：事项 2、标题 1、表头 1、注释 1。" in refused.stdout.decode()
    assert "清单!A4  事项 items  *2 森林防灭火 林业局" in refused.stdout.decode()
    assert "清单!A1: count-differs" in refused.stderr.decode()
    assert head() == before
    looked_at = run("lists", "import", str(file), *OPTIONS, *STATED, "--miscounted")
    assert looked_at.returncode == 0
    assert "事项 items  *2" not in looked_at.stdout.decode()
    assert "清单!A4: marked-rows" in looked_at.stderr.decode()
    assert head() == before + 3
