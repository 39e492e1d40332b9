//! A packed day: an Arrow IPC file, written once, ordered by area and captured time, checked batch by batch.
//!
//! Every Arrow reader opens it. What makes it ours is the *index* in the footer's metadata, text under a CRC-32 of
//! its own: the day, the number of rows, the epochs, and for each record batch its rows, the CRC-32 of its bytes and
//! its first and last area. A reader trusts the file's own schema for nothing: it knows the columns.
//!
//! | column | type | holds |
//! | --- | --- | --- |
//! | `area_id` | run-end encoded, `UInt32` | the area |
//! | `captured` | `UInt32` | seconds since 2020-01-01T00:00:00Z |
//! | `epoch` | run-end encoded, `UInt32` | the epoch whose key made the token |
//! | `marks` | `UInt8` | bit 0: the person left; bits 1 and 2: assurance |
//! | `received_ms` | `UInt32` | milliseconds from local midnight (UTC+7) of the arrival day |
//! | `token` | `FixedSizeBinary(16)` | the sealed scan |

use std::fmt::Write as _;
use std::fs::File;
use std::io::{self, BufWriter, Write};
use std::os::unix::fs::FileExt;
use std::path::Path;
use std::sync::Arc;

use arrow_array::types::Int32Type;
use arrow_array::{
    Array, ArrayRef, FixedSizeBinaryArray, Int32Array, RecordBatch, RunArray, UInt8Array, UInt32Array,
};
use arrow_buffer::MutableBuffer;
use arrow_ipc::reader::{FileDecoder, read_footer_length};
use arrow_ipc::writer::FileWriter;
use arrow_ipc::{Block, MetadataVersion, root_as_footer};
use arrow_schema::{ArrowError, DataType, Field, Schema, SchemaRef};
use jiff::civil::Date;

use crate::ScanLogError;
use crate::columns::{Runs, ScanBatch};

/// First line of the index: the layout and its version.
const LAYOUT: &str = "vaora scan log 1";
/// Key of the index in the footer's metadata.
const INDEX_KEY: &str = "vaora.index";
/// Bytes after the footer: its length and the format's mark.
const TAIL_BYTES: usize = 10;
/// Bytes written to the file at once.
const WRITE_BYTES: usize = 1 << 20;

/// What stands in the footer of a packed day.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Index {
    pub day: Date,
    pub rows: u64,
    /// Epochs of the rows, in order.
    pub epochs: Vec<u32>,
    pub batches: Vec<BatchIndex>,
}

/// What is known of one record batch before it is read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct BatchIndex {
    pub rows: usize,
    /// CRC-32 of the batch's bytes, header and body.
    pub checksum: u32,
    pub area_first: u32,
    pub area_last: u32,
}

impl Index {
    fn to_text(&self) -> String {
        let mut text = format!("{LAYOUT}\nday {}\nrows {}\nepochs", self.day, self.rows);
        for epoch in &self.epochs {
            let _ = write!(text, " {epoch}");
        }
        text.push('\n');
        for batch in &self.batches {
            let BatchIndex { rows, checksum, area_first, area_last } = batch;
            let _ = writeln!(text, "batch {rows} {checksum:08x} {area_first} {area_last}");
        }
        let checksum = crc32fast::hash(text.as_bytes());
        let _ = writeln!(text, "crc32 {checksum:08x}");
        text
    }

    fn parse(text: &str) -> Option<Self> {
        let (body, _) = text.split_once("crc32 ")?;
        if format!("{body}crc32 {:08x}\n", crc32fast::hash(body.as_bytes())) != text {
            return None;
        }
        let mut lines = body.lines();
        if lines.next()? != LAYOUT {
            return None;
        }
        let day = lines.next()?.strip_prefix("day ")?.parse().ok()?;
        let rows = lines.next()?.strip_prefix("rows ")?.parse().ok()?;
        let epochs = lines.next()?.strip_prefix("epochs")?.split_whitespace();
        let epochs = epochs.map(|epoch| epoch.parse().ok()).collect::<Option<_>>()?;
        let batches = lines.map(BatchIndex::parse).collect::<Option<_>>()?;
        Some(Self { day, rows, epochs, batches })
    }
}

impl BatchIndex {
    fn parse(line: &str) -> Option<Self> {
        let mut words = line.strip_prefix("batch ")?.split(' ');
        let rows = words.next()?.parse().ok()?;
        let checksum = u32::from_str_radix(words.next()?, 16).ok()?;
        Some(Self {
            rows,
            checksum,
            area_first: words.next()?.parse().ok()?,
            area_last: words.next()?.parse().ok()?,
        })
    }

