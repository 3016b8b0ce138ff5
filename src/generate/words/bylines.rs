//! Bylines.

/// Who a review says it is by when it names nobody.
pub(in crate::generate) const BYLINES: &[&str] = &[
    "Staff",
    "Staff Writer",
    "The Editors",
    "Our Correspondent",
    "Culture Desk",
    "Weekend Desk",
    "From Our Archive",
    "A Guest Critic",
    "La rédaction",
    "Not Credited",
];
