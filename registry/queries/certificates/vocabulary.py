"""How people speak of certificates: lists/certificate-words.yaml, and what a county adds to it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any, Final

from registry import data_files, settings
from registry.checker.names.normalise import letters, simplified
from registry.domain.text import Text

FILE: Final = "lists/certificate-words.yaml"
SCHEMA: Final = "lists/certificate-words.schema.json"
# Files of a county's own, separated as PATH is.
COUNTY_FILES: Final = settings.CERTIFICATE_WORDS.name
GAP: Final = "…"
_CLAUSES: Final = re.compile(r"[\W_]+")
_WORDS: Final = re.compile("[a-z]+")
_WANTING: Final = re.compile("要[个张份]?|[开出办写打搞弄拿来整求](?:一下|一哈|哈|下|一?[个张份])")


class BadWords(Exception):
    """A file of words is not as it must be: what is wrong and what to do, in zh and en."""

    code = "bad-certificate-words"

    def __init__(self, file: str, zh: str, en: str) -> None:
        self.zh = (
            f"证明用语 {file} 有误：{zh}请改正文件（写法见 docs/howto/extend-vocabularies.md），"
            f"或从 {COUNTY_FILES} 中去掉。"
        )
        self.en = (
            f"The certificate words {file} are wrong: {en} Correct them (docs/howto/extend-vocabularies.md) "
            f"or take the file out of {COUNTY_FILES}."
        )
        super().__init__(f"{self.zh} / {self.en}")


@dataclass(slots=True)
class Meaning:
    """One certificate as people speak of it."""

    names: list[str]
    en: str | None = None
    says: list[str] = field(default_factory=list[str])
    english: list[str] = field(default_factory=list[str])


@dataclass(frozen=True, slots=True)
class Broad:
    """What may mean any of several certificates, by their names."""

    says: tuple[str, ...]
    of: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Topic:
    """What is often asked about within one certificate, and what is told besides, on which days (both included).

    `says`: it is told where one of these stands in the request; none: always. `basis`: instruments, with the article.
    `issuer`: who is to be gone to instead of whom the certificate names; then nothing else of it is told.
    """

    of: str
    about: Text
    says: tuple[str, ...]
    begins: date
    ends: date
    advice: Text
    basis: tuple[str, ...]
    issuer: str | None = None

    def fits(self, request: str, on: date) -> bool:
        """Whether it is given on this day to a request in these words (simplified letters)."""
        return self.begins <= on <= self.ends and (not self.says or any(word in request for word in self.says))


@dataclass(frozen=True, slots=True)
class Errands:
    """What people come with that is no certificate: how burdens are called, and whose duty a thing is.

    `duties`: things as people call them, each with what the names of the duties on lists have in them.
    """

    senders: tuple[str, ...]
    burden: tuple[str, ...]
    asking: tuple[str, ...]
    duties: tuple[tuple[tuple[str, ...], tuple[str, ...]], ...]


@dataclass(frozen=True, eq=False)
class Vocabulary:
    """`rewrite` finds the words that are dropped, kept or replaced, the longest first; `put` says by what each is.

    `of_a_kind` finds the words for things of one kind, `kinds` says of which.
    """

    meanings: tuple[Meaning, ...]
    broad: tuple[Broad, ...]
    topics: tuple[Topic, ...]
    settled: tuple[tuple[str, str], ...]  # what is said, and a name of the one certificate that it means
    errands: Errands
    rewrite: re.Pattern[str]
    put: Mapping[str, str]
    paper: re.Pattern[str]
    english_filler: frozenset[str]
    english_paper: frozenset[str]
    of_a_kind: re.Pattern[str]
    kinds: Mapping[str, str]

    def core(self, text: str) -> str:
        """What a name or a saying says of which certificate: letters without fillers, words of one meaning alike."""
        return self.rewrite.sub(lambda match: self.put[match[0]], letters(text))

    def by_kind(self, plain: str) -> list[str]:
        """The letters of a text (`letters`), words for things of one kind replaced by its name: 卖, 作物."""
        results: list[str] = []
        start = 0
        for word in self.of_a_kind.finditer(plain):
            results += (*plain[start : word.start()], self.kinds[word[0]])
            start = word.end()
        return results + list(plain[start:])

    def parts(self, text: str) -> list[tuple[str, bool]]:
        """The text's core in parts, and of each whether it stands where people say what the paper is to be about.

        That is right before the word for it (学校要留守的证明: 留守) or after it in the same clause (要证明我没坐过牢);
        where nothing stands there, anywhere.
        """
        results: list[tuple[str, bool]] = []
        for clause in map(letters, _CLAUSES.split(simplified(text))):
            start = 0
            for paper in self.paper.finditer(clause):
                *context, wanted = map(self.core, _WANTING.split(clause[start : paper.start()]))
                results += [*((part, False) for part in context), (wanted, True)]
                start = paper.end()
            results.append((self.core(clause[start:]), start > 0))
        results = [(part, in_focus) for part, in_focus in results if part]
        return results if any(in_focus for _, in_focus in results) else [(part, True) for part, _ in results]

    def asks_for_paper(self, text: str) -> bool:
        """Whether the text speaks of the paper itself: 证明, 条子, certificate, zhengming …"""
        words = set(_WORDS.findall(text.casefold()))
        return self.paper.search(letters(text)) is not None or not words.isdisjoint(self.english_paper)


def read(files: Sequence[Path]) -> Vocabulary:
    """The words of these files; a later one adds to the meanings and words of those before it. Raises BadWords."""
    by_name: dict[str, Meaning] = {}
    meanings: list[Meaning] = []
    broad: list[Broad] = []
    topics: list[Topic] = []
    settled: list[tuple[str, str]] = []
    errands: dict[str, list[Any]] = {name: [] for name in ("senders", "burden", "asking", "duties")}
    put: dict[str, str] = {}
    paper: set[str] = set()
    english: set[str] = set()
    english_paper: set[str] = set()
    kinds: dict[str, str] = {}
    for file in files:
        content = _content(file)
        words = content.get("words", {})
        # Where a word stands under two headings the later of these counts.
        for name in ("filler", "paper"):
            _enter(put, words.get(name, ()), "")
        paper |= {letters(word) for word in words.get("paper", ())}
        english_paper |= {word.casefold() for word in words.get("english_paper", ())}
        english |= {word.casefold() for word in words.get("english", ())} | english_paper
        for same in words.get("same", ()):
            _enter(put, same, letters(same[0]))
        for word in words.get("keep", ()):
            put[letters(word)] = letters(word)
        for kind, named in words.get("kinds", {}).items():
            kinds.update({letters(word): kind for word in named})
        for entry in content["meanings"]:
            meaning = by_name.get(entry["names"][0])
            if meaning is None:
                meaning = Meaning([])
                meanings.append(meaning)
            meaning.names += entry["names"]
            meaning.en = meaning.en or entry.get("en")
            meaning.says += entry.get("says", ())
            meaning.english += entry.get("english", ())
            by_name.update(dict.fromkeys(entry["names"], meaning))
        broad += [Broad(tuple(entry["says"]), tuple(entry["of"])) for entry in content.get("broad", ())]
        settled += [(one, entry["of"]) for entry in content.get("settled", ()) for one in entry["says"]]
        for name, entries in content.get("errands", {}).items():
            errands[name] = [*entries, *errands[name]]
        # What a county says of a certificate goes before what comes along with the program.
        topics = [*(_topic(file, entry) for entry in content.get("topics", ())), *topics]
    _keep_whole(
        put, (saying for meaning in meanings for saying in (*meaning.names, *meaning.says) if GAP not in saying)
    )
    return Vocabulary(
        tuple(meanings),
        tuple(broad),
        tuple(topics),
        tuple(settled),
        _errands(errands),
        _any_of(put),
        put,
        _any_of(paper),
        frozenset(english),
        frozenset(english_paper),
        _any_of(kinds),
        kinds,
    )


@cache
def load_vocabulary() -> Vocabulary:
    """The words that come along with the county's own files, which REGISTRY_CERTIFICATE_WORDS names; read once."""
    return read([data_files.path(FILE), *settings.CERTIFICATE_WORDS.paths()])


