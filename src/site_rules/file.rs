//! The file of the rules, in TOML. It has all rules: what it leaves out has the value of a new site.

use std::{collections::BTreeMap, fmt::Write as _};

use toml::{Table, Value};

use super::{DateOrder, SiteRules, draft::RulesDraft};
use crate::score::Weighting;

/// The tables of the file with their keys, each with the name of the field in the API.
const TABLES: [(&str, &[(&str, &str)]); 3] = [
    (
        "scoring",
        &[
            ("minimum_reviews", "minimumReviews"),
            ("acclaim_from", "acclaimFrom"),
            ("positive_from", "positiveFrom"),
            ("mixed_from", "mixedFrom"),
            ("dislike_below", "dislikeBelow"),
            ("estimate", "estimate"),
            ("weighting", "weighting"),
        ],
    ),
    (
        "reading",
        &[
            ("stars_out_of", "starsOutOf"),
            ("bare_scores_out_of", "bareScoresOutOf"),
            ("date_order", "dateOrder"),
        ],
    ),
    (
        "reviews",
        &[("more_reviews_per_critic", "moreReviewsPerCritic")],
    ),
];

/// The table with the texts of labels, whose keys are locales.
const MESSAGES: &str = "messages";

/// Parses the text of a file.
///
/// # Errors
///
/// Returns all errors, or the first one if the text is not TOML.
pub fn parse(text: &str) -> Result<SiteRules, Vec<String>> {
    let table: Table = text
        .parse()
        .map_err(|error: toml::de::Error| vec![error.to_string().trim_end().to_owned()])?;
    let mut reader = Reader {
        table,
        errors: Vec::new(),
    };
    let draft = reader.draft();
    reader.report_unknown_keys();
    let mut errors = reader.errors;
    match draft.validate() {
        Ok(rules) if errors.is_empty() => Ok(rules),
        Ok(_) => Err(errors),
        Err(others) => {
            let others = others.into_vec().into_iter();
            errors.extend(others.map(|error| {
                let field = error.field.get(1).map_or("", String::as_str);
                format!("{}: {}", key_of(field), error.message)
            }));
            Err(errors)
        }
    }
}

/// Returns the key of a field of the API, with its table.
fn key_of(field: &str) -> String {
    let keys = TABLES
        .iter()
        .flat_map(|(table, keys)| keys.iter().map(move |key| (table, key)));
    let mut found = keys.filter(|(_, (_, name))| *name == field);
    found.next().map_or_else(
        || field.to_owned(),
        |(table, (key, _))| format!("{table}.{key}"),
    )
}

/// Takes the values out of a parsed file, so that the unknown keys remain.
struct Reader {
    table: Table,
    errors: Vec<String>,
}

impl Reader {
    fn draft(&mut self) -> RulesDraft {
        let mut draft = RulesDraft::default();
        let policy = &mut draft.policy;
        self.integer("scoring", "minimum_reviews", &mut policy.minimum_reviews);
        self.integer("scoring", "acclaim_from", &mut policy.acclaim_from);
        self.integer("scoring", "positive_from", &mut policy.positive_from);
        self.integer("scoring", "mixed_from", &mut policy.mixed_from);
        self.integer("scoring", "dislike_below", &mut policy.dislike_below);
        self.flag("scoring", "estimate", &mut policy.estimate);
        let weightings = Weighting::ALL.map(|weighting| (weighting.name(), weighting));
        let weighting = self.choice("scoring", "weighting", &weightings);
        policy.weighting = weighting.unwrap_or(policy.weighting);
        self.integer("reading", "stars_out_of", &mut draft.stars_out_of);
        let mut bare = 0;
        if self.integer("reading", "bare_scores_out_of", &mut bare) {
            draft.bare_scores_out_of = Some(bare);
        }
        let orders = DateOrder::ALL.map(|order| (order.name(), order));
        draft.date_order = self.choice("reading", "date_order", &orders);
        self.flag(
            "reviews",
            "more_reviews_per_critic",
            &mut draft.more_reviews_per_critic,
        );
        draft.messages = self.messages();
        draft
    }

    fn take(&mut self, table: &str, key: &str) -> Option<Value> {
        self.table.get_mut(table)?.as_table_mut()?.remove(key)
    }

    /// Reads an integer, and returns whether there is one.
    fn integer(&mut self, table: &str, key: &str, value: &mut i64) -> bool {
        match self.take(table, key) {
            Some(Value::Integer(given)) => {
                *value = given;
                return true;
            }
            Some(other) => self.expected("an integer", &format!("{table}.{key}"), &other),
            None => {}
        }
        false
    }

    fn flag(&mut self, table: &str, key: &str, value: &mut bool) {
        match self.take(table, key) {
            Some(Value::Boolean(given)) => *value = given,
            Some(other) => self.expected("true or false", &format!("{table}.{key}"), &other),
            None => {}
        }
    }

