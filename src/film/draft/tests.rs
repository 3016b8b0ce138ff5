use super::*;
use crate::user_error::UserErrorCode;

fn errors_of(patch: FilmPatch) -> Vec<(String, UserErrorCode)> {
    let mut errors = UserErrors::default();
    FilmDraft::default().apply(patch, &mut errors);
    let errors = errors.into_vec().into_iter();
    errors
        .map(|error| (error.field.join("."), error.code))
        .collect()
}

#[test]
fn all_errors_of_an_input_are_reported_together() {
    let patch = FilmPatch {
        slug: Patch::Set("Not A Slug".to_owned()),
        title: Patch::Set(" ".to_owned()),
        year: Patch::Set(1869),
        runtime_minutes: Patch::Set(0),
        url: Patch::Set("nowhere".to_owned()),
        ..FilmPatch::default()
    };
    let fields: Vec<_> = errors_of(patch)
        .into_iter()
        .map(|(field, _)| field)
        .collect();
    let expected = ["slug", "title", "year", "runtimeMinutes", "url"];
    assert_eq!(fields, expected.map(|field| format!("input.{field}")));
}

#[test]
fn the_release_date_must_be_in_the_year() {
    let day = NaiveDate::from_ymd_opt(1996, 8, 30);
    let patch = |year| FilmPatch {
        title: Patch::Set("Pusher".to_owned()),
        year: Patch::Set(year),
        release_date: day.into(),
        ..FilmPatch::default()
    };
    assert_eq!(errors_of(patch(1996)), []);
    assert_eq!(
        errors_of(patch(1997)),
        [("input.releaseDate".to_owned(), Contradiction)]
    );
}
