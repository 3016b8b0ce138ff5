//! Arithmetic with counts that never overflows.

/// Adds one to a count. The count saturates at `u32::MAX`, more reviews than fit into memory.
pub(super) const fn increment(count: &mut u32) {
    *count = count.saturating_add(1);
}

/// Subtracts one from a count; `None` if the count is zero.
pub(super) fn decrement(count: &mut u32) -> Option<()> {
    *count = count.checked_sub(1)?;
    Some(())
}

/// Returns the sum of counts, which saturates at `u32::MAX`.
pub(super) fn total(counts: impl IntoIterator<Item = u32>) -> u32 {
    counts.into_iter().fold(0, u32::saturating_add)
}
