//! Rows that describe the same thing.

use crate::import_export::{NO_ROWS, Workspace, assert_lines, import_error};

#[test]
fn a_duplicate_description_is_rejected_with_the_line_of_the_first() {
    let workspace = Workspace::empty();
    let result = workspace.import(
        "rows.csv",
        "kind,film_slug,film,film_year,critic,publication\nfilm,lantern-2001,Lantern,2001,,\ncritic,,,,Ann Lee,\n\
         publication,,,,,Post\nfilm,lantern-2001,,,,\ncritic,,,,Ann Lee,\npublication,,,,,Post\n",
        &[],
    );
    assert_eq!(
        import_error(&result).lines().skip(1).collect::<Vec<_>>(),
        [
            "  rows.csv, line 5: film: this film is already described in line 2",
            "  rows.csv, line 6: critic: this critic is already described in line 3",
            "  rows.csv, line 7: publication: this publication is already described in line 4",
        ]
    );
    assert_eq!(workspace.counts(), NO_ROWS);
}

#[test]
fn a_duplicate_review_is_rejected_with_the_line_of_the_first() {
    let workspace = Workspace::empty();
    let result = workspace.import(
        "rows.csv",
        "film,critic,publication,source,external_id\nLantern,Ann Lee,,wire,1\nLantern,Bo Marsh,,wire,1\n\
         Lantern,Ann Lee,Post,,\nLantern,Ann Lee,,,\nLantern,Ann Lee,Post,,\nLantern,Bo Marsh,,desk,1\n",
        &[],
    );
    assert_eq!(
        import_error(&result).lines().skip(1).collect::<Vec<_>>(),
        [
            "  rows.csv, line 3: external_id: a review with this id is already in line 2",
            "  rows.csv, line 6: critic: a review of this film by this critic for this publication is already in line 4",
        ]
    );
    assert_eq!(workspace.counts(), NO_ROWS);
}

#[test]
fn an_external_id_of_another_film_is_rejected() {
    let workspace = Workspace::empty();
    workspace.csv("kind,film,film_year,external_ids\nfilm,Lantern,2001,imdb:tt1; tmdb:7\n");
    let before = workspace.counts();
    let result = workspace.import(
        "rows.csv",
        "kind,film,film_year,external_ids\nfilm,Ferry,1999,imdb:tt1\nfilm,Quay,1950,tmdb:8\nfilm,Quay,2011,tmdb:8\n",
        &[],
    );
    assert_eq!(
        import_error(&result).lines().skip(1).collect::<Vec<_>>(),
        [
            "  rows.csv, line 2: external_ids: imdb:tt1 is the id of another film, lantern-2001",
            "  rows.csv, line 4: external_ids: tmdb:8 is the id of another film, quay-1950",
        ]
    );
    assert_eq!(workspace.counts(), before);
    let named = workspace
        .csv("kind,film,film_year,external_ids\nfilm,Lantern,2001,imdb:tt1;tmdb:7;tmdb:8\n");
    assert_lines(&named, &["films: 0 new, 1 changed, 0 the same"]);
    assert_eq!(
        workspace.rows("source, external_id FROM film_external_id ORDER BY source, external_id"),
        ["(imdb,tt1)", "(tmdb,7)", "(tmdb,8)"]
    );
}
