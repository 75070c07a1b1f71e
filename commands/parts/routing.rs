//! What commands about quick connects, queues and routing profiles share: which ones people mean, and where they lead.

use std::collections::BTreeMap;

use desk_core::basics::clean;
use desk_core::basics::problem::Problem;
use desk_core::basics::text::{code, count, list, whole};
use desk_core::center::orphans::{self, Orphan, Parts, Switched};
use desk_core::center::{
    Channel, FlowInfo, LeadsTo, Named, QueueInfo, QuickConnectInfo, RoutingProfileInfo, Slots, names,
};
use desk_core::command::Ask;
use desk_core::plan::Step;
use desk_core::plan::effect::{
    ChannelSlots, Destination, OfferedQuickConnect, QueueOffersAll, QueueOffersNone, QuickConnectPresent,
};
use desk_core::words::{self, Args, Spec, quoted};

/// The flow that an agent is transferred to, unless another is named.
const AGENT_TRANSFER: &str = "Default agent transfer";
const QUEUE_TRANSFER: &str = "Default queue transfer";

/// What `typed` names among these: one name, or several with commas or semicolons between them. Between semicolons, names may have
/// commas; between commas, as many parts as there can be are one name.
pub(crate) fn several(kind: &str, typed: &str, all: &[Named]) -> Result<Vec<Named>, Problem> {
    if let Ok(only) = names::resolve(kind, typed.trim(), all) {
        return Ok(vec![only]);
    }
    let mut found: Vec<Named> = Vec::new();
    let most = all.iter().map(|one| one.name.matches(',').count() + 1).max().unwrap_or(1);
    for listed in typed.split(';') {
        let parts: Vec<&str> = listed.split(',').collect();
        let mut at = 0;
        while let Some(first) = parts.get(at).map(|part| part.trim()) {
            let whole = |n: usize| {
                let joined = parts.get(at..at + n)?.join(",");
                Some((names::resolve(kind, joined.trim(), all).ok()?, n))
            };
            let (one, taken) = match (2..=most).rev().find_map(whole) {
                Some(found) => found,
                None if first.is_empty() => {
                    at += 1;
                    continue;
                }
                None => (names::resolve(kind, first, all)?, 1),
            };
            at += taken;
            if !found.contains(&one) {
                found.push(one);
            }
        }
    }
    if found.is_empty() {
        return names::resolve(kind, typed, all).map(|one| vec![one]);
    }
    Ok(found)
}

/// The channels that are named, with commas between them.
pub(crate) fn channels(typed: &str) -> Result<Vec<Channel>, Problem> {
    let mut found = Vec::new();
    for part in typed.split([',', ';', ' ']).filter(|part| !part.is_empty()) {
        let word = part.to_lowercase();
        let word = word.trim_end_matches('s');
        let channel = Channel::ALL.into_iter().find(|channel| {
            channel.word() == word || (*channel == Channel::Voice && ["call", "phone"].contains(&word))
        });
        let channel = channel.ok_or_else(|| {
            Problem::requester("channel_unknown", format!("{} isn't a channel.", code(part)))
                .hint("Choose `voice`, `chat`, `task` or `email`; separate several with commas.")
        })?;
        if !found.contains(&channel) {
            found.push(channel);
        }
    }
    if found.is_empty() {
        return Err(Problem::requester("channel_missing", "No channel is given.")
            .hint("Choose `voice`, `chat`, `task` or `email`."));
    }
    found.sort();
    Ok(found)
}

/// Names with commas between them, as code.
pub(crate) fn all_of<'n>(all: impl IntoIterator<Item = &'n Named>) -> String {
    let all: Vec<String> = all.into_iter().map(|one| whole(&one.name)).collect();
    if all.is_empty() { "none".to_owned() } else { list(&all, "and") }
}

/// The queue that people mean, read by itself.
pub(crate) async fn queue(ask: &Ask<'_>, typed: &str) -> Result<QueueInfo, Problem> {
    let named = names::resolve("queue", typed, &ask.center.queues().await?)?;
    ask.center.queue_with_id(&named.id).await?.ok_or_else(|| gone("queue", &named.name))
}

/// The routing profile that people mean, read by itself.
pub(crate) async fn profile(ask: &Ask<'_>, typed: &str) -> Result<RoutingProfileInfo, Problem> {
    let named = names::resolve("routing profile", typed, &ask.center.routing_profile_list().await?)?;
    profile_with_id(ask, &named).await
}

