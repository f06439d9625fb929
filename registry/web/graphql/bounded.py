"""How lists of an answer are completed: counted, and piece by piece, so that others are answered meanwhile."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Any, Final, cast

from strawberry.schema.schema import StrawberryGraphQLCoreExecutionContext

from registry.web.graphql.limits import OBJECTS, costly

PIECE: Final = 250  # objects completed, and asked for in one statement, before the event loop is given back


class BoundedExecution(StrawberryGraphQLCoreExecutionContext):
    """The executor with a bound on the objects of one answer that holds however the question is written.

    What a document could ask for is estimated before it runs (`limits`); this counts what it got. Long lists are
    completed a piece at a time: between two pieces the loop answers others, and time-outs and clients that have left
    end the work.
    """

    def __init__(self, *args: Any, **more: Any) -> None:
        super().__init__(*args, **more)
        self._objects = 0

    def complete_iterable_value(
        self, item_type: Any, field_details_list: Any, info: Any, path: Any, items: Any, position_context: Any
    ) -> Any:
        """Complete a list. Raises too-costly where the answer holds more than OBJECTS by then."""
        rows = cast(Sequence[Any], items) if isinstance(items, (list, tuple)) else [*items]
        self._objects += len(rows)
        if self._objects > OBJECTS:
            raise costly(f"答案超过 {OBJECTS} 个对象。", f"The answer holds more than {OBJECTS} objects.")
        if len(rows) <= PIECE:
            parent: Any = super()
            return parent.complete_iterable_value(item_type, field_details_list, info, path, rows, position_context)
        return self._in_pieces(rows, path, (item_type, field_details_list, info), position_context)

    async def _in_pieces(self, rows: Sequence[Any], path: Any, field: tuple[Any, Any, Any], context: Any) -> list[Any]:
        executor: Any = self
        results: list[Any] = []
        for start in range(0, len(rows), PIECE):
            await asyncio.sleep(0)
            waiting = [
                index
                for index in range(start, min(start + PIECE, len(rows)))
                if executor.complete_list_item_value(rows[index], results, *field, path.add_key(index, None), context)
            ]
            completed = await asyncio.gather(*(results[index] for index in waiting))
            for index, value in zip(waiting, completed, strict=True):
                results[index] = value
        return results