    /// Whether the batch may hold rows of one of these areas, which are in order.
    pub(super) fn may_hold(&self, areas: &[u32]) -> bool {
        let from = areas.partition_point(|&area| area < self.area_first);
        areas.get(from).is_some_and(|&area| area <= self.area_last)
    }
}

fn schema() -> SchemaRef {
    let runs = || {
        let ends = Field::new("run_ends", DataType::Int32, false);
        let values = Field::new("values", DataType::UInt32, true);
        DataType::RunEndEncoded(Arc::new(ends), Arc::new(values))
    };
    Arc::new(Schema::new(vec![
        Field::new("area_id", runs(), false),
        Field::new("captured", DataType::UInt32, false),
        Field::new("epoch", runs(), false),
        Field::new("marks", DataType::UInt8, false),
        Field::new("received_ms", DataType::UInt32, false),
        Field::new("token", DataType::FixedSizeBinary(16), false),
    ]))
}

/// Writes a packed day. The rows come in batches, in order.
pub(super) struct PackedWriter {
    writer: FileWriter<BufWriter<Summed<File>>>,
    schema: SchemaRef,
    index: Index,
}

impl PackedWriter {
    /// Begins a new file.
    pub(super) fn create(path: &Path, day: Date, epochs: Vec<u32>) -> io::Result<Self> {
        let file = Summed { inner: File::create(path)?, hasher: crc32fast::Hasher::new() };
        let schema = schema();
        let writer =
            FileWriter::try_new(BufWriter::with_capacity(WRITE_BYTES, file), &schema).map_err(plain)?;
        Ok(Self { writer, schema, index: Index { day, rows: 0, epochs, batches: Vec::new() } })
    }

    /// Writes the next batch.
    pub(super) fn write(&mut self, batch: &ScanBatch) -> io::Result<()> {
        let record = to_record(&self.schema, batch).map_err(plain)?;
        self.writer.flush().map_err(plain)?;
        self.writer.get_mut().get_mut().hasher.reset();
        self.writer.write(&record).map_err(plain)?;
        self.writer.flush().map_err(plain)?;
        let checksum = self.writer.get_ref().get_ref().hasher.clone().finalize();
        self.index.rows += batch.len() as u64;
        self.index.batches.push(BatchIndex {
            rows: batch.len(),
            checksum,
            area_first: batch.areas.values.first().copied().unwrap_or(0),
            area_last: batch.areas.values.last().copied().unwrap_or(0),
        });
        Ok(())
    }

    /// Writes the footer, and waits until everything is on the disk.
    pub(super) fn finish(mut self) -> io::Result<()> {
        self.writer.write_metadata(INDEX_KEY, self.index.to_text());
        self.writer.finish().map_err(plain)?;
        let buffered = self.writer.into_inner().map_err(plain)?;
        buffered.into_inner().map_err(io::IntoInnerError::into_error)?.inner.sync_all()
    }
}

/// Sums up what is written.
struct Summed<W> {
    inner: W,
    hasher: crc32fast::Hasher,
}

impl<W: Write> Write for Summed<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let written = self.inner.write(bytes)?;
        self.hasher.update(&bytes[..written]);
        Ok(written)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.inner.flush()
    }
}

fn to_record(schema: &SchemaRef, batch: &ScanBatch) -> Result<RecordBatch, ArrowError> {
    let runs = |runs: &Runs| -> Result<ArrayRef, ArrowError> {
        let ends = Int32Array::new(runs.ends.clone(), None);
        let values = UInt32Array::new(runs.values.clone(), None);
        Ok(Arc::new(RunArray::<Int32Type>::try_new(&ends, &values)?))
    };
    let columns: Vec<ArrayRef> = vec![
        runs(&batch.areas)?,
        Arc::new(UInt32Array::new(batch.captured.clone(), None)),
        runs(&batch.epochs)?,
        Arc::new(UInt8Array::new(batch.marks.clone().into(), None)),
        Arc::new(UInt32Array::new(batch.received.clone(), None)),
        Arc::new(FixedSizeBinaryArray::try_new(16, batch.tokens.clone(), None)?),
    ];
    RecordBatch::try_new(Arc::clone(schema), columns)
}

/// A packed day, open. Several threads may read batches of it at once.
pub(super) struct PackedDay {
    file: File,
    pub index: Index,
    blocks: Vec<Block>,
    decoder: FileDecoder,
}

