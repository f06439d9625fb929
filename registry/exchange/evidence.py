"""Evidence for one incident in one file: the answer, the decisions it rests on, and the proof that the log has them.

Who has the registry's public key can check the file on a machine without a database: every decision's leaf is proved to
be in the log of a signed checkpoint, the answer bears the registry's signature, and what it says of each delegation is
compared with the decisions themselves.
"""

from __future__ import annotations

import io
import zipfile
import zlib
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from hashlib import sha256
from typing import Any, Final

import orjson
import psycopg

from registry.checker import as_json
from registry.domain import aggregates as t
from registry.domain import decisions as d
from registry.domain.text import Text
from registry.exchange import originals
from registry.log import merkle, recorder, tree
from registry.log.events import decision_of
from registry.log.notes import BadNote, Checkpoint, Signer, Verifier, opened, sign, signers
from registry.log.recorder import LogRecorder, streams
from registry.queries.holdings.accountability import Account

STATEMENT: Final = "quanze evidence 1"
LARGEST: Final = 64 * 1024 * 1024  # unpacked, all files together
PACKED: Final = (
    zipfile.ZIP_STORED,
    zipfile.ZIP_DEFLATED,
)  # ways of packing; others have memory and errors of their own
COVERED: Final = ("answer.json", "checkpoint.txt", "statement.txt", "proofs.json")  # checked, besides the decisions
README: Final = """\
权责登记册证据包 / Evidence from Quanze, the registry of who must do what

answer.json      问责答复 / the answer about one unit and matter on one day
decisions/       所依据的决定原文（哈希的原文）/ the decisions it rests on, as they are hashed
proofs.json      各决定在日志中的包含证明（RFC 6962）/ their inclusion proofs
checkpoint.txt   已签名的日志检查点 / the signed checkpoint of the log
statement.txt    对答复的签名 / the signature over the answer

核验 / verify:   registry verify FILE.zip --key PUBLIC_KEY
"""


class BadEvidence(Exception):
    """A file that is no evidence, or whose parts do not agree: what, in zh and en."""

    code = "bad-evidence"

    def __init__(self, zh: str, en: str) -> None:
        super().__init__(f"{zh} / {en}")
        self.zh, self.en = zh, en


# What is checked of a file, in this order; with the first that fails the rest is not.
STEPS: Final[dict[str, Text]] = {
    "file": Text("是完整的证据包，能够读出", "It is a whole file of evidence that can be read"),
    "checkpoint": Text(
        "日志检查点有本登记册的签名，签名之后没有改动", "The checkpoint is signed by this registry and unaltered"
    ),
    "statement": Text("答复有本登记册的签名，签名之后没有改动", "The answer is signed by this registry and unaltered"),
    "decisions": Text(
        "所依据的每一项决定，原文都在检查点的日志之中",
        "Every decision that it rests on is in the log of the checkpoint",
    ),
    "answer": Text("答复所说的，与决定原文相符", "What the answer says is what the decisions say"),
}

# The same of one that fails.
FAILED: Final[dict[str, Text]] = {
    "file": Text("不是完整的证据包，读不出来", "It is no whole file of evidence that could be read"),
    "checkpoint": Text(
        "日志检查点没有本登记册的有效签名，或者签名之后被改动过",
        "The checkpoint has no valid signature of this registry, or was altered after it was signed",
    ),
    "statement": Text(
        "答复没有本登记册的有效签名，或者签名之后被改动过",
        "The answer has no valid signature of this registry, or was altered after it was signed",
    ),
    "decisions": Text(
        "所依据的决定，不是每一项的原文都在检查点的日志之中",
        "Not every decision that it rests on is in the log of the checkpoint",
    ),
    "answer": Text("答复所说的，与决定原文不符", "What the answer says is not what the decisions say"),
}


@dataclass(frozen=True, slots=True)
class Checked:
    """What a file of evidence says, all of it checked; `unchecked`: its files that nothing was checked of."""

    answer: dict[str, Any]
    decisions: int
    checkpoint: Checkpoint
    unchecked: tuple[str, ...] = ()


def bundle(connection: psycopg.Connection, account: Account, signer: Signer) -> bytes:
    """The evidence for an answer as a ZIP file; the same answer, log and key give the same bytes."""
    size, _ = recorder.head(connection)
    positions = rests_on(connection, account)
    answer = orjson.dumps(
        {
            **answer_of(account),
            "rests_on": positions,
            # The files that were handed in, by their digests, with the positions of what was recorded from them.
            "originals": [asdict(original) for original in originals.of_positions(connection, positions)],
        },
        option=orjson.OPT_INDENT_2,
    )
    files: dict[str, bytes] = {
        "README.txt": README.encode(),
        "answer.json": answer,
        "checkpoint.txt": sign(str(Checkpoint(signer.name, size, tree.root(connection, size))), signer).encode(),
        "statement.txt": sign(f"{STATEMENT}\n{size}\n{sha256(answer).hexdigest()}\n", signer).encode(),
        "proofs.json": orjson.dumps(
            {
                str(position): [step.hex() for step in tree.inclusion(connection, position, size)]
                for position in positions
            },
            option=orjson.OPT_INDENT_2,
        ),
    }
    for position in positions:
        files[f"decisions/{position:09d}.txt"] = recorder.leaf(connection, position)[0]
    output = io.BytesIO()
    with zipfile.ZipFile(output, "w", zipfile.ZIP_DEFLATED) as packed:
        for name, content in files.items():
            packed.writestr(zipfile.ZipInfo(name), content, zipfile.ZIP_DEFLATED)
    return output.getvalue()


