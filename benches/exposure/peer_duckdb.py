"""DuckDB in memory. It holds the visits twice, sorted by person and by place and time, so that its zone maps skip
what does not matter, and uses all cores."""

import time
from threading import Timer

import duckdb

from questions import LEAST_SECONDS, LONGEST_SECONDS, Dialect


class DuckDB:
    name = f"DuckDB {duckdb.__version__}, sorted"
    dialect = Dialect(by_place="by_place", by_person="by_person", number=lambda id: f"{id}::ubigint")

    def __init__(self, seconds_max):
        self._db = duckdb.connect()
        self._seconds_max = seconds_max

    def load(self, file):
        read = f"""read_csv('{file}', columns = {{'person': 'UBIGINT', 'place': 'UINTEGER', 'from': 'BIGINT',
            'until': 'BIGINT'}}, header = true)"""
        self._db.execute(f'create table by_place as select * from {read} order by place, "from"')
        self._db.execute('create table by_person as select * from by_place order by person, "from"')

    def write_signed(self, file, shift):
        """The visits by place and time, for those whose numbers have a sign."""
        number = f"(person::hugeint - {shift})::bigint"
        self._db.execute(
            f"""copy (select {number} as person, place, "from", "until" from by_place
            order by place, "from", person) to '{file}' (format csv, header false)"""
        )

    def ways(self, question):
        """Names of the ways to ask; the quicker one counts."""
        return ["one join", "a range scan for a visit"] if question.kind == "contacts" else ["one join"]

    def ask(self, question, way):
        """Seconds until the result stands, and the result; fetching it is not in the time."""
        limit = Timer(self._seconds_max, self._db.interrupt)
        limit.start()
        try:
            start = time.perf_counter()
            sql = question.sql(self.dialect) if way == "one join" else self._by_ranges(question.ids[0])
            result = self._db.execute(sql)
            return time.perf_counter() - start, result
        except duckdb.InterruptException:
            raise TimeoutError from None
        finally:
            limit.cancel()

    def _by_ranges(self, case):
        own = self._db.execute('select place, "from", "until" from by_person where person = $1', [case])
        parts = [
            f"""select person, least("until", {u}) - greatest("from", {f}) as o, least("until", {u}) as e
            from by_place where place = {place} and "from" < {u} and "from" > {f} - {LONGEST_SECONDS}
            and "until" > {f}"""
            for place, f, u in own.fetchall()
        ]
        return f"""select person, sum(o)::bigint as s, max(e) as l from ({" union all ".join(parts)})
            where person <> {case} group by person having s >= {LEAST_SECONDS} order by s desc, l desc, person"""

    def rows(self, result):
        while batch := result.fetchmany(10_000):
            yield from batch

    @property
    def connection(self):
        return self._db

    def close(self):
        self._db.close()
