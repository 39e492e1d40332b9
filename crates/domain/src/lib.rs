//! The nouns and decisions of Vào Ra: no IO, no async, no SQL, no clock (`now` is an argument).

pub mod admin_unit;
pub mod coverage;
pub mod distancing;
pub mod opening;
pub mod period;
pub mod role;
pub mod time;
