//! Genres.

/// Genres with their relative frequencies.
pub(in crate::generate) const GENRES: &[(u32, &str)] = &[
    (30, "Drama"),
    (20, "Comedy"),
    (13, "Thriller"),
    (10, "Romance"),
    (9, "Crime"),
    (8, "Documentary"),
    (8, "Action"),
    (8, "Horror"),
    (6, "Adventure"),
    (6, "Science Fiction"),
    (5, "Mystery"),
    (5, "Family"),
    (5, "Animation"),
    (4, "Fantasy"),
    (3, "History"),
    (3, "War"),
    (3, "Music"),
    (2, "Western"),
    (1, "Film-Noir"),
    (1, "Sport"),
];
