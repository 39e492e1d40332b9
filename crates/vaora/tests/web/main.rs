//! The whole program over HTTP, on SQLite and on PostgreSQL: one file a noun, each test once for either.
#![expect(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test that finds something missing shall stop there"
)]

#[macro_use]
mod common;

mod accounts;
mod api;
mod capability;
mod cards;
mod coverage;
mod directives;
mod guidance;
mod imports;
mod inspections;
mod keyed;
mod keys;
mod matrix;
mod moment;
mod notice;
mod places;
mod plausible;
mod queue;
mod quiet_points;
mod reports;
mod retention;
mod routes;
mod scans;
mod sealed;
mod setup;
mod sittings;
mod six_weeks;
mod tracing;
mod visit;
mod weekly;
mod words;
