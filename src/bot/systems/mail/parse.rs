//! What a configuration file says about emails, checked: `[email]` and what is below it.

use std::ops::Range;
use std::path::{Path, PathBuf};

use desk_core::basics::text::code;
use desk_core::email::EmailKind;
use lettre::message::Mailbox;
use serde::Deserialize;
use toml::Spanned;

use super::message::with_ascii_domain;
use super::settings::{MailService, OAuth2Settings, Outgoing, SesSettings, Settings, SmtpSettings, Tls};
use super::templates::{SOURCE_MAX, Templates};
use crate::config::checks::{Checks, SecretFile, is_loopback, is_safe_endpoint};
use crate::config::sections::Sections;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct EmailFile {
    from: Option<Spanned<String>>,
    cc: Option<Spanned<String>>,
    organization: Option<Spanned<String>>,
    sign_off: Option<Spanned<String>>,
    helpdesk: Option<Spanned<String>>,
    login_url: Option<Spanned<String>>,
    by: Option<By>,
    #[serde(default)]
    templates: TemplateFiles,
    smtp: Option<Spanned<SmtpFile>>,
    ses: Option<Spanned<SesFile>>,
}

#[derive(Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
enum By {
    Smtp,
    Ses,
}

#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct TemplateFiles {
    credentials: Option<Spanned<PathBuf>>,
    first_login: Option<Spanned<PathBuf>>,
    forgot_password: Option<Spanned<PathBuf>>,
    email_not_received: Option<Spanned<PathBuf>>,
    email_changed: Option<Spanned<PathBuf>>,
    caller_code: Option<Spanned<PathBuf>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct SmtpFile {
    host: Spanned<String>,
    port: Option<Spanned<u16>>,
    #[serde(default)]
    tls: Tls,
    username: Option<Spanned<String>>,
    password_file: Option<SecretFile>,
    ca_file: Option<PathBuf>,
    oauth2: Option<Spanned<OAuth2File>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct OAuth2File {
    tenant: Option<Spanned<String>>,
    token_url: Option<Spanned<String>>,
    client_id: Spanned<String>,
    client_secret_file: Option<SecretFile>,
    scope: Option<Spanned<String>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct SesFile {
    region: Spanned<String>,
    endpoint: Option<Spanned<String>>,
    configuration_set: Option<String>,
}

/// What Exchange Online wants a token to be for.
const EXCHANGE_ONLINE: &str = "https://outlook.office365.com/.default";

/// The longest line that a site puts into every email, in characters.
const LINE_MAX: usize = 200;

impl Settings {
    /// The site's, or what is so where it says nothing.
    pub(crate) fn read(sections: &mut Sections<'_>, checks: &mut Checks<'_>) -> Settings {
        sections.take("email").map(|section| checks.email(section)).unwrap_or_default()
    }
}

impl Checks<'_> {
    fn email(&mut self, section: Spanned<EmailFile>) -> Settings {
        let mut settings = Settings::default();
        let span = section.span();
        let EmailFile { from, cc, organization, sign_off, helpdesk, login_url, by, templates, smtp, ses } =
            section.into_inner();
        for (line, into) in [
            (organization, &mut settings.organization),
            (sign_off, &mut settings.sign_off),
            (helpdesk, &mut settings.helpdesk),
        ] {
            if let Some(line) = line {
                *into = self.one_line(line);
            }
        }
        settings.login_url = login_url.map(|url| self.login_url(url));
        settings.cc = cc.and_then(|cc| self.mailbox(&cc));
        (settings.templates, settings.template_files) = self.templates(templates);
        let way = match (by, smtp, ses) {
            (None, Some(_), Some(_)) => {
                self.wrong(span.clone(), "Both [email.smtp] and [email.ses] are set. Choose one with `by = \"smtp\"` or `by = \"ses\"`.");
                None
            }
            (None | Some(By::Smtp), Some(smtp), _) => Some(MailService::Smtp(self.smtp(smtp))),
            (None | Some(By::Ses), _, Some(ses)) => Some(MailService::Ses(self.ses(ses.into_inner()))),
            (Some(_), ..) => {
                self.wrong(span.clone(), "The section that `by` under [email] names is missing. Add [email.smtp] or [email.ses], or remove `by`.");
                None
            }
            (None, None, None) => None,
        };
        let from = from.map(|from| self.mailbox(&from));
        settings.outgoing = match (way, from) {
            (Some(by), Some(from)) => from.map(|from| Outgoing { from, by }),
            (Some(_), None) => {
                self.wrong(span, "Email needs a sender. Set `from` under [email], such as \"Help desk <helpdesk@example.org>\".");
                None
            }
            (None, _) => None,
        };
        settings
    }

    fn one_line(&mut self, line: Spanned<String>) -> String {
        let text = line.get_ref().trim();
        if text.is_empty() || text.chars().any(char::is_control) || text.chars().count() > LINE_MAX {
            let message = format!(
                "{} is not one line of 1 to {LINE_MAX} characters. Shorten or remove it.",
                code(text)
            );
            self.wrong(line.span(), message);
        }
        line.get_ref().trim().to_owned()
    }

    fn login_url(&mut self, url: Spanned<String>) -> String {
        let text = url.get_ref();
        if !text.starts_with("https://")
            || text.len() > LINE_MAX
            || text.chars().any(|c| c.is_whitespace() || c.is_control())
        {
            let message =
                format!("{} is not a sign-in address. Use an address that begins with https://.", code(text));
            self.wrong(url.span(), message);
        }
        url.into_inner()
    }

    fn mailbox(&mut self, text: &Spanned<String>) -> Option<Mailbox> {
        match text.get_ref().parse().ok().and_then(with_ascii_domain) {
            Some(mailbox) => Some(mailbox),
            None => {
                let message = format!(
                    "{} is not an email address. Use one such as \"helpdesk@example.org\" or \"Help desk <helpdesk@example.org>\".",
                    code(text.get_ref())
                );
                self.wrong(text.span(), message);
                None
            }
        }
    }

    fn templates(&mut self, files: TemplateFiles) -> (Templates, Vec<PathBuf>) {
        let (mut templates, mut read) = (Templates::default(), Vec::new());
        let TemplateFiles {
            credentials,
            first_login,
            forgot_password,
            email_not_received,
            email_changed,
            caller_code,
        } = files;
        for (kind, path) in [
            (EmailKind::Credentials, credentials),
            (EmailKind::FirstLogin, first_login),
            (EmailKind::ForgotPassword, forgot_password),
            (EmailKind::EmailNotReceived, email_not_received),
            (EmailKind::EmailChanged, email_changed),
            (EmailKind::CallerCode, caller_code),
        ] {
            let (Some(path), Some(folder)) = (path, self.folder) else { continue };
            let file = folder.join(path.get_ref());
            let replaced = source(&file).and_then(|source| {
                let wrong = |message| {
                    format!("The template {} doesn't work: {message}. Correct or remove it.", file.display())
                };
                templates.replace(kind, &source).map_err(wrong)
            });
            if let Err(message) = replaced {
                self.wrong(path.span(), message);
            }
            read.push(file);
        }
        (templates, read)
    }

    fn smtp(&mut self, section: Spanned<SmtpFile>) -> SmtpSettings {
        let span: Range<usize> = section.span();
        let SmtpFile { host, port, tls, username, password_file, ca_file, oauth2 } = section.into_inner();
        if let Some(oauth2) = oauth2.as_ref().filter(|_| username.is_none()) {
            let message =
                "Access tokens are for a mailbox. Write its address as `username` under [email.smtp].";
            self.wrong(oauth2.span(), message);
        }
        if let Some(file) = password_file.as_ref().filter(|_| oauth2.is_some()) {
            let message = "There are a password and [email.smtp.oauth2]. Take one of them out.";
            self.wrong(file.span(), message);
        }
        let name = host.get_ref();
        let is_name = |name: &str| {
            !name.is_empty() && name.bytes().all(|b| b.is_ascii_alphanumeric() || b".-".contains(&b))
        };
        if !is_name(name) && name.parse::<std::net::IpAddr>().is_err() {
            let message = format!(
                "{} is not a valid SMTP host name. Use one such as \"smtp.example.org\", without a port.",
                code(name)
            );
            self.wrong(host.span(), message);
        }
        if tls == Tls::None && !is_loopback(name) {
            let message = format!(
                "Emails to {} would be sent unencrypted. Set `tls = \"starttls\"` or `tls = \"implicit\"`.",
                code(name)
            );
            self.wrong(host.span(), message);
        }
        if port.as_ref().is_some_and(|port| *port.get_ref() == 0) {
            self.wrong(span, "Port 0 is invalid. Use 587 for \"starttls\" or 465 for \"implicit\".");
        }
        let usual = if tls == Tls::Implicit { 465 } else { 587 };
        SmtpSettings {
            host: host.into_inner(),
            port: port.map_or(usual, Spanned::into_inner),
            tls,
            username: username.map(Spanned::into_inner),
            password_file: self.secret_file("password_file", password_file),
            ca_file,
            oauth2: oauth2.map(|oauth2| self.oauth2(oauth2)),
        }
    }

    fn oauth2(&mut self, section: Spanned<OAuth2File>) -> OAuth2Settings {
        let span = section.span();
        let OAuth2File { tenant, token_url, client_id, client_secret_file, scope } = section.into_inner();
        let is_word = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_graphic());
        let token_url = match (tenant, token_url) {
            (Some(tenant), None) => {
                let name = tenant.get_ref();
                if !name.bytes().all(|b| b.is_ascii_alphanumeric() || b".-".contains(&b)) || name.is_empty() {
                    let message = format!(
                        "{} isn't a tenant of Microsoft Entra. Write its id, or one of its domains such as \"example.org\".",
                        code(name)
                    );
                    self.wrong(tenant.span(), message);
                }
                format!("https://login.microsoftonline.com/{name}/oauth2/v2.0/token")
            }
            (None, Some(url)) => {
                if !is_safe_endpoint(url.get_ref()) || !is_word(url.get_ref()) {
                    let message = format!(
                        "{} isn't an address that the client secret may be sent to. Use an https address such as \"https://login.example.org/token\", or http to this machine.",
                        code(url.get_ref())
                    );
                    self.wrong(url.span(), message);
                }
                url.into_inner()
            }
            _ => {
                let message =
                    "[email.smtp.oauth2] needs `tenant` (Microsoft Entra) or `token_url`, and not both.";
                self.wrong(span, message);
                String::new()
            }
        };
        for (text, what) in [(Some(&client_id), "the id of an app"), (scope.as_ref(), "a scope")] {
            if let Some(text) = text.filter(|text| !is_word(text.get_ref())) {
                let message =
                    format!("{} isn't {what}. Copy it from the app's registration.", code(text.get_ref()));
                self.wrong(text.span(), message);
            }
        }
        OAuth2Settings {
            token_url,
            client_id: client_id.into_inner(),
            client_secret_file: self.secret_file("client_secret_file", client_secret_file),
            scope: scope.map_or_else(|| EXCHANGE_ONLINE.to_owned(), Spanned::into_inner),
        }
    }

    fn ses(&mut self, section: SesFile) -> SesSettings {
        let region = section.region.get_ref();
        if region.is_empty()
            || !region.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-')
        {
            let message = format!("{} is not an AWS region. Use one such as `us-east-1`.", code(region));
            self.wrong(section.region.span(), message);
        }
        if let Some(endpoint) = &section.endpoint
            && !is_safe_endpoint(endpoint.get_ref())
        {
            let message = format!(
                "{} would send emails unencrypted. Use an https address, or http to this machine.",
                code(endpoint.get_ref())
            );
            self.wrong(endpoint.span(), message);
        }
        SesSettings {
            region: region.clone(),
            endpoint: section.endpoint.map(Spanned::into_inner),
            configuration_set: section.configuration_set,
        }
    }
}

/// The text of a template's file.
fn source(file: &Path) -> Result<String, String> {
    let cannot = |why: String| {
        format!("The template {} can't be read ({why}). Check its path and permissions.", file.display())
    };
    let length = std::fs::metadata(file).map_err(|error| cannot(error.to_string()))?.len();
    if length > SOURCE_MAX {
        return Err(cannot(format!("it has more than {} KiB", SOURCE_MAX / 1024)));
    }
    let bytes = std::fs::read(file).map_err(|error| cannot(error.to_string()))?;
    String::from_utf8(bytes)
        .map_err(|_| format!("The template {} isn't in UTF-8. Save it as UTF-8.", file.display()))
}
