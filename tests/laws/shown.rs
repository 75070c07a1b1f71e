//! Whatever is carried out was shown to anyone who approved it: every user and every value of a plan is on its card, or on the
//! pages that the card leads to, at the console and on Discord.

use desk_core::plan::effect::{
    Destination, DoneByHand, EmailSent, FactorAbsent, Frozen, ProficienciesAre, QueueOffersAll,
    QuickConnectAbsent, QuickConnectPresent, UserAbsent, UserHas, UserPresent, UsersRead,
};
use std::collections::BTreeMap;

use connect_desk::console::draw::{Paper, draw};
use desk_core::basics::ids::Platform;
use desk_core::basics::roles::{Person, Role};
use desk_core::basics::text::plain;
use desk_core::card::{Block, Card, Tone};
use desk_core::center::{
    AfterContactWork, AutoAccept, Channel, Identity, Named, Phone, Proficiency, Profile, Settings, Snapshot,
    User,
};
use desk_core::email::{Email, EmailKind};
use desk_core::plan::{AffectedUser, Effect, Password, Plan, Scope, Step};
use desk_core::policy::Policy;
use desk_core::request::Request;
use desk_core::user::UserField;
use desk_core::view;
use desk_core::view::details;
use desk_core::words::Risk;
use proptest::prelude::*;
use proptest::test_runner::{Config, RngSeed, TestRunner};
use rand::SeedableRng as _;
use rand::rngs::StdRng;
use serde_json::Value;

use crate::cases::{self, World, at};
use crate::driver::{APPROVER, REQUESTER};
use crate::support::Story;

/// What a text looks like to someone who reads over line breaks, quotes and frames.
fn normal(text: &str) -> String {
    text.chars().filter(|c| !c.is_whitespace() && !"`│─╭╮╰╯".contains(*c)).collect()
}

/// What Discord's Markdown shows: escapes are gone outside of code, and so are the signs of bold text.
fn rendered(markdown: &str) -> String {
    let (mut out, mut code) = (String::new(), false);
    let mut chars = markdown.chars();
    while let Some(c) = chars.next() {
        match c {
            '`' => code = !code,
            '\\' if !code => out.extend(chars.next()),
            '*' if !code => {}
            c => out.push(c),
        }
    }
    out
}

/// A card as people on both platforms see it, without what is in its files.
fn seen(card: &Card) -> [(&'static str, String); 2] {
    let embed = connect_desk::discord::embed(card);
    let part = |name: &str| embed[name].as_str().unwrap_or_default().to_owned();
    let description = part("description");
    assert!(description.chars().count() <= 4_096);
    let discord = format!("{}\n{}", part("title"), rendered(&description));
    // A table's cells are side by side, each wrapped; that none loses a character is tested where tables are drawn.
    let mut flat = card.clone();
    let mut cells = String::new();
    for block in &mut flat.blocks {
        if let Block::Table { rows, .. } = block {
            cells.extend(rows.iter().flatten().map(|cell| format!("{}\n", plain(cell, usize::MAX))));
            *block = Block::Text(String::new());
        }
    }
    let console = format!("{}\n{cells}", draw(&flat, Paper::PLAIN));
    [("discord", normal(&discord)), ("console", normal(&console))]
}

/// Everything that someone who decides on the request can read, by platform.
fn shown(request: &Request) -> BTreeMap<&'static str, String> {
    let card = view::request_card(request, at(0));
    crate::support::is_read_at_a_glance(&card);
    let mut all: BTreeMap<&str, String> = seen(&card).into();
    let line = format!("/desk details {}", request.no.0);
    if card.actions.iter().any(|action| action.line.as_deref() == Some(&line)) {
        let planned = request.planned.as_ref().unwrap();
        let pages = details::pages(request, planned, "It needs approval.", at(0));
        let last = details::card(request, pages.len(), "It needs approval.", at(0)).unwrap();
        assert_eq!(&last.blocks[..pages[pages.len() - 1].len()], &pages[pages.len() - 1]);
        for blocks in pages {
            let page = Card { blocks, ..Card::new(Tone::Plain, "A page").private() };
            for (platform, text) in seen(&page) {
                assert!(
                    !text.contains("thereismore") && !text.contains("inthefile"),
                    "a page is cut: {text}"
                );
                all.get_mut(platform).unwrap().push_str(&text);
            }
        }
    }
    all
}

