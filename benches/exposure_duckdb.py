#!/usr/bin/env python3
"""The engine beside DuckDB on the same visits, in turns, answers compared row by row: contacts of one case (F1),
and the questions of exposure_questions.py.

    cargo build --release -p exposure --example district_speed
    python3 benches/exposure_duckdb.py [--visits N] [--zipf S] [--persons N] [--rounds N]
        [--pairs-visits N] [--binary FILE]

The visits come from the engine's example, in clear. DuckDB holds them twice, sorted by person and by place and
time, so that its zone maps skip what does not matter, and answers in two ways, of which the quicker is taken
for each question: one join, and one range scan for each visit of the case. Both sides are warm, hold everything
in memory and give the whole ranked list (at least 15 minutes in the same place, all 14 days). DuckDB uses all
cores, the engine one thread. The engine's time is taken in its own process until its list stands, DuckDB's until
its result stands; fetching the rows into Python is given apart and is not in the ratio. All pairs are sought in a
smaller world (they are hundreds of times more than visits).
"""

import argparse
import csv
import statistics
import subprocess
import sys
import tempfile
import time
from collections import defaultdict
from pathlib import Path

try:
    import duckdb
except ImportError:
    sys.exit("DuckDB is missing: pip install duckdb")

import exposure_questions

MIN_OVERLAP_SECONDS = 900
LONGEST_SECONDS = 86_400

JOIN = """
    with c as materialized (select place, "from" as f, "until" as u from by_person where person = $case)
    select v.person, sum(least(v."until", u) - greatest(v."from", f))::ubigint as s,
           max(least(v."until", u)) as l, count(*) as meetings
    from by_place v join c on v.place = c.place and v."from" < u and v."until" > f
         and v."from" > f - $longest
    where v.person <> $case
    group by v.person having s >= $least order by s desc, l desc, v.person
"""

RANGE = """
    select person, least("until", {u}) - greatest("from", {f}) as o, least("until", {u}) as e from by_place
    where place = {place} and "from" < {u} and "from" > {f} - {longest} and "until" > {f}
"""


def options():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--visits", type=int, default=3_000_000)
    parser.add_argument("--zipf", type=float, default=0.6)
    parser.add_argument("--persons", type=int, default=50, help="questions, at most 200")
    parser.add_argument("--rounds", type=int, default=5, help="measured rounds, after a warm one")
    parser.add_argument("--pairs-visits", type=int, default=150_000)
    target = Path(__file__).parent.parent / "target/release/examples/district_speed"
    parser.add_argument("--binary", type=Path, default=target)
    return parser.parse_args()


def load(path):
    db = duckdb.connect()
    read = f"""read_csv('{path}', columns = {{'person': 'UBIGINT', 'place': 'UINTEGER', 'from': 'BIGINT',
        'until': 'BIGINT'}}, header = true)"""
    db.execute(f'create table by_place as select * from {read} order by place, "from"')
    db.execute('create table by_person as select * from by_place order by person, "from"')
    return db


def by_join(db, case):
    return db.execute(JOIN, {"case": case, "longest": LONGEST_SECONDS, "least": MIN_OVERLAP_SECONDS})


def by_ranges(db, case):
    own = db.execute('select place, "from", "until" from by_person where person = $1', [case]).fetchall()
    parts = [RANGE.format(place=place, f=f, u=u, longest=LONGEST_SECONDS) for place, f, u in own]
    return db.execute(
        f"""select person, sum(o)::ubigint as s, max(e) as l, count(*) as meetings
        from ({" union all ".join(parts)}) where person <> {case}
        group by person having s >= {MIN_OVERLAP_SECONDS} order by s desc, l desc, person"""
    )


def ask_duckdb(db, way, case):
    """Seconds until the result stands, seconds until it is fetched, rows."""
    start = time.perf_counter()
    result = way(db, case)
    ready = time.perf_counter()
    rows = result.fetchall()
    return ready - start, time.perf_counter() - start, rows


def read_answers(path):
    answers = defaultdict(list)
    with open(path, newline="") as file:
        for row in csv.DictReader(file):
            answers[int(row["person"])].append((int(row["contact"]), int(row["overlap_seconds"])))
    return answers


def compare(db, answers, persons):
    rows = 0
    for case in persons:
        for way in (by_join, by_ranges):
            theirs = [(row[0], row[1]) for row in ask_duckdb(db, way, case)[2]]
            if theirs != answers[case]:
                sys.exit(f"answers differ for one case ({way.__name__}): {len(theirs)} and {len(answers[case])} rows")
        rows += len(answers[case])
    print(f"answers equal row for row, in the same order: {len(persons)} cases, {rows:,} contacts")


def measure(db, process, persons, rounds):
    times = defaultdict(list)
    for turn in range(rounds + 1):
        for case in persons:
            engine = exposure_questions.ask_engine(process, f"contacts {case}")
            join, join_fetched, _ = ask_duckdb(db, by_join, case)
            ranges, ranges_fetched, _ = ask_duckdb(db, by_ranges, case)
            if turn > 0:
                times["engine"].append(engine)
                times["join"].append(join)
                times["ranges"].append(ranges)
                times["best"].append(min(join, ranges))
                times["fetched"].append(min(join_fetched, ranges_fetched))
    return {name: statistics.median(list_) * 1000 for name, list_ in times.items()}


def begin(wanted, visits, csv_file, *more):
    """The engine's process, ready for questions, and DuckDB with the same visits."""
    command = [wanted.binary, str(visits), "--zipf", str(wanted.zipf), "--csv", csv_file, "--ask", *more]
    process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    for line in iter(process.stdout.readline, "ready\n"):
        if not line:
            sys.exit("the engine ended before it was ready")
        print(line.rstrip())
    start = time.perf_counter()
    db = load(csv_file)
    print(f"DuckDB {duckdb.__version__} loaded and sorted in {time.perf_counter() - start:.1f} s")
    return process, db


def end(process, db):
    process.stdin.close()
    process.wait()
    db.close()


def one_case(db, process, answers, wanted):
    persons = list(answers)[: wanted.persons]
    compare(db, answers, persons)
    median = measure(db, process, persons, wanted.rounds)
    print(f"medians in turns, {len(persons)} cases, {wanted.rounds} rounds:")
    print(f"  engine                            {median['engine']:9.3f} ms")
    print(f"  DuckDB, one join                  {median['join']:9.3f} ms")
    print(f"  DuckDB, a range scan for a visit  {median['ranges']:9.3f} ms")
    print(f"  DuckDB, the quicker, rows fetched {median['fetched']:9.3f} ms")
    print(f"ratio of the quicker DuckDB to the engine: {median['best'] / median['engine']:.1f}")


def main():
    wanted = options()
    if not wanted.binary.exists():
        sys.exit(f"{wanted.binary} is missing: cargo build --release -p exposure --example district_speed")
    with tempfile.TemporaryDirectory() as folder:
        visits, answers_file = Path(folder) / "visits.csv", Path(folder) / "answers.csv"
        process, db = begin(wanted, wanted.visits, visits, "--answers", answers_file)
        answers = read_answers(answers_file)
        one_case(db, process, answers, wanted)
        exposure_questions.many_people(db, process, list(answers), wanted.rounds, folder)
        end(process, db)
        process, db = begin(wanted, wanted.pairs_visits, visits)
        exposure_questions.all_pairs(db, process, wanted.rounds, folder)
        end(process, db)


if __name__ == "__main__":
    main()
