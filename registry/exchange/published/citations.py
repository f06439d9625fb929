"""Does every citation of the published files name a law that was in force on the days for which it is used?

Held against what the files know of each law: from when to when it was in force, and how many articles it had, numbered
so from which day. What was not read cannot be checked; it is told apart, so that a file can say so in `source`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any, Final

from registry.exchange.published.files import Published
from registry.exchange.published.timelines import NEVER, Entry, days_of, ended

_DIGITS: Final = {"零": 0, "一": 1, "二": 2, "三": 3, "四": 4, "五": 5, "六": 6, "七": 7, "八": 8, "九": 9}
_UNITS: Final = {"十": 10, "百": 100, "千": 1000}


def number_of(article: str) -> int:
    """The number of an article: 17 for 第十七条, 1131 for 第一千一百三十一条."""
    total, digit = 0, 0
    for sign in article[1 : article.index("条")]:
        if sign in _UNITS:
            total += (digit or 1) * _UNITS[sign]
            digit = 0
        else:
            digit = _DIGITS[sign]
    return total + digit


def problems(published: Published) -> list[str]:
    """What is wrong with the citations of matters and lists, one sentence each; an empty list where nothing is."""
    wrong: list[str] = []
    for code, cited in published.cited.items():
        for citation in cited:
            wrong += [
                f"{code}: {sentence}" for sentence in citation_problems(citation, published.laws[citation["law"]])
            ]
        decisions = [published.matters[code], *published.revisions[code]]
        if cited and any(not each["basis"] for each in decisions[1:] if "basis" in each):
            wrong.append(f"{code}: no law is its basis from some day on")
    by_number = {law["number"]: law for law in published.laws.values()}
    for code, adopted in published.lists.items():
        law = by_number[adopted["instrument"]]
        if not law["at"] <= adopted["at"] < law.get("repealed", NEVER):
            wrong.append(f"{code}: {law['number']} is not in force on {adopted['at']}")
    for law in published.laws.values():
        wrong += _ends(law, by_number)
    return wrong


def citation_problems(citation: Entry, law: Entry) -> Iterator[str]:
    """What is wrong with one citation: days on which its law was not in force, articles that it did not have."""
    start, until = days_of(citation, law)
    if start >= until:
        yield f"{law['short']} is cited of no day ({start} to {until})"
    if start < law.get("since", law["at"]) or until > ended(law):
        yield f"{law['short']} is cited from {start} to {until}, but was not in force on all these days"
    texts = sorted(law.get("texts", {}).items())
    articles = citation.get("articles", [])
    if not articles or not texts:
        return
    if start < texts[0][0]:
        yield f"{law['short']} is cited by article of {start}, before its first text that was read"
    for (since, count), (after, _) in zip(texts, [*texts[1:], (NEVER, 0)], strict=True):
        if since < until and start < after:
            yield from (
                f"{law['short']} has no {article} as of {max(since, start)}"
                for article in articles
                if number_of(article) > count
            )


def unread(published: Published) -> set[str]:
    """The short names of laws that are cited by articles of which no text was read."""
    return {
        citation["law"]
        for cited in published.cited.values()
        for citation in cited
        if "articles" in citation and "texts" not in published.laws[citation["law"]]
    }


def _ends(law: Entry, by_number: dict[str, Entry]) -> Iterator[str]:
    """A law that ended names one that was in force by then, and articles that it and that one had."""
    if "replaced_by" not in law:
        return
    day, later = ended(law), by_number[law["replaced_by"]]
    if not later["at"] <= day < ended(later):
        yield f"{law['short']}: {later['number']} is not in force on {day}"
    for old, new in law.get("renumbered", {}).items():
        for count, article in ((_last(law), old), *((_last(later), each) for each in re.findall("第[^第]+?条", new))):
            if count is not None and number_of(article) > count:
                yield f"{law['short']}: there is no {article}"


def _last(law: Entry) -> Any:
    texts = sorted(law.get("texts", {}).items())
    return texts[-1][1] if texts else None