pub(crate) async fn profile_with_id(ask: &Ask<'_>, named: &Named) -> Result<RoutingProfileInfo, Problem> {
    let read = ask.center.routing_profile_with_id(&named.id).await?;
    read.ok_or_else(|| gone("routing profile", &named.name))
}

/// The quick connect that people mean, read by itself.
pub(crate) async fn quick_connect(ask: &Ask<'_>, typed: &str) -> Result<QuickConnectInfo, Problem> {
    let named = names::resolve("quick connect", typed, &ask.center.quick_connects().await?)?;
    ask.center.quick_connect_with_id(&named.id).await?.ok_or_else(|| gone("quick connect", &named.name))
}

fn gone(kind: &str, name: &str) -> Problem {
    Problem::requester("thing_gone", format!("The {kind} {} was just removed.", code(name)))
        .hint("Choose one that exists.")
}

/// A name that someone gives, as people see it.
pub(crate) fn seen(typed: &str) -> Result<String, Problem> {
    let name = clean::name(typed).into_owned();
    match name.is_empty() {
        true => Err(Problem::requester("name_unseen", "The name has only invisible characters.")
            .hint("Type it again.")),
        false => Ok(name),
    }
}

pub(crate) fn is_none(text: &str) -> bool {
    text.eq_ignore_ascii_case("none")
}

/// What is given for something new: `none` is nothing.
pub(crate) fn given(text: Option<String>) -> Option<String> {
    text.filter(|text| !is_none(text))
}

/// A new description of something that can't be without one.
pub(crate) fn lasting_description(kind: &str, text: String) -> Result<String, Problem> {
    match is_none(&text) {
        true => Err(Problem::requester(
            "description_stays",
            format!("Amazon Connect can't clear a {kind}'s description."),
        )
        .hint("Give a new one.")),
        false => Ok(text),
    }
}

/// The name that something new or renamed gets, and what there is to say of it.
pub(crate) fn new_name(kind: &str, typed: &str, all: &[Named]) -> Result<(String, Vec<String>), Problem> {
    let name = seen(typed)?;
    free_name(kind, &name, all)?;
    let mut notes = clean::notes(typed);
    notes.extend(twin(kind, &name, all));
    Ok((name, notes))
}

/// A name that something new or renamed may have.
fn free_name(kind: &str, wanted: &str, all: &[Named]) -> Result<(), Problem> {
    let length = wanted.chars().count();
    if length > 127 {
        let message = format!("The name {} has {length} characters; at most 127 are allowed.", code(wanted));
        return Err(Problem::requester("name_too_long", message).hint("Shorten it."));
    }
    match all.iter().find(|one| one.name == wanted) {
        Some(_) => {
            Err(Problem::requester("name_taken", format!("The {kind} {} already exists.", code(wanted)))
                .hint("Choose another name, or edit the existing one."))
        }
        None => Ok(()),
    }
}

/// A name that differs from another in its case or accents alone.
fn twin(kind: &str, wanted: &str, all: &[Named]) -> Option<String> {
    let folded = desk_core::basics::text::folded(wanted);
    let same = |one: &&Named| one.name != wanted && desk_core::basics::text::folded(&one.name) == folded;
    all.iter().find(same).map(|twin| {
        format!("The {kind} {} exists and looks the same as {}.", whole(&twin.name), whole(wanted))
    })
}

