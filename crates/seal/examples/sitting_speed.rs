//! Prints the processor time of opening a gate's scan, each sealed by itself and by a sitting:
//! `cargo run -p seal --release --example sitting_speed` (Linux only, for `/proc`).
#![expect(clippy::unwrap_used, reason = "an example may panic")]

use std::{fs, hint::black_box};

use rand_chacha::{ChaCha20Rng, rand_core::SeedableRng};
use seal::{
    index::{IndexKey, IndexKind},
    sitting::{Sender, SittingKeys},
    wrap::{KeyPair, purpose, wrap},
};

/// Scans of a batch.
const ROWS: usize = 100;
/// What a citizen card's scan says, of the usual length.
const PLAIN: &str = r#"{"kind":"in","code":"066095001234|241234567|Y Nguyễn Văn A|01021995|Nam|Buôn Kô Siêr, Tân Lập, Thành phố Buôn Ma Thuột, Đắk Lắk|15042021","how":"read"}"#;

fn main() {
    let mut rng = ChaCha20Rng::seed_from_u64(1);
    let pair = KeyPair::generate(&mut rng);
    let aad = |row: usize| format!("1234567890123456.0190c0de-0000-7000-8000-{row:012}.1630000000000");
    let alone: Vec<_> = (0..ROWS)
        .map(|row| {
            wrap(&pair.public, purpose::INGEST, aad(row).as_bytes(), PLAIN.as_bytes(), &mut rng).unwrap()
        })
        .collect();
    let mut sender = Sender::begin(&pair.public, &mut rng).unwrap();
    let rows: Vec<_> =
        (0..ROWS).map(|row| sender.seal(aad(row).as_bytes(), PLAIN.as_bytes()).unwrap()).collect();
    let open = |sittings: &SittingKeys, sealed: &[Vec<u8>]| {
        let mut opener = sittings.opener(&pair);
        for (row, sealed) in sealed.iter().enumerate() {
            black_box(opener.open(aad(row).as_bytes(), sealed).unwrap());
        }
    };
    measured("each sealed by itself", 10, || open(&SittingKeys::new(10), &alone));
    measured("a new sitting of 100", 200, || open(&SittingKeys::new(10), &rows));
    let known = SittingKeys::new(10);
    measured("a known sitting of 100", 2_000, || open(&known, &rows));
    let key = IndexKey::generate(&mut rng);
    measured("a blind index", 2_000, || {
        for _ in 0..ROWS {
            black_box(key.index(IndexKind::IdNumber, b"066095001234"));
        }
    });
}

/// Processor time a row, of this thread.
fn measured(what: &str, rounds: u32, mut work: impl FnMut()) {
    let began = cpu_ns();
    for _ in 0..rounds {
        work();
    }
    let each_us = (cpu_ns() - began) / 1e3 / f64::from(rounds) / ROWS as f64;
    println!("{what}: {each_us:.2} µs a row");
}

fn cpu_ns() -> f64 {
    let text = fs::read_to_string("/proc/thread-self/schedstat").unwrap();
    text.split(' ').next().unwrap().parse().unwrap()
}
