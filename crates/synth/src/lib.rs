//! A made-up province for demonstrations, drills and tests: places, people, and the scans they leave.
//!
//! Everything follows from [`Config::seed`]: the same communes, types and configuration give the same
//! [`World`], on every machine (no transcendental arithmetic, no clock, no IO).
//!
//! **Nobody here is real.** Names are drawn from lists. Phone numbers carry a valid mobile prefix, so that
//! every parser accepts them, but their subscriber part begins with `000` (`09x 000 xxxx`); the numbers of
//! the scripted people are `090 000 00xx`. The six free digits of a citizen number begin with `99`.

mod config;
mod dice;
mod emit;
mod kind;
mod names;
mod numbers;
mod people;
mod places;
mod routine;
mod story;
#[cfg(test)]
mod tests;
mod world;

pub use config::{Config, PEOPLE_MAX, PLACES_MAX};
pub use story::{Meeting, NearMiss, NearMissReason, Story, StoryContact};
pub use world::{Commune, PlaceType, Sex, SynthPerson, SynthPlace, SynthScan, Usage, World, generate};
