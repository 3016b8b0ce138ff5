//! Keyset pagination in SQL.

use sea_orm::sea_query::{
    Asterisk, Condition, Expr, ExprTrait, IntoCondition, NullOrdering, Order, Query,
    SelectStatement, UnionType, Value,
};

use crate::pagination::{Direction, PageRequest, Position, SortKey};

/// The order of a list: by a column and then by id, or by id alone.
///
/// Rows without a value come last in either direction. Rows with equal values are in ascending order of id. A list that
/// is sorted by id alone follows the direction.
#[derive(Clone, Debug)]
pub struct Keyset {
    /// The column to sort by; `None` to sort by id alone.
    pub key: Option<Expr>,
    /// Whether the column may be null.
    pub is_nullable: bool,
    /// Whether the only index is descending, with nulls last. It also has the ascending order of the values, backwards,
    /// but then nulls come first. So rows without a value are another range.
    pub is_index_descending: bool,
    /// The lowest and the highest value of the column, if a filter allows only these or null.
    pub key_range: Option<(Value, Value)>,
    /// The id, which breaks ties.
    pub id: Expr,
    /// The direction of the order.
    pub direction: Direction,
}

impl Keyset {
    /// Returns the statement for the rows of `select` between the cursors of a request, sorted from the requested end, at
    /// most [`PageRequest::fetch_limit`].
    ///
    /// If the column may be null, there is a cursor, and no single range of the index has the rows, the statement is a
    /// union of a page of each range. It then returns up to three pages in any order. The caller sorts them by
    /// [`Page::from_unsorted_rows`](crate::pagination::Page::from_unsorted_rows).
    #[must_use]
    pub fn page(&self, select: SelectStatement, request: &PageRequest) -> SelectStatement {
        let mut pages = self.ranges(request).into_iter().map(|range| {
            let mut page = select.clone();
            self.sort(&mut page, &range, request.is_from_end);
            page.cond_where(range.bounded(self));
            page.limit(request.fetch_limit());
            page
        });
        let Some(first) = pages.next() else {
            return select;
        };
        let mut others = pages.peekable();
        if others.peek().is_none() {
            return first;
        }
        let all_of = |page| {
            Query::select()
                .column(Asterisk)
                .from_subquery(page, "page")
                .take()
        };
        let mut union = all_of(first);
        for page in others {
            union.union(UnionType::All, all_of(page));
        }
        union
    }

    /// Returns the ranges of rows between the cursors. An index scan can start at the beginning of each, and stops at its
    /// end.
    fn ranges(&self, request: &PageRequest) -> Vec<Range> {
        match (&request.after, &request.before) {
            (Some(after), None) => self.ranges_after(after),
            (Some(after), Some(before)) => {
                let before = self.before(before);
                let ranges = self.ranges_after(after).into_iter();
                ranges.map(|range| range.and(before.clone())).collect()
            }
            (None, Some(before)) => self.ranges_before(before),
            (None, None) => self.all_rows(),
        }
    }

    fn all_rows(&self) -> Vec<Range> {
        let is_ascending = self.direction == Direction::Ascending;
        match &self.key {
            Some(key) if self.key_range.is_some() => vec![
                Range::of_keys(Condition::all()),
                Range::of_nulls(key.clone().is_null()),
            ],
            Some(key) if self.is_nullable && self.is_index_descending && is_ascending => vec![
                Range::of_keys(key.clone().is_not_null()),
                Range::of_nulls(key.clone().is_null()),
            ],
            _ => vec![Range::whole()],
        }
    }

    fn ranges_after(&self, position: &Position) -> Vec<Range> {
        match (&self.key, value(&position.key)) {
            (Some(key), Some(value)) if self.is_nullable => vec![
                Range::of_keys(
                    Self::key_equal(key, value.clone()).add(self.id.clone().gt(position.id)),
                ),
                Range::of_keys(Self::key_beyond(key, value, self.direction)),
                Range::of_nulls(key.clone().is_null()),
            ],
            (Some(_), None) => vec![Range::of_nulls(self.after(position))],
            _ => vec![Range::of_keys(self.after(position))],
        }
    }

    fn ranges_before(&self, position: &Position) -> Vec<Range> {
        match (&self.key, value(&position.key)) {
            (Some(key), Some(value)) if self.is_nullable => vec![
                Range::of_keys(Self::key_beyond(
                    key,
                    value.clone(),
                    self.direction.opposite(),
                )),
                Range::of_keys(Self::key_equal(key, value).add(self.id.clone().lt(position.id))),
            ],
            (Some(key), None) => vec![
                Range::of_keys(key.clone().is_not_null()),
                Range::of_nulls(
                    Condition::all()
                        .add(key.clone().is_null())
                        .add(self.id.clone().lt(position.id)),
                ),
            ],
            _ => vec![Range::of_keys(self.before(position))],
        }
    }

    fn key_equal(key: &Expr, value: Value) -> Condition {
        Condition::all().add(key.clone().eq(Expr::val(value)))
    }

