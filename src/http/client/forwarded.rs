//! Reads the addresses in `X-Forwarded-For` and in `Forwarded` (RFC 7239).

use std::net::{IpAddr, SocketAddr};

/// An address as proxies write it, with or without a port, in brackets or not. `None` if it is none, such as `unknown`.
pub fn node(text: &[u8]) -> Option<IpAddr> {
    let text = str::from_utf8(text).ok()?.trim_matches([' ', '\t']);
    let bare = text
        .strip_prefix('[')
        .and_then(|rest| rest.strip_suffix(']'));
    let address = bare.unwrap_or(text).parse();
    let address = address.or_else(|_| text.parse().map(|with_port: SocketAddr| with_port.ip()));
    address.ok().map(|address: IpAddr| address.to_canonical())
}

/// Who asked, by each element of all values in their order; `None` in the place of an element that doesn't say it. `None` for all of it if
/// the grammar is broken anywhere: a quote that is left open could take in what a proxy has added.
pub fn nodes(values: &[&[u8]]) -> Option<Vec<Option<IpAddr>>> {
    let mut nodes = Vec::new();
    for value in values {
        let mut rest = Rest(value);
        loop {
            let (node, last) = rest.element()?;
            nodes.push(node);
            if last {
                break;
            }
        }
    }
    Some(nodes)
}

/// What is still to be read.
struct Rest<'a>(&'a [u8]);

impl<'a> Rest<'a> {
    /// One element, and whether it is the last of its header.
    fn element(&mut self) -> Option<(Option<IpAddr>, bool)> {
        let mut asked = None;
        loop {
            self.skip_blanks();
            let name = self.token();
            if !name.is_empty() {
                self.expect(b'=')?;
                let value = self.value()?;
                if name.eq_ignore_ascii_case(b"for") && asked.replace(node(&value)).is_some() {
                    return None;
                }
            }
            self.skip_blanks();
            match self.next() {
                Some(b';') => {}
                Some(b',') => return Some((asked.flatten(), false)),
                None => return Some((asked.flatten(), true)),
                Some(_) => return None,
            }
        }
    }

    /// A token, or what stands in quotes.
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

    /// The characters of a token that come next, and the few more that are written without quotes where they should have some.
    fn token(&mut self) -> &'a [u8] {
        let is_of_token =
            |byte: &u8| byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~:[]/".contains(byte);
        let length = self.0.iter().take_while(|byte| is_of_token(byte)).count();
        let (token, rest) = self.0.split_at(length);
        self.0 = rest;
        token
    }

    fn skip_blanks(&mut self) {
        self.0 = self.0.trim_ascii_start();
    }

    fn expect(&mut self, wanted: u8) -> Option<()> {
        (self.next()? == wanted).then_some(())
    }

    fn next(&mut self) -> Option<u8> {
        let (first, rest) = self.0.split_first()?;
        self.0 = rest;
        Some(*first)
    }
}
