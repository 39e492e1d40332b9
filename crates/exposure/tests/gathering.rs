//! Scans from several threads: the same visits and answers, whoever brings them and in whatever order.
#![expect(clippy::unwrap_used, reason = "tests")]

use exposure::{
    AreaFacts, Areas, ExposureRule, Gathering, Index, Limits, OpenedScan, SameSpace, ScanCounts, Span, Visit,
    oracle, visits,
};
use rand::{RngExt, SeedableRng, seq::SliceRandom};
use rand_chacha::ChaCha8Rng;

fn areas() -> Areas {
    let facts = (0..40).map(|area_id| AreaFacts {
        // By place and by id the areas stand in different orders.
        area_id: area_id * 7 % 40 * 1_003,
        place: area_id / 3,
        default_stay_seconds: 900 * (1 + area_id % 9),
        closes_at_second_of_day: (area_id % 4 == 0).then_some(64_800),
    });
    Areas::new(facts.collect()).unwrap()
}

/// Scans of many persons over three days, with everything that goes wrong: no out, no in, again and again, two
/// places at once, clocks that are hours off, unknown areas.
fn scans(persons: usize, each: usize) -> Vec<OpenedScan> {
    let mut random = ChaCha8Rng::seed_from_u64(2021);
    let mut scans = Vec::new();
    for number in 0..persons {
        // Most ids are random; some lie side by side at both ends.
        let person = match number % 10 {
            0 => number as u64,
            1 => u64::MAX - number as u64,
            _ => random.random(),
        };
        for _ in 0..each {
            let area_id = random.random_range(0..41) * 1_003;
            let captured = random.random_range(0..259_200) / 60 * 60;
            let (out, late) = (random.random_bool(0.45), random.random_bool(0.1));
            let scan =
                OpenedScan { person, area_id, out, captured, assurance: random.random_range(0..5), late };
            scans.push(scan);
            if random.random_bool(0.1) {
                scans.push(OpenedScan { assurance: 3, ..scan });
            }
            if random.random_bool(0.1) {
                scans.push(OpenedScan { area_id: random.random_range(0..40) * 1_003, ..scan });
            }
        }
    }
    scans.shuffle(&mut random);
    scans
}

fn gathered(scans: &[OpenedScan], areas: &Areas, threads: usize) -> (Vec<Visit>, ScanCounts) {
    let gathering = Gathering::new(areas);
    std::thread::scope(|scope| {
        for part in scans.chunks(scans.len().div_ceil(threads)) {
            let mut sink = gathering.sink().unwrap();
            scope.spawn(move || {
                part.chunks(777).for_each(|some| sink.add(some).unwrap());
                sink.finish().unwrap();
            });
        }
    });
    let visits = gathering.visits(&Limits::default()).unwrap();
    (visits.iter().collect(), visits.counts())
}

#[test]
fn many_threads_make_the_visits_that_each_person_alone_would() {
    let areas = areas();
    let scans = scans(6_000, 20);
    assert!(scans.len() > 130_000, "enough for threads: {}", scans.len());
    let (one, counts) = gathered(&scans, &areas, 1);
    for threads in [2, 5] {
        assert!(gathered(&scans, &areas, threads) == (one.clone(), counts), "{threads} threads");
    }
    let mut by_person = scans;
    by_person.sort_by_key(|scan| scan.person);
    let alone = by_person
        .chunk_by(|a, b| a.person == b.person)
        .flat_map(|own| visits(own.to_vec(), &areas, &Limits::default()).unwrap().iter().collect::<Vec<_>>());
    assert!(alone.eq(one.iter().copied()));
    assert!(counts.duplicates > 1_000 && counts.unknown_area > 1_000 && counts.clashes > 1_000, "{counts:?}");
}

#[test]
fn answers_over_threads_are_those_of_the_oracle() {
    let areas = areas();
    let scans = scans(2_000, 40);
    let made = visits(scans, &areas, &Limits::default()).unwrap();
    let list: Vec<Visit> = made.iter().collect();
    let index = Index::build(made, Limits::default()).unwrap();
    let window = Span { from: 50_000, until: 200_000 };
    let case = [index.persons()[700], index.persons()[3]];
    for same in [SameSpace::Area, SameSpace::Place] {
        let rule = ExposureRule { min_overlap_seconds: 900, same };
        let slow = oracle::contacts(&list, &case, window, &rule, exposure::CONTACTS_MAX);
        assert!(slow.contacts.len() > 100);
        assert_eq!(index.contacts(&case, window, &rule).unwrap(), slow);
    }
}
