//! What holds for users of the contact center: `[new_users]` and `[protected]`.

use std::collections::BTreeSet;

use desk_core::basics::ids;
use desk_core::basics::text::{self, code};
use desk_core::policy::site::{NewUsers, Protected};
use desk_core::profile::WORK_MAX;
use serde::Deserialize;
use toml::Spanned;

use super::checks::Checks;

#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(super) struct NewUsersFile {
    login: Option<Spanned<String>>,
    phone: PhoneFile,
    auto_accept: bool,
    acw: Option<Spanned<u32>>,
    routing_profile: Option<String>,
    security_profile: Option<String>,
    email_domains: Vec<Spanned<String>>,
}

#[derive(Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
enum PhoneFile {
    #[default]
    Soft,
    Desk,
}

#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(super) struct ProtectedFile {
    logins: Vec<Spanned<String>>,
    security_profiles: BTreeSet<String>,
}

impl Checks<'_> {
    pub(super) fn new_users(&mut self, section: NewUsersFile) -> NewUsers {
        let usual = NewUsers::default();
        let login = match section.login {
            None => usual.login,
            Some(pattern) => {
                let text = pattern.get_ref();
                let made = text.replace("{first}", "John").replace("{last}", "Doe");
                let of_names = text.contains("{first}") || text.contains("{last}");
                if !of_names || ids::login(&made).is_err() {
                    let message = format!(
                        "{} doesn't contain the user's name. Use {{first}} and {{last}}, such as \"{{first}}.{{last}}\".",
                        code(text)
                    );
                    self.wrong(pattern.span(), message);
                }
                pattern.into_inner()
            }
        };
        let acw = match section.acw {
            None => usual.acw,
            Some(seconds) => {
                if *seconds.get_ref() > WORK_MAX {
                    let message =
                        format!("After contact work can be at most {WORK_MAX} seconds. Use 300 if in doubt.");
                    self.wrong(seconds.span(), message);
                }
                seconds.into_inner()
            }
        };
        NewUsers {
            login,
            desk_phone: section.phone == PhoneFile::Desk,
            auto_accept: section.auto_accept,
            acw,
            routing_profile: section.routing_profile,
            security_profile: section.security_profile,
            email_domains: self.domains(section.email_domains),
        }
    }

    /// Domains as addresses have them behind their `@`.
    fn domains(&mut self, domains: Vec<Spanned<String>>) -> BTreeSet<String> {
        let mut all = BTreeSet::new();
        for domain in domains {
            let text = domain.get_ref().trim();
            if desk_core::basics::address::email(&format!("name@{text}")).is_err() {
                let message =
                    format!("{} is not an email domain. Use one such as \"example.org\".", code(text));
                self.wrong(domain.span(), message);
            }
            all.insert(text::name_key(text).into_owned());
        }
        all
    }

    pub(super) fn protected(&mut self, section: ProtectedFile) -> Protected {
        let mut logins = BTreeSet::new();
        for login in section.logins {
            match ids::login(login.get_ref()) {
                Ok(checked) => drop(logins.insert(checked)),
                Err(problem) => self
                    .wrong(login.span(), format!("{} Use a login in the contact center.", problem.message)),
            }
        }
        Protected { logins, security_profiles: section.security_profiles }
    }
}
