//! The connections of one request, and the account of what they were asked.

use std::sync::{Arc, Mutex, PoisonError};

use sea_orm::{
    ConnectionTrait, DatabaseConnection, DbBackend, DbErr, ExecResult, QueryResult, Statement,
};

/// What a request has cost so far.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Cost {
    /// The statements that were sent.
    pub statements: u32,
    /// The longest chain of statements of which each was sent after the one before had been answered.
    pub round_trips: u32,
}

/// A worker's connections, lent to one request. Clones share the account.
#[derive(Clone, Debug)]
pub struct Session {
    connection: DatabaseConnection,
    account: Arc<Mutex<Cost>>,
}

impl Session {
    /// Opens an account for a request.
    #[must_use]
    pub fn new(connection: DatabaseConnection) -> Self {
        Self {
            connection,
            account: Arc::default(),
        }
    }

    /// What the request has cost so far.
    #[must_use]
    pub fn cost(&self) -> Cost {
        *self.account.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Counts a statement. Its depth is one more than that of the deepest statement answered by now.
    async fn counted<T>(
        &self,
        statement: impl Future<Output = Result<T, DbErr>>,
    ) -> Result<T, DbErr> {
        let depth = {
            let mut cost = self.account.lock().unwrap_or_else(PoisonError::into_inner);
            cost.statements += 1;
            cost.round_trips + 1
        };
        let result = statement.await;
        let mut cost = self.account.lock().unwrap_or_else(PoisonError::into_inner);
        cost.round_trips = cost.round_trips.max(depth);
        result
    }
}

#[async_trait::async_trait]
impl ConnectionTrait for Session {
    fn get_database_backend(&self) -> DbBackend {
        DbBackend::Postgres
    }

    async fn execute_raw(&self, statement: Statement) -> Result<ExecResult, DbErr> {
        self.counted(self.connection.execute_raw(statement)).await
    }

    async fn execute_unprepared(&self, sql: &str) -> Result<ExecResult, DbErr> {
        self.counted(self.connection.execute_unprepared(sql)).await
    }

    async fn query_one_raw(&self, statement: Statement) -> Result<Option<QueryResult>, DbErr> {
        self.counted(self.connection.query_one_raw(statement)).await
    }

    async fn query_all_raw(&self, statement: Statement) -> Result<Vec<QueryResult>, DbErr> {
        self.counted(self.connection.query_all_raw(statement)).await
    }
}
