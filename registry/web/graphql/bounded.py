"""How lists of an answer are completed: counted, and piece by piece, so that others are answered meanwhile."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from typing import Any, cast

from graphql import FieldNode, FragmentSpreadNode, InlineFragmentNode, SelectionSetNode, get_named_type
from strawberry.schema.schema import StrawberryGraphQLCoreExecutionContext

from registry.web.graphql import turns
from registry.web.graphql.limits import OBJECTS, costly


class BoundedExecution(StrawberryGraphQLCoreExecutionContext):
    """The executor with a bound on the objects of one answer that holds however the question is written.

    What a document could ask for is estimated before it runs (`limits`); this counts what it got. Lists are completed
    by turns, long ones a piece at a time: in between the loop answers others, and time-outs and clients that have left
    end the work.
    """

    def __init__(self, *args: Any, **more: Any) -> None:
        super().__init__(*args, **more)
        self._objects = 0
        self._weights: dict[int, int] = {}  # fields of a row, by the list's selection

    def complete_iterable_value(
        self, item_type: Any, field_details_list: Any, info: Any, path: Any, items: Any, position_context: Any
    ) -> Any:
        """Complete a list. Raises too-costly where the answer holds more than OBJECTS by then."""
        rows = cast(Sequence[Any], items) if isinstance(items, (list, tuple)) else [*items]
        self._objects += len(rows)
        if self._objects > OBJECTS:
            raise costly(f"答案超过 {OBJECTS} 个对象。", f"The answer holds more than {OBJECTS} objects.")
        weight = self._weight_of(item_type, field_details_list, info)
        if len(rows) * weight <= turns.ROUND and turns.TURNS.take(len(rows) * weight):
            parent: Any = super()
            return parent.complete_iterable_value(item_type, field_details_list, info, path, rows, position_context)
        return self._in_pieces(rows, path, (item_type, field_details_list, info), position_context, weight)

    async def _in_pieces(
        self, rows: Sequence[Any], path: Any, field: tuple[Any, Any, Any], context: Any, weight: int
    ) -> list[Any]:
        executor: Any = self
        results: list[Any] = []
        piece = max(1, turns.ROUND // weight)
        for start in range(0, len(rows), piece):
            indexes = range(start, min(start + piece, len(rows)))
            await turns.TURNS.wait(len(indexes) * weight)
            waiting = [
                index
                for index in indexes
                if executor.complete_list_item_value(rows[index], results, *field, path.add_key(index, None), context)
            ]
            completed = await asyncio.gather(*(results[index] for index in waiting))
            for index, value in zip(waiting, completed, strict=True):
                results[index] = value
        return results

    def _weight_of(self, item_type: Any, field_details_list: Any, info: Any) -> int:
        """How many fields each row of a list has, those of objects within it included, but for those of other lists."""
        selections = [details.node.selection_set for details in field_details_list]
        key = id(selections[0])  # nodes live as long as their document
        if key not in self._weights:
            fragments = info.fragments
            self._weights[key] = 1 + sum(_fields(item_type, each, fragments) for each in selections if each)
        return self._weights[key]


def _fields(of_type: Any, selections: SelectionSetNode, fragments: Mapping[str, Any]) -> int:
    total, parent = 0, cast(Any, get_named_type(of_type))
    for each in selections.selections:
        if isinstance(each, FieldNode):
            total += 1
            field = getattr(parent, "fields", {}).get(each.name.value)
            if each.selection_set is not None and field is not None and "[" not in str(field.type):
                total += _fields(field.type, each.selection_set, fragments)
        elif isinstance(each, InlineFragmentNode):
            total += _fields(parent, each.selection_set, fragments)
        elif isinstance(each, FragmentSpreadNode):
            total += _fields(parent, fragments[each.name.value].selection_set, fragments)
    return total
