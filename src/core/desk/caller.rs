//! A code emailed to the caller: to the address on file and nowhere else, read back to the help desk, and then evidence.

use super::state::{Desk, Reply};
use crate::assess::SETTLED;
use crate::assess::record::{Records, ended_since};
use crate::basics::ids::RequestNo;
use crate::basics::problem::Problem;
use crate::basics::text::{self, code};
use crate::card::{Card, Tone};
use crate::center::IdentityType;
use crate::email::{Delivery, name_for_email};
use crate::log::Verification;
use crate::ports::{CODE_LASTS, CODE_TRIES, Caller};
use crate::request::Request;
use crate::request::entitled::Check;
use crate::request::verb::{Decision, verified_by};

/// Whether this decision asks for a code, rather than bringing one.
pub(super) fn wants_code(decision: &Decision) -> bool {
    let args = &decision.args;
    decision.verb.row().checks.contains(&Check::CallerAddress)
        && verified_by(args) == Verification::EmailCode
        && args.code.is_none()
}

impl Desk {
    /// The caller's address, masked, where this decision asks for a code that is emailed to it.
    pub(super) async fn emailed_to(
        &self,
        request: &Request,
        decision: &Decision,
    ) -> Result<Option<String>, Problem> {
        match wants_code(decision) {
            true => Ok(Some(text::masked(&Box::pin(self.caller(request)).await?.email))),
            false => Ok(None),
        }
    }

    /// The user of the plan as they are on file at this moment, if a code emailed to them says anything about who calls.
    async fn caller(&self, request: &Request) -> Result<Caller, Problem> {
        let otherwise =
            format!("Use another method: `/desk verify {} called_back` or `manager`.", request.no.0);
        if self.emails.delivery() != Delivery::Sent {
            return Err(Problem::requester(
                "email_off",
                "The desk can't send email, so it can't send a code.",
            )
            .hint(otherwise));
        }
        let subjects = request.plan().map(|plan| plan.about.as_slice()).unwrap_or_default();
        let [subject] = subjects else {
            let message =
                format!("{} affects {}, not one caller.", request.no, text::count(subjects.len(), "user"));
            return Err(Problem::requester("caller_several", message).hint(otherwise));
        };
        let login = code(&subject.login);
        let Some(user) = self.center.user(&subject.login).await? else {
            let message = format!("The user {login} no longer exists.");
            return Err(Problem::requester("user_unknown", message).hint(otherwise));
        };
        let identity = user.profile.identity;
        let name = name_for_email(&identity.full_name()).to_owned();
        let kept = self.center.instance().await?.identity;
        let Some(email) = identity.reached(kept).map(str::to_owned) else {
            let which = if kept == IdentityType::Saml { "secondary email" } else { "email" };
            let message = format!("{login} has no {which} on file, so no code can be sent.");
            return Err(Problem::requester("email_missing", message).hint(otherwise));
        };
        if let Some(no) = self.set_lately(request, &user.login, &email, kept).await? {
            let message = format!(
                "{no} changed the email of {login} less than {} ago, so it may belong to someone else.",
                text::span(SETTLED.as_secs())
            );
            return Err(Problem::requester("email_new", message).hint(otherwise));
        }
        Ok(Caller { login: user.login, name, email })
    }

    /// The request that set this address within the last day, if one did.
    async fn set_lately(
        &self,
        request: &Request,
        login: &str,
        email: &str,
        kept: IdentityType,
    ) -> Result<Option<RequestNo>, Problem> {
        let since = self.saga.clock.now().checked_sub(SETTLED).unwrap_or(jiff::Timestamp::MIN);
        let record = Records::new(self.saga.log.as_ref(), request.no).of(login).await?;
        let set = record.address_set(email, kept).filter(|set| ended_since(set, since)).map(|set| set.no);
        // What can't be read may have set it.
        Ok(set.or_else(|| record.unreadable_since(since)))
    }

    /// Mails the code. That it is emailed is in the log already, and so does what became of it when it did not leave.
    pub(super) async fn mail_code(&self, request: &Request) -> Result<Reply, Problem> {
        let caller = self.caller(request).await?;
        let masked = text::masked(&caller.email);
        self.caller_codes.mail(request.no, &caller).await?;
        let card = Card::new(Tone::Good, format!("A code was sent to {}", code(&masked)))
            .text(format!(
                "Ask the caller to read it to you, then type `/desk verify {} email_code code:…`.",
                request.no.0
            ))
            .text(format!(
                "It is valid for {} and {CODE_TRIES} tries. Earlier codes are no longer valid. No one here can see the code.",
                text::span(CODE_LASTS.as_secs())
            ))
            .private();
        Ok(Reply::only(card))
    }
}
