"""Our engine, asked on its standard input (crates/exposure/examples/district_speed)."""

import csv
import subprocess
import sys
from collections import defaultdict
from pathlib import Path


class Engine:
    """The running example: it makes the visits, and keeps its index while it is asked."""

    name = "Vào Ra"

    def __init__(self, binary, visits, zipf, folder):
        self.csv = Path(folder) / "visits.csv"
        self._answers = Path(folder) / "answers.csv"
        self._answer = Path(folder) / "answer.csv"
        files = ["--csv", self.csv, "--answers", self._answers, "--ask"]
        command = [binary, str(visits), "--zipf", str(zipf), *files]
        self._process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        for line in iter(self._process.stdout.readline, "ready\n"):
            if not line:
                sys.exit("the engine ended before it was ready")
            print(line.rstrip(), flush=True)

    def contacts(self):
        """The whole lists of some people, in the order in which they were drawn: (contact, seconds)."""
        lists = defaultdict(list)
        with self._answers.open(newline="") as file:
            for row in csv.DictReader(file):
                lists[int(row["person"])].append((int(row["contact"]), int(row["overlap_seconds"])))
        self._answers.unlink()
        return lists

    def _ask(self, line):
        self._process.stdin.write(f"{line}\n")
        self._process.stdin.flush()
        answer = self._process.stdout.readline()
        if not answer:
            sys.exit(f"the engine ended at: {line[:80]}")
        return int(answer.split()[0]) / 1e9

    def ask(self, question):
        """Seconds until the answer stands."""
        return self._ask(question.line())

    def pairs(self, file="-"):
        """Seconds for all pairs."""
        return self._ask(f"pairs {file}")

    def rows(self, question):
        """The answer as tuples of numbers, in its order."""
        self._ask(question.line(self._answer))
        number_of = {str(id): n for n, id in enumerate(question.ids)}
        with self._answer.open(newline="") as file:
            reader = csv.reader(file)
            next(reader)
            for row in reader:
                if question.kind == "cases":
                    row[0] = number_of[row[0]]
                yield tuple(map(int, row))

    def close(self):
        self._process.stdin.close()
        self._process.wait()
