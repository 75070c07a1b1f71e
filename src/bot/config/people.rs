//! Who works at the desk: `[[person]]`.

use std::collections::BTreeSet;

use desk_core::basics::ids::{PersonId, Platform};
use desk_core::basics::roles::{Person, Role};
use desk_core::basics::text::{self, code};
use serde::Deserialize;
use toml::Spanned;

use super::checks::Checks;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct PersonFile {
    id: Spanned<String>,
    name: String,
    #[serde(default)]
    roles: Vec<Spanned<String>>,
    login: Option<Spanned<String>>,
    #[serde(default)]
    also: Vec<Spanned<String>>,
}

impl Checks<'_> {
    pub(super) fn people(&mut self, section: Vec<Spanned<PersonFile>>) -> Vec<Person> {
        let mut people: Vec<Person> = Vec::new();
        let mut logins = BTreeSet::new();
        for person in section {
            let span = person.span();
            let person = person.into_inner();
            let id = match person.id.get_ref().parse::<PersonId>() {
                Ok(id) => id,
                Err(message) => {
                    self.wrong(person.id.span(), format!("{message}."));
                    // Their roles count, even if the id is not readable.
                    placeholder(people.len())
                }
            };
            self.one_account_each(&person.name, &id, &person.also);
            let mut also = BTreeSet::new();
            for account in &person.also {
                match account.get_ref().parse::<PersonId>() {
                    Ok(other) if other == id || people.iter().any(|known| known.at(&other).is_some()) => {
                        let message = format!(
                            "{} is listed twice. List each account only once.",
                            code(account.get_ref())
                        );
                        self.wrong(account.span(), message);
                    }
                    Ok(other) => drop(also.insert(other)),
                    Err(message) => self.wrong(account.span(), format!("{message}.")),
                }
            }
            if people.iter().any(|other| other.at(&id).is_some()) {
                let message = format!(
                    "{} is listed twice. Put all of the person's roles in one place.",
                    code(&id.to_string())
                );
                self.wrong(person.id.span(), message);
            }
            let mut roles = BTreeSet::new();
            for role in person.roles {
                match role.get_ref().parse::<Role>() {
                    Ok(known) => {
                        roles.insert(known);
                    }
                    Err(message) => self.wrong(role.span(), message),
                }
            }
            if let Some(login) = &person.login
                && !logins.insert(text::name_key(login.get_ref()).into_owned())
            {
                let message = format!(
                    "Two people have the login {}. Give it to only one of them.",
                    code(login.get_ref())
                );
                self.wrong(login.span(), message);
            }
            if person.name.trim().is_empty() {
                self.wrong(span, "A person has no name. Set the name to show.");
            }
            people.push(Person {
                id,
                name: person.name,
                roles,
                login: person.login.map(Spanned::into_inner),
                also,
            });
        }
        people
    }

    /// A person has one account on each platform: with a second one they could approve what they asked for with the first.
    fn one_account_each(&mut self, name: &str, id: &PersonId, also: &[Spanned<String>]) {
        let mut known = vec![id.clone()];
        for account in also {
            let Ok(other) = account.get_ref().parse::<PersonId>() else { continue };
            match known.iter().find(|known| known.platform() == other.platform()) {
                // The same account twice is said elsewhere.
                Some(first) if *first != other => {
                    let message = format!(
                        "{} has two {} accounts: {} and {}. Keep one for each platform.",
                        code(name),
                        other.platform().word(),
                        code(&first.to_string()),
                        code(account.get_ref())
                    );
                    self.wrong(account.span(), message);
                }
                Some(_) => {}
                None => known.push(other),
            }
        }
    }
}

/// An account that no one has.
fn placeholder(number: usize) -> PersonId {
    PersonId::new(Platform::Console, format!("99999{number}")).expect("digits are an account of the console")
}
