//! Encodes rows in the binary format of PostgreSQL's COPY.

use chrono::NaiveDate;

/// The start of every stream: the signature, no flags, no extension.
const HEADER: &[u8] = b"PGCOPY\n\xff\r\n\0\0\0\0\0\0\0\0\0";

/// The end of every stream, instead of the number of fields of a row.
const TRAILER: [u8; 2] = (-1_i16).to_be_bytes();

/// A null, instead of the length of a field.
const NULL: [u8; 4] = (-1_i32).to_be_bytes();

/// The OID of the type `text`, for arrays.
const TEXT_TYPE: i32 = 25;

/// The day 0 of PostgreSQL's type `date`.
const POSTGRESQL_EPOCH: NaiveDate = match NaiveDate::from_ymd_opt(2000, 1, 1) {
    Some(day) => day,
    None => NaiveDate::MIN,
};

/// A buffer of encoded rows.
#[derive(Debug, Default)]
pub struct CopyRows {
    bytes: Vec<u8>,
}

impl CopyRows {
    /// Adds a row.
    pub fn push(&mut self, fields: &[&dyn CopyField]) {
        if self.bytes.is_empty() {
            self.bytes.extend_from_slice(HEADER);
        }
        // A table has far fewer columns than an i16 counts.
        let count = i16::try_from(fields.len()).unwrap_or(i16::MAX);
        self.bytes.extend_from_slice(&count.to_be_bytes());
        for field in fields {
            field.write(&mut self.bytes);
        }
    }

    /// Returns the number of buffered bytes.
    pub fn len(&self) -> usize {
        self.bytes.len()
    }

    /// Takes the buffered rows as a complete stream; `None` if there are none.
    pub fn take(&mut self) -> Option<Vec<u8>> {
        if self.bytes.is_empty() {
            return None;
        }
        let mut bytes = std::mem::take(&mut self.bytes);
        bytes.extend_from_slice(&TRAILER);
        Some(bytes)
    }
}

/// A value of a field.
pub trait CopyField {
    /// Appends the length and the value.
    fn write(&self, bytes: &mut Vec<u8>);
}

/// Appends the length and the bytes. Imported texts are far below 2 GiB.
fn write_value(bytes: &mut Vec<u8>, value: &[u8]) {
    let length = i32::try_from(value.len()).unwrap_or(i32::MAX);
    bytes.extend_from_slice(&length.to_be_bytes());
    bytes.extend_from_slice(value);
}

macro_rules! integer_field {
    ($($integer:ty),+) => {$(
        impl CopyField for $integer {
            fn write(&self, bytes: &mut Vec<u8>) {
                write_value(bytes, &self.to_be_bytes());
            }
        }
    )+};
}
integer_field!(i16, i32, i64);

impl CopyField for bool {
    fn write(&self, bytes: &mut Vec<u8>) {
        write_value(bytes, &[u8::from(*self)]);
    }
}

impl CopyField for str {
    fn write(&self, bytes: &mut Vec<u8>) {
        write_value(bytes, self.as_bytes());
    }
}

impl CopyField for String {
    fn write(&self, bytes: &mut Vec<u8>) {
        self.as_str().write(bytes);
    }
}

impl CopyField for NaiveDate {
    fn write(&self, bytes: &mut Vec<u8>) {
        // Every day of the years 1 to 9999 is within a few million of the epoch.
        let days = i32::try_from(self.signed_duration_since(POSTGRESQL_EPOCH).num_days())
            .unwrap_or(i32::MAX);
        days.write(bytes);
    }
}

impl CopyField for [String] {
    fn write(&self, bytes: &mut Vec<u8>) {
        let start = bytes.len();
        bytes.extend_from_slice(&NULL);
        let dimensions = i32::from(!self.is_empty());
        for word in [dimensions, 0, TEXT_TYPE] {
            bytes.extend_from_slice(&word.to_be_bytes());
        }
        if !self.is_empty() {
            let count = i32::try_from(self.len()).unwrap_or(i32::MAX);
            for word in [count, 1] {
                bytes.extend_from_slice(&word.to_be_bytes());
            }
        }
        for text in self {
            text.write(bytes);
        }
        let length = i32::try_from(bytes.len() - start - 4).unwrap_or(i32::MAX);
        bytes[start..start + 4].copy_from_slice(&length.to_be_bytes());
    }
}

impl CopyField for Vec<String> {
    fn write(&self, bytes: &mut Vec<u8>) {
        self.as_slice().write(bytes);
    }
}

impl<T: CopyField + ?Sized> CopyField for &T {
    fn write(&self, bytes: &mut Vec<u8>) {
        (**self).write(bytes);
    }
}

impl<T: CopyField> CopyField for Option<T> {
    fn write(&self, bytes: &mut Vec<u8>) {
        match self {
            Some(value) => value.write(bytes),
            None => bytes.extend_from_slice(&NULL),
        }
    }
}
