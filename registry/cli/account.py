"""`registry account`: did a unit hold a matter on the day of an incident, by whom, and with what powers and means?"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Annotated, Any, Final

import psycopg
import typer

from registry import checker
from registry.cli.lines import with_code, write
from registry.cli.questions import answer
from registry.cli.terminal import JSON, KNOWN, day, fail
from registry.domain.labels import CASE_OUTCOME, ROLE
from registry.queries import instruments
from registry.queries.cases import precedents
from registry.queries.holdings import accountability
from registry.queries.holdings.accountability import Account
from registry.queries.holdings.holdings import Holding
from registry.queries.matters import matters
from registry.queries.units import units
from registry.queries.units.resolve import resolve_unit
from registry.relations.two_times import AsOf, Reader

CONCLUSION = {
    "NOT_HELD": ("当日不承担该事项。", "It did not hold the matter that day."),
    "ASSISTED": ("当日仅承担配合。", "It only had to assist that day."),
    "HELD_WITH_POWER": ("当日承担，并掌握所需权力。", "It held it that day, with the powers required."),
    "HELD_WITHOUT_POWER": ("当日承担，但不掌握所需权力。", "It held it that day, without the powers required."),
}
SHOWN: Final = 20  # cases printed
OF_NO_DUTY: Final = (
    ("这不是职责；当日未登记在其名下。", "It is no duty; it was not recorded as the unit's that day."),
    ("这不是职责；当日登记在其名下。", "It is no duty; it was recorded as the unit's that day."),
)
Names = Mapping[str, str]  # of units, matters and documents, by code or number


def account(
    matter: Annotated[str, typer.Argument(help="事项编码。 / The matter.")],
    unit: Annotated[str, typer.Option(help="单位：代码或名称。 / The unit: its code or name.")],
    on: Annotated[str, typer.Option(help="事发之日。 / The day of the incident.")],
    known: KNOWN = None,
    as_json: JSON = False,
) -> None:
    """问责查询：当日是否承担、由谁交办、有无权力和保障。 / Did the unit hold it that day, and with what powers?"""
    when = day(on)

    async def question(connection: psycopg.Connection[Any], reader: Reader, position: int) -> tuple[Account, Names]:
        moment = AsOf(when, position)
        code = await resolve_unit(reader, unit, moment)
        row = await accountability.account(reader, connection, moment, matter, code)
        if row is None:
            fail("unknown-matter", f"没有编码为“{matter}”的事项。", f"There is no matter {matter}.")
        return row, await _names(reader, moment, row)

    row, names = answer(question, known)
    if as_json:
        findings = [checker.as_json(finding) for finding in row.findings]
        fields = ("matter", "kind", "unit", "on", "known", "held", "role", "conclusion")
        plain = {name: getattr(row, name) for name in fields}
        means = {name: getattr(row, name) for name in ("required", "missing", "needs", "brings")}
        kept = {"holdings": row.holdings, "chain": row.chain, "above": row.above}
        chains = {name: [_as_object(each) for each in of] for name, of in kept.items()}
        similar = [asdict(each.case) | {"why": each.why._asdict()} for each in row.precedents]
        settled = {"precedents": similar, "precedent_outcomes": precedents.outcomes(row.precedents)}
        write(plain | means | chains | {"findings": findings} | settled)
        return
    zh, en = CONCLUSION[row.conclusion] if row.kind == "duty" else OF_NO_DUTY[row.held]
    print(f"{row.on}  {_named(names, row.unit)}  {_named(names, row.matter)}：{zh}\n{en}")
    _print_holdings("来源链", "Chain", row.chain, names)
    required, missing = ("、".join(_named(names, each) for each in of) or "—" for of in (row.required, row.missing))
    print(f"所需权力 required: {required}  所缺 missing: {missing}")
    print(f"所需保障 needs: {'、'.join(row.needs) or '—'}  随附 brings: {'、'.join(row.brings) or '—'}")
    _print_holdings("上一级的承担", "What the next level up held", row.above, names)
    for finding in row.findings:
        print(f"{finding.severity} {finding.rule}  {finding.subject}\n  {finding.message.zh}\n  {finding.message.en}")
    _print_precedents(row)


async def _names(reader: Reader, moment: AsOf, row: Account) -> Names:
    """Give what units, matters and documents in the answer are called on the day."""
    holdings = [*row.holdings, *row.chain, *row.above]
    codes = {row.unit, *(each.unit for each in holdings), *(each.sender for each in holdings if each.sender)}
    papers = {each.instrument for each in holdings if each.instrument}
    named = {code: each.name for code, each in (await units.units(reader, moment, sorted(codes))).items()}
    of_matters = await matters.matters(reader, moment, sorted({row.matter, *row.required, *row.missing}))
    named |= {code: each.name for code, each in of_matters.items()}
    titles = await instruments.instruments(reader, moment, sorted(papers))
    return named | {number: f"《{each.title.strip('《》')}》" for number, each in titles.items()}


def _print_precedents(row: Account) -> None:
    if not row.precedents:
        return
    counts = precedents.outcomes(row.precedents)
    counted_text = "，".join(f"{CASE_OUTCOME[word].zh} {word} {count}" for word, count in counts.items())
    print(f"类似案例 / Cases that resemble it: {counted_text}")
    for each in row.precedents[:SHOWN]:
        case, word = each.case, CASE_OUTCOME[each.case.outcome]
        print(f"  {case.on}  {case.case}  {word.zh} {word.en}  {case.title}\n    {each.why.zh}\n    {each.why.en}")
    if len(row.precedents) > SHOWN:
        print(f"  另有 {len(row.precedents) - SHOWN} 个。 / {len(row.precedents) - SHOWN} more.")


def _named(names: Names, code: str) -> str:
    return with_code(names.get(code), code)


def _as_object(holding: Holding) -> dict[str, Any]:
    """Give a holding in the contract's words."""
    line = asdict(holding)
    return {"unit": line.pop("unit"), "matter": line.pop("matter"), "from": line.pop("sender")} | line


def _print_holdings(zh: str, en: str, holdings: Sequence[Holding], names: Names) -> None:
    print(f"{zh} / {en}:")
    for each in holdings:
        role = f"{ROLE[each.role].zh} {each.role}" if each.role else ""
        sender = f"  由 from {_named(names, each.sender)}" if each.sender else ""
        paper = _named(names, each.instrument) if each.instrument else ""
        print(f"  {_named(names, each.unit)}  {role}  {each.subject}{sender}  {paper}  {each.since} –")
    if not holdings:
        print("  —")
