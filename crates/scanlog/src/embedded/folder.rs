//! The folder of day files: names, sizes, the lock, deletion.
//!
//! A day begins as a *live* file that is appended to. Packing turns it into a *packed* file, and rows that still
//! come afterwards go to a new live file. The number in a name, its generation, says which is which: a packed file
//! holds everything of its day's files of lower generations. So the names alone tell what a day consists of, and
//! what a crash left behind: no file has to be opened for it.
//!
//! | name | is |
//! | --- | --- |
//! | `scans-2026-11-23.sqlite` | the live file, generation 0 |
//! | `scans-2026-11-23.arrow` | the packed file, generation 1 |
//! | `scans-2026-11-23.ids` | the event ids of that packed file, as long as repeats are looked for |
//! | `scans-2026-11-23+1.sqlite` | rows that came after the packing, generation 1 |
//! | `scans-2026-11-23+2.arrow`, `….part` | everything packed again, and a file in the making |

use std::collections::BTreeMap;
use std::fs::{self, File, TryLockError};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use jiff::civil::Date;
use tokio::sync::RwLock;

use super::packed::PackedDay;
use crate::ScanLogError;

const PREFIX: &str = "scans-";
/// What SQLite puts beside a file in WAL mode.
const COMPANIONS: [&str; 2] = ["-wal", "-shm"];
/// Ends the name of a file that is still being written.
const PART: &str = ".part";

/// The folder; clones name the same one.
#[derive(Clone)]
pub(crate) struct Folder {
    path: PathBuf,
    /// Held for reading while a day's files are listed and opened, for writing while names are exchanged: a reader
    /// finds a day as it was before or after, never half.
    pub(super) names: Arc<RwLock<()>>,
}

/// What a file of a day is, by the end of its name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// SQLite, appended to.
    Live,
    /// Arrow, never changed.
    Packed,
    /// The ids of a packed file.
    Ids,
}

impl Kind {
    const ALL: [Self; 3] = [Self::Live, Self::Packed, Self::Ids];

    fn suffix(self) -> &'static str {
        match self {
            Self::Live => ".sqlite",
            Self::Packed => ".arrow",
            Self::Ids => ".ids",
        }
    }

    /// The generation whose name carries no number.
    fn first(self) -> u32 {
        u32::from(self != Self::Live)
    }
}

/// What a day consists of.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct DayFiles {
    /// Generation of the packed file; 0 when there is none.
    pub packed: u32,
    /// Generations of the live files that are not in it, in order. More than one after a packing that failed.
    pub live: Vec<u32>,
}

/// A file that is needed no more.
pub(super) struct Leftover {
    name: String,
    /// The day and generation of the packed file that holds what this one held.
    replaced_by: Option<(Date, u32)>,
}

impl DayFiles {
    /// The generation that a row appended now belongs to.
    pub(super) fn current(&self) -> u32 {
        self.live.last().map_or(self.packed, |&last| last.max(self.packed))
    }
}

