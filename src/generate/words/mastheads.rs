//! Parts of the names of publications.

/// Names of newspapers, to be combined with a town.
pub(in crate::generate) const PAPERS: &[&str] = &[
    "Ledger",
    "Lamp",
    "Bulletin",
    "Notices",
    "Sentry",
    "Almanac",
    "Courier",
    "Ferry",
    "Packet",
    "Evening",
    "Weekly",
    "Miller",
    "Witness",
    "Quarterly",
    "Bellman",
    "Register",
    "Crier",
    "Tide",
    "Daybook",
    "Dispatch",
];

/// Names of broadcasters, to be combined with a town.
pub(in crate::generate) const STATIONS: &[&str] = &[
    "Radio", "Channel", "Canal", "Rádio", "Télé", "Kino", "Cine", "Voice of",
];

/// First words of names of magazines.
pub(in crate::generate) const FIRST: &[&str] = &[
    "Second-Row",
    "Aisle-Seat",
    "Third-Reel",
    "Half-Past",
    "Paper-Cup",
    "Nitrate",
    "Lost-Glove",
    "Back-Row",
    "Tin-Box",
    "Wet-Umbrella",
    "Matinée",
    "Torn-Stub",
    "Flicker-Free",
    "Projectionist’s",
    "Heavy-Curtain",
    "Usher’s",
    "Sprocket",
    "Interval",
    "Cold-Popcorn",
    "Loose-Thread",
];

/// Last words of names of magazines.
pub(in crate::generate) const SECOND: &[&str] = &[
    "Notebook",
    "Pamphlet",
    "Digest",
    "Ledger",
    "Orchard",
    "Letters",
    "Reader",
    "Companion",
    "Cahier",
    "Broadsheet",
    "Post",
    "Report",
    "Dossier",
    "Diary",
    "Lantern",
    "Projector",
    "Kettle",
    "Post-Mortem",
    "Hour",
    "Quarterly",
];