/// The flow of a type that people mean, or the contact center's own. Refuses one of another type, an archived one, and one that was
/// never published.
pub(crate) fn flow<'f>(
    flows: &'f [FlowInfo],
    typed: Option<&str>,
    of_type: Option<&str>,
) -> Result<&'f FlowInfo, Problem> {
    let fits = |flow: &&FlowInfo| of_type.is_none_or(|of_type| flow.of_type == of_type);
    let usable = |flow: &&FlowInfo| fits(flow) && flow.is_usable();
    let choices = || {
        let all: Vec<String> = flows.iter().filter(usable).map(|flow| code(&flow.name)).take(5).collect();
        match all.as_slice() {
            [] => "Publish a flow of this type in the admin website first.".to_owned(),
            all => format!("Choose {}.", list(all, "or")),
        }
    };
    let kind = of_type.map_or_else(|| "flow".to_owned(), |of_type| format!("{} flow", type_words(of_type)));
    let Some(typed) = typed else {
        let usual = if of_type == Some("QUEUE_TRANSFER") { QUEUE_TRANSFER } else { AGENT_TRANSFER };
        let all: Vec<&FlowInfo> = flows.iter().filter(usable).collect();
        let found = all.iter().find(|flow| flow.name == usual).or(match all.as_slice() {
            [only] => Some(only),
            _ => None,
        });
        return found.copied().ok_or_else(|| {
            Problem::requester("flow_missing", format!("There is no {kind} {}.", code(usual)))
                .hint(format!("Name one with `transfer_flow:…`. {}", choices()))
        });
    };
    let named: Vec<Named> =
        flows.iter().map(|flow| Named { id: flow.id.clone(), name: flow.name.clone() }).collect();
    let named = names::resolve("flow", typed, &named)?;
    let found = flows.iter().find(|flow| flow.id == named.id);
    let found = found.ok_or_else(|| gone("flow", typed))?;
    let shown = code(&found.name);
    if !fits(&found) {
        let message = format!(
            "{shown} is {} flow, not {}.",
            with_article(type_words(&found.of_type)),
            with_article(&kind)
        );
        return Err(Problem::requester("flow_type", message).hint(choices()));
    }
    if found.archived {
        return Err(
            Problem::requester("flow_archived", format!("The flow {shown} is archived.")).hint(choices())
        );
    }
    if !found.published {
        return Err(Problem::requester(
            "flow_not_published",
            format!("The flow {shown} was never published."),
        )
        .hint(choices()));
    }
    Ok(found)
}

/// A type of flows as the console has it.
pub(crate) fn type_words(of_type: &str) -> &str {
    match of_type {
        "AGENT_TRANSFER" => "agent transfer",
        "QUEUE_TRANSFER" => "queue transfer",
        "CONTACT_FLOW" => "inbound",
        "AGENT_HOLD" => "agent hold",
        "AGENT_WHISPER" => "agent whisper",
        "CUSTOMER_HOLD" => "customer hold",
        "CUSTOMER_QUEUE" => "customer queue",
        "CUSTOMER_WHISPER" => "customer whisper",
        "OUTBOUND_WHISPER" => "outbound whisper",
        _ => "special",
    }
}

fn with_article(words: &str) -> String {
    let article = if words.starts_with(['a', 'e', 'i', 'o', 'u']) { "an" } else { "a" };
    format!("{article} {words}")
}

/// What a quick connect leads to, as people type it.
#[derive(Default)]
pub(crate) struct Wanted<'w> {
    pub(crate) user: Option<&'w str>,
    pub(crate) queue: Option<&'w str>,
    pub(crate) number: Option<&'w str>,
    pub(crate) flow: Option<&'w str>,
    pub(crate) transfer_flow: Option<&'w str>,
}

impl Wanted<'_> {
    /// Whether it says where a quick connect leads.
    pub(crate) fn leads_somewhere(&self) -> bool {
        self.user.is_some() || self.queue.is_some() || self.number.is_some() || self.flow.is_some()
    }

    /// Where it leads. Users are looked up by anyone who calls.
    pub(crate) fn destination(&self, flows: &[FlowInfo], queues: &[Named]) -> Result<Destination, Problem> {
        let given = [self.user, self.queue, self.number, self.flow].iter().flatten().count();
        if given != 1 {
            return Err(Problem::requester("destination", "A quick connect has one destination.")
                .hint("Give one of `user:…`, `queue:…`, `number:…` and `flow:…`."));
        }
        let named = |flow: &FlowInfo| (flow.id.clone(), Some(flow.name.clone()));
        if let Some(login) = self.user {
            let (contact_flow_id, flow) = named(flow(flows, self.transfer_flow, Some("AGENT_TRANSFER"))?);
            return Ok(Destination::User { login: login.to_owned(), contact_flow_id, flow });
        }
        if let Some(queue) = self.queue {
            let queue = names::resolve("queue", queue, queues)?;
            let (contact_flow_id, flow) = named(flow(flows, self.transfer_flow, Some("QUEUE_TRANSFER"))?);
            return Ok(Destination::Queue { queue_id: queue.id, queue: queue.name, contact_flow_id, flow });
        }
        if self.transfer_flow.is_some() {
            return Err(Problem::requester("options_conflict", "`transfer_flow` is for users and queues.")
                .hint("Leave it out."));
        }
        if let Some(number) = self.number {
            return Ok(Destination::Number { phone_number: number.to_owned() });
        }
        let (contact_flow_id, flow) = named(flow(flows, self.flow, None)?);
        Ok(Destination::Flow { contact_flow_id, flow })
    }
}

