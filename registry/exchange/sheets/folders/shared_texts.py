"""What several files of a folder say beside their items in the same words: asked once for all of them.

What is left of each file is a question of its own, as it is where the file is imported alone.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Final

from registry.domain.text import Text
from registry.exchange.sheets.grids import Cell
from registry.exchange.sheets.planning import unlisted
from registry.exchange.sheets.planning.unlisted import Bundle

if TYPE_CHECKING:
    from registry.exchange.sheets.folders.folder_import import FilePlan, FolderPlan, Question

_LISTED: Final = 12  # files named one by one
_CHOICES: Final = Text(
    "不影响（各文件都照表记录）；有影响的填“逐个”，再按文件问",
    "nothing (all files are recorded as they are); 逐个 (file by file) where it changes any",
)


def of_folder(made: FolderPlan) -> list[Question]:
    """The questions of a folder, those of texts that stand in several files once, with these files.

    One that was answered otherwise than that it changes nothing is asked file by file.
    """
    texts = _shared(made.files, answered={one.key for one in made.questions if one.answer})
    questions: list[Question] = []
    pending = dict(texts)
    for question in made.questions:
        bundle = next(
            (
                bundle
                for one in made.files
                if one.name == question.file
                for bundle in one.plan.bundles.values()
                if question.key == f"note:{bundle.key}" and not question.answer
            ),
            None,
        )
        if bundle is None:
            questions.append(question)
            continue
        first = [name for name in bundle.texts if name in pending]
        questions += (_question(question, name, pending.pop(name)) for name in first)
        left = unlisted.without(bundle, texts)
        if left is not None:
            worded = question.text if left.key == bundle.key else unlisted.question(left).on("page")
            questions.append(replace(question, text=worded, key=f"note:{left.key}"))
    return questions


def _shared(files: Sequence[FilePlan], answered: set[str]) -> Mapping[str, list[tuple[str, Cell]]]:
    """The texts by their keys that more than one file has, with the names of these files and where it stands there."""
    texts: dict[str, list[tuple[str, Cell]]] = {}
    for one, bundle in _bundles(files):
        for name, (cell, _, _) in bundle.texts.items():
            texts.setdefault(name, []).append((one.name, cell))
    return {name: of for name, of in texts.items() if len(of) > 1 and f"note:{name}" not in answered}


def _bundles(files: Sequence[FilePlan]) -> Iterator[tuple[FilePlan, Bundle]]:
    return ((one, bundle) for one in files if one.state != "skipped" for bundle in one.plan.bundles.values())


def _question(like: Question, name: str, of: Sequence[tuple[str, Cell]]) -> Question:
    """The question of a text that several files have."""
    text = of[0][1].text
    zh = [f"{file} {cell.location.partition(' / ')[0]}" for file, cell in of[:_LISTED]]
    en = [f"{file} {cell.location.rpartition(' / ')[2]}" for file, cell in of[:_LISTED]]
    more = len(of) > _LISTED
    worded = Text(
        f"{len(of)} 个文件都写有“{text}”，没有读懂：是否影响某些事项？见 {'；'.join(zh)}{'……' if more else ''}。",
        f"Several files ({len(of)}) say “{text}”, which was not understood: does it change what holds for any item? See"
        f" {'; '.join(en)}{' …' if more else ''}.",
    )
    files = "、".join(file for file, _ in of)
    return replace(like, file=files, location="", text=worded, choices=_CHOICES, key=f"note:{name}")
