//! Keyset pagination in SQL.

use sea_orm::sea_query::{Condition, Expr, ExprTrait, NullOrdering, Order, SelectStatement, Value};

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
    /// The id, which breaks ties.
    pub id: Expr,
    /// The direction of the order.
    pub direction: Direction,
}

impl Keyset {
    /// Restricts `select` to the rows between the cursors of the request and sorts them from the requested end. The
    /// caller limits their number to [`PageRequest::fetch_limit`].
    pub fn apply(&self, select: &mut SelectStatement, request: &PageRequest) {
        if let Some(position) = &request.after {
            select.cond_where(self.after(position));
        }
        if let Some(position) = &request.before {
            select.cond_where(self.before(position));
        }
        self.sort(select, request.is_from_end);
    }

    fn sort(&self, select: &mut SelectStatement, from_end: bool) {
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
            let nulls = if from_end {
                NullOrdering::First
            } else {
                NullOrdering::Last
            };
            select.order_by_expr_with_nulls(key.clone(), reverse_if_from_end(order), nulls);
        } else {
            select.order_by_expr(key.clone(), reverse_if_from_end(order));
        }
        select.order_by_expr(self.id.clone(), reverse_if_from_end(Order::Asc));
    }

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
            .add(
                Condition::all()
                    .add(key.clone().eq(Expr::val(value.clone())))
                    .add(self.id.clone().gt(position.id)),
            );
        if self.is_nullable {
            return Condition::all().add(later.add(key.clone().is_null()));
        }
        // The bound is redundant, but unlike the `OR` an index scan can start from it.
        Condition::all()
            .add(Self::key_bound(key, value, self.direction))
            .add(later)
    }

    fn before(&self, position: &Position) -> Condition {
        let opposite = opposite(self.direction);
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
                    .add(
                        Condition::all()
                            .add(key.clone().eq(Expr::val(value)))
                            .add(self.id.clone().lt(position.id)),
                    ),
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

fn opposite(direction: Direction) -> Direction {
    match direction {
        Direction::Ascending => Direction::Descending,
        Direction::Descending => Direction::Ascending,
    }
}

fn value(key: &SortKey) -> Option<Value> {
    match key {
        SortKey::Missing => None,
        SortKey::Number(number) => Some((*number).into()),
        SortKey::Text(text) => Some(text.as_str().into()),
        SortKey::Date(date) => Some((*date).into()),
    }
}
