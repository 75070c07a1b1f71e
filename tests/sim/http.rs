//! The same answers over a real socket, asked by a small client that knows only HTTP/1.1.

use std::net::SocketAddr;

use bytes::Bytes;
use desk_sim::{Options, Sim, SimError, bind};
use http::Request;
use serde_json::{Value, json};
use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinHandle;

use crate::support::{Center, request};

pub struct Connection(BufReader<TcpStream>);

#[derive(Debug)]
pub struct Answer {
    pub status: u16,
    pub headers: Vec<(String, String)>,
    pub body: Value,
}

impl Connection {
    pub async fn open(address: &str) -> Self {
        Self(BufReader::new(TcpStream::connect(address).await.unwrap()))
    }

    pub async fn send(&mut self, request: &Request<Bytes>) {
        let head = format!("{} {} HTTP/1.1\r\nhost: sim\r\n", request.method(), request.uri());
        let head = format!("{head}content-length: {}\r\n\r\n", request.body().len());
        self.write(&[head.as_bytes(), request.body()].concat()).await;
    }

    async fn write(&mut self, bytes: &[u8]) {
        self.0.get_mut().write_all(bytes).await.unwrap();
    }

    /// The next answer; none where the connection was closed without one.
    pub async fn answer(&mut self) -> Option<Answer> {
        let mut line = String::new();
        if self.0.read_line(&mut line).await.unwrap_or(0) == 0 {
            return None;
        }
        let status = line.split(' ').nth(1).unwrap().parse().unwrap();
        let mut headers = Vec::new();
        loop {
            line.clear();
            self.0.read_line(&mut line).await.unwrap();
            let Some((name, value)) = line.trim().split_once(": ") else { break };
            headers.push((name.to_owned(), value.to_owned()));
        }
        let length = headers.iter().find(|(name, _)| name == "content-length");
        let mut body = vec![0; length.map_or(0, |(_, length)| length.parse().unwrap())];
        self.0.read_exact(&mut body).await.unwrap();
        let body = if body.is_empty() { Value::Null } else { serde_json::from_slice(&body).unwrap() };
        Some(Answer { status, headers, body })
    }

    pub async fn ask(&mut self, request: &Request<Bytes>) -> Option<Answer> {
        self.send(request).await;
        self.answer().await
    }
}

struct Served {
    center: Center,
    address: String,
    task: JoinHandle<Result<std::convert::Infallible, SimError>>,
}

async fn serve() -> Served {
    let center = Center::guide();
    let listener = bind(SocketAddr::from(([127, 0, 0, 1], 0))).await.unwrap();
    let address = listener.local_addr().unwrap().to_string();
    let sim = center.sim.clone();
    let task = tokio::spawn(async move { sim.serve(listener).await });
    Served { center, address, task }
}

#[tokio::test]
async fn requests_follow_each_other_on_one_connection() {
    let served = serve().await;
    let mut connection = Connection::open(&served.address).await;
    let id = served.center.id();
    for _ in 0..3 {
        let answer = connection.ask(&request("ListUsers", json!({ "MaxResults": 2 }), &id)).await.unwrap();
        assert_eq!(answer.status, 200);
        assert_eq!(answer.body["UserSummaryList"].as_array().unwrap().len(), 2);
        assert!(answer.headers.iter().any(|(name, _)| name == "x-amzn-requestid"));
        assert!(answer.headers.contains(&("content-type".to_owned(), "application/json".to_owned())));
    }
    let answer = connection.ask(&request("DescribeUser", json!({ "UserId": "no one" }), &id)).await.unwrap();
    assert_eq!(answer.status, 404);
    let error = ("x-amzn-errortype".to_owned(), "ResourceNotFoundException".to_owned());
    assert!(answer.headers.contains(&error), "{:?}", answer.headers);
}

#[tokio::test]
async fn an_empty_output_is_an_empty_object() {
    let served = serve().await;
    let mut connection = Connection::open(&served.address).await;
    let john = served.center.user_id("john.doe").await;
    let answer =
        connection.ask(&request("UpdateUserHierarchy", json!({ "UserId": john }), &served.center.id())).await;
    assert_eq!(answer.unwrap().body, json!({}));
}

