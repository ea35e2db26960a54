"""What is around a run: `python -m shared new | check | verify`."""

import sys

from shared.delivery.commands import shared_commands

if __name__ == "__main__":
    sys.exit(shared_commands())
