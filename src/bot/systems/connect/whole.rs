//! Reads all users, all offers and all quotas, for anyone who looks at the whole instance.

use std::collections::{BTreeMap, BTreeSet};

use async_trait::async_trait;
use aws_sdk_connect::types as sdk;
use aws_sdk_servicequotas::types as quotas;
use desk_core::basics::problem::Problem;
use desk_core::basics::text::code;
use desk_core::center::{Channel, Named, UserSummary, WholeReader};

use super::call::text;
use super::client::Connect;
use super::convert;
use super::lists::all_pages;
use crate::pages::Pages;
use crate::systems::apply::Fault;
use crate::systems::aws::{self, Answer};

/// As Service Quotas calls Amazon Connect.
const SERVICE: &str = "connect";

/// The errors with which ListServiceQuotas says that there is nothing to tell.
const REFUSALS: [&str; 3] =
    ["IllegalArgumentException", "InvalidPaginationTokenException", "NoSuchResourceException"];

/// Tries of one page before the quotas are said not to be known: they are one line among many.
const TRIES: usize = 3;

fn summary(user: sdk::UserSearchSummary) -> Option<UserSummary> {
    let voice = |channel: &sdk::Channel| *channel == sdk::Channel::Voice;
    let phone = user.phone_config.as_ref();
    let number = user.phone_number_configs.iter().flatten().find(|config| voice(&config.channel));
    let kind = number.map(|config| &config.phone_type).or(phone.map(|phone| &phone.phone_type));
    let accepts = user.auto_accept_configs.iter().flatten().find(|config| voice(&config.channel));
    let auto_accept = match accepts {
        Some(config) => config.auto_accept,
        None => phone.is_some_and(|phone| phone.auto_accept),
    };
    let work = user.after_contact_work_configs.as_deref().unwrap_or_default();
    let endless = |config: &&sdk::AfterContactWorkConfigPerChannel| {
        let limit = config.after_contact_work_config.as_ref();
        limit.is_some_and(|limit| limit.after_contact_work_time_limit == 0)
    };
    let mut endless_work: Vec<Channel> =
        work.iter().filter(endless).filter_map(|config| convert::channel(&config.channel)).collect();
    // Its unit is another than elsewhere, which nothing is the same in.
    if work.is_empty() && phone.is_some_and(|phone| phone.after_contact_work_time_limit == 0) {
        endless_work.push(Channel::Voice);
    }
    endless_work.sort_unstable();
    let identity = user.identity_info;
    Some(UserSummary {
        id: text(user.id)?,
        login: text(user.username)?,
        first_name: identity.as_ref().and_then(|info| info.first_name.clone()).unwrap_or_default(),
        last_name: identity.and_then(|info| info.last_name).unwrap_or_default(),
        routing_profile: user.routing_profile_id.unwrap_or_default(),
        security_profiles: user.security_profile_ids.unwrap_or_default(),
        hierarchy_group: text(user.hierarchy_group_id),
        desk_phone: kind == Some(&sdk::PhoneType::DeskPhone),
        auto_accept,
        endless_work,
    })
}

impl Connect {
    /// How much a value counts; nothing for that of another instance.
    fn rank(&self, context: Option<&quotas::QuotaContextInfo>) -> Option<u8> {
        match context.and_then(|context| context.context_id.as_deref()) {
            Some("*") => Some(0),
            None => Some(1),
            Some(id) => (id.rsplit('/').next() == Some(self.caller.instance_id.as_str())).then_some(2),
        }
    }

