//! Work shared among threads.

use std::sync::atomic::{AtomicUsize, Ordering};

use crate::Error;

/// Threads of one piece of work. A question needs room for its tallies once for each.
pub const THREADS: usize = 2;

/// Does `turns` pieces of work, each once, on as many threads as told. Each thread makes a state of its own, takes
/// the next turn that nobody has, and hands its state back at the end.
///
/// # Errors
/// The first that a thread meets; the others then end with their turn.
pub(crate) fn share<S: Send>(
    threads: usize,
    turns: usize,
    make: impl Fn() -> Result<S, Error> + Sync,
    work: impl Fn(&mut S, usize) -> Result<(), Error> + Sync,
) -> Result<Vec<S>, Error> {
    let next = AtomicUsize::new(0);
    let run = || -> Result<S, Error> {
        let mut state = make()?;
        loop {
            // Nothing is read on the strength of the number but what was there before the threads.
            let turn = next.fetch_add(1, Ordering::Relaxed);
            if turn >= turns {
                return Ok(state);
            }
            if let Err(error) = work(&mut state, turn) {
                next.store(turns, Ordering::Relaxed);
                return Err(error);
            }
        }
    };
    if threads <= 1 || turns <= 1 {
        return Ok(vec![run()?]);
    }
    std::thread::scope(|scope| {
        let others: Vec<_> = (1..threads).map(|_| scope.spawn(run)).collect();
        let mut states = vec![run()];
        for thread in others {
            states.push(thread.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic)));
        }
        states.into_iter().collect()
    })
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "tests")]
    use super::*;

    #[test]
    fn each_turn_is_taken_once() {
        for threads in [1, 2, 5] {
            let lists = share(
                threads,
                1_000,
                || Ok(Vec::new()),
                |list, turn| {
                    list.push(turn);
                    Ok(())
                },
            );
            let mut all = lists.unwrap().concat();
            all.sort_unstable();
            assert_eq!(all, (0..1_000).collect::<Vec<_>>());
        }
    }

    #[test]
    fn an_error_ends_the_work() {
        let refused = share(
            2,
            usize::MAX - 10,
            || Ok(()),
            |(), turn| {
                if turn == 500 { Err(Error::Cancelled) } else { Ok(()) }
            },
        );
        assert_eq!(refused, Err(Error::Cancelled));
    }
}
