//! What happens outside the desk while people play: someone signs in, a profile is changed manually, a fault is ordered.

use std::time::Duration;

use bytes::Bytes;
use desk_core::basics::problem::Problem;
use desk_core::basics::text::{self, code};
use desk_core::center::ContactCenter;
use desk_core::center::names;
use desk_core::words;
use desk_sim::Sim;
use serde_json::{Value, json};

/// A request to the practice contact center: `GET /_sim/calls`; its answer.
pub async fn sim(sim: &Sim, rest: &str) -> Result<String, Problem> {
    let mut parts = rest.splitn(3, char::is_whitespace);
    let (Some(method), Some(path)) = (parts.next(), parts.next()) else {
        return Err(
            Problem::requester("sim", "That is no request.").hint("Type one such as `sim GET /_sim/calls`.")
        );
    };
    request(sim, method, path, parts.next().unwrap_or_default()).await
}

async fn request(sim: &Sim, method: &str, path: &str, body: &str) -> Result<String, Problem> {
    let wrong = |message: String| {
        Problem::requester("sim", message).hint("docs/practice-contact-center.md says what it understands.")
    };
    let request = http::Request::builder()
        .method(method)
        .uri(path)
        .body(Bytes::from(body.to_owned()))
        .map_err(|error| wrong(format!("That is no request ({error}).")))?;
    let answer = sim
        .handle(request)
        .await
        .map_err(|_| wrong("The practice contact center dropped the connection.".to_owned()))?;
    let status = answer.status();
    let text = String::from_utf8_lossy(answer.body()).into_owned();
    if status.is_success() {
        return Ok(text);
    }
    Err(wrong(format!("The practice contact center answers {status}: {}.", code(&text))))
}

/// What someone does to a user manually: `john.doe signs_in`, `john.doe routing_profile:"…"`; what happened, in words.
pub async fn world(center: &dyn ContactCenter, sim: &Sim, rest: &str) -> Result<String, Problem> {
    let said = words::split(rest)?;
    let [login, what] = said.as_slice() else {
        return Err(Problem::requester("world", "That is not something the world can do.")
            .hint("Type one such as `world john.doe signs_in` or `world john.doe routing_profile:\"…\"`."));
    };
    let user = names::user(center, &login.text).await?;
    let base = format!("/users/{}/{}", sim.instance_id(), user.id);
    let presence = format!("/_sim/users/{}/presence", user.login);
    let (what, value) = what.text.split_once(':').unwrap_or((what.text.as_str(), ""));
    let (method, path, body) = match what {
        "signs_in" => ("PUT", presence, json!({"signed_in": true})),
        "signs_out" => ("PUT", presence, json!({"signed_in": false})),
        "takes_a_call" => ("PUT", presence, json!({"signed_in": true, "on_contact": true})),
        "hangs_up" => ("PUT", presence, json!({"signed_in": true, "on_contact": false})),
        "removed" => ("DELETE", base, Value::Null),
        "routing_profile" => {
            let all = center.routing_profiles().await?;
            let profile = names::resolve("routing profile", value, &all)?;
            ("POST", format!("{base}/routing-profile"), json!({"RoutingProfileId": profile.id}))
        }
        other => {
            let near = text::nearest(
                other,
                ["signs_in", "signs_out", "takes_a_call", "hangs_up", "removed", "routing_profile"],
            );
            let hint = text::did_you_mean(&near).unwrap_or_else(|| "`help` lists what it can do.".to_owned());
            return Err(
                Problem::requester("world", format!("The world cannot do {}.", code(other))).hint(hint)
            );
        }
    };
    let body = if body.is_null() { String::new() } else { body.to_string() };
    request(sim, method, &path, &body).await?;
    Ok(format!("Outside the desk: {} {what} {value}", user.login).trim_end().to_owned())
}

/// `90s`, `10m`, `2h`, `1d`.
pub fn time(text: &str) -> Option<Duration> {
    let number = text.trim_end_matches(|c: char| c.is_ascii_alphabetic());
    let n: u64 = number.parse().ok()?;
    let seconds = match text.strip_prefix(number)? {
        "s" => n,
        "m" | "min" => n.checked_mul(60)?,
        "h" => n.checked_mul(3600)?,
        "d" => n.checked_mul(86_400)?,
        _ => return None,
    };
    (seconds <= 10 * 365 * 86_400).then(|| Duration::from_secs(seconds))
}
