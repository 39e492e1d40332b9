//! Every function of the store, on SQLite and on PostgreSQL: one file a noun, each test once for either.
#![expect(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test that finds something missing shall stop there"
)]

#[macro_use]
mod common;

mod access_log;
mod accounts;
mod admin_units;
mod campaigns;
mod cases;
mod coverage;
mod directives;
mod door;
mod gates;
mod inspections;
mod keyring;
mod messages;
mod migrations;
mod notice;
mod openings;
mod people;
mod phone_proofs;
mod places;
mod reference;
mod reports;
mod retention;
mod scan_counts;
mod sessions;
mod settings;
mod sittings;
mod tickets;
