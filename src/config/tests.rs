use super::*;

#[test]
fn settings_of_serve_are_rejected_before_a_command() {
    assert!(Cli::read(["marquee", "--listen", "127.0.0.1:1", "--demo"]).is_ok());
    assert!(Cli::read(["marquee", "serve", "--demo"]).is_ok());
    assert!(Cli::read(["marquee", "--data-dir", "x", "check"]).is_ok());
    let error = Cli::read(["marquee", "--demo", "serve"])
        .unwrap_err()
        .to_string();
    assert!(error.contains("--demo is given before `serve`"), "{error}");
}

#[test]
fn the_command_line_definition_is_valid() {
    Cli::command().debug_assert();
}

#[test]
fn the_help_of_a_command_lists_the_database_settings_under_their_own_heading() {
    let line = ["marquee", "import", "csv", "--help"];
    let help = Cli::read(line).unwrap_err().to_string();
    let (own, database) = help.split_once("\nDatabase:\n").unwrap();
    for flag in ["--database-url", "--data-dir"] {
        assert!(!own.contains(flag) && database.contains(flag), "{help}");
    }
    assert!(own.contains("--encoding") && !database.contains("--encoding"));
    let line = ["marquee", "import", "--help"];
    let help = Cli::read(line).unwrap_err().to_string();
    assert_eq!(help.matches("docs/catalogue.md").count(), 3, "{help}");
}

#[test]
fn debug_output_hides_the_database_url() {
    let cli =
        Cli::try_parse_from(["marquee", "--database-url", "postgres://u:hunter2@h/d"]).unwrap();
    let printed = format!("{cli:?}");
    assert!(
        printed.contains("(hidden)") && !printed.contains("hunter2"),
        "{printed}"
    );
}
