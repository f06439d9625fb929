"""`registry backup`: the registry kept in a folder, while it is in use."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from registry.cli.bars import decisions_bar
from registry.cli.lines import write
from registry.cli.terminal import JSON, fail
from registry.database import connect
from registry.domain.text import counted
from registry.exchange.backup import back_up


def backup(
    folder: Annotated[Path, typer.Argument(help="存放备份的文件夹。 / Folder to keep the backup in.")],
    as_json: JSON = False,
) -> None:
    """备份：运行中也可进行，可续作，写完即核对。 / Keep a backup, while in use; killed, it is gone on with."""
    try:
        with connect() as connection, decisions_bar("备份 backup") as progress:
            kept = back_up(connection, folder, progress)
    except OSError as problem:
        fail("unwritable", f"无法写入 {folder}：{problem.strerror}", f"Cannot write {folder}: {problem.strerror}")
    manifest = kept.manifest
    size = sum(file.bytes for file in manifest.files())
    if as_json:
        totals = {"decisions": manifest.position, "root": manifest.root, "bytes": size}
        write(totals | {"files": len(manifest.files()), "reused": kept.reused, "signed_by": manifest.signed_by})
        return
    print(f"已备份 {manifest.position} 项决定和账号等 {len(manifest.tables)} 张表，{size} 字节，写入后已核对。")
    print(
        f"Kept {counted(manifest.position, 'decision')}, {counted(len(manifest.tables), 'other table')}, {size} bytes;"
        " read back and checked."
    )
    print("签名密钥（REGISTRY_HOME 下的 signing.key）和配置不在其中，请另行妥善保存。")
    print("The signing key (signing.key under REGISTRY_HOME) and the settings are not in it: keep them apart.")
