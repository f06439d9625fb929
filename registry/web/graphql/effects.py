"""What a decision changed, as the schema's objects."""

from __future__ import annotations

from datetime import date
from typing import Any

import strawberry
from strawberry.scalars import JSON

from registry.domain.text import Text
from registry.queries.history import effects


@strawberry.type(description="字段变化。 One attribute before and after, in the journal's words.")
class ChangedField:
    field: str
    before: JSON | None
    after: JSON | None


@strawberry.type(description="决定的效果。 What a decision changed of its thing, on a stretch of days.")
class Effect:
    text: strawberry.Private[Text]
    table: str = strawberry.field(description="读表。 Of what kind the thing is: unit, delegation, item …")
    key: strawberry.ID = strawberry.field(description="编号。 Of the thing; LIST#ITEM of an item.")
    change: str = strawberry.field(
        description="began、ended 或 changed。 On these days it now holds, or no more, or reads otherwise."
    )
    since: date | None = strawberry.field(description="起。 The first of these days; null: always before.")
    until: date | None = strawberry.field(description="止（不含）。 The day after the last; null: open.")
    fields: list[ChangedField]

    @strawberry.field(description="说明。 A sentence, in zh or en.")
    def message(self, lang: str | None = "zh") -> str:
        return self.text.en if (lang or "zh").lower().startswith("en") else self.text.zh


def effect_of(row: effects.Effect) -> Effect:
    """An effect of the schema."""
    return Effect(
        text=row.message,
        table=row.table,
        key=strawberry.ID(row.key),
        change=row.change,
        since=None if row.since is None else date.fromisoformat(row.since),
        until=None if row.until is None else date.fromisoformat(row.until),
        fields=[changed(each.field, each.before, each.after) for each in row.fields],
    )


def changed(field: str, before: Any, after: Any) -> ChangedField:
    """One attribute of the schema."""
    return ChangedField(field=field, before=before, after=after)
