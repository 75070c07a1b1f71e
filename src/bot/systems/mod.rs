//! The systems that effects reach, a folder each: their sections of the configuration, how they are opened, and which effects go to which.

pub mod apply;
pub mod aws;
pub mod connect;
mod desk_effects;
pub mod directory_service;
pub mod mail;
pub mod salesforce;

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use aws_sdk_connect::config::SharedCredentialsProvider;
use desk_core::basics::problem::Problem;
use desk_core::log::RequestLog;
use desk_core::plan::{Attempt, Effect, Executor, Facts, Failure, StepKey};
use desk_core::ports::{Clock, Factors, Vault};

use self::connect::{AsApply, Connect, Limits, Patience};
use self::desk_effects::DeskEffects;
use self::directory_service::DirectoryService;
use self::mail::{EmailSender, Mailer};
use self::salesforce::{Salesforce, SalesforceEffects};
use crate::config::checks::Checks;
use crate::config::contact_center::ContactCenter;
use crate::config::sections::Sections;
use crate::directory::Learner;
use crate::secrets::Variable;
use crate::section::Section;

/// The secrets of each.
pub(crate) const VARIABLES: &[&[Variable]] = &[mail::VARIABLES, salesforce::VARIABLES];

/// The sections of the systems that effects reach, but for the contact center's own.
#[derive(Clone, Debug)]
pub struct SystemSections {
    /// How emails are written and leave.
    pub email: mail::Settings,
    /// The Salesforce org in which agents work, where there is one.
    pub salesforce: Option<salesforce::Site>,
}

impl SystemSections {
    pub(crate) fn read(sections: &mut Sections<'_>, checks: &mut Checks<'_>) -> SystemSections {
        SystemSections {
            email: mail::Settings::read(sections, checks),
            salesforce: salesforce::Site::read(sections, checks),
        }
    }

    pub(crate) fn all(&self) -> Vec<&dyn Section> {
        // By its members, so that the compiler names a new one.
        let SystemSections { email, salesforce } = self;
        let salesforce = salesforce.as_ref().map(|section| -> &dyn Section { section });
        [Some(email as &dyn Section), salesforce].into_iter().flatten().collect()
    }

    /// The same for a desk to practise on, which reaches nothing real.
    pub(crate) fn practised(self) -> SystemSections {
        // By its members, so that the compiler asks of a new one what is in its place.
        let SystemSections { mut email, mut salesforce } = self;
        if !email.stays_here() {
            email.outgoing = None;
        }
        if let Some(site) = &mut salesforce {
            site.settings.sign_in = salesforce::SignIn::Practice;
        }
        SystemSections { email, salesforce }
    }
}

/// What they are opened with.
pub(crate) struct Parts<'a> {
    pub(crate) sections: &'a SystemSections,
    pub(crate) contact_center: &'a ContactCenter,
    pub(crate) limits: Limits,
    /// The directory that keeps the passwords, where there is one.
    pub(crate) directory: Option<String>,
    /// How long sealed secrets last.
    pub(crate) secrets_last: Duration,
    pub(crate) vault: Arc<dyn Vault>,
    pub(crate) factors: Arc<dyn Factors>,
    pub(crate) log: Arc<dyn RequestLog>,
    pub(crate) mailer: Arc<Mailer>,
    /// What only this log has, for ids outside.
    pub(crate) tag: String,
    /// Those that AWS's default chain finds, when there are none.
    pub(crate) credentials: Option<SharedCredentialsProvider>,
    pub(crate) patience: Patience,
    pub(crate) clock: Arc<dyn Clock>,
    /// Who is told of users that the contact center has, or doesn't have any more.
    pub(crate) learner: Arc<Learner>,
}

/// All of them, open.
pub(crate) struct Systems {
    pub(crate) center: Arc<Connect>,
    directory_service: DirectoryService,
    pub(crate) salesforce: SalesforceEffects,
    sender: EmailSender,
    desk: DeskEffects,
}

impl Systems {
    /// Nothing is asked of them yet.
    pub(crate) async fn open(parts: Parts<'_>) -> Result<Systems, Problem> {
        let Parts { sections, contact_center, limits, directory, secrets_last, .. } = parts;
        let Parts { vault, factors, log, mailer, tag, credentials, patience, clock, learner, .. } = parts;
        let center = Connect::new(
            connect::Options {
                region: contact_center.region.clone(),
                instance_id: contact_center.instance_id.clone(),
                endpoint: contact_center.endpoint.clone(),
                limits,
                patience,
            },
            credentials.clone(),
            clock.clone(),
        )
        .await
        .keeping(vault.clone())
        .telling(learner);
        let directory_service = DirectoryService::new(
            directory_service::Options {
                region: contact_center.region.clone(),
                directory,
                endpoint: contact_center.directory_endpoint.clone(),
                patience,
            },
            credentials,
            clock.clone(),
            vault.clone(),
        )
        .await;
        let salesforce = match &sections.salesforce {
            None => None,
            Some(site) => {
                let patience = salesforce::Patience {
                    jitter_seed: patience.jitter_seed,
                    ..salesforce::Patience::default()
                };
                Some(Salesforce::open(&site.settings, site.limit, patience, clock.clone())?)
            }
        };
        Ok(Systems {
            center: Arc::new(center),
            directory_service,
            salesforce: SalesforceEffects { org: salesforce, log: log.clone() },
            sender: EmailSender::new(mailer, vault.clone(), log.clone(), clock.clone(), tag, secrets_last),
            desk: DeskEffects { factors, files: vault, log, clock },
        })
    }
}

#[async_trait]
impl Executor for Systems {
    /// Each effect goes to the one system that brings it about.
    async fn apply(&self, key: StepKey, attempt: Attempt, effect: &Effect) -> Result<Facts, Failure> {
        match effect {
            Effect::User(effect) => self.center.apply(key, attempt, effect.visit(AsApply)).await,
            Effect::Routing(effect) => self.center.apply(key, attempt, effect.visit(AsApply)).await,
            Effect::Status(effect) => self.center.apply(key, attempt, effect.visit(AsApply)).await,
            Effect::Center(effect) => self.center.apply(key, attempt, effect.visit(AsApply)).await,
            Effect::Final(effect) => self.center.apply(key, attempt, effect.visit(AsApply)).await,
            Effect::Mail(effect) => self.sender.apply(key, attempt, effect).await,
            Effect::Directory(effect) => self.directory_service.apply(key, attempt, effect).await,
            Effect::Salesforce(effect) => self.salesforce.apply(key, attempt, effect).await,
            Effect::Desk(effect) => self.desk.apply(key, effect).await,
        }
    }
}
