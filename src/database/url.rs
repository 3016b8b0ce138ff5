//! The URL of the database.
//!
//! The driver ignores parameters that it doesn't know, and logs them with their values, which may be secret. It also
//! takes a list of hosts for one name. So the URL is parsed here, as libpq does, and the driver gets the parameters that
//! it supports. No message contains a value.

mod error;
mod parameter;
mod syntax;

use std::{
    collections::BTreeMap,
    fmt::{self, Write as _},
    net::IpAddr,
    str::FromStr,
};

use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use sea_orm::sqlx::postgres::PgConnectOptions;

pub use self::error::UrlError;
use self::{
    parameter::{Support, find_parameter},
    syntax::Parts,
};

/// The values of `sslmode`.
const SSL_MODES: [&str; 6] = [
    "disable",
    "allow",
    "prefer",
    "require",
    "verify-ca",
    "verify-full",
];

/// The connect options of a URL.
#[derive(Debug)]
pub struct DatabaseUrl {
    /// The options, with defaults from the environment.
    pub options: PgConnectOptions,
    /// The names of the parameters that have no effect.
    pub ignored: Vec<&'static str>,
    /// The parts that the options don't show, as variables of PostgreSQL's client programs.
    pub client_variables: ClientVariables,
}

/// Environment variables of PostgreSQL's client programs. The `Debug` output hides the values, since one is the
/// password.
#[derive(Clone, Default)]
pub struct ClientVariables(pub Vec<(&'static str, String)>);

impl fmt::Debug for ClientVariables {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names = self.0.iter().map(|(name, _)| name);
        formatter.debug_set().entries(names).finish()
    }
}

/// The parameters that the options don't show, with their variables.
const HIDDEN_PARAMETERS: [(&str, &str); 4] = [
    ("password", "PGPASSWORD"),
    ("sslrootcert", "PGSSLROOTCERT"),
    ("sslcert", "PGSSLCERT"),
    ("sslkey", "PGSSLKEY"),
];

/// Parses a URL. `environment` returns the value of a variable; the driver reads the same variables for what the URL
/// doesn't have.
///
/// # Errors
///
/// Returns a [`UrlError`], whose message contains no value.
pub fn parse(
    url: &str,
    environment: impl Fn(&str) -> Option<String>,
) -> Result<DatabaseUrl, UrlError> {
    let (mut parameters, ignored) = parameters(Parts::parse(url)?)?;
    add_tls_environment(&mut parameters, &environment)?;
    normalize(&mut parameters)?;
    check_environment(&parameters, environment)?;
    let mut url = "postgres:///?".to_owned();
    for (name, value) in &parameters {
        // Writing to a string doesn't fail.
        let _ = write!(
            url,
            "{}={}&",
            utf8_percent_encode(name, NON_ALPHANUMERIC),
            utf8_percent_encode(value, NON_ALPHANUMERIC)
        );
    }
    // The driver's message could contain a value. All values that it parses are checked already.
    let options = PgConnectOptions::from_str(&url).map_err(|_| UrlError::Driver)?;
    let client_variables = HIDDEN_PARAMETERS.iter().filter_map(|(name, variable)| {
        let value = parameters.get(*name)?;
        Some((*variable, value.clone()))
    });
    Ok(DatabaseUrl {
        options,
        ignored,
        client_variables: ClientVariables(client_variables.collect()),
    })
}

/// Parameters for the driver. A name has one value, the last one, except that each `options[name]` has its own.
type Parameters = BTreeMap<String, String>;

/// Returns the parameters for the driver, and the names of those that are ignored.
fn parameters(parts: Parts) -> Result<(Parameters, Vec<&'static str>), UrlError> {
    let mut parameters = Parameters::new();
    let mut ignored = Vec::new();
    let mut after_secret = false;
    for (name, value) in parts.parameters {
        insert(&mut parameters, name, value)?;
    }
    for (name, value) in parts.query {
        if name.starts_with("options[") && name.ends_with(']') {
            parameters.insert(name, value);
            continue;
        }
        let Some(parameter) = find_parameter(&name) else {
            // A password with `?` begins the query too early, and then an `@` follows.
            let may_be_secret = after_secret || value.contains('@');
            return Err(UrlError::unknown(&name, may_be_secret));
        };
        match parameter.support {
            Support::Used => {
                insert(&mut parameters, parameter.name, value)?;
            }
            Support::Ignored => ignored.push(parameter.name),
            Support::Refused { harmless, reason } => {
                if !harmless.contains(&value.to_ascii_lowercase().as_str()) {
                    return Err(UrlError::Refused {
                        name: parameter.name,
                        reason,
                    });
                }
            }
        }
        after_secret |= parameter.is_secret();
    }
    Ok((parameters, ignored))
}

/// Adds a parameter after checking its value. The driver takes an empty value for a host or a database, so an empty one is
/// left out.
fn insert(parameters: &mut Parameters, name: &'static str, value: String) -> Result<(), UrlError> {
    let may_be_empty = !["host", "hostaddr", "port", "dbname", "user"].contains(&name);
    if !value.is_empty() || may_be_empty {
        parameters.insert(name.to_owned(), check_value(name, value)?);
    }
    Ok(())
}

/// Adds the variables about TLS that the driver would read, so that [`normalize`] sees them together with the parameters.
fn add_tls_environment(
    parameters: &mut Parameters,
    environment: impl Fn(&str) -> Option<String>,
) -> Result<(), UrlError> {
    let has_mode = parameters.contains_key("sslmode") || parameters.contains_key("ssl");
    let has_root = parameters.contains_key("sslrootcert");
    for (variable, name, is_set) in [
        ("PGSSLMODE", "sslmode", has_mode),
        ("PGSSLROOTCERT", "sslrootcert", has_root),
    ] {
        let value = environment(variable).filter(|value| !is_set && !value.is_empty());
        if let Some(value) = value {
            insert(parameters, name, value)
                .map_err(|error| UrlError::Environment(variable, error.to_string()))?;
        }
    }
    Ok(())
}

/// Checks the values that the driver parses.
fn check_value(name: &'static str, value: String) -> Result<String, UrlError> {
    let invalid = |expected: &str| {
        Err(UrlError::Value {
            name,
            expected: expected.to_owned(),
        })
    };
    match name {
        "host" | "hostaddr" | "port" if value.contains(',') => Err(UrlError::SeveralHosts),
        "hostaddr" if value.parse::<IpAddr>().is_err() => invalid("an IP address"),
        "port" if !is_port(&value) => invalid("a number from 1 to 65535"),
        "sslmode" => {
            let mode = value.to_ascii_lowercase();
            if SSL_MODES.contains(&mode.as_str()) {
                Ok(mode)
            } else {
                invalid(&SSL_MODES.join(", "))
            }
        }
        "ssl" if !matches!(value.as_str(), "true" | "false") => invalid("true or false"),
        "sslrootcert" if value == "system" => Err(UrlError::Refused {
            name,
            reason: "leave it out; verify-full then trusts the certificate authorities of the web",
        }),
        _ => Ok(value),
    }
}

fn is_port(text: &str) -> bool {
    text.parse::<u16>().is_ok_and(|port| port != 0)
}

/// Translates parameters that mean something else to libpq than to the driver.
fn normalize(parameters: &mut Parameters) -> Result<(), UrlError> {
    if let Some(ssl) = parameters.remove("ssl") {
        let mode = if ssl == "true" { "require" } else { "disable" };
        parameters
            .entry("sslmode".to_owned())
            .or_insert_with(|| mode.to_owned());
    }
    let mode = parameters.get("sslmode").map(String::as_str);
    // libpq verifies the certificate then, and the driver would not.
    if mode == Some("require") && parameters.contains_key("sslrootcert") {
        parameters.insert("sslmode".to_owned(), "verify-ca".to_owned());
    } else if mode == Some("verify-full")
        && parameters.contains_key("host")
        && parameters.contains_key("hostaddr")
    {
        return Err(UrlError::Refused {
            name: "hostaddr",
            reason: "with sslmode=verify-full the certificate would be compared with this address; give only `host`",
        });
    }
    if let Some(address) = parameters.remove("hostaddr") {
        parameters.insert("host".to_owned(), address);
    }
    Ok(())
}

/// Checks the variables that the driver would silently ignore because of an invalid value. An empty one is not set.
fn check_environment(
    parameters: &Parameters,
    environment: impl Fn(&str) -> Option<String>,
) -> Result<(), UrlError> {
    for (variable, name, has_effect) in [
        ("PGHOST", "host", !parameters.contains_key("host")),
        ("PGHOSTADDR", "hostaddr", !parameters.contains_key("host")),
        ("PGPORT", "port", !parameters.contains_key("port")),
    ] {
        let value = environment(variable).filter(|value| has_effect && !value.is_empty());
        if let Some(value) = value {
            check_value(name, value)
                .map_err(|error| UrlError::Environment(variable, error.to_string()))?;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests;
