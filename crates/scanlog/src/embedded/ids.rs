//! The event ids of a packed day, sorted, in a file of their own: kept as long as repeats are looked for.
//!
//! | part | bytes |
//! | --- | --- |
//! | ids, in order | 16 each |
//! | the first id of each page of 256 | 16 a page |
//! | CRC-32 of each page | 4 a page |
//! | filter | 64 for each block |
//! | trailer: mark, day number, ids, blocks of the filter, CRC-32 of everything behind the ids | 36 |
//!
//! In memory are the first ids and the filter, some 1.6 bytes an id. Of a hundred ids that the day does not hold,
//! 99 are told apart by one look into the filter, and no file is read for them.

use std::fs::File;
use std::io::{self, BufWriter, Write};
use std::os::unix::fs::FileExt;
use std::path::Path;

use domain::time::day_number;
use jiff::civil::Date;

use super::packed::failed;
use crate::ScanLogError;

type Id = [u8; 16];

const MARK: &[u8; 8] = b"VRSIDS01";
const TRAILER_BYTES: usize = 36;
/// Ids under one checksum, read at once.
const PAGE_IDS: usize = 256;
/// Bits of the filter for each id; with them it errs about once in 150.
const FILTER_BITS: usize = 12;
/// Bits of one block of the filter: a line of the processor's cache.
const BLOCK_BITS: usize = 512;
/// Bits set for an id, all in one block.
const PROBES: u32 = 6;

/// A day's ids, open.
pub(crate) struct IdFile {
    file: File,
    day: Date,
    ids: u64,
    firsts: Vec<Id>,
    checksums: Vec<u32>,
    filter: Filter,
}

impl IdFile {
    /// Writes ids that are in order, each once, and waits until they are on the disk.
    pub(super) fn write(path: &Path, day: Date, ids: &[Id]) -> io::Result<()> {
        let mut file = BufWriter::with_capacity(1 << 20, File::create(path)?);
        let mut filter = Filter::for_ids(ids.len());
        let (mut firsts, mut checksums) = (Vec::new(), Vec::new());
        for page in ids.chunks(PAGE_IDS) {
            file.write_all(page.as_flattened())?;
            checksums.extend(crc32fast::hash(page.as_flattened()).to_le_bytes());
            firsts.extend(page[0]);
            page.iter().for_each(|id| filter.insert(id));
        }
        let mut tail = firsts;
        tail.extend(checksums);
        tail.extend(filter.words.iter().flat_map(|word| word.to_le_bytes()));
        tail.extend(MARK);
        tail.extend(day_number(day).to_le_bytes());
        tail.extend((ids.len() as u64).to_le_bytes());
        tail.extend((filter.blocks() as u64).to_le_bytes());
        tail.extend(crc32fast::hash(&tail).to_le_bytes());
        file.write_all(&tail)?;
        file.into_inner().map_err(io::IntoInnerError::into_error)?.sync_all()
    }

    /// Opens a day's ids and reads what stays in memory.
    pub(super) fn open(path: &Path, day: Date) -> Result<Self, ScanLogError> {
        let damaged = || ScanLogError::damaged(day, "the file of its event ids is damaged");
        let file = File::open(path).map_err(|error| failed(day, &error))?;
        let length = file.metadata().map_err(|error| failed(day, &error))?.len();
        let mut trailer = [0; TRAILER_BYTES];
        let trailer_from = length.checked_sub(TRAILER_BYTES as u64).ok_or_else(damaged)?;
        file.read_exact_at(&mut trailer, trailer_from).map_err(|error| failed(day, &error))?;
        let (words, _) = trailer[8..32].as_chunks::<8>();
        let number = |at: usize| usize::try_from(u64::from_le_bytes(words[at])).unwrap_or(usize::MAX);
        let (ids, blocks) = (number(1), number(2));
        let pages = ids.div_ceil(PAGE_IDS);
        let sizes =
            [Some(ids), ids.checked_mul(16), blocks.checked_mul(BLOCK_BITS / 8), pages.checked_mul(20)];
        let [Some(_), Some(id_bytes), Some(filter_bytes), Some(page_bytes)] = sizes else {
            return Err(damaged());
        };
        let tail_bytes = page_bytes.saturating_add(filter_bytes).saturating_add(TRAILER_BYTES);
        let fits = id_bytes.checked_add(tail_bytes).is_some_and(|sum| sum as u64 == length);
        let of_day = i64::from_le_bytes(words[0]) == day_number(day);
        if &trailer[..8] != MARK || !fits || !of_day || (blocks == 0 && ids > 0) {
            return Err(damaged());
        }
        let mut tail = vec![0; tail_bytes];
        file.read_exact_at(&mut tail, id_bytes as u64).map_err(|error| failed(day, &error))?;
        let (summed, checksum) = tail.split_at(tail_bytes - 4);
        if crc32fast::hash(summed).to_le_bytes() != checksum {
            return Err(damaged());
        }
        let (firsts, rest) = summed.split_at(pages * 16);
        let (checksums, rest) = rest.split_at(pages * 4);
        let checksums = checksums.as_chunks().0.iter().map(|&bytes| u32::from_le_bytes(bytes)).collect();
        let words =
            rest[..filter_bytes].as_chunks().0.iter().map(|&bytes| u64::from_le_bytes(bytes)).collect();
        let firsts = firsts.as_chunks().0.to_vec();
        Ok(Self { file, day, ids: ids as u64, firsts, checksums, filter: Filter { words } })
    }

    /// Number of ids.
    pub(super) fn len(&self) -> u64 {
        self.ids
    }

