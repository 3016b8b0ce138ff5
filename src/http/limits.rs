//! The limits of a response.

use std::io::{self, Write};

use async_graphql::ServerError;

use crate::error::code;

/// The limits of a response, for every transport.
#[derive(Clone, Copy, Debug)]
pub struct ResponseLimits {
    /// The maximum size in bytes.
    pub max_bytes: usize,
    /// The maximum number of listed errors. One more error counts the rest.
    pub max_errors: usize,
}

impl ResponseLimits {
    /// Truncates the errors to the limit, and appends one that counts the rest.
    pub fn truncate_errors(self, mut errors: Vec<ServerError>) -> Vec<ServerError> {
        let Some(excess) = errors
            .len()
            .checked_sub(self.max_errors)
            .filter(|excess| *excess > 0)
        else {
            return errors;
        };
        let total = errors.len();
        errors.truncate(self.max_errors);
        let message = format!(
            "there are {excess} more errors; only the first {} are listed",
            self.max_errors
        );
        errors.push(limit_error(
            message,
            code::TOO_MANY_ERRORS,
            self.max_errors,
            total,
        ));
        errors
    }

    /// Writes a response as JSON. The buffer does not grow beyond the limit.
    ///
    /// # Errors
    ///
    /// The inner error is for the client, when the response exceeds the limit. The outer error is internal, when the
    /// response can't be written.
    pub fn write_bounded(
        self,
        write: impl FnOnce(&mut BoundedWriter) -> io::Result<()>,
    ) -> io::Result<Result<Vec<u8>, ServerError>> {
        let mut writer = BoundedWriter {
            limit: self.max_bytes,
            buffer: Vec::new(),
            written: 0,
        };
        write(&mut writer)?;
        if writer.written <= self.max_bytes {
            return Ok(Ok(writer.buffer));
        }
        // The message states that the request was executed, because it may be a mutation.
        let message = format!(
            "the request was executed, but its response has {} bytes and the limit is {}; request less data at once",
            writer.written, self.max_bytes
        );
        let code = code::RESPONSE_TOO_LARGE;
        Ok(Err(limit_error(
            message,
            code,
            self.max_bytes,
            writer.written,
        )))
    }
}

/// Creates an error with a limit and the value that exceeds it.
fn limit_error(message: String, code: &'static str, limit: usize, value: usize) -> ServerError {
    let mut error = ServerError::new(message, None);
    error.extensions = Some(crate::error::limit_extensions(code, limit, Some(value)));
    error
}

/// A writer that buffers up to `limit` bytes. Beyond the limit it only counts.
#[derive(Debug)]
pub struct BoundedWriter {
    limit: usize,
    buffer: Vec<u8>,
    written: usize,
}

impl Write for BoundedWriter {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.written = self.written.saturating_add(bytes.len());
        if self.written <= self.limit {
            self.buffer.extend_from_slice(bytes);
        } else {
            self.buffer = Vec::new();
        }
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[cfg(test)]
mod tests;
