#!/usr/bin/env python3
"""The engine beside PostgreSQL, DuckDB and SQLite on the same visits in clear, made in the same run: the table of
issue 5. `cargo xtask bench exposure` builds the engine, brings the peers and starts a PostgreSQL.

All are warm, answer the same questions in turns (at least 15 minutes in the same place, all 14 days, whole ranked
lists) and must give the same rows in the same order, or the run ends. A time runs until the answer stands;
turning it into Python's values is in nobody's. F1 is one thread of the engine; its other questions, DuckDB and
PostgreSQL use all cores.
"""

import argparse
import shutil
import sys
import tempfile
import time
from pathlib import Path

import pairs
import questions
import table
import turns
from engine import Engine
from peer_duckdb import DuckDB
from peer_postgres import PostgreSQL
from peer_sqlite import SQLite

# Of all files together, by visit: one list of them at a time, PostgreSQL's and SQLite's tables with two indexes.
BYTES_A_VISIT = 320


def options():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--visits", type=int, default=3_000_000, help="80,000,000 are the province's in 14 days")
    parser.add_argument("--zipf", type=float, default=0.6, help="exponent by which places are liked")
    parser.add_argument("--persons", type=int, default=20, help="cases of F1, at most 200")
    parser.add_argument("--spreads", type=int, default=3, help="cases of F1 and F2")
    parser.add_argument("--rounds", type=int, default=5, help="measured rounds, after a warm one")
    parser.add_argument("--seconds-max", type=int, default=120, help="longest time of an answer")
    parser.add_argument("--budget", type=float, default=60, help="seconds after which a peer's row is asked no more")
    parser.add_argument("--pairs-visits", type=int, default=150_000, help="0 leaves all pairs out")
    parser.add_argument("--without", action="append", default=[], choices=["duckdb", "postgres", "sqlite"])
    parser.add_argument("--postgres", help="address of a PostgreSQL that may be filled")
    target = Path(__file__).parents[2] / "target/release/examples/district_speed"
    parser.add_argument("--binary", type=Path, default=target)
    return parser.parse_args()


def check_room(wanted, folder):
    needed, free = wanted.visits * BYTES_A_VISIT, shutil.disk_usage(folder).free
    print(f"{wanted.visits:,} visits need about {needed / 1e9:.1f} GB in {folder}; {free / 1e9:.0f} GB are free")
    if needed > free * 0.9:
        sys.exit("too little room: fewer --visits, --without a peer, or another TMPDIR")


def peers_of(wanted, engine, folder):
    """The peers, loaded. DuckDB is always there: it hands the visits on."""
    duck = DuckDB(wanted.seconds_max)
    loaded(duck, engine.csv)
    engine.csv.unlink()
    others = []
    if wanted.postgres and "postgres" not in wanted.without:
        others.append(PostgreSQL(wanted.postgres, wanted.seconds_max))
    if "sqlite" not in wanted.without:
        others.append(SQLite(Path(folder) / "visits.sqlite", wanted.seconds_max))
    signed = Path(folder) / "signed.csv"
    if others:
        duck.write_signed(signed, 1 << 63)
    for peer in others:
        loaded(peer, signed)
    signed.unlink(missing_ok=True)
    return ([] if "duckdb" in wanted.without else [duck]) + others, duck


def loaded(peer, file):
    start = time.perf_counter()
    peer.load(file)
    print(f"{peer.name}: loaded in {time.perf_counter() - start:.0f} s", flush=True)


def rows(wanted, engine, peers):
    lists = engine.contacts()
    people = list(lists)
    hundred = people[:100]
    f1 = [questions.contacts(case) for case in people[: wanted.persons]]
    spread = [questions.generations(case) for case in people[: wanted.spreads]]
    listed = lambda question: lists[question.ids[0]]
    ask = lambda *row, **more: turns.row(engine, peers, *row, **more)
    return [
        ask(f1, wanted, "F1 of one case", "< 0.3 ms", expected_of=listed),
        ask([questions.cases(hundred)], wanted, f"{len(hundred)} cases at once", "< 40 ms"),
        ask(spread, wanted, "F1 and F2 of one case", "< 0.25 s"),
        ask([questions.places(hundred)], wanted, f"places by exposure to {len(hundred)} cases", "< 30 ms"),
    ]


def main():
    wanted = options()
    if not wanted.binary.exists():
        sys.exit(f"{wanted.binary} is missing: cargo build --release -p exposure --example district_speed")
    with tempfile.TemporaryDirectory() as folder:
        check_room(wanted, folder)
        engine = Engine(wanted.binary, wanted.visits, wanted.zipf, folder)
        peers, duck = peers_of(wanted, engine, folder)
        table.show(rows(wanted, engine, peers), engine, peers)
        for one in {*peers, duck, engine}:
            one.close()
        if wanted.pairs_visits:
            engine, duck = Engine(wanted.binary, wanted.pairs_visits, wanted.zipf, folder), DuckDB(3600)
            duck.load(engine.csv)
            pairs.measure(engine, duck, wanted.rounds, folder)
            engine.close()
            duck.close()


if __name__ == "__main__":
    main()
