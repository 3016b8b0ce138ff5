//! Undoes compression.

use std::io::{self, BufReader, Cursor, ErrorKind, Read};

use flate2::bufread::MultiGzDecoder;
use zstd::Decoder as ZstdDecoder;

use super::{Bytes, CHUNK, Progress, SourceError, head::first_bytes, raw::Raw};

/// How many of the first bytes it takes to tell.
const MAGIC_LENGTH: u64 = 4;
/// Up to here anything may grow: a small file of much the same rows compresses extremely well, and
/// as little as this harms nobody.
const FREE_GROWTH: u64 = 64 * 1024 * 1024;
/// How many times its size data may grow to beyond that. Made-up reviews that share their excerpts
/// grow to 6 times theirs, and to 24 where zstd had tried its best; real ones to less. Bombs grow to
/// 1,000 with gzip and to 30,000 with zstd.
const GREATEST_RATIO: u64 = 250;
/// The base-2 logarithm of the largest window that zstd may ask for. It is what the zstd program
/// decompresses without being asked to, and bounds the memory to 128 MiB.
const LARGEST_WINDOW_LOG: u32 = 27;

/// The compressions that are undone.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Compression {
    Gzip,
    Zstd,
}

impl Compression {
    /// Tells the compression by the first bytes, since names of files are often wrong.
    fn of(head: &[u8]) -> Option<Self> {
        match head {
            [0x1F, 0x8B, ..] => Some(Self::Gzip),
            // The second form begins what pzstd writes: a frame to skip, before the others.
            [0x28, 0xB5, 0x2F, 0xFD] | [0x50..=0x5F, 0x2A, 0x4D, 0x18] => Some(Self::Zstd),
            _ => None,
        }
    }

    fn name(self) -> &'static str {
        match self {
            Self::Gzip => "gzip",
            Self::Zstd => "zstd",
        }
    }

    /// Undoes the compression, without any checks of ours.
    fn undo(self, raw: impl Read + Send + 'static) -> Result<Bytes, SourceError> {
        let raw = BufReader::with_capacity(CHUNK, raw);
        Ok(match self {
            Self::Gzip => Box::new(MultiGzDecoder::new(raw)),
            Self::Zstd => {
                let mut decoder = ZstdDecoder::with_buffer(raw)?;
                decoder.window_log_max(LARGEST_WINDOW_LOG)?;
                Box::new(decoder)
            }
        })
    }
}

/// What a file is without its compression, which it need not have.
pub(super) fn decompress(mut raw: Raw) -> Result<Bytes, SourceError> {
    let progress = raw.progress();
    let head = first_bytes(&mut raw, MAGIC_LENGTH)?;
    let compression = Compression::of(&head);
    let raw = Cursor::new(head).chain(raw);
    let Some(compression) = compression else {
        return Ok(Box::new(raw));
    };
    Ok(Box::new(Decompressed {
        inner: compression.undo(raw)?,
        compression,
        progress,
        grown: 0,
    }))
}

/// Says what is wrong with compressed data, and stops what grows too much. How much of the text
/// before the damage still comes out depends on the chunks in which the file is read.
struct Decompressed {
    inner: Bytes,
    compression: Compression,
    progress: Progress,
    /// How many bytes have come out.
    grown: u64,
}

impl Decompressed {
    /// Tells errors of the decompressor apart by what they mean; those from below stay as they are.
    fn explain(&self, error: io::Error) -> SourceError {
        let compression = self.compression.name();
        match error.downcast::<SourceError>() {
            Ok(error) => error,
            Err(error) if error.kind() == ErrorKind::UnexpectedEof => {
                SourceError::CutShort { compression }
            }
            Err(error) => SourceError::Damaged {
                compression,
                reason: error.to_string(),
            },
        }
    }

    fn check_growth(&self) -> Result<(), SourceError> {
        let read = self.progress.bytes_read();
        let allowed = read
            .saturating_mul(GREATEST_RATIO)
            .saturating_add(FREE_GROWTH);
        if self.grown <= allowed {
            return Ok(());
        }
        Err(SourceError::Bomb {
            compression: self.compression.name(),
            ratio: GREATEST_RATIO,
            read,
            grown: self.grown,
        })
    }
}

impl Read for Decompressed {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let result = self.inner.read(buffer);
        let length = result.map_err(|error| self.explain(error))?;
        self.grown = self
            .grown
            .saturating_add(u64::try_from(length).unwrap_or(u64::MAX));
        self.check_growth()?;
        Ok(length)
    }
}
