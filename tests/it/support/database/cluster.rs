//! The PostgreSQL cluster of all databases of a test run.

use std::{
    fs,
    path::PathBuf,
    sync::{Arc, Weak},
};

use marquee::{
    database::{
        self,
        cluster::{Cluster, ClusterUse},
        schema,
    },
    demo,
};
use parking_lot::Mutex;
use sea_orm::{ConnectionTrait, Statement, sqlx::postgres::PgConnectOptions};

use super::GRANTS;
use crate::support::cluster_directory;

/// The PostgreSQL cluster that all tests share while any of them runs.
static CLUSTER: Mutex<Weak<SharedCluster>> = Mutex::new(Weak::new());

/// Held while the directory of the cluster is prepared or removed.
static DIRECTORY: Mutex<()> = Mutex::new(());

/// A private PostgreSQL cluster with a migrated template database and one with the demo catalogue. The last test that
/// drops it stops and removes it.
#[derive(Debug)]
pub struct SharedCluster {
    pub cluster: Option<Cluster>,
    directory: PathBuf,
    pub run: u32,
}

impl SharedCluster {
    pub fn acquire() -> Arc<Self> {
        let mut current = CLUSTER.lock();
        if let Some(shared) = current.upgrade() {
            return shared;
        }
        let directory = cluster_directory::of_shared_cluster();
        let cluster = {
            let _directory = DIRECTORY.lock();
            Cluster::acquire(&directory, ClusterUse::Command).unwrap()
        };
        let shared = Arc::new(Self {
            cluster: Some(cluster),
            directory,
            run: std::process::id(),
        });
        let cluster = Arc::clone(&shared);
        in_a_runtime(async move {
            cluster.check_version().await;
            cluster.disable_fsync().await;
            cluster.make_templates().await;
        });
        *current = Arc::downgrade(&shared);
        shared
    }

    /// A run that tests a version of PostgreSQL must not pass on another one.
    async fn check_version(&self) {
        let Some(version) = cluster_directory::tested_version() else {
            return;
        };
        let connection = database::connect_pool(&self.options("postgres"), 1);
        let statement = Statement::from_string(
            connection.get_database_backend(),
            "SELECT (current_setting('server_version_num')::int / 10000)::text",
        );
        let row = connection.query_one_raw(statement).await.unwrap().unwrap();
        let actual: String = row.try_get_by_index(0).unwrap();
        connection.close().await.unwrap();
        assert_eq!(actual, version, "the major version of PostgreSQL");
    }

    /// The databases of a test run need not survive a crash of the machine. Each test creates one, which takes much
    /// longer if its files are flushed.
    async fn disable_fsync(&self) {
        for setting in ["fsync", "full_page_writes"] {
            self.maintain(&format!("ALTER SYSTEM SET {setting} = off"))
                .await;
        }
        self.maintain("SELECT pg_reload_conf()").await;
    }

    /// Creates the templates anew for each test run, so that they never have an older schema.
    async fn make_templates(&self) {
        for name in ["template_empty", "template_demo"] {
            let name = format!("{name}_{}", self.run);
            self.maintain(&format!("DROP DATABASE IF EXISTS {name} WITH (FORCE)"))
                .await;
            self.maintain(&format!("CREATE DATABASE {name} TEMPLATE template0"))
                .await;
            let connection = database::connect_pool(&self.options(&name), 1);
            schema::migrate_up(&connection).await.unwrap();
            connection.execute_unprepared(GRANTS).await.unwrap();
            if name.starts_with("template_demo") {
                demo::load_if_empty(&connection).await.unwrap();
            }
            connection.close().await.unwrap();
        }
    }

    pub async fn maintain(&self, sql: &str) {
        let connection = database::connect_pool(&self.options("postgres"), 1);
        connection.execute_unprepared(sql).await.unwrap();
        connection.close().await.unwrap();
    }

    pub fn options(&self, database: &str) -> PgConnectOptions {
        self.cluster
            .as_ref()
            .unwrap()
            .connect_options()
            .database(database)
    }
}

impl Drop for SharedCluster {
    fn drop(&mut self) {
        let _directory = DIRECTORY.lock();
        if let Some(cluster) = self.cluster.take() {
            cluster.release();
        }
        if self.directory.join("cluster/data/postmaster.pid").exists() {
            // Another test or test run uses the cluster, and removes it.
            return;
        }
        if let Err(error) = fs::remove_dir_all(&self.directory) {
            eprintln!("could not remove {}: {error}", self.directory.display());
        }
    }
}

/// Runs a future to completion from synchronous code.
pub fn in_a_runtime(task: impl Future<Output = ()> + Send + 'static) {
    let thread = std::thread::spawn(|| {
        tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .unwrap()
            .block_on(task);
    });
    assert!(
        thread.join().is_ok() || std::thread::panicking(),
        "a maintenance task of the test database failed"
    );
}
