"""`registry check`: what is wrong on a day, and why."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import date
from typing import TYPE_CHECKING, Annotated, Any, Final

import typer

from registry import checker
from registry.checker import Finding
from registry.cli.lines import write
from registry.cli.questions import known_position
from registry.cli.terminal import AS_OF, JSON, KNOWN, day, fail, report
from registry.database import connect, url
from registry.domain.text import counted
from registry.queries.units.resolve import need_rule, resolve_unit_now
from registry.relations.two_times import AsOf

if TYPE_CHECKING:
    import psycopg

FEW: Final = 100  # up to so many findings their ways out are worked out unasked


def check(
    as_of: AS_OF = None,
    known: KNOWN = None,
    within: Annotated[
        str | None, typer.Option(help="只看该单位辖区：代码或名称。 / Only that unit's territory: its code or name.")
    ] = None,
    rule: Annotated[str | None, typer.Option(help="只看该规则。 / Only that rule.")] = None,
    remedies: Annotated[
        bool | None,
        typer.Option(
            "--remedies/--no-remedies",
            help="JSON 中给出整改办法；缺省为问题不多时。 / Ways out in JSON; default: where findings are few.",
        ),
    ] = None,
    workers: Annotated[
        int, typer.Option(min=1, max=64, help="由几个进程同时判定。 / Processes that judge at the same time.")
    ] = 1,
    cluster: Annotated[
        str | None,
        typer.Option(help="由 Dask 集群判定：调度器地址（tcp://主机:8786）。 / Judged by this Dask cluster."),
    ] = None,
    as_json: JSON = False,
) -> None:
    """检查：列出问题及其依据。 / Check: print what is wrong, and why."""
    if rule is not None:
        need_rule(rule)
    if cluster is not None and workers > 1:
        fail("bad-usage", "--workers 和 --cluster 只能选一个。", "Give --workers or --cluster, not both.", 2)
    with connect() as connection:
        position, when = known_position(connection, known), day(as_of)
        if within is not None:
            within = resolve_unit_now(connection, within, AsOf(when, position))
        findings = _findings(connection, (when, position, within, rule), workers, cluster)
        if as_json:
            for line in _lines(connection, findings.count, findings.each, remedies):
                write(line)
            return
    for finding in findings.each:
        print(f"{finding.severity} {finding.rule}  {finding.unit}  {finding.subject}")
        print(f"  {finding.message.zh}")
        print(f"  {finding.message.en}")
        print(f"  依据 basis: {'；'.join(finding.basis)}")
        if finding.path:
            print(f"  链条 path: {' → '.join(finding.path)}")
    print(f"{when} 共 {findings.count} 个问题（日志截至 {position}）。")
    print(f"{counted(findings.count, 'finding')} as of {when}, as known at position {position}.")


def _findings(
    connection: psycopg.Connection[Any],
    question: tuple[date, int, str | None, str | None],
    workers: int,
    cluster: str | None,
) -> checker.Findings:
    if workers == 1 and cluster is None:
        return checker.check_in_pieces(connection, *question)
    from registry.checker.judges import PER_WORKER, by_processes

    if cluster is None:
        judge = by_processes(url(), workers)
        return checker.check_in_pieces(connection, *question, at_least=workers * PER_WORKER, judge=judge)
    from registry.checker.cluster import cluster_at

    with cluster_at(cluster) as (judge, threads):
        return checker.check_in_pieces(connection, *question, at_least=threads * PER_WORKER, judge=judge)


def _lines(
    connection: psycopg.Connection[Any], count: int, findings: Iterable[Finding], with_remedies: bool | None
) -> Iterator[dict[str, object]]:
    """Yield each of so many findings as the contract writes it.

    `with_remedies`: always, never, or (None) where they are few.
    """
    wanted = count <= FEW if with_remedies is None else with_remedies
    if with_remedies is None and not wanted:
        report(
            f"问题多于 {FEW} 个，未逐一给出整改办法（需要时加 --remedies）。 / "
            f"More than {FEW} findings: their ways out are left out (--remedies gives them)."
        )
    for finding in findings:
        yield checker.as_json(_with_remedies(connection, finding) if wanted else finding)


def _with_remedies(connection: psycopg.Connection[Any], finding: Finding) -> Finding:
    """Give the finding with its ways out; without them where the log is busy."""
    from registry.impact.remedies import remedies
    from registry.recording.unit_of_work import Busy

    try:
        ways = remedies(connection, finding)
    except Busy as busy:
        report(f"{busy.code}: {busy}")
        return finding
    return replace(
        finding,
        remedies=tuple(
            {
                "action": way.action,
                "message": {"zh": way.message.zh, "en": way.message.en},
                "decisions": way.decisions,
                "opens": [list(opened.key) for opened in way.opens],
                "closes": [list(closed.key) for closed in way.closes],
            }
            for way in ways
        ),
    )
