//! Creates the rules of the site: one row with how scores are computed, and how reviews are read.
//!
//! The score of a film's tally was generated under fixed thresholds. Now a trigger computes it under the row, and a
//! change of the row computes all scores again, in the same transaction. The change first locks the tallies against
//! writers. A writer that has changed a tally holds a lock until its end, so it ends before; one that comes later waits,
//! and then reads the new row. So no tally keeps a score under earlier rules.
//!
//! Nothing else depends on the rules: tallies count reviews by score.

use crate::{SqlMigration, m20261120_000004_create_tallies::FILM_SCORE};

pub(crate) fn migration() -> SqlMigration {
    SqlMigration {
        name: "m20261130_000023_create_site_rules",
        up: [CREATE, SCORE, CHANGE, RESTORE, REPLICATE].concat(),
        down: [DOWN, FILM_SCORE].concat(),
    }
}

/// The trigger that sends the notifications of a change of the rules.
pub(crate) const NOTIFYING_TRIGGER: &str = "site_rules_apply";

const CREATE: &str = "
CREATE TABLE site_rules (
    id                      boolean PRIMARY KEY DEFAULT true,
    generation              bigint NOT NULL DEFAULT 1,
    minimum_reviews         integer NOT NULL DEFAULT 4,
    acclaim_from            smallint NOT NULL DEFAULT 81,
    positive_from           smallint NOT NULL DEFAULT 61,
    mixed_from              smallint NOT NULL DEFAULT 40,
    dislike_below           smallint NOT NULL DEFAULT 20,
    estimate                boolean NOT NULL DEFAULT true,
    weighting               text NOT NULL DEFAULT 'by_publication',
    stars_out_of            integer NOT NULL DEFAULT 4,
    bare_scores_out_of      integer,
    date_order              text,
    more_reviews_per_critic boolean NOT NULL DEFAULT false,
    messages                jsonb NOT NULL DEFAULT '{}',
    CONSTRAINT site_rules_are_one_row CHECK (id),
    CONSTRAINT site_rules_generation_positive CHECK (generation > 0),
    CONSTRAINT site_rules_minimum_range CHECK (minimum_reviews BETWEEN 1 AND 1000000),
    CONSTRAINT site_rules_thresholds_descend CHECK (
        acclaim_from <= 100 AND positive_from < acclaim_from AND mixed_from < positive_from
        AND dislike_below < mixed_from AND dislike_below >= 1
    ),
    CONSTRAINT site_rules_weighting_known CHECK (weighting IN ('by_publication', 'equal')),
    CONSTRAINT site_rules_stars_range CHECK (stars_out_of BETWEEN 1 AND 100),
    CONSTRAINT site_rules_bare_scores_range CHECK (bare_scores_out_of BETWEEN 1 AND 1000),
    CONSTRAINT site_rules_date_order_known CHECK (date_order IN ('dmy', 'mdy')),
    CONSTRAINT site_rules_messages_are_an_object CHECK (jsonb_typeof(messages) = 'object')
);
INSERT INTO site_rules DEFAULT VALUES;
COMMENT ON TABLE site_rules IS 'The rules of the site, in one row: how scores are computed, and how reviews are read.';
COMMENT ON COLUMN site_rules.generation IS 'A trigger increments it with each change.';
COMMENT ON COLUMN site_rules.weighting IS 'by_publication: reviews count by the weights of their publications. equal: all reviews count alike.';
COMMENT ON COLUMN site_rules.bare_scores_out_of IS 'The maximum of scores that are a bare number. If null, such a number is not read as a score.';
COMMENT ON COLUMN site_rules.date_order IS 'dmy or mdy: the order in dates of digits. If null, dates are read only if their form is unambiguous.';
COMMENT ON COLUMN site_rules.messages IS 'The texts of labels, by locale.';
";

/// PostgreSQL may evaluate a division of known numbers before it chooses a branch, so no divisor is zero.
///
/// The two functions have parsed bodies, so that they don't depend on the path of the session. PostgreSQL inserts
/// `film_score` into the statements that use it. `score::Policy` is the reference; tests compare the two.
///
/// Above READ COMMITTED a transaction may see earlier rules. Locking the row makes it fail then.
///
/// In one statement with the read of the row, the expression would be planned for each tally, which takes ten times as
/// long. Setting the path takes some microseconds, which is too much for each row. So the trigger's function names the schema.
const SCORE: &str = "
CREATE FUNCTION sum_of_scores(counts integer[]) RETURNS bigint LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN (SELECT sum((position - 1) * reviews)::bigint FROM unnest(counts) WITH ORDINALITY AS counted (reviews, position));