    fn sort(&self, select: &mut SelectStatement, range: &Range, from_end: bool) {
        let reverse_if_from_end = |order| match order {
            Order::Asc if from_end => Order::Desc,
            Order::Desc if from_end => Order::Asc,
            order => order,
        };
        let order = match self.direction {
            Direction::Ascending => Order::Asc,
            Direction::Descending => Order::Desc,
        };
        let Some(key) = &self.key else {
            select.order_by_expr(self.id.clone(), reverse_if_from_end(order));
            return;
        };
        if self.is_nullable {
            let (order, nulls) = match range.rows {
                Rows::Keys if self.is_index_descending => of_index(reverse_if_from_end(order)),
                // All values are equal, so the index has the order by id.
                Rows::Nulls if self.is_index_descending => {
                    of_index(reverse_if_from_end(Order::Desc))
                }
                _ if from_end => (reverse_if_from_end(order), NullOrdering::First),
                _ => (order, NullOrdering::Last),
            };
            select.order_by_expr_with_nulls(key.clone(), order, nulls);
        } else {
            select.order_by_expr(key.clone(), reverse_if_from_end(order));
        }
        select.order_by_expr(self.id.clone(), reverse_if_from_end(Order::Asc));
    }

    /// Returns the condition for the rows after a position, of a column that can't be null or from a null value on.
    fn after(&self, position: &Position) -> Condition {
        let Some(key) = &self.key else {
            return Condition::all().add(self.id_beyond(position.id, self.direction));
        };
        let Some(value) = value(&position.key) else {
            return Condition::all()
                .add(key.clone().is_null())
                .add(self.id.clone().gt(position.id));
        };
        let later = Condition::any()
            .add(Self::key_beyond(key, value.clone(), self.direction))
            .add(Self::key_equal(key, value.clone()).add(self.id.clone().gt(position.id)));
        // The bound is redundant, but unlike the `OR` an index scan can start from it.
        Condition::all()
            .add(Self::key_bound(key, value, self.direction))
            .add(later)
    }

    fn before(&self, position: &Position) -> Condition {
        let opposite = self.direction.opposite();
        let Some(key) = &self.key else {
            return Condition::all().add(self.id_beyond(position.id, opposite));
        };
        let Some(value) = value(&position.key) else {
            return Condition::any()
                .add(key.clone().is_not_null())
                .add(self.id.clone().lt(position.id));
        };
        Condition::all()
            .add(Self::key_bound(key, value.clone(), opposite))
            .add(
                Condition::any()
                    .add(Self::key_beyond(key, value.clone(), opposite))
                    .add(Self::key_equal(key, value).add(self.id.clone().lt(position.id))),
            )
    }

    fn id_beyond(&self, id: i64, direction: Direction) -> Expr {
        match direction {
            Direction::Ascending => self.id.clone().gt(id),
            Direction::Descending => self.id.clone().lt(id),
        }
    }

    fn key_beyond(key: &Expr, value: Value, direction: Direction) -> Expr {
        match direction {
            Direction::Ascending => key.clone().gt(Expr::val(value)),
            Direction::Descending => key.clone().lt(Expr::val(value)),
        }
    }

    fn key_bound(key: &Expr, value: Value, direction: Direction) -> Expr {
        match direction {
            Direction::Ascending => key.clone().gte(Expr::val(value)),
            Direction::Descending => key.clone().lte(Expr::val(value)),
        }
    }
}

/// A range of rows in the order of a list.
struct Range {
    condition: Condition,
    rows: Rows,
}

/// The rows of a range.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Rows {
    /// All rows.
    All,
    /// Only rows with a value.
    Keys,
    /// Only rows without a value.
    Nulls,
}

impl Range {
    fn whole() -> Self {
        Self {
            condition: Condition::all(),
            rows: Rows::All,
        }
    }

    fn of_keys(condition: impl IntoCondition) -> Self {
        Self {
            condition: condition.into_condition(),
            rows: Rows::Keys,
        }
    }

    fn of_nulls(condition: impl IntoCondition) -> Self {
        Self {
            condition: condition.into_condition(),
            rows: Rows::Nulls,
        }
    }

    fn and(self, other: Condition) -> Self {
        Self {
            condition: Condition::all().add(self.condition).add(other),
            ..self
        }
    }

    /// Returns the condition of the range, within the keys that the list can have.
    fn bounded(self, keyset: &Keyset) -> Condition {
        match (&keyset.key, &keyset.key_range) {
            (Some(key), Some((lowest, highest))) if self.rows != Rows::Nulls => {
                let bounds = key
                    .clone()
                    .between(Expr::val(lowest.clone()), Expr::val(highest.clone()));
                Condition::all().add(self.condition).add(bounds)
            }
            _ => self.condition,
        }
    }
}

/// Returns an order that a descending index with nulls last has, forwards or backwards.
fn of_index(order: Order) -> (Order, NullOrdering) {
    let nulls = if order == Order::Desc {
        NullOrdering::Last
    } else {
        NullOrdering::First
    };
    (order, nulls)
}

fn value(key: &SortKey) -> Option<Value> {
    match key {
        SortKey::Missing => None,
        SortKey::Number(number) => Some((*number).into()),
        SortKey::Text(text) => Some(text.as_str().into()),
        SortKey::Date(date) => Some((*date).into()),
    }
}

#[cfg(test)]
mod tests;