/// Refuses a flow as the destination beside a user or a queue: there the contact flow is the one that transfers to them.
pub(crate) fn no_flow_beside(path: &str, spec: &Spec, args: &Args) -> Result<(), Problem> {
    let mut options = args.options();
    let has = |wanted: &[&str]| options.iter().any(|(name, _)| wanted.contains(&name.as_str()));
    if !has(&["flow"]) || !has(&["user", "users", "queue"]) || has(&["transfer_flow"]) {
        return Ok(());
    }
    for (name, _) in options.iter_mut().filter(|(name, _)| name == "flow") {
        "transfer_flow".clone_into(name);
    }
    let message = "A quick connect has one destination, and `flow` is another one.";
    match words::lines(path, spec, options) {
        lines if lines.is_empty() => Ok(()),
        lines => Err(Problem::requester("destination", message).offering(lines)),
    }
}

/// The contact center's users, queues and flows by their ids, to tell where quick connects lead.
pub(crate) struct Known {
    pub(crate) logins: BTreeMap<String, String>,
    pub(crate) queues: Vec<QueueInfo>,
    pub(crate) flows: Vec<FlowInfo>,
}

impl Known {
    pub(crate) async fn read(ask: &Ask<'_>) -> Result<Known, Problem> {
        let users = ask.center.every_user().await?;
        Ok(Known {
            logins: users.into_iter().map(|user| (user.id, user.login)).collect(),
            queues: ask.center.all_queues().await?,
            flows: ask.center.flows().await?,
        })
    }

    fn flow(&self, id: &str) -> Option<&FlowInfo> {
        self.flows.iter().find(|flow| flow.id == id)
    }

    fn queue(&self, id: &str) -> Option<&QueueInfo> {
        self.queues.iter().find(|queue| queue.id == id)
    }

    /// Where a quick connect leads, as an effect can say it; nothing where it leads nowhere any more.
    pub(crate) fn destination(&self, to: &LeadsTo) -> Option<Destination> {
        let named = |id: &String| (id.clone(), self.flow(id).map(|flow| flow.name.clone()));
        Some(match to {
            LeadsTo::User { user_id, flow_id } => {
                let (contact_flow_id, flow) = named(flow_id);
                Destination::User { login: self.logins.get(user_id)?.clone(), contact_flow_id, flow }
            }
            LeadsTo::Queue { queue_id, flow_id } => {
                let (contact_flow_id, flow) = named(flow_id);
                let queue = self.queue(queue_id)?.name.clone();
                Destination::Queue { queue_id: queue_id.clone(), queue, contact_flow_id, flow }
            }
            LeadsTo::Number(number) => Destination::Number { phone_number: number.clone() },
            LeadsTo::Flow { flow_id } => {
                let (contact_flow_id, flow) = named(flow_id);
                flow.as_ref()?;
                Destination::Flow { contact_flow_id, flow }
            }
            LeadsTo::Elsewhere(_) => return None,
        })
    }

    /// Whether the same quick connect could be created again.
    pub(crate) fn could_be_made(&self, to: &LeadsTo) -> Option<Destination> {
        let usable = |id: &String| self.flow(id).is_some_and(FlowInfo::is_usable);
        match to {
            LeadsTo::User { flow_id, .. } | LeadsTo::Queue { flow_id, .. } | LeadsTo::Flow { flow_id }
                if !usable(flow_id) =>
            {
                None
            }
            _ => self.destination(to),
        }
    }

    /// Where it leads, in words for a list.
    pub(crate) fn words(&self, to: &LeadsTo) -> String {
        match to {
            LeadsTo::User { user_id, .. } => match self.logins.get(user_id) {
                Some(login) => format!("user {login}"),
                None => "a deleted user".to_owned(),
            },
            LeadsTo::Queue { queue_id, .. } => match self.queue(queue_id) {
                Some(queue) => format!("queue {}", queue.name),
                None => "a deleted queue".to_owned(),
            },
            LeadsTo::Number(number) => number.clone(),
            LeadsTo::Flow { flow_id } => match self.flow(flow_id) {
                Some(flow) => format!("flow {}", flow.name),
                None => "a deleted flow".to_owned(),
            },
            LeadsTo::Elsewhere(of_type) => format!("type {of_type}"),
        }
    }

