//! Decompression of gzip and zstd.

use std::io::{self, BufReader, Cursor, ErrorKind, Read};

use flate2::bufread::MultiGzDecoder;
use zstd::Decoder as ZstdDecoder;

use super::{
    BUFFER_SIZE, ByteReader, Progress, SourceError, head::first_bytes, raw::CountingReader,
};

/// The number of bytes at the start of a file that identify its compression.
const MAGIC_LENGTH: u64 = 4;
/// The number of decompressed bytes below which the ratio isn't checked. A small file of similar
/// rows compresses extremely well, and this amount does no harm.
const UNCHECKED_BYTES: u64 = 64 * 1024 * 1024;
/// The maximum ratio of decompressed to compressed bytes beyond that. Generated reviews that share
/// their excerpts have a ratio of 6, or of 24 at the highest level of zstd; real reviews have less.
/// Bombs have 1,000 with gzip and 30,000 with zstd.
const MAX_RATIO: u64 = 250;
/// The base-2 logarithm of the maximum window of zstd. It is the default limit of the zstd program,
/// and bounds the memory to 128 MiB.
const MAX_WINDOW_LOG: u32 = 27;

/// A supported compression.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Compression {
    Gzip,
    Zstd,
}

impl Compression {
    /// Returns the compression by the first bytes, because names of files are often wrong.
    fn of(head: &[u8]) -> Option<Self> {
        match head {
            [0x1F, 0x8B, ..] => Some(Self::Gzip),
            // pzstd starts a file with a skippable frame, which has the second form.
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

    /// Creates a decoder, without the checks of [`Decompressed`].
    fn decoder(self, raw: impl Read + Send + 'static) -> Result<ByteReader, SourceError> {
        let raw = BufReader::with_capacity(BUFFER_SIZE, raw);
        Ok(match self {
            Self::Gzip => Box::new(MultiGzDecoder::new(raw)),
            Self::Zstd => {
                let mut decoder = ZstdDecoder::with_buffer(raw)?;
                decoder.window_log_max(MAX_WINDOW_LOG)?;
                Box::new(decoder)
            }
        })
    }
}

/// Returns the name of the compression by the first bytes of a file; `None` if it isn't compressed.
pub(in crate::import) fn name(head: &[u8]) -> Option<&'static str> {
    let magic = usize::try_from(MAGIC_LENGTH).unwrap_or(usize::MAX);
    Compression::of(head.get(..magic).unwrap_or(head)).map(Compression::name)
}

/// Returns whether so many bytes are a decompression bomb, of which `read` compressed bytes were read.
pub(in crate::import) fn is_bomb(read: u64, decompressed: u64) -> bool {
    decompressed
        > read
            .saturating_mul(MAX_RATIO)
            .saturating_add(UNCHECKED_BYTES)
}

/// Returns the error of a decompression bomb.
pub(in crate::import) fn bomb(
    compression: &'static str,
    read: u64,
    decompressed: u64,
) -> SourceError {
    SourceError::DecompressionBomb {
        compression,
        ratio: MAX_RATIO,
        read,
        decompressed,
    }
}

/// Returns a reader of the decompressed file. A file without compression is read as it is.
pub(super) fn decompress(mut raw: CountingReader) -> Result<ByteReader, SourceError> {
    let progress = raw.progress();
    let head = first_bytes(&mut raw, MAGIC_LENGTH)?;
    let compression = Compression::of(&head);
    let raw = Cursor::new(head).chain(raw);
    let Some(compression) = compression else {
        return Ok(Box::new(raw));
    };
    Ok(Box::new(Decompressed {
        inner: compression.decoder(raw)?,
        compression,
        progress,
        bytes_read: 0,
    }))
}

/// A reader that explains errors in compressed data, and stops decompression bombs. The amount of
/// text that it returns before an error depends on the chunks in which the file is read.
struct Decompressed {
    inner: ByteReader,
    compression: Compression,
    progress: Progress,
    /// The number of decompressed bytes.
    bytes_read: u64,
}

impl Decompressed {
    /// Converts an error of the decompressor; returns errors of the underlying reader unchanged.
    fn convert_error(&self, error: io::Error) -> SourceError {
        let compression = self.compression.name();
        match error.downcast::<SourceError>() {
            Ok(error) => error,
            Err(error) if error.kind() == ErrorKind::UnexpectedEof => {
                SourceError::Truncated { compression }
            }
            Err(error) => SourceError::Corrupt {
                compression,
                reason: error.to_string(),
            },
        }
    }

    fn check_ratio(&self) -> Result<(), SourceError> {
        let read = self.progress.bytes_read();
        if !is_bomb(read, self.bytes_read) {
            return Ok(());
        }
        Err(bomb(self.compression.name(), read, self.bytes_read))
    }
}

impl Read for Decompressed {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let result = self.inner.read(buffer);
        let length = result.map_err(|error| self.convert_error(error))?;
        self.bytes_read = self
            .bytes_read
            .saturating_add(u64::try_from(length).unwrap_or(u64::MAX));
        self.check_ratio()?;
        Ok(length)
    }
}
