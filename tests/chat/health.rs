//! Whether the desk can work at all: at the start and later, with Amazon Connect refusing, silent, and back again.

use std::net::SocketAddr;

use crate::endpoint::raw;
use crate::scene::Scene;
use crate::support::server::Way;

async fn closed() -> Scene {
    Scene::closed(|setup| setup.way_in = Way::Http).await
}

async fn describe_instance(scene: &Scene, fault: &str) {
    scene.sim(&format!(r#"POST /_sim/faults {{"operation":"DescribeInstance",{fault}}}"#)).await;
}

/// What `/healthz` says: whether the status is 200, and the lines below it.
async fn health(scene: &Scene) -> (bool, String) {
    let answer = raw(scene, "GET /healthz HTTP/1.1", b"").await;
    let (head, body) = answer.split_once("\r\n\r\n").unwrap();
    assert!(head.contains("200 OK") || head.contains("503"), "{head}");
    (head.contains("200 OK"), body.to_owned())
}

#[tokio::test]
async fn what_amazon_connect_refuses_starts_no_desk() {
    let mut scene = closed().await;
    for (status, error, code) in [
        (404, "ResourceNotFoundException", "instance_unknown"),
        (400, "InvalidRequestException", "instance_unknown"),
        (403, "UnrecognizedClientException", "unauthenticated"),
        (403, "ExpiredTokenException", "credentials_expired"),
        (403, "AccessDeniedException", "not_allowed"),
    ] {
        let fault = format!(r#""fault":"fail_before","status":{status},"error":"{error}""#);
        describe_instance(&scene, &fault).await;
        let problem = scene.server.start().await.unwrap_err();
        assert_eq!(problem.code, code, "{error}: {problem}");
        assert!(!problem.hint.is_empty(), "{error}");
    }
    let instance = std::mem::take(&mut scene.server.config.contact_center.instance_id);
    scene.server.config.contact_center.instance_id = "12345678-1234-1234-1234-123456789012".to_owned();
    let problem = scene.server.start().await.unwrap_err();
    assert!(problem.message.contains("12345678-1234-1234-1234-123456789012"), "{problem}");
    scene.server.config.contact_center.instance_id = instance;
    scene.server.start().await.unwrap();
    assert_eq!(health(&scene).await, (true, "ok".to_owned()));
    scene.ends().await;
}

#[tokio::test]
async fn what_does_not_answer_is_said_and_heals_by_itself() {
    for (fault, code) in [
        (r#""fault":"drop_before""#, "no_answer"),
        (r#""fault":"fail_before","status":503,"error":"ServiceUnavailable""#, "service_fault"),
        (r#""fault":"fail_before","status":404,"error":"""#, "service_fault"),
        (r#""fault":"say_before","body":"<html>Sign in to the network</html>""#, "unreadable"),
        (r#""fault":"say_before","body":"{}""#, "unreadable"),
    ] {
        let mut scene = closed().await;
        describe_instance(&scene, &format!(r#"{fault},"times":1000"#)).await;
        scene.server.start().await.unwrap();
        // Codes and no sentences, because anyone who reaches the port may read them.
        assert_eq!(health(&scene).await, (false, format!("degraded\n{code}")), "{fault}");
        // People are answered.
        let answer = scene.says("helpdesk", "desk whoami", &[]).await;
        assert!(answer.text().contains("helpdesk"), "{fault}: {}", answer.text());
        scene.server.desk().health.look_again().await;
        assert!(!health(&scene).await.0, "{fault}");
        scene.sim("DELETE /_sim/faults").await;
        scene.server.desk().health.look_again().await;
        assert_eq!(health(&scene).await, (true, "ok".to_owned()), "{fault}");
        scene.ends().await;
    }
}

#[tokio::test]
async fn a_dead_endpoint_is_said_until_it_lives() {
    let mut scene = closed().await;
    let address = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    scene.server.config.contact_center.endpoint = Some(format!("http://{address}"));
    scene.server.start().await.unwrap();
    assert_eq!(health(&scene).await, (false, "degraded\nunreached".to_owned()));
    let listener = desk_sim::bind(SocketAddr::from(([127, 0, 0, 1], address.port()))).await.unwrap();
    let sim = scene.server.sim.clone();
    let serving = tokio::spawn(async move { sim.serve(listener).await.map(|_| ()) });
    scene.server.desk().health.look_again().await;
    assert_eq!(health(&scene).await, (true, "ok".to_owned()));
    serving.abort();
    scene.ends().await;
}

#[tokio::test]
async fn a_desk_that_stops_asks_amazon_connect_nothing_more() {
    let mut scene = closed().await;
    describe_instance(&scene, r#""fault":"drop_before","times":1000"#).await;
    scene.server.start().await.unwrap();
    let calls = async || {
        let calls = scene.sim("GET /_sim/calls").await;
        calls["operations"]["DescribeInstance"]["calls"].as_u64().unwrap()
    };
    let before = calls().await;
    scene.server.desk().health.look_again().await;
    let asked = calls().await;
    assert!(asked > before);
    scene.server.desk().health.stopping();
    scene.server.desk().health.look_again().await;
    assert_eq!(calls().await, asked);
    scene.ends().await;
}

#[tokio::test]
async fn an_outage_that_comes_later_is_said_and_ends_with_the_next_answer() {
    let mut scene = closed().await;
    scene.server.start().await.unwrap();
    scene.sim(r#"POST /_sim/faults {"operation":"SearchUsers","fault":"drop_before","times":1000}"#).await;
    let show = [("login", "john.doe".into())];
    let said = scene.says("helpdesk", "connect show", &show).await;
    assert!(said.text().contains("didn't answer SearchUsers"), "{}", said.text());
    assert_eq!(health(&scene).await, (false, "degraded\nno_answer".to_owned()));
    scene.sim("DELETE /_sim/faults").await;
    scene.says("helpdesk", "connect show", &show).await;
    assert_eq!(health(&scene).await, (true, "ok".to_owned()));
    scene.ends().await;
}

#[tokio::test]
async fn the_log_and_what_a_start_found_are_said_in_codes() {
    let mut scene = closed().await;
    scene.server.start().await.unwrap();
    scene.server.stop().await.unwrap();
    let state = scene.server.config.state.clone();
    std::fs::remove_file(state.join("checkpoint")).unwrap();
    scene.server.start().await.unwrap();
    assert_eq!(health(&scene).await, (true, "ok\nlog_checkpoint".to_owned()));
    scene.server.stop().await.unwrap();
    let log = std::fs::read_to_string(state.join("log.jsonl")).unwrap();
    std::fs::write(state.join("log.jsonl"), log.replacen(r#""event":"opened""#, r#""event":"Opened""#, 1))
        .unwrap();
    scene.server.start().await.unwrap();
    assert_eq!(health(&scene).await, (false, "degraded\nlog_altered".to_owned()));
    std::fs::write(state.join("log.jsonl"), log).unwrap();
    scene.server.stop().await.unwrap();
    scene.ends().await;
}
