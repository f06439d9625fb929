"""Cosignatures and policies of witnesses against published ones: real keys, a real checkpoint, the specification's."""

from __future__ import annotations

import base64
from datetime import UTC, datetime

import pytest

from registry.log.cosignatures import WitnessKey, parts, verified
from registry.log.notes import BadNote, Checkpoint, Verifier, opened
from registry.log.witness_policy import BadPolicy, parse
from tests.support.paths import DATA

# A checkpoint of a public log (static Certificate Transparency, staging) as four public witnesses cosigned it in 2026.
NOTE = (DATA / "cosigned_checkpoint.txt").read_text("utf-8")
LOG = "arche2025h1.staging.ct.transparency.dev+ba2f06c0+AU0vHmlGCS/PdN8b2OaGmKprLI8HKM+dJ472xgFYh15f"
WITNESSES = [
    "remora.n621.de+da77ade7+BOvN63jn/bLvkieywe8R6UYAtVtNbZpXh34x7onlmtw2",
    "witness1.smartit.nu/witness1+a48c820f+BPSFWg9G6KPiO7QPryYO5Xq4oYJJ+kAvLKLSimDhoxMO",
    "transparency.dev/DEV:witness-little-garden+d8042a87+BCtusOxINQNUTN5Oj8HObRkh2yHf/MwYaGX4CPdiVEPM",
]
# A witness that has signed nothing here, and a key of a log.
ABSENT = "rgdd.se/poc-witness+db03732e+BCjJKlo6BU0xfIb8LutqerIFTWIXEA0L5n3tW3QyPFgG"
NO_WITNESS = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW"


@pytest.mark.parametrize("key", WITNESSES)
def test_a_real_cosignature_holds_and_says_when_it_was_given(key: str) -> None:
    witness = WitnessKey.parse(key)
    assert str(witness) == key
    text, lines = parts(NOTE)
    given = verified(text, lines, witness)
    assert given is not None
    assert given.given_at == datetime(2026, 5, 23, 21, 50, 24, tzinfo=UTC)
    assert given.line in NOTE
    assert Checkpoint.parse(opened(NOTE, Verifier.parse(LOG))).size == 1432088532


def test_nothing_holds_for_another_text_witness_or_time() -> None:
    text, lines = parts(NOTE)
    witness = WitnessKey.parse(WITNESSES[0])
    assert verified(text.replace("1432088532", "1432088533"), lines, witness) is None
    assert verified(text + "an extension\n", lines, witness) is None
    assert verified(text, lines, WitnessKey.parse(ABSENT)) is None
    line = next(line for line in lines.split("\n") if "remora" in line)
    blob = bytearray(base64.b64decode(line.split(" ")[2]))
    blob[11] ^= 1  # the time, by a second
    later = f"\N{EM DASH} remora.n621.de {base64.b64encode(bytes(blob)).decode()}"
    assert verified(text, later, witness) is None
    for wrong in (line.replace("\N{EM DASH}", "-"), line[:-4], f"{line}AAAA", line.replace(" 2", " %"), ""):
        assert verified(text, wrong, witness) is None
    assert verified(text, f"{later}\n{line}\n", witness) is not None  # what is wrong is passed over


@pytest.mark.parametrize(
    "text", ["", NO_WITNESS, ABSENT.replace("db03732e", "db03732f"), ABSENT[:-4], "x" + ABSENT, "a+b+%%", "a+00000000+"]
)
def test_no_other_text_is_a_key_of_a_witness(text: str) -> None:
    with pytest.raises(BadNote):
        WitnessKey.parse(text)


POLICY = f"""\
# the specification's example, with fewer of them
log {LOG} https://log.example/

witness X1 {WITNESSES[0]} https://x1.example/
 witness\tX2  {WITNESSES[1]}
group X-witnesses any X1 X2
witness Y1 {WITNESSES[2]}
group X-and-Y all X-witnesses Y1
quorum X-and-Y
"""


def test_a_quorum_of_groups() -> None:
    policy = parse(POLICY)
    x1, x2, y1 = policy.keys
    assert [witness.url for witness in policy.witnesses] == ["https://x1.example/", None, None]
    assert policy.satisfied([x1, y1])
    assert policy.satisfied([x1, x2, y1])
    assert not policy.satisfied([x1, x2])
    assert not policy.satisfied([y1])
    both = parse(POLICY.replace("any X1", "2 X1"))
    assert both.satisfied([x1, x2, y1])
    assert not both.satisfied([x1, y1])
    assert parse("quorum none\n").satisfied([])
    assert parse(POLICY.replace("quorum X-and-Y", "quorum Y1")).satisfied([y1])


@pytest.mark.parametrize(
    ("change", "line"),
    [
        (("quorum X-and-Y\n", ""), None),
        (("quorum X-and-Y", "quorum Z"), "9"),
        (("quorum X-and-Y", "quorum X1\nquorum Y1"), "10"),
        (("any X1 X2", "3 X1 X2"), "6"),
        (("any X1 X2", "0 X1 X2"), "6"),
        (("any X1 X2", "any X1 X1"), "6"),
        (("all X-witnesses Y1", "all X1 Y1"), "8"),
        (("group X-witnesses any X1", "group X-witnesses any Z"), "6"),
        (("witness Y1", "witness X1"), "7"),
        (("witness Y1", "witness none"), "7"),
        ((WITNESSES[2], WITNESSES[0]), "7"),
        ((WITNESSES[2], NO_WITNESS), "7"),
        (("https://x1.example/", "ftp://x1.example/"), "4"),
        (("witness Y1", "witnes Y1"), "7"),
        ((LOG, ABSENT), "2"),
    ],
)
def test_a_policy_that_cannot_be_names_its_line(change: tuple[str, str], line: str | None) -> None:
    with pytest.raises(BadPolicy) as refused:
        parse(POLICY.replace(*change), "witnesses.txt")
    assert f"第 {line} 行" in refused.value.zh if line else "quorum" in refused.value.zh
    assert f"line {line}:" in refused.value.en if line else "quorum" in refused.value.en
