//! Who may do what: `[[rule]]`.

use std::collections::BTreeSet;
use std::ops::Range;

use desk_core::basics::ids::Platform;
use desk_core::basics::roles::{Person, Role};
use desk_core::basics::text::{self, code};
use desk_core::policy::{Policy, Rule};
use desk_core::policy_tools::lint::{Weight, lint};
use toml::Spanned;

use super::checks::{Checks, line_of};
use crate::section::ChatSection;

impl Checks<'_> {
    pub(super) fn policy(
        &mut self,
        section: Vec<Spanned<Rule>>,
        people: &[Person],
        chats: &[&dyn ChatSection],
    ) -> Policy {
        let mapped: BTreeSet<Role> = chats.iter().flat_map(|section| section.roles().into_values()).collect();
        // A desk on a chat platform is not at the console, so those with an account only there decide nothing.
        let platforms: Vec<Platform> = chats.iter().map(|section| section.platform()).collect();
        let is_met = |person: &&Person| {
            let mut accounts = person.accounts().into_iter();
            platforms.is_empty() || accounts.any(|account| platforms.contains(&account.platform()))
        };
        let met: Vec<Person> = people.iter().filter(is_met).cloned().collect();
        let held: BTreeSet<Role> =
            met.iter().flat_map(|person| &person.roles).chain(&mapped).copied().collect();
        let (mut names, mut console_only) = (BTreeSet::new(), BTreeSet::new());
        let (mut rules, mut spans) = (Vec::new(), Vec::new());
        for rule in section {
            let span = rule.span();
            let rule = rule.into_inner();
            let name = code(&rule.name);
            if !names.insert(rule.name.clone()) {
                self.wrong(
                    span.clone(),
                    format!("Two rules have the name {name}. Give each rule a different name."),
                );
            }
            if rule.roles.is_empty() {
                let message =
                    format!("The rule {name} has no `roles`, so it allows no one. Add its `roles`.");
                self.wrong(span.clone(), message);
            }
            if rule.approvals > 0 && rule.approvers.is_empty() {
                let message =
                    format!("The rule {name} needs approvals but has no approvers. Add its `approvers`.");
                self.wrong(span.clone(), message);
            }
            let named: BTreeSet<Role> = rule.roles.iter().copied().chain(rule.all_approvers()).collect();
            for role in named.iter().filter(|role| !held.contains(role)) {
                if people.iter().any(|person| person.roles.contains(role)) {
                    if console_only.insert(*role) {
                        let message = format!(
                            "The rule {name} names the role `{role}`, which only console accounts have, and the desk serves no console. Map a Discord role to it, or add their accounts under `also`."
                        );
                        self.warnings.push((line_of(self.text, &span), message));
                    }
                    continue;
                }
                let message = format!(
                    "The rule {name} names the role `{role}`, which no one has. Give it to a person under [[person]], map a Discord role to it, or remove it from the rule."
                );
                self.wrong(span.clone(), message);
            }
            for pattern in &rule.commands {
                self.pattern(span.clone(), &name, pattern);
            }
            rules.push(rule);
            spans.push(span);
        }
        if rules.is_empty() {
            self.errors.push((
                None,
                "There is no [[rule]], so no one can do anything. Copy the rules from config.example.toml."
                    .to_owned(),
            ));
        }
        let policy = Policy { rules };
        for finding in lint(&policy, &met, &mapped, self.commands) {
            let span = spans.get(finding.rule).cloned().unwrap_or_default();
            match finding.weight {
                Weight::Error => self.wrong(span, finding.message),
                Weight::Warning => self.warnings.push((line_of(self.text, &span), finding.message)),
            }
        }
        policy
    }

    fn pattern(&mut self, span: Range<usize>, rule: &str, pattern: &str) {
        let known = match pattern.strip_suffix(" *") {
            Some(start) => self
                .commands
                .iter()
                .any(|entry| entry.path.strip_prefix(start).is_some_and(|rest| rest.starts_with(' '))),
            None => self.commands.iter().any(|entry| entry.path == pattern),
        };
        if !known {
            let near = text::nearest(pattern, self.commands.iter().map(|entry| entry.path));
            let hint = text::did_you_mean(&near).unwrap_or_else(|| {
                "Use a command's name, or `connect *` for all commands of a group.".to_owned()
            });
            let message =
                format!("The rule {rule} names the command {}, which doesn't exist. {hint}", code(pattern));
            self.wrong(span, message);
        }
    }
}
