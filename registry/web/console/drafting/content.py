"""What a draft says: its fields as they were filled in, and the decisions that they come to."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Final, cast

import orjson

from registry.domain import words
from registry.domain.dates import OPEN, today
from registry.domain.labels import INSTRUMENT_KIND, LEVEL, MATTER_KIND, MODE, POLARITY, ROLE
from registry.domain.text import Text
from registry.impact.simulation import MOST
from registry.web.pages.address import read_day

KINDS: Final = {
    "delegate": Text("交办职责", "Delegate a duty"),
    "grant": Text("下放或委托权力", "Grant a power"),
    "impose": Text("布置报表、检查、会议等", "Impose a form, inspection, meeting …"),
    "adopt": Text("发布清单", "Adopt a list"),
    "given": Text("一组决定", "A set of decisions"),
}
HANDED_DOWN: Final = ("delegate", "grant", "impose")  # to recipients
MATTER_KINDS: Final = {"delegate": ("duty",), "grant": ("power",), "impose": words.BURDEN_KINDS}
DUTY_MODE: Final = {
    "assigned": Text("交办", "assigned"),
    "entrusted": Text("委托", "entrusted"),
    "letter": Text("责任书", "by letter of responsibility"),
    "territorial": Text("属地管理", "as territorial responsibility"),
    "purchased": Text("购买服务", "purchased"),
}
RESOURCE: Final = {"staff": Text("人员", "staff"), "funds": Text("经费", "funds")}
CHOICES: Final[Mapping[str, Mapping[str, Text]]] = {
    "instrument_kind": INSTRUMENT_KIND,
    "role": ROLE,
    "duty_mode": DUTY_MODE,
    "grant_mode": MODE,
    "polarity": POLARITY,
    "covers": MATTER_KIND,
    "audience": LEVEL,
    "matter_kind": {kind: MATTER_KIND[kind] for kind in words.BURDEN_KINDS},
}
TEXTS: Final = (
    *(
        "title",
        "matter",
        "new_matter",
        "matter_kind",
        "from",
        "instrument",
        "instrument_title",
        "instrument_kind",
        "issued_on",
    ),
    *("role", "duty_mode", "grant_mode", "due_on", "at", "proposal"),
    *("list", "list_title", "polarity", "covers", "audience", "items", "closed"),
)
LONGEST: Final = 2000  # characters of a field; of the items of a list:
LONGEST_ITEMS: Final = 60_000
DAYS: Final = {
    "at": Text("从哪日起", "From which day"),
    "due_on": Text("办结期限", "Due day"),
    "issued_on": Text("文件日期", "Day of the document"),
}
_DEFAULT: Final = {
    "role": "lead",
    "duty_mode": "assigned",
    "grant_mode": "devolved",
    "audience": "township",
    "instrument_kind": "notice",
}
_CODE: Final = re.compile(r"[^#\x00-\x1f]{1,200}")


@dataclass(frozen=True, slots=True)
class Problem:
    """What keeps a draft from being recorded: the field that it is about, and why.

    `choices`: units or matters that may be meant, by code and name.
    """

    field: str
    text: Text
    choices: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Content:
    """A draft's fields. `texts`: by name, as typed; `recipients`, `powers`: codes; `decisions`: of a set, as given.

    `under`: of several proposals that it carries out, which is that of each recipient, by its code.
    """

    kind: str
    texts: Mapping[str, str] = field(default_factory=dict[str, str])
    recipients: tuple[str, ...] = ()
    powers: tuple[str, ...] = ()
    brings: tuple[str, ...] = ()
    decisions: tuple[Any, ...] = ()
    under: Mapping[str, str] = field(default_factory=dict[str, str])

    def text(self, name: str) -> str:
        """A field as it was typed; empty where it was not."""
        return self.texts.get(name, "")

    def chosen(self, name: str) -> str:
        """What was chosen of some words; the first of them where it is none."""
        given = self.text(name)
        return given if given in CHOICES[name] else _DEFAULT.get(name, next(iter(CHOICES[name])))

    def proposal_of(self, recipient: str) -> str:
        """The proposal under which it is handed to a recipient: its own of several; empty where there is none."""
        return self.under.get(recipient, "") if self.under else self.text("proposal")

    @property
    def proposals(self) -> tuple[str, ...]:
        """The proposals that it carries out, each once."""
        if not self.under:
            return (self.text("proposal"),) if self.text("proposal") else ()
        return tuple(dict.fromkeys(self.under[each] for each in self.recipients if each in self.under))

    @property
    def as_object(self) -> dict[str, Any]:
        """It as it is kept."""
        return {
            "kind": self.kind,
            "texts": dict(self.texts),
            "recipients": list(self.recipients),
            "powers": list(self.powers),
            "brings": list(self.brings),
            "decisions": list(self.decisions),
            "under": dict(self.under),
        }

    def with_recipients(self, codes: Iterable[str]) -> Content:
        """The same to these."""
        return replace(self, recipients=tuple(dict.fromkeys(codes)))


def of_object(kept: Mapping[str, Any]) -> Content:
    """A draft's fields as they were kept."""
    lists = {name: tuple(kept.get(name, ())) for name in ("recipients", "powers", "brings", "decisions")}
    return Content(kept["kind"], dict(kept.get("texts", {})), under=dict(kept.get("under", {})), **lists)


