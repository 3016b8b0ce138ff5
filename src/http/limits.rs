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
        let Some(more) = errors
            .len()
            .checked_sub(self.max_errors)
            .filter(|more| *more > 0)
        else {
            return errors;
        };
        let all = errors.len();
        errors.truncate(self.max_errors);
        let message = format!(
            "there are {more} more errors; only the first {} are listed",
            self.max_errors
        );
        errors.push(limit_error(
            message,
            code::TOO_MANY_ERRORS,
            self.max_errors,
            all,
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
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn extension(error: &ServerError, name: &str) -> String {
        let extensions = error.extensions.as_ref().unwrap();
        extensions.get(name).unwrap().to_string()
    }

    #[test]
    fn the_errors_beyond_the_limit_are_counted_in_one() {
        let limits = ResponseLimits {
            max_bytes: 0,
            max_errors: 2,
        };
        for (count, listed) in [(0, 0), (1, 1), (2, 2), (3, 3), (100, 3)] {
            let errors = vec![ServerError::new("no", None); count];
            let errors = limits.truncate_errors(errors);
            assert_eq!(errors.len(), listed, "{count}");
            if count > 2 {
                let last = &errors[2];
                let more = format!(
                    "there are {} more errors; only the first 2 are listed",
                    count - 2
                );
                assert_eq!(last.message, more);
                assert_eq!(extension(last, "code"), "\"TOO_MANY_ERRORS\"");
                assert_eq!(extension(last, "limit"), "2");
                assert_eq!(extension(last, "value"), count.to_string());
            }
        }
    }

    proptest! {
        #[test]
        fn a_response_is_complete_or_replaced_by_an_error_with_its_size(texts: Vec<String>, bytes in 0_usize..200) {
            let limits = ResponseLimits { max_bytes: bytes, max_errors: 1 };
            let whole = serde_json::to_vec(&texts).unwrap();
            match limits.write_bounded(|out| Ok(serde_json::to_writer(out, &texts)?)).unwrap() {
                Ok(written) => {
                    prop_assert!(written.len() <= bytes);
                    prop_assert_eq!(written, whole);
                }
                Err(error) => {
                    prop_assert!(whole.len() > bytes);
                    prop_assert_eq!(extension(&error, "value"), whole.len().to_string());
                    prop_assert_eq!(extension(&error, "limit"), bytes.to_string());
                }
            }
        }
    }
}
