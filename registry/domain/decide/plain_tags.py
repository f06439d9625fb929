"""The tags that follow from a decision's line alone, whatever was recorded before it: those of most decisions.

For who derives all tags of the log anew. The plain form is what the slice gives for the decision, its `event_tags`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from registry.domain.decide.slice import SLICES, DecisionSlice
from registry.domain.decision import Decision
from registry.domain.decisions import TYPES

OfLine = Callable[[Mapping[str, Any]], list[str]]


def _of_line(kind: type[Decision]) -> OfLine | None:
    """How a line of this type gives its tags; None where they also depend on what was recorded before."""
    decided = SLICES[kind.__name__]
    own = ("tags", "stream_keys", "event_tags", "_keys_and_tags")
    if any(getattr(decided, name) is not getattr(DecisionSlice, name) for name in own):
        return None
    journal_names = {name: field.alias or name for name, field in kind.model_fields.items()}
    if kind.key is not Decision.key or kind.named is not Decision.named:
        return None
    if any(journal_names[field] != field for field in kind.key_fields()):
        return None
    key, (before, own_field, more) = kind.KEY, kind.KEY_PARTS
    names = [("@" + name.prefix, journal_names[name.attribute]) for name in kind.NAMES]

    def of_line(line: Mapping[str, Any]) -> list[str]:
        tags = [key.format_map(line) if more else before + line[own_field]]
        for prefix, field in names:
            value = line.get(field)
            if isinstance(value, str):
                if (tag := prefix + value) not in tags:
                    tags.append(tag)
            elif value:
                tags += [tag for code in dict.fromkeys(value) if (tag := prefix + code) not in tags]
        return tags

    return of_line


# By type; those of the others the slice has to tell, and those of a line in an older shape.
PLAIN_TAGS: Mapping[str, OfLine] = {
    name: of_line for name, kind in TYPES.items() if (of_line := _of_line(kind)) is not None
}
