"""One request's way to ask: its moment, and loaders that put what many objects ask for into one statement."""

from __future__ import annotations

import asyncio
import time
from collections import defaultdict
from collections.abc import Awaitable, Callable, Hashable, Iterable, Mapping, Sequence
from datetime import date, datetime
from typing import Any, Concatenate, Final, ParamSpec, Self, TypeVar, cast

import psycopg
from strawberry.dataloader import DataLoader
from strawberry.types import Info

from registry.access.operations import ROLES, Rule
from registry.access.territory import EVERYWHERE, Territory
from registry.access.viewer import OPEN, Viewer
from registry.domain.dates import today
from registry.relations import two_times
from registry.relations.two_times import AsOf
from registry.web.graphql.scalars import Known
from registry.web.problems import bad_value, problem
from registry.web.resources import ServerResources

P = ParamSpec("P")
T = TypeVar("T")
Spent = defaultdict[Callable[..., Any], float]
SPENDABLE: Final = 20.0  # seconds of the processor that one question may spend in threads before it begins more there
AT_ONCE: Final = 2  # threads that one question takes at a time: the others' questions get the rest
# A question about several codes (or other keys) at once: (context, codes, *what else) -> answers by code.
Question = Callable[..., Awaitable[Mapping[Any, T]]]


class RequestContext:
    """What resolvers find in their context.

    `spent`: the seconds of the processor that the same question has spent before, by what was run in threads.
    """

    def __init__(
        self, resources: ServerResources, pool: Any, viewer: Viewer = OPEN, spent: Spent | None = None
    ) -> None:
        self.resources = resources
        self.viewer = viewer
        self.pool = pool
        self._newest: asyncio.Future[int] | None = None
        self._territories: dict[Rule, asyncio.Future[Territory]] = {}
        self._loaders: dict[Question[Any], DataLoader[Any, Any]] = {}
        self._costly: dict[str, set[Hashable]] = {}
        self._spent: Spent = defaultdict(float) if spent is None else spent
        self._threads = asyncio.Semaphore(AT_ONCE)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._forget()  # loaders hold their context: what they loaded would wait for the garbage collector

    def renew(self) -> None:
        """Forget what was asked: an event of a subscription is answered as what comes after those before it."""
        self._forget()
        self._costly.clear()
        self._spent.clear()

    def _forget(self) -> None:
        self._newest = None
        self._territories.clear()
        self._loaders.clear()

    async def run_in_thread(
        self, work: Callable[Concatenate[psycopg.Connection, P], T], *args: P.args, **kwargs: P.kwargs
    ) -> T:
        """The result of `work(connection, …)`, run in a thread with a connection of its own, in no transaction.

        How much work stands behind a field no document shows: it hangs on what is recorded. So what a question has
        spent is counted, and it begins nothing more beyond SPENDABLE. Raises too-costly then.
        """
        return await self._run(self.resources.run_in_thread, work, *args, **kwargs)

    async def run_long(
        self, work: Callable[Concatenate[psycopg.Connection, P], T], *args: P.args, **kwargs: P.kwargs
    ) -> T:
        """As `run_in_thread`, of what can take many seconds: other questions do not wait for it."""
        return await self._run(self.resources.run_long, work, *args, **kwargs)

    async def _run(
        self, run: Any, work: Callable[Concatenate[psycopg.Connection, P], T], *args: P.args, **kwargs: P.kwargs
    ) -> T:
        def counted(connection: psycopg.Connection) -> T:
            begun = time.thread_time()
            try:
                return work(connection, *args, **kwargs)
            finally:
                self._spent[work] += time.thread_time() - begun

        async with self._threads:
            if sum(self._spent.values()) > SPENDABLE:
                raise problem(
                    "too-costly",
                    f"这一查询已计算 {SPENDABLE:.0f} 秒以上，请分几次查询。",
                    f"This question has been computed for more than {SPENDABLE:.0f} seconds; ask for less at once.",
                )
            return await run(counted)

    def spent_on(self, work: Callable[..., Any]) -> float:
        """How many seconds of the processor this question has spent so far on a function run in threads."""
        return self._spent[work]

    def count_costly(self, what: str, keys: Iterable[Hashable]) -> int:
        """How many different things of a costly kind this request has come to with these, each with its moment.

        A loader alone cannot bound them: of a list that is made piece by piece it is asked piece by piece.
        """
        counted = self._costly.setdefault(what, set())
        counted.update(keys)
        return len(counted)

    async def newest(self) -> int:
        """The newest position when this request first asked: all of it is answered as known there."""
        if self._newest is None:
            self._newest = asyncio.ensure_future(two_times.newest(self.pool))
        return await self._newest

    async def territory(self, rule: Rule = Rule.TERRITORY) -> Territory:
        """What the viewer sees of what is not published, by a rule, as the tree is now."""
        if self.viewer.open:
            return EVERYWHERE
        if rule not in self._territories:
            self._territories[rule] = asyncio.ensure_future(self._load_territory(rule))
        return await self._territories[rule]

    async def _load_territory(self, rule: Rule) -> Territory:
        viewer = self.viewer.with_roles(*ROLES[rule])
        return await self.resources.territories.of(viewer, self.pool, await self.newest())

    async def moment(self, as_of: date | None = None, known: Known | None = None) -> AsOf:
        """The moment that a field's arguments say; today, and the newest position, where they say nothing."""
        newest = await self.newest()
        position = newest
        if known is not None:
            given = known.position if isinstance(known.position, int) else None
            time = known.time if isinstance(known.time, datetime) else None
            if (given is None) == (time is None):
                raise bad_value(
                    "known",
                    "known 须写明 position 或 time，且只写其一。",
                    "known needs a position or a time, and only one of them.",
                )
            if given is not None:
                if given < 0:
                    raise bad_value("known", f"序号不能为负数：{given}。", f"A position is not negative: {given}.")
                try:
                    position = two_times.reached(given, newest)
                except two_times.UnknownPosition as unknown:
                    raise problem(unknown.code, *unknown.text, field="known") from None
            elif time is not None:
                position = min(await two_times.position_at(self.pool, time), newest)
        return AsOf(min(as_of or today(), two_times.LAST), position)

    async def load(self, question: Question[T], code: Any, *what: Any) -> T | None:
        """The answer about one code; asked together with what others ask in the same way at the same time."""
        loader = self._loaders.get(question)
        if loader is None:
            loader = self._loaders[question] = DataLoader(load_fn=lambda keys: self._ask(question, keys))
        return await loader.load((code, what))

    async def _ask(self, question: Question[T], keys: Sequence[tuple[Any, tuple[Any, ...]]]) -> list[T | None]:
        codes: dict[tuple[Any, ...], list[Any]] = {}
        for code, what in keys:
            codes.setdefault(what, []).append(code)
        answers = {what: await question(self, of_question, *what) for what, of_question in codes.items()}
        return [answers[what].get(code) for code, what in keys]


def context_of(info: Info[Any, Any]) -> RequestContext:
    """The request's way to ask."""
    return cast(RequestContext, info.context)
