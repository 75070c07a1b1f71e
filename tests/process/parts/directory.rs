//! The directory over the real client and the practice contact center, and the order of what it suggests.

use std::sync::Arc;
use std::time::Duration;

use connect_desk::clock::ScriptClock;
use connect_desk::directory::Names;
use connect_desk::directory::fold::{TYPED_MAX, Typed, fold};
use connect_desk::directory::index::Builder;
use connect_desk::practice::{Options, Practice, Unwatched};
use connect_desk::systems::connect::Patience;
use desk_core::basics::ids::Platform;
use desk_core::basics::problem::Problem;
use desk_core::basics::roles::Place;
use desk_core::desk::{Incoming, Invocation};
use desk_core::ports::Clock as _;
use desk_core::words::Thing;
use http::Request;
use proptest::prelude::*;
use proptest::test_runner::RngSeed;
use serde_json::{Value, json};
use tempfile::TempDir;

fn clock() -> Arc<ScriptClock> {
    Arc::new(ScriptClock::starting_at("2026-11-20T09:00:00Z".parse().unwrap()))
}

/// Names that hold these users, half of them read together and half learned one by one.
fn holding(users: &[(&str, &str)]) -> Arc<Names> {
    let (names, learner) = Names::learning(clock());
    let mut builder = Builder::default();
    for (no, (login, name)) in users.iter().enumerate() {
        if no % 2 == 0 {
            builder.add(login, name);
        }
    }
    names.read_users(Duration::ZERO, builder.build());
    for (no, (login, name)) in users.iter().enumerate() {
        if no % 2 == 1 {
            learner.learn(login, Some(name));
        }
    }
    names
}

fn values(names: &Names, thing: Thing, typed: &str, limit: usize) -> Vec<String> {
    names.suggest(thing, typed, limit).into_iter().map(|suggestion| suggestion.value).collect()
}

const PEOPLE: [(&str, &str); 12] = [
    ("john.doe", "John Doe"),
    ("john.doering", "John Döring"),
    ("jane.doe", "Jane Doe"),
    ("jmueller", "Jörg Müller"),
    ("l.kowalski", "Łukasz Kowalski"),
    ("grossmann-2", "Anna Großmann"),
    ("maria.garcia", "María García"),
    ("John.Doe", "John Doe (old)"),
    ("zoe_johns", "Zoë Johns"),
    ("agent000017", ""),
    ("agent000170", "Li Wei"),
    ("s.o'neill", "Siobhán O’Neill"),
];

