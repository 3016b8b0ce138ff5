//! The catalogue as JSON Lines: one object a line.

mod reader;
mod value;
mod writer;

pub use self::{
    reader::{InvalidLine, JsonReader},
    writer::JsonWriter,
};
