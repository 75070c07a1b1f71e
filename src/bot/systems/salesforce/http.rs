//! Sends requests to Salesforce within its limit, and reads answers.

use std::sync::Arc;
use std::time::Duration;

use desk_core::basics::problem::Problem;
use desk_core::ports::Clock;
use reqwest::header::HeaderMap;
use reqwest::{Client, RequestBuilder, Url, redirect};

use super::faults::{no_answer, unreadable};
use crate::systems::apply::Fault;
use crate::systems::connect::{Buckets, Limits};

/// The largest answer that is read. A page of a query is far smaller.
const BODY_MAX: usize = 4 * 1024 * 1024;

/// All calls share one bucket: Salesforce counts requests, not operations.
const BUCKET: &str = "Salesforce";

/// Sends requests and reads answers. It knows nothing of sessions.
pub(super) struct Http {
    pub(super) client: Client,
    buckets: Buckets,
}

/// An answer, whatever it says.
pub(super) struct Answer {
    pub(super) status: u16,
    pub(super) headers: HeaderMap,
    pub(super) body: Vec<u8>,
}

impl Http {
    pub(super) fn new(
        endpoint: &Url,
        limits: Limits,
        exchange: Duration,
        clock: Arc<dyn Clock>,
    ) -> Result<Http, Problem> {
        // What Salesforce redirects to is not where the token belongs.
        let mut client = Client::builder()
            .redirect(redirect::Policy::none())
            .connect_timeout(exchange)
            .timeout(exchange)
            .user_agent(concat!("connect-desk/", env!("CARGO_PKG_VERSION")));
        // Unencrypted is this machine, which no proxy leads to.
        if endpoint.scheme() == "http" {
            client = client.no_proxy();
        }
        let client = client.build().map_err(|error| {
            Problem::operator("http_client", format!("The Salesforce client can't be created ({error})."))
                .hint("Check the proxy settings in the environment, and restart.")
        })?;
        Ok(Http { client, buckets: Buckets::new(limits, clock) })
    }

    /// Sends once and reads the whole answer. Errors of reqwest's may have the address in them, and with it names.
    pub(super) async fn send(&self, what: &str, request: RequestBuilder) -> Result<Answer, Fault> {
        self.buckets.pass(BUCKET).await;
        let mut response = match request.send().await {
            Ok(response) => response,
            Err(error) => {
                let error = error.without_url();
                tracing::warn!(what, error = ?error, "no answer from Salesforce");
                // Without a connection nothing was sent.
                return Err(if error.is_connect() { unreached() } else { no_answer(what) });
            }
        };
        let (status, headers) = (response.status().as_u16(), response.headers().clone());
        let mut body = Vec::new();
        loop {
            match response.chunk().await {
                Ok(Some(piece)) if body.len() + piece.len() <= BODY_MAX => body.extend_from_slice(&piece),
                Ok(None) => return Ok(Answer { status, headers, body }),
                Ok(Some(_)) => return Err(unreadable(what)),
                Err(error) => {
                    tracing::warn!(what, error = ?error.without_url(), "an incomplete answer from Salesforce");
                    return Err(no_answer(what));
                }
            }
        }
    }
}

fn unreached() -> Fault {
    Fault::NotYet(
        Problem::operator("salesforce_unreached", "Salesforce can't be reached.")
            .hint("Check `login_url` under [salesforce], and whether this host can connect to it."),
    )
}
