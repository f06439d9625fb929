"""The words by which forbidden burdens are known: lists/negative/thesaurus.yaml, and what a county adds to it."""

from __future__ import annotations

import hashlib
import json
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import IntEnum
from functools import cache, cached_property, lru_cache
from pathlib import Path
from typing import Any, Final

from registry import data_files, settings
from registry.checker.names.normalise import normalised

FILES: Final = ("lists/negative/thesaurus.yaml", "lists/negative/thesaurus-2024.yaml")
SCHEMA: Final = "lists/thesaurus.schema.json"
# Files of a county's own, separated as PATH is.
COUNTY_FILES: Final = settings.THESAURUS.name


EVERY: Final = -1  # of a word: it counts for every burden


class Says(IntEnum):
    """What a word says of a name that contains it; of words equally long that overlap the first one counts."""

    UNRELATED = 0
    LAWFUL = 1
    NAME = 2
    OBJECT = 3
    ACT = 4
    DEED = 5
    TOPIC = 6


@dataclass(frozen=True, slots=True)
class Burden:
    """One kind of burden: what it is called, and which words in an item say that the item means it."""

    name: str
    en: str
    heads: tuple[str, ...]


@dataclass(frozen=True, eq=False)
class Thesaurus:
    """The words of all burdens.

    `words`: each word with what it says and of which burden: its index in `burdens`, or EVERY. `longest`: the number of
    letters of the longest word. `related`: sets of burdens, by index, of which a name may be any. `local`: the words
    that a county has added for a burden: what it says itself is not doubted; `local_deeds`: those lawful in any field.
    """

    burdens: tuple[Burden, ...]
    words: Mapping[str, tuple[tuple[int, Says], ...]]
    longest: int
    related: tuple[frozenset[int], ...] = ()
    local: frozenset[str] = frozenset()
    local_deeds: frozenset[str] = frozenset()

    @cached_property
    def version(self) -> str:
        """Follows from the content, whatever the order in which the words are written."""
        burdens = [(burden.name, burden.en, sorted(burden.heads)) for burden in self.burdens]
        others = [sorted(map(sorted, self.related)), sorted(self.local), sorted(self.local_deeds)]
        content = json.dumps([burdens, sorted(self.words.items()), others], ensure_ascii=False)
        return hashlib.sha256(content.encode()).hexdigest()[:16]

    def meant(self, texts: Iterable[str]) -> frozenset[int]:
        """The burdens that an item means, by its name, its terms, or the names of its matter."""
        return frozenset[int]().union(*(_meant(self, normalised(text)) for text in texts))


@lru_cache(maxsize=1 << 16)
def _meant(thesaurus: Thesaurus, text: str) -> frozenset[int]:
    return frozenset(
        index for index, burden in enumerate(thesaurus.burdens) if any(head in text for head in burden.heads)
    )


class BadThesaurus(Exception):
    """A thesaurus file is not as it must be: what is wrong and what to do, in zh and en."""

    code = "bad-thesaurus"

    def __init__(self, file: str, zh: str, en: str) -> None:
        self.zh = (
            f"换名词库 {file} 有误：{zh}请改正文件（写法见 docs/howto/extend-vocabularies.md），"
            f"或从 {COUNTY_FILES} 中去掉。"
        )
        self.en = (
            f"The thesaurus {file} is wrong: {en} Correct it (docs/howto/extend-vocabularies.md) "
            f"or take it out of {COUNTY_FILES}."
        )
        super().__init__(f"{self.zh} / {self.en}")


def read(files: Sequence[Path], county: Sequence[Path] = ()) -> Thesaurus:
    """The words of these files; a later one adds to the burdens, acts and lawful words of those before it.

    `county`: files of its own, which come last. Raises BadThesaurus.
    """
    groups: dict[str, list[str]] = defaultdict(list)
    everywhere: dict[Says, list[str]] = defaultdict(list)
    burdens: dict[str, dict[str, list[str]]] = {}
    english: dict[str, str] = {}
    related: list[list[str]] = []
    local: set[str] = set()
    local_deeds: set[str] = set()
    for file in (*files, *county):
        content = _content(file)
        related += content.get("related", ())
        for group in content.get("acts", ()):
            groups[group["group"]] += group["words"]
        for field, says in (("unrelated", Says.UNRELATED), ("deeds", Says.DEED), ("topics", Says.TOPIC)):
            everywhere[says] += content.get(field, ())
        if file in county:
            local_deeds.update(map(normalised, content.get("deeds", ())))
        for entry in content["burdens"]:
            fields = burdens.setdefault(entry["burden"], defaultdict(list))
            english.setdefault(entry["burden"], entry.get("en", entry["burden"]))
            for field in ("heads", "names", "objects", "acts", "does", "not"):
                fields[field] += entry.get(field, ())
            if file in county:
                local.update(
                    normalised(word) for field in ("names", "objects", "acts") for word in entry.get(field, ())
                )
    for name, fields in burdens.items():
        for group in fields["does"]:
            if group not in groups:
                zh, en = (
                    f"“{name}”借用的动词组“{group}”不存在。",
                    f"{name} borrows the acts {group}, which no file has.",
                )
                raise BadThesaurus((*files, *county)[-1].name, zh, en)
            fields["acts"] += groups[group]
    for name in (name for names in related for name in names if name not in burdens):
        zh, en = f"“related”中的“{name}”不是任何文件里的负担。", f"{name} in “related” is no burden of any file."
        raise BadThesaurus((*files, *county)[-1].name, zh, en)
    return _thesaurus(everywhere, burdens, english, related, (local, local_deeds))


@cache
def load_thesaurus() -> Thesaurus:
    """Return the nationwide thesaurus with the county's own files, which REGISTRY_THESAURUS names.

    It is read once a process. Raises BadThesaurus.
    """
    return read(nationwide(), settings.THESAURUS.paths())


def nationwide() -> list[Path]:
    """Give the files that come with the program."""
    return [data_files.path(file) for file in FILES]


def _content(file: Path) -> dict[str, Any]:
    try:
        return data_files.read_yaml(file, SCHEMA)
    except data_files.UnusableFile as error:
        raise BadThesaurus(str(file), *error.text) from None


def _thesaurus(
    everywhere: Mapping[Says, Sequence[str]],
    burdens: Mapping[str, Mapping[str, Sequence[str]]],
    english: Mapping[str, str],
    related: Sequence[Sequence[str]],
    local: tuple[Iterable[str], Iterable[str]],
) -> Thesaurus:
    words: dict[str, dict[int, Says]] = defaultdict(dict)

    def add(texts: Iterable[str], burden: int, says: Says) -> None:
        for text in texts:
            word = normalised(text)
            words[word][burden] = min(says, words[word].get(burden, says))

    for says, texts in everywhere.items():
        add(texts, EVERY, says)
    for burden, fields in enumerate(burdens.values()):
        for field, says in (("not", Says.LAWFUL), ("names", Says.NAME), ("objects", Says.OBJECT), ("acts", Says.ACT)):
            add(fields[field], burden, says)
    return Thesaurus(
        burdens=tuple(
            Burden(name, english[name], tuple(normalised(head) for head in fields["heads"]))
            for name, fields in burdens.items()
        ),
        words={word: tuple(says.items()) for word, says in words.items()},
        longest=max(map(len, words)),
        related=tuple(frozenset(list(burdens).index(name) for name in names) for names in related),
        local=frozenset(local[0]),
        local_deeds=frozenset(local[1]),
    )
