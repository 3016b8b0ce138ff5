//! The catalogue as CSV.

mod header;
mod writer;

pub use self::{
    header::{Header, HeaderError, InvalidHeader},
    writer::CsvWriter,
};
