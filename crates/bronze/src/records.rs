//! Where records begin in a CSV file, and guards against what the csv crate lets pass.

use std::fs::File;
use std::io::{BufRead, BufReader, Read, Seek};
use std::path::Path;

use csv::ByteRecord;

/// The most bytes a record may take. A quote that is never closed would take the rest of the file.
const RECORD_BYTES: u64 = 64 * 1024 * 1024;

/// Counts quotes and the bytes of a record while a file is read.
pub(crate) struct CheckedReader<R> {
    inner: R,
    quotes: u64,
    bytes_of_record: u64,
}

impl<R> CheckedReader<R> {
    pub(crate) const fn new(inner: R) -> Self {
        Self { inner, quotes: 0, bytes_of_record: 0 }
    }

    /// Another record begins.
    pub(crate) const fn begin_record(&mut self) {
        self.bytes_of_record = 0;
    }

    /// Whether what was read so far ends within quotes: RFC 4180 has them in pairs only.
    pub(crate) const fn ends_in_quotes(&self) -> bool {
        self.quotes % 2 == 1
    }
}

impl<R: Read> Read for CheckedReader<R> {
    fn read(&mut self, out: &mut [u8]) -> std::io::Result<usize> {
        let read = self.inner.read(out)?;
        let bytes = out.get(..read).unwrap_or(out);
        let quotes = bytes.iter().filter(|&&byte| byte == b'"').count();
        self.quotes += u64::try_from(quotes).unwrap_or(0);
        self.bytes_of_record += u64::try_from(read).unwrap_or(0);
        if self.bytes_of_record > RECORD_BYTES {
            return Err(std::io::Error::other(format!(
                "a record of more than {RECORD_BYTES} bytes; perhaps a quoted field is not closed"
            )));
        }
        Ok(read)
    }
}

/// The physical line, from 1, on which a record begins. (The csv crate says where the blank lines before it begin.)
///
/// For error messages: reads the file again. 0 if that fails.
pub(crate) fn physical_line(path: &Path, record: &ByteRecord) -> u64 {
    let at = record.position().map_or(0, csv::Position::byte);
    line_at(path, at).unwrap_or(0)
}

/// The physical line of a file's record number `row`, from 1, not counting the header.
pub(crate) fn record_line(path: &Path, row: u64) -> Option<u64> {
    let mut reader = csv::ReaderBuilder::new().flexible(true).has_headers(false).from_path(path).ok()?;
    let mut record = ByteRecord::new();
    for _ in 0..=row {
        if !reader.read_byte_record(&mut record).ok()? {
            return None;
        }
    }
    Some(physical_line(path, &record))
}

fn line_at(path: &Path, at: u64) -> std::io::Result<u64> {
    let mut file = BufReader::new(File::open(path)?);
    let mut line = 1;
    let mut before = file.by_ref().take(at);
    loop {
        let block = before.fill_buf()?;
        if block.is_empty() {
            break;
        }
        line += u64::try_from(block.iter().filter(|&&byte| byte == b'\n').count()).unwrap_or(0);
        let length = block.len();
        before.consume(length);
    }
    debug_assert!(file.stream_position().is_ok_and(|position| position <= at), "read too far");
    // Blank lines are no records.
    for byte in file.bytes() {
        match byte? {
            b'\n' => line += 1,
            b'\r' => {}
            _ => break,
        }
    }
    Ok(line)
}
