//! The nouns and decisions of Vào Ra: no IO, no async, no SQL, no clock (`now` is an argument).

pub mod time;
