//! Arithmetic of counts, which never overflows.

/// One more. A count stops at `u32::MAX`, which no memory holds enough reviews to reach.
pub(super) const fn increment(count: &mut u32) {
    *count = count.saturating_add(1);
}

/// One less; `None` if there is none.
pub(super) fn decrement(count: &mut u32) -> Option<()> {
    *count = count.checked_sub(1)?;
    Some(())
}

/// The sum of counts, which stops at `u32::MAX` as the counts themselves do.
pub(super) fn total(counts: impl IntoIterator<Item = u32>) -> u32 {
    counts.into_iter().fold(0, u32::saturating_add)
}
