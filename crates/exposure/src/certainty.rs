//! How far a meeting can be trusted.

/// How sure it is that two people were together, from the scans it rests on. Better ones come first in order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Certainty {
    /// Both ends of both visits were scanned, each by a gate or a rotating code (assurance 2 or 3).
    Sure,
    /// Both people scanned in, nothing involved was typed, late or odd (assurance 1 to 3); an out may be inferred.
    Likely,
    /// Somebody's arrival is inferred, or a scan involved has assurance 0.
    Uncertain,
}
