//! When the digest is posted, as the configuration says it.

use desk_core::view::digest::Daily;
use serde::Deserialize;
use toml::Spanned;

use super::checks::Checks;

#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(super) struct DigestFile {
    at: Option<Spanned<String>>,
    zone: Option<Spanned<String>>,
}

impl Checks<'_> {
    pub(super) fn digest(&mut self, section: DigestFile) -> Option<Daily> {
        let at = section.at?;
        let zone = section.zone.as_ref().map_or("UTC", |zone| zone.get_ref());
        match Daily::new(at.get_ref(), zone) {
            Ok(daily) => Some(daily),
            Err(message) => {
                self.wrong(at.span(), message);
                None
            }
        }
    }
}
