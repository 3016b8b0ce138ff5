//! Percentages.

use super::ScoreRule;
use super::amount::{Amount, Form};
use super::cursor::Cursor;
use super::quantity::Quantity;
use super::scaled_amount::ScaledAmount;
use super::token::{Lexeme, Token};

/// Parses `85%`, `85.5 percent` or `85 per cent`.
pub(super) fn read(lexemes: &[Lexeme]) -> Option<ScaledAmount> {
    let amount = Cursor::parse_all(lexemes, |cursor| {
        let amount = Amount::take(cursor)?;
        percent(cursor)?;
        Some(amount)
    })?;
    let is_number = !amount.is_spelled && amount.form != Form::Part;
    is_number.then(|| ScaledAmount::new(amount.value, Quantity::whole(100), ScoreRule::Percent))
}

fn percent(cursor: &mut Cursor) -> Option<()> {
    if cursor.word(&["per"]).is_some() {
        return cursor.word(&["cent"]);
    }
    let sign = cursor.take(|lexeme| matches!(lexeme.token, Token::Percent).then_some(()));
    sign.or_else(|| cursor.word(&["percent"]))
}
