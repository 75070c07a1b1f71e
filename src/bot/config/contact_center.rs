//! Which contact center, and how often it is called: `[contact_center]` and `[limits]`.

use std::collections::BTreeMap;
use std::num::NonZeroU32;

use desk_core::basics::text::{self, code};
use desk_core::command::Entry;
use serde::Deserialize;
use toml::Spanned;

use super::checks::{Checks, is_safe_endpoint};
use super::turns::PeopleFile;
use crate::systems::connect::{Limit, Limits};

/// Which Amazon Connect instance.
#[derive(Clone, Debug)]
pub struct ContactCenter {
    pub region: String,
    pub instance_id: String,
    pub endpoint: Option<String>,
    /// Another endpoint than AWS's own for the directory that keeps the passwords.
    pub directory_endpoint: Option<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct ContactCenterFile {
    region: Spanned<String>,
    instance_id: Spanned<String>,
    endpoint: Option<Spanned<String>>,
    directory: Option<Spanned<String>>,
    directory_endpoint: Option<Spanned<String>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct LimitFile {
    rate: f64,
    burst: NonZeroU32,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(super) struct LimitsFile {
    rate: Spanned<f64>,
    burst: NonZeroU32,
    operations: BTreeMap<Spanned<String>, Spanned<LimitFile>>,
    pub(super) people: PeopleFile,
}

impl Default for LimitsFile {
    fn default() -> LimitsFile {
        const FIVE: NonZeroU32 = NonZeroU32::new(5).expect("five is not zero");
        let (operations, people) = (BTreeMap::new(), PeopleFile::default());
        LimitsFile { rate: Spanned::new(0..0, 2.0), burst: FIVE, operations, people }
    }
}

impl Checks<'_> {
    pub(super) fn contact_center(&mut self, section: ContactCenterFile) -> ContactCenter {
        let region = section.region.get_ref();
        let fits = |text: &str| {
            !text.is_empty()
                && text.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-')
        };
        if !fits(region) {
            let message = format!("{} is not an AWS region. Use one such as `us-east-1`.", code(region));
            self.wrong(section.region.span(), message);
        }
        let id = section.instance_id.get_ref();
        let is_uuid = id.len() == 36
            && id.char_indices().all(|(i, c)| match i {
                8 | 13 | 18 | 23 => c == '-',
                _ => c.is_ascii_hexdigit(),
            });
        if !is_uuid {
            let message = format!(
                "{} looks like a name, not an instance id. Use the id at the end of the instance's ARN, such as `12345678-1234-1234-1234-123456789012`.",
                code(id)
            );
            self.wrong(section.instance_id.span(), message);
        }
        for endpoint in section.endpoint.iter().chain(&section.directory_endpoint) {
            if is_safe_endpoint(endpoint.get_ref()) {
                continue;
            }
            let message = format!(
                "{} would send credentials unencrypted. Use an https address, or http to this machine.",
                code(endpoint.get_ref())
            );
            self.wrong(endpoint.span(), message);
        }
        ContactCenter {
            region: region.clone(),
            instance_id: id.clone(),
            endpoint: section.endpoint.map(Spanned::into_inner),
            directory_endpoint: section.directory_endpoint.map(Spanned::into_inner),
        }
    }

    /// The directory that keeps the passwords, where it is named.
    pub(super) fn directory(&mut self, section: &ContactCenterFile) -> Option<String> {
        let id = section.directory.as_ref()?;
        let digits = id.get_ref().strip_prefix("d-").unwrap_or_default();
        let fits =
            digits.len() == 10 && digits.bytes().all(|b| b.is_ascii_digit() || (b'a'..=b'f').contains(&b));
        if !fits {
            let message = format!(
                "{} is not a directory id. Use `d-` and ten hexadecimal digits, as shown in AWS Directory Service, such as `d-9067012345`.",
                code(id.get_ref())
            );
            self.wrong(id.span(), message);
        }
        Some(id.get_ref().clone())
    }

    pub(super) fn limits(&mut self, section: LimitsFile) -> Limits {
        let mut known: Vec<&str> = self.commands.iter().flat_map(Entry::operations).collect();
        known.sort_unstable();
        known.dedup();
        self.rate(section.rate.span(), *section.rate.get_ref());
        let mut operations = BTreeMap::new();
        for (name, limit) in section.operations {
            if !known.contains(&name.get_ref().as_str()) {
                let near = text::nearest(name.get_ref(), known.iter().copied());
                let hint = text::did_you_mean(&near)
                    .unwrap_or_else(|| "Use the name of an operation, such as `DescribeUser`.".to_owned());
                self.wrong(
                    name.span(),
                    format!("The desk doesn't use an operation {}. {hint}", code(name.get_ref())),
                );
            }
            let span = limit.span();
            let limit = limit.into_inner();
            self.rate(span, limit.rate);
            operations.insert(name.into_inner(), Limit { rate: limit.rate, burst: limit.burst });
        }
        Limits { every: Some(Limit { rate: *section.rate.get_ref(), burst: section.burst }), operations }
    }
}
