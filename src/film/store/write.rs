//! The mutations of films.

use entity::film;
use sea_orm::{
    ActiveModelTrait, ActiveValue::Set, DbErr, EntityTrait, FromQueryResult, IntoActiveModel,
    QuerySelect, sea_query::LockType,
};

use crate::{
    database::{
        session::transaction::Transaction,
        sql::{self, NewName},
    },
    external_id::{self, IdentifiedKind},
    film::{
        draft::{FilmDraft, FilmPatch},
        store::details_of_row,
        store::title::{TitleMatch, find_by_title, find_similar},
    },
    mutation::{Command, CommandOutcome, DeletedRow, UpdatedRow, WrittenRow},
    slug,
    text::{self, alternative_title::AlternativeTitle},
    user_error::{
        UserErrorCode::{AlreadyExists, InUse, NotFound},
        UserErrors, listed,
    },
};

/// The mutation that adds a film.
#[derive(Clone, Debug)]
pub struct AddFilm {
    /// The values of the film.
    pub draft: FilmDraft,
    /// The errors that parsing the input has found.
    pub errors: UserErrors,
}

impl Command for AddFilm {
    type Done = WrittenRow;

    async fn run(&self, transaction: &Transaction) -> Result<CommandOutcome<WrittenRow>, DbErr> {
        let mut errors = self.errors.clone();
        if self.draft.slug.is_none() {
            let name = new_name(&self.draft.title, self.draft.year);
            sql::lock_new_names(transaction, vec![name]).await?;
        }
        self.check(transaction, &mut errors).await?;
        if !errors.is_empty() {
            return Ok(CommandOutcome::Refused(errors.into_vec()));
        }
        let slug = if let Some(slug) = &self.draft.slug {
            slug.clone()
        } else {
            let base = slug::of_film(&self.draft.title, self.draft.year);
            sql::free_slug(transaction, "film", &base).await?
        };
        let mut row = film::ActiveModel {
            slug: Set(slug),
            ..Default::default()
        };
        fill(&mut row, &self.draft);
        let row = row.insert(transaction).await?;
        let owner = (IdentifiedKind::Film, row.id);
        external_id::store::replace(owner, &[], &self.draft.external_ids, transaction).await?;
        Ok(CommandOutcome::Done(WrittenRow { id: row.id }))
    }
}

/// Returns the name to lock before checking that no film with this title or a similar one and this year exists, and
/// inserting one. Titles that differ only in case have the same lock, and so have most titles that differ in accents,
/// punctuation and blanks.
#[must_use]
pub fn new_name(title: &str, year: Option<i16>) -> NewName {
    NewName {
        table: "film",
        name: format!(
            "{year:?} {}",
            slug::of(&text::folded(title)).replace('-', "")
        ),
    }
}

impl AddFilm {
    /// Adds an error if the film already exists. An explicit slug means that it is another film with the same title and
    /// year.
    async fn check(&self, transaction: &Transaction, errors: &mut UserErrors) -> Result<(), DbErr> {
        let ids = &self.draft.external_ids;
        external_id::store::check_free((IdentifiedKind::Film, None), ids, transaction, errors)
            .await?;
        if let Some(slug) = &self.draft.slug {
            return check_slug(slug, None, transaction, errors).await;
        }
        let (title, year) = (self.draft.title.as_str(), self.draft.year);
        let mut found = find_by_title(title, year, transaction).await?;
        let mut with_title = "with this title";
        if found.is_empty() && !title.is_empty() {
            found = find_similar(title, year, transaction).await?;
            with_title = "with a similar title";
        }
        if !found.is_empty() {
            let candidates: Vec<_> = found.into_iter().map(TitleMatch::candidate).collect();
            let message = format!(
                "a film {with_title} and the same year already exists: {}; give a `slug` to add another one",
                listed(&candidates)
            );
            errors.add_with_candidates("title", AlreadyExists, message, candidates);
        }
        Ok(())
    }
}

async fn check_slug(
    slug: &str,
    excluded_id: Option<i64>,
    transaction: &Transaction,
    errors: &mut UserErrors,
) -> Result<(), DbErr> {
    if sql::is_slug_taken(transaction, "film", slug, excluded_id).await? {
        let message = "is already the slug of another film";
        errors.add("slug", AlreadyExists, message);
    }
    Ok(())
}

#[derive(FromQueryResult)]
struct Count {
    count: i64,
}

/// Locks the film that an input names. Adds an error if it doesn't exist or has another version than the expected one.
async fn lock(
    id: Option<i64>,
    expected_version: Option<i32>,
    lock: LockType,
    transaction: &Transaction,
    errors: &mut UserErrors,
) -> Result<Option<film::Model>, DbErr> {
    let Some(id) = id else {
        return Ok(None);
    };
    let found = film::Entity::find_by_id(id)
        .lock(lock)
        .one(transaction)
        .await?;
    match &found {
        None => {
            let message = "this film does not exist; it may have been deleted";
            errors.add("id", NotFound, message);
        }
        Some(film) => errors.expect_version(expected_version, film.version),
    }
    Ok(found)
}

/// The mutation that updates a film.
#[derive(Clone, Debug)]
pub struct UpdateFilm {
    /// The key of the film; `None` if the input's id is invalid.
    pub id: Option<i64>,
    /// The version that the film must have, if the input gives one.
    pub expected_version: Option<i32>,
    /// The new values.
    pub patch: FilmPatch,
    /// The errors that parsing the input has found.
    pub errors: UserErrors,
}

impl Command for UpdateFilm {
    type Done = UpdatedRow;

