//! Tracing: cases, and openings carried out once two key officers have released.

pub mod cases;
pub mod file;
pub mod identities;
pub mod opening;
pub mod scans;
