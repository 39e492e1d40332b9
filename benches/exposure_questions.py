"""Questions that start from many people, put to DuckDB and to the engine: F1 and F2, 100 cases, places, pairs.

Each question is one SQL text over the tables by_place and by_person of exposure_duckdb.py and one line of the
engine's example. Where time with anyone of several people counts, DuckDB merges their visits into stretches first
(gaps and islands), as the engine does: joining visit with visit and taking doubled seconds out again is slower.
"""

import statistics
import sys
import time
from pathlib import Path

LATENCY_SECONDS = 86_400
LEAST_SECONDS = 900
LONGEST_SECONDS = 86_400

SHARED = 'least(v."until", t.u) - greatest(v."from", t.f)'
MEET = f"""v.place = t.place and v."from" < t.u and v."until" > t.f and v."from" > t.f - {LONGEST_SECONDS}"""


def merged(spans, name):
    """Common table expressions that merge the spans (place, f, u) of a table into stretches of that name."""
    return f"""
    {name}_marked as (select place, f, u, case when f <= max(u) over (partition by place order by f, u
        rows between unbounded preceding and 1 preceding) then 0 else 1 end as fresh from {spans}),
    {name}_numbered as (select place, f, u, sum(fresh) over (partition by place order by f, u
        rows unbounded preceding) as island from {name}_marked),
    {name} as materialized (select place, min(f) as f, max(u) as u from {name}_numbered group by place, island)"""


def generations(ids):
    case = ids[0]
    # A stretch may be longer than any visit, so only its end bounds the join from below.
    return f"""with
    c as materialized (select place, "from" as f, "until" as u from by_person where person = {case}),
    f1 as materialized (
        select v.person, sum({SHARED})::ubigint as s, min(greatest(v."from", t.f)) as first_from,
               max(least(v."until", t.u)) as last_until
        from by_place v join c t on {MEET} where v.person <> {case}
        group by v.person having s >= {LEAST_SECONDS}),
    spans as (
        select v.place, greatest(v."from", f1.first_from + {LATENCY_SECONDS}) as f, v."until" as u
        from by_person v join f1 on v.person = f1.person
        where v."until" > f1.first_from + {LATENCY_SECONDS}),
    {merged("spans", "stretches")},
    f2 as (
        select v.person, sum({SHARED})::ubigint as s, min(greatest(v."from", t.f)) as first_from,
               max(least(v."until", t.u)) as last_until
        from by_place v join stretches t on {MEET}
        where v.person <> {case} and v.person not in (select person from f1)
        group by v.person having s >= {LEAST_SECONDS})
    select 1 as generation, * from f1 union all select 2, * from f2
    order by generation, s desc, last_until desc, person"""


def cases(ids):
    listed = ",".join(map(str, ids))
    return f"""with
    c as materialized (select person as case_id, place, "from" as f, "until" as u from by_person
        where person in ({listed})),
    n as (select unnest([{listed}]::ubigint[]) as case_id, unnest(range({len(ids)})) as n)
    select case_id, v.person, sum({SHARED})::ubigint as s, max(least(v."until", t.u)) as last_until
    from by_place v join c t on {MEET} join n using (case_id) where v.person <> case_id
    group by n, case_id, v.person having s >= {LEAST_SECONDS} order by n, s desc, last_until desc, v.person"""


def places(ids):
    listed = ",".join(map(str, ids))
    return f"""with
    spans as (select place, "from" as f, "until" as u from by_person where person in ({listed})),
    {merged("spans", "stretches")},
    together as (
        select v.place, v.person, sum({SHARED})::ubigint as s, min(greatest(v."from", t.f)) as first_from,
               max(least(v."until", t.u)) as last_until
        from by_place v join stretches t on {MEET} where v.person not in ({listed})
        group by v.place, v.person having s >= {LEAST_SECONDS})
    select place, sum(s)::ubigint as person_seconds, count(*) as people, min(first_from), max(last_until)
    from together group by place order by person_seconds desc, people desc, place"""