#[tokio::test]
async fn a_dropped_connection_is_closed_and_the_next_one_is_served() {
    let served = serve().await;
    let id = served.center.id();
    for (fault, happens) in [("drop_before", false), ("drop_after", true)] {
        let mut connection = Connection::open(&served.address).await;
        connection.ask(&request("ListInstances", json!({}), &id)).await.unwrap();
        let login = format!("agent.{fault}");
        let input = served.center.new_agent(&login).await;
        served.center.fault(json!({ "operation": "CreateUser", "fault": fault })).await;
        assert!(connection.ask(&request("CreateUser", input.clone(), &id)).await.is_none(), "{fault}");
        assert_eq!(!served.center.world().await["users"][&login].is_null(), happens);
        let mut next = Connection::open(&served.address).await;
        let answer = next.ask(&request("CreateUser", input, &id)).await.unwrap();
        assert_eq!(answer.status, if happens { 409 } else { 200 });
    }
}

#[tokio::test]
async fn many_connections_are_served_at_once() {
    let served = serve().await;
    let template = served.center.new_agent("x").await;
    let mut asked = Vec::new();
    // All of them create the same user; one may.
    for _ in 0..20 {
        let (address, id, input) = (served.address.clone(), served.center.id(), template.clone());
        asked.push(tokio::spawn(async move {
            let mut connection = Connection::open(&address).await;
            connection.ask(&request("CreateUser", input, &id)).await.unwrap().status
        }));
    }
    let mut created = 0;
    for status in asked {
        match status.await.unwrap() {
            200 => created += 1,
            status => assert_eq!(status, 409),
        }
    }
    assert_eq!(created, 1);
}

#[tokio::test]
async fn a_body_is_waited_for_and_one_without_end_is_refused() {
    let served = serve().await;
    let mut connection = Connection::open(&served.address).await;
    // The AWS SDKs ask before they send a body.
    let body = format!("{{\"InstanceId\":\"{}\",\"MaxResults\":1}}", served.center.id());
    let length = body.len();
    let head = format!(
        "POST /search-users HTTP/1.1\r\nhost: x\r\nexpect: 100-continue\r\ncontent-length: {length}\r\n\r\n"
    );
    connection.write(head.as_bytes()).await;
    assert_eq!(connection.answer().await.unwrap().status, 100);
    connection.write(body.as_bytes()).await;
    assert_eq!(connection.answer().await.unwrap().status, 200);

    let huge = Request::post("/search-users").body(Bytes::from(vec![b' '; 1 << 20 | 1])).unwrap();
    assert_eq!(connection.ask(&huge).await.unwrap().status, 413);
}

#[tokio::test]
async fn what_is_no_http_closes_only_its_own_connection() {
    let served = serve().await;
    let mut nonsense = Connection::open(&served.address).await;
    nonsense.write(b"\x16\x03\x01\x02\x00 this is no HTTP\r\n\r\n").await;
    let mut rest = Vec::new();
    nonsense.0.read_to_end(&mut rest).await.unwrap();
    let mut connection = Connection::open(&served.address).await;
    assert!(connection.ask(&request("ListInstances", json!({}), "")).await.is_some());
}

#[tokio::test]
async fn dropping_the_server_ends_its_connections() {
    let served = serve().await;
    let mut connection = Connection::open(&served.address).await;
    connection.ask(&request("ListInstances", json!({}), "")).await.unwrap();
    served.task.abort();
    assert!(served.task.await.unwrap_err().is_cancelled());
    assert!(connection.answer().await.is_none());
    assert!(TcpStream::connect(&served.address).await.is_err());
}

#[tokio::test]
async fn only_loopback_is_served() {
    let everywhere = SocketAddr::from(([0, 0, 0, 0], 0));
    assert!(matches!(bind(everywhere).await, Err(SimError::NotLoopback { .. })));
    let sim = Sim::open(Options::default()).unwrap();
    let listener = TcpListener::bind(everywhere).await.unwrap();
    assert!(matches!(sim.serve(listener).await, Err(SimError::NotLoopback { .. })));
    let listener = bind(SocketAddr::from(([127, 0, 0, 1], 0))).await.unwrap();
    let taken = bind(listener.local_addr().unwrap()).await.unwrap_err();
    assert!(matches!(taken, SimError::PortInUse { .. }));
    assert!(taken.to_string().ends_with("Choose another port, or port 0 for any free one."));
}
