//! A server with a desk on it, and what the tests of this folder do there again and again.

use connect_desk::console::outside;
use connect_desk::console::phone::Phone;
use desk_core::basics::ids::{PersonId, Platform, RequestNo};
use desk_core::basics::secret::Secret;
use desk_core::log::Outcome as Ended;
use desk_core::ports::Clock as _;
use desk_core::request::{Phase, Request};
use fake_discord::{Asked, ClientRefuses, Fault, FaultKind, Input, Message, Outcome};
use serde_json::Value;
use tempfile::TempDir;

use crate::support::LIMIT;
use crate::support::server::{CHANNEL, Server, Setup, is_card, on_discord};

/// Calls that change something while `john.doe` is removed and created again.
pub const WRITES: u64 = 9;

pub const CALLBACK: &str = "/interactions/*/*/callback";
pub const ORIGINAL: &str = "/webhooks/*/*/messages/@original";
pub const FOLLOW_UP: &str = "/webhooks/*/*";
pub const MESSAGES: &str = "/channels/*/messages";
pub const MESSAGE: &str = "/channels/*/messages/*";
pub const MEMBER: &str = "/guilds/*/members/*";

pub struct Scene {
    pub server: Server,
    folder: TempDir,
}

impl Scene {
    pub async fn open() -> Scene {
        Scene::with(|_| {}).await
    }

    pub async fn with(change: impl FnOnce(&mut Setup)) -> Scene {
        let folder = tempfile::tempdir().unwrap();
        let mut setup = Setup::default();
        change(&mut setup);
        let server = Server::open(folder.path(), setup).await;
        Scene { server, folder }
    }

    /// The desk is not started.
    pub async fn closed(change: impl FnOnce(&mut Setup)) -> Scene {
        let folder = tempfile::tempdir().unwrap();
        let mut setup = Setup::default();
        change(&mut setup);
        let server = Server::closed(folder.path(), setup).await;
        Scene { server, folder }
    }

    pub fn folder(&self) -> &std::path::Path {
        self.folder.path()
    }

    pub fn fault(&self, method: &str, path: &str, kind: FaultKind) {
        self.server.fake.fault(Fault::on(method, path, kind));
    }

    pub fn faults(&self, method: &str, path: &str, times: u32, kind: FaultKind) {
        self.server.fake.fault(Fault::on(method, path, kind).times(times));
    }

    /// A slash command in the desk's channel.
    pub async fn slash(&self, who: &str, name: &str, options: &[(&str, Input)]) -> Asked {
        self.server.person(who).slash(CHANNEL, name, options).await.unwrap()
    }

    /// The same, and what the person sees in the end.
    pub async fn says(&self, who: &str, name: &str, options: &[(&str, Input)]) -> Outcome {
        self.slash(who, name, options).await.outcome(LIMIT).await.unwrap()
    }

    /// The help desk asks for the user to be removed and created again.
    pub async fn asks(&self, login: &str) -> Asked {
        self.slash("helpdesk", "connect reset", &[("login", login.into()), ("method", "recreate".into())])
            .await
    }

    /// The same, once its card is.
    pub async fn reset(&self, no: u64) -> Message {
        self.asks("john.doe").await;
        self.server.card_that(no, CHANNEL, "· needs").await
    }

    /// Someone presses a button of a request's card in the desk's channel.
    pub async fn press(&self, who: &str, no: u64, label: &str) -> Asked {
        self.press_in(CHANNEL, who, no, label).await
    }

    pub async fn press_in(&self, channel: u64, who: &str, no: u64, label: &str) -> Asked {
        let card = self.server.card(no, channel).await;
        if let Some(verb) = self.is_early(&card, label) {
            let request = i64::try_from(no).unwrap();
            return self
                .server
                .person(who)
                .slash(channel, verb, &[("request", request.into())])
                .await
                .unwrap();
        }
        self.server.person(who).click(card.id, label).await.unwrap()
    }

