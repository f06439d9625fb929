"""Signed notes and checkpoints against C2SP's published example, and what must not pass."""

from __future__ import annotations

import pytest

from registry.log.notes import BadNote, Checkpoint, Signer, Verifier, opened, sign

# The example key pair and note of the C2SP signed-note specification and of Go's note package.
SIGNER = "PRIVATE+KEY+PeterNeumann+c74f20a3+AYEKFALVFGyNhPJEMzD1QIDr+Y7hfZx09iUvxdXHKDFz"
VERIFIER = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW"
TEXT = "If you think cryptography is the answer to your problem,\nthen you don't know what your problem is.\n"
SIGNATURE = (
    "\N{EM DASH} PeterNeumann "
    "x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=\n"
)
NOTE = f"{TEXT}\n{SIGNATURE}"


def test_the_published_note_is_made_and_opened() -> None:
    signer = Signer.parse(SIGNER)
    assert str(signer.verifier) == VERIFIER
    assert str(signer) == SIGNER
    assert sign(TEXT, signer) == NOTE
    assert opened(NOTE, Verifier.parse(VERIFIER)) == TEXT


def test_signatures_of_others_are_passed_over() -> None:
    other = Signer.generate("witness.example")
    both = NOTE + sign(TEXT, other).removeprefix(TEXT + "\n")
    assert opened(both, Verifier.parse(VERIFIER)) == opened(both, other.verifier) == TEXT


@pytest.mark.parametrize(
    "note",
    [
        "",
        TEXT,
        NOTE.replace("problem is", "problem Is"),
        NOTE[:-1],
        NOTE.replace("x08go/", "x08go+"),
        NOTE.replace("PeterNeumann", "PeterNewmann"),
        NOTE.replace("\N{EM DASH} ", "- "),
        NOTE.replace(" x08go", " %08go"),
        f"{TEXT}\n\N{EM DASH} PeterNeumann x08g\n",
    ],
)
def test_nothing_else_opens(note: str) -> None:
    with pytest.raises(BadNote):
        opened(note, Verifier.parse(VERIFIER))


@pytest.mark.parametrize("text", ["", "a+b+c", VERIFIER.replace("c74f20a3", "c74f20a4"), VERIFIER[:-4], "x" + VERIFIER])
def test_no_other_text_is_a_key(text: str) -> None:
    with pytest.raises(BadNote):
        Verifier.parse(text)
    with pytest.raises(BadNote):
        Signer.parse("PRIVATE+KEY+" + text)


def test_a_checkpoint_is_read_as_it_was_written() -> None:
    written = Checkpoint("quanze.example/yicheng", 2046, bytes(range(32)))
    assert Checkpoint.parse(str(written)) == written
    assert Checkpoint.parse(str(written) + "an extension\n") == written


@pytest.mark.parametrize(
    "text", ["", "a\n1\n", "a\n01\nAAAA\n", "a\n-1\nAAAA\n", "a\n1\nAAAA\n", "a\n1\n%%\n", "\n1\n" + "A" * 43 + "=\n"]
)
def test_nothing_else_is_a_checkpoint(text: str) -> None:
    with pytest.raises(BadNote):
        Checkpoint.parse(text)
