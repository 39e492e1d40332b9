"""The table of issue 5."""


def shown(times):
    """A time as people read it, with the number of answers it is the median of."""
    if not times.seconds:
        return f"over {times.over:.0f} s"
    mark = f", some over {times.over:.0f} s" if times.over else ""
    return f"{duration(times.median)} ({len(times.seconds)}{mark})"


def duration(seconds):
    if seconds < 0.000_1:
        return f"{seconds * 1e6:.0f} µs"
    if seconds < 0.1:
        return f"{seconds * 1e3:.3g} ms"
    return f"{seconds:.3g} s"


def ratio(theirs, ours):
    if not theirs.seconds:
        return f"over {theirs.over / ours.median:.0f}"
    return f"{theirs.median / ours.median:.1f}"


def show(rows, engine, peers):
    head = [engine.name, "goal, 80 million visits", *(f"{peer.name} | times ours" for peer in peers)]
    print(f"\n| medians in turns (answers) | {' | '.join(head)} |")
    print("| --- |" + " --- |" * (2 + 2 * len(peers)))
    for row in rows:
        ours = row.times[engine.name]
        cells = [row.what, shown(ours), row.goal]
        for peer in peers:
            theirs = row.times[peer.name]
            cells += [shown(theirs), ratio(theirs, ours)]
        print(f"| {' | '.join(cells)} |")
    for row in rows:
        ways = [f"{peer.name}: {row.times[peer.name].way}" for peer in peers if row.times[peer.name].way]
        print(f"quicker ways, {row.what}: {'; '.join(ways)}")
