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

/// Applies an input to a film with this year and this release date.
fn years_after(
    (year, day): (Option<i16>, Option<NaiveDate>),
    patch: FilmPatch,
) -> Result<Option<i16>, Vec<UserErrorCode>> {
    let mut draft = FilmDraft {
        title: "Pusher".to_owned(),
        year,
        release_date: day,
        ..FilmDraft::default()
    };
    let mut errors = UserErrors::default();
    draft.apply(patch, &mut errors);
    if errors.is_empty() {
        return Ok(draft.year);
    }
    let errors = errors.into_vec().into_iter();
    Err(errors.map(|error| error.code).collect())
}

#[test]
fn an_unknown_year_is_that_of_the_release_date() {
    let day = |year| NaiveDate::from_ymd_opt(year, 8, 30);
    let set_day = |year| FilmPatch {
        release_date: day(year).into(),
        ..FilmPatch::default()
    };
    assert_eq!(years_after((None, None), set_day(1996)), Ok(Some(1996)));
    assert_eq!(
        years_after((Some(1996), day(1996)), set_day(1996)),
        Ok(Some(1996))
    );
    let clear_year = FilmPatch {
        year: Patch::Clear,
        ..FilmPatch::default()
    };
    assert_eq!(
        years_after((Some(1996), day(1996)), clear_year.clone()),
        Ok(Some(1996))
    );
    assert_eq!(
        years_after((Some(1997), day(1996)), clear_year.clone()),
        Ok(Some(1996)),
        "of an imported film whose date is in another year"
    );
    assert_eq!(years_after((Some(1996), None), clear_year), Ok(None));
    let clear_day = FilmPatch {
        release_date: Patch::Clear,
        ..FilmPatch::default()
    };
    assert_eq!(
        years_after((Some(1996), day(1996)), clear_day),
        Ok(Some(1996))
    );
    for (year, expected) in [
        (1869, Err(vec![OutOfRange])),
        (1870, Ok(Some(1870))),
        (2200, Ok(Some(2200))),
        (2201, Err(vec![OutOfRange])),
    ] {
        assert_eq!(years_after((None, None), set_day(year)), expected);
    }
}

#[test]
fn an_invalid_year_has_no_error_that_follows_from_it() {
    let patch = FilmPatch {
        year: Patch::Set(1869),
        release_date: NaiveDate::from_ymd_opt(1600, 8, 30).into(),
        ..FilmPatch::default()
    };
    assert_eq!(years_after((None, None), patch), Err(vec![OutOfRange]));
}
