//! A small server, and a client that sends what it is told.

use std::time::Duration;

use fake_discord::{Asked, FakeDiscord, Id, Options, Person};
use http::Method;
use serde_json::{Value, json};

pub const APPLICATION: Id = 1_100_000_000_000_000_001;
pub const GUILD: Id = 7_000;
pub const CHANNEL: Id = 7_100;
pub const ROLE: Id = 7_200;
pub const ANN: Id = 7_301;
pub const BOB: Id = 7_302;
/// On the machine's clock; nothing here takes a hundredth of it.
pub const LIMIT: Duration = Duration::from_secs(10);

/// A server with a channel, a role and two members, and the bot's commands.
pub async fn open(options: Options) -> (FakeDiscord, Person, Person) {
    let fake = FakeDiscord::open(options).await.unwrap();
    fake.add_guild(GUILD, "Help desk", ANN);
    fake.add_role(GUILD, ROLE, "agents");
    fake.add_channel(GUILD, CHANNEL, "desk");
    let ann = fake.add_member(GUILD, ANN, "Ann", &[ROLE]);
    let bob = fake.add_member(GUILD, BOB, "Bob", &[]);
    fake.register(Some(GUILD), &commands()).unwrap();
    (fake, ann, bob)
}

pub async fn opened() -> (FakeDiscord, Person, Person) {
    open(Options::default()).await
}

pub fn commands() -> Value {
    let login = json!({
        "type": 3, "name": "login", "description": "Whose", "required": true, "autocomplete": true,
        "min_length": 1, "max_length": 20,
    });
    let way = json!({
        "type": 3, "name": "method", "description": "How",
        "choices": [{ "name": "By mail", "value": "mail" }, { "name": "Here", "value": "here" }],
    });
    let file = json!({ "type": 11, "name": "file", "description": "A list", "required": true });
    json!([
        { "name": "connect", "description": "The contact center", "options": [
            { "type": 1, "name": "reset", "description": "A new password", "options": [login.clone(), way] },
            { "type": 2, "name": "user", "description": "Users", "options": [
                { "type": 1, "name": "import", "description": "From a list", "options": [file] },
            ] },
        ] },
    ])
}

pub fn messages() -> String {
    format!("/channels/{CHANNEL}/messages")
}

/// An answer of the API, or none where the connection was dropped.
pub struct Answer {
    pub status: u16,
    pub json: Value,
}

impl Answer {
    pub fn code(&self) -> u64 {
        self.json["code"].as_u64().unwrap_or(0)
    }

    /// The places of a bad form, with the code of each, in order.
    pub fn places(&self) -> Vec<String> {
        fn walk(node: &Value, place: &str, found: &mut Vec<String>) {
            for (name, below) in node.as_object().into_iter().flatten() {
                if name == "_errors" {
                    let codes = below.as_array().unwrap().iter().map(|it| it["code"].as_str().unwrap());
                    found.extend(codes.map(|code| format!("{place} {code}")));
                } else {
                    let place = if place.is_empty() { name.clone() } else { format!("{place}.{name}") };
                    walk(below, &place, found);
                }
            }
        }
        let mut found = Vec::new();
        walk(&self.json["errors"], "", &mut found);
        found
    }
}

#[derive(Clone)]
pub struct Raw {
    api: String,
    client: reqwest::Client,
}

impl Raw {
    pub fn new(fake: &FakeDiscord) -> Self {
        let client =
            reqwest::Client::builder().user_agent("DiscordBot (https://example.org, 1)").build().unwrap();
        Self { api: fake.api_url(), client }
    }

    pub async fn try_call(&self, method: Method, path: &str, body: &Value) -> reqwest::Result<Answer> {
        let mut request = self
            .client
            .request(method, format!("{}/api/v10{path}", self.api))
            .header("authorization", "Bot fake.discord.token");
        if !body.is_null() {
            request = request.header("content-type", "application/json").body(body.to_string());
        }
        let response = request.send().await?;
        let status = response.status().as_u16();
        Ok(Answer { status, json: serde_json::from_slice(&response.bytes().await?).unwrap_or_default() })
    }

    /// A body of this type, as it is.
    pub async fn post_as(&self, path: &str, kind: &str, body: &'static [u8]) -> Answer {
        let request = self
            .client
            .post(format!("{}/api/v10{path}", self.api))
            .header("authorization", "Bot fake.discord.token")
            .header("content-type", kind)
            .body(body);
        let response = request.send().await.unwrap();
        let status = response.status().as_u16();
        Answer { status, json: serde_json::from_slice(&response.bytes().await.unwrap()).unwrap_or_default() }
    }

    pub async fn call(&self, method: Method, path: &str, body: &Value) -> Answer {
        self.try_call(method, path, body).await.unwrap()
    }

    pub async fn get(&self, path: &str) -> Answer {
        self.call(Method::GET, path, &Value::Null).await
    }

    pub async fn post(&self, path: &str, body: &Value) -> Answer {
        self.call(Method::POST, path, body).await
    }

    pub async fn patch(&self, path: &str, body: &Value) -> Answer {
        self.call(Method::PATCH, path, body).await
    }

    /// The first response to what someone asked.
    pub async fn answer(&self, asked: &Asked, body: &Value) -> Answer {
        let known = asked.interaction().unwrap();
        self.post(&format!("/interactions/{}/{}/callback", known.id, known.token), body).await
    }

    /// The same to a command that is sent for it.
    pub async fn respond(&self, person: &Person, body: &Value) -> Answer {
        self.answer(&person.slash_raw(CHANNEL, "connect reset", &[]).await, body).await
    }
}
