//! The practice Salesforce: what of SOQL it answers, its ids, and what outlives the process.

use bytes::Bytes;
use desk_sim::SimError;
use desk_sim::salesforce::{CLIENT_ID, CLIENT_SECRET, Options, Salesforce};
use http::{Request, StatusCode};
use serde_json::{Value, json};

use crate::support::{each, encoded, read, text};

async fn control(org: &Salesforce, method: &str, path: &str, body: Value) -> Value {
    let request = Request::builder().method(method).uri(format!("/_salesforce/{path}"));
    let answer = org.handle(request.body(Bytes::from(body.to_string())).unwrap()).await.unwrap();
    assert_eq!(answer.status(), StatusCode::OK, "{path}");
    serde_json::from_slice(answer.body()).unwrap()
}

/// Someone who asks a new org.
struct Asker {
    org: Salesforce,
    token: String,
}

impl Asker {
    async fn new() -> Self {
        let org = Salesforce::open(Options::default()).unwrap();
        let form =
            format!("grant_type=client_credentials&client_id={CLIENT_ID}&client_secret={CLIENT_SECRET}");
        let request = Request::post("/services/oauth2/token").body(Bytes::from(form)).unwrap();
        let token = text(&read(&org.handle(request).await.unwrap()).1["access_token"]);
        Self { org, token }
    }

    /// The records that a query finds, or the code of the error.
    async fn records(&self, query: &str) -> Result<Value, String> {
        let request = Request::get(format!("/services/data/v67.0/query?q={}", encoded(query)))
            .header("authorization", format!("Bearer {}", self.token));
        let answer = self.org.handle(request.body(Bytes::new()).unwrap()).await.unwrap();
        match read(&answer) {
            (200, mut found) => Ok(found["records"].take()),
            (_, refused) => Err(text(&refused[0]["errorCode"])),
        }
    }

    /// The logins of the users that a condition finds, or the code of the error.
    async fn found(&self, rest: &str) -> String {
        match self.records(&format!("SELECT Username FROM User {rest}")).await {
            Ok(users) => {
                let name = |name: &str| name.split('@').next().unwrap().to_owned();
                each(&users, "Username").into_iter().map(name).collect::<Vec<_>>().join(" ")
            }
            Err(code) => code,
        }
    }
}

#[tokio::test]
async fn what_is_understood_is_answered_and_everything_else_is_refused() {
    let asker = Asker::new().await;
    for (rest, expected) in table! {
        ("WHERE Username = 'JOHN.DOE@practice.example.com'", "john.doe"),
        ("where username='john.doe@practice.example.com' and isactive = true limit 5", "john.doe"),
        ("WHERE LastName = 'O\\'Brien'", "patrick.obrien"),
        ("WHERE LastName = 'O\\u0027Brien'", "patrick.obrien"),
        ("WHERE FirstName LIKE 'jo%' ORDER BY Username DESC", "jose.garcia john.doe"),
        ("WHERE Username LIKE 'j___.doe@%' ORDER BY Username", "jane.doe john.doe"),
        ("WHERE Username LIKE 'john\\_doe%'", ""),
        ("WHERE (FirstName = 'John' OR FirstName = 'Jane') AND LastName != 'X' ORDER BY FirstName", "jane.doe john.doe"),
        ("WHERE FirstName IN ('John', 'No one')", "john.doe"),
        ("WHERE NOT IsActive = true", "mike.turner.old victor.hale"),
        ("WHERE Profile.UserLicense.Name = 'Salesforce Platform'", "hugo.berg"),
        ("WHERE FederationIdentifier = null AND FirstName = 'John'", ""),
        ("WHERE CallCenterId = '04vAe0000000000'", ""),
        ("WHERE FirstName = 'a' AND LastName = 'b' OR LastName = 'c'", "MALFORMED_QUERY"),
        ("WHERE FirstName = 'O'Brien'", "MALFORMED_QUERY"),
        ("WHERE FirstName = 'a\\%'", "MALFORMED_QUERY"),
        ("WHERE FirstName = 'a\\x'", "MALFORMED_QUERY"),
        ("WHERE FirstName = 'a", "MALFORMED_QUERY"),
        ("WHERE FirstName > 'a'", "MALFORMED_QUERY"),
        ("WHERE FirstName = (SELECT Name FROM User)", "MALFORMED_QUERY"),
        ("GROUP BY Username", "MALFORMED_QUERY"),
        ("LIMIT 1 OFFSET 2", "MALFORMED_QUERY"),
        ("; DELETE", "MALFORMED_QUERY"),
        ("WHERE IsActive = 'true'", "INVALID_FIELD"),
        ("WHERE FirstName = 5", "INVALID_FIELD"),
        ("WHERE Nickname = 'a'", "INVALID_FIELD"),
        ("WHERE Boss.Name = 'a'", "INVALID_FIELD"),
        ("WHERE Id = 'x'", "INVALID_QUERY_FILTER_OPERATOR"),
    } {
        assert_eq!(asker.found(rest).await, expected, "{rest}");
    }
    for (query, code) in [
        ("", "MALFORMED_QUERY"),
        ("SELECT COUNT() FROM User", "MALFORMED_QUERY"),
        ("SELECT Id, Id FROM User", "MALFORMED_QUERY"),
        ("SELECT Id, (SELECT Id FROM Cases) FROM User", "MALFORMED_QUERY"),
        ("SELECT Id FROM Account", "INVALID_TYPE"),
    ] {
        assert_eq!(asker.records(query).await, Err(code.to_owned()), "{query}");
    }
}

