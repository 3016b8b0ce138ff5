//! A counter of lines.

use memchr::memchr2_iter;

/// A counter of the lines of a text that arrives in pieces, with any line endings.
#[derive(Debug)]
pub(in crate::import) struct LineCounter {
    line: u64,
    /// Whether the last byte is a CR. It ends a line, so an LF after it doesn't end another.
    after_cr: bool,
}

impl LineCounter {
    /// Creates a counter at line 1.
    pub fn new() -> Self {
        Self {
            line: 1,
            after_cr: false,
        }
    }

    /// Returns the line of the next byte, counted from 1.
    pub fn line(&self) -> u64 {
        self.line
    }

    /// Counts the lines of a piece.
    pub fn advance(&mut self, piece: &[u8]) {
        let is_cr = |index: usize| piece.get(index).is_some_and(|byte| *byte == b'\r');
        for index in memchr2_iter(b'\r', b'\n', piece) {
            let follows_cr = index.checked_sub(1).map_or(self.after_cr, is_cr);
            self.line += u64::from(is_cr(index) || !follows_cr);
        }
        if let Some(last) = piece.last() {
            self.after_cr = *last == b'\r';
        }
    }
}