    /// What of these is an orphan, by the ids of the quick connects.
    pub(crate) fn orphans(
        &self,
        quick_connects: &[QuickConnectInfo],
        offers: Option<&[(Named, Vec<Named>)]>,
    ) -> BTreeMap<String, Vec<Orphan>> {
        let ids = |all: &[Named]| all.iter().map(|one| one.id.clone()).collect();
        let parts = Parts {
            quick_connects: quick_connects.to_vec(),
            users: self.logins.keys().cloned().collect(),
            queues: self.queues.iter().map(Switched::from).collect(),
            flows: self.flows.iter().map(Switched::from).collect(),
            offers: offers.map(|all| all.iter().map(|(queue, of)| (queue.id.clone(), ids(of))).collect()),
            ..Parts::default()
        };
        let mut found: BTreeMap<String, Vec<Orphan>> = BTreeMap::new();
        let is_quick_connect = |orphan: &Orphan| quick_connects.iter().any(|one| one.id == orphan.named().id);
        for orphan in orphans::orphans(&parts).into_iter().filter(is_quick_connect) {
            found.entry(orphan.named().id.clone()).or_default().push(orphan);
        }
        found
    }
}

/// Why it is an orphan, as a list has it beside the name.
pub(crate) fn why(orphan: &Orphan) -> String {
    match orphan {
        Orphan::QuickConnectToNoUser { .. } => "the user is gone".to_owned(),
        Orphan::QuickConnectToNoQueue { .. } => "the queue is gone".to_owned(),
        Orphan::QuickConnectToDisabledQueue { queue, .. } => format!("the queue {} is disabled", queue.name),
        Orphan::QuickConnectThroughDeadFlow { flow: None, .. } => "the flow is gone".to_owned(),
        Orphan::QuickConnectThroughDeadFlow { flow: Some(flow), .. } => {
            format!("its flow {} is archived or was never published", flow.name)
        }
        Orphan::QuickConnectInNoQueue { .. } => "in no queue".to_owned(),
        Orphan::QueueInNoProfile { .. } => "in no routing profile".to_owned(),
        Orphan::QueueWithoutChannel { queue, channel, .. } => {
            format!("{} in {}, which the profile doesn't have", queue.name, channel.word())
        }
        Orphan::QueueWithoutHours { .. } => "no hours of operation".to_owned(),
        Orphan::ProfileServesNoQueue { queues, .. } => {
            let verb = if queues.len() == 1 { "no longer exists" } else { "no longer exist" };
            format!("{} {verb}", queues.join(", "))
        }
        Orphan::ProfileWithoutQueue { .. } => "no working queue".to_owned(),
        Orphan::ProfileWithoutOutboundQueue { queue: None, .. } => {
            "its default outbound queue is gone".to_owned()
        }
        Orphan::ProfileWithoutOutboundQueue { queue: Some(queue), .. } => {
            format!("its default outbound queue {} is disabled", queue.name)
        }
        Orphan::ProfileWithoutUser { .. } => "no users".to_owned(),
    }
}

/// What the profiles serve that lack a channel. Of the others nothing can be lacking, and each costs a call.
pub(crate) async fn pairs(
    ask: &Ask<'_>,
    profiles: &[RoutingProfileInfo],
) -> Result<BTreeMap<String, Vec<(String, Channel)>>, Problem> {
    let lacks = |profile: &&RoutingProfileInfo| {
        let has = |channel: &Channel| profile.slots.iter().any(|slots| slots.channel == *channel);
        let has_queues = !profile.queue_ids.is_empty() || !profile.manual_queue_ids.is_empty();
        has_queues && !Channel::ALL.iter().all(has)
    };
    let reads = profiles.iter().filter(lacks).map(|profile| async move {
        let served = ask.center.served_by(&profile.id).await?;
        let pairs = served.into_iter().map(|routed| (routed.queue.id, routed.channel)).collect();
        Ok((profile.id.clone(), pairs))
    });
    Ok(super::users::side_by_side(reads).await?.into_iter().collect())
}

/// The quick connects that each queue offers. Costs a call for each queue, which is the least that there is.
pub(crate) async fn offers(ask: &Ask<'_>, queues: &[Named]) -> Result<Vec<(Named, Vec<Named>)>, Problem> {
    let looks = queues.iter().map(|queue| ask.center.offered_by(&queue.id));
    let offered = super::users::side_by_side(looks).await?;
    Ok(queues.iter().cloned().zip(offered).collect())
}

pub(crate) fn named(queue: &QueueInfo) -> Named {
    Named { id: queue.id.clone(), name: queue.name.clone() }
}

pub(crate) fn present(one: &QuickConnectInfo, destination: Destination) -> QuickConnectPresent {
    QuickConnectPresent {
        name: one.name.clone(),
        description: one.description.clone(),
        destination,
        tags: one.tags.clone(),
    }
}

