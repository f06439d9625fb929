"""What to tell a villager: the answer in a sentence or two, in zh and en."""

from __future__ import annotations

from typing import Literal

from registry.domain.labels import WINDOW
from registry.domain.text import Text
from registry.queries.certificates.answering import Answer
from registry.queries.certificates.understanding import english_name

Lang = Literal["zh", "en"]


def sentence(answer: Answer, lang: Lang) -> str:
    """The answer in words for the person who asked."""
    return _zh(answer) if lang == "zh" else _en(answer)


def _zh(answer: Answer) -> str:
    name = f"“{answer.name}”" if answer.name else "这一证明"
    match answer.status:
        case "ALLOWED":
            text = f"{name}由村（居）委会出具。"
            if answer.materials:
                text += f"请带：{'、'.join(answer.materials)}。"
            if answer.procedure:
                text += _ended(answer.procedure, "。")
        case "FORBIDDEN":
            text = f"{name}村（居）委会不出具。"
            if answer.issuer:
                text += f"请找：{answer.issuer}。"
            if answer.alternative:
                text += _ended(answer.alternative, "。")
            if answer.online:
                text += f"网上：{_ended(answer.online, '。')}"
        case "UNLISTED":
            text = {
                "closed-list": f"{name}不在村（居）委会可以出具的证明清单内，村里不出具；要求提供的单位应当自行核实。",
                "open-list": f"没有清单写明村（居）委会出具{name}，请先问镇（街道）便民服务中心。",
            }.get(answer.reason, f"本村还没有证明清单，{name}能否出具请问镇（街道）便民服务中心。")
            if answer.issuer:
                text += f"可以找：{answer.issuer}。"
            if answer.alternative:
                text += _ended(answer.alternative, "。")
        case "AMBIGUOUS":
            text = f"请选您要的是哪一种：{'、'.join(one.name for one in answer.candidates)}。"
        case _:
            text = {
                "empty": "请写明要什么证明。",
                "too-long": "写得太长了，请用一句话写明要什么证明。",
                "nothing-named": "请写明要证明什么，例如“无犯罪记录”“宅基地”。",
                "burden": "听来不是要开证明，是上面布置下来的事：觉得不该落到村里的，可以反映。",
                "duty": "听来不是要开证明，是问这件事归谁管：请看本村的清单，或者按事项查找。",
            }.get(answer.reason, "没有看出要的是什么证明，请换个说法，或者在清单里找。")
    if answer.advice:
        text += f"您问的是{answer.advice.about.zh}：{_ended(answer.advice.text.zh, '。')}"
    if answer.demander:
        text += improper(answer.demander).zh
    for service in answer.services:
        window = f"，到{WINDOW[service.window].zh}" if service.window else ""
        text += f"要办的是“{bare_name(service.name)}”这一件事的话，填一张表{window}一次办好，不用一样一样跑。"
    return text + _basis(answer, "依据：", "；", "。")


def improper(who: str) -> Text:
    """What to tell who was sent for a paper that the lists keep the village from issuing."""
    return Text(
        f"{who}要村里开这个证明，是不该要的：清单写明村里不出具，请按上面的办法办，或者请{who}自己核实；还硬要的，可以反映。",
        f"{who} should not demand this of the village, which by the lists does not issue it: do as is told above, or "
        "ask them to check it themselves; who insists may be reported.",
    )


def bare_name(name: str) -> str:
    """A service's name without what every one is called: 新生儿出生“一件事” as 新生儿出生."""
    return name.replace("“一件事”", "").replace("一件事", "").strip() or name


def _en(answer: Answer) -> str:
    name = _named(answer.name) if answer.name else "this certificate"
    match answer.status:
        case "ALLOWED":
            text = f"The village issues {name}."
            if answer.materials:
                text += f" Bring: {', '.join(answer.materials)}."
            if answer.procedure:
                text += f" {_ended(answer.procedure, '.')}"
        case "FORBIDDEN":
            text = f"The village does not issue {name}."
            if answer.issuer:
                text += f" Go to: {answer.issuer}."
            if answer.alternative:
                text += f" Instead: {_ended(answer.alternative, '.')}"
            if answer.online:
                text += f" Online: {_ended(answer.online, '.')}"
        case "UNLISTED":
            text = {
                "closed-list": f"The village does not issue {name}: it is not on the closed list of what it may issue. "
                "Who asks for it has to check the facts itself.",
                "open-list": f"No list says that the village issues {name}; ask the township's service centre first.",
            }.get(answer.reason, f"No list of certificates reaches this village; ask the township about {name}.")
            if answer.issuer:
                text += f" You may go to: {answer.issuer}."
            if answer.alternative:
                text += f" {_ended(answer.alternative, '.')}"
        case "AMBIGUOUS":
            text = f"Choose which one you mean: {', '.join(_named(one.name) for one in answer.candidates)}."
        case _:
            text = {
                "empty": "Say which certificate you need.",
                "too-long": "That is too long: say in one sentence which certificate you need.",
                "nothing-named": "Say what is to be certified, such as 无犯罪记录 (no criminal record).",
                "burden": "This is about no certificate but something laid on the village: it may be reported.",
                "duty": "This asks whose duty something is: look at the village's own list, or search the duties.",
            }.get(
                answer.reason, "It is not clear which certificate is meant: say it in other words, or look it up below."
            )
    if answer.advice:
        text += f" About {answer.advice.about.en}: {_ended(answer.advice.text.en, '.')}"
    if answer.demander:
        text += f" {improper(answer.demander).en}"
    for service in answer.services:
        window = f" at {WINDOW[service.window].en}" if service.window else ""
        text += f" It is part of the service “{bare_name(service.name)}”: one application{window} does all of it."
    return text + _basis(answer, " Basis: ", "; ", ".")


def _named(name: str) -> str:
    """A certificate's name, with what it is in English where the vocabulary has that."""
    english = english_name(name)
    return f"{name} ({english})" if english else f"“{name}”"


def _basis(answer: Answer, before: str, between: str, after: str) -> str:
    basis = dict.fromkeys([*answer.basis, *(answer.advice.basis if answer.advice else ())])
    return f"{before}{between.join(basis)}{after}" if basis else ""


def _ended(text: str, stop: str) -> str:
    return text if text.endswith(("。", ".", "！", "？")) else text + stop
