"""What is read for many findings, or many decisions, at once: first days, ways out, findings opened and closed."""

from __future__ import annotations

from datetime import date
from typing import Final, TypeVar

from registry import impact
from registry.checker import Finding
from registry.impact.remedies import Remedy, remedies
from registry.impact.since import MOST, since
from registry.queries.findings.counts import CountedFinding
from registry.queries.findings.origins import Origin, origins
from registry.queries.findings.steps import Step, Waiver, steps, waivers
from registry.recording.unit_of_work import Busy
from registry.relations.two_times import AsOf
from registry.web.graphql.context import RequestContext
from registry.web.problems import problem

REMEDIED: Final = 30  # findings of one answer, each on its day, whose ways out are tried
REMEDYING: Final = 5.0  # seconds of the processor after which an answer tries no further ones


AnyFinding = TypeVar("AnyFinding", Finding, CountedFinding)


async def load_since(
    context: RequestContext, findings: list[AnyFinding], moment: AsOf
) -> dict[AnyFinding, date | None]:
    """The first day of the unbroken time in which each finding holds."""
    answers: dict[AnyFinding, date | None] = {}
    for start in range(0, len(findings), MOST):
        page = findings[start : start + MOST]
        first_days = await context.run_in_thread(context.resources.checked.since, moment, page, since)
        answers |= {finding: first_days[finding.key] for finding in page}
    return answers


async def load_origins(context: RequestContext, subjects: list[str], moment: AsOf) -> dict[str, Origin]:
    """From whom what findings are about came, and by which document, by subject."""
    return await origins(context.pool, moment, subjects)


async def load_steps(context: RequestContext, subjects: list[str], moment: AsOf) -> dict[str, Step]:
    """What subjects are, in force or not."""
    return await steps(context.pool, moment, subjects)


async def load_waivers(context: RequestContext, findings: list[Finding], moment: AsOf) -> dict[Finding, Waiver]:
    """The waivers in force of these findings."""
    by_key = await waivers(context.pool, moment, {finding.unit for finding in findings})
    return {finding: by_key[finding.key] for finding in findings if finding.key in by_key}


async def load_remedies(context: RequestContext, findings: list[Finding]) -> dict[Finding, list[Remedy]]:
    """The ways out of each finding."""
    if context.count_costly("ways out", findings) > REMEDIED:
        raise problem(
            "too-costly",
            f"一次最多给出 {REMEDIED} 个问题的整改办法。",
            f"Ways out are tried for at most {REMEDIED} findings at once.",
        )
    answers: dict[Finding, list[Remedy]] = {}
    for finding in findings:
        spent, done = context.spent_on(remedies), len(answers)
        if spent > REMEDYING:
            raise problem(
                "too-costly",
                f"计算 {done} 个问题的整改办法已用去 {spent:.0f} 秒，请减小 first，分几次查询。",
                f"Ways out of {done} findings took {spent:.0f} seconds; ask for fewer at once.",
            )
        try:
            answers[finding] = await context.run_in_thread(remedies, finding)
        except Busy as busy:
            raise problem(busy.code, busy.zh, busy.en) from None
    return answers


async def load_assessed(context: RequestContext, spans: list[str]) -> dict[str, impact.Difference]:
    """What the decisions after one position up to another opened and closed; spans as `12 15`."""
    answers: dict[str, impact.Difference] = {}
    for span in spans:
        before, after = map(int, span.split())
        answers[span] = await context.run_in_thread(impact.assessed, before, after)
    return answers
