//! The reload of a certificate that is renewed while the server runs.

use std::{sync::Arc, time::Duration};

use tokio::{task, time::sleep};

use super::{
    Certificate,
    pair::{CertificateError, CertificatePair},
};

/// The interval at which the files are read. Their contents are compared, because modification times do not change when
/// a symbolic link is replaced.
const RELOAD_INTERVAL: Duration = Duration::from_secs(2);

/// The result of the last check of the files: the hash of a pair, or the error.
#[derive(Debug, PartialEq, Eq)]
enum FileState {
    Pair([u8; 32]),
    Invalid(String),
}

/// Reloads the certificate for new connections when the files change, as long as the server runs. An invalid pair is
/// logged once, and the previous certificate stays in use. While the two files are being replaced, they do not match.
pub async fn reload_on_change(certificate: Option<Certificate>) {
    let Some(certificate) = certificate else {
        return std::future::pending().await;
    };
    let mut last_state = None;
    loop {
        let current = certificate.clone();
        let result = task::spawn_blocking(move || check_files(&current, last_state)).await;
        last_state = result.unwrap_or_else(|error| {
            tracing::error!(error.cause = %error, "checking for a new certificate failed");
            None
        });
        sleep(RELOAD_INTERVAL).await;
    }
}

/// Reads the files, installs a changed certificate, and returns the new state of the files.
fn check_files(certificate: &Certificate, last_state: Option<FileState>) -> Option<FileState> {
    let pair = certificate.files.read();
    let state = match &pair {
        Ok(pair) => FileState::Pair(pair.hash()),
        Err(error) => FileState::Invalid(error.to_string()),
    };
    if last_state.as_ref() == Some(&state) {
        return last_state;
    }
    match pair.and_then(|pair| install(certificate, &pair)) {
        // The first check finds the certificate that was loaded at startup.
        Ok(()) if last_state.is_none() => {}
        Ok(()) => tracing::info!("the certificate was reloaded"),
        Err(error) => {
            tracing::error!(error.cause = %error, "the new certificate can't be used; the previous one stays in use");
        }
    }
    Some(state)
}

fn install(certificate: &Certificate, pair: &CertificatePair) -> Result<(), CertificateError> {
    let pair = pair.certified_key(&certificate.provider)?;
    certificate.resolver.0.store(Arc::new(pair));
    Ok(())
}
