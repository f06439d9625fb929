"""`registry checkpoint`: a signed statement of how long the log is and what its root is."""

from __future__ import annotations

import sys

from registry.cli.terminal import report
from registry.database import connect, embedded
from registry.log import checkpoints


def checkpoint() -> None:
    """签发检查点：请妥善保存，日后据以核验。 / Issue a checkpoint, to verify the log against later."""
    with connect() as connection:
        signer = checkpoints.signer(embedded.home())
        sys.stdout.write(checkpoints.issue(connection, signer))
    report(f"公钥 / public key: {signer.verifier}")
