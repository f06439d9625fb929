"""What a matter of the catalogues is from which day on: its bases by the laws in force, and what a law changed in it.

A citation holds from the day on which its article has that number up to the day on which the law ends, or is overtaken
by another; a file may say `from` and `until` itself. Before the first text whose articles are known a law is cited by
its name alone: an article is never cited of a day on which it had another number.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Final

Entry = dict[str, Any]
Laws = Mapping[str, Entry]  # entries of instruments files by their short names
NEVER: Final = "9999-12-31"


def ended(law: Entry) -> str:
    """The day from which a law is cited no more: repealed, or overtaken by another; NEVER."""
    return min(law.get("repealed", NEVER), law.get("overtaken", NEVER))


def numberings(law: Entry) -> dict[str, int | None]:
    """From when a law's articles are numbered so, in order, and how many there are (None: not known)."""
    return dict(sorted(law.get("texts", {law["at"]: None}).items()))


def days_of(citation: Entry, law: Entry) -> tuple[str, str]:
    """From which day, and up to which, a citation holds."""
    until = citation.get("until", ended(law))
    if "from" in citation:
        return citation["from"], until
    if "articles" not in citation:
        return law.get("since", law["at"]), until
    before = [day for day in numberings(law) if day < until]
    return (before[-1] if before else law["at"]), until


def in_force(citations: Iterable[Entry], laws: Laws, day: str) -> list[Entry]:
    """The citations that hold on a day; of a law that was there under other numbers, its name alone."""
    cited: list[Entry] = []
    wanted = list(citations)
    holding = [each for each in wanted if _holds(each, laws[each["law"]], day)]
    titles = {laws[each["law"]]["title"] for each in holding}
    for each in wanted:
        law = laws[each["law"]]
        if each in holding:
            cited.append(each)
        elif (
            "from" not in each
            and law.get("since", law["at"]) <= day < days_of(each, law)[0]
            and law["title"] not in titles
        ):
            titles.add(law["title"])
            cited.append({"law": each["law"]})
    return cited


def _holds(citation: Entry, law: Entry, day: str) -> bool:
    start, until = days_of(citation, law)
    return start <= day < until


def begins(matter: Entry, content: Entry, laws: Laws) -> str:
    """From when a matter is held by law: its own day, its file's, or since there first was a law of that name."""
    if "at" in matter or "at" in content:
        return matter.get("at") or content["at"]
    first = laws[matter["basis"][0]["law"]]
    return first.get("since", first["at"])


def basis_text(law: Entry, articles: list[str]) -> str:
    """`《城乡规划法》第六十四条`; a document that is no law with its number: `《…意见》（民发〔2020〕20号）`."""
    title = law["title"].removeprefix("中华人民共和国")
    number = f"（{law['number']}）" if "〔" in law["number"] else ""
    return f"《{title}》{number}{'、'.join(articles)}"


def timeline(matter: Entry, laws: Laws, since: str) -> list[tuple[str, Entry]]:
    """What the matter's dated fields are: by day, what changes on it; on the first all of them.

    `basis` is always dated; other fields are where the file has `changes`. A day that changes nothing is left out.
    """
    citations: list[Entry] = matter.get("basis", [])
    changes: dict[str, Entry] = matter.get("changes", {})
    effective = {day for each in citations for day in days_of(each, laws[each["law"]])}
    effective |= {law.get("since", law["at"]) for law in (laws[each["law"]] for each in citations)}
    # What is dated begins as the file has it outside of `changes`.
    now: Entry = {name: matter.get(name) for change in changes.values() for name in change}
    now["basis"] = None
    days: list[tuple[str, Entry]] = []
    for day in sorted({since, *effective, *changes} - {NEVER}):
        if day < since:
            continue
        wanted = dict(changes.get(day, {}))
        texts = [basis_text(laws[each["law"]], each.get("articles", [])) for each in in_force(citations, laws, day)]
        wanted["basis"] = texts or None
        changed = {name: value for name, value in wanted.items() if now.get(name) != value}
        now |= changed
        if not days:
            days.append((day, dict(now)))
        elif changed:
            days.append((day, changed))
    return days
