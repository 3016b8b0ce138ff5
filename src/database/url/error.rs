//! The errors of a URL. No message contains a value, which may be secret.

use super::parameter::PARAMETERS;

/// A URL can't be used.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[expect(missing_docs, reason = "the message of each variant documents it")]
pub enum UrlError {
    #[error(
        "it does not begin with postgres://; expected postgres://user:password@host:5432/database"
    )]
    Scheme,

    #[error(
        "it is a list of settings (host=… dbname=…), which Marquee does not read; expected postgres://user:password@host:5432/database"
    )]
    Settings,

    #[error(
        "it has an @ or a # in the wrong place: in the user, the password and the database write / as %2F, ? as %3F, # as %23, @ as %40 and \
         % as %25; expected postgres://user:password@host:5432/database"
    )]
    Unescaped,

    #[error(
        "a % is not followed by two hexadecimal digits, or the result is not UTF-8: write % as %25"
    )]
    Encoding,

    #[error(
        "its IPv6 address is invalid; expected one in brackets, such as postgres://user:password@[::1]:5432/database"
    )]
    Ipv6,

    #[error(
        "it names several hosts, and Marquee connects to one: give one address that follows the primary, such as that of a proxy"
    )]
    SeveralHosts,

    #[error("a parameter has no value; expected name=value, and & in a value as %26")]
    NoValue,

    #[error("the parameter {name:?} is unknown{}", suggest(*suggestion))]
    Unknown {
        name: String,
        suggestion: Option<&'static str>,
    },

    /// The name may be a part of the password.
    #[error(
        "a parameter is unknown{}; if it is a part of the password, write ? as %3F and & as %26", suggest(*suggestion)
    )]
    UnknownUnnamed { suggestion: Option<&'static str> },

    #[error("the parameter {name:?} is not supported: {reason}")]
    Refused {
        name: &'static str,
        reason: &'static str,
    },

    #[error(
        "the value of {name:?} is invalid; expected {expected}; example: postgres://user:password@host:5432/database"
    )]
    Value {
        name: &'static str,
        expected: String,
    },

    #[error("the variable {0} can't be used: {1}")]
    Environment(&'static str, String),

    #[error("the driver rejects its values")]
    Driver,
}

impl UrlError {
    /// Returns the error for an unknown parameter, with the most similar known one.
    pub(super) fn unknown(name: &str, may_be_secret: bool) -> Self {
        let distance = |known: &str| strsim::damerau_levenshtein(&name.to_lowercase(), known);
        let nearest = PARAMETERS
            .iter()
            .map(|known| (distance(known.name), known.name))
            .min()
            .filter(|(distance, _)| *distance <= name.chars().count() / 4 + 1);
        let suggestion = nearest.map(|(_, known)| known);
        if may_be_secret {
            return Self::UnknownUnnamed { suggestion };
        }
        Self::Unknown {
            name: name.to_owned(),
            suggestion,
        }
    }
}

/// Returns the end of the message about an unknown parameter.
fn suggest(suggestion: Option<&str>) -> String {
    suggestion.map_or_else(
        || ": leave it out".to_owned(),
        |known| format!("; did you mean {known:?}?"),
    )
}
