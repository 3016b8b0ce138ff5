//! The migrations of Marquee's database, one a file, in the order of their names.
//!
//! They are plain SQL instead of a query builder's: the tallies need triggers with transition tables, generated columns
//! and partial indexes, which no builder supports.
//!
//! A released migration is never edited. A change that breaks a running server is split into three: expand, backfill,
//! contract.

mod m20261120_000001_create_catalogue;
mod m20261120_000002_create_review;
mod m20261120_000003_create_published_score;
mod m20261120_000004_create_tallies;
mod m20261120_000005_create_external_ids;
mod m20261120_000006_create_review_revision;
mod m20261120_000007_create_versions;
mod m20261120_000008_create_api_token;
mod m20261120_000009_create_idempotency_key;
mod m20261120_000010_notify_changes;
mod m20261120_000011_guard_tokens;
mod m20261120_000012_tell_stale;
mod m20261120_000013_tally_one_review;
mod m20261128_000014_cover_latest;
mod m20261129_000015_index_lower_case;
mod m20261129_000016_join_changes_by_hash;
mod m20261129_000017_count_by_month;
mod m20261130_000018_index_classes;
mod m20261130_000019_separate_schemas;
mod m20261130_000020_fold_text;
mod m20261130_000022_notify_replicated_changes;
mod m20261130_000023_create_site_rules;
mod m20261130_000024_count_by_score;
mod m20261130_000025_create_erasure;
mod m20261130_000026_count_critics;
mod m20261130_000027_fill_years_and_bylines;
mod m20261130_000028_scale_published_scores;
mod m20261130_000029_announce_external_ids;
mod m20261130_000030_count_added_reviews;
mod m20261130_000031_find_similar_names;
mod m20261130_000032_count_repeated_reviews;
mod m20261201_000033_lock_tallies_first;
mod m20261201_000034_create_search;
mod m20261201_000035_describe_films;

pub use sea_orm_migration::{MigratorTrait, migrator::MigrationStatus};

use sea_orm_migration::{
    MigrationName, MigrationTrait, SchemaManager,
    async_trait::async_trait,
    sea_orm::{ConnectionTrait, DbErr},
};

/// Every migration, oldest first.
#[derive(Debug)]
pub struct Migrator;

impl MigratorTrait for Migrator {
    fn migrations() -> Vec<Box<dyn MigrationTrait>> {
        vec![
            Box::new(m20261120_000001_create_catalogue::migration()),
            Box::new(m20261120_000002_create_review::migration()),
            Box::new(m20261120_000003_create_published_score::migration()),
            Box::new(m20261120_000004_create_tallies::migration()),
            Box::new(m20261120_000005_create_external_ids::migration()),
            Box::new(m20261120_000006_create_review_revision::migration()),
            Box::new(m20261120_000007_create_versions::migration()),
            Box::new(m20261120_000008_create_api_token::migration()),
            Box::new(m20261120_000009_create_idempotency_key::migration()),
            Box::new(m20261120_000010_notify_changes::migration()),
            Box::new(m20261120_000011_guard_tokens::migration()),
            Box::new(m20261120_000012_tell_stale::migration()),
            Box::new(m20261120_000013_tally_one_review::migration()),
            Box::new(m20261128_000014_cover_latest::migration()),
            Box::new(m20261129_000015_index_lower_case::migration()),
            Box::new(m20261129_000016_join_changes_by_hash::migration()),
            Box::new(m20261129_000017_count_by_month::migration()),
            Box::new(m20261130_000018_index_classes::migration()),
            Box::new(m20261130_000019_separate_schemas::migration()),
            Box::new(m20261130_000020_fold_text::migration()),
            Box::new(m20261130_000022_notify_replicated_changes::migration()),
            Box::new(m20261130_000023_create_site_rules::migration()),
            Box::new(m20261130_000024_count_by_score::migration()),
            Box::new(m20261130_000025_create_erasure::migration()),
            Box::new(m20261130_000026_count_critics::migration()),
            Box::new(m20261130_000027_fill_years_and_bylines::migration()),
            Box::new(m20261130_000028_scale_published_scores::migration()),
            Box::new(m20261130_000029_announce_external_ids::migration()),
            Box::new(m20261130_000030_count_added_reviews::migration()),
            Box::new(m20261130_000031_find_similar_names::migration()),
            Box::new(m20261130_000032_count_repeated_reviews::migration()),
            Box::new(m20261201_000033_lock_tallies_first::migration()),
            Box::new(m20261201_000034_create_search::migration()),
            Box::new(m20261201_000035_describe_films::migration()),
        ]
    }
}

/// Returns the names of the triggers that send notifications of changes. While one of them is missing or disabled, changes
/// are not notified.
#[must_use]
pub fn notification_triggers() -> Vec<String> {
    m20261120_000010_notify_changes::trigger_names()
        .chain(m20261120_000012_tell_stale::trigger_names())
        .chain(m20261130_000029_announce_external_ids::trigger_names())
        .chain([m20261130_000023_create_site_rules::NOTIFYING_TRIGGER.to_owned()])
        .collect()
}

/// A migration that consists of one SQL string to apply and one to revert.
struct SqlMigration {
    name: &'static str,
    up: String,
    down: String,
}

impl MigrationName for SqlMigration {
    fn name(&self) -> &str {
        self.name
    }
}

#[async_trait]
impl MigrationTrait for SqlMigration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let connection = manager.get_connection();
        connection.execute_unprepared(&self.up).await.map(drop)
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let connection = manager.get_connection();
        connection.execute_unprepared(&self.down).await.map(drop)
    }
}
