"""Clocks that cannot be right: `recorded_at` never goes back, so what one of them dates once dates all that follows."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Final

from registry.domain.text import Text

MOST: Final = timedelta(days=1)  # that clocks may be apart
IDLE: Final = timedelta(days=366)  # in which a registry records something; a longer gap may be a clock far ahead


def apart(last: datetime | None, database: datetime) -> Text | None:
    """A warning where this machine's clock cannot be right, or may not be; None where nothing speaks against it.

    It is compared with the last decision, when that was recorded (None: nothing is): it must not be more than a day
    behind, and more than a year after it deserves a look, for a clock that is far ahead dates all later ones. And with
    the database's own.
    """
    now = datetime.now(UTC)
    here = f"{now:%Y-%m-%d}"
    if last is not None and last - now > MOST:
        zh = f"上一项决定记录于 {last:%Y-%m-%d}，晚于本机时间 {here}，此后的决定也只能记为那一天：请校准时钟。"
        en = f"The last decision is of {last:%Y-%m-%d}, this machine says {here}: what follows is dated later"
        return Text(zh, f"{en}. Set the clock right.")
    if abs(now - database) > MOST:
        zh = f"本机时间 {here} 与数据库的 {database:%Y-%m-%d} 相差超过一天，记录时间可能有误：请校准时钟。"
        en = f"This machine says {here}, its database {database:%Y-%m-%d}: what is recorded may be dated wrongly"
        return Text(zh, f"{en}. Set the clock right.")
    if last is not None and now - last > IDLE:
        zh = f"上一项决定记录于 {last:%Y-%m-%d}，本机时间已是 {here}：如果时钟快了，请即校准，否则此后不会早于这一天。"
        en = f"The last decision is of {last:%Y-%m-%d}, this machine says {here}: if its clock is ahead, set it right"
        return Text(zh, f"{en} now, for nothing after is dated earlier.")
    return None
