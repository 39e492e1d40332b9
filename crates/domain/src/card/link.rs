//! Taking a web address apart, without a look at what is behind it.

/// The parts of a web address that tell whose it is.
pub(super) struct Link<'a> {
    /// Host in lower case, without user, port and final dot.
    pub(super) host: String,
    /// Port as written.
    pub(super) port: Option<&'a str>,
    /// Path from its first slash, without query and fragment; empty where there is none.
    pub(super) path: &'a str,
    /// What stands after `#`.
    pub(super) fragment: Option<&'a str>,
}

impl Link<'_> {
    /// Host and port, as in a configured base address.
    pub(super) fn host_with_port(&self) -> String {
        match self.port {
            Some(port) => format!("{}:{port}", self.host),
            None => self.host.clone(),
        }
    }

    /// The path after a prefix in any case of letters.
    pub(super) fn path_after(&self, prefix: &str) -> Option<&str> {
        strip_prefix_any_case(self.path, prefix)
    }
}

/// Takes apart an address with `http://` or `https://`, or one that begins with a host name and goes on with
/// a path, as people type it. `None` for everything else.
pub(super) fn parse(text: &str) -> Option<Link<'_>> {
    if let Some(rest) = ["https://", "http://"].iter().find_map(|s| strip_prefix_any_case(text, s)) {
        return split(rest).filter(|link| !link.host.is_empty());
    }
    if text.chars().any(char::is_whitespace) || text.contains('|') {
        return None;
    }
    let link = split(text)?;
    let goes_on = text.contains(['/', '?', '#']) || link.host.starts_with("www.");
    (goes_on && is_host_name(&link.host)).then_some(link)
}

/// The host of a text that begins with one, with or without a scheme, whatever follows.
pub(super) fn host_of(text: &str) -> Option<String> {
    let rest = ["https://", "http://"].iter().find_map(|s| strip_prefix_any_case(text, s)).unwrap_or(text);
    split(rest).map(|link| link.host).filter(|host| is_host_name(host))
}

/// Removes a prefix in ASCII letters of any case.
pub(super) fn strip_prefix_any_case<'a>(text: &'a str, prefix: &str) -> Option<&'a str> {
    let head = text.get(..prefix.len())?;
    if head.eq_ignore_ascii_case(prefix) { text.get(prefix.len()..) } else { None }
}

/// Splits what follows a scheme. Browsers take a backslash for a slash, and whatever stands before an `@` in
/// the authority for a user's name, so a link cannot pass for another by either.
fn split(rest: &str) -> Option<Link<'_>> {
    let authority_end = rest.find(|c: char| matches!(c, '/' | '\\' | '?' | '#') || c.is_whitespace());
    let (authority, tail) = rest.split_at(authority_end.unwrap_or(rest.len()));
    let (before_fragment, fragment) = match tail.split_once('#') {
        Some((before, fragment)) => (before, Some(fragment)),
        None => (tail, None),
    };
    let path = before_fragment.split('?').next()?;
    let server = authority.rsplit('@').next()?;
    let (host, port) = match server.rsplit_once(':') {
        Some((host, port)) if port.bytes().all(|byte| byte.is_ascii_digit()) => (host, Some(port)),
        _ => (server, None),
    };
    let host = host.trim_end_matches('.').to_lowercase();
    Some(Link { host, port: port.filter(|port| !port.is_empty()), path, fragment })
}

/// Whether a text looks like a host name: two labels or more, the last of letters alone.
fn is_host_name(host: &str) -> bool {
    let is_label = |label: &str| {
        !label.is_empty() && label.chars().all(|c| c.is_alphanumeric() || c == '-') && label.len() <= 63
    };
    let last = host.rsplit('.').next().unwrap_or_default();
    host.contains('.')
        && host.split('.').all(is_label)
        && last.len() >= 2
        && last.chars().all(char::is_alphabetic)
}
