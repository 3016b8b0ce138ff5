//! Parts of the names of fictional towns.

/// Beginnings of names.
pub(in crate::generate) const BEGINNINGS: &[&str] = &[
    "Ost", "Veld", "Kald", "Mar", "Bryn", "Tor", "Sel", "Hav", "Lun", "Grim", "Aster", "Quen",
    "Dun", "Fal", "Hest", "Ild", "Jor", "Kest", "Lor", "Mirr", "Nav", "Orl", "Pell", "Rav", "Skel",
    "Tarn", "Ulf", "Vint", "Wyl", "Ysk", "Zar", "Ågr", "Ört", "Élo", "Ñar", "Brac", "Cind", "Drev",
    "Esk", "Fenn",
];

/// Endings of names.
pub(in crate::generate) const ENDINGS: &[&str] = &[
    "relle", "avik", "ovo", "mere", "holm", "anza", "ursk", "imar", "ombe", "aska", "endal",
    "igny", "ossa", "urna", "aven", "olin", "essa", "arro", "ildas", "umbra", "eth", "ovia",
    "inster", "arne", "olt", "ijärvi", "ońsk", "uza", "ébray", "øy",
];