CREATE FUNCTION film_score(tally film_tally, rules site_rules) RETURNS smallint LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN (CASE
    WHEN tally.scored_count >= rules.minimum_reviews THEN
        CASE rules.weighting
            WHEN 'equal' THEN
                (2 * sum_of_scores(tally.score_counts) + tally.scored_count) / nullif(2 * tally.scored_count::bigint, 0)
            ELSE (2 * tally.weighted_sum + tally.weight) / nullif(2 * tally.weight, 0)
        END
    WHEN rules.estimate
        AND tally.scored_count + tally.unscored_positive + tally.unscored_mixed + tally.unscored_negative >= rules.minimum_reviews
    THEN
        CASE rules.weighting
            WHEN 'equal' THEN
                (
                    2 * sum_of_scores(tally.score_counts)
                    + (rules.positive_from + 100) * tally.unscored_positive::bigint
                    + (rules.mixed_from + rules.positive_from - 1) * tally.unscored_mixed::bigint
                    + (rules.mixed_from - 1) * tally.unscored_negative::bigint
                    + (tally.scored_count + tally.unscored_positive + tally.unscored_mixed + tally.unscored_negative)
                )
                / nullif(
                    2 * (tally.scored_count + tally.unscored_positive + tally.unscored_mixed + tally.unscored_negative)::bigint,
                    0
                )
            ELSE
                (
                    2 * tally.weighted_sum
                    + (rules.positive_from + 100) * tally.unscored_positive_weight
                    + (rules.mixed_from + rules.positive_from - 1) * tally.unscored_mixed_weight
                    + (rules.mixed_from - 1) * tally.unscored_negative_weight
                    + (
                        tally.weight + tally.unscored_positive_weight
                        + tally.unscored_mixed_weight + tally.unscored_negative_weight
                    )
                )
                / nullif(
                    2 * (
                        tally.weight + tally.unscored_positive_weight
                        + tally.unscored_mixed_weight + tally.unscored_negative_weight
                    ),
                    0
                )
        END
END)::smallint;

ALTER TABLE film_tally ALTER COLUMN score DROP EXPRESSION;

DO $migration$ BEGIN
EXECUTE format(
    $body$
    CREATE FUNCTION film_tally_score() RETURNS trigger LANGUAGE plpgsql AS $$
    DECLARE
        rules %1$I.site_rules;
    BEGIN
        IF current_setting('transaction_isolation') <> 'read committed' THEN
            PERFORM FROM %1$I.site_rules FOR SHARE;
        END IF;
        SELECT * INTO rules FROM %1$I.site_rules;
        NEW.score := %1$I.film_score(NEW, rules);
        RETURN NEW;
    END
    $$
    $body$,
    current_schema()
);
END $migration$;
CREATE TRIGGER film_tally_score BEFORE INSERT OR UPDATE ON film_tally
    FOR EACH ROW EXECUTE FUNCTION film_tally_score();
";

/// A trigger for a statement fires before its rows are locked. So all changes of the rules wait for each other at the
/// same lock.
const CHANGE: &str = r#"
CREATE FUNCTION site_rules_lock() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF current_setting('transaction_isolation') <> 'read committed' THEN
        RAISE EXCEPTION 'the rules of the site can be changed under READ COMMITTED only' USING ERRCODE = 'serialization_failure';
    END IF;
    LOCK TABLE film_tally IN EXCLUSIVE MODE;
    RETURN NULL;
END
$$;
CREATE TRIGGER site_rules_lock BEFORE UPDATE ON site_rules FOR EACH STATEMENT EXECUTE FUNCTION site_rules_lock();

CREATE FUNCTION site_rules_count() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    NEW.generation := OLD.generation;
    IF NEW IS DISTINCT FROM OLD THEN
        NEW.generation := OLD.generation + 1;
    END IF;
    RETURN NEW;
END
$$;
CREATE TRIGGER site_rules_count BEFORE UPDATE ON site_rules FOR EACH ROW EXECUTE FUNCTION site_rules_count();

