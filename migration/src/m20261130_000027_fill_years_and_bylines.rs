//! Fills in the years of films that have a release date, and the bylines of reviews that have a critic, as the API and the
//! imports do since.
//!
//! The films get a new version. A review's byline was shown as empty while its critic was known, so filling it in is no
//! change of what it says: the reviews get neither a new version nor a revision, and their tallies stay as they are.
//! Without these triggers, 120,000 reviews take five seconds. Other writers of reviews wait meanwhile.

use crate::SqlMigration;

pub(crate) fn migration() -> SqlMigration {
    SqlMigration {
        name: "m20261130_000027_fill_years_and_bylines",
        up: UP.to_owned(),
        down: DOWN.to_owned(),
    }
}

const UP: &str = r#"
UPDATE film SET year = extract(year FROM release_date)
WHERE year IS NULL AND extract(year FROM release_date) BETWEEN 1870 AND 2200;

DO $migration$
DECLARE
    triggers text[];
    trigger_name text;
BEGIN
    IF NOT EXISTS (SELECT FROM review WHERE byline IS NULL AND critic_id IS NOT NULL) THEN
        RETURN;
    END IF;
    -- Those that fire for replicated changes only have another state, and stay as they are.
    SELECT array_agg(tgname) INTO triggers FROM pg_trigger
    WHERE tgrelid = 'review'::regclass AND NOT tgisinternal AND tgenabled = 'O';
    FOREACH trigger_name IN ARRAY triggers LOOP
        EXECUTE format('ALTER TABLE review DISABLE TRIGGER %I', trigger_name);
    END LOOP;
    UPDATE review SET byline = critic.name FROM critic WHERE critic.id = review.critic_id AND review.byline IS NULL;
    FOREACH trigger_name IN ARRAY triggers LOOP
        EXECUTE format('ALTER TABLE review ENABLE TRIGGER %I', trigger_name);
    END LOOP;
    PERFORM pg_notify(notification_channel('marquee_stale', current_schema()), '*');
    PERFORM pg_notify(notification_channel('marquee_changes', current_schema()), '{"resync":{}}');
END
$migration$;
"#;

/// The values stay: which of them were filled in is not known.
const DOWN: &str = "SELECT";
