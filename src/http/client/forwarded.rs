//! Parses the addresses in the headers `X-Forwarded-For` and `Forwarded` (RFC 7239).

use std::net::{IpAddr, SocketAddr};

/// Parses an address as proxies write it, with or without a port and brackets. Returns `None` for anything else, such
/// as `unknown`.
pub fn parse_node(text: &[u8]) -> Option<IpAddr> {
    let text = str::from_utf8(text).ok()?.trim_matches([' ', '\t']);
    let unbracketed = text
        .strip_prefix('[')
        .and_then(|text| text.strip_suffix(']'));
    let address = unbracketed.unwrap_or(text).parse();
    let address = address.or_else(|_| text.parse().map(|address: SocketAddr| address.ip()));
    address.ok().map(|address: IpAddr| address.to_canonical())
}

/// Parses the `for` parameter of each element of all header values, in order. An element without a valid address is
/// `None`. Returns `None` on any syntax error, because an unclosed quote could swallow what a proxy has appended.
pub fn parse_forwarded(values: &[&[u8]]) -> Option<Vec<Option<IpAddr>>> {
    let mut nodes = Vec::new();
    for value in values {
        let mut parser = Parser(value);
        loop {
            let (node, is_last) = parser.element()?;
            nodes.push(node);
            if is_last {
                break;
            }
        }
    }
    Some(nodes)
}

/// The unparsed rest of a header value.
struct Parser<'a>(&'a [u8]);

impl<'a> Parser<'a> {
    /// Parses one element. Returns its `for` address, and whether it is the last element of the header value.
    fn element(&mut self) -> Option<(Option<IpAddr>, bool)> {
        let mut address = None;
        loop {
            self.skip_blanks();
            let name = self.token();
            if !name.is_empty() {
                self.expect(b'=')?;
                let value = self.value()?;
                if name.eq_ignore_ascii_case(b"for")
                    && address.replace(parse_node(&value)).is_some()
                {
                    return None;
                }
            }
            self.skip_blanks();
            match self.next() {
                Some(b';') => {}
                Some(b',') => return Some((address.flatten(), false)),
                None => return Some((address.flatten(), true)),
                Some(_) => return None,
            }
        }
    }

    /// Parses a token or a quoted string.
    fn value(&mut self) -> Option<Vec<u8>> {
        if self.0.first() != Some(&b'"') {
            let token = self.token();
            return (!token.is_empty()).then(|| token.to_vec());
        }
        self.next();
        let mut value = Vec::new();
        loop {
            match self.next()? {
                b'"' => return Some(value),
                b'\\' => value.push(self.next()?),
                byte => value.push(byte),
            }
        }
    }

    /// Parses a token. It may contain `:`, `[`, `]` and `/`, which some proxies do not quote as they should.
    fn token(&mut self) -> &'a [u8] {
        let is_token_byte =
            |byte: &u8| byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~:[]/".contains(byte);
        let length = self.0.iter().take_while(|byte| is_token_byte(byte)).count();
        let (token, rest) = self.0.split_at(length);
        self.0 = rest;
        token
    }

    fn skip_blanks(&mut self) {
        self.0 = self.0.trim_ascii_start();
    }

    fn expect(&mut self, expected: u8) -> Option<()> {
        (self.next()? == expected).then_some(())
    }

    fn next(&mut self) -> Option<u8> {
        let (first, rest) = self.0.split_first()?;
        self.0 = rest;
        Some(*first)
    }
}
