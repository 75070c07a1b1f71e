//! The numbers and names that things are known by. People and places are platform ids, never display names.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::basics::clean;
use crate::basics::problem::Problem;
use crate::basics::text::{code, list};

/// The number of a request, counted from 1 and never used twice.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct RequestNo(pub u64);

impl RequestNo {
    /// The largest number that canonical JSON writes as it is (RFC 8785): 2^53 - 1. No log has as many requests.
    pub const MAX: RequestNo = RequestNo((1 << 53) - 1);
}

impl fmt::Display for RequestNo {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "#{}", self.0)
    }
}

/// Every platform with its word, an id as its accounts have them, and what tells those from others.
macro_rules! platforms {
    ($($platform:ident: $word:literal, $example:literal, $is_id:path;)*) => {
        /// Where a person speaks from.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(rename_all = "snake_case")]
        pub enum Platform {
            $($platform,)*
        }

        impl Platform {
            pub const ALL: [Platform; [$(Platform::$platform),*].len()] = [$(Platform::$platform),*];

            /// The word in front of the colon of a [`PersonId`].
            pub fn word(self) -> &'static str {
                match self {
                    $(Platform::$platform => $word,)*
                }
            }

            /// The id of an account that no one has.
            pub fn example(self) -> &'static str {
                match self {
                    $(Platform::$platform => $example,)*
                }
            }

            /// Whether this could be the id of an account.
            fn is_id(self, id: &str) -> bool {
                match self {
                    $(Platform::$platform => $is_id(id),)*
                }
            }
        }
    };
}

platforms! {
    Console: "console", "1001", is_decimal;
    Discord: "discord", "80351110224678912", is_decimal;
    Slack: "slack", "U024BE7LH", is_of_slack;
}

fn is_decimal(id: &str) -> bool {
    id.bytes().all(|b| b.is_ascii_digit())
}

fn is_of_slack(id: &str) -> bool {
    id.starts_with(['U', 'W']) && id.bytes().all(|b| b.is_ascii_uppercase() || b.is_ascii_digit())
}

impl FromStr for Platform {
    type Err = String;

    fn from_str(word: &str) -> Result<Platform, String> {
        Platform::ALL.into_iter().find(|platform| platform.word() == word).ok_or_else(|| {
            let words = Platform::ALL.map(|platform| code(platform.word()));
            format!("{} is not a platform; use {}", code(word), list(&words, "or"))
        })
    }
}

/// A channel of one platform.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ChannelId {
    pub platform: Platform,
    /// The channel's id there.
    pub id: String,
}

impl ChannelId {
    pub fn new(platform: Platform, id: impl Into<String>) -> ChannelId {
        ChannelId { platform, id: id.into() }
    }
}

/// A person's account on one platform, written `platform:id`, such as `discord:80351110224678912`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct PersonId {
    platform: Platform,
    id: String,
}

impl PersonId {
    /// The account with this id.
    pub fn new(platform: Platform, id: impl Into<String>) -> Result<PersonId, String> {
        let id = id.into();
        let fits = !id.is_empty() && id.len() <= 20 && platform.is_id(&id);
        if fits {
            return Ok(PersonId { platform, id });
        }
        let (word, example) = (platform.word(), code(platform.example()));
        Err(format!("{} is not a {word} user id such as {example}", code(&id)))
    }

    /// The platform of the account.
    pub fn platform(&self) -> Platform {
        self.platform
    }

    /// The id on that platform, without its name.
    pub fn id(&self) -> &str {
        &self.id
    }
}

impl fmt::Display for PersonId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.platform.word(), self.id)
    }
}

impl FromStr for PersonId {
    type Err = String;

    fn from_str(text: &str) -> Result<PersonId, String> {
        let (platform, id) = text.split_once(':').ok_or_else(|| {
            format!(
                "{} is not an account; use the platform and the id there, such as `discord:80351110224678912`",
                code(text)
            )
        })?;
        PersonId::new(platform.parse()?, id)
    }
}

impl TryFrom<String> for PersonId {
    type Error = String;

    fn try_from(text: String) -> Result<PersonId, String> {
        text.parse()
    }
}

impl From<PersonId> for String {
    fn from(person: PersonId) -> String {
        person.to_string()
    }
}

/// The longest login Amazon Connect takes, in characters (CreateUser, `AgentUsername`).
pub const LOGIN_MAX: usize = 100;

/// The most users that one line names.
pub const LOGINS_MAX: usize = 1_000;

/// Whether a word looks like a login and like nothing that people say: `john.doe`, `jdoe2`, `j_doe@example.com`.
pub fn looks_like_login(word: &str) -> bool {
    let edges = |c: char| c.is_ascii_alphanumeric();
    word.len() > 2
        && word.starts_with(edges)
        && word.ends_with(edges)
        && word.contains(|c: char| c.is_ascii_alphabetic())
        && word.contains(|c: char| "._-@\\".contains(c) || c.is_ascii_digit())
        && login(word).is_ok()
}

/// The login in `john.doe's`, as people speak of what someone has.
pub fn owner(word: &str) -> Option<&str> {
    word.strip_suffix("'s").or_else(|| word.strip_suffix("\u{2019}s")).filter(|login| !login.is_empty())
}

/// Checks a login as typed and gives it back without a leading `@`.
///
/// Takes 1 to 100 of the characters Amazon Connect names for logins: letters, digits, `_`, `-`, `.`, `@` and `\`. Full-width
/// letters are read as the plain ones, and what no one sees is left out.
pub fn login(typed: &str) -> Result<String, Problem> {
    let plain = clean::word(typed);
    let login = plain.trim_start_matches('@');
    if login.is_empty() {
        return Err(Problem::requester("login_empty", "The login is empty.")
            .hint("Type one such as `john.doe`, or search with `/connect find`."));
    }
    let length = login.chars().count();
    if length > LOGIN_MAX {
        return Err(Problem::requester(
            "login_too_long",
            format!("The login {} has {length} characters. The limit is {LOGIN_MAX}.", code(login)),
        )
        .hint("Search with `/connect find`."));
    }
    let odd = login.chars().find(|c| !(c.is_ascii_alphanumeric() || "_-.@\\".contains(*c)));
    match odd {
        None => Ok(login.to_owned()),
        Some(odd) => Err(Problem::requester(
            "login_characters",
            format!(
                "The login {} contains {}. A login can have only letters, digits and `. _ - @`.",
                code(login),
                crate::basics::text::name_of(odd)
            ),
        )
        .hint("Search with `/connect find`.")),
    }
}
