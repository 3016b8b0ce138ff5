use sea_orm::sqlx::{ConnectOptions, postgres::PgSslMode};

use super::*;

const SECRET: &str = "hunter2";

fn parse_alone(url: &str) -> Result<DatabaseUrl, UrlError> {
    parse(url, |_| None)
}

fn options(url: &str) -> PgConnectOptions {
    parse_alone(url)
        .unwrap_or_else(|error| panic!("{url}: {error}"))
        .options
}

fn error(url: &str) -> String {
    let message = parse_alone(url).expect_err(url).to_string();
    assert!(
        !message.contains(SECRET) && !message.contains('\n'),
        "{url}: {message}"
    );
    message
}

#[test]
fn every_part_of_a_url_is_decoded() {
    let options = options("postgresql://us%40er:p%2Fa+s:s%26@db.example:5433/a%20b%3F");
    assert_eq!(
        (
            options.get_username(),
            options.get_host(),
            options.get_port(),
            options.get_database()
        ),
        ("us@er", "db.example", 5433, Some("a b?"))
    );
    let url = options.to_url_lossy();
    assert_eq!(url.password(), Some("p%2Fa%2Bs%3As%26"));
}

#[test]
fn addresses_of_every_kind_are_understood() {
    for (url, host, port) in [
        ("postgres://u@[::1]/d", "::1", 5432),
        ("postgres://u@[2001:db8::7]:5433/d", "2001:db8::7", 5433),
        ("postgres:///d?host=::1&user=u", "::1", 5432),
        ("postgres:///d?hostaddr=::1&port=5433", "::1", 5433),
        (
            "postgres://db.example/d?hostaddr=192.0.2.1",
            "192.0.2.1",
            5432,
        ),
        ("postgres://other/d?host=db.example", "db.example", 5432),
        ("postgres://u@:5433/d?host=db.example", "db.example", 5433),
        ("  postgres://db.example\n", "db.example", 5432),
    ] {
        let options = options(url);
        assert_eq!(
            (options.get_host(), options.get_port()),
            (host, port),
            "{url}"
        );
        assert_eq!(options.get_socket(), None, "{url}");
    }
    for url in [
        "postgres://u@%2Frun%2Fpostgresql/d",
        "postgres:///d?host=/run/postgresql",
        "postgres://u@/d?host=%2Frun%2Fpostgresql",
        "postgres://ignored.example/d?host=/run/postgresql",
    ] {
        let options = options(url);
        let socket = options
            .get_socket()
            .map(|path| path.to_string_lossy().into_owned());
        assert_eq!(socket.as_deref(), Some("/run/postgresql"), "{url}");
    }
    assert_eq!(options("postgres://u@db.example").get_database(), None);
}

#[test]
fn several_hosts_are_refused_with_an_alternative() {
    for url in [
        "postgres://u:hunter2@a,b/d",
        "postgres://u:hunter2@a:5432,b:5433/d",
        "postgres:///d?host=a,b&password=hunter2",
        "postgres:///d?hostaddr=192.0.2.1,192.0.2.2",
        "postgres://a/d?port=1,2",
    ] {
        assert!(
            error(url).contains("one address that follows the primary"),
            "{url}"
        );
    }
    for (name, value) in [
        ("target_session_attrs", "read-write"),
        ("load_balance_hosts", "random"),
    ] {
        let message = error(&format!("postgres://a/d?{name}={value}"));
        assert!(
            message.contains(name) && message.contains("one address"),
            "{message}"
        );
    }
    assert!(parse_alone("postgres://a/d?target_session_attrs=any").is_ok());
}

#[test]
fn a_misspelt_parameter_is_refused_with_the_nearest_one() {
    for (misspelt, meant) in [
        ("sslmod", "sslmode"),
        ("ssl_mode", "sslmode"),
        ("sslrootcrt", "sslrootcert"),
        ("usr", "user"),
        ("DBNAME", "dbname"),
        ("target_session_attr", "target_session_attrs"),
    ] {
        let message = error(&format!("postgres://a/d?{misspelt}=hunter2"));
        assert_eq!(
            message,
            format!("the parameter {misspelt:?} is unknown; did you mean {meant:?}?")
        );
    }
    assert_eq!(
        error("postgres://u:hunter2@a/d?pgbouncer=hunter2"),
        "the parameter \"pgbouncer\" is unknown: leave it out"
    );
}

#[test]
fn no_part_of_a_secret_is_named() {
    for url in [
        "postgres://u:hunter2/x@host/d",
        "postgres://u:1/hunter2@host/d",
        "postgres://u:1?hunter2@host/d",
        "postgres://u:1?hunter2=x@host/d",
        "postgres://u:1#hunter2@host/d",
        "postgres://u:hunter2%@host/d",
        "postgres://u:%FFhunter2@host/d",
        "postgres://a/d?password=x&hunter2",
        "postgres://a/d?password=x&hunter2=y",
        "postgres://a/d?sslpassword=hunter2",
        "postgres://a/d?sslkey=x&sslpassword=hunter2&sslmode=require",
        "postgres://a/d?port=hunter2",
        "postgres://a/d?sslmode=hunter2",
        "postgres://a/d?hostaddr=hunter2",
        "postgres://a/d?oauth_client_secret=hunter2",
        "host=a password=hunter2",
        "hunter2",
        "mysql://u:hunter2@a/d",
        "",
    ] {
        error(url);
    }
}

