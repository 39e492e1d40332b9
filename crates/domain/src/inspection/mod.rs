//! Inspections of places: what is checked at a door, what is found, what follows. Sizes are Hà Nội's rule (code at
//! least 15 × 15 cm) and New Zealand's duty (a poster at every entrance, its top at most 130 cm from the floor).

pub mod checklist;
pub mod codes;
pub mod findings;
pub mod ladder;
pub mod ratio;
pub mod risk;
pub mod schedule;

pub use checklist::{Answer, Answered, Item};
pub use codes::CodeVerdict;
pub use findings::{FindingCode, Severity};

/// Side of a place's printed code at least, in centimetres.
pub const CODE_SIDE_CM_MIN: u32 = 15;

/// Height of a poster's top above the floor at most, in centimetres.
pub const POSTER_TOP_CM_MAX: u32 = 130;

/// Seconds for which people are counted unless the inspector says otherwise.
pub const COUNT_SECONDS: i64 = 600;
