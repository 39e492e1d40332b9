"""Everybody with everybody, in a smaller world: pairs are hundreds of times more than visits. DuckDB only counts
and adds up, in no order; the engine hands out every row. The other peers are not asked: they take many minutes."""

import statistics
import sys
import time

from questions import LEAST_SECONDS

PAIRS = f"""
    select v.person as person_a, t.person as person_b,
           sum(least(v."until", t."until") - greatest(v."from", t."from"))::ubigint as s, count(*) as meetings
    from by_place v join by_place t on v.place = t.place and v.person < t.person
         and v."from" < t."until" and v."until" > t."from"
    group by v.person, t.person having s >= {LEAST_SECONDS}"""


def measure(engine, duck, rounds, folder):
    compare(engine, duck.connection, folder)
    ours, theirs = [], []
    for _ in range(rounds):
        ours.append(engine.pairs())
        start = time.perf_counter()
        duck.connection.execute(f"select count(*), sum(s) from ({PAIRS})")
        theirs.append(time.perf_counter() - start)
    ours, theirs = statistics.median(ours), statistics.median(theirs)
    print(f"all pairs, medians in turns: engine {ours:.3f} s, DuckDB {theirs:.2f} s, ratio {theirs / ours:.1f}")


def compare(engine, db, folder):
    file = f"{folder}/pairs.csv"
    engine.pairs(file)
    db.execute(f"create or replace table theirs as {PAIRS}")
    db.execute(f"""create or replace table ours as select * from read_csv('{file}', header = true, columns =
        {{'person_a': 'UBIGINT', 'person_b': 'UBIGINT', 'overlap_seconds': 'UBIGINT', 'meetings': 'BIGINT'}})""")
    (theirs,) = db.execute("select count(*) from theirs").fetchone()
    (ours,) = db.execute("select count(*) from ours").fetchone()
    (same,) = db.execute("""select count(*) from theirs t join ours o on t.person_a = o.person_a
        and t.person_b = o.person_b and t.s = o.overlap_seconds and t.meetings = o.meetings""").fetchone()
    if not theirs == ours == same:
        sys.exit(f"answers differ (all pairs): {theirs:,} there, {ours:,} by the engine, {same:,} the same")
    print(f"answers equal row for row, in any order: all pairs, {ours:,} rows", flush=True)