def of_fields(fields: Mapping[str, str]) -> Content:
    """A draft's fields from a form or an address: texts by name, ticks as `to:CODE`, `power:CODE`, `brings:WORD`.

    Of several proposals each recipient's as `under:CODE`.

    With a field `decisions`, and no kind, it is a set of decisions from another page. Raises ValueError where these
    are no JSON array of objects.
    """
    clean = {name: value.replace("\x00", "").replace("\r\n", "\n").strip() for name, value in fields.items()}
    given = clean.get("decisions", "")
    kind = clean.get("kind", "given" if given else "")
    kind = kind if kind in KINDS else "delegate"
    limits = {"items": LONGEST_ITEMS}
    texts = {name: clean[name][: limits.get(name, LONGEST)] for name in TEXTS if clean.get(name)}
    texts["title"] = texts.get("title", "")[:200].replace("\n", " ")
    brings = tuple(word for word in _ticked(clean, "brings:") if word in RESOURCE)
    decisions = _decisions(given) if kind == "given" else ()
    under = {code: clean[f"under:{code}"][:LONGEST] for code in _ticked(clean, "under:")}
    return Content(kind, texts, _ticked(clean, "to:"), _ticked(clean, "power:"), brings, decisions, under)


def _ticked(fields: Mapping[str, str], prefix: str) -> tuple[str, ...]:
    names = (name.removeprefix(prefix) for name, value in fields.items() if name.startswith(prefix) and value)
    return tuple(name for name in names if _CODE.fullmatch(name))


def _decisions(text: str) -> tuple[Any, ...]:
    if "\\u0000" in text:
        raise ValueError(text[:20])
    decisions: Any = orjson.loads(text or "[]")
    if not isinstance(decisions, list):
        raise ValueError(text[:20])
    given = cast("list[Any]", decisions)
    if not all(isinstance(each, dict) for each in given):
        raise ValueError(text[:20])
    return tuple(given)


# -------------------------------------------------------------------------------------------------------- decisions


@dataclass(frozen=True, slots=True)
class Named:
    """What a draft names, by code: None where there is none, or it is not clear which. `items`: of a list, in order.

    `alike`: matters whose names are like that of a new one; `list`: the id of a list that is given none.
    """

    matter: Mapping[str, Any] | None = None
    new: bool = False  # whether the matter is one that the draft itself brings in
    sender: Mapping[str, Any] | None = None
    instrument: str | None = None
    issued: bool = False  # whether the document is recorded already
    items: Sequence[Mapping[str, Any]] = ()
    alike: Sequence[Mapping[str, Any]] = ()
    list: str = ""


