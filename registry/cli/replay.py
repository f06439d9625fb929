"""`registry replay`: the read tables built anew, to compare them, to replace them, or to see a state of then."""

from __future__ import annotations

import sys
from collections.abc import Generator
from contextlib import contextmanager
from datetime import date
from typing import Annotated, Any, cast

import orjson
import psycopg
import typer
from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeRemainingColumn

from registry import replay as rebuilding
from registry.cli.lines import write
from registry.cli.questions import need_position
from registry.cli.terminal import JSON, console, day, fail
from registry.database import connect
from registry.domain.text import counted
from registry.impact.finding_feed.replaying import compare_open_findings, derive_anew
from registry.log.positions import NEWEST
from registry.replay import whole_log
from registry.replay.comparing import Progress as Report

TITLES = {
    "unit": "单位 units",
    "instrument": "依据文件 instruments",
    "matter": "事项 matters",
    "list": "清单 lists",
    "item": "清单条目 items",
    "vesting": "法定赋予 vestings",
    "delegation": "下放、交办、赋权 delegations",
    "demand": "索要证明 demands",
    "proposal": "拟下放 proposals",
    "report": "反映 reports",
    "waiver": "豁免 waivers",
    "rectification": "督办 orders",
    "rectification_answer": "督办答复 answers to orders",
    "precedent": "案例 cases",
    "assessment": "评议 assessments",
    "holding": "职责与有效权力 duties held and effective powers",
    "power": "职责与有效权力 duties held and effective powers",
}


def replay(
    switch: Annotated[
        bool, typer.Option("--switch", help="以重建的读表替换现有的。 / Put the rebuilt tables in use.")
    ] = False,
    until: Annotated[
        int | None, typer.Option(min=0, help="打印截至该序号的状态。 / Print the state up to that position.")
    ] = None,
    as_of: Annotated[str | None, typer.Option(help="该状态截至哪一天，缺省今天。 / As of which day (today).")] = None,
    findings: Annotated[
        bool, typer.Option("--findings", help="也重新推导问题动态。 / Derive the feed of findings anew as well.")
    ] = False,
    workers: Annotated[
        int | None,
        typer.Option(
            min=1, max=64, help="用几个进程，缺省每个处理器核心一个。 / Processes; default: one for each core."
        ),
    ] = None,
    as_json: JSON = False,
) -> None:
    """由日志重建全部读表并逐行比对。 / Rebuild every read table from the log and compare row for row."""
    if findings and (until is not None or as_of is not None):
        fail("bad-value", "--findings 不能与 --until、--as-of 同用。", "--findings takes no --until, --as-of.", 2)
    if switch and (until is not None or as_of is not None):
        fail("bad-value", "--switch 不能与 --until、--as-of 同用。", "--switch takes no --until, --as-of.", 2)
    with connect() as connection:
        if until is not None or as_of is not None:
            if until is not None:
                need_position(connection, until)
            _print_state(connection, NEWEST if until is None else until, day(as_of), workers, as_json=as_json)
            return
        _check_tags(connection, workers)
        if switch:
            with _progress() as progress:
                switched = rebuilding.switch(connection, progress, workers=workers)
            _print_switched(switched, as_json=as_json)
            if findings:
                _print_events(*derive_anew(connection, replace=True), as_json=as_json)
        else:
            with _progress() as progress:
                result = rebuilding.replay(connection, progress, workers=workers)
            differences = [*result.differences, *compare_open_findings(connection)]
            _print_compared(rebuilding.Replayed(result.decisions, differences), as_json=as_json)
            if findings:
                events, differences = derive_anew(connection, replace=False)
                _print_events(events, differences, as_json=as_json)
                if differences:
                    sys.exit(1)


def _check_tags(connection: psycopg.Connection[Any], workers: int | None) -> None:
    """Leave where decisions are not found under their tags: what is built by such a log is not what was recorded."""
    with _progress() as progress:
        differs = whole_log.differing_tags(connection, progress, workers=workers)
    if differs is not None:
        fail("log-altered", differs.zh, differs.en)


