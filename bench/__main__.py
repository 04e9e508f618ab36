"""`python -m bench NAME [--quick]`: run one benchmark by hand; nothing here is a test."""

import argparse

from bench import (
    answering,
    dashboard,
    disclosure,
    drift,
    freshness,
    importing,
    lists,
    office,
    pack,
    rollup,
    rounds,
    roundtrip,
    storm,
    update_pace,
)

BENCHMARKS = {
    "answering": answering.run,
    "dashboard": dashboard.run,
    "disclosure": disclosure.run,
    "drift": drift.run,
    "freshness": freshness.run,
    "importing": importing.run,
    "lists": lists.run,
    "office": office.run,
    "pack": pack.run,
    "rollup": rollup.run,
    "rounds": rounds.run,
    "roundtrip": roundtrip.run,
    "storm": storm.run,
    "update_pace": update_pace.run,
}


def main() -> None:
    """Choose, run, print."""
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument("name", choices=sorted(BENCHMARKS))
    parser.add_argument("--quick", action="store_true", help="the same, smaller, within a minute")
    given = parser.parse_args()
    BENCHMARKS[given.name](quick=given.quick)


if __name__ == "__main__":
    main()
