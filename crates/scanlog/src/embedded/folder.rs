//! The folder of day files: names, sizes, the lock, deletion.

use std::fs::{self, File, TryLockError};
use std::io;
use std::path::{Path, PathBuf};

use jiff::civil::Date;

use crate::ScanLogError;

const PREFIX: &str = "scans-";
const SUFFIX: &str = ".sqlite";
/// What SQLite puts beside a file in WAL mode.
const COMPANIONS: [&str; 2] = ["-wal", "-shm"];

/// The folder; clones name the same one.
#[derive(Clone)]
pub(crate) struct Folder(PathBuf);

impl Folder {
    /// Makes the folder if need be, takes its lock, and clears what an interrupted deletion left.
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
        let folder = Self(path.to_owned());
        folder.delete_orphans().map_err(ScanLogError::storage("clear its folder"))?;
        Ok((folder, lock))
    }

    /// Where a day's scans are.
    pub(super) fn path(&self, day: Date) -> PathBuf {
        self.0.join(format!("{PREFIX}{day}{SUFFIX}"))
    }

    /// The days that have a file, in order.
    pub(crate) fn days(&self) -> Result<Vec<Date>, ScanLogError> {
        let names = self.names().map_err(ScanLogError::storage("list its folder"))?;
        let mut days: Vec<Date> = names.iter().filter_map(|name| day_of(name)).collect();
        days.sort_unstable();
        Ok(days)
    }

    /// Bytes of all day files with their WAL files.
    pub(crate) fn bytes(&self) -> Result<u64, ScanLogError> {
        let mut bytes = 0;
        for name in self.names().map_err(ScanLogError::storage("list its folder"))? {
            if day_of(name.strip_suffix("-wal").unwrap_or(&name)).is_some() {
                // A file that has gone since it was listed takes no room.
                bytes += fs::metadata(self.0.join(&name)).map_or(0, |metadata| metadata.len());
            }
        }
        Ok(bytes)
    }

    /// Deletes a day: first the file, so that no half of the day can be read, then what stands beside it.
    pub(super) fn delete(&self, day: Date) -> io::Result<()> {
        let path = self.path(day);
        remove_if_there(&path)?;
        for companion in COMPANIONS {
            remove_if_there(&beside(&path, companion))?;
        }
        self.sync()
    }

    /// Makes created and deleted names durable.
    pub(super) fn sync(&self) -> io::Result<()> {
        File::open(&self.0)?.sync_all()
    }

    /// A WAL file without its day file would be replayed into a new file of the same name.
    fn delete_orphans(&self) -> io::Result<()> {
        for name in self.names()? {
            let main = COMPANIONS.iter().find_map(|companion| name.strip_suffix(companion));
            if main.is_some_and(|main| day_of(main).is_some() && !self.0.join(main).exists()) {
                remove_if_there(&self.0.join(&name))?;
            }
        }
        self.sync()
    }

    fn names(&self) -> io::Result<Vec<String>> {
        fs::read_dir(&self.0)?.map(|entry| Ok(entry?.file_name().to_string_lossy().into_owned())).collect()
    }
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

/// The day in a file's name; `None` for every other file.
fn day_of(name: &str) -> Option<Date> {
    let text = name.strip_prefix(PREFIX)?.strip_suffix(SUFFIX)?;
    let day: Date = text.parse().ok()?;
    (day.to_string() == text).then_some(day)
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;

    #[test]
    fn only_day_files_name_days() {
        assert_eq!(day_of("scans-2026-11-23.sqlite"), Some(date(2026, 11, 23)));
        for other in
            ["scans-2026-11-23.sqlite-wal", "scans-20261123.sqlite", "scans-2026-13-01.sqlite", "scans.lock"]
        {
            assert_eq!(day_of(other), None, "{other}");
        }
    }
}
