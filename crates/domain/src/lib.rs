//! The nouns and decisions of Vào Ra: no IO, no async, no SQL, no clock (`now` is an argument).

pub mod admin_unit;
pub mod calendar;
pub mod card;
pub mod card_list;
pub mod code;
pub mod coverage;
pub mod difficulty;
pub mod distancing;
pub mod list;
pub mod look;
pub mod moment;
mod moment_words;
pub mod name;
pub mod opening;
pub mod period;
pub mod phone;
pub mod place_list;
pub mod plausible;
pub mod proposal;
pub mod report;
pub mod role;
pub mod scan;
pub mod sequence;
pub mod time;
