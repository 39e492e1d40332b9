//! Medians, ratios of rounds that stood side by side, and the goals of issue 5 beside them.

use crate::{load::Round, rounds::Contestant};

/// A ratio that the issue asks for: of the first to the second, at so many connections or at any.
struct Goal {
    of: Contestant,
    to: Contestant,
    connections: Option<usize>,
    at_least: f64,
}

const fn goal(of: Contestant, to: Contestant, connections: Option<usize>, at_least: f64) -> Goal {
    Goal { of, to, connections, at_least }
}

const GOALS: &[Goal] = &[
    goal(Contestant::Durable, Contestant::NoWrite, Some(64), 0.55),
    goal(Contestant::Durable, Contestant::NoWrite, Some(256), 0.70),
    goal(Contestant::Historic, Contestant::Durable, None, 0.95),
    goal(Contestant::Durable, Contestant::Fastify, None, 8.0),
    goal(Contestant::Durable, Contestant::FastApi, None, 18.0),
    // No goal of the issue: told beside them.
    goal(Contestant::OnPostgres, Contestant::NoWrite, None, 0.0),
    goal(Contestant::OnPostgres, Contestant::Fastify, None, 0.0),
    goal(Contestant::OnPostgres, Contestant::FastApi, None, 0.0),
];

/// Longest time of 99 of 100 answers under full load, in milliseconds.
const P99_MS: f64 = 8.0;

/// Prints what the rounds at so many connections came to.
pub fn print(connections: usize, rounds: &[(Contestant, Vec<Round>)]) {
    println!("\n{connections} connections, medians");
    println!("  {:<32} {:>9} {:>9} {:>9}", "", "a second", "p50 ms", "p99 ms");
    for (contestant, rounds) in rounds {
        let of = |value: fn(&Round) -> f64| median(rounds.iter().map(value).collect());
        let (rate, p50, p99) = (of(|r| r.per_second), of(|r| r.p50_ms), of(|r| r.p99_ms));
        let judged = match contestant {
            Contestant::Durable => format!("   p99 {}", verdict(p99 < P99_MS, &format!("< {P99_MS} ms"))),
            _ => String::new(),
        };
        println!("  {:<32} {rate:>9.0} {p50:>9.1} {p99:>9.1}{judged}", contestant.name());
    }
    let of = |wanted| rounds.iter().find(|(who, _)| *who == wanted).map(|(_, rounds)| rounds);
    for goal in GOALS {
        let (Some(ours), Some(theirs)) = (of(goal.of), of(goal.to)) else { continue };
        if goal.connections.is_some_and(|only| only != connections) {
            continue;
        }
        let ratios = ours.iter().zip(theirs).map(|(ours, theirs)| ours.per_second / theirs.per_second);
        let ratio = median(ratios.collect());
        let judged = match goal.at_least {
            0.0 => "no goal".to_owned(),
            least => verdict(ratio >= least, &format!("≥ {least}")),
        };
        println!("  {} : {} = {ratio:.2}   {judged}", goal.of.name(), goal.to.name());
    }
}

/// The goal, and whether it is met.
pub fn verdict(met: bool, goal: &str) -> String {
    format!("goal {goal}: {}", if met { "met" } else { "MISSED" })
}

/// The middle value; of an even number, the upper of the two in the middle.
pub fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values.get(values.len() / 2).copied().unwrap_or(f64::NAN)
}