def answer_of(account: Account) -> dict[str, Any]:
    """The answer as data: dates as YYYY-MM-DD, findings as the contract writes them."""
    return {
        "matter": account.matter,
        "kind": account.kind,
        "unit": account.unit,
        "on": account.on,
        "known": account.known,
        "held": account.held,
        "role": account.role,
        "conclusion": account.conclusion,
        "holdings": [asdict(holding) for holding in account.holdings],
        "chain": [asdict(holding) for holding in account.chain],
        "above": [asdict(holding) for holding in account.above],
        "required": account.required,
        "missing": account.missing,
        "needs": account.needs,
        "brings": account.brings,
        "findings": [as_json(finding) for finding in account.findings],
    }


def rests_on(connection: psycopg.Connection, account: Account) -> list[int]:
    """The positions of all decisions, as far as known, about the aggregates that an answer names."""
    keys = {f"matter:{code}" for code in (account.matter, *account.required)}
    keys.add(f"unit:{account.unit}")
    subjects = {finding.subject for finding in account.findings}
    for holding in (*account.holdings, *account.chain, *account.above):
        keys |= {f"unit:{code}" for code in (holding.unit, holding.sender) if code is not None}
        keys |= {f"instrument:{number}" for number in (holding.instrument,) if number is not None}
        subjects.add(holding.subject)
    for subject in subjects:
        holder, _, rest = subject.partition("#")
        if not rest:
            keys.add(f"ref:{subject}")
        elif holder == "LAW":
            keys.add(f"matter:{rest}")
        else:
            keys |= {f"list:{holder}", f"item:{subject}"}
    results = LogRecorder(connection).read(streams(sorted(keys)), before=account.known + 1)
    return [sequenced.position for sequenced in results]


def check(content: bytes, verifier: Verifier, passed: Callable[[str], None] = lambda _: None) -> Checked:
    """Check a file of evidence with nothing but it and the public key. Raises BadEvidence.

    `passed` is called with the name of each of STEPS as it is passed: what fails is the next one.
    """
    files = _unpacked(content)
    notes = [_text(files, name) for name in ("checkpoint.txt", "statement.txt")]
    passed("file")
    checkpoint = _checkpoint(_opened(notes[0], verifier))
    passed("checkpoint")
    statement = _opened(notes[1], verifier).split("\n")
    answer_bytes = files.get("answer.json", b"")
    if statement[:3] != [STATEMENT, str(checkpoint.size), sha256(answer_bytes).hexdigest()]:
        raise BadEvidence("答复与其签名不符。", "The answer is not the one that was signed.")
    passed("statement")
    try:
        answer, proofs = orjson.loads(answer_bytes), orjson.loads(files.get("proofs.json", b""))
        positions = [int(position) for position in answer["rests_on"]]
        paths = {int(position): [bytes.fromhex(step) for step in path] for position, path in proofs.items()}
    except (ValueError, KeyError, TypeError, AttributeError):
        raise BadEvidence("答复或证明不是应有的格式。", "The answer or its proofs are not in their format.") from None
    aggregates = t.AggregateCache()
    for position in positions:
        leaf = files.get(f"decisions/{position:09d}.txt")
        if leaf is None or position not in paths:
            raise BadEvidence(f"缺第 {position} 项决定或其证明。", f"Decision {position} or its proof is missing.")
        hashed = merkle.leaf_hash(leaf)
        if not merkle.verify_inclusion(hashed, position - 1, checkpoint.size, paths[position], checkpoint.root):
            raise BadEvidence(f"第 {position} 项决定不在该日志中。", f"Decision {position} is not in that log.")
        _recall(aggregates, position, leaf)
    passed("decisions")
    for holding in (*answer["holdings"], *answer["chain"], *answer["above"]):
        _compare(aggregates, holding)
    passed("answer")
    covered = {*COVERED, *(f"decisions/{position:09d}.txt" for position in positions)}
    return Checked(answer, len(positions), checkpoint, tuple(sorted({*files} - covered)))


