//! References to films, critics and publications by id, slug, name and title.

mod films;
mod names;
mod rows;
mod similar;