def _topic(file: Path, entry: dict[str, Any]) -> Topic:
    days = [entry["from"], entry.get("until", date.max)]
    for day in days:
        if type(day) is not date:
            raise BadWords(str(file), f"日期写成 {day}，应为 2025-05-10 这样。", f"{day} is no day such as 2025-05-10.")
    about, says = Text(entry["about"]["zh"], entry["about"]["en"]), tuple(map(simplified, entry.get("says", ())))
    advice = Text(entry["zh"], entry["en"])
    return Topic(entry["of"], about, says, days[0], days[1], advice, tuple(entry["basis"]), entry.get("issuer"))


def _errands(entries: dict[str, list[Any]]) -> Errands:
    duties = ((tuple(map(simplified, entry["says"])), tuple(entry["of"])) for entry in entries["duties"])
    senders, burden, asking = (tuple(map(simplified, entries[name])) for name in ("senders", "burden", "asking"))
    return Errands(senders, burden, asking, tuple(duties))


def _enter(put: dict[str, str], words: Iterable[str], by: str) -> None:
    put.update({letters(word): by for word in words})


def _keep_whole(put: dict[str, str], says: Iterable[str]) -> None:
    """What a saying would be reduced to a letter or nothing by is kept as it is: 人还在."""
    rewrite = _any_of(put)
    for saying in says:
        word = letters(saying).removesuffix("证明")
        if len(word) > 1 and len(rewrite.sub(lambda match: put[match[0]], word)) < 2:
            put[word] = word


def _any_of(words: Iterable[str]) -> re.Pattern[str]:
    """Finds any of these words, the longest that begins at a place."""
    return re.compile("|".join(map(re.escape, sorted(words, key=len, reverse=True))) or "(?!)")


def _content(file: Path) -> dict[str, Any]:
    try:
        return data_files.read_yaml(file, SCHEMA)
    except data_files.UnusableFile as error:
        raise BadWords(str(file), *error.text) from None
