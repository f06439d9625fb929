"""Clocks that cannot be right: `recorded_at` never goes back, so what one of them dates once dates all that follows."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Final

from registry.domain.text import Text

MOST: Final = timedelta(days=1)  # that clocks may be apart


def apart(last: datetime | None, database: datetime | None) -> Text | None:
    """A warning where this machine's clock is more than a day behind the last decision, or from the database's.

    `last`: when the last decision was recorded. None where the clocks agree, or there is none to compare with.
    """
    now = datetime.now(UTC)
    if last is not None and last - now > MOST:
        zh = f"上一项决定记录于 {last:%Y-%m-%d}，晚于本机时间 {now:%Y-%m-%d}，此后的决定也只能记为那一天：请校准时钟。"
        en = f"The last decision is of {last:%Y-%m-%d}, this machine says {now:%Y-%m-%d}: what follows is dated later"
        return Text(zh, f"{en}. Set the clock right.")
    if database is not None and abs(now - database) > MOST:
        zh = f"本机时间 {now:%Y-%m-%d} 与数据库的 {database:%Y-%m-%d} 相差超过一天，记录时间可能有误：请校准时钟。"
        en = (
            f"This machine says {now:%Y-%m-%d}, its database {database:%Y-%m-%d}: what is recorded may be dated wrongly"
        )
        return Text(zh, f"{en}. Set the clock right.")
    return None
