//! The engine's answers, found the slow and obvious way.
//!
//! Every visit is compared with every other, and shared time is counted second mark by second mark. It stands
//! beside the engine so that tests can hold the two together; it shares only the result types with it and what
//! makes a meeting certain.

mod chain;
mod contacts;
mod generations;
mod pairs;
mod places;

pub use chain::chain;
pub use contacts::contacts;
pub use generations::generations;
pub use pairs::pairs;
pub use places::places_by_exposure;

use crate::{SameSpace, Span, Visit};

/// When two visits were at the same place or area; `None` where they were not.
fn overlap(a: &Visit, b: &Visit, same: SameSpace) -> Option<Span> {
    let together = match same {
        SameSpace::Area => a.area_id == b.area_id,
        SameSpace::Place => a.place == b.place,
    };
    if together { a.span().common(b.span()) } else { None }
}

/// Cuts time at every end of every span, and adds up the pieces that lie in at least one.
fn seconds_in_any(spans: impl Iterator<Item = Span>) -> u32 {
    let spans: Vec<Span> = spans.collect();
    let mut marks: Vec<u32> = spans.iter().flat_map(|span| [span.from, span.until]).collect();
    marks.sort();
    let covered = |piece: &&[u32]| spans.iter().any(|span| span.from <= piece[0] && piece[1] <= span.until);
    marks.windows(2).filter(covered).map(|piece| piece[1] - piece[0]).sum()
}