/// Members of an effect that say nothing to people: ids beside names, and words that tell effects apart.
const UNSAID: [&str; 19] = [
    "assignment_id",
    // Where the name of a flow is known, the id beside it.
    "contact_flow_id",
    "effect",
    "flow_id",
    "id",
    "user_id",
    "number_id",
    "profile_id",
    "queue_id",
    "quick_connect_id",
    "instead_of",
    "password",
    "template",
    "website",
    "kind",
    "voice_enhancement",
    "on",
    "first_callback",
    "persistent_connection",
];

/// Every value in it, at whatever depth; of a map that has names for keys, the keys as well.
fn leaves(value: &Value, out: &mut Vec<String>) {
    match value {
        Value::Object(members) => {
            for (key, value) in members {
                if key == "tags" {
                    out.extend(value.as_object().into_iter().flatten().map(|(key, _)| key.clone()));
                }
                if !UNSAID.contains(&key.as_str()) {
                    leaves(value, out);
                }
            }
        }
        Value::Array(items) => items.iter().for_each(|item| leaves(item, out)),
        Value::String(text) => out.push(text.clone()),
        Value::Number(number) if number.as_f64() != Some(0.0) => {
            out.push(number.as_f64().map_or_else(|| number.to_string(), |n| n.to_string()));
        }
        _ => {}
    }
}

/// What of a plan is missing among what people can read.
fn unseen(plan: &Plan, shown: &BTreeMap<&'static str, String>) -> Option<String> {
    let said = |text: &String| normal(text);
    let value = |text: &String| normal(&plain(text, usize::MAX));
    let sentences = [&plan.highlights, &plan.warnings, &plan.lost].into_iter().flatten().map(said);
    // Each with the login that it is below, from where it is looked for first.
    let mut wanted: Vec<(String, String)> = sentences.map(|text| (String::new(), text)).collect();
    wanted.extend(plan.about.iter().map(|subject| (String::new(), value(&subject.login))));
    for step in &plan.steps {
        let mut values = Vec::new();
        leaves(&serde_json::to_value(&step.effect).unwrap(), &mut values);
        let login = step.effect.login().map(|login| value(&login.to_owned())).unwrap_or_default();
        wanted.extend(values.iter().map(|text| (login.clone(), value(text))));
    }
    for (platform, text) in shown {
        let mut from: BTreeMap<&str, usize> = BTreeMap::new();
        for (login, value) in &wanted {
            let from = *from.entry(login).or_insert_with(|| text.rfind(login.as_str()).unwrap_or_default());
            let near = text.floor_char_boundary(from.saturating_sub(40_000));
            let there = text.get(near..).is_some_and(|near| near.contains(value.as_str()));
            if !there && !text.contains(value.as_str()) {
                return Some(format!("{platform} does not show {value:?} of {login:?}"));
            }
        }
    }
    None
}

/// Text as people and attackers write it.
fn text(dice: &mut StdRng, most: usize) -> String {
    const SIGNS: [char; 40] = [
        'a', 'b', 'e', 'i', 'n', 'o', 'r', 's', 't', 'z', 'A', 'Z', '0', '7', ' ', ' ', '.', '-', '_', '*',
        '`', '|', '~', '<', '>', '@', '#', '[', ']', '(', ')', '\\', 'é', '漢', '\u{202e}', '"', '\'', ',',
        '=', '\n',
    ];
    let length = dice.random_range(1..=most);
    (0..length).map(|_| SIGNS[dice.random_range(0..SIGNS.len())]).collect()
}

fn login(dice: &mut StdRng, i: usize) -> String {
    const SIGNS: [char; 10] = ['a', 'e', 'n', 'Z', '0', '.', '-', '_', '@', '\\'];
    let tail: String =
        (0..dice.random_range(0..12)).map(|_| SIGNS[dice.random_range(0..SIGNS.len())]).collect();
    format!("user{i}{tail}")
}

fn named(dice: &mut StdRng, most: usize) -> Named {
    let name = text(dice, most);
    Named { id: format!("id-{}", dice.random_range(0..u32::MAX)), name }
}

fn maybe<T>(dice: &mut StdRng, make: impl FnOnce(&mut StdRng) -> T) -> Option<T> {
    dice.random_bool(0.5).then(|| make(dice))
}

fn number(dice: &mut StdRng) -> String {
    format!("+1555{}", dice.random_range(100_000..999_999))
}