def wrong_days(content: Content) -> list[Problem]:
    """Days that are none, and a due day before the first."""
    days = {name: read_day(content.text(name)) for name in DAYS if content.text(name)}
    problems = [
        Problem(name, Text(f"“{DAYS[name].zh}”须写成 2026-05-01 这样的日期。", f"{DAYS[name].en}: write 2026-05-01."))
        for name, on in days.items()
        if on is None
    ]
    problems += [Problem(name, _endless(DAYS[name])) for name in days if content.text(name) == str(OPEN)]
    if any(decision.get("at") == str(OPEN) for decision in content.decisions):
        problems.append(Problem("decisions", _endless(DAYS["at"])))
    at, due = days.get("at"), days.get("due_on")
    if at and due and due < at and content.kind != "grant":
        problems.append(Problem("due_on", Text("办结期限早于开始之日。", "It is due before it begins.")))
    issued = days.get("issued_on")
    if at and issued and at < issued and content.text("instrument_title"):
        zh, en = f"开始之日早于文件日期 {issued}。", f"It begins before the day of its document, {issued}."
        problems.append(Problem("at", Text(zh, en)))
    if issued and not content.text("at") and issued > today() and content.text("instrument_title"):
        zh = f"文件日期 {issued} 在今天之后，而没有填写从哪日起（不填即今天）：请写明。"
        en = f"Its document is of {issued}, which is to come, and no first day is given (which means today): write it."
        problems.append(Problem("at", Text(zh, en)))
    return problems


def _endless(day: Text) -> Text:
    """Why the last day of the calendar, which stands for having no end, is refused: nothing would ever begin on it."""
    return Text(f"“{day.zh}”不能是 {OPEN}：这一天表示没有期限。", f"{day.en}: {OPEN} stands for no end.")


def incomplete(content: Content) -> list[Problem]:
    """What is not filled in yet, beside what could not be resolved by name."""
    problems: list[Problem] = []

    def need(name: str, missing: bool, zh: str, en: str) -> None:
        if missing:
            problems.append(Problem(name, Text(zh, en)))

    if content.kind == "given":
        need("decisions", not content.decisions, "没有任何决定。", "There are no decisions.")
        return problems
    need("from", not content.text("from"), "请填写由哪个单位作出。", "Which unit does it?")
    need("instrument", not content.text("instrument"), "请填写依据文件的文号。", "By which document?")
    if content.kind == "adopt":
        need("list_title", not content.text("list_title"), "请填写清单名称。", "The list needs a title.")
        need("items", not content.text("items"), "请逐行填写清单事项。", "Write its items, one a line.")
        return problems
    need("matter", not content.text("matter"), "请填写事项。", "Which matter?")
    need("recipients", not content.recipients, "请勾选承接单位。", "Tick who is to receive it.")
    steps = len(content.recipients) * (1 + (len(content.powers) if content.kind == "delegate" else 0))
    need(
        "recipients",
        steps > MOST - 1,
        f"一次最多 {MOST} 项决定，这里有 {steps} 项；请分几份草稿。",
        f"At most {MOST} decisions at once, and these are {steps}: make several drafts.",
    )
    return problems


def decisions_of(content: Content, names: Named, id_: str, day: str) -> list[dict[str, Any]]:
    """The decisions (journal objects) of a draft that is complete; `day`: from which, where it does not say."""
    if content.kind == "given":
        return list(content.decisions)
    at = content.text("at") or day
    decisions = _brought_in(content, names, at, day)
    if content.kind == "adopt":
        return [*decisions, *_list(content, names, at)]
    for recipient in content.recipients:
        decisions.append(_transfer(content, names, f"{id_}-{recipient}", recipient, at))
        decisions += [
            _power(content, names, f"{id_}-{recipient}-{number}", power, recipient, at)
            for number, power in enumerate(content.powers if content.kind == "delegate" else (), 1)
        ]
    return decisions


