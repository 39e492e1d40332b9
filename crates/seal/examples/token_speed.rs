//! Prints how long sealing and opening a row takes: `cargo run -p seal --release --example token_speed`.
#![expect(clippy::unwrap_used, reason = "an example may panic")]

use std::{hint::black_box, time::Instant};

use rand_chacha::{ChaCha20Rng, rand_core::SeedableRng};
use seal::token::{MovementKey, Stamp, Token};

const ROWS: u32 = 2_000_000;

fn main() {
    let key = MovementKey::generate(&mut ChaCha20Rng::seed_from_u64(1));
    let stamp = |at: u32| Stamp { area_id: at % 40_000, out: at % 2 == 1, captured: at };
    let rows: Vec<(Token, Stamp)> = timed("sealed one at a time", || {
        (0..ROWS).map(|at| (key.seal(u64::from(at), &stamp(at)).unwrap(), stamp(at))).collect()
    });
    timed("opened one at a time", || {
        for (token, stamp) in &rows {
            black_box(key.open(token, stamp));
        }
    });
    let mut opened = Vec::with_capacity(8192);
    let mut found = 0;
    timed("opened 8,192 at a time", || {
        for chunk in rows.chunks(8192) {
            opened.clear();
            key.open_many(chunk, &mut opened);
            found += opened.iter().flatten().count();
        }
    });
    assert_eq!(found, rows.len());
}

fn timed<T>(what: &str, work: impl FnOnce() -> T) -> T {
    let started = Instant::now();
    let result = work();
    println!("{what}: {:.1} ns a row", started.elapsed().as_secs_f64() * 1e9 / f64::from(ROWS));
    result
}