impl PackedDay {
    /// Opens a file and reads its footer. A file that is not a packed day of that day is damaged.
    pub(super) fn open(path: &Path, day: Date) -> Result<Self, ScanLogError> {
        let file = File::open(path).map_err(|error| failed(day, &error))?;
        let length = file.metadata().map_err(|error| failed(day, &error))?.len();
        let footer = read_footer(&file, length, day)?;
        let foreign = || ScanLogError::damaged(day, "the packed file's footer is not a scan log's");
        let footer = root_as_footer(&footer).map_err(|_| foreign())?;
        let metadata = footer.custom_metadata().ok_or_else(foreign)?;
        let text = metadata.iter().find(|pair| pair.key() == Some(INDEX_KEY));
        let text = text.and_then(|pair| pair.value()).ok_or_else(foreign)?;
        let index = Index::parse(text).ok_or_else(foreign)?;
        if index.day != day {
            return Err(ScanLogError::damaged(
                day,
                format!("the packed file holds the scans of {}", index.day),
            ));
        }
        let blocks: Vec<Block> = footer.recordBatches().into_iter().flatten().copied().collect();
        let rows: u64 = index.batches.iter().map(|batch| batch.rows as u64).sum();
        if blocks.len() != index.batches.len() || rows != index.rows {
            return Err(foreign());
        }
        let decoder = FileDecoder::new(schema(), MetadataVersion::V5);
        Ok(Self { file, index, blocks, decoder })
    }

    /// Number of record batches.
    pub(super) fn batches(&self) -> usize {
        self.blocks.len()
    }

    /// Reads and checks every batch. It blocks.
    pub(super) fn check(&self) -> Result<(), ScanLogError> {
        (0..self.batches()).try_for_each(|number| self.read(number).map(drop))
    }

    /// Reads one batch and checks it. It blocks.
    pub(super) fn read(&self, number: usize) -> Result<ScanBatch, ScanLogError> {
        let (day, expected) = (self.index.day, &self.index.batches[number]);
        let damaged = |what: &str| {
            let of = self.blocks.len();
            ScanLogError::damaged(day, format!("batch {} of {of} of the packed file {what}", number + 1))
        };
        let block = &self.blocks[number];
        let header = usize::try_from(block.metaDataLength()).map_err(|_| damaged("has no length"))?;
        let body = usize::try_from(block.bodyLength()).map_err(|_| damaged("has no length"))?;
        let offset = u64::try_from(block.offset()).map_err(|_| damaged("has no place"))?;
        let length = self.file.metadata().map_err(|error| failed(day, &error))?.len();
        let bytes = header.checked_add(body).ok_or_else(|| damaged("has no length"))?;
        if offset.checked_add(bytes as u64).is_none_or(|end| end > length) {
            return Err(damaged("lies beyond its end"));
        }
        let mut buffer = MutableBuffer::from_len_zeroed(bytes);
        self.file.read_exact_at(buffer.as_slice_mut(), offset).map_err(|error| failed(day, &error))?;
        if crc32fast::hash(buffer.as_slice()) != expected.checksum {
            return Err(damaged("does not match its checksum"));
        }
        let record = self.decoder.read_record_batch(block, &buffer.into());
        let batch = record.ok().flatten().and_then(|record| from_record(day, &record));
        batch.filter(|batch| batch.len() == expected.rows).ok_or_else(|| damaged("is not one of scans"))
    }
}

fn read_footer(file: &File, length: u64, day: Date) -> Result<Vec<u8>, ScanLogError> {
    let cut = || ScanLogError::damaged(day, "the packed file is cut off or not an Arrow file");
    let mut tail = [0; TAIL_BYTES];
    let tail_from = length.checked_sub(TAIL_BYTES as u64).ok_or_else(cut)?;
    file.read_exact_at(&mut tail, tail_from).map_err(|error| failed(day, &error))?;
    let footer_bytes = read_footer_length(tail).map_err(|_| cut())?;
    let footer_from = tail_from.checked_sub(footer_bytes as u64).ok_or_else(cut)?;
    let mut footer = vec![0; footer_bytes];
    file.read_exact_at(&mut footer, footer_from).map_err(|error| failed(day, &error))?;
    Ok(footer)
}

fn from_record(day: Date, record: &RecordBatch) -> Option<ScanBatch> {
    let column = |number: usize| record.columns().get(number).filter(|column| column.null_count() == 0);
    let numbers = |number| Some(column(number)?.as_any().downcast_ref::<UInt32Array>()?.values().clone());
    let runs = |number| -> Option<Runs> {
        let array = column(number)?.as_any().downcast_ref::<RunArray<Int32Type>>()?;
        let values = array.values().as_any().downcast_ref::<UInt32Array>()?;
        let runs = Runs { ends: array.run_ends().inner().clone(), values: values.values().clone() };
        (values.null_count() == 0 && runs.cover(record.num_rows())).then_some(runs)
    };
    let marks = column(3)?.as_any().downcast_ref::<UInt8Array>()?.values().clone();
    let tokens = column(5)?.as_any().downcast_ref::<FixedSizeBinaryArray>()?;
    let tokens = tokens
        .to_data()
        .buffers()
        .first()?
        .slice_with_length(tokens.offset().checked_mul(16)?, record.num_rows().checked_mul(16)?);
    let (areas, captured, epochs, received) = (runs(0)?, numbers(1)?, runs(2)?, numbers(4)?);
    Some(ScanBatch { day, tokens, captured, received, marks: marks.into_inner(), areas, epochs })
}

