//! How large an answer may be.

use std::io::{self, Write};

use async_graphql::ServerError;

use crate::error::code;

/// How large an answer may be, by whatever it goes out.
#[derive(Clone, Copy, Debug)]
pub struct AnswerLimits {
    /// How many bytes it may have.
    pub bytes: usize,
    /// How many errors it lists; of the others it tells how many they are.
    pub errors: usize,
}

impl AnswerLimits {
    /// As many errors as are listed, and one that counts the others if there are more.
    pub fn listed(self, mut errors: Vec<ServerError>) -> Vec<ServerError> {
        let Some(more) = errors
            .len()
            .checked_sub(self.errors)
            .filter(|more| *more > 0)
        else {
            return errors;
        };
        let all = errors.len();
        errors.truncate(self.errors);
        let message = format!(
            "there are {more} more errors; the first {} are told",
            self.errors
        );
        errors.push(exceeded(message, code::TOO_MANY_ERRORS, self.errors, all));
        errors
    }

    /// Writes an answer as JSON, in no more memory than it may have bytes.
    ///
    /// # Errors
    ///
    /// When it has more, which is told as an error for the client; or can't be written at all.
    pub fn write(
        self,
        answer: impl FnOnce(&mut Bounded) -> io::Result<()>,
    ) -> io::Result<Result<Vec<u8>, ServerError>> {
        let mut writer = Bounded {
            limit: self.bytes,
            kept: Vec::new(),
            written: 0,
        };
        answer(&mut writer)?;
        if writer.written <= self.bytes {
            return Ok(Ok(writer.kept));
        }
        // What was asked for has happened, which matters if it was a mutation.
        let message = format!(
            "the request was executed, but its answer has {} bytes, of which no more than {} are sent; ask for less at once",
            writer.written, self.bytes
        );
        let code = code::RESPONSE_TOO_LARGE;
        Ok(Err(exceeded(message, code, self.bytes, writer.written)))
    }
}

/// An error that tells a limit, and by what it was exceeded.
fn exceeded(message: String, code: &'static str, limit: usize, value: usize) -> ServerError {
    let mut error = ServerError::new(message, None);
    error.extensions = Some(crate::error::exceeded(code, limit, Some(value)));
    error
}

/// Keeps what is written up to a limit; what has more is only counted.
#[derive(Debug)]
pub struct Bounded {
    limit: usize,
    kept: Vec<u8>,
    written: usize,
}

impl Write for Bounded {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.written = self.written.saturating_add(bytes.len());
        if self.written <= self.limit {
            self.kept.extend_from_slice(bytes);
        } else {
            self.kept = Vec::new();
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
        let limits = AnswerLimits {
            bytes: 0,
            errors: 2,
        };
        for (count, listed) in [(0, 0), (1, 1), (2, 2), (3, 3), (100, 3)] {
            let errors = vec![ServerError::new("no", None); count];
            let errors = limits.listed(errors);
            assert_eq!(errors.len(), listed, "{count}");
            if count > 2 {
                let last = &errors[2];
                let more = format!("there are {} more errors; the first 2 are told", count - 2);
                assert_eq!(last.message, more);
                assert_eq!(extension(last, "code"), "\"TOO_MANY_ERRORS\"");
                assert_eq!(extension(last, "limit"), "2");
                assert_eq!(extension(last, "value"), count.to_string());
            }
        }
    }

    proptest! {
        #[test]
        fn an_answer_is_written_whole_or_told_by_its_size(texts: Vec<String>, bytes in 0_usize..200) {
            let limits = AnswerLimits { bytes, errors: 1 };
            let whole = serde_json::to_vec(&texts).unwrap();
            match limits.write(|out| Ok(serde_json::to_writer(out, &texts)?)).unwrap() {
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