CREATE FUNCTION site_rules_apply() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NOT EXISTS (SELECT FROM old_rows JOIN new_rows USING (id) WHERE old_rows.generation <> new_rows.generation) THEN
        RETURN NULL;
    END IF;
    UPDATE film_tally AS tally SET score = film_score(tally, rules)
    FROM site_rules AS rules
    WHERE tally.score IS DISTINCT FROM film_score(tally, rules);
    PERFORM pg_notify(notification_channel('marquee_stale', TG_TABLE_SCHEMA), 's1 *');
    PERFORM pg_notify(notification_channel('marquee_changes', TG_TABLE_SCHEMA), '{"everything":{}}');
    RETURN NULL;
END
$$;
CREATE TRIGGER site_rules_apply AFTER UPDATE ON site_rules
    REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows
    FOR EACH STATEMENT EXECUTE FUNCTION site_rules_apply();

CREATE FUNCTION site_rules_stay() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'the rules of the site can''t be deleted; reset them by marquee rules reset' USING ERRCODE = 'restrict_violation';
END
$$;
CREATE TRIGGER site_rules_stay BEFORE DELETE OR TRUNCATE ON site_rules
    FOR EACH STATEMENT EXECUTE FUNCTION site_rules_stay();

DO $migration$ BEGIN
EXECUTE format('ALTER FUNCTION %1$I.site_rules_lock() SET search_path = %1$I, pg_temp', current_schema());
EXECUTE format('ALTER FUNCTION %1$I.site_rules_apply() SET search_path = %1$I, pg_temp', current_schema());
END $migration$;
"#;

/// A dump of data has the row of its rules, and the table has one already. The empty `search_path` is that of `pg_dump`
/// and `pg_restore`.
const RESTORE: &str = "
CREATE FUNCTION site_rules_restore() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    UPDATE site_rules SET
        minimum_reviews = NEW.minimum_reviews, acclaim_from = NEW.acclaim_from, positive_from = NEW.positive_from,
        mixed_from = NEW.mixed_from, dislike_below = NEW.dislike_below, estimate = NEW.estimate,
        weighting = NEW.weighting, stars_out_of = NEW.stars_out_of, bare_scores_out_of = NEW.bare_scores_out_of,
        date_order = NEW.date_order, more_reviews_per_critic = NEW.more_reviews_per_critic, messages = NEW.messages;
    RETURN CASE WHEN FOUND THEN NULL ELSE NEW END;
END
$$;
CREATE TRIGGER site_rules_restore BEFORE INSERT ON site_rules FOR EACH ROW
    WHEN (pg_trigger_depth() = 0 AND current_setting('search_path') = '') EXECUTE FUNCTION site_rules_restore();
DO $migration$ BEGIN
EXECUTE format('ALTER FUNCTION %1$I.site_rules_restore() SET search_path = %1$I, pg_temp', current_schema());
END $migration$;
";

/// In sessions that apply replicated changes, the other triggers don't fire. The scores are replicated themselves.
const REPLICATE: &str = r#"
CREATE FUNCTION site_rules_announce_replicated() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM pg_notify(notification_channel('marquee_stale', TG_TABLE_SCHEMA), 's1 *');
    PERFORM pg_notify(notification_channel('marquee_changes', TG_TABLE_SCHEMA), '{"everything":{}}');
    RETURN NULL;
END
$$;
CREATE TRIGGER site_rules_announce_replicated AFTER INSERT OR UPDATE OR DELETE ON site_rules
    FOR EACH ROW EXECUTE FUNCTION site_rules_announce_replicated();
ALTER TABLE site_rules ENABLE REPLICA TRIGGER site_rules_announce_replicated;
DO $migration$ BEGIN
EXECUTE format('ALTER FUNCTION %1$I.site_rules_announce_replicated() SET search_path = %1$I, pg_temp', current_schema());
END $migration$;
"#;

/// The scores are computed under the fixed thresholds again.
const DOWN: &str = "
DROP TRIGGER film_tally_score ON film_tally;
DROP FUNCTION film_tally_score();
DROP FUNCTION film_score(film_tally, site_rules);
DROP FUNCTION sum_of_scores(integer[]);
DROP TABLE site_rules;
DROP FUNCTION site_rules_lock();
DROP FUNCTION site_rules_count();
DROP FUNCTION site_rules_apply();
DROP FUNCTION site_rules_stay();
DROP FUNCTION site_rules_restore();
DROP FUNCTION site_rules_announce_replicated();
ALTER TABLE film_tally DROP COLUMN score;
";