/// A failure of the machine while it read a day.
pub(super) fn failed(day: Date, error: &io::Error) -> ScanLogError {
    ScanLogError::Day { day, reason: error.to_string() }
}

/// Arrow's errors on the way out are those of the file beneath.
fn plain(error: ArrowError) -> io::Error {
    match error {
        ArrowError::IoError(_, error) => error,
        other => io::Error::other(other.to_string()),
    }
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "tests")]
    use super::*;
    use crate::{ScanKind, SealedScan};
    use domain::time::day_start;
    use jiff::civil::date;
    use proptest::prelude::*;
    use std::fs;

    const DAY: Date = date(2026, 11, 23);

    fn scans(count: u32) -> Vec<SealedScan> {
        (0..count)
            .map(|n| SealedScan {
                area_id: n / 7,
                kind: if n.is_multiple_of(2) { ScanKind::In } else { ScanKind::Out },
                captured: 1_000 + n,
                token: [u8::try_from(n % 251).unwrap(); 16],
                assurance: u8::try_from(n % 4).unwrap(),
                epoch: 1 + n % 3,
                received_at: day_start(DAY) + i64::from(n),
            })
            .collect()
    }

    fn written(rows: &[SealedScan], per_batch: usize) -> (tempfile::TempDir, std::path::PathBuf) {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("day.arrow");
        let mut writer = PackedWriter::create(&path, DAY, vec![1, 2, 3]).unwrap();
        for rows in rows.chunks(per_batch) {
            writer.write(&ScanBatch::of(DAY, rows)).unwrap();
        }
        writer.finish().unwrap();
        (folder, path)
    }

    fn read(path: &Path) -> Result<Vec<SealedScan>, ScanLogError> {
        let day = PackedDay::open(path, DAY)?;
        let mut rows = Vec::new();
        for number in 0..day.batches() {
            rows.extend(day.read(number)?.rows());
        }
        Ok(rows)
    }

    #[test]
    fn rows_come_back_as_they_were() {
        let rows = scans(1_000);
        let (_folder, path) = written(&rows, 300);
        assert_eq!(read(&path).unwrap(), rows);
        let day = PackedDay::open(&path, DAY).unwrap();
        assert_eq!((day.index.rows, day.batches()), (1_000, 4));
        assert_eq!(day.index.epochs, [1, 2, 3]);
        assert!(day.index.batches[1].may_hold(&[43]) && !day.index.batches[1].may_hold(&[1, 2, 99]));
        assert!(PackedDay::open(&path, date(2026, 11, 24)).is_err(), "another day's name");
        let (_folder, empty) = written(&[], 300);
        assert_eq!(read(&empty).unwrap(), []);
    }

    #[test]
    fn other_readers_of_the_format_read_it() {
        let rows = scans(100);
        let (_folder, path) = written(&rows, 64);
        let reader = arrow_ipc::reader::FileReader::try_new(File::open(&path).unwrap(), None).unwrap();
        assert_eq!(reader.schema().as_ref(), schema().as_ref());
        assert_eq!(reader.map(|batch| batch.unwrap().num_rows()).sum::<usize>(), 100);
    }

    proptest! {
        #![proptest_config(ProptestConfig { cases: 256, failure_persistence: None, ..ProptestConfig::default() })]
        #[test]
        fn a_changed_byte_is_found_or_without_effect(at in 0usize..1_000_000, bit in 0u32..8, cut: bool) {
            let rows = scans(200);
            let (_folder, path) = written(&rows, 64);
            let mut bytes = fs::read(&path).unwrap();
            let at = at % bytes.len();
            if cut {
                bytes.truncate(at);
            } else {
                bytes[at] ^= 1 << bit;
            }
            fs::write(&path, bytes).unwrap();
            match read(&path) {
                Ok(found) => prop_assert_eq!(found, rows),
                Err(error) => {
                    let named = matches!(&error, ScanLogError::Damaged { day, .. } if *day == DAY);
                    prop_assert!(named, "{}", error);
                }
            }
        }
    }
}
