//! How a question is given up from outside.

use std::sync::atomic::{AtomicBool, Ordering};

use crate::Error;

/// Most rows a sweep reads between two looks at the flag: well under a millisecond's work.
pub(crate) const ROWS_BETWEEN_LOOKS: usize = 1 << 16;

/// A flag that whoever waits for an answer may set; the question then ends with [`Error::Cancelled`] soon after.
/// It is looked at before each person, area or case, and inside long runs of rows.
#[derive(Debug, Clone, Copy)]
pub struct Stop<'a>(Option<&'a AtomicBool>);

impl<'a> Stop<'a> {
    /// For questions that nobody gives up.
    pub const NEVER: Stop<'static> = Stop(None);

    /// Ends the question once `flag` is true.
    #[must_use]
    pub fn when(flag: &'a AtomicBool) -> Self {
        Self(Some(flag))
    }

    /// # Errors
    /// [`Error::Cancelled`] once the flag is set.
    pub(crate) fn check(self) -> Result<(), Error> {
        // Nothing else is read on the strength of the flag, so no order is needed.
        match self.0 {
            Some(flag) if flag.load(Ordering::Relaxed) => Err(Error::Cancelled),
            _ => Ok(()),
        }
    }
}
