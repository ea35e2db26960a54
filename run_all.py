"""Clients in, delivered folders out: `python run_all.py --help` tells the rest."""

import sys

from shared.delivery.commands import run_all

if __name__ == "__main__":
    sys.exit(run_all())
