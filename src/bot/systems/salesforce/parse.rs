//! What a configuration file says about Salesforce, checked: `[salesforce]` and `[salesforce.user]`.

use std::num::NonZeroU32;
use std::ops::Range;

use desk_core::basics::text::code;
use serde::Deserialize;
use toml::Spanned;

use super::settings::{Settings, SignIn, Site, UserField, UserRule};
use crate::config::checks::{Checks, SecretFile, is_safe_endpoint, line_of};
use crate::config::sections::Sections;
use crate::systems::connect::Limit;

/// Salesforce's API in Summer '26.
const API_VERSION: u16 = 67;

/// Versions that Salesforce serves: those before were retired, and three come every year.
const API_VERSIONS: std::ops::RangeInclusive<u16> = 52..=200;

/// What the CTI adapter calls its call center for Lightning.
const CALL_CENTER: &str = "ACLightningAdapter";

/// Where a browser shows an org, and no one can sign in with OAuth.
const ELSEWHERE: [&str; 2] = [".lightning.force.com", ".my.salesforce-setup.com"];

/// What the assertion is for, in production and in sandboxes.
const PRODUCTION: &str = "https://login.salesforce.com";
const SANDBOX: &str = "https://test.salesforce.com";

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct SalesforceFile {
    login_url: Spanned<String>,
    client_id: Spanned<String>,
    #[serde(default)]
    sign_in: SignInBy,
    username: Option<Spanned<String>>,
    key_file: Option<SecretFile>,
    audience: Option<Spanned<String>>,
    secret_file: Option<SecretFile>,
    api_version: Option<Spanned<u16>>,
    call_center: Option<Spanned<String>>,
    rate: Option<Spanned<f64>>,
    burst: Option<NonZeroU32>,
    user: Option<Spanned<UserFile>>,
}

#[derive(Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
enum SignInBy {
    #[default]
    Jwt,
    ClientCredentials,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct UserFile {
    field: UserField,
    value: Spanned<String>,
}

impl Site {
    /// The site's, where it has one.
    pub(crate) fn read(sections: &mut Sections<'_>, checks: &mut Checks<'_>) -> Option<Site> {
        sections.take("salesforce").map(|section| checks.salesforce(section))
    }
}

impl Checks<'_> {
    fn salesforce(&mut self, section: Spanned<SalesforceFile>) -> Site {
        let span = section.span();
        let SalesforceFile {
            login_url,
            client_id,
            sign_in,
            username,
            key_file,
            audience,
            secret_file,
            api_version,
            call_center,
            rate,
            burst,
            user,
        } = section.into_inner();
        let key_file = self.secret_file("key_file", key_file);
        let secret_file = self.secret_file("secret_file", secret_file);
        let address = self.my_domain(&login_url);
        let id = client_id.get_ref();
        if id.is_empty() || !id.bytes().all(|byte| byte.is_ascii_graphic()) {
            let message = format!(
                "{} is not a consumer key. Copy it from the app's OAuth settings in Salesforce.",
                code(id)
            );
            self.wrong(client_id.span(), message);
        }
        let unused = match sign_in {
            SignInBy::Jwt => vec![("secret_file", secret_file.is_some())],
            SignInBy::ClientCredentials => vec![
                ("username", username.is_some()),
                ("key_file", key_file.is_some()),
                ("audience", audience.is_some()),
            ],
        };
        for (key, _) in unused.into_iter().filter(|(_, is_set)| *is_set) {
            let message = format!("`{key}` under [salesforce] isn't used with this `sign_in`. Remove it.");
            self.warnings.push((line_of(self.text, &span), message));
        }
        let sign_in = match sign_in {
            SignInBy::Jwt => {
                if username.as_ref().is_none_or(|name| name.get_ref().trim().is_empty()) {
                    self.wrong(
                        span.clone(),
                        "`sign_in = \"jwt\"` needs `username`, the Salesforce user that the desk signs in as.",
                    );
                }
                let audience = match audience {
                    Some(audience) => self.audience(audience),
                    None if host(&address).contains(".sandbox.")
                        || host(&address) == "test.salesforce.com" =>
                    {
                        SANDBOX.to_owned()
                    }
                    None => PRODUCTION.to_owned(),
                };
                SignIn::Jwt {
                    username: username.map(|name| name.get_ref().trim().to_owned()).unwrap_or_default(),
                    key_file,
                    audience,
                }
            }
            SignInBy::ClientCredentials => {
                if ["login.salesforce.com", "test.salesforce.com"].contains(&host(&address)) {
                    let message = format!(
                        "Salesforce accepts client credentials only at your My Domain, not at {}. Set `login_url` to it.",
                        code(host(&address))
                    );
                    self.wrong(login_url.span(), message);
                }
                SignIn::ClientCredentials { secret_file }
            }
        };
        let settings = Settings {
            login_url: address,
            client_id: client_id.into_inner(),
            sign_in,
            api_version: api_version.map_or(API_VERSION, |version| self.api_version(version)),
            user: self.user_rule(user, span),
            call_center: call_center.map_or_else(|| CALL_CENTER.to_owned(), |name| self.call_center(name)),
        };
        const TEN: NonZeroU32 = NonZeroU32::new(10).expect("ten is not zero");
        let rate = rate.unwrap_or_else(|| Spanned::new(0..0, 5.0));
        self.rate(rate.span(), *rate.get_ref());
        let limit = Limit { rate: rate.into_inner(), burst: burst.unwrap_or(TEN) };
        Site { settings, limit: Some(limit) }
    }