PAIRS = f"""
    select v.person as person_a, t.person as person_b,
           sum(least(v."until", t."until") - greatest(v."from", t."from"))::ubigint as s, count(*) as meetings
    from by_place v join by_place t on v.place = t.place and v.person < t.person
         and v."from" < t."until" and v."until" > t."from"
    group by v.person, t.person having s >= {LEAST_SECONDS}"""


def compare(db, what, sql, file, ordered=True):
    """Ends the program unless both answers are equal; gives the number of rows."""
    db.execute(f"create or replace table theirs as {sql}")
    db.execute(f"create or replace table ours as select * from read_csv('{file}', header = true, all_varchar = true)")
    columns = [row[0] for row in db.execute("describe theirs").fetchall()]
    names = [row[0] for row in db.execute("describe ours").fetchall()]
    count, = db.execute("select count(*) from theirs").fetchone()
    ours, = db.execute("select count(*) from ours").fetchone()
    if ordered:
        differ = " or ".join(f't."{c}"::varchar is distinct from o."{n}"' for c, n in zip(columns, names))
        wrong, = db.execute(f"select count(*) from theirs t positional join ours o where {differ}").fetchone()
    else:
        same = " and ".join(f't."{c}" = o."{n}"::ubigint' for c, n in zip(columns, names))
        matching, = db.execute(f"select count(*) from theirs t join ours o on {same}").fetchone()
        wrong = count - matching
    if wrong or count != ours:
        sys.exit(f"answers differ ({what}): {count:,} and {ours:,} rows, {wrong:,} of them different")
    order = "in the same order" if ordered else "in any order"
    print(f"answers equal row for row, {order}: {what}, {count:,} rows")
    return count


def ask_engine(process, line):
    process.stdin.write(f"{line}\n")
    process.stdin.flush()
    return int(process.stdout.readline().split()[0]) / 1e9


def ask_duckdb(db, sql):
    """Seconds until the result stands; it is not fetched."""
    start = time.perf_counter()
    db.execute(sql)
    return time.perf_counter() - start


def in_turns(db, process, what, questions, rounds):
    """Medians over all questions, each a pair of SQL and the engine's line, after a warm round."""
    engine, duck = [], []
    for turn in range(rounds + 1):
        for sql, line in questions:
            times = ask_engine(process, line), ask_duckdb(db, sql)
            if turn > 0:
                engine.append(times[0])
                duck.append(times[1])
    ours, theirs = statistics.median(engine) * 1000, statistics.median(duck) * 1000
    print(f"  {what:<34} engine {ours:10.3f} ms   DuckDB {theirs:10.1f} ms   ratio {theirs / ours:7.1f}")


def many_people(db, process, persons, rounds, folder):
    """F1 and F2, 100 cases at once, places ranked."""
    answer = Path(folder) / "answer.csv"
    hundred = persons[:100]
    listed = ",".join(map(str, hundred))
    for case in persons[:2]:
        ask_engine(process, f"generations {case} {answer}")
        compare(db, "F1 and F2 of one case", generations([case]), answer)
    ask_engine(process, f"cases {listed} {answer}")
    compare(db, f"{len(hundred)} cases at once", cases(hundred), answer)
    ask_engine(process, f"places {listed} {answer}")
    compare(db, f"places by exposure to {len(hundred)} cases", places(hundred), answer)
    print(f"medians in turns, {rounds} rounds, both on all cores:")
    spread = [(generations([case]), f"generations {case} -") for case in persons[:5]]
    in_turns(db, process, "F1 and F2 of one case", spread, rounds)
    in_turns(db, process, f"{len(hundred)} cases at once", [(cases(hundred), f"cases {listed} -")], rounds)
    in_turns(db, process, f"places, {len(hundred)} cases", [(places(hundred), f"places {listed} -")], rounds)


def all_pairs(db, process, rounds, folder):
    """Everybody with everybody. DuckDB only counts and adds up, in no order; the engine hands out every row."""
    answer = Path(folder) / "pairs.csv"
    ask_engine(process, f"pairs {answer}")
    compare(db, "all pairs", PAIRS, answer, ordered=False)
    print(f"medians in turns, {rounds} rounds, both on all cores:")
    counted = f"select count(*), sum(s) from ({PAIRS})"
    in_turns(db, process, "all pairs", [(counted, "pairs -")], rounds)