    async fn quotas_page(
        &self,
        token: Option<String>,
    ) -> Result<(Vec<quotas::ServiceQuota>, Option<String>), Problem> {
        let mut tries = 0;
        loop {
            tries += 1;
            let list = self.quotas.list_service_quotas().service_code(SERVICE).max_results(100);
            // Without it only the account's own level is told, and Amazon Connect's quotas are those of instances.
            let list = list.quota_applied_at_level(quotas::AppliedLevelEnum::All);
            let answer = match Box::pin(list.set_next_token(token.clone()).send()).await {
                Ok(output) => match output.quotas {
                    Some(page) => return Ok((page, output.next_token)),
                    None => Answer::Unknown(aws::Doubt::Unreadable),
                },
                Err(error) => aws::sort(&error, &REFUSALS),
            };
            tracing::warn!(operation = "ListServiceQuotas", ?answer, "no answer");
            let again = matches!(answer, Answer::Throttled | Answer::Unknown(_));
            if !again || tries == TRIES {
                return Err(not_told(&answer));
            }
            self.caller.clock.sleep(std::time::Duration::from_secs(1)).await;
        }
    }
}

/// The code of the problem that the desk may not read quotas.
pub(crate) const QUOTAS_NOT_ALLOWED: &str = "quotas_not_allowed";

/// Why the quotas aren't known.
fn not_told(answer: &Answer) -> Problem {
    const LATER: &str = "Try again later.";
    match answer {
        Answer::Unauthenticated { code } => aws::unauthenticated(code),
        Answer::NoCredentials => aws::no_credentials(),
        Answer::NotAllowed { code: name, .. } => Problem::operator(
            QUOTAS_NOT_ALLOWED,
            format!("AWS doesn't let the desk read Service Quotas ({}).", code(name)),
        )
        .hint("Give the desk's AWS role `servicequotas:ListServiceQuotas`."),
        Answer::Throttled => {
            Problem::contact_center("quotas_throttled", "Service Quotas throttles the desk.").hint(LATER)
        }
        _ => Problem::contact_center("quotas_unknown", "Service Quotas doesn't answer.").hint(LATER),
    }
}

#[async_trait]
impl WholeReader for Connect {
    async fn every_user(&self) -> Result<Vec<UserSummary>, Problem> {
        let search = all_pages!(self, "SearchUsers", search_users, 500, users, summary);
        let mut users = search.await?;
        users.sort_by(|a, b| a.login.cmp(&b.login));
        // A user that moves between two pages of the search comes twice.
        users.dedup_by(|a, b| a.id == b.id);
        Ok(users)
    }

    async fn offers_of(&self, queues: &[Named]) -> Result<BTreeMap<String, BTreeSet<String>>, Problem> {
        self.all_offers(queues).await.map_err(Fault::problem)
    }

    async fn predefined_attributes(&self) -> Result<BTreeMap<String, Vec<String>>, Problem> {
        let search = all_pages!(
            self,
            "SearchPredefinedAttributes",
            search_predefined_attributes,
            100,
            predefined_attributes,
            |one| {
                let values = match one.values {
                    Some(sdk::PredefinedAttributeValues::StringList(values)) => values,
                    _ => Vec::new(),
                };
                Some((text(one.name)?, values))
            }
        );
        Ok(search.await?.into_iter().collect())
    }

    async fn phone_numbers(&self) -> Result<usize, Problem> {
        let list = all_pages!(
            self,
            "ListPhoneNumbersV2",
            list_phone_numbers_v2,
            1000,
            list_phone_numbers_summary_list,
            Some
        );
        Ok(list.await?.len())
    }

    /// The value that is applied to each quota: that of the instance, or else the account's, or else AWS's default.
    async fn quotas(&self) -> Result<BTreeMap<String, f64>, Problem> {
        let mut found: BTreeMap<String, (u8, f64)> = BTreeMap::new();
        let mut pages = Pages::of("ListServiceQuotas");
        let mut token = None;
        loop {
            let (page, next) = self.quotas_page(token).await?;
            token = pages.next(page.len(), next)?;
            for quota in page {
                let rank = self.rank(quota.quota_context.as_ref());
                if let (Some(code), Some(value), Some(rank)) = (text(quota.quota_code), quota.value, rank) {
                    let best = found.entry(code).or_insert((rank, value));
                    if best.0 <= rank {
                        *best = (rank, value);
                    }
                }
            }
            if token.is_none() {
                return Ok(found.into_iter().map(|(code, (_, value))| (code, value)).collect());
            }
        }
    }
}
