"""The question at the village window: may this village issue what a person asks for in these words?"""

from __future__ import annotations

from datetime import date
from typing import Annotated

import strawberry
from strawberry.types import Info

from registry.queries import certificates
from registry.queries.certificates import Advice, Answer, UnknownVillage, demands
from registry.queries.certificates.wording import Lang
from registry.queries.units.resolve import AmbiguousUnit, UnknownUnit, resolve_unit
from registry.relations.two_times import NEWEST, AsOf
from registry.web.graphql import loaders
from registry.web.graphql import types as t
from registry.web.graphql.context import context_of
from registry.web.graphql.scalars import Known
from registry.web.graphql.seeing import resolve_within, territory
from registry.web.graphql.services import Service, service_of
from registry.web.graphql.types import ID
from registry.web.problems import bad_value, problem

LANGUAGES = ("zh", "en")


@strawberry.type(description="可选的证明。 One of several certificates that may be meant.")
class CertificateChoice:
    code: ID | None = strawberry.field(
        description="事项编码；清单中没有对应事项的为空。 null where no matter is meant."
    )
    name: str
    status: str = strawberry.field(description="ALLOWED、FORBIDDEN 或 UNLISTED。")


@strawberry.type(
    description="话里特别问到的一样（如财产证明里的收入）怎么办。 What to tell of what was asked about in particular."
)
class CertificateAdvice:
    row: strawberry.Private[Advice]
    legal_basis: list[str] = strawberry.field(description="依据。 What it rests on.")

    @strawberry.field(description="问到的是哪一样。 What it is about, in zh or en.")
    def about(self, lang: str = "zh") -> str:
        return self.row.about.en if _language(lang) == "en" else self.row.about.zh

    @strawberry.field(description="怎么办。 What to tell, in zh or en.")
    def text(self, lang: str = "zh") -> str:
        return self.row.text.en if _language(lang) == "en" else self.row.text.zh


@strawberry.type(description="能不能开证明。 What a village may do about a certificate that is asked for.")
class CertificateAnswer:
    row: strawberry.Private[Answer]
    village: strawberry.Private[str]
    moment: strawberry.Private[AsOf]
    status: str = strawberry.field(
        description="可以出具、不得出具、不在清单、须选择、没看懂。 ALLOWED, FORBIDDEN, UNLISTED, AMBIGUOUS or UNKNOWN"
    )
    reason: str = strawberry.field(
        description="为何如此。 listed, closed-list, open-list, no-list, several, empty, too-long, nothing-named, "
        "burden, duty, not-understood"
    )
    name: str | None = strawberry.field(description="证明名称。 What it is called.")
    issuer: str | None = strawberry.field(description="出具机关。 Who issues it instead.")
    alternative: str | None = strawberry.field(description="替代办法。 What does instead.")
    materials: list[str] = strawberry.field(description="须带材料。 What to bring.")
    procedure: str | None = strawberry.field(description="怎样办。 How it is done.")
    online: str | None = strawberry.field(description="网上办理、核验处。 Where it is done or checked online.")
    legal_basis: list[str] = strawberry.field(
        description="依据，含法条。 All it rests on: the list's document, then the law's articles."
    )
    choices: list[CertificateChoice] = strawberry.field(
        description="须选择时的各项，包括没有编码的。 What to choose from, with what has no code."
    )

    advice: CertificateAdvice | None = strawberry.field(
        description="话里特别问到的一样怎么办；没有的为空。 Of what was asked about in particular; null: of nothing."
    )

    @strawberry.field
    async def matter(self, info: Info) -> t.Matter | None:
        return None if self.row.matter is None else await _matter(info, self.moment, self.row.matter)

    @strawberry.field(description="所据清单事项。 The item of a list that it rests on.")
    async def item(self, info: Info) -> t.ListItem | None:
        polarity = {"ALLOWED": "positive", "FORBIDDEN": "negative"}.get(self.status)
        if polarity is None:
            return None
        rows = await context_of(info).load(loaders.load_items, self.village, self.moment, polarity, "certificate") or []
        results = (row for row in rows if (row.list, row.item) == (self.row.list, self.row.item))
        return next((t.item_of(row, self.moment) for row in results), None)

    @strawberry.field(description="依据文件。 The documents that it rests on.")
    async def basis(self, info: Info) -> list[t.Instrument]:
        results = [await t.load_instrument(info, self.moment, number) for number in self.row.basis]
        return [instrument for instrument in results if instrument is not None]

    @strawberry.field(
        description="须选择时的各事项。 The matters to choose from, where it cannot be told which is meant."
    )
    async def candidates(self, info: Info) -> list[t.Matter]:
        results = [await _matter(info, self.moment, one.code) for one in self.row.candidates if one.code]
        return [matter for matter in results if matter is not None]

    @strawberry.field(description="可一并办理的“一件事”。 The services that include it: one application, one window.")
    def services(self) -> list[Service]:
        return [service_of(row, self.moment) for row in self.row.services]

    @strawberry.field(description="告诉群众的话。 What to tell the person, in zh or en.")
    def message(self, lang: str = "zh") -> str:
        return certificates.sentence(self.row, _language(lang))


