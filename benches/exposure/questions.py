"""The questions, as a line for the engine and as SQL for each peer.

The SQL is one text in three dialects. Where time with anyone of several people counts, visits are merged into
stretches first (gaps and islands), as the engine does: joining visit with visit and taking doubled seconds out
again is slower. The small side of a join always stands first.
"""

from dataclasses import dataclass
from typing import Callable

LATENCY_SECONDS = 86_400
LEAST_SECONDS = 900
LONGEST_SECONDS = 86_400


@dataclass(frozen=True)
class Dialect:
    """Words in which the peers differ."""

    by_place: str
    by_person: str
    least: str = "least"
    greatest: str = "greatest"
    join: str = ","
    # How a person's number is written, and what is taken from it where numbers have a sign. Order stays.
    number: Callable[[int], str] = str
    shift: int = 0

    def person(self, number):
        return self.number(number - self.shift)

    def shared(self, t="t"):
        return f'{self.least}(v."until", {t}.u) - {self.greatest}(v."from", {t}.f)'

    def meet(self, t="t"):
        return (
            f'v.place = {t}.place and v."from" < {t}.u and v."until" > {t}.f '
            f'and v."from" > {t}.f - {LONGEST_SECONDS}'
        )


@dataclass(frozen=True)
class Question:
    """What is asked, of whom, and which columns of the answer name people."""

    kind: str
    ids: tuple
    person_columns: tuple
    text: Callable

    def line(self, file="-"):
        """For the engine: times the answer, and writes it where a file is named."""
        listed = ",".join(map(str, self.ids))
        return f"{self.kind} {listed}" if self.kind == "contacts" else f"{self.kind} {listed} {file}"

    def sql(self, dialect):
        return self.text(dialect, self.ids)


def contacts(case):
    return Question("contacts", (case,), (0,), _contacts)


def generations(case):
    return Question("generations", (case,), (1,), _generations)


def cases(ids):
    return Question("cases", tuple(ids), (1,), _cases)


def places(ids):
    return Question("places", tuple(ids), (), _places)


def _contacts(d, ids):
    case = d.person(ids[0])
    return f"""with c as materialized
        (select place, "from" as f, "until" as u from {d.by_person} where person = {case})
    select v.person, cast(sum({d.shared("c")}) as bigint) as s, max({d.least}(v."until", c.u)) as last_until
    from c {d.join} {d.by_place} v where {d.meet("c")} and v.person <> {case}
    group by v.person having sum({d.shared("c")}) >= {LEAST_SECONDS}
    order by s desc, last_until desc, v.person"""


def _merged(spans, name):
    """Common table expressions that merge the spans (place, f, u) of a table into stretches of that name."""
    return f"""
    {name}_marked as (select place, f, u, case when f <= max(u) over (partition by place order by f, u
        rows between unbounded preceding and 1 preceding) then 0 else 1 end as fresh from {spans}),
    {name}_numbered as (select place, f, u, sum(fresh) over (partition by place order by f, u
        rows unbounded preceding) as island from {name}_marked),
    {name} as materialized (select place, min(f) as f, max(u) as u from {name}_numbered group by place, island)"""


def _met(d, columns="v.person"):
    """Together with a table t of stretches: seconds, first and last."""
    return f"""{columns}, cast(sum({d.shared()}) as bigint) as s,
        min({d.greatest}(v."from", t.f)) as first_from, max({d.least}(v."until", t.u)) as last_until"""


def _generations(d, ids):
    case = d.person(ids[0])
    enough = f"having sum({d.shared()}) >= {LEAST_SECONDS}"
    return f"""with
    c as materialized (select place, "from" as f, "until" as u from {d.by_person} where person = {case}),
    f1 as materialized (select {_met(d)} from c t {d.join} {d.by_place} v
        where {d.meet()} and v.person <> {case} group by v.person {enough}),
    spans as (
        select v.place, {d.greatest}(v."from", f1.first_from + {LATENCY_SECONDS}) as f, v."until" as u
        from f1 {d.join} {d.by_person} v
        where v.person = f1.person and v."until" > f1.first_from + {LATENCY_SECONDS}),
    {_merged("spans", "stretches")},
    f2 as (select {_met(d)} from stretches t {d.join} {d.by_place} v
        where {d.meet()} and v.person <> {case} and v.person not in (select person from f1)
        group by v.person {enough})
    select 1 as generation, person, s, first_from, last_until from f1
    union all select 2, person, s, first_from, last_until from f2
    order by 1, 3 desc, 5 desc, 2"""


def _cases(d, ids):
    listed = ", ".join(f"({d.person(id)}, {n})" for n, id in enumerate(ids))
    return f"""with
    n (case_id, n) as (values {listed}),
    t as materialized (select n, case_id, v.place, v."from" as f, v."until" as u
        from n {d.join} {d.by_person} v where v.person = n.case_id)
    select t.n, v.person, cast(sum({d.shared()}) as bigint) as s, max({d.least}(v."until", t.u)) as last_until
    from t {d.join} {d.by_place} v where {d.meet()} and v.person <> t.case_id
    group by t.n, v.person having sum({d.shared()}) >= {LEAST_SECONDS}
    order by t.n, s desc, last_until desc, v.person"""


def _places(d, ids):
    listed = ", ".join(map(d.person, ids))
    return f"""with
    spans as (select place, "from" as f, "until" as u from {d.by_person} where person in ({listed})),
    {_merged("spans", "stretches")},
    together as (select {_met(d, "v.place, v.person")} from stretches t {d.join} {d.by_place} v
        where {d.meet()} and v.person not in ({listed})
        group by v.place, v.person having sum({d.shared()}) >= {LEAST_SECONDS})
    select place, cast(sum(s) as bigint) as person_seconds, count(*) as people, min(first_from), max(last_until)
    from together group by place order by person_seconds desc, people desc, place"""