    async fn run(&self, transaction: &Transaction) -> Result<CommandOutcome<UpdatedRow>, DbErr> {
        let mut errors = self.errors.clone();
        let found = lock(
            self.id,
            self.expected_version,
            LockType::NoKeyUpdate,
            transaction,
            &mut errors,
        )
        .await?;
        let mut before = found.as_ref().map(draft_of).unwrap_or_default();
        if let Some(film) = found
            .as_ref()
            .filter(|_| self.patch.external_ids.is_given())
        {
            before.external_ids =
                external_id::store::list(IdentifiedKind::Film, film.id, transaction).await?;
        }
        let mut draft = before.clone();
        draft.apply(self.patch.clone(), &mut errors);
        if let Some(slug) = draft.slug.as_ref().filter(|_| draft.slug != before.slug) {
            check_slug(slug, self.id, transaction, &mut errors).await?;
        }
        let owner = (IdentifiedKind::Film, self.id);
        external_id::store::check_free(owner, &draft.external_ids, transaction, &mut errors)
            .await?;
        let Some(found) = found.filter(|_| errors.is_empty()) else {
            return Ok(CommandOutcome::Refused(errors.into_vec()));
        };
        let id = found.id;
        let changed = draft.changed_columns(&before);
        if draft != before {
            update(found, (&before, &draft), transaction).await?;
        }
        Ok(CommandOutcome::Done(UpdatedRow { id, changed }))
    }
}

/// Writes the values that differ between two drafts of a film.
async fn update(
    found: film::Model,
    (before, after): (&FilmDraft, &FilmDraft),
    transaction: &Transaction,
) -> Result<(), DbErr> {
    let (id, version) = (found.id, found.version);
    let mut row = found.into_active_model();
    if let Some(slug) = &after.slug {
        row.slug.set_if_not_equals(slug.clone());
    }
    fill(&mut row, after);
    // External ids have a table of their own. Writing the version makes the trigger increment it.
    row.version = Set(version.saturating_add(1));
    row.update(transaction).await?;
    let owner = (IdentifiedKind::Film, id);
    let (before, after) = (&before.external_ids, &after.external_ids);
    external_id::store::replace(owner, before, after, transaction).await
}

/// Returns the values of a row. The external ids have a table of their own.
fn draft_of(row: &film::Model) -> FilmDraft {
    FilmDraft {
        slug: Some(row.slug.clone()),
        title: row.title.clone(),
        year: row.year,
        release_date: row.release_date,
        runtime_minutes: row.runtime_minutes,
        directors: row.directors.clone(),
        genres: row.genres.clone(),
        synopsis: row.synopsis.clone(),
        url: row.url.clone(),
        external_ids: Vec::new(),
        details: details_of_row(&mut row.clone()),
    }
}

fn fill(row: &mut film::ActiveModel, draft: &FilmDraft) {
    row.title.set_if_not_equals(draft.title.clone());
    row.year.set_if_not_equals(draft.year);
    row.release_date.set_if_not_equals(draft.release_date);
    row.runtime_minutes.set_if_not_equals(draft.runtime_minutes);
    row.directors.set_if_not_equals(draft.directors.clone());
    row.genres.set_if_not_equals(draft.genres.clone());
    row.synopsis.set_if_not_equals(draft.synopsis.clone());
    row.url.set_if_not_equals(draft.url.clone());
    let details = &draft.details;
    row.countries.set_if_not_equals(details.countries.clone());
    row.cast_members.set_if_not_equals(details.cast.clone());
    let titles = details.alternative_titles.iter();
    row.alternative_titles
        .set_if_not_equals(titles.map(AlternativeTitle::to_string).collect());
    let poster = details.poster.as_ref();
    row.poster_url
        .set_if_not_equals(poster.map(|poster| poster.url.clone()));
    row.poster_width
        .set_if_not_equals(poster.and_then(|poster| poster.width));
    row.poster_height
        .set_if_not_equals(poster.and_then(|poster| poster.height));
    row.poster_alt
        .set_if_not_equals(poster.and_then(|poster| poster.alt.clone()));
}

/// The mutation that deletes a film and its reviews.
#[derive(Clone, Debug)]
pub struct DeleteFilm {
    /// The key of the film; `None` if the input's id is invalid.
    pub id: Option<i64>,
    /// The version that the film must have, if the input gives one.
    pub expected_version: Option<i32>,
    /// Whether its reviews may be deleted too.
    pub with_reviews: bool,
    /// The errors that parsing the input has found.
    pub errors: UserErrors,
}

impl Command for DeleteFilm {
    type Done = DeletedRow;

    async fn run(&self, transaction: &Transaction) -> Result<CommandOutcome<DeletedRow>, DbErr> {
        let mut errors = self.errors.clone();
        let found = lock(
            self.id,
            self.expected_version,
            LockType::Update,
            transaction,
            &mut errors,
        )
        .await?;
        let Some(film) = found else {
            return Ok(CommandOutcome::Refused(errors.into_vec()));
        };
        let statement = "SELECT count(*) AS count FROM review WHERE film_id = $1";
        let count: Option<Count> = sql::one(transaction, statement, [film.id.into()]).await?;
        let reviews = count.map_or(0, |count| count.count);
        if reviews > 0 && !self.with_reviews {
            let message = format!(
                "the film has {reviews} reviews; set `withReviews: true` to delete them too"
            );
            errors.add("withReviews", InUse, message);
        }
        if !errors.is_empty() {
            return Ok(CommandOutcome::Refused(errors.into_vec()));
        }
        film::Entity::delete_by_id(film.id)
            .exec(transaction)
            .await?;
        Ok(CommandOutcome::Done(DeletedRow {
            id: film.id,
            reviews,
        }))
    }
}
