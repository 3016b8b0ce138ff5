//! Scores that an earlier import could read, and this one can't.

/// The statement that keeps the stored score of a review whose original score is the same text, or the same bare number
/// with its scale. The score was read by a scale that the site or an option gave then. The text still says the same, so an
/// import without this scale is no reason to remove the score. `updateReview` keeps it in the same way.
pub const KEEP: &str = "
UPDATE import_review AS staged
SET score = stored.score, original_score = stored.original_score, score_rule = stored.score_rule
FROM import_match AS matched JOIN review AS stored ON stored.id = matched.review_id
WHERE matched.row_position = staged.row_position AND staged.score IS NULL AND staged.original_score IS NOT NULL
    AND stored.score_rule <> 'given' AND (
        stored.original_score = staged.original_score
        OR stored.score_rule = 'fraction' AND starts_with(stored.original_score, staged.original_score || '/')
            AND substr(stored.original_score, length(staged.original_score) + 2) ~ '^[0-9]+$'
    )";
