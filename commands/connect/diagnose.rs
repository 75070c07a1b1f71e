use desk_core::args;
use desk_core::basics::problem::{Owner, Problem};
use desk_core::basics::roles::Role;
use desk_core::basics::span::{clock, person};
use desk_core::basics::text::{code, list, nearest};
use desk_core::card::{Block, Card, Mark, Style, Tone};
use desk_core::center::names;
use desk_core::center::{IdentityType, Instance, User, UserPresence};
use desk_core::command;
use desk_core::command::{Answer, Ask, Command};
use desk_core::log::Outcome;
use desk_core::plan::Effect;
use desk_core::plan::UserOutcome;
use desk_core::plan::effect::UserHas;
use desk_core::request::Phase;
use desk_core::user::UserField;
use desk_core::user::ceiling;
use desk_core::words::{Arg, Kind, Risk, Spec};

use crate::parts::request_history::{self, Told};
use crate::parts::{ccp_log, password_elsewhere, salesforce, saml_check};

pub(crate) const COMMAND: Command = command!(SPEC, answer);

/// The permission without which no one can open the contact control panel.
const AGENT_ACCESS: &str = "BasicAgentAccess";

/// Buttons that the card offers at most.
const BUTTONS_MAX: usize = 4;

/// Beside those that are about Salesforce.
const SALESFORCE_BUTTONS_MAX: usize = 3;

const PROBLEMS: &[(&str, &str)] = &[
    ("email", "no email arrived"),
    ("reset", "the password reset failed"),
    ("calls", "calls don't arrive or have no audio"),
    ("saml", "single sign-on refuses them"),
];

args! {
    struct DiagnoseArgs {
        login: String = required(Kind::Login, "The user who can't sign in (case-sensitive)"),
        problem: Option<String> = optional(Kind::Choice(PROBLEMS), "The symptom: no email, failed reset, failed calls, or SAML sign-in refused"),
        session: Option<String> = optional(Kind::Exact(200), "For SAML: the RoleSessionName that the identity provider sent"),
        _ = Arg::optional("log", Kind::File, "For calls: the CCP log that the agent downloaded"),
    }
}

const SPEC: Spec = Spec {
    about: "Find out why a user can't sign in: the guide's checks, each with a result and the next step",
    help: "Checks the user and what the desk changed about them. `problem:email` is for \"Email Not Received\", \
           `problem:reset` for \"Password Reset Failed\", `problem:calls` for calls and audio (attach the agent's CCP log as `log:…`), and `problem:saml` for single sign-on. Without it, everything about signing in is checked. Nothing is changed.",
    risk: Risk::Read,
    also: &["debug", "troubleshoot"],
    args: DiagnoseArgs::ARGS,
    examples: &[
        "/connect diagnose john.doe",
        "/connect diagnose hugo.berg problem:email",
        "/connect diagnose john.doe problem:calls log:agent-log.txt",
    ],
    operations: &[
        "DescribeInstance",
        "SearchUsers",
        "DescribeUser",
        "GetCurrentUserData",
        "ListAgentStatuses",
        "ListRoutingProfiles",
        "ListSecurityProfiles",
        "ListSecurityProfilePermissions",
        "SearchUserHierarchyGroups",
    ],
};

async fn answer(ask: &Ask<'_>) -> Result<Answer, Problem> {
    let DiagnoseArgs { login, problem, session } = DiagnoseArgs::of(ask.args)?;
    let (login, problem) = (login.as_str(), problem.as_deref());
    // A log is read whatever the problem is called, and what was pasted is compared.
    if problem == Some("calls") || ask.incoming.is_some() {
        return calls(ask, login).await;
    }
    let instance = ask.center.instance().await?;
    let known = request_history::about(ask, login).await?;
    let mut checks = Checks::default();
    match names::user(ask.center, login).await {
        Ok(user) => {
            let presence = ask.center.presence(&user.id).await?;
            checks.login(&user);
            if problem == Some("saml") || session.is_some() {
                checks.found.extend(saml_check::findings(&instance, &user.login, session.as_deref()));
            }
            checks.kept(&instance);
            checks.address(problem, &instance, &user);
            let permissions = checks.profiles(ask, &user).await?;
            checks.presence(&user, &presence, ask.now);
            checks.log(login, &known, ask.now);
            checks.reset(ask, problem, &instance, &user, &permissions, &presence);
            checks.salesforce(ask, user, &permissions).await;
        }
        Err(unknown) if unknown.owner == Owner::Requester => {
            checks.missing_user(ask, login, problem, &unknown).await?;
            checks.log(login, &known, ask.now);
        }
        Err(problem) => return Err(problem),
    }
    Ok(Answer::Card(checks.card(login)))
}

