"""Which certificate is meant: what was asked, held against the certificates of one village and all others known."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cache
from typing import Final

from registry.queries.certificates.matching import TYPED, Likeness, Texts
from registry.queries.certificates.status import Certificate, Matter, unlisted
from registry.queries.certificates.vocabulary import Meaning, load_vocabulary

ACCEPTED: Final = 0.68  # so alike a certificate must be to be taken for what was meant
OUTRIGHT: Final = 0.92  # and this alike what needs no more words to be told
UNASKED: Final = 0.82  # and this alike one where no paper is spoken of: people also come to talk of other things
ALLOWED: Final = 0.78  # and this alike one that the village may issue: a wrong yes does harm
CONSIDERED: Final = 0.5  # less alike is not worth asking back about
HEEDED: Final = 0.75  # so alike a forbidden one that stands elsewhere in the text makes an allowed one unsure
MARGIN: Final = 0.08  # so much more alike than the next one
CAUTION: Final = 0.25  # and than a forbidden one that explains what it does not
CHOICES: Final = 5
MORE: Final = 0.15  # what it adds that other sayings of it explain the rest of what was asked
ASIDE: Final = 0.85  # what a likeness weighs by words that stand elsewhere than where the paper is named
LINKED: Final = 0.985  # what a saying of the vocabulary weighs beside a certificate's own name


@dataclass(frozen=True, slots=True)
class Meant:
    """A certificate that may be meant. `own`: by a name that the lists themselves give it."""

    certificate: Certificate
    score: float
    explains: frozenset[int]
    own: bool
    heard: bool


@dataclass(frozen=True, slots=True)
class Understood:
    """One certificate, or several to choose from, or none; `paper`: some certificate is asked for, known or not."""

    certificates: tuple[Certificate, ...]
    paper: bool
    named: bool  # something is said beyond the wish for a paper


@dataclass(frozen=True, eq=False)
class Bearers:
    """By the number of a text the certificates that go by it: by a name of their own, or linked by the vocabulary."""

    own: dict[int, list[Certificate]]
    linked: dict[int, list[Certificate]]


@dataclass(frozen=True, eq=False)
class Knowledge:
    """The vocabulary with its texts numbered."""

    texts: Texts
    by_name: dict[str, int]  # the core of a name: its meaning
    texts_of_meaning: tuple[tuple[int, ...], ...]  # by meaning: the numbers of its texts
    meaning_of: dict[int, int]  # by text: its meaning, the first that has it
    broad: dict[int, tuple[int, ...]]  # by text: the meanings to choose from
    loose: tuple[Certificate, ...]  # by meaning: the certificate where neither the log nor a list has it


@cache
def knowledge() -> Knowledge:
    """What the vocabulary says, numbered once a process."""
    vocabulary = load_vocabulary()
    texts = Texts(vocabulary)
    by_name: dict[str, int] = {}
    for index, meaning in enumerate(vocabulary.meanings):
        for name in meaning.names:
            by_name.setdefault(vocabulary.core(name), index)
    broad = {
        texts.add(one): tuple(by_name[vocabulary.core(name)] for name in entry.of if vocabulary.core(name) in by_name)
        for entry in vocabulary.broad
        for one in entry.says
    }
    texts_of_meaning: list[tuple[int, ...]] = []
    meaning_of: dict[int, int] = {}
    for index, meaning in enumerate(vocabulary.meanings):
        numbers = [texts.add(one) for one in (*meaning.names, *meaning.says)]
        numbers += [texts.add_english(one) for one in (*meaning.english, *([meaning.en] if meaning.en else ()))]
        texts_of_meaning.append(tuple(number for number in dict.fromkeys(numbers) if number not in broad))
        for number in texts_of_meaning[-1]:
            meaning_of.setdefault(number, index)
    return Knowledge(
        texts, by_name, tuple(texts_of_meaning), meaning_of, broad, tuple(map(_unknown_to_the_log, vocabulary.meanings))
    )


def prepare() -> None:
    """Read the vocabulary now (a second) rather than at the first question. Raises BadWords."""
    knowledge()


def english_name(name: str) -> str | None:
    """What a certificate of this name is called in English, where the vocabulary says."""
    known = knowledge()
    index = known.by_name.get(known.texts.vocabulary.core(name))
    return None if index is None else known.texts.vocabulary.meanings[index].en


def bearers(certificates: Iterable[Certificate]) -> Bearers:
    """The certificates by the texts that they go by.

    A name that an allowed and a forbidden certificate share is the forbidden one's: negative goes before positive.
    """
    known = knowledge()
    own: dict[int, list[Certificate]] = defaultdict(list)
    linked: dict[int, list[Certificate]] = defaultdict(list)
    for certificate in certificates:
        numbers = [known.texts.add(text) for text in certificate.texts]
        meanings = {known.by_name.get(known.texts.texts[number].core) for number in numbers}
        for number in dict.fromkeys(numbers):
            own[number].append(certificate)
        for number in dict.fromkeys(
            text for index in meanings if index is not None for text in known.texts_of_meaning[index]
        ):
            linked[number].append(certificate)
    for number, named in own.items():
        forbidden = [certificate for certificate in named if certificate.status == "FORBIDDEN"]
        # An item stands for itself only where no matter known here goes by its words.
        same = forbidden or named
        own[number] = [certificate for certificate in same if certificate.matter] or same
    return Bearers(dict(own), dict(linked))


def off_list(matters: Sequence[Matter]) -> Bearers:
    """Certificates known to the log by the texts that they go by: for those that are on no list of a village."""
    return bearers(unlisted(matter) for matter in matters if not matter.retired)


def understand(text: str, listed: Bearers, others: Bearers) -> Understood:
    """The certificate that is meant: one, several where it cannot be told, or none.

    `listed`: those on lists that reach the village; `others`: all of the log; after these comes the vocabulary.
    """
    known = knowledge()
    query = known.texts.query_of(text)
    for number in (known.texts.named(text), known.texts.exactly(query.whole)):
        if number is not None and (named := listed.own.get(number) or others.own.get(number)):
            return Understood(tuple(named), query.paper, named=True)
    if not query.core:
        return Understood((), query.paper, named=False)
    likenesses, focus = known.texts.like(query.core, query.words), query.focus
    chosen = _by_focus(focus, listed, others) if focus != query.core else None
    if chosen is None:
        meant = _meant(query.core, likenesses, listed, others, query.focused)
        chosen = _broad(known, query.core, meant, listed, others) or _chosen(meant, query.paper)
    if len(chosen) == 1 and chosen[0].status == "ALLOWED":
        chosen += _contradicting(chosen[0], _meant(query.core, likenesses, listed, others, None))[: CHOICES - 1]
    return Understood(tuple(chosen), query.paper, named=True)


def _contradicting(allowed: Certificate, meant: list[Meant]) -> list[Certificate]:
    """The forbidden certificates that what was asked tells by other words, or more of it than the allowed one.

    Wherever these words stand: then it is not sure, and to say yes would do harm.
    """
    explained = next((one.explains for one in meant if one.certificate is allowed), frozenset[int]())
    results: list[Certificate] = []
    for one in meant:
        new = one.explains - explained
        more = bool(new) and (explained < one.explains or len(new) * 2 > len(one.explains))
        least = CONSIDERED if explained < one.explains else HEEDED
        if one.certificate.status == "FORBIDDEN" and more and one.score >= least:
            results.append(one.certificate)
    return results


def _by_focus(focus: str, listed: Bearers, others: Bearers) -> list[Certificate] | None:
    """The certificates that these words tell without the others around them; None where they do not."""
    known = knowledge()
    meant = _meant(focus, known.texts.like(focus), listed, others, None)
    broad = _broad(known, focus, meant, listed, others)
    if broad:
        return broad
    return _chosen(meant, paper=True) if meant and meant[0].score >= OUTRIGHT else None


def _broad(
    known: Knowledge, core: str, meant: list[Meant], listed: Bearers, others: Bearers
) -> list[Certificate] | None:
    """The certificates to choose from, where what is said is too broad."""
    number = known.texts.exactly(core)
    if number not in known.broad or (meant and meant[0].own and meant[0].score == 1.0):
        return None
    return list(dict.fromkeys(_bearing(known, index, listed, others) for index in known.broad[number]))


def _chosen(meant: list[Meant], paper: bool) -> list[Certificate]:
    if not meant or meant[0].score < CONSIDERED:
        return []
    best = meant[0]
    least = ALLOWED if best.certificate.status == "ALLOWED" else ACCEPTED
    if best.score < max(least, 0.0 if paper else UNASKED):
        return [one.certificate for one in meant if one.score >= CONSIDERED][:CHOICES] if paper else []
    rivals = [one for one in meant[1:] if _rivals(best, one)]
    return [one.certificate for one in (best, *rivals)][:CHOICES]


def _rivals(best: Meant, other: Meant) -> bool:
    """Whether the other may be meant as well."""
    forbidden = best.certificate.status != "FORBIDDEN" and other.certificate.status == "FORBIDDEN"
    whole = best.score == 1.0 or (best.heard and best.score == TYPED)
    if whole and best.own and not (other.own and other.score >= TYPED):
        return forbidden and other.score >= TYPED * LINKED
    if other.score < best.score:
        new = other.explains - best.explains
        if not new if other.heard <= best.heard else len(new) * 2 <= len(other.explains):
            return False  # it goes by a part of the same words, or by how they sound
        if len(new) * 2 < len(other.explains) and len(other.explains) <= len(best.explains):
            return False
    return other.score >= max(CONSIDERED, best.score - (CAUTION if forbidden else MARGIN))


def _meant(
    query: str, likenesses: Sequence[Likeness], listed: Bearers, others: Bearers, focused: frozenset[int] | None
) -> list[Meant]:
    """Each certificate with its best likeness, the most alike first.

    `told`: the places where it is said what the paper is to be about (None: all); others weigh less. What a
    certificate's other sayings explain besides counts too: who speaks of 遗产 and 存款 means the inheritance.
    """
    known = knowledge()
    results: dict[int, Meant] = {}
    whole = known.texts.weight(query)
    for likeness in likenesses:
        aside = focused is not None and not likeness.explains & focused
        for certificate, mine in _bearers_of(known, likeness.text, listed, others):
            score = likeness.score * (1.0 if mine else LINKED) * (ASIDE if aside else 1.0)
            best = results.get(id(certificate))
            if best is None or best.score < score:
                best = Meant(certificate, score, likeness.explains, mine, likeness.heard)
            elif likeness.score >= HEEDED and best.score < TYPED and not likeness.explains <= best.explains:
                more = known.texts.weight(query[index] for index in likeness.explains - best.explains)
                best = replace(
                    best, score=min(best.score + MORE * more / whole, TYPED), explains=best.explains | likeness.explains
                )
            results[id(certificate)] = best
    return sorted(results.values(), key=lambda one: (-one.score, one.certificate.status, one.certificate.name))


def _bearers_of(known: Knowledge, text: int, listed: Bearers, others: Bearers) -> Iterator[tuple[Certificate, bool]]:
    """Who goes by a text, in the village, else in the log, else in the words; and whether it is a name of theirs."""
    for of in (listed, others):
        own, linked = of.own.get(text, ()), of.linked.get(text, ())
        if of is others:
            own, linked = own[:1], linked[:1]
        if own or linked:
            yield from ((one, True) for one in own)
            yield from ((one, False) for one in linked)
            return
    if text in known.meaning_of:
        yield known.loose[known.meaning_of[text]], False


def _bearing(known: Knowledge, meaning: int, listed: Bearers, others: Bearers) -> Certificate:
    """The certificate of a meaning in this village, else one known to the log, else the vocabulary's."""
    for number in known.texts_of_meaning[meaning]:
        for of in (listed.linked.get(number), others.linked.get(number)):
            if of:
                return of[0]
    return known.loose[meaning]


def _unknown_to_the_log(meaning: Meaning) -> Certificate:
    """A certificate that people ask for, though neither the log nor a list has it."""
    return Certificate("UNLISTED", None, meaning.names[0], None, None, None, None, (), None, None, (), ())