#[test]
fn what_is_meant_comes_first() {
    let names = holding(&PEOPLE);
    let table: &[(&str, &[&str])] = &[
        // The same altogether; then what continues.
        ("john.doe", &["john.doe", "John.Doe", "john.doering"]),
        ("John.Doe", &["John.Doe", "john.doe", "john.doering"]),
        ("  @JOHN.DOE ", &["John.Doe", "john.doe", "john.doering"]),
        // The beginning of a login before that of a word, of a login or a name.
        ("john", &["John.Doe", "john.doe", "john.doering", "zoe_johns"]),
        ("do", &["jane.doe", "John.Doe", "john.doe", "john.doering"]),
        ("muller", &["jmueller"]),
        ("Müller", &["jmueller"]),
        ("mueller", &["jmueller"]),
        ("lukasz", &["l.kowalski"]),
        ("Łuk", &["l.kowalski"]),
        ("großmann", &["grossmann-2"]),
        ("GROSSMANN", &["grossmann-2"]),
        ("garcía", &["maria.garcia"]),
        ("oneill", &["s.o'neill"]),
        ("o'neil", &["s.o'neill"]),
        ("2", &["grossmann-2"]),
        // Inside of words.
        ("arci", &["maria.garcia"]),
        ("0017", &["agent000017", "agent000170"]),
        // Every word, in any order.
        ("doe john", &["John.Doe", "john.doe", "john.doering", "zoe_johns"]),
        ("wei, li", &["agent000170"]),
        // Letters in order.
        ("jhndoe", &["John.Doe", "john.doe", "john.doering"]),
        ("grsmn", &["grossmann-2"]),
        // One mistake: swapped, wrong, missing, too many.
        ("jonh.doe", &["John.Doe", "john.doe", "john.doering"]),
        ("kowalsky", &["l.kowalski"]),
        ("john-doe", &["John.Doe", "john.doe", "john.doering"]),
        ("maria..garcia", &["maria.garcia"]),
        ("xmaria", &["maria.garcia"]),
        ("maira", &["maria.garcia"]),
        // Nothing like it.
        ("xyzzy", &[]),
        ("\u{f8ff}", &[]),
    ];
    let mut wrong = Vec::new();
    for (typed, expected) in table {
        let found = values(&names, Thing::User, typed, 25);
        if found != *expected {
            wrong.push(format!("{typed}: {found:?}, not {expected:?}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn whoever_typed_nothing_gets_the_first_of_the_alphabet() {
    let names = holding(&PEOPLE);
    for typed in ["", " ", "@"] {
        let expected = ["agent000017", "agent000170", "grossmann-2", "jane.doe"];
        assert_eq!(values(&names, Thing::User, typed, 4), expected);
    }
    assert_eq!(values(&names, Thing::User, "o", 0), [""; 0]);
    assert_eq!(values(&names, Thing::Queue, "", 25), [""; 0]);
    assert_eq!(values(&Names::default(), Thing::User, "john", 25), [""; 0]);
}

#[test]
fn labels_and_values_fit_into_what_discord_takes() {
    let long = "x".repeat(101);
    let names = holding(&[
        ("a", "Anna\u{202e}Bell"),
        ("b", &"Bé".repeat(80)),
        (&long, "Too Long"),
        (long.get(1..).unwrap(), "y"),
    ]);
    let suggested = names.suggest(Thing::User, "", 25);
    let labels: Vec<&str> = suggested.iter().map(|suggestion| suggestion.label.as_str()).collect();
    assert_eq!(labels[0], "a · Anna·Bell");
    assert_eq!(labels.len(), 3);
    for suggestion in &suggested {
        assert!(suggestion.label.chars().count() <= 100 && suggestion.value.chars().count() <= 100);
    }
    assert!(labels[1].ends_with('…') && labels[2].ends_with('…'));
}

/// What one letter otherwise makes of a text: the slow and plain way to say what the quick one has to find.
fn one_letter_otherwise(text: &str) -> Vec<String> {
    let letters: Vec<char> = text.chars().collect();
    let mut all = Vec::new();
    for at in 0..=letters.len() {
        for c in "abc.".chars() {
            let mut more = letters.clone();
            more.insert(at, c);
            all.push(more.iter().collect());
        }
        if at < letters.len() {
            for c in "abc.".chars() {
                let mut other = letters.clone();
                other[at] = c;
                all.push(other.iter().collect());
            }
            let mut less = letters.clone();
            less.remove(at);
            all.push(less.iter().collect());
        }
        if at + 1 < letters.len() {
            let mut swapped = letters.clone();
            swapped.swap(at, at + 1);
            all.push(swapped.iter().collect());
        }
    }
    all
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, rng_seed: RngSeed::Fixed(20_261_120), ..ProptestConfig::default() })]

    #[test]
    fn every_beginning_of_a_login_leads_to_it(
        logins in proptest::collection::btree_set("[a-cA-Cäß0-1][a-cA-C._äß-]{0,6}", 1..60),
        limit in 1_usize..12,
    ) {
        let users: Vec<(&str, &str)> = logins.iter().map(|login| (login.as_str(), "A B")).collect();
        let names = holding(&users);
        for login in &logins {
            for end in login.char_indices().map(|(at, c)| at + c.len_utf8()) {
                let typed = login.get(..end).unwrap();
                let same = logins.iter().filter(|other| folded(other).starts_with(&folded(typed))).count();
                let found = values(&names, Thing::User, typed, limit);
                prop_assert!(found.len() <= limit);
                if same <= limit {
                    prop_assert!(found.contains(login), "{typed} does not lead to {login}: {found:?}");
                }
            }
        }
    }

    #[test]
    fn every_single_mistake_is_forgiven(
        logins in proptest::collection::btree_set("[a-c][a-c.]{3,6}", 1..20),
        typed in "[a-c][a-c.]{2,5}",
    ) {
        let users: Vec<(&str, &str)> = logins.iter().map(|login| (login.as_str(), "")).collect();
        let names = holding(&users);
        let typed = typed.trim_end_matches('.');
        prop_assume!(typed.chars().filter(char::is_ascii_alphanumeric).count() >= 3);
        let found = values(&names, Thing::User, typed, 25);
        let near = one_letter_otherwise(typed);
        for login in &logins {
            if near.iter().any(|near| login.starts_with(near)) {
                prop_assert!(found.contains(login), "{typed} does not lead to {login}: {found:?}");
            }
        }
    }

    #[test]
    fn every_part_and_every_selection_of_letters_leads_to_a_user(
        users in proptest::collection::btree_map("[a-d0-1][a-d._0-1]{0,9}", "[a-d ]{0,9}", 1..20),
        kept in proptest::collection::vec(any::<bool>(), 10),
        (skip, take) in (0_usize..9, 1_usize..9),
    ) {
        let listed: Vec<(&str, &str)> = users.iter().map(|(login, name)| (login.as_str(), name.as_str())).collect();
        let names = holding(&listed);
        for (login, name) in &users {
            for field in [login, name] {
                let part: String = field.chars().skip(skip).take(take).collect();
                let found = values(&names, Thing::User, &part, 25);
                prop_assert!(found.contains(login), "{part} does not lead to {login} {name}: {found:?}");
                let letters = field.chars().filter(char::is_ascii_alphanumeric);
                let some: String = letters.zip(&kept).filter(|(_, kept)| **kept).map(|(c, _)| c).collect();
                let found = values(&names, Thing::User, &some, 25);
                prop_assert!(found.contains(login), "{some} does not lead to {login} {name}: {found:?}");
            }
        }
    }

    #[test]
    fn whatever_is_typed_the_answer_is_the_same_twice_and_has_nothing_twice(typed in any::<String>()) {
        let names = holding(&PEOPLE);
        let found = values(&names, Thing::User, &typed, 25);
        prop_assert_eq!(&found, &values(&names, Thing::User, &typed, 25));
        let mut once = found.clone();
        once.sort();
        once.dedup();
        prop_assert_eq!(once.len(), found.len());
    }
}

/// A practice desk in a folder of its own, whose clock moves only when waited for.
struct Desk {
    practice: Practice,
    clock: Arc<ScriptClock>,
    _folder: TempDir,
}

impl Desk {
    async fn open(seed: &str, throttled: bool) -> Desk {
        let folder = tempfile::tempdir().unwrap();
        let clock = clock();
        let practice = Practice::open(Options {
            state: folder.path().join("state"),
            config: None,
            clock: clock.clone(),
            throttled,
            sim: desk_sim::Options { seed: seed.parse().unwrap(), ..desk_sim::Options::default() },
            patience: Patience::default(),
            watcher: Arc::new(Unwatched),
            files: ".".into(),
        })
        .await
        .unwrap();
        Desk { practice, clock, _folder: folder }
    }

    async fn sim(&self, method: &str, path: &str, body: &Value) -> Value {
        let body = if body.is_null() { String::new() } else { body.to_string() };
        let request = Request::builder().method(method).uri(path).body(body.into()).unwrap();
        let answer = self.practice.sim.handle(request).await.unwrap();
        assert!(answer.status().is_success(), "{method} {path}: {answer:?}");
        serde_json::from_slice(answer.body()).unwrap_or(Value::Null)
    }

    async fn calls(&self, operation: &str) -> u64 {
        let calls = self.sim("GET", "/_sim/calls", &Value::Null).await;
        calls["operations"][operation]["calls"].as_u64().unwrap_or_default()
    }

    /// The next `times` calls of the operation fail.
    async fn fails(&self, operation: &str, times: u32) {
        let error = "InvalidRequestException";
        let fault = json!({"operation": operation, "fault": "fail_before", "error": error, "times": times});
        self.sim("POST", "/_sim/faults", &fault).await;
    }

    async fn refresh(&self) -> Result<(), Problem> {
        let limit = Duration::from_secs(60);
        tokio::time::timeout(limit, self.practice.directory.refresh()).await.expect("a refresh ends")
    }

    fn suggests(&self, thing: Thing, typed: &str) -> Vec<String> {
        values(&self.practice.directory.names(), thing, typed, 25)
    }

    async fn says(&self, who: &str, line: &str) -> Option<u64> {
        let by = self.practice.people.iter().find(|person| person.name == who).unwrap().clone();
        let place =
            Place { platform: Platform::Console, channel: "1".to_owned(), private: false, parent: None };
        let heard = Incoming { by, place, said: Invocation::Typed(line.to_owned()) };
        let no = self.practice.desk.handle(heard).await.request?;
        self.practice.desk.advance(no).await.unwrap();
        Some(no.0)
    }
}

#[tokio::test]
async fn a_refresh_reads_everything_at_one_call_for_500_users() {
    let desk = Desk::open("users=1200", true).await;
    assert_eq!(desk.suggests(Thing::User, ""), [""; 0]);
    let began = desk.clock.monotonic();
    desk.refresh().await.unwrap();
    let users = desk.practice.directory.names().users();
    assert!(users >= 1200, "{users}");
    assert_eq!(desk.calls("SearchUsers").await, 3);
    assert_eq!(desk.calls("SearchUserHierarchyGroups").await, 1);
    let queues = desk.calls("ListQueueQuickConnects").await;
    assert!(queues > 2, "{queues}");
    // Half of two calls a second: two pauses between pages, and one between two queues each.
    let seconds = (desk.clock.monotonic() - began).as_secs();
    assert!((queues + 1..queues + 7).contains(&seconds), "{seconds} s for {queues} queues");
    assert_eq!(desk.suggests(Thing::User, "agent001200")[0], "agent001200");
    assert_eq!(desk.suggests(Thing::RoutingProfile, "basic rout")[0], "Basic Routing Profile");
    assert!(!desk.suggests(Thing::SecurityProfile, "agent").is_empty());
    let paths = desk.suggests(Thing::HierarchyGroup, "");
    assert!(paths.iter().any(|path| path.contains('/')), "{paths:?}");

    // A group is never asked for alone.
    desk.refresh().await.unwrap();
    assert_eq!(desk.calls("SearchUsers").await, 6);
    assert_eq!(desk.calls("SearchUserHierarchyGroups").await, 2);
    assert_eq!(desk.calls("DescribeUserHierarchyGroup").await, 0);
}

#[tokio::test]
async fn a_list_that_cannot_be_read_keeps_what_it_held_and_costs_no_other() {
    let desk = Desk::open("users=1200", false).await;
    desk.fails("SearchUsers", 1).await;
    desk.fails("ListRoutingProfiles", 1).await;
    desk.fails("SearchUserHierarchyGroups", 1).await;
    desk.refresh().await.unwrap_err();
    assert_eq!(desk.suggests(Thing::User, "agent"), [""; 0]);
    assert_eq!(desk.suggests(Thing::RoutingProfile, ""), [""; 0]);
    let security = desk.suggests(Thing::SecurityProfile, "");
    assert!(!security.is_empty());
    assert_eq!(desk.suggests(Thing::HierarchyGroup, ""), [""; 0]);

    desk.refresh().await.unwrap();
    let users = desk.suggests(Thing::User, "agent");
    let paths = desk.suggests(Thing::HierarchyGroup, "");
    assert!(users.len() == 25 && !paths.is_empty());

    // The second page does not come: none of the reading counts.
    let fault = json!({"operation": "SearchUsers", "fault": "fail_before", "call": 2, "error": "InvalidRequestException"});
    desk.sim("POST", "/_sim/faults", &fault).await;
    desk.clock.advance(Duration::from_secs(3600));
    desk.fails("SearchUserHierarchyGroups", 1).await;
    desk.refresh().await.unwrap_err();
    assert_eq!(desk.suggests(Thing::User, "agent"), users);
    assert_eq!(desk.suggests(Thing::HierarchyGroup, ""), paths);
    assert_eq!(desk.suggests(Thing::SecurityProfile, ""), security);
    assert!(!desk.suggests(Thing::RoutingProfile, "").is_empty());
}

#[tokio::test]
async fn a_user_that_the_desk_reads_or_misses_is_known_at_once() {
    let desk = Desk::open("guide", false).await;
    let center = &desk.practice.desk.center;
    let user = center.user("john.doe").await.unwrap().unwrap();
    assert_eq!(desk.suggests(Thing::User, "jonh.doe"), ["john.doe"]);
    desk.refresh().await.unwrap();
    assert_eq!(desk.suggests(Thing::User, "john.doe"), ["john.doe"]);

    let path = format!("/users/{}/{}", desk.practice.sim.instance_id(), user.id);
    desk.sim("DELETE", &path, &Value::Null).await;
    assert_eq!(desk.suggests(Thing::User, "john.doe"), ["john.doe"]);
    assert_eq!(center.user("john.doe").await.unwrap(), None);
    assert!(!desk.suggests(Thing::User, "john.doe").contains(&"john.doe".to_owned()));
    desk.refresh().await.unwrap();
    assert!(!desk.suggests(Thing::User, "john.doe").contains(&"john.doe".to_owned()));
}

#[tokio::test]
async fn a_search_that_lags_does_not_bring_a_removed_user_back() {
    let desk = Desk::open("guide", false).await;
    desk.refresh().await.unwrap();
    let (names, learner) = (desk.practice.directory.names(), &desk.practice.desk.center);
    learner.user("john.doe").await.unwrap().unwrap();
    names.learn(desk.clock.monotonic(), "jane.doe", None);
    names.learn(desk.clock.monotonic(), "new.hand", Some("New Hand"));
    let known = |login: &str| names.suggest(Thing::User, login, 1).first().is_some_and(|s| s.value == login);
    desk.refresh().await.unwrap();
    assert!(!known("jane.doe") && known("new.hand") && known("john.doe"));
    desk.clock.advance(Duration::from_secs(600));
    desk.refresh().await.unwrap();
    assert!(known("jane.doe") && !known("new.hand") && known("john.doe"));
}

#[tokio::test]
async fn what_the_desk_removes_and_creates_is_known_at_once() {
    let desk = Desk::open("guide", false).await;
    let no = desk.says("helpdesk", "/connect reset john.doe method:recreate").await.unwrap();
    desk.says("helpdesk", &format!("/desk confirm {no}")).await;
    // Nothing is left of the first look.
    let names = desk.practice.directory.names();
    names.learn(desk.clock.monotonic(), "john.doe", None);
    assert_eq!(desk.suggests(Thing::User, "john.doe"), [""; 0]);
    // The login cannot be used again, so the user is removed, and is to be known as removed.
    let fault =
        json!({"operation": "CreateUser", "fault": "fail_before", "error": "InvalidRequestException"});
    desk.sim("POST", "/_sim/faults", &fault).await;
    desk.says("supervisor", &format!("/desk approve {no}")).await;
    assert_eq!(desk.calls("DeleteUser").await, 1);
    assert_eq!(desk.suggests(Thing::User, "john.doe"), [""; 0]);
    desk.says("supervisor", &format!("/desk retry {no}")).await;
    assert!(desk.calls("CreateUser").await >= 2);
    assert_eq!(desk.suggests(Thing::User, "john.doe"), ["john.doe"]);
}

fn folded(text: &str) -> String {
    let mut out = Vec::new();
    fold(text, &mut out);
    String::from_utf8(out).unwrap()
}

#[test]
fn marks_case_and_runs_of_blanks_do_not_count() {
    let table = [
        ("Müller", "muller"),
        ("Łukasz", "lukasz"),
        ("Straße", "strasse"),
        ("Ångström  \t Øre", "angstrom ore"),
        ("Nuñez-O’Neill", "nunez-o'neill"),
        ("Đặng Thị", "dang thi"),
        ("Юрий", "iurii"),
        ("北京", "bei jing "),
        ("a\u{7}b", "a\u{1a}b"),
        ("\u{f8ff}", "\u{1a}"),
    ];
    for (text, expected) in table {
        assert_eq!(folded(text), expected, "{text}");
    }
}

#[test]
fn a_typed_text_loses_its_at_sign_and_the_blanks_around_it() {
    assert_eq!(Typed::new("  @Jörg ").text, b"jorg");
    assert_eq!(Typed::new("@").text, b"");
    assert_eq!(Typed::new("Doe,  John").words().collect::<Vec<_>>(), [b"doe".as_slice(), b"john"]);
    assert_eq!(Typed::new(&"北".repeat(500)).text.len(), TYPED_MAX - 1);
}