/// Why calls of a user fail: what is set for them, and what their softphone says.
async fn calls(ask: &Ask<'_>, login: &str) -> Result<Answer, Problem> {
    let user = names::user(ask.center, login).await?;
    let presence = ask.center.presence(&user.id).await?;
    let mut checks = Checks::default();
    checks.presence(&user, &presence, ask.now);
    checks.profiles(ask, &user).await?;
    let log = match ask.incoming {
        Some(_) => Some(ccp_log::read(ask).await?),
        None => None,
    };
    checks.found.extend(ccp_log::calls(&user, log));
    let worst = checks.found.iter().any(|(mark, _)| *mark == Mark::Failed);
    let tone = if worst { Tone::Alarm } else { Tone::Plain };
    let card =
        Card::new(tone, format!("Why calls of {} fail", code(login))).block(Block::Steps(checks.found));
    Ok(Answer::Card(card.private()))
}

/// What was found, in the order of the guide.
#[derive(Default)]
struct Checks {
    found: Vec<(Mark, String)>,
    buttons: Vec<(String, &'static str)>,
    /// What was found in Salesforce, where the site has it.
    there: Option<Vec<String>>,
}

impl Checks {
    fn ok(&mut self, text: impl Into<String>) {
        self.found.push((Mark::Done, text.into()));
    }

    fn look(&mut self, text: impl Into<String>) {
        self.found.push((Mark::Look, text.into()));
    }

    fn wrong(&mut self, text: impl Into<String>) {
        self.found.push((Mark::Failed, text.into()));
    }

    /// A next step; the first ones are kept.
    fn offer(&mut self, line: String, label: &'static str) {
        if self.buttons.len() < BUTTONS_MAX && self.buttons.iter().all(|(other, _)| *other != line) {
            self.buttons.push((line, label));
        }
    }

    fn login(&mut self, user: &User) {
        self.ok(format!("The login is exactly {}. Logins are case-sensitive.", code(&user.login)));
    }

    async fn missing_user(
        &mut self,
        ask: &Ask<'_>,
        login: &str,
        problem: Option<&str>,
        unknown: &Problem,
    ) -> Result<(), Problem> {
        self.wrong(unknown.to_string());
        let resembling = ask.center.resembling(login).await?;
        let lower = login.to_lowercase();
        let same = resembling.iter().find(|other| other.to_lowercase() == lower).map(String::as_str);
        if let Some(other) =
            same.or_else(|| nearest(login, resembling.iter().map(String::as_str)).first().copied())
        {
            let problem = problem.map(|problem| format!(" problem:{problem}")).unwrap_or_default();
            self.offer(format!("/connect diagnose {other}{problem}"), "Check the nearest login");
        }
        Ok(())
    }

    fn kept(&mut self, instance: &Instance) {
        match instance.identity {
            IdentityType::ConnectManaged => self.ok("Amazon Connect keeps their password."),
            IdentityType::Saml => self.look(
                "Users sign in with SAML, so Amazon Connect keeps no password. Reset it at the identity provider.",
            ),
            IdentityType::ExistingDirectory => {
                self.look("A directory keeps their password; \"Forgot password?\" on the login page does not apply.");
            }
        }
    }

    fn address(&mut self, problem: Option<&str>, instance: &Instance, user: &User) {
        let identity = &user.profile.identity;
        if let Some(found) = password_elsewhere::address(instance, user) {
            self.found.push(found);
            if matches!(problem, Some("email" | "reset")) {
                self.look("Amazon Connect sends them no link for a password, so none is missing.");
            }
            return;
        }
        match &identity.email {
            Some(email) => {
                self.ok(format!(
                    "The email on file is {}. Ask them to confirm that it is theirs and to check their spam folder.",
                    code(email)
                ));
            }
            None => {
                self.wrong(format!(
                    "No email is on file, so no reset email can arrive. `/connect reset {} email:…` sets one and emails them how to set a new password.",
                    user.login
                ));
            }
        }
        if let Some(second) = &identity.secondary_email {
            self.look(format!("The secondary email {} gets notices, never reset emails.", code(second)));
        }
        if problem == Some("email") && identity.email.is_some() {
            self.look(
                "Their spam filter may hold the email: it comes from Amazon Connect, not from the desk.",
            );
            self.offer(format!("/connect send {} credentials", user.login), "Send the credentials again");
        }
    }