fn identity(dice: &mut StdRng, long: bool) -> Identity {
    let most = |long_one: usize| if long { long_one } else { 12 };
    Identity {
        first_name: text(dice, most(255)),
        last_name: text(dice, most(300)),
        email: maybe(dice, |dice| format!("{}@example.com", text(dice, most(250)))),
        secondary_email: maybe(dice, |dice| text(dice, most(265))),
        mobile: maybe(dice, number),
    }
}

fn settings(dice: &mut StdRng) -> Settings {
    let mut settings = Settings::default();
    for channel in Channel::ALL {
        if dice.random_bool(0.5) {
            let accept = AutoAccept {
                on: dice.random_bool(0.5),
                first_callback: maybe(dice, |dice| dice.random_bool(0.5)),
            };
            settings.auto_accept.insert(channel, accept);
            let work = AfterContactWork {
                seconds: dice.random_range(0..2_000_000),
                first_callback_seconds: maybe(dice, |dice| dice.random_range(0..2_000_000)),
            };
            settings.after_contact_work.insert(channel, work);
        }
    }
    settings.phone = maybe(dice, |dice| Phone::Desk { number: maybe(dice, number) });
    settings
}

fn tags(dice: &mut StdRng, long: bool) -> BTreeMap<String, String> {
    let (many, key, value) = if long { (50, 128, 256) } else { (3, 8, 8) };
    (0..dice.random_range(0..many)).map(|_| (text(dice, key), text(dice, value))).collect()
}

fn profile(dice: &mut StdRng, long: bool) -> Profile {
    let names = if long { 127 } else { 15 };
    Profile {
        identity: identity(dice, long),
        routing_profile: named(dice, names),
        security_profiles: (0..dice.random_range(1..=if long { 10 } else { 2 }))
            .map(|_| named(dice, names))
            .collect(),
        hierarchy_group: maybe(dice, |dice| named(dice, names * 4)),
        settings: settings(dice),
        tags: tags(dice, long),
        directory_user_id: None,
    }
}

fn field(dice: &mut StdRng, old: &Profile, long: bool) -> UserField {
    let new = profile(dice, long);
    match dice.random_range(0..6) {
        0 => UserField::Identity(new.identity),
        1 => UserField::RoutingProfile(new.routing_profile),
        2 => UserField::SecurityProfiles(new.security_profiles),
        3 => UserField::HierarchyGroup(new.hierarchy_group),
        4 => UserField::Settings(new.settings),
        _ => {
            let gone = old.tags.keys().map(|key| (key.clone(), None));
            UserField::Tags(gone.chain(new.tags.into_iter().map(|(key, value)| (key, Some(value)))).collect())
        }
    }
}