impl Folder {
    /// Makes the folder if need be, takes its lock, and clears what an interruption left.
    /// The lock holds until the returned file is dropped.
    pub(crate) fn open(path: &Path) -> Result<(Self, File), ScanLogError> {
        fs::create_dir_all(path).map_err(ScanLogError::storage("make its folder"))?;
        let lock = File::options()
            .create(true)
            .truncate(false)
            .write(true)
            .open(path.join("scans.lock"))
            .map_err(ScanLogError::storage("open its lock file"))?;
        match lock.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => return Err(ScanLogError::InUse),
            Err(TryLockError::Error(error)) => return Err(ScanLogError::storage("lock its folder")(error)),
        }
        let folder = Self { path: path.to_owned(), names: Arc::default() };
        folder.delete_leftovers().map_err(ScanLogError::storage("clear its folder"))?;
        Ok((folder, lock))
    }

    /// Where a file of a day is.
    pub(super) fn path(&self, day: Date, kind: Kind, generation: u32) -> PathBuf {
        self.path.join(name(day, kind, generation))
    }

    /// Where a file of a day is written before it gets its name.
    pub(super) fn part(&self, day: Date, kind: Kind, generation: u32) -> PathBuf {
        self.path.join(name(day, kind, generation) + PART)
    }

    /// The days that have a file, in order.
    pub(crate) fn days(&self) -> Result<Vec<Date>, ScanLogError> {
        Ok(self.list()?.into_keys().collect())
    }

    /// What each day consists of.
    pub(super) fn list(&self) -> Result<BTreeMap<Date, DayFiles>, ScanLogError> {
        let names = self.names().map_err(ScanLogError::storage("list its folder"))?;
        Ok(days_of(names.iter().map(String::as_str)))
    }

    /// What a day consists of.
    pub(super) fn files_of(&self, day: Date) -> Result<DayFiles, ScanLogError> {
        Ok(self.list()?.remove(&day).unwrap_or_default())
    }

    /// Bytes of all files of days, with their WAL files.
    pub(crate) fn bytes(&self) -> Result<u64, ScanLogError> {
        self.bytes_where(|_| true)
    }

    /// Bytes of a day's files, with their WAL files.
    pub(super) fn bytes_of(&self, day: Date) -> Result<u64, ScanLogError> {
        self.bytes_where(|of| of == day)
    }

    fn bytes_where(&self, wanted: impl Fn(Date) -> bool) -> Result<u64, ScanLogError> {
        let mut bytes = 0;
        for name in self.names().map_err(ScanLogError::storage("list its folder"))? {
            if parse(name.strip_suffix("-wal").unwrap_or(&name)).is_some_and(|(day, ..)| wanted(day)) {
                // A file that has gone since it was listed takes no room.
                bytes += fs::metadata(self.path.join(&name)).map_or(0, |metadata| metadata.len());
            }
        }
        Ok(bytes)
    }

    /// Bytes that may still be written to the folder's file system.
    pub(super) fn free_bytes(&self) -> io::Result<u64> {
        let found = rustix::fs::statvfs(&self.path)?;
        Ok(found.f_bavail.saturating_mul(found.f_frsize))
    }

    /// Deletes a day: its packed file first, so that as little as can be is read of it should this be cut short.
    pub(super) fn delete(&self, day: Date) -> io::Result<()> {
        let mut names: Vec<String> = self.names()?;
        names.retain(|name| parse(strip(name)).is_some_and(|(of, ..)| of == day));
        names.sort_unstable_by_key(|name| {
            let rank = parse(name).map_or(3, |(_, kind, _)| [1, 0, 2][kind as usize]);
            (rank, name.clone())
        });
        for name in names {
            remove_if_there(&self.path.join(name))?;
        }
        self.sync()
    }

    /// Deletes one file of a day, and what stands beside it.
    pub(super) fn delete_file(&self, day: Date, kind: Kind, generation: u32) -> io::Result<()> {
        let path = self.path(day, kind, generation);
        remove_if_there(&path)?;
        if kind == Kind::Live {
            for companion in COMPANIONS {
                remove_if_there(&beside(&path, companion))?;
            }
        }
        Ok(())
    }

    /// Deletes the files of a day that its packed file has made needless.
    pub(super) fn delete_replaced(&self, day: Date, packed: u32) -> io::Result<()> {
        // The packed file's name must not be lost again once its sources are gone.
        self.sync()?;
        for generation in 0..packed {
            for kind in Kind::ALL {
                self.delete_file(day, kind, generation)?;
            }
        }
        self.sync()
    }

    /// Makes created and deleted names durable.
    pub(super) fn sync(&self) -> io::Result<()> {
        File::open(&self.path)?.sync_all()
    }

    /// Clears what a crash or a failure left. What a packed file replaced goes only when that file can be read: its
    /// name alone does not show that the disk still holds what was proven when it was made.
    pub(super) fn delete_leftovers(&self) -> io::Result<()> {
        // What replaced a file must be durable before that file goes.
        self.sync()?;
        let mut whole = BTreeMap::new();
        for Leftover { name, replaced_by } in self.leftovers()? {
            let may_go = replaced_by
                .is_none_or(|(day, packed)| *whole.entry(day).or_insert_with(|| self.is_whole(day, packed)));
            if may_go {
                remove_if_there(&self.path.join(name))?;
            }
        }
        self.sync()
    }

    /// Whether a packed file opens and all of its checksums hold. It reads the file once.
    fn is_whole(&self, day: Date, packed: u32) -> bool {
        let checked =
            PackedDay::open(&self.path(day, Kind::Packed, packed), day).and_then(|file| file.check());
        if let Err(error) = &checked {
            tracing::error!(
                %error,
                "what this day was packed from is still there and is kept: take the damaged packed file out of the \
                 folder and start again to read it"
            );
        }
        checked.is_ok()
    }

    /// Files in the making, files that a packed one replaced, ids without their packed file, and WAL files without
    /// their day file, which would be replayed into a new file of the same name.
    pub(super) fn leftovers(&self) -> io::Result<Vec<Leftover>> {
        let names = self.names()?;
        let days = days_of(names.iter().map(String::as_str));
        let leftover = |name: &String| {
            let stripped = strip(name);
            let (day, kind, generation) = parse(stripped)?;
            let packed = days.get(&day).map_or(0, |files| files.packed);
            let is_companion = stripped != name.as_str();
            let orphan =
                is_companion && (name.ends_with(PART) || !names.iter().any(|other| other == stripped));
            let replaced = generation < packed;
            let idle = kind == Kind::Ids && generation != packed;
            (orphan || replaced || idle).then(|| Leftover {
                name: name.clone(),
                replaced_by: (replaced && !orphan).then_some((day, packed)),
            })
        };
        Ok(names.iter().filter_map(leftover).collect())
    }

    fn names(&self) -> io::Result<Vec<String>> {
        fs::read_dir(&self.path)?.map(|entry| Ok(entry?.file_name().to_string_lossy().into_owned())).collect()
    }
}