    /// What their profiles let them do: their permissions.
    async fn profiles(&mut self, ask: &Ask<'_>, user: &User) -> Result<Vec<String>, Problem> {
        let profile = &user.profile;
        self.ok(format!("The routing profile is {}.", code(&profile.routing_profile.name)));
        let mut permissions = Vec::new();
        let (mut open, mut others) = (Vec::new(), Vec::new());
        for one in &profile.security_profiles {
            let allowed = ask.center.permissions(one).await?;
            let opens = allowed.iter().any(|permission| permission == AGENT_ACCESS);
            let with = if opens { &mut open } else { &mut others };
            with.push(code(&one.name));
            permissions.extend(allowed);
        }
        if open.is_empty() {
            let verb = if others.len() == 1 { "does not" } else { "do not" };
            self.wrong(format!(
                "{} {verb} open the contact control panel ({} is missing), so signing in shows no phone.",
                list(&others, "and"),
                code(AGENT_ACCESS)
            ));
        } else {
            let verb = if open.len() == 1 { "opens" } else { "open" };
            self.ok(format!("{} {verb} the contact control panel.", list(&open, "and")));
        }
        let beyond = ceiling::beyond(&[Role::L1].into(), &permissions);
        if !beyond.is_empty() {
            self.look(format!(
                "They have more permissions than an agent. Only someone with the role {} can change or recreate them.",
                ceiling::who_could(&permissions)
            ));
        }
        Ok(permissions)
    }

    fn presence(&mut self, user: &User, presence: &UserPresence, now: jiff::Timestamp) {
        let since = presence.status_since.map(|at| format!(" since {}", clock(at, now))).unwrap_or_default();
        let status = match &presence.status {
            Some(status) => format!("{}{since}", code(status)),
            None => "no status is reported".to_owned(),
        };
        if !presence.active {
            return self.ok(format!("They are not active ({status})."));
        }
        // An agent who closes the browser stays in the status, so it is no proof that they can sign in now.
        self.look(format!(
            "{} is active ({status}). They were signed in then; a session lasts 12 hours at most.",
            code(&user.login)
        ));
    }

    /// What the desk did about them, as far as it explains anything.
    fn log(&mut self, login: &str, known: &[Told], now: jiff::Timestamp) {
        let finished = || known.iter().filter(|told| told.left_something());
        let by = |told: &Told| {
            let at = match &told.request.phase {
                Phase::Finished { at, .. } => clock(*at, now),
                _ => String::new(),
            };
            let who = &told.request.by;
            format!("{at}, requested by {} ({})", person(&who.id, &who.name), told.request.no)
        };
        if let Some(told) = finished().find(|told| changes_email(told, login)) {
            self.look(format!("The desk changed their email at {}.", by(told)));
            self.offer(format!("/connect undo {}", told.request.no.0), "Undo the email change");
        }
        if let Some(told) = finished().find(|told| told.request.command == "connect reset") {
            self.look(format!("The desk reset them at {}.", by(told)));
        }
        let emails =
            finished().find(|told| told.happened().any(|(_, step)| is_email_to(&step.effect, login)));
        if let Some(told) = emails {
            self.look(format!("The desk sent them an email at {}.", by(told)));
        }
        let without =
            finished().find(|told| told.happened().any(|(_, step)| made_without_email(&step.effect, login)));
        if let Some(told) = without {
            self.look(format!(
                "They were created without an email at {}; adding one later doesn't always fix the reset.",
                by(told)
            ));
        }
        let removed = finished().find(|told| told.removed().any(|one| one.user.login == login));
        if let Some(told) = removed.filter(|told| told.request.command != "connect reset") {
            self.look(format!("The desk removed a user with this login at {}.", by(told)));
            if self.found.first().is_some_and(|(mark, _)| *mark == Mark::Failed) {
                self.offer(format!("/connect restore {login}"), "Restore them");
            }
        }
        if let Some(open) = known.iter().find(|told| !told.request.is_finished()) {
            self.look(format!("{} about them is still open.", open.request.no));
        }
        // What a person rolled back did not fail.
        let is_failed = |told: &&Told| match told.request.phase {
            Phase::Finished { outcome: Outcome::RolledBack, .. } => told.request.rolling_back.is_none(),
            Phase::Finished { outcome: Outcome::Abandoned, .. } => !told.request.gave_up_only_emails(),
            _ => false,
        };
        let failed = known.iter().find(is_failed);
        if let Some(told) = failed {
            self.look(format!("A request about them failed at {}.", by(told)));
        }
    }