/// Steps by which a queue offers these quick connects, or no longer does: as many as calls take.
pub(crate) fn offering(queue: &Named, names: &[String], offered: bool) -> Vec<Step> {
    let batches = names.chunks(desk_core::center::QUICK_CONNECTS_AT_ONCE);
    batches
        .map(|batch| {
            let all = QueueOffersAll {
                queue_id: queue.id.clone(),
                queue: queue.name.clone(),
                quick_connects: batch.to_vec(),
            };
            let none = QueueOffersNone {
                queue_id: queue.id.clone(),
                queue: queue.name.clone(),
                quick_connects: batch
                    .iter()
                    .map(|name| OfferedQuickConnect { id: None, name: name.clone() })
                    .collect(),
            };
            let what = match batch {
                [only] => format!("the quick connect {}", whole(only)),
                batch => count(batch.len(), "quick connect"),
            };
            let queue = whole(&queue.name);
            match offered {
                true => Step::new(format!("Add {what} to the queue {queue}"), all).undone_by(none),
                false => Step::new(format!("Remove {what} from the queue {queue}"), none).undone_by(all),
            }
        })
        .collect()
}

/// The channels of a profile as they can be written, which is whole; refused where that would lose what is divided by types of work.
pub(crate) fn writable(profile: &RoutingProfileInfo) -> Result<Vec<ChannelSlots>, Problem> {
    if let Some(other) = profile.other_channels.first() {
        let message = format!(
            "{} has the channel {}, which the desk doesn't support. Setting its channels here would turn it off.",
            code(&profile.name),
            code(other)
        );
        return Err(Problem::requester("channel_not_known", message)
            .hint("Change its channels in the admin website, under Routing profiles."));
    }
    if let Some(divided) = profile.slots.iter().find(|slots| !slots.workloads.is_empty()) {
        let types: Vec<String> = divided.workloads.iter().map(|(name, _)| code(name)).collect();
        let message = format!(
            "{} uses workload types for {} ({}). Setting its channels here would remove them.",
            code(&profile.name),
            divided.channel.word(),
            list(&types, "and")
        );
        return Err(Problem::requester("workload_types", message)
            .hint("Change its channels in the admin website, under Routing profiles."));
    }
    let slots =
        |one: &Slots| ChannelSlots { channel: one.channel, slots: one.slots, any_channel: one.any_channel };
    Ok(profile.slots.iter().map(slots).collect())
}

/// Removes queues that no longer exist from their profile. They have no names any more.
pub(crate) fn unlink_gone(profile: &str, queue_ids: &[String]) -> String {
    format!("/connect routing unlink {} queues:{}", quoted(profile), quoted(&queue_ids.join("; ")))
}

/// What to do about queues in a channel that their profile lacks: the channel is turned on, or the queues are removed where the desk
/// can't write the channels of the profile.
pub(crate) struct Lacking {
    pub(crate) line: String,
    /// What the line does: "Turn on chat".
    pub(crate) verb: String,
}

impl Lacking {
    pub(crate) fn new(profile: &RoutingProfileInfo, queues: &[&str], channel: Channel) -> Lacking {
        let (name, word) = (quoted(&profile.name), channel.word());
        match writable(profile) {
            Ok(_) => Lacking {
                line: format!("/connect routing edit {name} {word}:1"),
                verb: format!("Turn on {word}"),
            },
            Err(_) => Lacking {
                // Between semicolons, names may have commas.
                line: format!(
                    "/connect routing unlink {name} queues:{} channels:{word}",
                    quoted(&queues.join("; "))
                ),
                verb: format!("Remove from {word}"),
            },
        }
    }
}

/// What a profile is without queues, for a warning.
pub(crate) const NO_QUEUES: &str =
    "It has no queues after that, so its agents get only contacts transferred to them.";

/// What turning off a channel of a profile does, for a warning.
pub(crate) fn turned_off(channel: Channel) -> String {
    format!("Its agents no longer get {} contacts from any queue.", channel.word())
}

/// How many users have a profile, for a warning; nothing where none has it.
pub(crate) fn touches(profile: &RoutingProfileInfo) -> Option<String> {
    let users = usize::try_from(profile.users).unwrap_or(usize::MAX);
    let verb = if users == 1 { "has" } else { "have" };
    (users > 0).then(|| {
        format!(
            "{} {verb} the routing profile {}. This affects all of them.",
            count(users, "user"),
            whole(&profile.name)
        )
    })
}