    /// The command of a decision for which the card has no button yet, because the requester has not confirmed.
    fn is_early(&self, card: &Message, label: &str) -> Option<&'static str> {
        let verbs = [("Approve", "desk approve"), ("Deny", "desk deny")];
        let verb = verbs.iter().find(|(known, _)| *known == label)?.1;
        (card.button(label).is_none() && card.text().contains("needs confirmation")).then_some(verb)
    }

    /// The same, unless the desk was quicker: it weighs a request again after every word, so what was lost since the card
    /// was drawn may have ended it before anybody presses.
    pub async fn press_if_there(&self, who: &str, no: u64, label: &str) {
        let card = self.server.card(no, CHANNEL).await;
        match self.server.person(who).click(card.id, label).await {
            Ok(_) | Err(ClientRefuses::NoSuchComponent(_)) => {}
            Err(other) => panic!("{other:?}"),
        }
    }

    /// The last private answer to a press.
    pub async fn told(&self, who: &str, no: u64, label: &str) -> String {
        let card = self.server.card(no, CHANNEL).await;
        let asked = self.press(who, no, label).await;
        match self.is_early(&card, label) {
            Some(_) => asked.outcome(LIMIT).await.unwrap().text(),
            None => told(&asked).await,
        }
    }

    /// The requester confirms; the card after that.
    pub async fn confirms(&self, no: u64) -> Message {
        self.press("helpdesk", no, "Confirm").await;
        self.server.card_that(no, CHANNEL, "☑ Confirmed by").await
    }

    /// Both say yes, and it is done.
    pub async fn runs(&self, no: u64) {
        self.confirms(no).await;
        self.runs_from_confirmed(no).await;
    }

    /// The next request goes as ever, whatever came before it.
    pub async fn runs_anew(&self) {
        let before = self.writes().await;
        let asked = self.asks("john.doe").await.outcome(LIMIT).await.unwrap().text();
        let no = asked.split([':', '#']).nth(1).and_then(|no| no.parse().ok());
        let no = no.unwrap_or_else(|| panic!("no number in {asked}"));
        self.runs(no).await;
        self.is_done(no).await;
        assert_eq!(self.writes().await - before, WRITES);
    }

    pub async fn runs_from_confirmed(&self, no: u64) {
        self.press("supervisor", no, "Approve").await;
        self.server.card_that(no, CHANNEL, "· completed").await;
    }

    pub async fn writes(&self) -> u64 {
        self.sim("GET /_sim/calls").await["writes"].as_u64().unwrap()
    }

    pub async fn sim(&self, request: &str) -> Value {
        serde_json::from_str(&outside::sim(&self.server.sim, request).await.unwrap()).unwrap()
    }

    /// Someone does something in the contact center behind the desk's back.
    pub async fn world(&self, line: &str) {
        let center = self.server.desk().desk.center.clone();
        let said = outside::world(center.as_ref(), &self.server.sim, line).await;
        said.unwrap();
    }

    /// The request is done, once, and that is what everybody sees.
    pub async fn is_done(&self, no: u64) -> Request {
        self.server.card_that(no, CHANNEL, "· completed").await;
        let request = self.server.request(no).await;
        assert!(
            matches!(request.phase, Phase::Finished { outcome: Ended::Completed, .. }),
            "{:?}",
            request.phase
        );
        let cards = self.cards(no, CHANNEL);
        assert_eq!(cards.len(), 1, "#{no} has one card:\n{}", self.server.screen());
        assert_eq!(request.shown[&on_discord(CHANNEL)], cards[0].id.to_string());
        request
    }

    /// The public messages of a channel that show the request.
    pub fn cards(&self, no: u64, channel: u64) -> Vec<Message> {
        self.server.fake.look(|world| {
            let all = world.messages(channel).into_iter();
            all.filter(|message| is_card(message, no)).cloned().collect()
        })
    }

    pub async fn phase(&self, no: u64) -> Phase {
        self.server.desk().desk.request(RequestNo(no)).await.unwrap().phase
    }

    /// An authenticator for someone, whose first code was used a minute ago.
    pub async fn phone(&self, who: &str) -> Phone {
        let account = PersonId::new(Platform::Discord, self.server.person(who).id().to_string()).unwrap();
        let factors = &self.server.desk().desk.factors;
        let phone = Phone::scan(&factors.begin(&account).await.unwrap()).unwrap();
        factors.finish(&account, &Secret::new(self.code(&phone))).await.unwrap();
        self.server.pass(std::time::Duration::from_secs(60)).await;
        phone
    }

    /// The digits that an authenticator shows at this moment.
    pub fn code(&self, phone: &Phone) -> String {
        phone.code(self.server.clock.now())
    }

    /// Nothing went where it should not, and the log is whole.
    pub async fn ends(mut self) {
        self.server.stop().await.unwrap();
        self.is_sound();
    }

    pub fn is_sound(&self) {
        self.server.fake.look(|world| {
            assert_eq!(world.left_loopback(), [] as [String; 0], "something left this machine");
            assert_eq!(world.unknown_routes(), [] as [String; 0]);
        });
        let options = connect_desk::store::Options {
            name: "practice-desk".to_owned(),
            secrets_last: std::time::Duration::from_secs(86_400),
            clock: self.server.clock.clone(),
        };
        let store = connect_desk::store::Store::open(&self.server.folder(), options).unwrap();
        let report = store.verify().unwrap();
        assert!(report.is_sound(), "{report}");
        store.close().unwrap();
    }
}

/// The last private answer beside a card.
pub async fn told(asked: &Asked) -> String {
    let outcome = asked.followed_up(1, LIMIT).await.unwrap();
    let answer = outcome.follow_ups.last().unwrap_or_else(|| panic!("no answer: {outcome:?}"));
    assert!(answer.is_ephemeral(), "someone else reads it: {}", answer.text());
    answer.text()
}