/// A plan about so many users, with every kind of effect; some users have the longest values that there can be.
fn plan(users: usize, seed: u64) -> Plan {
    let mut dice = StdRng::seed_from_u64(seed);
    let dice = &mut dice;
    let mut plan = Plan { risk: Risk::Sensitive, ..Plan::new(format!("Do something to {users} users.")) };
    let kind = dice.random_range(0..4);
    for i in 0..users {
        let part = u32::try_from(i).unwrap();
        let long = dice.random_range(0..20) == 0;
        let (login, user_id) = (login(dice, i), format!("id-of-{i}"));
        let old = profile(dice, long);
        let mut add = |title: String, effect: Effect, undo: Option<Effect>| {
            let step = Step { undo, ..Step::new(title, effect) };
            plan.steps.push(step.of_part(part));
        };
        match if kind == 3 { dice.random_range(0..3) } else { kind } {
            0 => {
                let password = match dice.random_range(0..3) {
                    0 => Password::Forgotten,
                    1 => Password::Sealed,
                    _ => Password::OfFile { file: "0123".to_owned(), row: i + 2, encoding: None },
                };
                let profile = Box::new(old.clone());
                add(
                    format!("Create `{login}`"),
                    UserPresent { login: login.clone(), profile, instead_of: None, password }.into(),
                    None,
                );
                let email = Email {
                    kind: EmailKind::Credentials,
                    to: old.identity.email.clone().unwrap_or_else(|| "x@example.com".to_owned()),
                    login: login.clone(),
                    name: text(dice, 60),
                    website: None,
                    sign_in: Default::default(),
                    template: "0123".to_owned(),
                };
                if dice.random_bool(0.5) {
                    add("Mail the credentials".to_owned(), EmailSent(email).into(), None);
                } else {
                    plan.emails.push(email);
                }
            }
            1 => {
                let field = field(dice, &old, long);
                let has =
                    |field| Effect::from(UserHas { login: login.clone(), user_id: user_id.clone(), field });
                let undo =
                    dice.random_bool(0.5).then(|| has(desk_core::user::changes::field_of(&old, &field)));
                add(format!("Set something of `{login}`"), has(field), undo);
                let one = Proficiency { attribute: text(dice, 64), value: text(dice, 64), level: 2.5 };
                let are =
                    |proficiencies| Effect::from(ProficienciesAre { login: login.clone(), proficiencies });
                if dice.random_bool(0.3) {
                    add(format!("Set a proficiency of `{login}`"), are(vec![one]), Some(are(Vec::new())));
                }
                let user = User {
                    id: user_id.clone(),
                    arn: String::new(),
                    login: login.clone(),
                    profile: old.clone(),
                    modified: None,
                };
                plan.before.push(Snapshot::bare(user));
            }
            _ => {
                let name = text(dice, 127);
                let gone = QuickConnectAbsent { id: "q".to_owned(), name: name.clone() };
                add("Remove the quick connect".to_owned(), gone.into(), None);
                add(
                    format!("Remove `{login}`"),
                    UserAbsent { login: login.clone(), user_id: user_id.clone() }.into(),
                    None,
                );
                let again = QuickConnectPresent {
                    name: name.clone(),
                    description: maybe(dice, |dice| text(dice, 250)),
                    destination: Destination::User {
                        login: login.clone(),
                        contact_flow_id: "flow-1".to_owned(),
                        flow: None,
                    },
                    tags: tags(dice, false),
                };
                add("Create the quick connect again".to_owned(), again.into(), None);
                let queue = text(dice, 127);
                let quick_connects = vec![name];
                let offers = QueueOffersAll { queue_id: "queue".to_owned(), queue, quick_connects };
                add("Put it back".to_owned(), offers.into(), None);
            }
        }
        plan.about.push(AffectedUser { login, user_id, name: old.identity.full_name() });
    }
    for (title, effect) in [
        ("Freeze", Effect::from(Frozen { scope: Scope::Group(text(dice, 100)) })),
        ("Forget", FactorAbsent { account: cases::id(Platform::Console, 7) }.into()),
        (
            "Do it",
            DoneByHand {
                instruction: text(dice, 900).replace('`', ""),
                link: maybe(dice, |_| "https://example.com/a_b".to_owned()),
            }
            .into(),
        ),
        (
            "Read",
            UsersRead {
                users: (0..users).map(|i| Named { id: format!("r{i}"), name: format!("read{i}") }).collect(),
            }
            .into(),
        ),
    ] {
        if dice.random_bool(0.1) {
            plan.steps.push(Step::new(title, effect));
        }
    }
    for said in [&mut plan.highlights, &mut plan.warnings, &mut plan.lost] {
        said.extend(
            (0..dice.random_range(0..15))
                .map(|i| format!("Sentence {i} of {}.", dice.random_range(0..u32::MAX))),
        );
    }
    plan
}

/// The request that such a plan is.
fn request(plan: Plan) -> Request {
    let by = Person {
        id: cases::id(Platform::Console, 1),
        name: "someone".to_owned(),
        roles: [Role::L1].into(),
        login: None,
        also: Default::default(),
    };
    let mut rule = cases::rule("one supervisor");
    (rule.approvals, rule.approvers) = (1, [Role::Supervisor].into());
    let mut world = World::new(vec![by.clone()], Policy { rules: vec![rule] });
    world.asks(&by, plan, false).unwrap();
    world.request()
}

fn holds(users: usize, seed: u64) -> Result<(), TestCaseError> {
    let plan = plan(users, seed);
    let request = request(plan.clone());
    prop_assert_eq!(unseen(&plan, &shown(&request)), None, "{} users, seed {}", users, seed);
    // The file has a row for everything that the pages have.
    let rows = details::rows(&plan);
    prop_assert!(plan.about.iter().all(|one| rows.iter().any(|row| row.login == one.login)));
    Ok(())
}

fn try_all(cases: u32, users: impl Strategy<Value = usize>) {
    let config =
        Config { cases, failure_persistence: None, rng_seed: RngSeed::Fixed(20261120), ..Config::default() };
    if let Err(error) =
        TestRunner::new(config).run(&(users, any::<u64>()), |(users, seed)| holds(users, seed))
    {
        panic!("{error}");
    }
}