    fn reset(
        &mut self,
        ask: &Ask<'_>,
        problem: Option<&str>,
        instance: &Instance,
        user: &User,
        permissions: &[String],
        presence: &UserPresence,
    ) {
        let login = &user.login;
        if instance.identity == IdentityType::ExistingDirectory && ask.site.directory.is_some() {
            self.offer(format!("/connect reset {login}"), "Reset the password");
        }
        if instance.identity == IdentityType::ConnectManaged {
            if problem == Some("reset") {
                self.look("A link from the email works once and for a short time. Use the newest email.");
            }
            // Signing in as them, and giving them their permissions again, is for those who may give these.
            let may_change = ceiling::beyond(&ask.by.roles, permissions).is_empty();
            match user.profile.identity.email {
                Some(_) => self.offer(format!("/connect reset {login}"), "Reset the password"),
                None if may_change => {
                    self.offer(format!("/connect reset {login} method:console"), "Set a password manually")
                }
                None => {}
            }
            // It is refused as long as they are signed in.
            if !presence.active && may_change {
                self.offer(format!("/connect reset {login} method:recreate"), "Recreate the user");
            }
        }
    }

    /// The last chapter of the guide: whether they have what the softphone in Salesforce needs.
    async fn salesforce(&mut self, ask: &Ask<'_>, user: User, permissions: &[String]) {
        if ask.salesforce.is_none() {
            return;
        }
        let mut found = Vec::new();
        match salesforce::agent_of(ask, user).await {
            Ok(agent) => {
                found = salesforce::findings(&agent);
                if ceiling::beyond(&ask.by.roles, permissions).is_empty() {
                    let offers = salesforce::offers(&agent);
                    self.buttons.extend(offers.into_iter().take(SALESFORCE_BUTTONS_MAX));
                }
            }
            // The rest was found all the same.
            Err(problem) => found.push(problem.sentences()),
        }
        self.there = Some(found);
    }

    fn card(self, login: &str) -> Card {
        let worst = self.found.iter().any(|(mark, _)| *mark == Mark::Failed);
        let tone = if worst { Tone::Alarm } else { Tone::Plain };
        let (heading, there) = match self.there {
            Some(found) => ("If they sign in through Salesforce", found),
            // The desk can't see it.
            None => (
                "Check, if they sign in through Salesforce",
                vec![
                    "whether they have the permission set `AC_Agent`".to_owned(),
                    "whether they are a user of the call center there".to_owned(),
                ],
            ),
        };
        let mut card = Card::new(tone, format!("Sign-in check of {}", code(login)))
            .block(Block::Steps(self.found))
            .block(Block::Points(heading.to_owned(), there));
        for (line, label) in self.buttons {
            card = card.says(line, label, Style::Quiet);
        }
        card.private()
    }
}

fn changes_email(told: &Told, login: &str) -> bool {
    told.happened().any(|(_, step)| match (step.effect.get(), step.undo.as_ref().and_then(Effect::get)) {
        (
            Some(UserHas { login: whose, field: UserField::Identity(new), .. }),
            Some(UserHas { field: UserField::Identity(old), .. }),
        ) => whose == login && new.email != old.email,
        _ => false,
    })
}

fn is_email_to(effect: &Effect, login: &str) -> bool {
    effect.email().is_some_and(|email| email.login == login)
}

fn made_without_email(effect: &Effect, login: &str) -> bool {
    matches!(effect.user_outcome(), UserOutcome::Made { login: whose, profile, .. }
        if whose == login && profile.identity.email.is_none())
}
