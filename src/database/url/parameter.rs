//! The parameters of libpq and of the driver.

/// What happens to a parameter.
#[derive(Clone, Copy, Debug)]
pub(super) enum Support {
    /// It is passed to the driver.
    Used,
    /// It has no effect, and does no harm. A line of the log says so.
    Ignored,
    /// It is an error, unless its value is what Marquee does anyway.
    Refused {
        harmless: &'static [&'static str],
        reason: &'static str,
    },
}

/// A parameter.
#[derive(Clone, Copy, Debug)]
pub(super) struct Parameter {
    pub name: &'static str,
    pub support: Support,
}

impl Parameter {
    /// Returns whether its value is secret.
    pub(super) fn is_secret(self) -> bool {
        [
            "password",
            "sslpassword",
            "scram_client_key",
            "scram_server_key",
            "oauth_client_secret",
        ]
        .contains(&self.name)
    }
}

const fn used(name: &'static str) -> Parameter {
    Parameter {
        name,
        support: Support::Used,
    }
}

const fn ignored(name: &'static str) -> Parameter {
    Parameter {
        name,
        support: Support::Ignored,
    }
}

const fn refused(
    name: &'static str,
    harmless: &'static [&'static str],
    reason: &'static str,
) -> Parameter {
    Parameter {
        name,
        support: Support::Refused { harmless, reason },
    }
}

const KERBEROS: &str = "Kerberos is not supported; log in with a password or a client certificate";
const OAUTH: &str = "OAuth is not supported; log in with a password or a client certificate";
const SERVICE: &str = "service files are not read; write its settings into the URL";
const REVOCATION: &str =
    "revocation lists are not checked; leave it out, or connect through a proxy that checks them";
const CLIENT_KEY: &str = "use `password`";

/// All parameters that are known.
pub(super) const PARAMETERS: &[Parameter] = &[
    used("host"),
    used("hostaddr"),
    used("port"),
    used("dbname"),
    used("user"),
    used("password"),
    used("options"),
    used("ssl"),
    used("sslmode"),
    used("sslrootcert"),
    used("sslcert"),
    used("sslkey"),
    // Marquee names its connections, bounds their statements, and has its own timeouts.
    ignored("application_name"),
    ignored("fallback_application_name"),
    ignored("statement-cache-capacity"),
    ignored("connect_timeout"),
    ignored("keepalives"),
    ignored("keepalives_idle"),
    ignored("keepalives_interval"),
    ignored("keepalives_count"),
    ignored("tcp_user_timeout"),
    refused(
        "target_session_attrs",
        &["any"],
        "it chooses among several hosts; leave it out, and give one address that follows the primary, such as that of a proxy",
    ),
    refused(
        "load_balance_hosts",
        &["disable"],
        "it chooses among several hosts; leave it out, and give one address",
    ),
    refused(
        "channel_binding",
        &["disable", "prefer"],
        "channels are not bound; leave it out, and authenticate the server with sslmode=verify-full",
    ),
    refused(
        "require_auth",
        &[],
        "leave it out, and authenticate the server with sslmode=verify-full",
    ),
    refused(
        "requirepeer",
        &[],
        "leave it out, and put the socket into a directory that only the server's account can write to",
    ),
    refused(
        "client_encoding",
        &["auto", "utf8", "utf-8", "unicode"],
        "the encoding is always UTF-8; leave it out",
    ),
    refused(
        "sslpassword",
        &[],
        "an encrypted key can't be read; decrypt the file of `sslkey`",
    ),
    refused("sslcrl", &[], REVOCATION),
    refused("sslcrldir", &[], REVOCATION),
    refused(
        "sslcompression",
        &["0"],
        "TLS is never compressed; leave it out",
    ),
    refused(
        "sslsni",
        &["1"],
        "the name of the host is always sent; leave it out",
    ),
    refused(
        "sslcertmode",
        &["allow"],
        "the client certificate is sent if `sslcert` is given; leave it out",
    ),
    refused(
        "sslkeylogfile",
        &[],
        "the keys of TLS are never written to a file; leave it out",
    ),
    refused(
        "sslnegotiation",
        &["postgres"],
        "TLS begins after a request; leave it out",
    ),
    refused("requiressl", &["0"], "use sslmode=require"),
    refused(
        "ssl_min_protocol_version",
        &["tlsv1", "tlsv1.1", "tlsv1.2"],
        "the versions of TLS are 1.2 and 1.3; leave it out",
    ),
    refused(
        "ssl_max_protocol_version",
        &["tlsv1.3"],
        "the versions of TLS are 1.2 and 1.3; leave it out",
    ),
    refused(
        "min_protocol_version",
        &["3.0"],
        "the version of the protocol is 3.0; leave it out",
    ),
    refused(
        "max_protocol_version",
        &["3.0", "3.2", "latest"],
        "the version of the protocol is 3.0; leave it out",
    ),
    refused(
        "replication",
        &["false", "off", "no", "0"],
        "replication is not supported; leave it out",
    ),
    refused("passfile", &[], "set the variable PGPASSFILE instead"),
    refused("service", &[], SERVICE),
    refused("servicefile", &[], SERVICE),
    refused("gssencmode", &["disable", "prefer"], KERBEROS),
    refused("gssdelegation", &["0"], KERBEROS),
    refused("gsslib", &[], KERBEROS),
    refused("krbsrvname", &[], KERBEROS),
    refused("scram_client_key", &[], CLIENT_KEY),
    refused("scram_server_key", &[], CLIENT_KEY),
    refused("oauth_issuer", &[], OAUTH),
    refused("oauth_client_id", &[], OAUTH),
    refused("oauth_client_secret", &[], OAUTH),
    refused("oauth_scope", &[], OAUTH),
];

/// Other names of parameters, which the driver has as well.
const ALIASES: [(&str, &str); 6] = [
    ("ssl-mode", "sslmode"),
    ("ssl-root-cert", "sslrootcert"),
    ("ssl-ca", "sslrootcert"),
    ("ssl-cert", "sslcert"),
    ("ssl-key", "sslkey"),
    ("statement_cache_capacity", "statement-cache-capacity"),
];

/// Returns the parameter of a name; `None` if it is unknown.
pub(super) fn find_parameter(name: &str) -> Option<Parameter> {
    let alias = ALIASES.iter().find(|(alias, _)| *alias == name);
    let name = alias.map_or(name, |(_, name)| name);
    PARAMETERS
        .iter()
        .find(|parameter| parameter.name == name)
        .copied()
}