#[test]
fn whatever_a_plan_does_can_be_read_before_a_yes() {
    try_all(60, 1..4_usize);
    try_all(8, 4..60_usize);
}

#[test]
fn a_thousand_users_can_be_read_too() {
    try_all(2, Just(1_000));
}

/// Every value of users that is another one afterwards, with the login it belongs to.
fn changed(before: &Value, after: &Value) -> Vec<(String, Vec<String>)> {
    let empty = serde_json::Map::new();
    let users = |world: &Value| world["users"].as_object().cloned().unwrap_or_default();
    let (before, after) = (users(before), users(after));
    let mut logins: Vec<&String> = before.keys().chain(after.keys()).collect();
    logins.sort();
    logins.dedup();
    let mut all = Vec::new();
    for login in logins {
        let (was, is) = (before.get(login), after.get(login));
        if was == is {
            continue;
        }
        let mut values = Vec::new();
        for (key, value) in is.and_then(Value::as_object).unwrap_or(&empty) {
            let same = was.and_then(|was| was.get(key)) == Some(value);
            // How a password is kept, and one form of the settings beside the other, are no values that people know.
            if !same
                && ["identity", "routing_profile", "security_profiles", "hierarchy_group", "tags"]
                    .contains(&key.as_str())
            {
                leaves(value, &mut values);
            }
        }
        all.push((login.clone(), values));
    }
    all
}

/// Asks, reads everything that an approver can read, says every approval, and compares what was read with what became of it.
async fn carried_out_as_shown(story: &mut Story, line: &str) -> usize {
    let before = story.world().await;
    let card = story.card(REQUESTER, line).await;
    let no = card.request.unwrap_or_else(|| panic!("{line}: {card:?}"));
    assert_eq!(card.tone, Tone::Asks, "{line}: {card:?}");
    let request = story.inside().desk.request(no).await.unwrap();
    let shown = shown(&request);
    assert_eq!(unseen(request.plan().unwrap(), &shown), None, "{line}");
    // The command gives what the pages have.
    let told = story.card(APPROVER, &format!("/desk details {}", no.0)).await;
    assert_eq!(told.tone, Tone::Plain, "{line}: {told:?}");
    let mut card = story.card(REQUESTER, &format!("/desk confirm {}", no.0)).await;
    if card.tone == Tone::Asks {
        card = story.card(APPROVER, &format!("/desk approve {}", no.0)).await;
    }
    assert_eq!(card.tone, Tone::Good, "{line}: {card:?}");
    let changed = changed(&before, &story.world().await);
    for (platform, text) in &shown {
        for (login, values) in &changed {
            for value in std::iter::once(login).chain(values) {
                // A group is shown by its path.
                let last = value.rsplit('/').next().unwrap_or(value);
                assert!(text.contains(&normal(last)), "{line}: {platform} did not show {value:?} of {login}");
            }
        }
    }
    changed.len()
}

#[tokio::test]
async fn what_is_carried_out_for_many_users_was_shown() {
    let rows: Vec<String> = (0..150)
        .map(|i| {
            let (profile, group) =
                if i == 77 { ("L1 Support", "Western Region") } else { ("Agent", "Eastern Region") };
            format!(
                "Änn,O'Hara_{i},ann_{i}@example.com,,ann.{i:03},Basic Routing Profile,{profile},{group},x={i}"
            )
        })
        .collect();
    let header = "first name,last name,email address,password,user login,routing profile name,security_profile_name_1,user_hierarchy_1,tags";
    let sheet = format!("{header}\n{}\n", rows.join("\n"));
    let mut story = Story::with_files(&[("users.csv", sheet.as_bytes())]).await;
    let all: Vec<String> = (0..150).map(|i| format!("ann.{i:03}")).collect();
    let some = all[..40].join(", ");
    for (line, users) in table! {
        ("/connect import users.csv".to_owned(), 150),
        (format!("/connect edit logins:\"{some}\" tag:team=blue hierarchy_group:\"Tracers East\""), 40),
        ("/connect edit matching:\"login:ann.0\" routing_profile:\"Contact Tracers Profile\"".to_owned(), 100),
        ("/connect undo 3".to_owned(), 100),
        (format!("/connect remove logins:\"{some}\""), 40),
        ("/connect undo 5".to_owned(), 40),
        ("/connect export login:ann".to_owned(), 0),
    } {
        let did = carried_out_as_shown(&mut story, &line).await;
        assert_eq!(did, users, "{line}");
    }
}