@contextmanager
def _progress() -> Generator[Report]:
    """A bar with the rate in decisions and the time left, where someone is looking."""
    columns = (
        TextColumn("重放 replay"),
        BarColumn(),
        TaskProgressColumn(),
        TextColumn("{task.fields[rate]:,.0f}/s"),
        TimeRemainingColumn(),
    )
    screen = console()
    with Progress(*columns, console=screen, transient=True, disable=not screen.is_terminal) as bar:
        task = bar.add_task("replay", total=None, rate=0.0)

        def update(done: int, total: int) -> None:
            bar.update(task, completed=done, total=total, rate=done / (bar.tasks[0].elapsed or 1))

        yield update


def _differences(differences: list[rebuilding.Difference], *, as_json: bool) -> None:
    for difference in differences:
        if as_json:
            line = {"table": difference.table, "kind": difference.kind, "count": difference.count}
            write(line | {"examples": difference.examples})
        else:
            zh, en = ("缺少", "missing") if difference.kind == "missing" else ("多出", "surplus")
            print(f"{difference.table}: {zh} {difference.count} 行 / {counted(difference.count, f'{en} row')}")
            for example in difference.examples:
                print("  " + orjson.dumps(example).decode())


def _print_compared(result: rebuilding.Replayed, *, as_json: bool) -> None:
    _differences(result.differences, as_json=as_json)
    if result.differences:
        sys.exit(1)
    if not as_json:
        print(f"重放 {result.decisions} 项决定，与现有读表逐行一致。")
        print(f"Replayed {counted(result.decisions, 'decision')}; every row agrees with what stands.")


def _print_events(events: int, differences: list[rebuilding.Difference], *, as_json: bool) -> None:
    _differences(differences, as_json=as_json)
    if not as_json:
        zh, en = ("，与现有的不同", "; they differ") if differences else ("，逐条一致", "; every one agrees")
        print(f"重新推导问题动态 {events} 条{zh}。")
        print(f"Derived {counted(events, 'finding event')} anew{en}.")


def _print_switched(switched: rebuilding.Switched, *, as_json: bool) -> None:
    _differences(switched.differences, as_json=as_json)
    if as_json:
        line = {"decisions": switched.decisions, "switched": True, "waited": round(switched.waited, 3)}
        write(line | {"left": switched.left})
        return
    if switched.differences:
        print("以上差异已随切换消除。 / The switch has done away with these differences.")
    print(f"重放 {switched.decisions} 项决定并切换读表，其间记录暂停 {switched.waited * 1000:.0f} 毫秒。")
    print(
        f"Replayed {counted(switched.decisions, 'decision')} and switched to the rebuilt tables; "
        f"recording waited {switched.waited * 1000:.0f} ms."
    )
    for schema in switched.left:
        print(f"旧表 {schema} 仍在使用，下次切换时删除。 / {schema} is still read; the next switch drops it.")


def _print_state(
    connection: psycopg.Connection[Any], until: int, as_of: date, workers: int | None, *, as_json: bool
) -> None:
    title = ""
    with _progress() as progress:
        for one in rebuilding.state(connection, until, as_of, progress, workers=workers):
            if as_json:
                write(one)
                continue
            if TITLES[one["kind"]] != title:
                title = TITLES[one["kind"]]
                print(f"# {title}")
            print("  " + "  ".join(_words(one)))


def _words(one: dict[str, Any]) -> Generator[str]:
    """Yield the parts of a row in one line: what it is called, then its other attributes."""
    for index, (name, value) in enumerate(one.items()):
        if name == "kind" or value is None or value is False or value == []:
            continue
        if isinstance(value, list):
            parts = cast("list[str | dict[str, str]]", value)
            listed = [" ".join(part.values()) if isinstance(part, dict) else part for part in parts]
            yield f"{name}={'、'.join(listed)}"
        elif value is True:
            yield name
        else:
            text = " ".join(str(value).split())
            yield text if index == 1 else f"{name}={text}"
