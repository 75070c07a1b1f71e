//! What every section of a configuration is checked with.

use std::collections::BTreeSet;
use std::net::IpAddr;
use std::ops::Range;
use std::path::{Path, PathBuf};

use desk_core::basics::text::code;
use desk_core::command::Entry;
use toml::Spanned;

use crate::private;

/// What a file says where the path of a file with a secret belongs. The parser would repeat a value of another kind.
pub(crate) type SecretFile = Spanned<toml::Value>;

pub(crate) struct Checks<'a> {
    pub(crate) text: &'a str,
    pub(super) commands: &'a [Entry],
    /// Where relative paths of templates begin; none when no file is opened.
    pub(crate) folder: Option<&'a Path>,
    pub(super) errors: Vec<(Option<usize>, String)>,
    pub(crate) warnings: Vec<(usize, String)>,
}

impl Checks<'_> {
    pub(crate) fn wrong(&mut self, span: Range<usize>, message: impl Into<String>) {
        self.errors.push((Some(line_of(self.text, &span)), message.into()));
    }

    /// The path of a file with a secret, which no one else may read. What isn't a path may be the secret itself, so it is not repeated.
    pub(crate) fn secret_file(&mut self, key: &str, file: Option<SecretFile>) -> Option<PathBuf> {
        let file = file?;
        let path = file.get_ref().as_str().map(PathBuf::from);
        let Some(path) =
            path.filter(|path| path.is_absolute() && !path.to_string_lossy().contains(char::is_control))
        else {
            let message = format!(
                "`{key}` isn't a whole path. Put the secret into a file of its own, and write that file's path here, such as \"/etc/connect-desk/secret\"."
            );
            self.wrong(file.span(), message);
            return None;
        };
        if self.folder.is_some()
            && let Some(problem) = private::exposed(&path)
        {
            self.wrong(file.span(), problem.to_string());
        }
        Some(path)
    }

    /// A channel belongs to one platform, once.
    pub(crate) fn each_channel_once(&mut self, channels: &[Spanned<String>]) {
        let mut known = BTreeSet::new();
        for channel in channels {
            if !known.insert(channel.get_ref().as_str()) {
                let message = format!("The channel {} is listed twice. Remove one.", code(channel.get_ref()));
                self.wrong(channel.span(), message);
            }
        }
    }

    pub(crate) fn rate(&mut self, span: Range<usize>, rate: f64) {
        if !(0.01..=1000.0).contains(&rate) {
            let message =
                format!("A rate of {rate} a second is not allowed. Use a number from 0.01 to 1000.");
            self.wrong(span, message);
        }
    }
}

pub(crate) fn line_of(text: &str, span: &Range<usize>) -> usize {
    text.bytes().take(span.start).filter(|byte| *byte == b'\n').count() + 1
}

/// Whether requests signed with the desk's credentials may go there: encrypted, or not leaving the machine.
pub(crate) fn is_safe_endpoint(endpoint: &str) -> bool {
    let host = endpoint.parse::<http::Uri>().ok().and_then(|uri| uri.host().map(str::to_owned));
    if host.is_none_or(|host| host.is_empty()) {
        return false;
    }
    if endpoint.starts_with("https://") {
        return true;
    }
    endpoint.strip_prefix("http://").is_some_and(is_loopback)
}

/// Whether what follows the scheme of an address is a host that is this machine.
pub(crate) fn is_loopback(rest: &str) -> bool {
    let host = rest.split('/').next().unwrap_or_default();
    let host = match host.rsplit_once(':') {
        Some((host, port)) if port.bytes().all(|b| b.is_ascii_digit()) => host,
        _ => host,
    };
    let host = host.trim_start_matches('[').trim_end_matches(']');
    host == "localhost" || host.parse::<IpAddr>().is_ok_and(|ip| ip.is_loopback())
}
