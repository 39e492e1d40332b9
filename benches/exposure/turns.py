"""One row of the table: answers compared row for row, then everybody asked in turns."""

import statistics
import sys
from dataclasses import dataclass, field
from itertools import zip_longest


@dataclass
class Times:
    """What one of them took for one row of the table."""

    seconds: list = field(default_factory=list)
    way: str = ""
    # Set where the answer did not stand in time: so many seconds were given.
    over: float = 0

    @property
    def median(self):
        return statistics.median(self.seconds)


@dataclass
class Row:
    what: str
    goal: str
    times: dict


def compare(peer, way_rows, expected, what):
    """Ends the program unless both say the same; gives the number of rows."""
    count = 0
    for theirs, ours in zip_longest(way_rows, expected):
        if theirs != ours:
            sys.exit(f"answers differ ({what}, {peer.name}), row {count + 1}: {theirs} there, {ours} by the engine")
        count += 1
    return count


def unsigned(peer, question, rows, columns):
    """The peer's rows with people's own numbers, cut to the columns that the engine gives."""
    shift = peer.dialect.shift
    for row in rows:
        yield tuple(v + shift if n in question.person_columns else v for n, v in enumerate(row[:columns]))


def first_answers(engine, peer, questions, expected_of, what):
    """Warms a peer, holds its answers against the engine's, and finds its quicker way."""
    times, count = Times(), 0
    best = {}
    for question in questions:
        for way in peer.ways(question):
            try:
                seconds, result = peer.ask(question, way)
            except TimeoutError:
                continue
            expected = expected_of(question)
            first = expected[:1]
            columns = len(first[0]) if first else 0
            count += compare(peer, unsigned(peer, question, peer.rows(result), columns), expected, what)
            best.setdefault(way, []).append(seconds)
        if not best:
            return times, 0
    times.way = min(best, key=lambda way: (-len(best[way]), statistics.median(best[way])))
    return times, count


def row(engine, peers, questions, wanted, what, goal, expected_of=None):
    """Measures one row of the table."""
    known = {}

    def by_engine(question):
        if question not in known:
            known[question] = list(engine.rows(question))
        return known[question]

    expected_of = expected_of or by_engine
    times = {engine.name: Times(way="warm")}
    for peer in peers:
        times[peer.name], count = first_answers(engine, peer, questions, expected_of, what)
        if times[peer.name].way:
            print(f"answers equal row for row, in the same order: {what}, {peer.name}, {count:,} rows", flush=True)
        else:
            times[peer.name].over = wanted.seconds_max
            print(f"no answer within {wanted.seconds_max} s: {what}, {peer.name}", flush=True)
    known.clear()
    for _ in range(wanted.rounds):
        for question in questions:
            times[engine.name].seconds.append(engine.ask(question))
            for peer in peers:
                kept = times[peer.name]
                # A slow peer is not asked for ever: the number of answers stands in the table.
                if kept.way and (not kept.seconds or sum(kept.seconds) < wanted.budget):
                    ask_again(peer, question, kept, wanted.seconds_max)
    return Row(what, goal, times)


def ask_again(peer, question, kept, seconds_max):
    try:
        kept.seconds.append(peer.ask(question, kept.way)[0])
    except TimeoutError:
        kept.seconds.append(float(seconds_max))
        kept.over = seconds_max