    fn choice<T: Copy>(&mut self, table: &str, key: &str, choices: &[(&str, T)]) -> Option<T> {
        let given = self.take(table, key)?;
        let name = given.as_str();
        let found = choices.iter().find(|(choice, _)| Some(*choice) == name);
        if found.is_none() {
            let names: Vec<String> = choices
                .iter()
                .map(|(choice, _)| format!("\"{choice}\""))
                .collect();
            self.expected(&names.join(" or "), &format!("{table}.{key}"), &given);
        }
        found.map(|(_, value)| *value)
    }

    fn messages(&mut self) -> BTreeMap<String, String> {
        let mut messages = BTreeMap::new();
        match self.table.remove(MESSAGES) {
            Some(Value::Table(table)) => {
                for (locale, text) in table {
                    match text {
                        Value::String(text) => drop(messages.insert(locale, text)),
                        other => self.expected("a text", &format!("{MESSAGES}.{locale}"), &other),
                    }
                }
            }
            Some(other) => self.expected("a table", MESSAGES, &other),
            None => {}
        }
        messages
    }

    fn expected(&mut self, expected: &str, key: &str, found: &Value) {
        self.errors.push(format!(
            "{key}: must be {expected}, not {} of type {}",
            shown(found),
            found.type_str()
        ));
    }

    fn report_unknown_keys(&mut self) {
        for (name, value) in std::mem::take(&mut self.table) {
            let known = TABLES.iter().find(|(table, _)| *table == name);
            match (known, value) {
                (Some((_, keys)), Value::Table(table)) => {
                    let names: Vec<&str> = keys.iter().map(|(key, _)| *key).collect();
                    let names = names.join(", ");
                    self.errors.extend(
                        table.keys().map(|key| {
                            format!("{name}.{key}: unknown key; [{name}] has {names}")
                        }),
                    );
                }
                (Some(_), other) => self.expected("a table", &name, &other),
                (None, _) => self.errors.push(format!(
                    "{name}: unknown key; the file has [scoring], [reading], [reviews] and [messages]"
                )),
            }
        }
    }
}

/// Returns a value as an error shows it: short.
fn shown(value: &Value) -> String {
    match value {
        Value::String(text) => format!("{:?}", text.chars().take(40).collect::<String>()),
        Value::Integer(number) => number.to_string(),
        Value::Float(number) => number.to_string(),
        Value::Boolean(flag) => flag.to_string(),
        Value::Datetime(time) => time.to_string(),
        Value::Array(_) | Value::Table(_) => "a value".to_owned(),
    }
}

/// Returns the text of the file for rules.
#[must_use]
pub fn format(rules: &SiteRules) -> String {
    let policy = rules.policy.draft();
    let reading = &rules.reading;
    let bare = match reading.bare_scores_out_of {
        Some(maximum) => format!("bare_scores_out_of = {maximum}"),
        None => "# bare_scores_out_of = 10".to_owned(),
    };
    let order = match reading.date_order {
        Some(order) => format!("date_order = \"{}\"", order.name()),
        None => "# date_order = \"dmy\"".to_owned(),
    };
    let mut text = format!(
        r#"# The rules of the site, generation {generation}. docs/site-rules.md describes them.

[scoring]
# The minimum number of reviews for a score.
minimum_reviews = {minimum}
# The lowest scores of the verdicts. Scores below the last one are "Overwhelming dislike".
acclaim_from = {acclaim}
positive_from = {positive}
mixed_from = {mixed}
dislike_below = {dislike}
# Whether unscored reviews with a sentiment count if too few reviews have a score.
estimate = {estimate}
# "by_publication": by the weights of the publications. "equal": all reviews alike.
weighting = "{weighting}"

[reading]
# The maximum number of stars of scores that don't state it.
stars_out_of = {stars}
# The maximum of scores that are a bare number. Without it, such a number is not read as a score.
{bare}
# The order in dates such as 3/4/2024: "dmy" or "mdy". Without it, such dates are rejected.
{order}

[reviews]
# Whether a critic may have a review of a film for each publication, not only one.
more_reviews_per_critic = {more}

# The texts of labels, by locale.
[messages]
"#,
        generation = rules.generation,
        minimum = policy.minimum_reviews,
        acclaim = policy.acclaim_from,
        positive = policy.positive_from,
        mixed = policy.mixed_from,
        dislike = policy.dislike_below,
        estimate = policy.estimate,
        weighting = policy.weighting.name(),
        stars = reading.stars_out_of,
        more = rules.more_reviews_per_critic,
    );
    for (locale, message) in &rules.messages {
        let _ = writeln!(text, "{locale} = \"\"\"\n{}\"\"\"", escaped(message));
    }
    text
}

/// Escapes a text for a multi-line string of TOML.
fn escaped(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '\\' => escaped.push_str("\\\\"),
            '"' => escaped.push_str("\\\""),
            '\n' | '\t' => escaped.push(character),
            control if control.is_ascii_control() => {
                let _ = write!(escaped, "\\u{:04X}", u32::from(control));
            }
            other => escaped.push(other),
        }
    }
    escaped
}

#[cfg(test)]
mod tests;
