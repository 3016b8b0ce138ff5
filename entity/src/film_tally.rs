//! The counts that a film's score is computed from. Only the database's triggers write them.

use sea_orm::entity::prelude::*;

#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "film_tally")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub film_id: i64,
    pub review_count: i32,
    pub scored_count: i32,
    /// 101 counts: the numbers of reviews with the score 0, 1, … 100.
    pub score_counts: Vec<i32>,
    pub unscored_positive: i32,
    pub unscored_mixed: i32,
    pub unscored_negative: i32,
    pub unrated: i32,
    /// Weights are in hundredths, here and below.
    pub unscored_positive_weight: i64,
    pub unscored_mixed_weight: i64,
    pub unscored_negative_weight: i64,
    /// The sum of score times weight.
    pub weighted_sum: i64,
    /// The sum of the weights of the scored reviews.
    pub weight: i64,
    pub recommended: i32,
    pub not_recommended: i32,
    pub first_reviewed_on: Option<Date>,
    pub last_reviewed_on: Option<Date>,
    /// The number of reviews by critics beyond the first one of each.
    pub repeated: i32,
    /// The score under the rules of the site. A trigger computes it.
    pub score: Option<i16>,
    #[sea_orm(belongs_to, from = "film_id", to = "id")]
    pub film: BelongsTo<super::film::Entity>,
}

impl ActiveModelBehavior for ActiveModel {}
