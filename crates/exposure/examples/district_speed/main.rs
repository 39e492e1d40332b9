//! How fast the engine answers on a made-up district (or province), the same for every run with one seed.
//!
//! ```text
//! cargo run --release -p exposure --example district_speed -- [VISITS] [--zipf S] [--csv FILE]
//!     [--answers FILE] [--ask]
//! ```
//! Makes scans of 14 days until there are VISITS visits (3,000,000 unless told; 43 to a person, 4,278 to a place,
//! as in the province), turns them into visits, builds the index and asks for the contacts of 200 persons over
//! all 14 days, at least 15 minutes in the same area. Places are drawn by Zipf's law with exponent S (0.6), stays
//! are 5 minutes to 8 hours (log-uniform), and a tenth do not scan out.
//! `--csv` writes the visits in clear (`person,place,from,until`), `--answers` the full answers
//! (`person,contact,overlap_seconds`). `--ask` then answers questions on standard input (`ask.rs` names them), so
//! that another tool can be asked in turns (see benches/exposure/bench.py).

mod ask;

use std::error::Error;
use std::fs::File;
use std::io::{BufWriter, Write};
use std::time::Instant;

use exposure::{
    AreaFacts, Areas, CONTACTS_MAX, ExposureRule, Index, Limits, OpenedScan, SameSpace, Span, visits,
};
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;

const SEED: u64 = 20_210_805;
const DAYS: u32 = 14;
const DAY_SECONDS: u32 = 86_400;
const LOCAL_OFFSET_SECONDS: u32 = 7 * 3_600;
const VISITS_TO_A_PERSON: usize = 43;
const VISITS_TO_A_PLACE: usize = 4_278;
const QUESTIONS: usize = 200;
/// More than any list of the run, so that answers are whole.
const ALL: usize = 100_000_000;
const RULE: ExposureRule = ExposureRule { min_overlap_seconds: 900, same: SameSpace::Area };

struct Options {
    visits: usize,
    zipf: f64,
    csv: Option<String>,
    answers: Option<String>,
    ask: bool,
}

fn options() -> Result<Options, Box<dyn Error>> {
    let mut options = Options { visits: 3_000_000, zipf: 0.6, csv: None, answers: None, ask: false };
    let mut words = std::env::args().skip(1);
    while let Some(word) = words.next() {
        match word.as_str() {
            "--csv" => options.csv = words.next(),
            "--answers" => options.answers = words.next(),
            "--zipf" => options.zipf = words.next().ok_or("--zipf needs a number")?.parse()?,
            "--ask" => options.ask = true,
            number => options.visits = number.parse().map_err(|_| format!("what is {number}?"))?,
        }
    }
    Ok(options)
}

/// Draws places by Zipf's law, by halving the running sum of weights.
struct Places {
    sums: Vec<f64>,
    areas: Areas,
}

impl Places {
    fn new(count: usize, exponent: f64) -> Result<Self, exposure::Error> {
        let mut sum = 0.0;
        let weight = |rank: usize| {
            sum += (rank as f64).powf(-exponent);
            sum
        };
        let sums = (1..=count).map(weight).collect();
        let facts = (0..count as u32).map(|place| AreaFacts {
            area_id: place,
            place,
            default_stay_seconds: 1_800 + place % 8 * 1_800,
            closes_at_second_of_day: (place % 3 != 0).then_some(18 * 3_600 + place % 5 * 3_600),
        });
        Ok(Self { sums, areas: Areas::new(facts.collect())? })
    }

    fn draw(&self, random: &mut ChaCha8Rng) -> u32 {
        let mark = random.random_range(0.0..self.sums.last().copied().unwrap_or(1.0));
        self.sums.partition_point(|&sum| sum <= mark) as u32
    }
}

/// The scans of one person, place after place, day after day.
fn walk(person: u64, places: &Places, random: &mut ChaCha8Rng, scans: &mut Vec<OpenedScan>) {
    let assurance = 1;
    let mut at = 0;
    for day in 0..DAYS {
        let midnight = (day + 1) * DAY_SECONDS - LOCAL_OFFSET_SECONDS;
        at = at.max(midnight + random.random_range(6 * 3_600..9 * 3_600));
        // 43 in 14 days: three a day, and one more on the first.
        for _ in 0..if day == 0 { 4 } else { 3 } {
            let stay = (300.0 * 96_f64.powf(random.random_range(0.0..1.0))) as u32;
            let area_id = places.draw(random);
            scans.push(OpenedScan { person, area_id, out: false, captured: at, assurance, late: false });
            if random.random_bool(0.9) {
                let captured = at + stay;
                scans.push(OpenedScan { person, area_id, out: true, captured, assurance, late: false });
            }
            at += stay + random.random_range(300..7_200);
        }
    }
}

