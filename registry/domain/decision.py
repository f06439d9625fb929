"""What every decision is made of: the forms of its fields, its key, and the aggregates it names."""

from __future__ import annotations

from typing import Annotated, Any, ClassVar, Final, NamedTuple, TypeVar

import eventsourcing.dcb.domain as dcb
from pydantic import AfterValidator, BaseModel, ConfigDict, Field, GetCoreSchemaHandler, StringConstraints
from pydantic_core import CoreSchema

from registry.domain import words
from registry.domain.dates import Day

# Long enough for any document number or code in use, short enough for an index of the database.
ID_LENGTH: Final = 200
TEXT_LENGTH: Final = 20_000

Id = Annotated[str, StringConstraints(min_length=1, max_length=ID_LENGTH, pattern=r"^[^#\x00-\x1f]+$")]
Subject = Annotated[
    str,
    StringConstraints(
        min_length=1,
        max_length=2 * ID_LENGTH + 1,
        pattern=r"^[^#\x00-\x1f]+(#[^#\x00-\x1f]+)?$",
    ),
]
FreeText = Annotated[str, StringConstraints(min_length=1, max_length=TEXT_LENGTH, pattern=r"^[^\x00]+$")]
Slug = Annotated[str, StringConstraints(min_length=1, max_length=ID_LENGTH, pattern=r"^[^\x00-\x1f]+$")]


def _not_law(code: str) -> str:
    if code == "LAW":
        raise ValueError("LAW is the subject of holdings by law")
    return code


ListId = Annotated[Id, AfterValidator(_not_law)]
# Bounded, because they become one row: no list in use comes near.
FreeTexts = Annotated[tuple[FreeText, ...], Field(max_length=1000)]
Ids = Annotated[tuple[Id, ...], Field(max_length=1000)]
Resources = Annotated[tuple[words.Resource, ...], Field(max_length=20)]


class _Given:
    """A field that may be left out, but not given as null: the contract allows null in a correction only."""

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        schema = handler(source)
        return schema["schema"] if schema["type"] == "nullable" else schema


T = TypeVar("T")
Given = Annotated[T | None, _Given()]


class Name(NamedTuple):
    """A field by which a decision names an aggregate recorded elsewhere."""

    attribute: str
    field: str
    prefix: str


class Decision(BaseModel, dcb.Decision):
    """What all decisions have: the day they take effect and, at will, a note."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True, populate_by_name=False)

    # How the aggregate it is about is keyed: "unit:{unit}". And what else it names.
    KEY: ClassVar[str]
    KEYED: ClassVar[tuple[str, str, bool]]  # KEY taken apart: before its first field, that field, is there more
    NAMES: ClassVar[tuple[Name, ...]] = ()
    VERSION: ClassVar[int] = 1

    type: str
    at: Day
    note: Given[FreeText] = None

    @property
    def key(self) -> str:
        """The key of the aggregate this decision is about; also its own tag in the log."""
        prefix, field, more = self.KEYED
        return self.KEY.format_map(self.__dict__) if more else prefix + self.__dict__[field]

    @classmethod
    def __pydantic_init_subclass__(cls, **kwargs: Any) -> None:
        super().__pydantic_init_subclass__(**kwargs)
        if "KEY" in cls.__dict__:
            prefix, _, rest = cls.KEY.partition("{")
            field, _, more = rest.partition("}")
            cls.KEYED = (prefix, field, bool(more))

    def as_dict(self) -> dict[str, Any]:
        return dict(self.__dict__)

    def apply(self, obj: Any) -> None:
        """What a slice or perspective does on reading this decision."""
        obj.aggregates.apply(self, obj.stream_keys())


def unit_named_by(attribute: str, field: str | None = None) -> Name:
    """A field that names a unit; its name in the journal, where Python cannot use that."""
    return Name(attribute, field or attribute, "unit:")