#[tokio::test]
async fn ids_are_checked_and_come_in_two_lengths() {
    let asker = Asker::new().await;
    // Its ids count on in 62 characters.
    let mut id = String::new();
    while !id.starts_with("0PSAe0000000100") {
        assert!(id.as_str() < "0PSAe0000000100", "{id}");
        id = text(
            &control(&asker.org, "POST", "records/PermissionSet", json!({ "Name": "Ours" })).await["id"],
        );
        assert_eq!(id.len(), 18);
    }
    let found = async |id: &str| {
        let found = asker.records(&format!("SELECT Id FROM PermissionSet WHERE Id = '{id}'")).await;
        found.map(|found| each(&found, "Id").join(" "))
    };
    assert_eq!(found(&id).await, Ok(id.clone()));
    assert_eq!(found(id.get(..15).unwrap()).await, Ok(id.clone()));
    for unknown in ["0018000000MlnDK", "0018000000MlnDKAAZ"] {
        assert_eq!(found(unknown).await, Ok(String::new()), "{unknown}");
    }
    for wrong in ["", "005", "005Ae000000010\\'", "0018000000MlnDKAAA", "0018000000MlnDKAAZ0"] {
        assert_eq!(found(wrong).await, Err("INVALID_QUERY_FILTER_OPERATOR".to_owned()), "{wrong}");
    }
}

#[tokio::test]
async fn what_was_written_is_there_after_a_restart_and_another_file_is_left_alone() {
    let folder = tempfile::tempdir().unwrap();
    let options = || Options { state: Some(folder.path().join("org")), ..Options::default() };
    let org = Salesforce::open(options()).unwrap();
    let set = json!({ "Name": "Ours", "Label": "Ours" });
    control(&org, "POST", "records/PermissionSet", set).await;
    control(&org, "PATCH", "app", json!({ "sandbox": true })).await;
    let (world, app) =
        (control(&org, "GET", "world", Value::Null).await, control(&org, "GET", "app", Value::Null).await);
    // Nothing is done at the end, so this is a kill as well.
    let again = Salesforce::open(options()).unwrap();
    assert_eq!(control(&again, "GET", "world", Value::Null).await, world);
    assert_eq!(control(&again, "GET", "app", Value::Null).await, app);
    std::fs::write(folder.path().join("org"), "other").unwrap();
    assert!(matches!(Salesforce::open(options()), Err(SimError::NotState { .. })));
    assert_eq!(std::fs::read_to_string(folder.path().join("org")).unwrap(), "other");
    let garbage = Options { certificate: Some("none".to_owned()), ..Options::default() };
    assert!(matches!(Salesforce::open(garbage), Err(SimError::Certificate)));
}
