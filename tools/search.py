"""Run the property tests again and again with inputs that nobody has drawn yet, until one fails or the time is over.

`make search MINUTES=60` calls it. A failure ends it: the last lines say the seed, and the output above them has the
smallest input and hypothesis's line `@reproduce_failure(…)`. Keep the input as an @example of the test.
"""

from __future__ import annotations

import argparse
import os
import random
import signal
import subprocess
import sys
import time


def search(minutes: float, arguments: list[str]) -> int:
    """Run rounds of the property tests until the time is over; return 0, or the status of the round that failed.

    `arguments` go to pytest: files, -k, --numprocesses. A round that the end of the time cuts short counts as passed.
    """
    environment = os.environ | {"REGISTRY_TEST_PROFILE": "search"}
    end = time.monotonic() + 60 * minutes
    rounds = 0
    while (left := end - time.monotonic()) > 0:
        seed = random.randrange(2**32)
        print(f"== round {rounds + 1}: seed {seed}", flush=True)
        command = [sys.executable, "-m", "pytest", "-m", "hypothesis", "--exitfirst", "--quiet"]
        round_ = subprocess.Popen([*command, f"--hypothesis-seed={seed}", *arguments], env=environment)
        try:
            status = round_.wait(left)
        except subprocess.TimeoutExpired:
            round_.send_signal(signal.SIGINT)  # pytest stops its server and drops its databases
            round_.wait()
            break
        if status:
            print(f"== failed in round {rounds + 1}; again: make search ARGS='--hypothesis-seed={seed}'", flush=True)
            return status
        rounds += 1
    print(f"== {rounds} whole rounds and a part of one, nothing found", flush=True)
    return 0


def main() -> int:
    """Run the command line."""
    parser = argparse.ArgumentParser(prog="python -m tools.search", description=__doc__)
    parser.add_argument("--minutes", type=float, default=60)
    options, arguments = parser.parse_known_args()
    return search(options.minutes, arguments)


if __name__ == "__main__":
    sys.exit(main())
