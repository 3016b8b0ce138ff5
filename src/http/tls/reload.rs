//! A certificate that is renewed while the server runs.

use std::{sync::Arc, time::Duration};

use tokio::{task, time::sleep};

use super::{
    Certificate,
    pair::{Flaw, Pair},
};

/// How often the files are looked at. Their contents are compared, as the time of a file says nothing where links are turned.
const ROUND: Duration = Duration::from_secs(2);

/// What the files were when last looked at: a pair, or why they are none.
#[derive(Debug, PartialEq, Eq)]
enum Seen {
    Pair([u8; 32]),
    Flaw(String),
}

/// Shows new connections what the files hold, for as long as the server runs. A pair that is no good is told once, and the one before it
/// shown on: while the two files are being exchanged they don't fit each other.
pub async fn keep_fresh(certificate: Option<Certificate>) {
    let Some(certificate) = certificate else {
        return std::future::pending().await;
    };
    let mut seen = None;
    loop {
        let looking = certificate.clone();
        let looked = task::spawn_blocking(move || look(&looking, seen)).await;
        seen = looked.unwrap_or_else(|error| {
            tracing::error!(error.cause = %error, "looking for a new certificate failed");
            None
        });
        sleep(ROUND).await;
    }
}

/// Looks at the files, and tells what they are now.
fn look(certificate: &Certificate, seen: Option<Seen>) -> Option<Seen> {
    let pair = certificate.files.read();
    let now = match &pair {
        Ok(pair) => Seen::Pair(pair.hash()),
        Err(flaw) => Seen::Flaw(flaw.to_string()),
    };
    if seen.as_ref() == Some(&now) {
        return seen;
    }
    match pair.and_then(|pair| show(certificate, &pair)) {
        // The first look finds what the server began with.
        Ok(()) if seen.is_none() => {}
        Ok(()) => tracing::info!("new connections are shown another certificate"),
        Err(flaw) => {
            tracing::error!(error.cause = %flaw, "the new certificate can't be used; the old one stays");
        }
    }
    Some(now)
}

fn show(certificate: &Certificate, pair: &Pair) -> Result<(), Flaw> {
    let pair = pair.certified(&certificate.provider)?;
    certificate.shown.0.store(Arc::new(pair));
    Ok(())
}
