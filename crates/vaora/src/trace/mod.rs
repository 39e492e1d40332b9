//! Tracing: cases, openings carried out once two key officers have released, and questions put to what they read.

pub mod answers;
pub mod asking;
pub mod cases;
pub mod file;
pub mod identities;
pub mod opening;
pub mod questions;
pub mod scans;
pub mod sitting;
