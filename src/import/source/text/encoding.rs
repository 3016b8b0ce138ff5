//! Encodings and their labels.

use std::str::FromStr;

use encoding_rs::{Encoding, UTF_8};

use super::SourceError;

/// An encoding of the WHATWG encoding standard, parsed from any of its labels.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TextEncoding(&'static Encoding);

impl TextEncoding {
    /// Returns the name of the encoding in the standard.
    #[must_use]
    pub fn name(self) -> &'static str {
        self.0.name()
    }

    /// Returns the encoding.
    pub(in crate::import) fn encoding(self) -> &'static Encoding {
        self.0
    }
}

impl From<&'static Encoding> for TextEncoding {
    fn from(encoding: &'static Encoding) -> Self {
        Self(encoding)
    }
}

impl Default for TextEncoding {
    /// Returns UTF-8.
    fn default() -> Self {
        Self(UTF_8)
    }
}

impl FromStr for TextEncoding {
    type Err = SourceError;

    /// Finds an encoding by its label. Ignores case. Rejects the labels that the standard maps to
    /// the replacement encoding, which is never decoded.
    fn from_str(label: &str) -> Result<Self, SourceError> {
        Encoding::for_label_no_replacement(label.as_bytes())
            .map(Self)
            .ok_or_else(|| SourceError::UnknownEncoding(label.to_owned()))
    }
}
