"""The account of an incident as a document, in Chinese whatever the reader's language."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from registry.domain.labels import CASE_OUTCOME, MATTER_KIND
from registry.exchange.statement import Section, Statement
from registry.web.console.views.accountability_bearers import Bearers, PowerSource, sentence, source_line
from registry.web.console.views.accountability_seen import (
    ABOVE_IN_PART,
    ABOVE_OUTSIDE,
    CHAIN_OUTSIDE,
    DUTY,
    NO_CASES,
    NO_CASES_SEEN,
    TO_COME,
    Outside,
)
from registry.web.console.words import day_of, word, words

Data = dict[str, Any]


def when_recorded(positions: set[int], recorded: dict[int, str], on: date, outside: Outside) -> list[str]:
    """Whether what the holdings come from had been recorded by the day, in a line; none where they come from none."""
    rests = len(positions)
    later = sorted(position for position, written in recorded.items() if day_of(written) > on)
    afterwards = f"{len(later)}项是事发之日以后记入的（第{'、'.join(map(str, later))}号决定）。" if later else ""
    if not rests:
        return []
    if rests > len(recorded):
        unseen = f"其中{rests - len(recorded)}项不在您能查看的范围内，是否在事发之日以前记入，这里不能说明。"
        return [f"承担和来源出自{rests}项记录，{unseen}{'其余的有' if later else ''}{afterwards}"]
    if later:
        return [f"承担和来源出自{rests}项记录，其中{afterwards}"]
    listed = "所列的" if outside.above or outside.chain else ""
    return [f"{listed}承担和来源所出自的记录，事发之日都已记入。"]


@dataclass(frozen=True, slots=True)
class Besides:
    """What a statement says besides the answer of the API.

    `recorded`: whether what it rests on had been recorded by the day; `borne`: who bore the matter, where the unit did
    not; `sources`: by what it had each power; `known`, `newest`: up to which entry of the log, and which is the last.
    """

    recorded: Sequence[str]
    borne: Bearers | None
    sources: Sequence[PowerSource]
    known: int
    evidence: str
    ahead: bool


def statement_of(data: Data, outside: Outside, besides: Besides) -> Statement:
    """The statement for an incident, part by part."""
    account: Data = data["accountability"]
    outcomes: Data = account["precedentOutcomes"]
    required = "、".join(one["name"] for one in account["required"]) or "无"
    missing = "、".join(one["name"] for one in account["missing"]) or "无"
    zh: Any = _Chinese()
    kind = MATTER_KIND[data["matter"]["kind"].lower()].zh
    powers = [f"履行该事项所需的权力：{required}；当天不具备的：{missing}。"]
    duty = data["matter"]["kind"] == DUTY
    nothing = "当天没有承担这一事项。" if duty else "当天没有登记在其名下。"
    if not duty:
        powers = [f"该事项属于{kind}，不是职责。"]
    elif not account["required"]:
        powers = ["履行该事项不需要专门的权力。"]
    powers += [source_line(source).zh for source in besides.sources]
    needs, brings = words(zh, account["needs"]) or "没有写明", words(zh, account["brings"]) or "没有"
    means = f"需要的保障：{needs}；随附的保障：{brings}。"
    cases = [
        f"（{number}）{one['title']}（{one['by']['name']}，{one['on']}）："
        f"{CASE_OUTCOME[one['outcome']].zh}。{one['why'] or ''}"
        for number, one in enumerate(account["precedents"][:10], 1)
    ]
    basis: list[str] = data["matter"]["basis"]
    chain, above = _links(account["chain"], basis), _links(account["above"], basis)
    if outside.chain:
        chain.append(CHAIN_OUTSIDE.zh)
    if outside.above:
        above.append((ABOVE_IN_PART if above else ABOVE_OUTSIDE).zh)
    within = "您能查看的范围内：" if outside.cases else ""
    counted = f"{within}免责{outcomes['exempted']}起，从轻或减轻{outcomes['lightened']}起，追责{outcomes['held']}起。"
    borne = _borne(besides.borne, data["matter"]["kind"], basis)
    return Statement(
        data["unit"]["name"],
        data["matter"]["name"],
        f"{TO_COME.zh if besides.ahead else ''}{account['message']}{borne[0] if borne else ''}",
        [
            Section("承担和来源", [*(chain or [nothing]), *besides.recorded]),
            *([Section("当天由谁承担", borne)] if borne else []),
            Section("权力和保障", [*powers, means]),
            Section("上一级的承担", above or ["上一级没有承担。"]),
            Section("当时存在的问题", [one["message"] for one in account["findings"]] or ["当时没有查出问题。"]),
            Section("类似案例", [counted, *cases] if cases else [(NO_CASES_SEEN if outside.cases else NO_CASES).zh]),
            Section("依据和核验", [f"本说明按登记簿到第{besides.known}号记录时所知出具。", besides.evidence]),
        ],
    )


class _Chinese:
    """What `words` asks of a view, in Chinese whatever the reader's language."""

    @staticmethod
    def localized(zh: str, _: str) -> str:
        return zh


def _borne(borne: Bearers | None, kind: str, basis: Sequence[str]) -> list[str]:
    """Who bore the matter, by what, and with which powers: lines."""
    if borne is None:
        return []
    listed = _links(borne.rows, basis)
    left = [f"另有{borne.total - len(borne.rows)}项承担，没有列出。"] if borne.total > len(borne.rows) else []
    return [sentence(borne, kind).zh, *listed, *left, *borne.powers]


def _links(chain: Sequence[Data], basis: Sequence[str]) -> list[str]:
    """The holdings of a chain, each in a line; `basis`: the articles by which the law gives the matter."""
    zh: Any = _Chinese()
    lines: list[str] = []
    for number, one in enumerate(chain, 1):
        sender = f"由{one['from']['name']}" if one["from"] else ""
        how = {
            "law": "依照法律规定",
            "list": f"{sender}按清单分派",
            "delegation": f"{sender}以“{word(zh, one['mode'])}”方式交办",
        }[one["by"]]
        paper = one["instrument"]
        law = f"，依据{'、'.join(basis)}" if one["by"] == "law" and basis else ""
        document = f"，依据《{paper['title'].strip('《》')}》（{paper['number']}）" if paper else law
        lasting = f"自{one['since']}起" + (f"至{one['until']}前" if one["until"] else "")
        means = f"，随附{words(zh, one['brings'])}" if one["brings"] else ""
        role = f"，{word(zh, one['role'])}承担" if one["role"] else ""
        lines.append(
            f"（{number}）{one['unit']['name']}：{lasting}，{how}{role}{document}{means}（第{one['position']}号决定）。"
        )
    return lines
