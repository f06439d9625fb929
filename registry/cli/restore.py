"""`registry restore`: a backup put back into an empty database."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

from registry.cli.bars import decisions_bar
from registry.cli.lines import write
from registry.cli.terminal import JSON
from registry.database import connect, embedded
from registry.domain.text import Text, counted
from registry.exchange.backup import Manifest
from registry.exchange.backup import restore as put_back
from registry.log import checkpoints


def restore(
    folder: Annotated[Path, typer.Argument(help="备份所在的文件夹。 / Folder with the backup.")],
    as_json: JSON = False,
) -> None:
    """恢复备份到空的数据库，并与备份时比对。 / Restore a backup into an empty database, and compare it with then."""
    with connect(migrate=False) as connection, decisions_bar("恢复 restore") as progress:
        restored = put_back(connection, folder, progress)
    manifest = restored.manifest
    notes = [*restored.notes, *_about_keys(manifest)]
    if as_json:
        line = {"decisions": manifest.position, "root": manifest.root}
        write(line | {"differences": _texts(restored.differences), "notes": _texts(notes)})
    else:
        print(f"已恢复 {manifest.made_at} 的备份：{manifest.position} 项决定，树根 {manifest.root}。")
        print(
            f"Restored the backup of {manifest.made_at}: {counted(manifest.position, 'decision')}, with the same root."
        )
        for text in [*restored.differences, *notes]:
            print(f"{text.zh} / {text.en}")
        if not restored.differences and not restored.notes:
            print("日志、导出和全部读表与备份时相同。")
            print("The log, its export and every read table are what they were.")
    if restored.differences:
        sys.exit(1)


def _texts(texts: list[Text]) -> list[dict[str, str]]:
    return [{"zh": text.zh, "en": text.en} for text in texts]


def _about_keys(manifest: Manifest) -> list[Text]:
    """That the key which signed the checkpoints is not here, where that is so."""
    own = checkpoints.existing_verifier(embedded.home())
    here = f"{own.name}+{own.key_id.hex()}" if own is not None else None
    if not manifest.signed_by or here in manifest.signed_by:
        return []
    names = ", ".join(manifest.signed_by)
    return [
        Text(
            f"检查点由密钥 {names} 签发，本机没有这一密钥：请放回 signing.key，或设 REGISTRY_SIGNING_KEY。",
            f"The checkpoints were signed by {names}, which is not the key here: put signing.key back, or set "
            "REGISTRY_SIGNING_KEY.",
        )
    ]
