"""`registry witness submit`: a checkpoint of the log as it stands, given to the witnesses to cosign."""

from __future__ import annotations

import sys

from registry.cli.terminal import fail, report
from registry.cli.witness_show import need_policy
from registry.database import connect, embedded
from registry.exchange import witnesses
from registry.log import checkpoints


def witness_submit() -> None:
    """提交检查点，请证人副署；输出副署后的检查点。 / Have witnesses cosign a checkpoint; prints it cosigned."""
    policy = need_policy()
    with connect() as connection:
        signer = checkpoints.signer(embedded.home())
        note = checkpoints.issue(connection, signer)
        checkpoint = checkpoints.read(note, signer.verifier)
        done = witnesses.submit(connection, note, checkpoint, policy.witnesses)
    sys.stdout.write(note + "".join(one.cosignature.line for one in done if one.cosignature))
    for one in done:
        name = one.witness.name
        report(f"{name}：{one.text.zh} / {name}: {one.text.en}", "red" if one.outcome in witnesses.ALARMS else None)
    if any(one.outcome in witnesses.ALARMS for one in done):
        fail(
            "witness-disagrees",
            "有证人见过的日志与现在的不符。保留证人的答复，用 registry verify 核验，查明原因前不要再记录。",
            "A witness has seen another log than this one. Keep what it answered, run registry verify, and record "
            "nothing before you know why.",
        )
    if not policy.satisfied([one.witness.key for one in done if one.cosignature]):
        fail(
            "no-quorum",
            "副署的证人不够。检查点已签发；未答复的证人，稍后再提交。",
            "Too few witnesses have cosigned. The checkpoint is issued; submit again when the others answer.",
        )