    /// Whether the day holds an id. It reads a page of the file when the filter can't tell.
    pub(crate) fn contains(&self, id: &Id) -> Result<bool, ScanLogError> {
        if !self.filter.may_hold(id) {
            return Ok(false);
        }
        let page = self.firsts.partition_point(|first| first <= id);
        if page == 0 {
            return Ok(false);
        }
        Ok(self.page(page - 1)?.binary_search(id).is_ok())
    }

    /// Gives all ids in order, page by page.
    pub(super) fn for_each_page(&self, mut take: impl FnMut(&[Id])) -> Result<(), ScanLogError> {
        (0..self.firsts.len()).try_for_each(|page| {
            take(&self.page(page)?);
            Ok(())
        })
    }

    fn page(&self, page: usize) -> Result<Vec<Id>, ScanLogError> {
        let from = (page * PAGE_IDS) as u64;
        let ids = usize::try_from((self.ids - from).min(PAGE_IDS as u64)).unwrap_or(PAGE_IDS);
        let mut read = vec![[0; 16]; ids];
        let found = self.file.read_exact_at(read.as_flattened_mut(), from * 16);
        found.map_err(|error| failed(self.day, &error))?;
        if crc32fast::hash(read.as_flattened()) != self.checksums[page] {
            return Err(ScanLogError::damaged(
                self.day,
                "a page of its event ids does not match its checksum",
            ));
        }
        Ok(read)
    }
}

/// Says of an id either "not held" or "perhaps": a Bloom filter whose bits of one id lie in one line of the cache.
struct Filter {
    words: Vec<u64>,
}

impl Filter {
    fn for_ids(ids: usize) -> Self {
        let blocks = (ids * FILTER_BITS).div_ceil(BLOCK_BITS);
        Self { words: vec![0; blocks * (BLOCK_BITS / 64)] }
    }

    fn blocks(&self) -> usize {
        self.words.len() / (BLOCK_BITS / 64)
    }

    fn insert(&mut self, id: &Id) {
        let (block, mut bits) = self.place(id);
        for _ in 0..PROBES {
            let bit = (bits % BLOCK_BITS as u64) as usize;
            self.words[block + bit / 64] |= 1 << (bit % 64);
            bits >>= 9;
        }
    }

    fn may_hold(&self, id: &Id) -> bool {
        if self.words.is_empty() {
            return false;
        }
        let (block, mut bits) = self.place(id);
        (0..PROBES).all(|_| {
            let bit = (bits % BLOCK_BITS as u64) as usize;
            bits >>= 9;
            self.words[block + bit / 64] & (1 << (bit % 64)) != 0
        })
    }

    /// The first word of an id's block, and bits to choose from within it. Devices choose the ids: the worst they
    /// can do is to make the filter say "perhaps", which costs a read.
    fn place(&self, id: &Id) -> (usize, u64) {
        const ODD: [u128; 2] =
            [0x9e37_79b9_7f4a_7c15_f39c_c060_5ced_c835, 0xd6e8_feb8_6659_fd93_2545_f491_4f6c_dd1d];
        let id = u128::from_le_bytes(*id);
        let mixed = (id ^ (id >> 64)).wrapping_mul(ODD[0]);
        let mixed = (mixed ^ (mixed >> 64)).wrapping_mul(ODD[1]);
        let (high, low) = ((mixed >> 64) as u64, (mixed as u64) ^ (mixed >> 96) as u64);
        let block = (u128::from(high) * self.blocks() as u128) >> 64;
        (block as usize * (BLOCK_BITS / 64), low)
    }
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "tests")]
    use super::*;
    use jiff::civil::date;
    use rand::RngExt as _;
    use std::fs;

    const DAY: Date = date(2026, 11, 23);

    fn some(count: usize) -> Vec<Id> {
        let mut rng = rand::rng();
        let mut ids: Vec<Id> = (0..count).map(|_| rng.random()).collect();
        ids.sort_unstable();
        ids
    }

    #[test]
    fn what_was_written_is_held_and_nothing_else() {
        for count in [0, 1, 255, 256, 257, 5_000] {
            let folder = tempfile::tempdir().unwrap();
            let path = folder.path().join("ids");
            let ids = some(count);
            IdFile::write(&path, DAY, &ids).unwrap();
            let file = IdFile::open(&path, DAY).unwrap();
            assert_eq!(file.len(), count as u64);
            assert!(ids.iter().all(|id| file.contains(id).unwrap()));
            let others = some(20_000);
            assert!(!others.iter().any(|id| file.contains(id).unwrap()));
            let perhaps = others.iter().filter(|id| file.filter.may_hold(id)).count();
            assert!(perhaps < 400, "the filter errs {perhaps} times in 20,000");
            let mut all = Vec::new();
            file.for_each_page(|page| all.extend_from_slice(page)).unwrap();
            assert_eq!(all, ids);
            assert!(IdFile::open(&path, date(2026, 11, 24)).is_err());
        }
    }

    #[test]
    fn a_changed_byte_is_found() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("ids");
        let ids = some(600);
        IdFile::write(&path, DAY, &ids).unwrap();
        let whole = fs::read(&path).unwrap();
        for at in (0..whole.len()).step_by(7) {
            let mut bytes = whole.clone();
            bytes[at] ^= 0x10;
            fs::write(&path, bytes).unwrap();
            let found = IdFile::open(&path, DAY).and_then(|file| file.for_each_page(|_| ()));
            assert!(found.is_err(), "byte {at}");
        }
        fs::write(&path, &whole[..whole.len() - 5]).unwrap();
        assert!(IdFile::open(&path, DAY).is_err());
    }
}
