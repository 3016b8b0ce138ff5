//! A film that is reviewed.

use sea_orm::entity::prelude::*;

#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "film")]
pub struct Model {
    #[sea_orm(primary_key)]
    pub id: i64,
    /// Lower-case letters, digits and single hyphens.
    #[sea_orm(unique)]
    pub slug: String,
    pub title: String,
    pub year: Option<i16>,
    pub release_date: Option<Date>,
    pub runtime_minutes: Option<i32>,
    pub directors: Vec<String>,
    pub genres: Vec<String>,
    pub synopsis: Option<String>,
    pub url: Option<String>,
    pub countries: Vec<String>,
    pub cast_members: Vec<String>,
    /// Each with the tag of its language in brackets behind it, if it is known.
    pub alternative_titles: Vec<String>,
    pub poster_url: Option<String>,
    pub poster_width: Option<i32>,
    pub poster_height: Option<i32>,
    pub poster_alt: Option<String>,
    /// The version of the row, starting at 1. A trigger increments it, also when it is written.
    pub version: i32,
    #[sea_orm(default_expr = "Expr::current_timestamp()")]
    pub created_at: DateTimeUtc,
    #[sea_orm(default_expr = "Expr::current_timestamp()")]
    pub updated_at: DateTimeUtc,
    #[sea_orm(has_many)]
    pub reviews: HasMany<super::review::Entity>,
    #[sea_orm(has_many)]
    pub published_scores: HasMany<super::published_score::Entity>,
    #[sea_orm(has_one)]
    pub tally: HasOne<super::film_tally::Entity>,
}

impl ActiveModelBehavior for ActiveModel {}
