"""SQLite with covering indexes, in a file that its cache holds as a whole. The small side of each join is read
first (CROSS JOIN is how SQLite is told)."""

import csv
import sqlite3
import time
from threading import Timer

from questions import Dialect


class SQLite:
    name = f"SQLite {sqlite3.sqlite_version}, covering indexes"
    dialect = Dialect(
        by_place="visits", by_person="visits", least="min", greatest="max", join="cross join", shift=1 << 63
    )

    def __init__(self, file, seconds_max):
        self._db = sqlite3.connect(file, isolation_level=None, check_same_thread=False)
        for setting in ("journal_mode = off", "synchronous = off", "cache_size = -8000000", "temp_store = memory"):
            self._db.execute(f"pragma {setting}")
        self._seconds_max = seconds_max

    def load(self, file):
        db = self._db
        db.execute("""create table visits
            (person integer not null, place integer not null, "from" integer not null, "until" integer not null)""")
        db.execute("begin")
        with open(file, newline="") as data:
            db.executemany("insert into visits values (?, ?, ?, ?)", csv.reader(data))
        db.execute("commit")
        db.execute('create index by_place on visits (place, "from", "until", person)')
        db.execute('create index by_person on visits (person, "from", place, "until")')
        db.execute("analyze")

    def ways(self, question):
        return ["one join"]

    def ask(self, question, way):
        """Seconds until the first row: the order is asked for, so all rows stand by then."""
        limit = Timer(self._seconds_max, self._db.interrupt)
        limit.start()
        try:
            start = time.perf_counter()
            cursor = self._db.execute(question.sql(self.dialect))
            first = cursor.fetchone()
            return time.perf_counter() - start, (first, cursor)
        except sqlite3.OperationalError as error:
            if "interrupt" in str(error):
                raise TimeoutError from None
            raise
        finally:
            limit.cancel()

    def rows(self, result):
        first, cursor = result
        if first is not None:
            yield first
            yield from cursor

    def close(self):
        self._db.close()
