//! The names of columns in German, French, Spanish and Italian.

use super::Column;
use crate::text::folded;

/// The names that mean one column in whichever of the languages has them. Words that mean several things are left out, such
/// as the French `critique`, which is a person or a text.
const NAMES: [(Column, &[&str]); 11] = [
    (
        Column::Film,
        &[
            "titel",
            "filmtitel",
            "titre",
            "titre du film",
            "título",
            "titulo",
            "película",
            "pelicula",
            "titolo",
            "titolo del film",
        ],
    ),
    (
        Column::FilmYear,
        &[
            "jahr",
            "erscheinungsjahr",
            "année",
            "annee",
            "année de sortie",
            "annee de sortie",
            "año",
            "año de estreno",
            "anno",
            "anno di uscita",
        ],
    ),
    (
        Column::Critic,
        &[
            "kritiker",
            "kritikerin",
            "rezensent",
            "rezensentin",
            "nom du critique",
            "crítico",
            "critico",
        ],
    ),
    (
        Column::Publication,
        &[
            "zeitung",
            "zeitschrift",
            "publikation",
            "journal",
            "publicación",
            "publicacion",
            "periódico",
            "periodico",
            "testata",
            "giornale",
            "pubblicazione",
        ],
    ),
    (
        Column::OriginalScore,
        &[
            "bewertung",
            "wertung",
            "sterne",
            "étoiles",
            "etoiles",
            "calificación",
            "calificacion",
            "puntuación",
            "puntuacion",
            "valoración",
            "valoracion",
            "estrellas",
            "voto",
            "valutazione",
            "stelle",
            "punteggio",
        ],
    ),
    (
        Column::ReviewedOn,
        &[
            "datum",
            "date de publication",
            "date de la critique",
            "fecha",
            "fecha de publicación",
            "fecha de publicacion",
            "data di pubblicazione",
        ],
    ),
    (
        Column::Excerpt,
        &[
            "kritik",
            "rezension",
            "besprechung",
            "avis",
            "commentaire",
            "texte",
            "reseña",
            "resena",
            "texto",
            "comentario",
            "recensione",
            "testo",
            "commento",
        ],
    ),
    (
        Column::Directors,
        &[
            "regie",
            "regisseur",
            "réalisateur",
            "realisateur",
            "réalisation",
            "realisation",
            "regista",
            "regia",
        ],
    ),
    (Column::Genres, &["género", "genero", "genere"]),
    (
        Column::RuntimeMinutes,
        &[
            "laufzeit",
            "durée",
            "duree",
            "duración",
            "duracion",
            "durata",
        ],
    ),
    (
        Column::Synopsis,
        &["inhalt", "handlung", "synopse", "sinopsis", "trama"],
    ),
];

/// Returns the column that a name in German, French, Spanish or Italian means. Ignores case, outer blanks, and how accents
/// are encoded.
#[must_use]
pub fn translated_column(name: &str) -> Option<Column> {
    let name = folded(name.trim());
    let mut names = NAMES.iter();
    let (column, _) = names.find(|(_, names)| names.contains(&name.as_str()))?;
    Some(*column)
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn a_name_means_one_column_and_is_no_english_one() {
        let mut seen = HashSet::new();
        for (column, names) in NAMES {
            for name in names {
                assert!(seen.insert(*name), "{name}");
                assert_eq!(Column::find(name), None, "{name}");
                assert_eq!(translated_column(&name.to_uppercase()), Some(column));
            }
        }
    }
}
