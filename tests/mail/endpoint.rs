//! Endpoints of the desk's email on this machine: each call is read whole, and answered or not.

use std::future::Future;

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};

/// Ends with the test.
pub struct Serving(tokio::task::JoinHandle<()>);

impl Drop for Serving {
    fn drop(&mut self) {
        self.0.abort();
    }
}

/// Gives every connection to this; where it listens.
pub async fn serve<Call>(call: impl Fn(TcpStream) -> Call + Send + 'static) -> (String, Serving)
where
    Call: Future<Output = ()> + Send + 'static,
{
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let endpoint = format!("http://{}", listener.local_addr().unwrap());
    let serving = tokio::spawn(async move {
        let mut calls = tokio::task::JoinSet::new();
        while let Ok((stream, _)) = listener.accept().await {
            calls.spawn(call(stream));
        }
    });
    (endpoint, Serving(serving))
}

/// The body of a POST to this path, or nothing where the line drops before its end.
pub async fn posted(stream: &mut TcpStream, path: &str) -> Option<String> {
    let mut bytes = Vec::new();
    loop {
        if stream.read_buf(&mut bytes).await.unwrap_or(0) == 0 {
            return None;
        }
        let text = String::from_utf8_lossy(&bytes).into_owned();
        let Some((head, body)) = text.split_once("\r\n\r\n") else { continue };
        assert!(head.starts_with(&format!("POST {path}")), "{head}");
        let length = head
            .lines()
            .find_map(|line| line.to_lowercase().strip_prefix("content-length: ")?.parse::<usize>().ok());
        if body.len() >= length.unwrap() {
            return Some(body.to_owned());
        }
    }
}

/// Answers with JSON.
pub async fn says(stream: &mut TcpStream, status: u16, more: &str, body: &str) {
    let length = body.len();
    let answer = format!(
        "HTTP/1.1 {status} X\r\ncontent-type: application/json\r\n{more}content-length: {length}\r\nconnection: close\r\n\r\n{body}"
    );
    let _ = stream.write_all(answer.as_bytes()).await;
}