#[test]
fn invalid_values_are_refused_with_what_is_expected() {
    for (url, part) in [
        ("postgres://a:0/d", "1 to 65535"),
        ("postgres://a:65536/d", "1 to 65535"),
        ("postgres://a:port/d", "1 to 65535"),
        ("postgres://a/d?port=-1", "1 to 65535"),
        ("postgres://[::1/d", "in brackets"),
        ("postgres://::1/d", "in brackets"),
        ("postgres://[::1]x/d", "in brackets"),
        ("postgres://[db.example]/d", "in brackets"),
        ("postgres://a/d?sslmode=requir", "verify-ca, verify-full"),
        ("postgres://a/d?ssl=yes", "true or false"),
        (
            "postgres://a/d?sslrootcert=system",
            "certificate authorities of the web",
        ),
        ("host=a dbname=d", "list of settings"),
        ("mysql://a/d", "does not begin with postgres://"),
        (
            "postgres://a/d?channel_binding=require",
            "sslmode=verify-full",
        ),
        ("postgres://a/d?gssencmode=require", "Kerberos"),
        ("postgres://a/d?passfile=/x", "PGPASSFILE"),
        (
            "postgres://a/d?sslpassword=x",
            "decrypt the file of `sslkey`",
        ),
        (
            "postgres://a/d?host=a&hostaddr=192.0.2.1&sslmode=verify-full",
            "give only `host`",
        ),
    ] {
        let message = error(url);
        assert!(message.contains(part), "{url}: {message}");
    }
}

#[test]
fn the_mode_of_tls_means_what_it_means_to_libpq() {
    for (query, mode) in [
        ("", PgSslMode::Prefer),
        ("sslmode=disable", PgSslMode::Disable),
        ("ssl-mode=REQUIRE", PgSslMode::Require),
        ("ssl=true", PgSslMode::Require),
        ("ssl=true&sslmode=verify-full", PgSslMode::VerifyFull),
        // With a root certificate, libpq verifies the server's certificate.
        ("sslmode=require&sslrootcert=root.pem", PgSslMode::VerifyCa),
        ("sslmode=verify-full&ssl-ca=root.pem", PgSslMode::VerifyFull),
    ] {
        let actual = options(&format!("postgres://a/d?{query}")).get_ssl_mode();
        assert_eq!(format!("{actual:?}"), format!("{mode:?}"), "{query}");
    }
}

#[test]
fn parameters_without_effect_are_named() {
    let url =
        "postgres://a/d?connect_timeout=5&options=-c%20geqo%3Doff&keepalives=1&options[jit]=off";
    let parsed = parse_alone(url).unwrap();
    assert_eq!(parsed.ignored, ["connect_timeout", "keepalives"]);
    let options = parsed.options.get_options().unwrap_or_default().to_owned();
    assert!(
        options.contains("-c geqo=off") && options.contains("-c jit=off"),
        "{options}"
    );
}

#[test]
fn invalid_variables_are_refused_if_the_url_does_not_override_them() {
    for (variable, value, overriding) in [
        ("PGSSLMODE", "requir", "sslmode=require"),
        ("PGPORT", "hunter2", "port=5432"),
        ("PGHOST", "a,b", "host=a"),
        ("PGHOSTADDR", "a", "host=a"),
    ] {
        let environment = |name: &str| (name == variable).then(|| value.to_owned());
        let error = parse("postgres://", environment).unwrap_err().to_string();
        assert!(
            error.contains(variable) && !error.contains(SECRET),
            "{error}"
        );
        let url = format!("postgres:///?{overriding}");
        assert!(parse(&url, environment).is_ok(), "{url}");
    }
}

#[test]
fn the_mode_of_tls_and_the_root_certificate_may_come_from_different_places() {
    for (url, variable, value) in [
        ("postgres:///?sslrootcert=/ca.pem", "PGSSLMODE", "require"),
        ("postgres:///?sslmode=require", "PGSSLROOTCERT", "/ca.pem"),
        ("postgres:///?ssl=true", "PGSSLROOTCERT", "/ca.pem"),
    ] {
        let environment = |name: &str| (name == variable).then(|| value.to_owned());
        let options = parse(url, environment).unwrap().options;
        let mode = options.get_ssl_mode();
        assert!(matches!(mode, PgSslMode::VerifyCa), "{url}: {mode:?}");
    }
}

#[test]
fn empty_variables_are_not_set() {
    let environment = |_: &str| Some(String::new());
    let options = parse("postgres://db.example/d?port=", environment).unwrap();
    assert_eq!(options.options.get_port(), 5432);
}
