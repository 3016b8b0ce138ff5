//! Hosts and ports, as origins and `Host` headers write them.

use std::net::Ipv6Addr;

/// Parses a host and an optional port. Returns them in lower case, without the default port. Returns `None` if they are
/// invalid. `is_valid_name` decides about hosts that are not an IPv6 address.
pub(super) fn normalize_authority(
    text: &str,
    default_port: Option<u16>,
    is_valid_name: fn(&str) -> bool,
) -> Option<String> {
    let host_end = if text.starts_with('[') {
        text.find(']')? + 1
    } else {
        text.find(':').unwrap_or(text.len())
    };
    let (host, port) = text.split_at(host_end);
    let host = host.to_ascii_lowercase();
    if !is_ipv6_address(&host) && !is_valid_name(&host) {
        return None;
    }
    let Some(port) = port.strip_prefix(':') else {
        return port.is_empty().then_some(host);
    };
    let has_only_digits = !port.is_empty() && port.chars().all(|c| c.is_ascii_digit());
    let port: u16 = port
        .parse()
        .ok()
        .filter(|port| has_only_digits && *port > 0)?;
    Some(if Some(port) == default_port {
        host
    } else {
        format!("{host}:{port}")
    })
}

/// Returns whether a string is an IPv6 address as URLs write it.
fn is_ipv6_address(host: &str) -> bool {
    let address = host
        .strip_prefix('[')
        .and_then(|rest| rest.strip_suffix(']'));
    address.is_some_and(|address| address.parse::<Ipv6Addr>().is_ok())
}

/// Returns whether a string is a host name or an IPv4 address.
pub(super) fn is_host_name(host: &str) -> bool {
    let is_label = |label: &str| {
        let is_allowed = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '_';
        !label.is_empty() && label.chars().all(is_allowed)
    };
    host.split('.').all(is_label)
}

/// Returns whether a string is the host of an app or an extension: a name, a UUID, a hash, or the `.` of some Electron
/// apps.
pub(super) fn is_app_host(host: &str) -> bool {
    let is_allowed = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.' | '~');
    !host.is_empty() && host.chars().all(is_allowed)
}