@strawberry.type(description="某证明被要了几次。 How often a certificate was demanded.")
class DemandedCertificate:
    code: strawberry.Private[str]
    moment: strawberry.Private[AsOf]
    demanded: int

    @strawberry.field
    async def matter(self, info: Info) -> t.Matter:
        return await t.need_matter(info, self.moment, self.code)


@strawberry.type(description="某单位向村里要证明的情况。 What one unit demanded of villages.")
class CertificateDemands:
    row: strawberry.Private[demands.Demanding]
    moment: strawberry.Private[AsOf]
    demanded: int = strawberry.field(description="共要了几次。 All its demands.")
    forbidden: int = strawberry.field(description="其中当日为禁止出具的。 Of what a negative list forbade on the day.")
    unlisted: int = strawberry.field(description="其中当日不在封闭清单内的。 Of what was on none of the closed lists.")
    waived: int = strawberry.field(description="上两项中已豁免的。 Of these two, those waived.")
    villages: int = strawberry.field(description="违规涉及几个村。 Of how many villages, against the lists.")
    refs: list[ID] = strawberry.field(description="违规索要的编号，按日期。 The demands against the lists, by day.")

    @strawberry.field(description="索要单位。 Who demanded, read as its successor where dissolved.")
    async def unit(self, info: Info) -> t.Unit:
        return await t.need_unit(info, self.moment, self.row.unit)

    @strawberry.field(
        description="违规索要的各种证明。 The certificates it should not have demanded, the most frequent first."
    )
    async def matters(self) -> list[DemandedCertificate]:
        return [DemandedCertificate(code=code, moment=self.moment, demanded=often) for code, often in self.row.matters]


@strawberry.type
class CertificateQuestions:
    @strawberry.field(
        description="能不能开这个证明。 May this village issue the certificate a person asks for in these words? The "
        "words are neither logged nor kept."
    )
    async def certificate(self, info: Info, village: ID, text: str, as_of: date | None = None) -> CertificateAnswer:
        when = await context_of(info).moment(as_of)
        try:
            village = ID(await resolve_unit(context_of(info).pool, village, when))
        except AmbiguousUnit:
            raise
        except UnknownUnit:  # the answer says better that there is no such village
            pass
        try:
            row = await certificates.answer(context_of(info).pool, village, text, when.valid_at)
        except UnknownVillage as error:
            raise problem(error.code, error.zh, error.en, field="village") from None
        # It was answered by what the log knew a moment later than this request first asked.
        return answer_of(row, village, AsOf(when.valid_at, NEWEST))

    @strawberry.field(
        description="谁向村里要了不该要的证明。 Who demanded certificates of villages of a territory between two days, "
        "both included, judged by the rule certificate-demand; those that should not have demanded most first."
    )
    async def certificate_demands(
        self,
        info: Info,
        within: ID,
        from_: Annotated[date, strawberry.argument(name="from")],
        to: date,
        known: Known | None = None,
    ) -> list[CertificateDemands]:
        when = await context_of(info).moment(to, known)
        within = ID(await resolve_within(info, within, when))
        if to < from_:
            raise bad_value("to", f"to 不得早于 from：{to} < {from_}。", f"to must not be before from: {to} < {from_}.")
        results = await context_of(info).run_in_thread(
            demands.demands, within, from_, when.valid_at, when.known_at, (await territory(info)).codes
        )
        names = ("demanded", "forbidden", "unlisted", "waived", "villages")
        return [
            CertificateDemands(row=row, moment=when, refs=t.ids(list(row.refs)), **t.columns(row, *names))
            for row in results
        ]


def _language(lang: str) -> Lang:
    if lang not in LANGUAGES:
        raise bad_value("lang", f"没有语言 {lang}，可用：zh、en。", f"No language {lang}; use zh or en.")
    return "en" if lang == "en" else "zh"


async def _matter(info: Info, moment: AsOf, code: str) -> t.Matter | None:
    row = await context_of(info).load(loaders.load_matters, code, moment)
    return None if row is None else t.matter_of(row, moment)


def answer_of(row: Answer, village: str, moment: AsOf) -> CertificateAnswer:
    """An answer of the schema."""
    names = ("status", "reason", "name", "issuer", "alternative", "procedure", "online")
    choices = [CertificateChoice(**t.columns(one, "code", "name", "status")) for one in row.candidates]
    return CertificateAnswer(
        row=row,
        village=village,
        moment=moment,
        materials=list(row.materials),
        legal_basis=list(row.basis),
        choices=choices,
        advice=row.advice and CertificateAdvice(row=row.advice, legal_basis=list(row.advice.basis)),
        **t.columns(row, *names),
    )
