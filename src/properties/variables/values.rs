//! Generates values of the input types of the schema, from choices.

use async_graphql::parser::types::{BaseType, Type};
use chrono::NaiveDate;
use serde_json::{Map, Value, json};

use super::request::RequestGenerator;
use crate::{
    document::schema::types::{Input, Kind},
    global_id::{GlobalId, Kind as IdKind},
    pagination::{Direction, KeyKind, OrderTag, Position, SortKey},
};

impl<'a, C: Iterator<Item = u8>> RequestGenerator<'a, C> {
    pub(super) fn value(&mut self, ty: &'a Type, depth: usize) -> Value {
        match self.choice() % 16 {
            14 => return Value::Null,
            15 => return self.value_of_another_type(),
            _ => {}
        }
        let name = match &ty.base {
            BaseType::Named(name) => name.as_str(),
            BaseType::List(inner) => {
                let length = *self.pick(&[1, 0, 2, 3, 30, 31, 50, 51, 100, 101, 501, 1_001]);
                let (one, other) = (self.value(inner, depth), self.value(inner, depth));
                let differ = self.choice() % 2 == 1;
                let item = |index: usize| match &one {
                    Value::String(text) if differ => json!(format!("{text}{index}")),
                    one if index.is_multiple_of(2) => one.clone(),
                    _ => other.clone(),
                };
                return (0..length).map(item).collect();
            }
        };
        match self.schema.find(name).map(|ty| &ty.kind) {
            Some(Kind::Enum(names)) => {
                let mut names: Vec<_> = names.iter().collect();
                names.sort();
                json!(self.pick(&names))
            }
            Some(Kind::Input { fields, one_of }) => self.object(fields, *one_of, depth + 1),
            _ => self.scalar(name),
        }
    }

    fn object(&mut self, fields: &'a [Input], one_of: bool, depth: usize) -> Value {
        let mut object = Map::new();
        if one_of {
            let field = self.pick(fields);
            object.insert(field.name.clone(), self.value(&field.ty, depth));
        } else {
            for field in fields {
                if !field.ty.nullable || self.choice() % 3 == 1 {
                    object.insert(field.name.clone(), self.value(&field.ty, depth));
                }
            }
        }
        if self.choice() % 32 == 31 {
            object.insert("another".to_owned(), json!(1));
        }
        Value::Object(object)
    }

    fn scalar(&mut self, name: &str) -> Value {
        let choice = self.choice();
        match name {
            "Int" => json!(*self.pick(&[1, 0, -1, 100, 101, i32::MAX, i32::MIN, 1996])),
            "Float" => json!(*self.pick(&[1.0, 0.0, -1.0, 0.005, 100.0, 1e300, f64::MIN])),
            "Boolean" => json!(choice % 2 == 1),
            "Date" => {
                let dates = ["2013-07-15", "0001-01-01", "9999-12-31", "2013-02-30", ""];
                json!(self.pick(&dates))
            }
            "Locale" => json!(self.pick(&["de", "zh-Hant-TW", "x", ""])),
            "DateTime" => {
                let timestamps = [
                    "2013-07-15T09:30:00Z",
                    "9999-12-31T23:59:59+14:00",
                    "0001-01-01T00:00:00Z",
                    "x",
                ];
                json!(self.pick(&timestamps))
            }
            "ID" if choice % 4 < 3 => {
                let kinds = [
                    IdKind::Film,
                    IdKind::Critic,
                    IdKind::Publication,
                    IdKind::Review,
                    IdKind::ApiToken,
                ];
                let kind = *self.pick(&kinds);
                let key = *self.pick(&[1, 2, 0, -1, i64::MAX, i64::MIN]);
                json!(GlobalId { kind, key }.encode())
            }
            "String" if choice % 4 == 3 => json!(self.cursor()),
            _ => json!(self.text()),
        }
    }

    /// Generates a string of any length, from pieces that have a special meaning somewhere.
    pub(super) fn text(&mut self) -> String {
        let pieces = [
            "a",
            "%",
            "\\",
            "'",
            "\0",
            "\n",
            "\u{301}",
            "\u{6f22}",
            "\u{1f600}",
            "\u{202e}",
            " ",
            "-",
            "1/5",
            "\"",
            "\u{130}",
            "https://a.example/",
            "Positive: 3 out of 5\n",
        ];
        let times = *self.pick(&[1, 0, 2, 7, 64, 65, 200, 300, 301, 2_000, 2_001, 10_001]);
        let piece = *self.pick(&pieces);
        let end = *self.pick(&pieces);
        piece.repeat(times) + end
    }

    fn cursor(&mut self) -> String {
        let orders = [
            ("title", KeyKind::Text, false),
            ("added", KeyKind::None, true),
            ("score", KeyKind::Number, true),
            ("date", KeyKind::Date, true),
            ("name", KeyKind::Text, false),
            ("reviewCount", KeyKind::Number, false),
        ];
        let (name, kind, nullable) = *self.pick(&orders);
        let direction = *self.pick(&[Direction::Ascending, Direction::Descending]);
        let order = OrderTag {
            name,
            kind,
            is_nullable: nullable,
            direction,
        };
        let key = match kind {
            KeyKind::None => SortKey::Missing,
            KeyKind::Number => SortKey::Number(*self.pick(&[0, 80, -1, i64::MAX, i64::MIN])),
            KeyKind::Text | KeyKind::FoldedText => SortKey::Text(self.text()),
            KeyKind::Date => {
                SortKey::Date(*self.pick(&[NaiveDate::default(), NaiveDate::MIN, NaiveDate::MAX]))
            }
        };
        let id = *self.pick(&[1, 0, -1, i64::MAX, i64::MIN]);
        Position { key, id }.to_cursor(order)
    }
}