    /// An address without a path.
    fn my_domain(&mut self, address: &Spanned<String>) -> String {
        let text = &address.get_ref().trim().trim_end_matches('/').to_ascii_lowercase();
        let rest = text.split_once("://").map(|(_, rest)| rest).unwrap_or_default();
        let fits = !rest.is_empty()
            && rest.bytes().all(|byte| byte.is_ascii_alphanumeric() || b".-:[]".contains(&byte));
        let message = if !fits {
            format!(
                "{} is not the address of an org. Use your My Domain, such as \"https://example.my.salesforce.com\".",
                code(text)
            )
        } else if ELSEWHERE.iter().any(|other| host(text).ends_with(other)) {
            format!(
                "{} is where the browser shows the org. Use its My Domain, such as \"https://example.my.salesforce.com\".",
                code(text)
            )
        } else if !is_safe_endpoint(text) {
            format!(
                "{} would send credentials over the network unencrypted. Use https, or http to this machine.",
                code(text)
            )
        } else {
            return text.clone();
        };
        self.wrong(address.span(), message);
        text.clone()
    }

    fn audience(&mut self, audience: Spanned<String>) -> String {
        if !is_safe_endpoint(audience.get_ref()) {
            let message = format!(
                "{} is not a valid audience. Use \"{PRODUCTION}\" or \"{SANDBOX}\".",
                code(audience.get_ref())
            );
            self.wrong(audience.span(), message);
        }
        audience.into_inner()
    }

    fn api_version(&mut self, version: Spanned<u16>) -> u16 {
        if !API_VERSIONS.contains(version.get_ref()) {
            let message = format!(
                "The desk can't use version {} of Salesforce's API. Use one from {} on, such as {API_VERSION}.",
                version.get_ref(),
                API_VERSIONS.start()
            );
            self.wrong(version.span(), message);
        }
        version.into_inner()
    }

    fn call_center(&mut self, name: Spanned<String>) -> String {
        let fits = !name.get_ref().is_empty()
            && name.get_ref().bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_');
        if !fits {
            let message = format!(
                "{} is not the internal name of a call center, which has letters and digits only. Use one such as \
                 \"{CALL_CENTER}\".",
                code(name.get_ref())
            );
            self.wrong(name.span(), message);
        }
        name.into_inner()
    }

    fn user_rule(&mut self, rule: Option<Spanned<UserFile>>, span: Range<usize>) -> UserRule {
        let Some(rule) = rule else {
            self.wrong(
                span,
                "The desk can't tell which Salesforce user belongs to an agent. Add [salesforce.user] as shown in config.example.toml.",
            );
            return UserRule { field: UserField::Username, value: String::new() };
        };
        let UserFile { field, value } = rule.into_inner();
        let text = value.get_ref().trim();
        let left = text.replace("{login}", "").replace("{email}", "");
        if left == text || left.contains(['{', '}']) || text.chars().any(char::is_control) {
            let message = format!(
                "{} doesn't contain a value of the agent. Use {{login}} or {{email}}, such as \"{{login}}@example.org\".",
                code(text)
            );
            self.wrong(value.span(), message);
        }
        UserRule { field, value: text.to_owned() }
    }
}

/// The host of an address that has one.
fn host(address: &str) -> &str {
    address.split_once("://").map(|(_, rest)| rest.split(':').next().unwrap_or_default()).unwrap_or_default()
}
