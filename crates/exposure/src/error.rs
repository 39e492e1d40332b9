//! What the engine refuses.

/// Why the engine gives no answer. No variant holds a person.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    /// A named limit would be passed.
    #[error("too many {what}: more than {limit}")]
    TooMany {
        /// What there is too much of.
        what: &'static str,
        /// The limit.
        limit: usize,
    },
    /// The memory for an array could not be had.
    #[error("not enough memory for {count} {what}")]
    Memory {
        /// What the array holds.
        what: &'static str,
        /// Number of elements asked for.
        count: usize,
    },
    /// An area's facts are out of range or disagree.
    #[error("area {area_id}: {reason}")]
    Area {
        /// The area.
        area_id: u32,
        /// What is wrong with it.
        reason: &'static str,
    },
    /// A visit handed in is empty or too long.
    #[error("visit number {number} from the start is empty or longer than {longest_seconds} seconds")]
    Visit {
        /// Its position in the list, from 0.
        number: usize,
        /// The longest visit accepted.
        longest_seconds: u32,
    },
    /// The period asked for ends before it begins, or lies outside the years 2020 to 2156.
    #[error("the window is empty or lies outside the years 2020 to 2156")]
    Window,
    /// Whoever asked gave the question up (see [`crate::Stop`]).
    #[error("the question was given up")]
    Cancelled,
}

/// An empty vector with room for `count` elements, or the error that says there is none.
pub(crate) fn with_room<T>(what: &'static str, count: usize) -> Result<Vec<T>, Error> {
    let mut list = Vec::new();
    list.try_reserve_exact(count).map_err(|_| Error::Memory { what, count })?;
    Ok(list)
}
