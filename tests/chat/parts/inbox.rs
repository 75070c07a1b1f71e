//! Attachments: fetched from Discord and from nowhere else.

use std::time::Duration;

use connect_desk::discord::inbox::{Attachments, Patience};
use desk_core::basics::ids::Platform;
use desk_core::ports::Inbox as _;
use reqwest::Url;

#[test]
fn only_discords_own_attachments_are_fetched() {
    let at_work = Attachments::new(None, None, Patience::default()).unwrap();
    let in_tests = Attachments::new(None, Some("http://127.0.0.1:4000"), Patience::default()).unwrap();
    let good =
        |inbox: &Attachments, address: &str| Url::parse(address).is_ok_and(|url| inbox.is_discords(&url));
    for address in [
        "https://cdn.discordapp.com/attachments/1/2/users.csv?ex=1&is=2&hm=3&",
        "https://cdn.discordapp.com/ephemeral-attachments/1/2/users.csv?ex=1",
        "https://media.discordapp.net/attachments/1/2/users.csv",
    ] {
        assert!(good(&at_work, address), "{address}");
    }
    for address in [
        "http://cdn.discordapp.com/attachments/1/2/users.csv",
        "https://cdn.discordapp.com:8443/attachments/1/2/users.csv",
        "https://cdn.discordapp.com.example.com/attachments/1/2/users.csv",
        "https://cdn.discordapp.com@example.com/attachments/1/2/users.csv",
        "https://me:secret@cdn.discordapp.com/attachments/1/2/users.csv",
        "https://example.com/attachments/1/2/users.csv",
        "https://cdn.discordapp.com/api/webhooks/1",
        "https://cdn.discordapp.com/attachments/../api/webhooks/1",
        "http://127.0.0.1:4000/attachments/1/2/users.csv",
        "http://169.254.169.254/attachments/credentials",
        "file:///attachments/etc/passwd",
        "users.csv",
        "",
    ] {
        assert!(!good(&at_work, address), "{address}");
    }
    assert!(good(&in_tests, "http://127.0.0.1:4000/attachments/1/2/users.csv"));
    assert!(!good(&in_tests, "http://127.0.0.1:4001/attachments/1/2/users.csv"));
    assert!(!good(&in_tests, "http://127.0.0.1:4000/api/v10/users/@me"));
}

#[tokio::test]
async fn an_answer_that_does_not_come_is_not_waited_for_without_end() {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = format!("http://{}", listener.local_addr().unwrap());
    let patience = Patience { piece: Duration::from_millis(20), whole: Duration::from_millis(20) };
    let inbox = Attachments::new(None, Some(&address), patience).unwrap();
    let came = inbox.open(Platform::Discord, &format!("{address}/attachments/1/2/users.csv")).await;
    assert_eq!(came.err().unwrap().code, "attachment_slow");
}

#[tokio::test]
async fn an_answer_that_leads_elsewhere_is_not_followed() {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = format!("http://{}", listener.local_addr().unwrap());
    let answer = format!(
        "HTTP/1.1 302 Found\r\nlocation: {address}/attachments/1/2/other.csv\r\ncontent-length: 0\r\nconnection: close\r\n\r\n"
    );
    let served = tokio::spawn(async move {
        use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
        for _ in 0..2 {
            let (mut stream, _) = listener.accept().await.unwrap();
            let mut asked = [0; 1024];
            let _ = stream.read(&mut asked).await.unwrap();
            stream.write_all(answer.as_bytes()).await.unwrap();
        }
    });
    let inbox = Attachments::new(None, Some(&address), Patience::default()).unwrap();
    let came = inbox.open(Platform::Discord, &format!("{address}/attachments/1/2/users.csv")).await;
    assert_eq!(came.err().unwrap().code, "attachment_refused");
    assert!(!served.is_finished(), "it was asked for once");
}
