"""What one text says: permitted, denied or taken away, with negation and what it reaches understood.

A small grammar over a vocabulary: what is quoted or left out says nothing; then words that deny, words that take away
and the verbs and nouns that they reach. What the grammar does not understand is `unclear`, never a guess.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache, lru_cache
from itertools import pairwise
from typing import Final, Literal

from registry.checker.names.normalise import simplified
from registry.exchange.sheets.meaning.vocabulary import any_of, pattern, words

# `permitted`: in so many words; `plain`: nothing that permits or forbids; `open`: 清理, which may end as either;
# `mixed`: both sides; `unclear`: negations that are not understood.
Status = Literal["plain", "permitted", "denied", "ended", "open", "mixed", "unclear"]
_Kind = Literal["deny", "bare", "end", "open", "permit", "verb", "and", "instructs", "forbidding"]

_MASK: Final = "□"
_SPACES: Final = re.compile(r"\s+")
# 乡镇（街道）, 村（居）: no bracket that says anything of its own.
_BODIES: Final = re.compile(r"[(（](街道|街|社区|居|镇|乡|市|区|县|旗|办|场|园区|开发区|办事处|苏木|村)[)）]")
_QUOTED: Final = re.compile(r"(?<!印发)(?<!公布)(?<!发布)(?<!公示)(?<!实施)《[^》]*》")
_BUT: Final = re.compile(r"[^，,。；;（）()：:]{2,30}?(?:(?:以外|之外)的|除外)")  # 不得承担事项以外的, 非属地事项除外
_ALSO: Final = re.compile("另有(?!规定|要求)")  # 另有20项取消
_CLAUSE: Final = re.compile(r"[，,。；;！!？?：:（）()\[\]【】\n]")
_SENTENCE: Final = re.compile(r"[。；;！!？?\n（）()]")
_NEAR: Final = 3  # letters between a word that denies and the one that it denies
_FAR: Final = 24  # letters that a denial reaches: 不得将招商引资、征地拆迁等事项交由


@dataclass(frozen=True, slots=True)
class Statement:
    """What a text says, and by which of its words.

    `rest` is the text without what is quoted, left out, or but an instruction to whoever uses the list. `words` are
    those that decided; `left_out` those that were understood and decide nothing. `dangling`: a 不, 未 or 非 reaches
    nothing that is known.
    """

    status: Status
    rest: str
    words: tuple[str, ...] = ()
    left_out: tuple[str, ...] = ()
    dangling: bool = False


@dataclass(frozen=True, slots=True)
class _Token:
    kind: _Kind
    text: str
    start: int

    @property
    def end(self) -> int:
        return self.start + len(self.text)


@dataclass(frozen=True, slots=True)
class _Claim:
    """One thing said, from its first word to its last."""

    status: Status
    first: _Token
    last: _Token


@dataclass(frozen=True, slots=True)
class _Weighed:
    """What the words of a text come to, and where instructions begin."""

    status: Status
    words: tuple[str, ...]
    instructions: tuple[int, ...]
    dangling: bool


# What words say by themselves.
_STATUS: Final[Mapping[_Kind, Status]] = {
    "forbidding": "denied",
    "end": "ended",
    "open": "open",
    "permit": "permitted",
}


@lru_cache(maxsize=1 << 12)
def statement(text: str) -> Statement:
    """What a title, a line, a heading or an opinion says."""
    plain = _BODIES.sub(r"\1", _SPACES.sub("", simplified(text)))
    if plain.startswith("《") and plain.endswith("》") and plain.count("《") == 1:
        plain = plain[1:-1]
    left_out: list[str] = []
    plain = _QUOTED.sub(lambda match: _MASK * len(match[0]), plain)
    plain = _without_outside(plain, left_out)
    plain = _without_exceptions(plain, left_out)
    searched = pattern("neutral").sub(lambda match: _MASK * len(match[0]), plain)
    tokens = _tokens(searched)
    weighed = _weighed(searched, tokens, plain)
    for start in weighed.instructions:
        end = _CLAUSE.search(plain, start)
        stop = end.start() if end else len(plain)
        plain = plain[:start] + _MASK * (stop - start) + plain[stop:]
    rest = plain.replace(_MASK, "")
    return Statement(weighed.status, rest, weighed.words, tuple(left_out), weighed.dangling)


def _without_outside(text: str, left_out: list[str]) -> str:
    """Masks sentences about what is not in the list: 未列入本清单的，一律不得…; 其他证明一律不再出具."""
    others, all_of_them, itself = pattern("others"), pattern("others_all"), pattern("itself")
    result: list[str] = []
    start = 0
    for match in [*_SENTENCE.finditer(text), None]:
        end = match.start() if match else len(text)
        sentence = text[start:end]
        outside = pattern("outside").search(sentence) or _ALSO.search(sentence)
        rest = others.search(sentence)
        excepted = _excepted(sentence)
        if (
            outside
            or (rest and all_of_them.search(sentence, rest.end()) and len(sentence) > len(rest[0]) + 2)
            or (excepted and itself.search(excepted[0]) and all_of_them.search(sentence, excepted.end()))
        ):
            left_out.append(sentence)
            sentence = _MASK * len(sentence)
        result += [sentence, match[0] if match else ""]
        start = match.end() if match else end
    return "".join(result)


def _excepted(text: str) -> re.Match[str] | None:
    ends = "|".join(map(re.escape, words("except_ends")))
    begins = "|".join(map(re.escape, words("except")))
    return re.search(rf"(?:{begins})(?!非|了?以)[^，,。；;]{{1,60}}?(?:{ends})(?![来出部部卖包围])", text)


def _without_exceptions(text: str, left_out: list[str]) -> str:
    """Masks what is left out of the list: 不含已收回的; 除收回的外."""
    while (match := _excepted(text)) is not None:
        left_out.append(match[0])
        text = text[: match.start()] + _MASK * len(match[0]) + text[match.end() :]
    for match in _BUT.finditer(text):
        left_out.append(match[0].replace(_MASK, ""))
        text = text[: match.start()] + _MASK * len(match[0]) + text[match.end() :]
    for match in pattern("leaves_out").finditer(text):
        end = _CLAUSE.search(text, match.end())
        stop = end.start() if end else len(text)
        # 不含…的事项清单: what follows 的 is the list again.
        again = re.search("的(?=[^的]{0,16}(?:清单|目录|一览|计划)$)", text[match.end() : stop])
        stop = match.end() + again.start() if again else stop
        left_out.append(text[match.start() : stop].replace(_MASK, ""))
        text = text[: match.start()] + _MASK * (stop - match.start()) + text[stop:]
    return text


def _tokens(text: str) -> list[_Token]:
    """The words of the vocabulary in a text, in their order; where several begin, the longest."""
    kinds, known = _known_words()
    return [_Token(kinds[match[0]], match[0], match.start()) for match in known.finditer(text)]


@cache
def _known_words() -> tuple[Mapping[str, _Kind], re.Pattern[str]]:
    """What each word is, the first class that has it, and all of them."""
    classes: tuple[tuple[_Kind, str], ...] = (
        ("forbidding", "forbidding"),
        ("deny", "deny"),
        ("permit", "permit"),
        ("end", "end"),
        ("open", "open"),
        ("instructs", "instructs"),
        ("verb", "verb"),
        ("and", "and"),
        ("bare", "deny_before_verb"),
    )
    kinds: dict[str, _Kind] = {word: kind for kind, name in reversed(classes) for word in words(name)}
    return kinds, any_of(kinds)


def _weighed(text: str, tokens: list[_Token], shown: str) -> _Weighed:
    """What the words come to; `shown` is the text as it is, to quote from."""
    claims: list[_Claim] = []
    instructions: list[int] = []
    dangling = False
    loose: list[_Token] = []  # verbs that no denial reaches
    at = 0
    while at < len(tokens):
        token = tokens[at]
        following = next((each for each in tokens[at + 1 :] if each.kind != "and"), None)
        if token.kind in ("deny", "bare"):
            status, taken = _denied(text, token, following)
            dangling = dangling or (token.kind == "bare" and status is None)
            if status == "instructs":
                instructions.append(token.start)
                while at + 1 < len(tokens) and tokens[at + 1].kind in ("instructs", "end", "verb", "permit"):
                    at += 1
            elif status is not None:
                claims.append(_Claim(status, token, taken or token))
                if taken is not None:
                    at = tokens.index(taken)
                    while _coordinated(text, tokens, at):  # 不得协助和承担: both
                        at += 1
        elif token.kind in _STATUS:
            claims.append(_Claim(_STATUS[token.kind], token, token))
        elif token.kind == "verb":
            loose.append(token)
        at += 1
    status = _together(text, claims)
    if status in ("ended", "denied") and any(_beside(text, verb, one) for verb in loose for one in claims):
        status = "mixed"  # 基本履职、配合履职和收回事项
    phrases = (shown[one.first.start : one.last.end].replace(_MASK, "") for one in claims)
    return _Weighed(status, tuple(dict.fromkeys(phrases)), tuple(instructions), dangling)


def _coordinated(text: str, tokens: list[_Token], at: int) -> bool:
    if at + 1 >= len(tokens):
        return False
    token, following = tokens[at], tokens[at + 1]
    if following.kind == "and":
        return following.start == token.end and at + 2 < len(tokens) and tokens[at + 2].kind == "verb"
    return following.kind == "verb" and not text[token.end : following.start].strip("、和及与或并/")


def _beside(text: str, verb: _Token, one: _Claim) -> bool:
    """Whether a verb is said beside what takes away or denies, and not of it: 开展和取消的, 收回、下放."""
    if verb.end <= one.first.start:
        between = text[verb.end : one.first.start]
    elif one.status == "ended" and verb.start >= one.last.end:
        between = text[one.last.end : verb.start]
    else:
        return False
    return bool(pattern("and").search(between)) and not _CLAUSE.search(between)


def _denied(
    text: str, token: _Token, following: _Token | None
) -> tuple[Status | Literal["instructs"] | None, _Token | None]:
    """What a denial says with the word that it reaches, and that word."""
    if following is None or _broken(text[token.end : following.start]):
        return (None, None) if token.kind == "bare" else ("denied", None)
    gap = following.start - token.end
    if token.kind == "bare":
        if gap > _NEAR:
            return None, None
        if following.kind == "end" and not gap:
            return "permitted", following  # 未收回、不取消: it goes on
        if following.kind in ("verb", "permit") and not gap:
            return "denied", following
        return "unclear", following
    if following.kind == "instructs" and gap <= _NEAR:
        return "instructs", following
    if following.kind == "end":
        return ("permitted" if gap <= _NEAR else "unclear"), following  # 不得取消, 不再收回
    if following.kind in ("deny", "bare", "forbidding"):
        if following.kind == "forbidding" or _and_between(text, token, following):
            return "denied", None  # 不应承担的负面清单; 不得、不再: the same twice
        return ("unclear", following) if gap <= _NEAR else ("denied", None)
    return "denied", following if following.kind in ("verb", "permit") else None


def _broken(between: str) -> bool:
    return bool(re.search("[。；;！!？?]", between)) or len(between) > _FAR


def _and_between(text: str, first: _Token, second: _Token) -> bool:
    return bool(pattern("and").search(text, first.end, second.start))


def _together(text: str, claims: list[_Claim]) -> Status:
    """One status of all that was said."""
    weighty = [one for one in claims if one.status != "open"] or claims  # 清理后保留的, 清理取消的
    statuses: set[Status] = {one.status for one in weighty}
    if not statuses:
        return "plain"
    pairs = list(pairwise(weighty))
    if "unclear" in statuses or any(_twice(text, one, other) for one, other in pairs):
        return "unclear"
    if len(statuses) == 1:
        return statuses.pop()
    if "permitted" in statuses:
        first, second = weighty[:2]
        if len(weighty) == 2 and first.status == "ended" and second.first.start == first.last.end:
            return "ended"  # 取消保留
        return "mixed"
    if all(one.status == other.status or _and_between(text, one.last, other.first) for one, other in pairs):
        return weighty[0].status  # 不再保留和取消的: both take away. 取消不得…的规定 does not.
    return "unclear"


def _twice(text: str, one: _Claim, other: _Claim) -> bool:
    """Whether what takes away is itself taken away, or a denial denied: 取消收回的事项, 禁止不得出具."""
    same = one.status == other.status and one.status in ("ended", "denied")
    between = text[one.last.end : other.first.start]
    named = "forbidding" in (one.first.kind, other.first.kind)  # 不应承担事项负面清单
    return same and not named and not _CLAUSE.search(between) and not pattern("and").search(between)
