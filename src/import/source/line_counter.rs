//! The number of the line that has been reached.

use memchr::memchr2_iter;

/// Counts lines in a text that passes in pieces, whatever ends them.
#[derive(Debug)]
pub(super) struct LineCounter {
    line: u64,
    /// Whether a CR was last, which counts as a line's end, so that an LF after it doesn't.
    after_cr: bool,
}

impl LineCounter {
    /// Begins in line 1.
    pub fn new() -> Self {
        Self {
            line: 1,
            after_cr: false,
        }
    }

    /// The line of what comes next, counted from 1.
    pub fn line(&self) -> u64 {
        self.line
    }

    /// Takes note of a piece that has been passed.
    pub fn pass(&mut self, piece: &[u8]) {
        let is_cr = |at: usize| piece.get(at).is_some_and(|byte| *byte == b'\r');
        for at in memchr2_iter(b'\r', b'\n', piece) {
            let follows_cr = at.checked_sub(1).map_or(self.after_cr, is_cr);
            self.line += u64::from(is_cr(at) || !follows_cr);
        }
        if let Some(last) = piece.last() {
            self.after_cr = *last == b'\r';
        }
    }
}