def _opened(note: str, verifier: Verifier) -> str:
    """The text of a note that the key has signed. Raises BadEvidence, saying whether it was altered or is another's."""
    try:
        return opened(note, verifier)
    except BadNote as problem:
        try:
            names = signers(note)
        except BadNote:
            names = []
        if f"{verifier.name}+{verifier.key_id.hex()}" in names:
            zh, en = (
                "签名之后内容被改动过，或签名不完整。",
                "It was altered after it was signed, or the signature is not whole.",
            )
        elif names:
            by = "、".join(names)
            zh = f"这是别的密钥（{by}）签的，不是 {verifier.name}+{verifier.key_id.hex()}：请到出具它的登记册核验。"
            en = f"Another key signed it ({by}), not {verifier.name}+{verifier.key_id.hex()}: ask where it comes from."
        else:
            zh, en = "没有可读的签名。", f"There is no signature that can be read ({problem})."
        raise BadEvidence(f"签名不可信：{zh}", f"A signature cannot be trusted: {en}") from None


def _checkpoint(text: str) -> Checkpoint:
    try:
        return Checkpoint.parse(text)
    except BadNote as problem:
        raise BadEvidence("检查点不是应有的格式。", f"The checkpoint is not in its format: {problem}.") from None


def _unpacked(content: bytes) -> dict[str, bytes]:
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as packed:
            infos = packed.infolist()
            if sum(info.file_size for info in infos) > LARGEST:
                raise BadEvidence("文件解压后过大。", "The file is too large when unpacked.")
            # Each is unpacked once, by what it says of itself: of several by one name, the last may be the large one.
            if len({info.filename for info in infos}) < len(infos) or any(
                info.compress_type not in PACKED for info in infos
            ):
                raise BadEvidence("不是本程序写的 ZIP 文件。", "It is no ZIP file as this program writes them.")
            return {info.filename: packed.read(info) for info in infos}
    # What zipfile raises for a damaged file, and, with RuntimeError, for encryption or a way of packing it lacks.
    except (zipfile.BadZipFile, zipfile.LargeZipFile, RuntimeError, EOFError, ValueError, zlib.error):
        raise BadEvidence("不是完整的 ZIP 文件。", "It is not a whole ZIP file.") from None
    except OSError as problem:
        raise BadEvidence(f"无法读取：{problem}。", f"It cannot be read: {problem}.") from None


def _text(files: Mapping[str, bytes], name: str) -> str:
    try:
        return files[name].decode()
    except (KeyError, UnicodeDecodeError):
        raise BadEvidence(f"缺 {name}。", f"{name} is missing.") from None


def _recall(aggregates: t.AggregateCache, position: int, leaf: bytes) -> None:
    """A decision out of its leaf; what the leaf says of itself must be so."""
    try:
        mark, number, kind, _, _, _, data = leaf.split(b"\n", 6)
        type_name, version = kind.decode().split(" ")
        decision = decision_of(type_name, int(version), data)
    except (ValueError, KeyError):
        raise BadEvidence(f"第 {position} 项决定无法读出。", f"Decision {position} cannot be read.") from None
    if mark != b"quanze leaf 1" or int(number) != position:
        raise BadEvidence(f"第 {position} 项决定标为另一项。", f"Decision {position} says it is another.")
    key = decision.key
    if not aggregates.has(key):
        aggregates.mark_empty(key)
    aggregates.replay_event(key, position, decision)


def _compare(aggregates: t.AggregateCache, holding: Mapping[str, Any]) -> None:
    """What the answer says of a delegation is what its decisions say."""
    if holding.get("by") != "delegation":
        return
    ref = str(holding.get("subject"))
    aggregate = aggregates.get("ref:" + ref) if aggregates.has("ref:" + ref) else None
    transfer = aggregate.transfer if isinstance(aggregate, t.Ref) else None
    claimed = (holding.get("matter"), holding.get("role"), holding.get("instrument"))
    if not isinstance(transfer, d.DutyDelegated | d.PowerGranted | d.BurdenImposed) or claimed != (
        transfer.matter,
        getattr(transfer, "role", None),
        transfer.instrument,
    ):
        raise BadEvidence(f"答复所说的“{ref}”与决定原文不符。", f"What the answer says of {ref} its decisions do not.")


def summary(answer: Mapping[str, Any]) -> tuple[str, str]:
    """The answer in a sentence, zh and en."""
    concluded = str(answer["conclusion"])
    zh, en = CONCLUSIONS[concluded] if answer.get("kind", "duty") == "duty" else OF_NO_DUTY[concluded != "NOT_HELD"]
    who, what, when = answer["unit"], answer["matter"], answer["on"]
    return f"{when}，单位 {who} 对事项 {what}：{zh}。", f"On {when}, of the matter {what} the unit {who} {en}."


CONCLUSIONS: Final[dict[str, tuple[str, str]]] = {
    "NOT_HELD": ("不承担", "held nothing"),
    "ASSISTED": ("仅为配合", "only had to assist"),
    "HELD_WITHOUT_POWER": ("承担而无相应权力", "held the duty without the powers it requires"),
    "HELD_WITH_POWER": ("承担且有相应权力", "held the duty with the powers it requires"),
}
# Of a power, a form or another matter: that it is the unit's, and nothing of powers that a duty requires.
OF_NO_DUTY: Final = (("未登记在其名下", "had none"), ("登记在其名下", "had it"))

__all__ = ["FAILED", "STEPS", "BadEvidence", "Checked", "answer_of", "bundle", "check", "rests_on", "summary"]
