//! Bylines.

/// Bylines that name no person.
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
