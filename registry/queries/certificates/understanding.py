"""Which certificate is meant: what was asked, held against the certificates of one village and all others known."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import cache
from typing import Final

import numpy as np

from registry.checker.names.normalise import letters, simplified
from registry.queries.certificates import miswritten, model, reading
from registry.queries.certificates.deciding import decided
from registry.queries.certificates.heard import Heard, Likely, Manner
from registry.queries.certificates.matching import TYPED, Likeness, Query, Texts
from registry.queries.certificates.status import Certificate, Matter, unlisted
from registry.queries.certificates.vocabulary import Meaning, Topic, load_vocabulary

ACCEPTED: Final = 0.68  # so alike a certificate must be to be taken for what was meant
UNASKED: Final = 0.82  # and this alike one where no paper is spoken of: people also come to talk of other things
ALLOWED: Final = 0.78  # and this alike one that the village may issue: a wrong yes does harm
CONSIDERED: Final = 0.5  # less alike is not worth asking back about
HEEDED: Final = 0.75  # so alike a forbidden one that stands elsewhere in the text makes an allowed one unsure
CLEAR: Final = 0.8  # so likely by all words it is not asked back for the few that stand by the paper
HEARD: Final = 0.02  # and this likely by the models
BOTH: Final = 0.82  # so alike both certificates must be, of which other words tell one and the other,
BESIDES: Final = 0.001  # and so likely the second
MARGIN: Final = 0.08  # so much more alike than the next one
CAUTION: Final = 0.25  # and than a forbidden one that explains what it does not
CHOICES: Final = 5
SHORT: Final = 6  # letters: so short the word for the paper goes after what it is about: 困难的证明, but 证明我是他儿子
MORE: Final = 0.15  # what it adds that other sayings of it explain the rest of what was asked
ASIDE: Final = 0.85  # what a likeness weighs by words that stand elsewhere than where the paper is named
LINKED: Final = 0.985  # what a saying of the vocabulary weighs beside a certificate's own name
ALIKE: Final = 2.5  # what full likeness to a name or saying adds to what the models say of it
WHOLE: Final = 0.97  # so alike it is the very name or saying,
NAMED: Final = 8.0  # which adds this besides


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
    by_meaning: dict[int, list[Certificate]]  # by the number of a meaning
    meanings: dict[int, frozenset[int]]  # by the identity of a certificate: the meanings that it bears


@dataclass(frozen=True, eq=False)
class Knowledge:
    """The vocabulary with its texts numbered."""

    texts: Texts
    by_name: dict[str, int]  # the core of a name: its meaning
    texts_of_meaning: tuple[tuple[int, ...], ...]  # by meaning: the numbers of its texts
    meaning_of: dict[int, int]  # by text: its meaning, the first that has it
    broad: dict[int, tuple[int, ...]]  # by text: the meanings to choose from
    loose: tuple[Certificate, ...]  # by meaning: the certificate where neither the log nor a list has it
    loose_meanings: dict[int, frozenset[int]]  # by the identity of such a certificate its meaning
    by_class: dict[str, int]  # by the class of the models its meaning
    settled: dict[str, int]  # by the core, or the English words, of what is said the one meaning that it has


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
    loose = tuple(map(_unknown_to_the_log, vocabulary.meanings))
    return Knowledge(
        texts,
        by_name,
        tuple(texts_of_meaning),
        meaning_of,
        broad,
        loose,
        {id(one): frozenset({index}) for index, one in enumerate(loose)},
        {meaning.names[0]: index for index, meaning in reversed(list(enumerate(vocabulary.meanings)))},
        {
            " ".join(texts.english(one)) or texts.query_of(one).core: by_name[vocabulary.core(of)]
            for one, of in vocabulary.settled
            if vocabulary.core(of) in by_name
        },
    )


def prepare() -> None:
    """Read the vocabulary and the models now (a second) rather than at the first question. Raises BadWords."""
    knowledge()
    model.models()


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
    by_meaning: dict[int, list[Certificate]] = defaultdict(list)
    meanings_of: dict[int, frozenset[int]] = {}
    for certificate in certificates:
        numbers = [known.texts.add(text) for text in certificate.texts]
        borne = (known.by_name.get(known.texts.texts[number].core) for number in numbers)
        meanings = list(dict.fromkeys(index for index in borne if index is not None))
        meanings_of[id(certificate)] = frozenset(meanings)
        for number in dict.fromkeys(numbers):
            own[number].append(certificate)
        for index in meanings:
            by_meaning[index].append(certificate)
        for number in dict.fromkeys(text for index in meanings for text in known.texts_of_meaning[index]):
            linked[number].append(certificate)
    for number, named in own.items():
        forbidden = [certificate for certificate in named if certificate.status == "FORBIDDEN"]
        # An item stands for itself only where no matter known here goes by its words.
        same = forbidden or named
        own[number] = [certificate for certificate in same if certificate.matter] or same
    return Bearers(dict(own), dict(linked), dict(by_meaning), meanings_of)


def off_list(matters: Sequence[Matter]) -> Bearers:
    """Certificates known to the log by the texts that they go by: for those that are on no list of a village."""
    return bearers(unlisted(matter) for matter in matters if not matter.retired)


def understand(text: str, listed: Bearers, others: Bearers) -> Understood:
    """The certificate that is meant: one, several where it cannot be told, or none.

    `listed`: those on lists that reach the village; `others`: all of the log; after these comes the vocabulary.
    """
    known = knowledge()
    as_written, text = text, miswritten.mended(text)
    request = reading.wanted(text)
    paper = known.texts.vocabulary.asks_for_paper(text)
    for words in dict.fromkeys((as_written, text, request)):
        if named := _outright(words, listed, others):
            return Understood(tuple(named), paper, named=True)
    if both := _two_at_once(text, listed, others):
        return Understood(both, paper=True, named=True)
    query = known.texts.query_of(request)
    if not query.core:
        return Understood((), paper, named=False)
    if (settled := known.settled.get(" ".join(query.words) or query.core)) is not None:
        return Understood((_bearing(known, settled, listed, others),), paper, named=True)
    likenesses = known.texts.like(query.core, query.words)
    meant = _meant(query.core, likenesses, listed, others, query.focused)
    heard = _likely(text, meant, listed, others, model.models())
    chosen = _broad(known, query.core, meant, listed, others)
    if chosen is None and query.focus != query.core and (not heard.likely or heard.likely[0].share < CLEAR):
        chosen = _broad_in_focus(query.focus, listed, others)
    if chosen is None and meant and _beyond_the_words(meant[0], listed, others):
        chosen = _chosen(meant, paper)
    if chosen is None and reading.knows_not_which(request) and (not heard.listed or heard.listed[0].share < CLEAR):
        return Understood((), paper, named=False)
    if chosen is None:
        outcome = decided(heard, _manner(request, query, paper))
        if outcome is None:
            return Understood((), paper=False, named=bool(known.texts.query_of(reading.unasked(request)).core))
        chosen = list(outcome)
        if not chosen:
            return Understood((), paper=True, named=True)
    if len(chosen) == 1 and (other := _wished_besides(chosen[0], meant, heard)):
        chosen.append(other)
    if len(chosen) == 1 and chosen[0].status == "ALLOWED":
        heeded = {id(one.certificate) for one in heard.likely if one.share >= HEARD}
        contradicting = _contradicting(chosen[0], _meant(query.core, likenesses, listed, others, None))
        chosen += [one for one in contradicting if id(one) in heeded][:1]
    return Understood(tuple(chosen), paper, named=True)


def _two_at_once(text: str, listed: Bearers, others: Bearers) -> tuple[Certificate, ...]:
    """The two certificates where a paper of each is asked for, each clear by itself: 一张得病的，一张困难的."""
    both: dict[int, Certificate] = {}
    for part in reading.two_papers(text):
        wish = f"{part}证明" if len(part) <= SHORT else f"证明{part}"
        meant = understand(part if "证明" in part else wish, listed, others).certificates
        if len(meant) == 1 and meant[0].status != "UNLISTED":
            both[id(meant[0])] = meant[0]
    return tuple(both.values()) if len(both) > 1 else ()


def topic(certificate: Certificate, text: str, on: date, listed: Bearers, others: Bearers) -> Topic | None:
    """What of the certificate is asked about in particular, with what to tell on this day; None: nothing known here."""
    known = knowledge()
    request, meanings = simplified(miswritten.mended(text)), set(_meanings(certificate, listed, others))
    return next(
        (
            one
            for one in known.texts.vocabulary.topics
            if known.by_name.get(known.texts.vocabulary.core(one.of)) in meanings and one.fits(request, on)
        ),
        None,
    )


def _outright(text: str, listed: Bearers, others: Bearers) -> list[Certificate]:
    """The certificates of which this is a name."""
    known = knowledge()
    exact = known.texts.exactly(known.texts.vocabulary.core(text))
    for number in (known.texts.named(text), exact):
        if number is not None and (named := listed.own.get(number) or others.own.get(number)):
            if number in known.broad and number != known.texts.named(text):
                named = [one for one in named if _names_it(text, one)]
            if named:
                return named
    return []


def _names_it(text: str, certificate: Certificate) -> bool:
    """Whether the text has a name of the certificate in it: 我家房子 is no 房产证明, though of either 房屋 is left."""
    plain = letters(text)
    return any(letters(name) in plain for name in (certificate.name, *certificate.texts))


def listened(text: str, listed: Bearers, others: Bearers, by: model.Models) -> tuple[Heard, Manner] | None:
    """What these models hear, and how it is said; None where `understand` goes by names alone."""
    known = knowledge()
    as_written, text = text, miswritten.mended(text)
    request = reading.wanted(text)
    query = known.texts.query_of(request)
    if not query.core or any(_outright(words, listed, others) for words in (as_written, text, request)):
        return None
    likenesses = known.texts.like(query.core, query.words)
    meant = _meant(query.core, likenesses, listed, others, query.focused)
    if _broad(known, query.core, meant, listed, others) is not None:
        return None
    return _likely(text, meant, listed, others, by), _manner(
        request, query, known.texts.vocabulary.asks_for_paper(text)
    )


def _manner(request: str, query: Query, paper: bool) -> Manner:
    """How it is said."""
    return Manner(
        paper=paper,
        slip=paper or reading.speaks_of_slip(request),
        wants=paper or reading.wants(request),
        asks=reading.asks(request),
        asks_how=reading.asks_how(request),
        foreign=query.core.isascii(),
        length=len(letters(request)),
    )


def _likely(text: str, meant: Sequence[Meant], listed: Bearers, others: Bearers, by: model.Models) -> Heard:
    """How likely each certificate is meant, the likeliest first; one off all words, no request, any of several.

    The models say of each meaning how likely it is, the likeness to names and sayings adds to that.
    """
    known = knowledge()
    alike: dict[int, float] = {}
    best: dict[int, float] = {}
    for one in meant:
        best.setdefault(id(one.certificate), one.score)
        for index in _meanings(one.certificate, listed, others):
            alike[index] = max(alike.get(index, 0.0), one.score)
    logits, vague, strange = model.classified(text, known.texts.vocabulary, by)
    # Who asks 怎么改名字 says 改名字 too, and wants no paper for it.
    named = 0.0 if reading.asks(text) and not reading.speaks_of_slip(text) else NAMED
    for column, name in enumerate(by.classes):
        score = alike.get(known.by_class.get(name, -1), 0.0)
        if score:
            logits[column] += ALIKE * score * score + (named if score >= WHOLE else 0.0)
    odds = np.exp(logits - logits.max())
    shares = dict(zip(by.classes, (odds / odds.sum()).tolist(), strict=True))
    sums: dict[int, Likely] = {}
    for name, share in shares.items():
        index = known.by_class.get(name)
        if index is None:
            continue
        bearing = listed.by_meaning.get(index) or others.by_meaning.get(index) or [known.loose[index]]
        # An item stands for itself only where no matter goes by its words; of several matters of one meaning what was
        # said of each tells which.
        bearing = bearing if len(bearing) == 1 else [one for one in bearing if one.matter] or bearing
        parts = [(0.1 + best.get(id(one), 0.0)) ** 4 for one in bearing]
        for one, part in zip(bearing, parts, strict=True):
            before = sums.get(id(one))
            more = share * part / sum(parts)
            sums[id(one)] = Likely(one, (before.share if before else 0.0) + more, best.get(id(one), 0.0))
    ordered = sorted(sums.values(), key=lambda one: (-one.share, one.certificate.status, one.certificate.name))
    return Heard(
        ordered,
        off_list=shares.get(model.OFF_LIST, 0.0),
        no_request=shares.get(model.NO_REQUEST, 0.0),
        several=shares.get(model.SEVERAL, 0.0),
        vague=vague,
        strange=strange,
    )


def _meanings(certificate: Certificate, listed: Bearers, others: Bearers) -> Iterable[int]:
    for of in (listed.meanings, others.meanings, knowledge().loose_meanings):
        if id(certificate) in of:
            return of[id(certificate)]
    return ()


def _beyond_the_words(best: Meant, listed: Bearers, others: Bearers) -> bool:
    """Whether what is most alike is a certificate that the vocabulary, and so the models, know nothing of."""
    return best.score >= ACCEPTED and not _meanings(best.certificate, listed, others)


def _wished_besides(chosen: Certificate, meant: Sequence[Meant], heard: Heard) -> Certificate | None:
    """Another certificate that other words tell as clearly: 没工作，还有病."""
    first = next((one for one in meant if one.certificate is chosen), None)
    if first is None or first.score < BOTH:
        return None
    listed = (one for one in heard.likely if one.certificate.status != "UNLISTED")
    likely = {id(one.certificate) for one in listed if one.share >= BESIDES}
    return next(
        (
            one.certificate
            for one in meant
            if one.score >= BOTH and id(one.certificate) in likely and not one.explains & first.explains
        ),
        None,
    )


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


def _broad_in_focus(focus: str, listed: Bearers, others: Bearers) -> list[Certificate] | None:
    """The certificates to choose from, where these words are too broad without the others around them."""
    known = knowledge()
    return _broad(known, focus, _meant(focus, known.texts.like(focus), listed, others, None), listed, others)


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

    `focused`: the letters of the query that say what the paper is to be about (None: all); others weigh less. What a
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
    for of in (listed.by_meaning.get(meaning), others.by_meaning.get(meaning)):
        if of:
            return of[0]
    return known.loose[meaning]


def _unknown_to_the_log(meaning: Meaning) -> Certificate:
    """A certificate that people ask for, though neither the log nor a list has it."""
    return Certificate("UNLISTED", None, meaning.names[0], None, None, None, None, (), None, None, (), ())
