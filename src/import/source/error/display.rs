//! Parts of the messages of errors.

use std::fmt;

/// A number that is displayed with commas between its thousands.
pub(in crate::import) struct Grouped(pub u64);

impl fmt::Display for Grouped {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (thousands, group) = (self.0 / 1000, self.0 % 1000);
        if thousands == 0 {
            write!(f, "{group}")
        } else {
            write!(f, "{},{group:03}", Self(thousands))
        }
    }
}

/// A hint about a likely encoding, if there is one.
pub(super) struct EncodingHint(pub(super) Option<&'static str>);

impl fmt::Display for EncodingHint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            Some(label) => write!(
                f,
                "; pass --encoding {label} if the file is in that encoding"
            ),
            None => Ok(()),
        }
    }
}

/// A number of fields that is displayed in words.
pub(super) struct Fields(pub(super) usize);

impl fmt::Display for Fields {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            1 => f.write_str("1 field"),
            count => write!(f, "{count} fields"),
        }
    }
}
