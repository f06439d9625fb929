"""`python -m registry` is the command `registry`."""

from registry.cli.app import main

main()
