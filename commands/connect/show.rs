use async_trait::async_trait;
use desk_core::card::{Block, Card, Tone};
use desk_core::center::{Phone, Presence, Settings, Snapshot, VoiceEnhancement};
use desk_core::command::{Answer, Ask, Command};
use desk_core::names;
use desk_core::problem::Problem;
use desk_core::text::{clock_time, code, list, moment};
use desk_core::words::{Arg, Kind, Risk, Spec};

pub(crate) const COMMAND: &dyn Command = &Show;

struct Show;

const SPEC: Spec = Spec {
    about: "Everything about one user, and whether they are signed in",
    help: "The answer is private, because it holds personal data.",
    risk: Risk::Look,
    args: &[Arg::required("login", Kind::Login, "The login; case matters")],
    examples: &["/connect show john.doe"],
    operations: &[
        "SearchUsers",
        "DescribeUser",
        "GetCurrentUserData",
        "ListAgentStatuses",
        "ListRoutingProfiles",
        "ListSecurityProfiles",
        "DescribeUserHierarchyGroup",
        "ListUserProficiencies",
        "ListQuickConnects",
        "DescribeQuickConnect",
        "ListQueues",
        "ListQueueQuickConnects",
    ],
};

#[async_trait]
impl Command for Show {
    fn spec(&self) -> &'static Spec {
        &SPEC
    }

    async fn answer(&self, ask: &Ask<'_>) -> Result<Answer, Problem> {
        let user = names::user(ask.center, ask.args.word("login")).await?;
        let snapshot = ask.center.snapshot(&user).await?;
        let presence = ask.center.presence(&user.id).await?;
        Ok(Answer::Card(card(&snapshot, &presence).private()))
    }
}

fn card(snapshot: &Snapshot, presence: &Presence) -> Card {
    let user = &snapshot.user;
    let profile = &user.profile;
    let identity = &profile.identity;
    let mut facts = vec![("Now".to_owned(), now(presence))];
    let mut add = |name: &str, value: String| facts.push((name.to_owned(), value));
    add("Login", code(&user.login));
    add("Email", identity.email.as_deref().map_or_else(|| "none".to_owned(), code));
    if let Some(email) = &identity.secondary_email {
        add("Secondary email", code(email));
    }
    if let Some(mobile) = &identity.mobile {
        add("Mobile", code(mobile));
    }
    add("Routing profile", code(&profile.routing_profile.name));
    let security: Vec<String> = profile.security_profiles.iter().map(|named| code(&named.name)).collect();
    add("Security profiles", list(&security, "and"));
    add("Hierarchy group", profile.hierarchy_group.as_ref().map_or_else(|| "none".to_owned(), |g| code(&g.name)));
    contact_handling(&profile.settings, &mut add);
    if !snapshot.proficiencies.is_empty() {
        let all: Vec<String> = snapshot
            .proficiencies
            .iter()
            .map(|p| format!("{} {}", code(&format!("{}: {}", p.attribute, p.value)), p.level))
            .collect();
        add("Proficiencies", all.join(", "));
    }
    for quick_connect in &snapshot.quick_connects {
        let queues: Vec<String> = quick_connect.queues.iter().map(|queue| code(&queue.name)).collect();
        let queues = if queues.is_empty() { "no queue".to_owned() } else { list(&queues, "and") };
        add("Quick connect", format!("{} in {queues}", code(&quick_connect.name)));
    }
    if !profile.tags.is_empty() {
        let tags: Vec<String> = profile.tags.iter().map(|(key, value)| code(&format!("{key}={value}"))).collect();
        add("Tags", tags.join(" "));
    }
    if let Some(modified) = user.modified {
        add("Last changed", moment(modified));
    }
    let mut card = Card::new(Tone::Plain, user.shown()).block(Block::Facts(facts)).footer(format!("id {}", user.id));
    if identity.email.is_none() {
        card = card.warning("No email is on file, so \"Forgot password\" cannot work for this user.");
    }
    card
}

fn now(presence: &Presence) -> String {
    let since = |at: Option<jiff::Timestamp>| at.map(|at| format!(" since {}", clock_time(at))).unwrap_or_default();
    if !presence.active {
        return "not active".to_owned();
    }
    let status = match &presence.status {
        Some(status) => format!("{}{}", code(status), since(presence.status_since)),
        None => "active".to_owned(),
    };
    let contacts: Vec<String> = presence
        .contacts
        .iter()
        .map(|(channel, at)| format!("on a {} contact{}", channel.word(), since(*at)))
        .collect();
    if contacts.is_empty() { status } else { format!("{}, {status}", contacts.join(", ")) }
}

fn contact_handling(settings: &Settings, add: &mut impl FnMut(&str, String)) {
    match &settings.phone {
        Some(Phone::Soft { .. }) => add("Phone", "soft phone".to_owned()),
        Some(Phone::Desk { number }) => {
            add("Phone", format!("desk phone {}", number.as_deref().map_or_else(|| "without a number".to_owned(), code)));
        }
        None => {}
    }
    let on: Vec<&str> = settings.auto_accept.iter().filter(|(_, accept)| accept.on).map(|(c, _)| c.word()).collect();
    add("Auto-accept", if on.is_empty() { "off".to_owned() } else { format!("on for {}", on.join(", ")) });
    let work: Vec<String> = settings
        .after_contact_work
        .iter()
        .map(|(channel, work)| format!("{} {}", channel.word(), limit(work.seconds)))
        .collect();
    if !work.is_empty() {
        add("After contact work", work.join(", "));
    }
    if settings.persistent_connection == Some(true) {
        add("Persistent connection", "on".to_owned());
    }
    match settings.voice_enhancement {
        Some(VoiceEnhancement::VoiceIsolation) => add("Audio", "voice isolation".to_owned()),
        Some(VoiceEnhancement::NoiseSuppression) => add("Audio", "noise suppression".to_owned()),
        Some(VoiceEnhancement::None) | None => {}
    }
}

/// 0 seconds is Amazon Connect's word for no limit at all.
fn limit(seconds: u32) -> String {
    if seconds == 0 { "without end".to_owned() } else { format!("{seconds} s") }
}
