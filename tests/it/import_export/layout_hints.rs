//! `import FILE…`: what each hint says can be typed, and helps.

use super::{Workspace, import_error};

/// Runs an import that is refused with a hint, and returns the error.
fn refused(workspace: &Workspace, line: &[&str]) -> String {
    let result = workspace.run(&[&["import"], line].concat());
    import_error(&result).to_owned()
}

/// Returns the option in a hint: from its name up to the end of its argument, which may stand in quotes.
fn option_of(hint: &str, name: &str) -> [String; 2] {
    let start = hint
        .find(&format!("{name} "))
        .unwrap_or_else(|| panic!("no {name}: {hint}"));
    let rest = &hint[start + name.len() + 1..];
    let argument = match rest.strip_prefix('\'') {
        Some(quoted) => quoted.split('\'').next().unwrap(),
        None => rest.split([' ', ':', ',', ';']).next().unwrap(),
    };
    [name.to_owned(), argument.to_owned()]
}

/// Asserts that an import is refused, and that the options which the refusal names let it succeed, together with `more`.
fn assert_helps(name: &str, text: &str, options: &[&str], more: &[&str]) -> String {
    let workspace = Workspace::empty();
    workspace.write(name, text);
    let error = refused(&workspace, &[name]);
    let options: Vec<[String; 2]> = options
        .iter()
        .map(|option| option_of(&error, option))
        .collect();
    let options: Vec<&str> = options.iter().flatten().map(String::as_str).collect();
    let result = workspace.run(&[&["import", name], &options[..], more].concat());
    assert_eq!(result.status.code(), Some(0), "{options:?}: {result:?}");
    format!(
        "{} {}",
        options.join(" "),
        workspace.rows("title, score FROM film LEFT JOIN review ON film.id = film_id ORDER BY 1")
            [0]
    )
}

#[test]
fn the_column_of_the_title_is_suggested_among_those_without_another_meaning() {
    let list = "Naslov,Text,Critic\nAmber Tide,Slow water,Ann\nQuay,Cold stone,Bo\n";
    assert_eq!(
        assert_helps("list.csv", list, &["--map"], &[]),
        "--map Naslov=film (\"Amber Tide\",)"
    );
    // Only the text could be titles, and it is the text.
    let workspace = Workspace::empty();
    workspace.write("list.csv", "No,Text,Rating\n1,Slow water,4/5\n");
    let error = refused(&workspace, &["list.csv"]);
    assert!(error.contains("name it by --map 'COLUMN=film'"), "{error}");
}

#[test]
fn a_column_of_imdb_ids_is_suggested() {
    let list = "Code,Critic,Rating\ntt0000001,Ann,4/5\ntt0000002,Ann,3/5\n";
    let workspace = Workspace::empty();
    workspace.write("list.csv", list);
    workspace.write(
        "films.csv",
        "Code,Title\ntt0000001,Amber Tide\ntt0000002,Quay\n",
    );
    let error = refused(&workspace, &["list.csv"]);
    assert!(error.contains("--map 'Code=film_id:imdb'"), "{error}");
    let plan = workspace
        .run(&["import", "films.csv", "--as=films", "--plan=text"])
        .output();
    let map = option_of(&plan, "--map");
    assert_eq!(map[1], "Code=film_id:imdb", "{plan}");
    let map = [map[0].as_str(), map[1].as_str()];
    workspace
        .run(
            &[
                &["import", "list.csv", "films.csv", "--as=films.csv=films"],
                &map[..],
            ]
            .concat(),
        )
        .output();
    assert_eq!(
        workspace.rows("title, score FROM review JOIN film ON film.id = film_id ORDER BY 1"),
        ["(\"Amber Tide\",80)", "(Quay,60)"]
    );
}

#[test]
fn the_scale_of_bare_numbers_is_suggested_by_the_numbers_and_the_name() {
    for (column, grades, scale, score) in [
        ("Stars", ["4", "2"], "5", "80"),
        ("Sterne", ["2", "3.5"], "5", "40"),
        ("Stars", ["4.5", "2"], "5", "90"),
        ("Rating", ["7", "4"], "10", "70"),
        ("Rating", ["4", "2"], "5", "80"),
        ("Rating", ["15", "20"], "20", "75"),
        ("Rating", ["60", "70"], "100", "60"),
    ] {
        let list = format!(
            "Title,{column}\nAmber Tide,{}\nQuay,{}\n",
            grades[0], grades[1]
        );
        assert_eq!(
            assert_helps(
                "list.csv",
                &list,
                &["--bare-scores-out-of"],
                &["--critic=Ann"]
            ),
            format!("--bare-scores-out-of {scale} (\"Amber Tide\",{score})")
        );
    }
}

#[test]
fn other_options_that_a_refusal_names_help() {
    for (list, option, more, row) in [
        (
            "Title,Year\nAmber Tide,2019\n",
            "--as",
            &[][..],
            "--as films (\"Amber Tide\",)",
        ),
        (
            "Title,Film,Critic\nAmber Tide,Quay,Ann\n",
            "--ignore",
            &[],
            "--ignore Title (Quay,)",
        ),
        (
            "Title,Critic,Date\nAmber Tide,Ann,3/4/2021\n",
            "--dates",
            &[],
            "--dates dmy (\"Amber Tide\",)",
        ),
    ] {
        assert_eq!(assert_helps("list.csv", list, &[option], more), row);
    }
    let workspace = Workspace::empty();
    workspace.write("data.csv", "Amber Tide,2019-01-01\nQuay,2020-01-01\n");
    let error = refused(&workspace, &["data.csv"]);
    assert!(error.contains("--no-header"), "{error}");
    let error = refused(&workspace, &["data.csv", "--no-header"]);
    let map = option_of(&error, "--map");
    assert_eq!(map[1], "column_1=film", "{error}");
    workspace
        .run(&[
            "import",
            "data.csv",
            "--no-header",
            "--map=column_1=film",
            "--as=films",
        ])
        .output();
}

#[test]
fn similar_names_are_mended_by_what_there_is_for_their_kind() {
    let workspace = Workspace::empty();
    workspace.write("list.csv", "Title,Critic,Rating\nAmber Tide,Ann Lee,4/5\n");
    workspace.run(&["import", "list.csv"]).output();
    workspace.write("list.csv", "Title,Critic,Rating\nAmber-Tide,Ann Lee,4/5\n");
    let output = workspace.run(&["import", "list.csv"]).output();
    assert!(
        output.contains("film \"Amber-Tide\" is new; similar to"),
        "{output}"
    );
    assert!(
        output.contains("`deleteFilm`") && !output.contains("`mergeCritics`"),
        "{output}"
    );
}

#[test]
fn films_of_one_year_are_chosen_by_their_slug() {
    let workspace = Workspace::empty();
    let films = "kind,film,film_year,film_slug\nfilm,Quay,2011,quay-a\nfilm,Quay,2011,quay-b\n";
    workspace.csv(films);
    workspace.write("list.csv", "Title,Year,Critic\nQuay,2011,Ann\n");
    let error = refused(&workspace, &["list.csv"]);
    assert!(
        error.contains("choose one by film_slug (quay-a, quay-b)"),
        "{error}"
    );
    workspace.write(
        "list.csv",
        "Title,Year,Critic,film_slug\nQuay,2011,Ann,quay-b\n",
    );
    workspace.run(&["import", "list.csv"]).output();
    assert_eq!(
        workspace.rows("slug FROM review JOIN film ON film.id = film_id"),
        ["(quay-b)"]
    );
}
