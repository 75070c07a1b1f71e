//! What the desk does to itself, and what people do outside of it.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use super::kind::{
    About, Detail, EffectKind, EffectNeeds, LeastApproval, Nature, PlanContext, UserOutcome, Whom,
};
use crate::basics::ids::{PersonId, RequestNo};
use crate::plan::Scope;
use crate::words::Risk;

/// This account has no authenticator.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct FactorAbsent {
    pub account: PersonId,
}

impl EffectKind for FactorAbsent {
    const NEEDS: EffectNeeds = EffectNeeds::approved_by(LeastApproval::TwoAdmins);

    fn about(&self) -> About<'_> {
        About {
            nature: Nature::Changes,
            whom: Whom::Account(&self.account),
            user: UserOutcome::Unchanged,
            risk: Risk::Sensitive,
        }
    }

    fn details(&self, _: Option<&Self>, _: &PlanContext<'_>) -> Vec<Detail> {
        vec![Detail::message("", &format!("Authenticator of {}", self.account), "removed")]
    }

    fn named(&self) -> Option<Vec<String>> {
        Some(vec![self.account.to_string()])
    }
}

/// This request, whose lines make no sense, is no longer open.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct RequestQuarantined {
    pub request: RequestNo,
}

impl EffectKind for RequestQuarantined {
    const NEEDS: EffectNeeds = EffectNeeds::approved_by(LeastApproval::AnAdmin);

    fn about(&self) -> About<'_> {
        About::thing(Risk::Sensitive)
    }

    fn details(&self, _: Option<&Self>, _: &PlanContext<'_>) -> Vec<Detail> {
        vec![Detail::value("", &format!("Request {}", self.request), "", "closed; its lines stay in the log")]
    }

    fn named(&self) -> Option<Vec<String>> {
        Some(vec![self.request.to_string()])
    }
}

/// Nothing that this covers is changed until a person lifts it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Frozen {
    pub scope: Scope,
}

impl EffectKind for Frozen {
    const NEEDS: EffectNeeds = EffectNeeds::calls(&[]);

    fn about(&self) -> About<'_> {
        About {
            nature: Nature::Freezes(&self.scope),
            whom: Whom::Covered(&self.scope),
            user: UserOutcome::Unchanged,
            risk: Risk::Change,
        }
    }

    fn details(&self, _: Option<&Self>, _: &PlanContext<'_>) -> Vec<Detail> {
        vec![Detail::value("", "Freeze", "", &self.scope.to_string().replace('`', ""))]
    }
}

/// A person does this manually and says so.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct DoneByHand {
    pub instruction: String,
    pub link: Option<String>,
}

impl EffectKind for DoneByHand {
    const NEEDS: EffectNeeds = EffectNeeds::calls(&[]);

    fn about(&self) -> About<'_> {
        About {
            nature: Nature::Manual { instruction: &self.instruction, link: self.link.as_deref() },
            whom: Whom::NoOne,
            user: UserOutcome::AllOpened,
            risk: Risk::Sensitive,
        }
    }

    fn details(&self, _: Option<&Self>, plan: &PlanContext<'_>) -> Vec<Detail> {
        let login = match plan.about {
            [only] => only.login.as_str(),
            _ => "",
        };
        let mut rows = vec![Detail::value(login, "Manual step", "", &self.instruction.replace('`', ""))];
        rows.extend(self.link.iter().map(|link| Detail::value(login, "Where", "", link)));
        rows
    }
}

/// What the plan has read is a file for these people, and, where it goes to a folder of the desk's host, is there.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ExportGiven {
    /// Who gets the file beside the requester.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub to: BTreeSet<PersonId>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub folder: Option<String>,
    pub file: String,
    pub format: String,
}

impl EffectKind for ExportGiven {
    const NEEDS: EffectNeeds = EffectNeeds::calls(&[]);

    fn about(&self) -> About<'_> {
        About {
            nature: Nature::Reads(&[]),
            whom: Whom::NoOne,
            user: UserOutcome::Unchanged,
            risk: Risk::Change,
        }
    }

    fn details(&self, _: Option<&Self>, _: &PlanContext<'_>) -> Vec<Detail> {
        let to = self.to.iter().map(|to| Detail::message("", "File", &format!("sealed for {to}")));
        let folder = self.folder.iter().map(|folder| {
            Detail::value("", "File", "", &format!("{} in {folder}", self.file).replace('`', ""))
        });
        to.chain(folder).collect()
    }
}
