"""PostgreSQL with covering indexes: one table in the order of place and time, vacuumed, so that every question is
answered from the indexes alone. Statements are prepared where they repeat; just-in-time compiling is off."""

import time

import psycopg

from questions import Dialect

LOOPS = "set enable_hashjoin = off; set enable_mergejoin = off; set enable_seqscan = off; set enable_bitmapscan = off"
CHUNK_BYTES = 1 << 20


class PostgreSQL:
    dialect = Dialect(
        by_place="visits", by_person="visits", shift=1 << 63, number=lambda id: f"cast({id} as bigint)"
    )

    def __init__(self, url, seconds_max):
        self._db = psycopg.connect(url, autocommit=True)
        self._db.execute("set jit = off")
        self._seconds_max = seconds_max
        (version,) = self._db.execute("show server_version").fetchone()
        self.name = f"PostgreSQL {version.split()[0]}, covering indexes"

    def load(self, file):
        db = self._db
        db.execute("""create unlogged table visits
            (person bigint not null, place integer not null, "from" integer not null, "until" integer not null)""")
        with db.cursor() as cursor, cursor.copy("copy visits from stdin (format csv)") as copy, open(file, "rb") as data:
            while chunk := data.read(CHUNK_BYTES):
                copy.write(chunk)
        db.execute('create index on visits (place, "from") include ("until", person)')
        db.execute('create index on visits (person, "from") include (place, "until")')
        db.execute("vacuum (analyze, freeze) visits")
        db.execute(f"set statement_timeout = '{self._seconds_max}s'")

    def ways(self, question):
        return ["its own plan", "index loops only"]

    def ask(self, question, way):
        """Seconds until libpq has the result; it is turned into Python's values later."""
        self._db.execute("reset enable_hashjoin; reset enable_mergejoin; reset enable_seqscan; reset enable_bitmapscan")
        if way == "index loops only":
            self._db.execute(LOOPS)
        cursor = self._db.cursor(binary=True)
        sql = question.sql(self.dialect).replace("%", "%%")
        try:
            start = time.perf_counter()
            cursor.execute(sql, prepare=True)
            return time.perf_counter() - start, cursor
        except psycopg.errors.QueryCanceled:
            raise TimeoutError from None

    def rows(self, cursor):
        yield from cursor

    def close(self):
        self._db.close()
