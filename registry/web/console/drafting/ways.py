"""What of a draft causes what it would open, and changes to it that may help: each tried before it is offered."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

from registry.domain.text import Text
from registry.web.console.drafting.content import Content

# Which part of the form a rule is about, and what to do there.
CAUSES: Final[Mapping[str, tuple[str, Text]]] = {
    "duty-without-power": (
        "powers",
        Text(
            "缺少履职所需的权力：随同下放，或者只交配合的任务。",
            "Powers are missing: hand them down too, or only have it assist.",
        ),
    ),
    "negative-list": (
        "matter",
        Text("事项在负面清单上，不得交给这一级。", "The matter is on a negative list for that level."),
    ),
    "off-list": (
        "matter",
        Text(
            "事项不在清单上：先经准入审核，或修订清单。",
            "It is not on the list: have it admitted first, or revise that.",
        ),
    ),
    "unfunded-mandate": ("means", Text("没有配人员或者经费。", "Staff or funds do not come with it.")),
    "incapable-recipient": (
        "recipients",
        Text(
            "承接单位没有承接条件：换承接单位，或者配齐人员、经费。",
            "The recipient cannot do it: choose another, or send the means.",
        ),
    ),
    "unfit-instrument": (
        "instrument",
        Text("依据的文件种类不够：换一份有权作此规定的文件。", "Such a document cannot do it: name one that can."),
    ),
    "informal-order": ("instrument", Text("口头或会议交办：应有正式文件。", "By word of mouth: it takes a document.")),
    "expired-basis": (
        "instrument",
        Text(
            "依据的文件这一天不生效：换当日有效的文件，或改自它施行之日起。",
            "The basis is not in force on that day: name one that is, or begin on its first day.",
        ),
    ),
    "void-grant": (
        "powers",
        Text(
            "发文单位自己没有这项权力，或者依法不能下放。", "The sender does not hold the power, or may not pass it on."
        ),
    ),
    "re-entrusted": ("powers", Text("受委托的权力不得再委托。", "What is entrusted is not entrusted on.")),
    "level-skip": (
        "recipients",
        Text("越级交办：由承接单位的上一级下达。", "It skips a level: go by the level between."),
    ),
    "out-of-line": ("from", Text("发文单位管不到承接单位。", "The sender is not over the recipient.")),
    "passed-down": ("matter", Text("把本单位的法定职责转给了下级。", "The sender's own duty by law is passed down.")),
    "delegation-loop": (
        "recipients",
        Text("职责又转回到已经交出的单位。", "The duty comes back to who had passed it on."),
    ),
    "deadline-squeeze": ("due_on", Text("留给下级的时间比上级给的还紧。", "It leaves less time than was given above.")),
    "conflicting-orders": ("matter", Text("与别的单位的交办相抵触。", "It conflicts with another's order.")),
    "multiple-leads": (
        "role",
        Text("同一事项有了几个牵头单位：改为配合或共同承担。", "Several would lead it: assist or share."),
    ),
    "no-lead": ("role", Text("没有牵头单位。", "Nobody would lead it.")),
    "rebound": ("matter", Text("曾经退回或终止的，又交了下来。", "It was given back or ended before.")),
    "quota-exceeded": ("recipients", Text("超过了年度限额。", "It is over the year's quota.")),
    "disguised": ("matter", Text("与清单外的事项实质相同。", "It is in substance another that is off the list.")),
}
OTHERWISE: Final = ("matter", Text("由本草案的内容引起。", "It comes from what this draft says."))


def cause(rule: str) -> tuple[str, Text]:
    """The field of the form that a finding of a rule comes from, and what to do there."""
    return CAUSES.get(rule, OTHERWISE)


@dataclass(frozen=True, slots=True)
class Way:
    """A change to a draft that may help. `label`: what it does."""

    name: str
    label: Text
    apply: Callable[[Content, Sequence[Mapping[str, Any]]], Content]


def _with_powers(content: Content, opened: Sequence[Mapping[str, Any]]) -> Content:
    missing = [code for finding in opened if finding["rule"] == "duty-without-power" for code in finding["missing"]]
    return replace(content, powers=tuple(dict.fromkeys((*content.powers, *missing))))


def _with_means(content: Content, _: Sequence[Mapping[str, Any]]) -> Content:
    return replace(content, brings=("staff", "funds"))


def _assisting(content: Content, _: Sequence[Mapping[str, Any]]) -> Content:
    return replace(content, texts={**content.texts, "role": "assist"}, powers=())


def _only_unharmed(content: Content, opened: Sequence[Mapping[str, Any]]) -> Content:
    harmed = {finding["unit"]["code"] for finding in opened}
    return content.with_recipients(code for code in content.recipients if code not in harmed)


def _mandated(content: Content, _: Sequence[Mapping[str, Any]]) -> Content:
    return replace(content, texts={**content.texts, "grant_mode": "entrusted"})


WAYS: Final = (
    Way("powers", Text("随同下放所缺的权力", "Hand down the missing powers too"), _with_powers),
    Way("entrusted", Text("权力改为委托", "Entrust the powers"), _mandated),
    Way("means", Text("随同配备人员和经费", "Send staff and funds along"), _with_means),
    Way("assist", Text("改为只配合，不牵头", "Have them assist, not lead"), _assisting),
    Way("unharmed", Text("只交给不会因此出现问题的单位", "Only to those on whom it opens nothing"), _only_unharmed),
)


DOCUMENT: Final = "document:"  # before the number, in the name of the way


def on_document(number: str, title: str) -> Way:
    """The change to another document that is recorded already."""
    name = f"《{title.strip('《》')}》（{number}）"
    return Way(
        f"{DOCUMENT}{number}",
        Text(f"改以{name}为依据", f"Rest it on {name}"),
        lambda content, _: _resting_on(content, number),
    )


def _resting_on(content: Content, number: str) -> Content:
    own = ("instrument_title", "instrument_kind", "issued_on")  # what describes a new document
    texts = {name: text for name, text in content.texts.items() if name not in own}
    return replace(content, texts={**texts, "instrument": number})


def unfit_powers(content: Content, opened: Sequence[Mapping[str, Any]]) -> list[str]:
    """The powers that a draft hands down by a document that cannot, as what it would open says."""
    unfit = [finding["matter"]["code"] for finding in opened if finding["rule"] == "unfit-instrument"]
    return list(dict.fromkeys(unfit)) if content.kind in ("delegate", "grant") else []


def ways(content: Content, opened: Sequence[Mapping[str, Any]]) -> list[tuple[Way, Content]]:
    """The changes that make another draft of it, and that, to be tried."""
    if content.kind not in ("delegate", "grant") or not opened:
        return []
    tried = [
        (way, way.apply(content, opened))
        for way in WAYS
        if not (way.name in ("powers", "assist") and content.kind != "delegate")
        and not (way.name == "entrusted" and content.kind == "delegate" and not content.powers)
    ]
    return [(way, changed) for way, changed in tried if changed != content and changed.recipients]


def changed(content: Content, name: str, opened: Sequence[Mapping[str, Any]], others: Sequence[Way] = ()) -> Content:
    """A draft with one of the changes made, of WAYS or others; as it is where there is no such change."""
    if name.startswith(DOCUMENT):
        return _resting_on(content, name.removeprefix(DOCUMENT))
    return next((way.apply(content, opened) for way in (*WAYS, *others) if way.name == name), content)
