//! External ids are part of the state of films and critics.

use super::{WITH_IDS, Workspace, import_files};

const VERSIONS: &str = "film.version, critic.version, film.updated_at > film.created_at, critic.updated_at > critic.created_at
    FROM film, critic WHERE name = 'Ann Lee'";

#[test]
fn new_ids_from_a_review_raise_the_versions_of_its_film_and_critic_once() {
    let workspace = Workspace::empty();
    workspace.csv("film,film_year,critic\nAmber Tide,2019,Ann Lee\n");
    assert_eq!(workspace.rows(VERSIONS), ["(1,1,f,f)"]);
    // Without a second id, the row of the review does not describe the film.
    let text = "Title,Year,IMDb,Critic,Page,Rating\n\
        Amber Tide,2019,tt1,Ann Lee,/ann,4/5\n\
        ,,tt1,Bo Marsh,,3/5\n";
    let other = "Title,Year,TMDB,Critic,Rating\nAmber Tide,2019,7,Cy Dale,3/5\n";
    let files = [("a.csv", text), ("b.csv", other)];
    let output = import_files(&workspace, &files, &[]).output();
    assert!(
        output.contains("films: 0 new, 1 changed, 0 the same")
            && output.contains("critics: 2 new, 1 changed, 0 the same"),
        "{output}"
    );
    assert_eq!(workspace.rows(VERSIONS), ["(2,2,t,t)"]);
    let again = import_files(&workspace, &files, &[]).output();
    assert!(again.ends_with("nothing changed\n"), "{again}");
    assert_eq!(workspace.rows(VERSIONS), ["(2,2,t,t)"]);
}

#[test]
fn a_description_with_a_new_id_raises_the_version_once() {
    let workspace = Workspace::empty();
    workspace.csv("film,film_year,critic\nAmber Tide,2019,Ann Lee\n");
    let text = WITH_IDS
        .replace("Rating", "Rating,Genre")
        .replace("4/5", "4/5,Drama");
    import_files(&workspace, &[("list.csv", &text)], &[]).output();
    assert_eq!(workspace.rows("version, genres FROM film"), ["(2,{Drama})"]);
}

#[test]
fn new_ids_are_seen_by_a_query() {
    let workspace = Workspace::empty();
    workspace.csv("film,film_year,critic\nAmber Tide,2019,Bo Marsh\n");
    import_files(&workspace, &[("list.csv", WITH_IDS)], &[]).output();
    let data = workspace.query(
        "{ film(by: {external: {source: \"imdb\", id: \"tt1\"}}) { version externalIds { source id } } }",
    );
    assert_eq!(data["film"]["version"], 2);
    assert_eq!(data["film"]["externalIds"].as_array().unwrap().len(), 2);
}