fn days_of<'a>(names: impl Iterator<Item = &'a str>) -> BTreeMap<Date, DayFiles> {
    let mut days: BTreeMap<Date, DayFiles> = BTreeMap::new();
    for (day, kind, generation) in names.filter_map(parse) {
        match kind {
            Kind::Live => days.entry(day).or_default().live.push(generation),
            Kind::Packed => {
                let files = days.entry(day).or_default();
                files.packed = files.packed.max(generation);
            }
            Kind::Ids => {}
        }
    }
    for files in days.values_mut() {
        let packed = files.packed;
        files.live.retain(|&generation| generation >= packed);
        files.live.sort_unstable();
    }
    days
}

fn beside(path: &Path, companion: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(companion);
    name.into()
}

fn remove_if_there(path: &Path) -> io::Result<()> {
    match fs::remove_file(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
        _ => Ok(()),
    }
}

fn name(day: Date, kind: Kind, generation: u32) -> String {
    if generation == kind.first() {
        format!("{PREFIX}{day}{}", kind.suffix())
    } else {
        format!("{PREFIX}{day}+{generation}{}", kind.suffix())
    }
}

/// The name of the file that this one belongs to: itself, unless it is a companion or in the making.
fn strip(name: &str) -> &str {
    COMPANIONS.iter().chain(&[PART]).find_map(|end| name.strip_suffix(end)).unwrap_or(name)
}

/// What a name stands for; `None` for every name that is not a day's.
fn parse(text: &str) -> Option<(Date, Kind, u32)> {
    let rest = text.strip_prefix(PREFIX)?;
    let (kind, stem) = Kind::ALL.iter().find_map(|&kind| Some((kind, rest.strip_suffix(kind.suffix())?)))?;
    let (day, generation) = match stem.split_once('+') {
        Some((day, generation)) => (day, generation.parse().ok()?),
        None => (stem, kind.first()),
    };
    let day: Date = day.parse().ok()?;
    (name(day, kind, generation) == text).then_some((day, kind, generation))
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;

    #[test]
    fn only_files_of_days_name_days() {
        let day = date(2026, 11, 23);
        assert_eq!(parse("scans-2026-11-23.sqlite"), Some((day, Kind::Live, 0)));
        assert_eq!(parse("scans-2026-11-23+2.sqlite"), Some((day, Kind::Live, 2)));
        assert_eq!(parse("scans-2026-11-23.arrow"), Some((day, Kind::Packed, 1)));
        assert_eq!(parse("scans-2026-11-23+3.ids"), Some((day, Kind::Ids, 3)));
        for other in [
            "scans-2026-11-23.sqlite-wal",
            "scans-20261123.sqlite",
            "scans-2026-13-01.sqlite",
            "scans-2026-11-23+0.sqlite",
            "scans-2026-11-23+1.arrow",
            "scans-2026-11-23+01.sqlite",
            "scans-2026-11-23.arrow.part",
            "scans.lock",
        ] {
            assert_eq!(parse(other), None, "{other}");
        }
    }

    #[test]
    fn names_tell_what_a_day_consists_of() {
        let day = date(2026, 11, 23);
        let of = |names: &[&str]| days_of(names.iter().copied()).remove(&day).unwrap_or_default();
        let live = "scans-2026-11-23.sqlite";
        assert_eq!(of(&[live]), DayFiles { packed: 0, live: vec![0] });
        let packed = of(&[live, "scans-2026-11-23.arrow", "scans-2026-11-23.ids"]);
        assert_eq!(packed, DayFiles { packed: 1, live: vec![] }, "the packed file holds the live one");
        let late = of(&["scans-2026-11-23.arrow", "scans-2026-11-23+1.sqlite"]);
        assert_eq!(late, DayFiles { packed: 1, live: vec![1] });
        assert_eq!(late.current(), 1);
        let failed = of(&[live, "scans-2026-11-23+1.sqlite", "scans-2026-11-23.arrow.part"]);
        assert_eq!(failed, DayFiles { packed: 0, live: vec![0, 1] });
    }
}
