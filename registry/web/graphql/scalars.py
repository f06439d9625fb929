"""Scalars and enums of the contract's schema."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime
from enum import Enum
from typing import Any, Final

import strawberry
from strawberry.schema.config import StrawberryConfig

from registry.web.problems import bad_value

DAY: Final = re.compile(r"\d{4}-\d{2}-\d{2}")


def read_day(value: Any) -> date:
    """A day written YYYY-MM-DD."""
    if isinstance(value, str) and DAY.fullmatch(value):
        try:
            return date.fromisoformat(value)
        except ValueError:
            pass
    raise bad_value("date", f"日期须写成 YYYY-MM-DD：{value!r}。", f"A date is written YYYY-MM-DD: {value!r}.")


def read_time(value: Any) -> datetime:
    """A time with its zone (RFC 3339)."""
    if isinstance(value, str):
        try:
            time = datetime.fromisoformat(value)
            if time.tzinfo is not None:
                return time.astimezone(UTC)
        except (ValueError, OverflowError):
            pass
    raise bad_value(
        "time",
        f"时间须写成带时区的 RFC 3339 格式，如 2024-05-01T08:00:00+08:00：{value!r}。",
        f"A time is written as RFC 3339 with its zone, as 2024-05-01T08:00:00+08:00: {value!r}.",
    )


def write_time(time: datetime) -> str:
    """A time in UTC, as RFC 3339."""
    return time.astimezone(UTC).isoformat().replace("+00:00", "Z")


CONFIG: Final = StrawberryConfig(
    scalar_map={
        date: strawberry.scalar(
            name="Date",
            description="日期。 A calendar date in Asia/Shanghai, YYYY-MM-DD.",
            serialize=date.isoformat,
            parse_value=read_day,
        ),
        datetime: strawberry.scalar(
            name="DateTime",
            description="时间。 A time, RFC 3339 with its zone; answers are in UTC.",
            serialize=write_time,
            parse_value=read_time,
        ),
    }
)


# The names are the journal's words in upper case, the values these words.


@strawberry.enum(description="层级。 Of units, and the audience of lists.")
class Level(Enum):
    CENTRAL = "central"
    PROVINCE = "province"
    PREFECTURE = "prefecture"
    COUNTY = "county"
    TOWNSHIP = "township"
    VILLAGE = "village"


@strawberry.enum(description="承担方式：牵头、共同承担、配合。 In which a duty is held.")
class Role(Enum):
    LEAD = "lead"
    SHARE = "share"
    ASSIST = "assist"


@strawberry.enum(description="事项种类。 What a matter is.")
class MatterKind(Enum):
    DUTY = "duty"
    POWER = "power"
    CERTIFICATE = "certificate"
    SERVICE = "service"
    FORM = "form"
    INSPECTION = "inspection"
    MEETING = "meeting"
    DOCUMENT = "document"
    MECHANISM = "mechanism"
    WORKGROUP = "workgroup"


@strawberry.enum(description="问题的严重程度：违反、提醒、待核。 How grave a finding is.")
class Severity(Enum):
    VIOLATION = "violation"
    WARNING = "warning"
    REVIEW = "review"


@strawberry.input(
    description="截至何时所知，二者选一。 What the log knew: up to a position, or up to a time. Give one."
)
class Known:
    position: int | None = strawberry.UNSET
    time: datetime | None = strawberry.UNSET


@strawberry.enum(
    description="问题的办理情况：未督办、已督办、未到期、已逾期、已答复、纸面整改、已豁免。 How a finding that holds "
    "stands: one of OPEN (nobody has ordered it put right), ORDERED and WAIVED. Ordered ones are, by any order, "
    "also DUE (its day has not passed), OVERDUE (it has), ON_PAPER (answered as done), ANSWERED (but not as done)."
)
class FindingState(Enum):
    OPEN = "open"
    ORDERED = "ordered"
    DUE = "due"
    OVERDUE = "overdue"
    ANSWERED = "answered"
    ON_PAPER = "on_paper"
    WAIVED = "waived"


@strawberry.enum(
    description="统计口径：规则、单位、严重程度、交办单位、依据文件、事项。 By what findings are counted. UNIT: the "
    "unit right below the territory's own that bears it or stands above who does; SENDER, INSTRUMENT: of the subject."
)
class FindingGroup(Enum):
    RULE = "rule"
    UNIT = "unit"
    SEVERITY = "severity"
    SENDER = "sender"
    INSTRUMENT = "instrument"
    MATTER = "matter"


@strawberry.enum(
    description="排序：严重程度、单位、规则、起始日由早到晚或由晚到早。 The gravest first; by unit; by rule; by the "
    "first day in which it holds. Within the same by rule, unit and subject."
)
class FindingOrder(Enum):
    SEVERITY = "severity"
    UNIT = "unit"
    RULE = "rule"
    SINCE_OLDEST = "since_oldest"
    SINCE_NEWEST = "since_newest"


@strawberry.enum(
    description="持续时间：一个月内、一季内、一年内、更早、不详。 How long a finding has held on the day: at most 31, "
    "92 or 366 days, longer, or not known."
)
class FindingAge(Enum):
    MONTH = "month"
    QUARTER = "quarter"
    YEAR = "year"
    OLDER = "older"
    UNKNOWN = "unknown"


@strawberry.enum(
    description="分面：下级单位、规则、严重程度、交办单位、依据文件、事项、持续时间、办理情况。 By what findings are "
    "narrowed down. BRANCH: the unit right below the territory's own that bears it or stands above who does."
)
class FindingFacetName(Enum):
    BRANCH = "branch"
    RULE = "rule"
    SEVERITY = "severity"
    SENDER = "sender"
    INSTRUMENT = "instrument"
    MATTER = "matter"
    KIND = "kind"
    AGE = "age"
    STATE = "state"
