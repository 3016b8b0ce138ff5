//! Reads the rows of published scores.

use std::num::NonZeroU16;

use crate::{
    published_score::{Audience, Kind, MAX_SCALE},
    review::original_score::{self, DefaultScales},
    score::Points,
};

use super::{
    Column, Defaults, RowKind,
    cell::{VariantNames, number},
    read::source,
    record::PublishedScoreRecord,
    row::Row,
};

/// The names of the measures of published scores in files.
pub(super) const MEASURE_NAMES: VariantNames<Kind> = VariantNames {
    all: &[Kind::Score, Kind::PercentRecommended],
    name: |kind| match kind {
        Kind::Score => "score",
        Kind::PercentRecommended => "percent_recommended",
    },
};
/// The names of the audiences of published scores in files.
pub(super) const AUDIENCE_NAMES: VariantNames<Audience> = VariantNames {
    all: &[Audience::Critics, Audience::Public],
    name: |audience| match audience {
        Audience::Critics => "critics",
        Audience::Public => "public",
    },
};

/// Reads a published score. Returns `None` if an error makes a record impossible.
pub(super) fn read(row: &mut Row<'_, '_>, defaults: &Defaults) -> Option<PublishedScoreRecord> {
    let source = source(row, defaults);
    if source.is_none() && !row.has_value(Column::Source) {
        let reason =
            "a published score needs a source: fill in the column source, or pass --source";
        row.add_error(Column::Source, reason);
    }
    let measure = row.read(Column::Measure, |cell| MEASURE_NAMES.read(cell));
    if !row.has_value(Column::Measure) {
        row.add_error(
            Column::Measure,
            "a published score needs a measure: score or percent_recommended",
        );
    }
    let audience = row.read(Column::Audience, |cell| AUDIENCE_NAMES.read(cell));
    if !row.has_value(Column::OriginalScore) {
        row.require_either(RowKind::PublishedScore, Column::Score, Column::Label);
    }
    let film = row.film(RowKind::PublishedScore);
    let value = value(row, defaults);
    let label = row.name(Column::Label);
    let [review_count, positive_count, mixed_count, negative_count] = [
        Column::ReviewCount,
        Column::PositiveCount,
        Column::MixedCount,
        Column::NegativeCount,
    ]
    .map(|column| row.count(column));
    Some(PublishedScoreRecord {
        film,
        source: source?,
        kind: measure?,
        audience: audience.unwrap_or_default(),
        value: value.points,
        scale: value.scale,
        original_value: value.original,
        label,
        review_count,
        positive_count,
        mixed_count,
        negative_count,
    })
}

/// The columns of the value.
struct Value {
    points: Option<Points>,
    scale: Option<NonZeroU16>,
    original: Option<String>,
}

/// Reads the value. Without a score, it is that of the original score on the scale.
fn value(row: &mut Row<'_, '_>, defaults: &Defaults) -> Value {
    let given = row.read(Column::Score, number::published_points);
    if given == Some(None) && !row.has_value(Column::Label) {
        row.add_error(
            Column::Score,
            "says that there is no score yet: leave out the row, or fill in label",
        );
    }
    let given = given.flatten();
    let scale = row.read(Column::Scale, |cell| {
        number::within(cell, 1..=i32::from(MAX_SCALE))
    });
    let scale = scale.and_then(|scale| NonZeroU16::new(u16::try_from(scale).ok()?));
    let original = row.short(Column::OriginalScore);
    let points = match &original {
        Some(text) if !row.has_value(Column::Score) => read_original(row, text, scale, defaults),
        _ => given,
    };
    let has_value = row.has_value(Column::Score) || row.has_value(Column::OriginalScore);
    if row.has_value(Column::Scale) && !has_value {
        let reason = "is allowed only together with original_score or score";
        row.add_error(Column::Scale, reason);
    }
    Value {
        points,
        scale,
        original,
    }
}

/// Reads the original score. The scale of the row counts for numbers and stars that don't state theirs. If the row has an
/// invalid scale, the score is not read, so that the row has only that error.
fn read_original(
    row: &mut Row<'_, '_>,
    text: &str,
    scale: Option<NonZeroU16>,
    defaults: &Defaults,
) -> Option<Points> {
    if scale.is_none() && row.has_value(Column::Scale) {
        return None;
    }
    let scales = DefaultScales {
        bare: scale,
        stars: scale.unwrap_or(defaults.scales().stars),
    };
    let reading = original_score::read(text, &scales);
    let reason = match reading {
        Ok(reading) => return Some(reading.score),
        Err(reason) => reason,
    };
    let help = "fill in the column scale if it is a number, or score";
    row.add_error(
        Column::OriginalScore,
        format!("can't be read as a value from 0 to its maximum, because it is {reason}; {help}"),
    );
    None
}
