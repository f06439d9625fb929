"""What every decision is made of: the forms of its fields, and what its type declares of itself."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import date
from enum import Enum
from string import Formatter
from typing import Annotated, Any, ClassVar, Final, Literal, NamedTuple, TypeVar, get_args

import eventsourcing.dcb.domain as dcb
from pydantic import AfterValidator, BaseModel, ConfigDict, Field, GetCoreSchemaHandler, StringConstraints
from pydantic_core import CoreSchema, core_schema

from registry.domain import words
from registry.domain.dates import Day
from registry.domain.problems import Problem
from registry.domain.text import Text

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
    """A field that may be left out, but not given as null, but where it is `Clearable`."""

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        schema = handler(source)
        return schema["schema"] if schema["type"] == "nullable" else schema


class Cleared(Enum):
    """What a revision gives as null: the field is taken away. False, so that `value or ()` is nothing."""

    CLEARED = None

    def __bool__(self) -> Literal[False]:
        return False


CLEARED: Final = Cleared.CLEARED


def _as_read(value: Any) -> Any:
    return CLEARED if value is None else value


def _as_written(value: Any) -> Any:
    return None if value is CLEARED else value


class _Clearable:
    """A field that may be left out (None), or given as null to take it away (CLEARED)."""

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        inner, _, _ = get_args(source)
        return core_schema.no_info_after_validator_function(
            _as_read,
            core_schema.nullable_schema(handler.generate_schema(inner)),
            serialization=core_schema.plain_serializer_function_ser_schema(_as_written),
        )


T = TypeVar("T")
Given = Annotated[T | None, _Given()]
Clearable = Annotated[T | Cleared | None, _Clearable()]


class Name(NamedTuple):
    """A field by which a decision names aggregates recorded elsewhere, and what the key of such a one begins with."""

    attribute: str
    field: str
    prefix: str


class Step(Enum):
    """What a decision does to the aggregate that it is about."""

    INTRODUCES = "introduces"  # nothing was recorded of it before
    BEGINS = "begins"  # a period of it, of which there can be several: a vesting, a waiver
    CHANGES = "changes"  # revises, answers, adds to it
    ENDS = "ends"  # it, or the periods begun before
    CORRECTS = "corrects"  # what was recorded of it was wrong; its own `at` has no effect


class Findings(NamedTuple):
    """Whose findings a decision can change; what each search looks at, `registry.impact.affected_units` says.

    `search`: "nobody"; "newcomer", a unit that nothing names yet; "aggregate", everybody on whom the aggregate that
    the decision is about bears. `when`: only where one of these fields is given; empty: always.
    """

    search: Literal["nobody", "newcomer", "aggregate"]
    when: tuple[str, ...] = ()

    def where(self, *fields: str) -> Findings:
        """The same, but only where the decision gives one of these fields."""
        return self._replace(when=fields)


NOBODY = Findings("nobody")
NEWCOMER = Findings("newcomer")
AGGREGATE = Findings("aggregate")


class Acting(NamedTuple):
    """Whose act a decision is: all units that its own `fields` (attributes) name, and those of what it is about.

    `source`: "own", only those fields; "begun", also whoever acted when what it is about was begun (of an item: its
    list); "named", whoever acted in the decision that it names, by whose names what it changes is read as well.
    `shared`: where no unit is named, what it brings in belongs to everybody, as a matter does. Anybody who records for
    some unit may bring it in; to change it takes the whole registry.
    """

    fields: tuple[str, ...] = ()
    source: Literal["own", "begun", "named"] = "own"
    shared: bool = False


def acting(*fields: str, shared: bool = False) -> Acting:
    """The act of the units that these attributes name."""
    return Acting(fields, shared=shared)


BEGUN = Acting(source="begun")

# The types of decision by name, in the order of their definition.
REGISTERED: Final[dict[str, type[Decision]]] = {}


class Decision(BaseModel, dcb.Decision):
    """What all decisions have: the day they take effect and, at will, a note; and what each type declares of itself."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True, populate_by_name=False)

    # The key of the aggregate that it is about: "unit:{unit}". What comes before the colon is the aggregate's KIND.
    KEY: ClassVar[str]
    # What it does to that aggregate.
    STEP: ClassVar[Step]
    # The fields that name other aggregates: these must be recorded, and the decision is in their history too.
    NAMES: ClassVar[tuple[Name, ...]] = ()
    # Of what it hands over, the kinds of matter that it takes.
    MATTER_KINDS: ClassVar[tuple[str, ...]] = ()
    # Whose findings it can change.
    FINDINGS: ClassVar[Findings]
    # Of several decisions about one aggregate on one day, the cause that a holding began or ended: the lowest, of
    # equals and of those without one the last recorded.
    PRECEDENCE: ClassVar[int | None] = None
    # Whose act it is: who may record it hangs on these units.
    ACTING: ClassVar[Acting]
    # What is wrong with the fields given beyond the form of each; takes the journal object.
    CHECK: ClassVar[Callable[[Mapping[str, Any]], list[Problem]] | None] = None
    # The name of its GraphQL mutation, and what it says, in one sentence for users.
    MUTATION: ClassVar[str]
    SENTENCE: ClassVar[Text]
    # Whether corrections may name it by `of` (contract, section 2); what bears a ref is named by that.
    NAMED_BY_OF: ClassVar[bool] = True
    # Whether several of the type can be recorded of one aggregate, so that `of` gives the day as well.
    SEVERAL: ClassVar[bool] = False
    # Of the stored shape; registry.log.events has the steps from the older ones.
    VERSION: ClassVar[int] = 1
    # KEY taken apart: what comes before its first field, that field, whether there is more.
    KEY_PARTS: ClassVar[tuple[str, str, bool]]

    type: str
    at: Day
    note: Given[FreeText] = None

    @property
    def key(self) -> str:
        """The key of the aggregate this decision is about; also its own tag in the log."""
        prefix, field, more = self.KEY_PARTS
        return self.KEY.format_map(self.__dict__) if more else prefix + self.__dict__[field]

    def named_keys(self) -> list[str]:
        """The keys of the other aggregates that it names, as often as it does."""
        return [key for _, key in self.named()]

    def named(self, names: Iterable[Name] | None = None) -> list[tuple[Name, str]]:
        """Of these names (all of the type's), those given, each with the key of the aggregate that it names."""
        values = self.__dict__
        named: list[tuple[Name, str]] = []
        for name in self.NAMES if names is None else names:
            value: str | tuple[str, ...] | Cleared | None = values[name.attribute]
            if isinstance(value, str):
                named.append((name, name.prefix + value))
            elif value:
                named += [(name, name.prefix + code) for code in value]
        return named

    @property
    def effective_day(self) -> date | None:
        """The day on which it takes effect; None where its `at` has no effect."""
        return None if self.STEP is Step.CORRECTS else self.at

    @classmethod
    def __pydantic_init_subclass__(cls, **kwargs: Any) -> None:
        """Register a type of decision: a class whose `type` is its own name. Others only share fields."""
        super().__pydantic_init_subclass__(**kwargs)
        if "KEY" in cls.__dict__:
            prefix, _, rest = cls.KEY.partition("{")
            field, _, more = rest.partition("}")
            cls.KEY_PARTS = (prefix, field, bool(more))
        if cls.model_fields["type"].default == cls.__name__:
            REGISTERED[cls.__name__] = cls
            cls.__doc__ = cls.SENTENCE.en

    @classmethod
    def aggregate_kind(cls) -> str:
        """The kind of the aggregate that decisions of this type are about: what comes before the colon of KEY."""
        return cls.KEY.partition(":")[0]

    @classmethod
    def key_fields(cls) -> tuple[str, ...]:
        """The fields that make the key, in its order."""
        return tuple(field for _, field, _, _ in Formatter().parse(cls.KEY) if field)

    @property
    def key_values(self) -> tuple[str, list[str]]:
        """The kind of the aggregate that it is about, and the values that make its key, in order."""
        return self.aggregate_kind(), [getattr(self, field) for field in self.key_fields()]

    @classmethod
    def named_by(cls) -> tuple[str, ...] | None:
        """The fields by which `of` names a decision of this type; None where it is not named so."""
        if not cls.NAMED_BY_OF or cls.STEP is Step.CORRECTS:
            return None
        return (*cls.key_fields(), "at") if cls.SEVERAL else cls.key_fields()

    def as_dict(self) -> dict[str, Any]:
        return dict(self.__dict__)

    def apply(self, obj: Any) -> None:
        """What a slice or perspective does on reading this decision."""
        obj.aggregates.apply(self, obj.stream_keys())


def unit_named_by(attribute: str, field: str | None = None) -> Name:
    """A field that names a unit; its name in the journal, where Python cannot use that."""
    return Name(attribute, field or attribute, "unit:")


FROM, TO = unit_named_by("from_", "from"), unit_named_by("to")
INSTRUMENT = Name("instrument", "instrument", "instrument:")
MATTER = Name("matter", "matter", "matter:")
LIST = Name("list", "list", "list:")
UNDER = Name("under", "under", "ref:")
PROPOSAL = Name("proposal", "proposal", "proposal:")
