"""What a view asks: a question to the API, in the server itself, answered for whoever reads the page.

A view has no way of its own to the database, so that it shows what the same reader is answered over GraphQL, and
nothing else. Its questions stand in `questions/`, as files.
"""

from __future__ import annotations

from functools import cache
from importlib import resources as files
from typing import Any, Final, NoReturn, cast

import orjson
from cachetools import LRUCache
from graphql import OperationDefinitionNode, parse

from registry.access.territory import READING, not_own
from registry.domain.dates import today
from registry.domain.text import Text
from registry.queries.units import units
from registry.relations.two_times import NEWEST, AsOf
from registry.web.failures import STATUS
from registry.web.graphql.endpoint import executed
from registry.web.graphql.execution import Asking
from registry.web.graphql.fast import hot
from registry.web.pages.failure import Refused
from registry.web.resources import ServerResources

Data = dict[str, Any]
KEPT: Final = 64 * 1024 * 1024  # bytes of answers that a process keeps
NOT_SEEN: Final = ("forbidden", "not-logged-in")
ANSWERS: Final[LRUCache[Any, bytes]] = LRUCache(KEPT, getsizeof=len)


@cache
def question(name: str) -> tuple[str, frozenset[str]]:
    """The text of a question under `questions/`, and the names of its variables."""
    text = (files.files("registry.web.console") / "questions" / f"{name}.graphql").read_text(encoding="utf-8")
    (operation,) = [each for each in parse(text).definitions if isinstance(each, OperationDefinitionNode)]
    return text, frozenset(variable.variable.name.value for variable in operation.variable_definitions or ())


async def ask(asking: Asking, name: str, variables: Data, newest: int | None) -> Data:
    """The data that a question is answered with for who asks. What the reader may not see is null in it.

    `newest`: the newest position, where the answer hangs on the log up to there alone: it is kept then, and given to
    the next who asks the same with the same roles; None where it hangs on more. Raises Refused with the API's code.
    """
    resources: ServerResources = asking.resources
    key = None
    if newest is not None:
        viewer = asking.viewer  # whose territory is that of today's tree
        written = orjson.dumps(variables, option=orjson.OPT_SORT_KEYS)
        key = (resources.url, name, written, viewer.open, viewer.grants, newest, today())
        if key in ANSWERS:
            return cast(Data, orjson.loads(ANSWERS[key]))
    answer = await _hot(asking, question(name)[0], variables) or await executed(asking, question(name)[0], variables)
    # One thing asked about that the reader may not see: forbidden. Several, of which some: null in the data.
    errors = [error for error in answer.get("errors", ()) if error["extensions"]["code"] not in NOT_SEEN]
    if errors or not answer.get("data"):
        await _refuse(resources, (errors or answer["errors"])[0])
    written = orjson.dumps(answer["data"])
    if key is not None and len(written) < KEPT:
        ANSWERS[key] = written
    return cast(Data, orjson.loads(written))


async def _hot(asking: Asking, text: str, variables: Data) -> Data | None:
    """The answer by one statement where the question is a hot one, as whoever asks over HTTP is answered."""
    resources, viewer = asking.resources, asking.viewer
    own = resources.territories.kept(viewer if viewer.open else viewer.with_roles(*READING))
    if own is None:
        return None
    written = await hot.answer(await resources.pool(), text, None, variables, own, resources.kept_answers)
    return None if written is None else cast(Data, orjson.loads(written))


async def _refuse(resources: ServerResources, error: Data) -> NoReturn:
    """Raise an error of the API as what a page cannot be shown for; a unit outside has its name, which is published."""
    code, message, hint = (error["extensions"][name] for name in ("code", "message", "hint"))
    of, outside = error["extensions"].get("field") or "", error["extensions"].get("unit") or ""
    shown = Text(message["zh"], message["en"])
    if outside:
        named = (await units.units(await resources.pool(), AsOf(today(), NEWEST), [outside])).get(outside)
        shown = shown if named is None else not_own(named.name)
    advice = (hint["zh"], hint["en"])
    raise Refused(code, STATUS.get(code, 400), shown, advice, field=of, outside=outside)
