"""One request for a view: its moment, whose it is, how it asks the API, and the page or file that it answers with."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Final, cast

from fastapi import Request, Response
from fastapi.responses import RedirectResponse

from registry.access.territory import EVERYWHERE, Territory
from registry.domain.dates import today
from registry.exchange.file_names import storable
from registry.relations.two_times import AsOf
from registry.web import forms
from registry.web.console import asking, downloads
from registry.web.console.asking import Data
from registry.web.console.pictures import Picture, picture_file
from registry.web.console.rendering import rendered
from registry.web.console.tables import ALL, PAGE, Shown, Table, page_number
from registry.web.graphql.endpoint import unless_left
from registry.web.graphql.execution import Asking
from registry.web.graphql.relay import MOST
from registry.web.pages import address as lookup
from registry.web.pages.failure import in_word, offered
from registry.web.pages.rendering import Lang, address, language
from registry.web.resources import ServerResources
from registry.web.viewing import viewer

ONCE: Final = ("lang", "ages", "series")  # what is of one answer: no link on it keeps them
BAR: Final = ("as_of", "known")  # what the bar above every view keeps from one to the next
# What of an address says how a table is shown, not which rows it has.
NO_NARROWING: Final = ("format", "table", "picture", "sort", "page", "columns", "tab", "done", "token")
NARROWING: Final = 20  # characters of each in the name of a file


@dataclass(frozen=True, slots=True)
class View:
    """What a view works with.

    `moment`: the day and the position that are shown, as the bar says, today and the newest where it says nothing;
    `newest`: the newest position of all.
    """

    request: Request
    resources: ServerResources
    moment: AsOf
    newest: int
    lang: Lang

    @classmethod
    async def of(cls, request: Request, resources: ServerResources) -> View:
        """The view of a request. Raises Refused: bad-value, unknown-position; NoDatabase."""
        given = request.query_params
        reader = await resources.pool()
        known = lookup.known_as_written(given.get("known"))
        moment = await lookup.moment(reader, given.get("as_of"), known)
        newest = moment.known_at if not given.get("known") else (await lookup.moment(reader, None, None)).known_at
        if not moment.known_at and newest:
            lookup.refuse_before_all(given.get("known", ""))
        return cls(request, resources, moment, newest, language(request))

    # ------------------------------------------------------------------------------------------------------ asking

    async def ask(self, name: str, *, kept: bool = True, **variables: Any) -> Data:
        """The data of the question `questions/NAME.graphql`; its variables asOf, known and lang are those of the view.

        `kept=False` where the answer does not hang on the log alone. Raises Refused with the API's code.
        """
        own = {"asOf": str(self.moment.valid_at), "known": {"position": self.moment.known_at}, "lang": self.lang}
        declared = asking.question(name)[1]
        given = {**{key: value for key, value in own.items() if key in declared}, **variables}
        work = asking.ask(self._asking, name, given, self.newest if kept else None)
        return await unless_left(self.request, work)

    async def ask_all(self, name: str, path: str, *, kept: bool = True, **variables: Any) -> list[Data]:
        """All nodes of a connection, asked page by page (`$first`, `$after`).

        `path`: where it is in the data, with points: `unit.responsibilities`. Empty where something on the way is null.
        """
        nodes: list[Data] = []
        after: str | None = None
        while True:
            page: Data | None = await self.ask(name, kept=kept, first=MOST, after=after, **variables)
            for step in path.split("."):
                page = page and cast("Data | None", page[step])
            if page is None:
                return nodes
            nodes += page["nodes"]
            if not page["pageInfo"]["hasNextPage"]:
                return nodes
            after = page["pageInfo"]["endCursor"]

    async def ask_shown(self, name: str, path: str, **variables: Any) -> list[Data | None]:
        """All nodes of a connection for a page's main table, as `ask_all`; None for those after the page that is shown.

        Where the address wants them `whole` all are asked. The question asks `totalCount` too.
        """
        shown = PAGE * page_number(self.parameter("page"))
        if shown > MOST or self.whole:
            return list(await self.ask_all(name, path, **variables))
        answer = await self.ask(name, first=shown, after=None, **variables)
        for step in path.split("."):
            answer = answer[step]
        nodes: list[Data | None] = answer["nodes"]
        return nodes + [None] * (answer["totalCount"] - len(nodes))

    @property
    def whole(self) -> bool:
        """Whether the address has the rows of the main table sorted, filtered, all on one page or in a file."""
        return any(map(self.parameter, ("q", "sort", "format"))) or self.parameter("page") == ALL

    async def record(self, name: str, **variables: Any) -> Data:
        """The data of a mutation `questions/NAME.graphql`: recorded for the reader. Raises Refused with its code."""
        return await asking.ask(self._asking, name, variables, None)

    @property
    def _asking(self) -> Asking:
        return Asking(self.resources, viewer(self.request))

    async def seen(self) -> Territory:
        """What the reader sees of what is not published, as the tree of units is now."""
        who = viewer(self.request)
        if who.open:
            return EVERYWHERE
        return await self.resources.territories.of(who.reading, await self.resources.pool(), self.newest)

    async def part_seen(self) -> list[str]:
        """The names of the units that begin what the reader sees of the whole registry; empty where that is all of it.

        For views without a unit: what they show and count is of these alone.
        """
        own = await self.seen()
        return [] if own.everywhere else await self._names(own.roots)

    async def unit(self, code: str, *, of_territory: bool = True) -> Data:
        """A unit for the bar: code, name, level, `above`, the units over it from the highest down, and `partly`.

        `partly`: the names of what the reader sees of its territory, where that is not all of it; else empty, and where
        the view shows no more than what is published of the unit (`of_territory=False`).

        Raises Refused: unknown-unit, also where a name is borne by several.
        """
        code = await lookup.unit_by_name(await self.resources.pool(), self.moment, code)
        unit = (await self.ask("breadcrumb", code=code))["unit"]
        if unit is None:
            day = self.moment.valid_at
            lookup.refuse("unknown-unit", f"{day} 没有代码为“{code}”的单位。", f"On {day} there is no unit {code}.")
        above: list[Data] = []
        parent = unit.pop("parent")
        while parent is not None:
            above.insert(0, parent)
            parent = parent.pop("parent", None)
        partly = await self._partly(unit["code"]) if of_territory else []
        if not hasattr(self.request.state, "about"):  # the first is what the view is about
            only = self.localized(f"（只含{self.series(partly)}）", f" ({self.series(partly)} only)") if partly else ""
            self.request.state.about = unit["name"] + only
        return {**unit, "above": above, "partly": partly}

    async def _partly(self, code: str) -> list[str]:
        own = await self.seen()
        return await self._names(() if own.has(code) else own.above.get(code, ()))

    async def _names(self, roots: Sequence[str]) -> list[str]:
        units = [(await self.ask("breadcrumb", code=root))["unit"] for root in roots]
        return [root if one is None else one["name"] for root, one in zip(roots, units, strict=True)]

    # --------------------------------------------------------------------------------------------------- answering

    def parameter(self, name: str) -> str:
        """A parameter of the address, without blanks around it; empty where it is not given."""
        return self.request.query_params.get(name, "").strip()

    def choice(self, name: str, default: str = "") -> str:
        """A parameter that is one of what `failure.offer` has for it on this page. Raises Refused: bad-value."""
        given = self.parameter(name) or default
        return offered(self.request.url.path, name, given) if given else given

    def file_name(self, title: str, *, narrowed: bool = False) -> str:
        """What a file of the view is called: its title, the unit that it is about, and the day.

        `narrowed`: as well what the address narrows it to.
        """
        about = getattr(self.request.state, "about", "")
        named = " ".join(
            [title, *([about] if about not in title else []), *(self._narrowings(about + title) if narrowed else [])]
        )
        return f"{storable(named)} {self.moment.valid_at}"

    def _narrowings(self, named_already: str) -> list[str]:
        """What the address narrows its tables to, in words where it was offered in words; each short, as a name is."""
        named: list[str] = []
        for name, value in self.request.query_params.items():
            plain = name.rpartition("-")[2]
            if plain in NO_NARROWING or name in ("within", *ONCE, *BAR) or not value.strip():
                continue
            text = self.localized(*in_word(self.request.url.path, name, value.strip()))
            if text not in named_already:
                named.append(text[:NARROWING])
        return named

    def localized(self, zh: str, en: str) -> str:
        """The text of the reader's language."""
        return zh if self.lang == "zh" else en

    def series(self, names: Iterable[str]) -> str:
        """Several short names in a row, with the separator of the reader's language."""
        return self.localized("、", ", ").join(names)

    def clauses(self, texts: Iterable[str]) -> str:
        """Several longer texts in a row, with the separator of the reader's language."""
        return self.localized("；", "; ").join(texts)

    def in_brackets(self, text: str) -> str:
        """A text set after another in the brackets of the reader's language."""
        return self.localized(f"（{text}）", f" ({text})")

    @property
    def itself(self) -> str:
        """What stands behind the name of a unit that is counted without those below it."""
        return self.in_brackets(self.localized("本级", "itself"))

    def href(self, path: str, **parameters: str | None) -> str:
        """An address of the console, in the reader's language and at the moment that the bar says."""
        return address(path, self.lang, **{**self._bar, **parameters})

    def here(self, **changed: str | None) -> str:
        """The view's own address with some parameters others (None: without them)."""
        given = {**dict(self.request.query_params), **changed}
        for name in ONCE:
            if name not in changed:
                given.pop(name, None)
        return address(self.request.url.path, self.lang, **given)

    @property
    def _bar(self) -> dict[str, str]:
        return {name: self.parameter(name) for name in BAR}

    @property
    def past(self) -> tuple[date | None, int | None]:
        """The day, and the position, that the bar was set to; None for today, and for the newest position."""
        valid_at, known_at = self.moment.valid_at, self.moment.known_at
        return (None if valid_at == today() else valid_at, None if known_at == self.newest else known_at)

    @property
    def ahead(self) -> bool:
        """Whether the bar was set to a day to come."""
        return self.moment.valid_at > today()

    def download(self, *tables: Table, pictures: Sequence[Picture] = ()) -> Response | None:
        """The file of a table, where the address asks for one (`?format=xlsx`, and `table=` of several); else None.

        The same of a picture by `?format=svg`, and `picture=` of several. Raises Refused, bad-value: there is no such
        format, table or picture.
        """
        return (picture_file(self, pictures) if pictures else None) or downloads.download(self, tables)

    def shown(self, table: Table) -> Shown:
        """A table as the address wants it: sorted, filtered, one page of it."""
        return table.shown(self)

    def page(
        self,
        template: str,
        *,
        unit: Data | None = None,
        tables: Sequence[Table] = (),
        status: int = 200,
        **values: Any,
    ) -> Response:
        """The page of the view, from a template that extends frame.html.

        `unit`: the unit that the view is about (as `unit` gives it), whose breadcrumb the bar shows. `tables`: shown
        in the template by `{{ shown.NAME|table }}`, as the address wants them. `own_day=True`: the view is about a day
        of its own, so that the bar has none.
        """
        query = {name: value for name, value in self.request.query_params.items() if name != "lang"}
        return rendered(
            self.request,
            template,
            status=status,
            query=query,
            view=self,
            unit=unit,
            shown={table.name: self.shown(table) for table in tables},
            **{"own_day": False, **values, "href": self.href},
        )

    def form(self, template: str, *, note: tuple[str, str] | None = None, status: int = 200, **values: Any) -> Response:
        """A page with forms that change something: `{{ token }}` goes into their field `token`.

        `note`: why it is shown again, in zh and en. The routes of such a view depend on forms.with_forms, and check
        what is sent with forms.token_problem.
        """
        token = forms.new_token(self.request)
        page = self.page(template, status=status, token=token.text, note=note, **values)
        token.keep(self.request, page)
        return page

    def go(self, path: str, **parameters: str | None) -> Response:
        """On to another view, by GET: after something was recorded, so that loading again records nothing again."""
        return RedirectResponse(self.href(path, **parameters), 303)


def strings(data: Mapping[str, Any]) -> dict[str, str]:
    """The fields of a form or an address that have a text."""
    return {name: value.strip() for name, value in data.items() if isinstance(value, str) and value.strip()}