fn make(options: &Options, places: &Places) -> Vec<OpenedScan> {
    let mut random = ChaCha8Rng::seed_from_u64(SEED);
    let persons = options.visits.div_ceil(VISITS_TO_A_PERSON);
    let mut scans = Vec::with_capacity(persons * VISITS_TO_A_PERSON * 2);
    for _ in 0..persons {
        walk(random.random(), places, &mut random, &mut scans);
    }
    scans
}

/// Processor time of this process so far, all threads, in seconds; 0 where /proc does not tell it.
fn processor_seconds() -> f64 {
    let stat = std::fs::read_to_string("/proc/self/stat").unwrap_or_default();
    // The second field is the name in brackets; user and system time, in hundredths, are the 14th and 15th.
    let after_name = stat.rsplit(')').next().unwrap_or_default();
    let ticks = after_name.split_whitespace().skip(11).take(2);
    ticks.filter_map(|ticks| ticks.parse::<f64>().ok()).sum::<f64>() / 100.0
}

fn timed<T>(what: &str, work: impl FnOnce() -> T) -> T {
    let (start, used) = (Instant::now(), processor_seconds());
    let result = work();
    let (clock, used) = (start.elapsed().as_secs_f64(), processor_seconds() - used);
    eprintln!("{what}: {clock:.2} s, {used:.2} s of processor time");
    result
}

fn write_csv(file: &str, list: &exposure::Visits) -> std::io::Result<()> {
    let mut out = BufWriter::new(File::create(file)?);
    writeln!(out, "person,place,from,until")?;
    for visit in list.iter() {
        writeln!(out, "{},{},{},{}", visit.person, visit.place, visit.from, visit.until)?;
    }
    out.flush()
}

fn write_answers(file: &str, index: &Index, persons: &[u64]) -> Result<(), Box<dyn Error>> {
    let mut out = BufWriter::new(File::create(file)?);
    writeln!(out, "person,contact,overlap_seconds")?;
    for person in persons {
        for contact in index.contacts(&[*person], Span::ALWAYS, &RULE)?.contacts {
            writeln!(out, "{person},{},{}", contact.person, contact.overlap_seconds)?;
        }
    }
    Ok(out.flush()?)
}

fn print_medians(what: &str, index: &Index, persons: &[u64]) -> Result<(), Box<dyn Error>> {
    let mut times = Vec::new();
    let mut sizes = Vec::new();
    for round in 0..4 {
        for &person in persons {
            let (time, size) = ask::contacts(index, person)?;
            // The first round warms the caches.
            if round > 0 {
                times.push(time);
                sizes.push(size);
            }
        }
    }
    times.sort_unstable();
    sizes.sort_unstable();
    let last = times.len().saturating_sub(1);
    let at = |share: usize| times.get(last * share / 100).map_or(0.0, |time| time.as_secs_f64() * 1e3);
    println!("{what}: median {:.3} ms, p90 {:.3} ms, worst {:.3} ms", at(50), at(90), at(100));
    println!("  contacts in an answer: median {}, most {}", sizes[last / 2], sizes[last]);
    Ok(())
}

fn main() -> Result<(), Box<dyn Error>> {
    let options = options()?;
    let limits = Limits { contacts_max: ALL, ..Limits::default() };
    let places = Places::new(options.visits.div_ceil(VISITS_TO_A_PLACE), options.zipf)?;
    let scans = timed("scans made", || make(&options, &places));
    eprintln!("{} scans", scans.len());
    let visits = timed("visits", || visits(scans, &places.areas, &limits))?;
    if let Some(file) = &options.csv {
        write_csv(file, &visits)?;
    }
    let mut index = timed("index", || Index::build(visits, limits))?;
    println!(
        "{} visits, {} persons, {} places",
        index.visit_count(),
        index.person_count(),
        places.sums.len()
    );
    let mut random = ChaCha8Rng::seed_from_u64(SEED + 1);
    let pick = |_| index.persons()[random.random_range(0..index.person_count())];
    let mut persons: Vec<u64> = (0..QUESTIONS).map(pick).collect();
    // Nobody twice, in the order drawn.
    let mut drawn = std::collections::HashSet::new();
    persons.retain(|&person| drawn.insert(person));
    index.set_contacts_max(CONTACTS_MAX);
    print_medians("the best contacts of one case", &index, &persons)?;
    index.set_contacts_max(ALL);
    print_medians("all contacts of one case", &index, &persons)?;
    if let Some(file) = &options.answers {
        write_answers(file, &index, &persons)?;
    }
    if options.ask {
        ask::serve(&index)?;
    }
    Ok(())
}