def proposals_of(content: Content, names: Named, id_: str, day: str) -> list[dict[str, Any]]:
    """The proposals for admission that a draft becomes, one for each recipient and matter.

    `day`: today. They are made today also of what is to begin later, so that they are pending from today on.
    """
    at = content.text("at") or day
    proposals = _brought_in(content, names, at, day)
    made = min(at, day)
    kept = {"matter", "from", "to", "role", "mode", "instrument", "brings", "due_on"}
    for each in decisions_of(content, names, id_, day)[len(proposals) :]:
        fields = {name: value for name, value in each.items() if name in kept}
        proposals.append({"type": "DelegationProposed", "at": made, "proposal": each["ref"], **fields})
    return proposals


def _brought_in(content: Content, names: Named, at: str, day: str) -> list[dict[str, Any]]:
    """What the draft brings in first: its document, and its matter where that is new."""
    decisions = _document(content, names, at)
    if names.new and names.matter is not None:
        fields = {"matter": names.matter["code"], "kind": names.matter["kind"].lower(), "name": names.matter["name"]}
        decisions.append({"type": "MatterDefined", "at": min(at, day), **fields})
    return decisions


def _document(content: Content, names: Named, at: str) -> list[dict[str, Any]]:
    if names.issued or names.sender is None:
        return []
    issued = {
        "type": "InstrumentIssued",
        "at": content.text("issued_on") or at,
        "instrument": names.instrument,
        "title": content.text("instrument_title") or content.text("instrument"),
        "kind": content.chosen("instrument_kind"),
        "issuer": names.sender["code"],
    }
    return [issued]


def _transfer(content: Content, names: Named, ref: str, recipient: str, at: str) -> dict[str, Any]:
    assert names.matter is not None
    assert names.sender is not None
    kinds = {"delegate": "DutyDelegated", "grant": "PowerGranted", "impose": "BurdenImposed"}
    decision: dict[str, Any] = {
        "type": kinds[content.kind],
        "at": at,
        "ref": ref,
        "matter": names.matter["code"],
        "from": names.sender["code"],
        "to": recipient,
        "instrument": names.instrument,
    }
    if content.kind == "delegate":
        decision |= {"role": content.chosen("role"), "mode": content.chosen("duty_mode")}
    if content.kind == "grant":
        decision["mode"] = content.chosen("grant_mode")
    if content.kind != "impose" and content.brings:
        decision["brings"] = list(content.brings)
    if content.kind != "grant" and content.text("due_on"):
        decision["due_on"] = content.text("due_on")
    if content.proposal_of(recipient):
        decision["proposal"] = content.proposal_of(recipient)
    return decision


def _power(content: Content, names: Named, ref: str, power: str, recipient: str, at: str) -> dict[str, Any]:
    assert names.sender is not None
    return {
        "type": "PowerGranted",
        "at": at,
        "ref": ref,
        "matter": power,
        "from": names.sender["code"],
        "to": recipient,
        "mode": content.chosen("grant_mode"),
        "instrument": names.instrument,
    }


def _list(content: Content, names: Named, at: str) -> list[dict[str, Any]]:
    assert names.sender is not None
    code = content.text("list") or names.list
    adopted: dict[str, Any] = {
        "type": "ListAdopted",
        "at": at,
        "list": code,
        "title": content.text("list_title"),
        "polarity": content.chosen("polarity"),
        "covers": content.chosen("covers"),
        "audience": content.chosen("audience"),
        "scope": names.sender["code"],
        "instrument": names.instrument,
    }
    if content.text("closed") and adopted["polarity"] == "positive":
        adopted["closed"] = True
    items = [
        {"type": "ListItemEntered", "at": at, "list": code, "item": str(number), **item}
        for number, item in enumerate(names.items, 1)
    ]
    return [adopted, *items]


def acting_unit(content: Content, names: Named) -> str | None:
    """The unit for which a draft acts: its sender; of a set, the one that its first decision names as acting."""
    if names.sender is not None:
        return names.sender["code"]
    for decision in content.decisions:
        for name in ("from", "by", "issuer", "scope", "unit"):
            if isinstance(decision.get(name), str):
                return decision[name]
    return None
