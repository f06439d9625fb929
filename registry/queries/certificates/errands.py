"""What people come to the window with that is no certificate: what is laid on them, and whose duty a thing is."""

from __future__ import annotations

from dataclasses import dataclass

from registry.checker.names.normalise import simplified
from registry.queries.certificates import reading
from registry.queries.certificates.vocabulary import load_vocabulary


@dataclass(frozen=True, slots=True)
class Errand:
    """What somebody came with. `reason`: burden (it may be reported) or duty (it is somebody's on the lists).

    `subject`: what it is about as it was said; `named`: what the names of the duties on lists have in them.
    """

    reason: str
    subject: str
    named: tuple[str, ...] = ()


def errand(text: str) -> Errand | None:
    """What somebody came with where that is no certificate; None where a paper is spoken of, or nothing known is."""
    plain = simplified(text)
    if reading.speaks_of_slip(plain):
        return None
    words = load_vocabulary().errands
    laid = next((word for word in words.burden if word in plain), None)
    if laid and (any(who in plain for who in words.senders) or not reading.asks(plain)):
        return Errand("burden", laid)
    if not any(word in plain for word in words.asking):
        return None
    return next(
        (Errand("duty", word, named) for says, named in words.duties for word in says if word in plain),
        None,
    )
