//! Posters, other titles, countries and cast of films in files.

use serde_json::json;

use super::{Workspace, assert_lines};

const FILM: &str = "countries, cast_members, alternative_titles, poster_url, poster_width, poster_height, poster_alt FROM film";

#[test]
fn details_are_imported_and_change_the_version_once() {
    let workspace = Workspace::empty();
    let header = "kind,film,film_year,countries,cast,original_title,alternative_titles,poster_url,poster_width,poster_height,poster_alt\n";
    let row = "film,Amber Tide,2011,Denmark; Norway,Kim Holt; Ida Fern,Ravtidevann,Amber Tide; Maré de Âmbar [pt-br],https://p.example/1.jpg,400,600,A pier\n";
    workspace.csv(&format!("{header}{row}"));
    let stored = "(\"{Denmark,Norway}\",\"{\"\"Kim Holt\"\",\"\"Ida Fern\"\"}\",\"{\"\"Maré de Âmbar [pt-BR]\"\",Ravtidevann}\",https://p.example/1.jpg,400,600,\"A pier\")";
    assert_eq!(workspace.rows(FILM), [stored]);
    let again = workspace.csv(&format!("{header}{row}"));
    assert!(again.ends_with("nothing changed\n"), "{again}");
    // A file changes the columns that it has, and removes blank values.
    let output =
        workspace.csv("kind,film,film_year,cast,poster_alt\nfilm,Amber Tide,2011,Kim Holt,\n");
    assert_lines(&output, &["films: 0 new, 1 changed, 0 the same"]);
    let stored = stored
        .replace("Kim Holt\"\",\"\"Ida Fern\"\"", "Kim Holt\"\"")
        .replace(",\"A pier\")", ",)");
    assert_eq!(workspace.rows(FILM), [stored]);
    assert_eq!(workspace.rows("version FROM film"), ["(2)"]);
    let data = workspace.query(
        "{ film(by: { slug: \"amber-tide-2011\" }) { alternativeTitles { title language } } }",
    );
    assert_eq!(
        data["film"]["alternativeTitles"],
        json!([{ "title": "Maré de Âmbar", "language": "pt-BR" }, { "title": "Ravtidevann", "language": null }])
    );
}

#[test]
fn unusable_details_do_not_refuse_a_film() {
    let workspace = Workspace::empty();
    let cast: Vec<String> = (0..60).map(|number| format!("Actor {number}")).collect();
    let output = workspace.csv(&format!(
        "kind,film,cast,poster_url\nfilm,Amber Tide,{},posters/1.jpg\n",
        cast.join(";")
    ));
    assert!(output.contains("films: 1 new"), "{output}");
    assert_eq!(
        workspace.rows("cardinality(cast_members), poster_url FROM film"),
        ["(50,)"]
    );
}
