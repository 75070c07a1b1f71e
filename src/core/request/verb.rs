//! What people decide about a request: one verb, one row. A row says the command's words and help, from whom the request takes it,
//! what has to come with it, what it writes, and its buttons; everything else that knows verbs reads these rows.

use std::collections::BTreeSet;

use super::deferral;
use super::entitled::{
    ButtonPlace, ButtonText, Check, DecisionArgs, DecisionContext, EVERYONE, Entitlement, NO_ONE, OTHERS,
    Part, Refusal, Row, Situation, button,
};
use super::fold::{Phase, Request, Review, Seen, StepState};
use crate::basics::ids::RequestNo;
use crate::basics::problem::Problem;
use crate::basics::roles::Person;
use crate::basics::span::{clock, person};
use crate::basics::text::code;
use crate::card::Style;
use crate::log::{By, Event, Outcome, Verification};
use crate::request::approval::{self, Moment, Outstanding};
use crate::request::freeze::{FROZEN, Freeze};
use crate::words::{Arg, Kind, Risk, Spec};

/// What someone does with a request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Decision {
    pub verb: Verb,
    pub request: RequestNo,
    pub args: DecisionArgs,
}

/// Every verb and its row, in the order of their buttons.
macro_rules! verbs {
    ($($(#[$doc:meta])* $verb:ident => $row:ident,)*) => {
        /// The verbs of decisions.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub enum Verb {
            $($(#[$doc])* $verb,)*
        }

        impl Verb {
            pub const ALL: [Verb; [$(Verb::$verb),*].len()] = [$(Verb::$verb),*];

            pub fn row(self) -> &'static Row {
                match self {
                    $(Verb::$verb => &$row,)*
                }
            }
        }
    };
}

verbs! {
    /// See the temporary password.
    Reveal => REVEAL,
    /// Say how the caller was verified.
    Verify => VERIFY,
    Confirm => CONFIRM,
    Approve => APPROVE,
    Deny => DENY,
    /// Something else first: back to the requester with a sentence.
    RequestChanges => REQUEST_CHANGES,
    /// A freeze holds no longer.
    Unfreeze => UNFREEZE,
    /// The step that a person does is done.
    Done => DONE,
    Retry => RETRY,
    /// Not before a moment.
    Defer => DEFER,
    Cancel => CANCEL,
    /// Say whether an emergency was justified.
    Review => REVIEW,
}

const REQUEST: Arg = Arg::required("request", Kind::Request, "The number on its card");
const PLAN: Arg = Arg::optional("plan", Kind::Plan, "The first characters of the digest of the plan you saw");
const CODE: Arg = Arg::optional("code", Kind::Code, "The six digits from your authenticator, if required");

static REVEAL: Row = Row {
    path: "desk reveal",
    spec: Spec {
        about: "Show the temporary password of your finished request, once",
        help: "Only the requester can see it. It is destroyed after it is shown, or when it expires.",
        risk: Risk::Read,
        also: &["show_password"],
        args: &[REQUEST],
        examples: &["/desk reveal 7"],
        operations: &[],
    },
    takes: |now| {
        let can_be_shown = matches!(now.request.seen(now.at.now), Seen::No | Seen::Maybe { .. });
        if now.request.makes_password_known() && can_be_shown { &[Part::Requester] } else { NO_ONE }
    },
    refusal: |context, entitlement| match entitlement {
        Entitlement::Yes => None,
        _ if context.planned().is_some_and(|planned| !planned.plan.makes_password) => {
            let message = format!("{} has no temporary password to show.", context.request().no);
            Some(Refusal::Impossible(Problem::requester("no_password", message)))
        }
        _ if !context.request().makes_password_known() => None,
        _ if !context.is_requester() => Some(context.not_the_requester("see the password of").into()),
        _ => shown_already(context),
    },
    checks: &[Check::StillAllowed],
    events: |_, _| Ok(vec![Event::Unsealed]),
    takes_further: true,
    place: ButtonPlace::Password,
    buttons: |_| button("Show password", Style::Yes),
};

static VERIFY: Row = Row {
    path: "desk verify",
    spec: Spec {
        about: "Record how the caller was verified",
        help: "The requester records it once, and again if an approver requests changes; only a manager can record `manager`. With `email_code`, the desk emails a code to the address on file. When the caller reads it to you, type it with `code:`. It is valid for ten minutes.",
        risk: Risk::Read,
        also: &[],
        args: &[
            REQUEST,
            Arg::optional(
                "method",
                Kind::Choice(&[
                    ("called_back", "you called them at the number on file"),
                    ("manager", "their manager vouches for them"),
                    ("email_code", "they read back a code that is emailed to them"),
                ]),
                "The method; called_back by default",
            )
            .in_place(),
            Arg::optional("reason", Kind::Sentence(300), "A note for the log").in_place(),
            Arg::optional("code", Kind::Code, "The six digits from the email that the caller read to you"),
        ],
        examples: &[
            "/desk verify 7",
            "/desk verify 7 email_code",
            "/desk verify 7 email_code code:123456",
            "/desk verify 7 manager reason:\"she is my direct report\"",
        ],
        operations: &[],
    },
    // Once, because those who approve rely on it; and again when one of them wants something else first.
    takes: |now| match (now.missing.contains(&Outstanding::Caller), &now.request.caller) {
        (true, _) => &[Part::Requester, Part::Leader],
        (false, Some(_)) if is_waiting(now) && now.request.returned.is_some() => &[Part::Requester],
        _ => NO_ONE,
    },
    refusal: |context, entitlement| match entitlement {
        Entitlement::NoOne => verified_already(context),
        _ if says_it_for_another(context) => Some(match context.args.map(verified_by) {
            Some(Verification::Manager) => {
                let message = match context.by.leads() {
                    true => "You can't record this for your own request.",
                    false => "Only the manager can record this.",
                };
                let ask = context.ask_a_leader().trim_end_matches('.');
                let hint = format!("{ask} to type `/desk verify {} manager`.", context.request().no.0);
                Problem::requester("manager_self", message).hint(hint).into()
            }
            _ => {
                let problem = context.not_the_requester("record how the caller was verified for");
                let hint =
                    format!("As their manager, type `/desk verify {} manager`.", context.request().no.0);
                if context.by.leads() { problem.hint(hint).into() } else { problem.into() }
            }
        }),
        Entitlement::Yes if context.is_about_them() => Some(
            Problem::requester("about_oneself", "You can't verify yourself.")
                .hint("Ask someone else.")
                .into(),
        ),
        Entitlement::Others(_) => {
            Some(context.not_the_requester("record how the caller was verified for").into())
        }
        _ => None,
    },
    checks: &[Check::CallerAddress],
    events: |context, args| {
        Ok(vec![match &context.emailed_to {
            Some(to) => Event::CodeEmailed { to: to.clone() },
            None => Event::CallerVerified { how: verified_by(args), note: reason(args) },
        }])
    },
    takes_further: true,
    place: ButtonPlace::Decision,
    buttons: |_| button("Caller verified", Style::Quiet),
};

static CONFIRM: Row = Row {
    path: "desk confirm",
    spec: Spec {
        about: "Confirm your own request after checking its plan",
        help: "",
        risk: Risk::Read,
        also: &["yes"],
        args: &[REQUEST, PLAN, CODE],
        examples: &["/desk confirm 7"],
        operations: &[],
    },
    takes: |now| match now.missing.contains(&Outstanding::Confirmation) {
        true => &[Part::Requester],
        false => NO_ONE,
    },
    refusal: |context, entitlement| match (entitlement, &context.request().confirmed) {
        (Entitlement::Yes, _) => None,
        (Entitlement::NoOne, Some(confirmed)) if context.is_requester() => {
            Some(context.repeated("confirmed", confirmed.at))
        }
        (Entitlement::NoOne, _) if !is_waiting(&context.situation) => None,
        (Entitlement::NoOne, _) if context.is_requester() => None,
        _ if context.situation.needs_approvals() && context.approver().is_ok() => Some(
            context
                .not_the_requester("confirm")
                .hint(format!("To approve it, use `/desk approve {}`.", context.request().no.0))
                .into(),
        ),
        _ => Some(context.not_the_requester("confirm").into()),
    },
    checks: &[Check::SamePlan, Check::SecondFactor],
    events: |context, _| Ok(vec![Event::Confirmed { digest: digest(context)? }]),
    takes_further: true,
    place: ButtonPlace::Decision,
    buttons: |_| button("Confirm", Style::Yes),
};

static APPROVE: Row = Row {
    path: "desk approve",
    spec: Spec {
        about: "Approve someone else's request",
        help: "You can't approve your own request or one about yourself. Your approval is for the plan on the card only.",
        risk: Risk::Read,
        also: &["accept", "ok"],
        args: &[
            REQUEST,
            Arg::optional("comment", Kind::Sentence(300), "A note for the log").in_place(),
            PLAN,
            Arg::optional("login", Kind::Login, "The login again, if the policy requires you to type it")
                .typed_again(),
            CODE,
        ],
        examples: &["/desk approve 7", "/desk approve 7 plan:a1b2c3"],
        operations: &[],
    },
    takes: |now| {
        let unmet = !approval::unmet_of(now.request, now.at.now).is_empty();
        if unmet && !now.missing.contains(&Outstanding::Caller) { &[Part::Approver] } else { NO_ONE }
    },
    refusal: |context, entitlement| {
        let approved = || {
            let mine = context.request().approval_of(context.by)?;
            Some(context.repeated("approved", mine.at))
        };
        match entitlement {
            Entitlement::Yes => approved(),
            Entitlement::Others(_) => None,
            Entitlement::NoOne if !is_waiting(&context.situation) => approved(),
            Entitlement::NoOne => context
                .approver()
                .err()
                .map(Refusal::from)
                .or_else(approved)
                .or_else(|| caller_first(context)),
        }
    },
    checks: &[Check::SamePlan, Check::Retyped, Check::SecondFactor],
    events: |context, args| {
        let groups = context.planned().map(|planned| planned.groups(context.now()));
        let approvers = groups.into_iter().flatten().flat_map(|group| group.approvers);
        let roles: BTreeSet<_> = approvers.filter(|role| context.by.roles.contains(role)).collect();
        let (digest, roles) = (digest(context)?, roles.into_iter().collect());
        Ok(vec![Event::Approved { digest, roles, comment: reason(args) }])
    },
    takes_further: true,
    place: ButtonPlace::Decision,
    buttons: |now| match now.needs_confirmation() {
        true => Vec::new(),
        false => button("Approve", Style::Yes),
    },
};

static DENY: Row = Row {
    path: "desk deny",
    spec: Spec {
        about: "Deny a request",
        help: "A single denial ends it.",
        risk: Risk::Read,
        also: &["reject", "decline", "refuse"],
        args: &[REQUEST, Arg::optional("reason", Kind::Sentence(300), "Why").in_place()],
        examples: &["/desk deny 7", "/desk deny 7 reason:\"call the agent first\""],
        operations: &[],
    },
    takes: approvers_while_it_waits,
    refusal: |context, entitlement| match entitlement {
        Entitlement::Others(_) if context.is_requester() => Some(
            Problem::requester("own_request", "You can't decide on your own request.")
                .hint(format!("To cancel it, type `/desk cancel {}`.", context.request().no.0))
                .into(),
        ),
        _ => only_approvers(context, entitlement),
    },
    checks: &[],
    events: |context, args| {
        let denied = Event::Denied { digest: digest(context)?, reason: reason(args) };
        Ok(vec![denied, Event::Finished { outcome: Outcome::Denied }])
    },
    takes_further: false,
    place: ButtonPlace::Decision,
    buttons: |now| match now.can_be_denied() {
        true => button("Deny", Style::No),
        false => Vec::new(),
    },
};

static REQUEST_CHANGES: Row = Row {
    path: "desk request-changes",
    spec: Spec {
        about: "Send a request back to the requester and say what should change",
        help: "Approvals given so far are no longer valid. The requester confirms again, or cancels and makes a new request.",
        risk: Risk::Read,
        also: &["revise", "change_request", "amend"],
        args: &[
            REQUEST,
            Arg::optional("reason", Kind::Sentence(300), "What should change").in_place(),
            Arg::optional("plan", Kind::Plan, "The first characters of the digest of the plan you saw"),
        ],
        examples: &["/desk request-changes 7 reason:\"say which ticket this is for\""],
        operations: &[],
    },
    takes: approvers_while_it_waits,
    refusal: only_approvers,
    checks: &[Check::SamePlan, Check::Sentence],
    events: |context, args| {
        Ok(vec![Event::ChangesRequested { digest: digest(context)?, reason: reason(args) }])
    },
    takes_further: false,
    place: ButtonPlace::Decision,
    buttons: |now| match now.can_be_denied() {
        true => vec![ButtonText { label: "Request changes", style: Style::Quiet, how: "", more: true }],
        false => Vec::new(),
    },
};

static UNFREEZE: Row = Row {
    path: "desk unfreeze",
    spec: Spec {
        about: "Lift a freeze",
        help: "",
        risk: Risk::Read,
        also: &["unhold", "thaw"],
        args: &[REQUEST],
        examples: &["/desk unfreeze 7"],
        operations: &[],
    },
    takes: |now| if is_freeze(now) { &[Part::Requester, Part::Leader] } else { NO_ONE },
    refusal: |context, entitlement| match entitlement {
        Entitlement::NoOne => None,
        _ if context.is_about_them() => Some(
            Problem::requester("about_oneself", "You can't lift a freeze on yourself.")
                .hint(context.ask_a_leader())
                .into(),
        ),
        Entitlement::Yes => None,
        Entitlement::Others(_) => {
            let message = requester_or_leader(context, "lift");
            Some(Problem::requester("not_entitled", message).hint(context.ask_a_leader()).into())
        }
    },
    checks: &[],
    events: |context, _| done(context.request()),
    takes_further: false,
    place: ButtonPlace::Decision,
    buttons: |_| button("Lift freeze", Style::Yes),
};

static DONE: Row = Row {
    path: "desk done",
    spec: Spec {
        about: "Mark a manual step as done",
        help: "",
        risk: Risk::Read,
        also: &[],
        args: &[REQUEST],
        examples: &["/desk done 7"],
        operations: &[],
    },
    takes: |now| match &now.request.phase {
        Phase::ByHand { .. } if !is_freeze(now) => {
            // Steps that come after it are the requester's to set going only while the approvals are valid.
            let continues = now.request.steps.contains(&StepState::Todo);
            if continues && now.is_late() { OTHERS } else { EVERYONE }
        }
        Phase::Stuck { step, .. } if now.request.is_email(*step) => {
            if now.request.is_notice(*step) {
                OTHERS
            } else {
                EVERYONE
            }
        }
        _ => NO_ONE,
    },
    refusal: |context, entitlement| match entitlement {
        Entitlement::Others(_) => Some(too_late(context).unwrap_or_else(|| not_a_leader(context))),
        _ => None,
    },
    checks: &[Check::StillAllowed],
    events: |context, _| done(context.request()),
    takes_further: true,
    place: ButtonPlace::Decision,
    buttons: |now| match now.request.phase {
        Phase::Stuck { .. } => button("Mark as arrived", Style::Yes),
        _ => button("Mark as done", Style::Yes),
    },
};

static RETRY: Row = Row {
    path: "desk retry",
    spec: Spec {
        about: "Retry a request that needs attention, or resume a stopped one",
        help: "The failed step is checked before it is tried again. If the approvals have expired, or someone else stopped the request, an approver, a supervisor or an admin must do this, not the requester alone. A rejected email goes to another address with `email:…`: alone, the requester can use only the address on file or, if the request needed no approval, one in the site's own domains.",
        risk: Risk::Read,
        also: &[],
        args: &[
            REQUEST,
            Arg::optional(
                "how",
                Kind::Choice(&[(OTHER_ADDRESS, "to another address")]),
                "Send a refused email to another address",
            )
            .in_place(),
            Arg::optional("email", Kind::Email(false), "The address that a refused email goes to instead"),
        ],
        examples: &["/desk retry 7", "/desk retry 7 email:john.doe@example.com"],
        operations: &[],
    },
    takes: |now| match (&now.request.phase, &now.request.held) {
        (Phase::Running, Some(hold)) => {
            // What a freeze holds continues when it is lifted, and approvals that are missing are given. What the policy no longer
            // allows is no one's to resume.
            let waits = [FROZEN, approval::APPROVALS_MISSING, approval::NOT_ALLOWED];
            // What others hold back is not the requester's to resume, nor what has outlived its approvals.
            match waits.contains(&hold.problem.code.as_str()) {
                true => NO_ONE,
                false if now.is_held_by_others() || now.is_late() => OTHERS,
                false => EVERYONE,
            }
        }
        (Phase::Stuck { step, .. }, _) => {
            // A retry ends what holds it as well.
            let late = !now.request.is_email(*step) && now.is_late();
            if late || now.is_held_by_others() { OTHERS } else { EVERYONE }
        }
        _ => NO_ONE,
    },
    refusal: |context, entitlement| match entitlement {
        Entitlement::Others(_) => Some(too_late(context).unwrap_or_else(|| {
            let no = context.request().no;
            match context.is_requester() && context.request().held.is_some() {
                true => Problem::requester(
                    "not_entitled",
                    format!("You can't resume {no} alone: you did not stop it."),
                )
                .hint(format!("Ask an approver or a supervisor for `/desk retry {}`.", no.0))
                .into(),
                false => not_a_leader(context),
            }
        })),
        _ => None,
    },
    checks: &[Check::OtherAddress],
    events: |context, args| {
        let readdressed = match (&context.request().phase, &args.email) {
            (Phase::Stuck { step, .. }, Some(to)) => {
                Some(Event::Readdressed { step: u32::try_from(*step).unwrap_or(u32::MAX), to: to.clone() })
            }
            _ => None,
        };
        let continued = match context.request().phase {
            Phase::Running => Event::Resumed,
            _ => Event::Retried,
        };
        Ok(readdressed.into_iter().chain([continued]).collect())
    },
    takes_further: true,
    place: ButtonPlace::Decision,
    buttons: |now| match now.request.phase {
        Phase::Stuck { step, .. } if now.request.is_email(step) => {
            let mut buttons = button("Send again", Style::Quiet);
            if now.request.is_refused_email(step) && now.request.takes_another_address(step) {
                let label = "Send to another address";
                buttons.push(ButtonText { label, style: Style::Quiet, how: OTHER_ADDRESS, more: false });
            }
            buttons
        }
        Phase::Stuck { .. } => button("Retry", Style::Yes),
        _ => button("Resume", Style::Yes),
    },
};

static DEFER: Row = Row {
    path: "desk defer",
    spec: Spec {
        about: "Delay a request until a given time",
        help: "It can be approved in the meantime and is checked again at that time. `contact` waits until no affected user is on a contact, for up to four hours; if a contact is still open then, the request doesn't run. Approvals still expire as shown on the card; only an approver can delay the request beyond that, or have it run sooner than an approver delayed it. An emergency can wait only for the end of a contact.",
        risk: Risk::Read,
        also: &["postpone", "delay", "later"],
        args: &[
            REQUEST,
            Arg::optional(
                "when",
                Kind::Text(25),
                "22:00 (UTC), 45m, contact (when the contact ends), or now",
            )
            .in_place(),
        ],
        examples: &["/desk defer 7 22:00", "/desk defer 7 45m", "/desk defer 7 contact"],
        operations: &[],
    },
    takes: |now| if is_waiting(now) { &[Part::Requester, Part::Approver] } else { NO_ONE },
    refusal: |_, _| None,
    checks: &[],
    events: |context, args| Ok(vec![deferral::deferred(context, args)?]),
    takes_further: false,
    place: ButtonPlace::End,
    buttons: |now| {
        // Before the requester has confirmed what others approve there is nothing to put off yet.
        let is_early = now.needs_confirmation() && now.needs_approvals();
        let Some(planned) = now.planned().filter(|_| now.request.deferred.is_none() && !is_early) else {
            return Vec::new();
        };
        let text = |label, how| ButtonText { label, style: Style::Quiet, how, more: true };
        let contact = (planned.live.on_contact > 0).then(|| text("When the contact ends", "contact"));
        let waits = planned.live.signed_in > 0 && !now.request.is_emergency();
        let at = waits.then(|| text("At a time", ""));
        contact.into_iter().chain(at).collect()
    },
};

static CANCEL: Row = Row {
    path: "desk cancel",
    spec: Spec {
        about: "Cancel a request before it runs, stop a running one, or close one that needs attention",
        help: "A running request finishes its current calls and then pauses, also after a restart. Resume it with `/desk retry`, or undo it with `rollback`. Steps that can't be undone are finished instead, by the requester alone only if they could resume it. The requester, an approver, a supervisor or an admin can stop it; before it runs, the requester or an approver can cancel it, or a supervisor or an admin if it needs no approval. If it needed approvals, only the others can close a request that needs attention.",
        risk: Risk::Read,
        also: &["abort", "withdraw", "stop"],
        args: &[
            REQUEST,
            Arg::optional(
                "how",
                Kind::Choice(&[(ROLLBACK, "undo")]),
                "Undo what a running or stopped request has done so far",
            )
            .in_place(),
        ],
        examples: &["/desk cancel 7", "/desk cancel 7 rollback"],
        operations: &[],
    },
    takes: |now| match &now.request.phase {
        Phase::Asked => &[Part::Requester],
        Phase::Waiting if now.needs_approvals() => &[Part::Requester, Part::Approver],
        // No one else has a word on it, so it is theirs who lead.
        Phase::Waiting => &[Part::Requester, Part::Leader],
        // Stops it, and rolls it back once it is stopped.
        Phase::Running if now.request.rolling_back.is_none() => EVERYONE,
        // What the requester can't have finished alone, others can.
        Phase::Running if now.is_held_by_others() => OTHERS,
        Phase::ByHand { .. } if is_freeze(now) => NO_ONE,
        Phase::ByHand { .. } if now.request.steps.contains(&StepState::Done) => now.closers(),
        Phase::ByHand { .. } => EVERYONE,
        Phase::Stuck { step, .. } => {
            let reads = now.request.plan().is_some_and(|plan| plan.only_reads());
            match (now.request.is_notice(*step), reads || now.request.is_email(*step)) {
                (true, _) => OTHERS,
                (false, true) => EVERYONE,
                (false, false) => now.closers(),
            }
        }
        _ => NO_ONE,
    },
    refusal: |context, entitlement| match entitlement {
        Entitlement::Yes => not_to_finish(context),
        Entitlement::Others(_) if context.planned().is_none() => {
            Some(context.not_the_requester("cancel").into())
        }
        Entitlement::Others(parts) if !parts.contains(&Part::Leader) => {
            let request = context.request();
            let by = name(&request.by);
            let message = format!("Only the requester, {by}, or an approver can cancel {}.", request.no);
            let whom = context.approver().err().map(|problem| problem.hint).unwrap_or_default();
            Some(Problem::requester("not_the_requester", message).hint(whom).into())
        }
        Entitlement::Others(_) => Some(not_a_leader(context)),
        _ => None,
    },
    checks: &[],
    events: canceled,
    takes_further: false,
    place: ButtonPlace::End,
    buttons: |now| match (&now.request.phase, &now.request.held) {
        (Phase::Waiting, _) => {
            let more = now.can_be_denied();
            vec![ButtonText { label: "Cancel", style: Style::Quiet, how: "", more }]
        }
        (Phase::Running, None) => button("Stop", Style::No),
        (Phase::Running, Some(_)) => {
            vec![ButtonText { label: "Roll back", style: Style::No, how: ROLLBACK, more: false }]
        }
        _ => button("Give up", Style::No),
    },
};

static REVIEW: Row = Row {
    path: "desk review",
    spec: Spec {
        about: "Review an emergency: say whether it was justified",
        help: "Supervisors and admins review every emergency. The reason is kept in the log.",
        risk: Risk::Read,
        also: &[],
        args: &[
            REQUEST,
            Arg::required(
                "outcome",
                Kind::Choice(&[
                    (JUSTIFIED, "the emergency was justified"),
                    (UNJUSTIFIED, "it could have waited for an approval"),
                ]),
                "Whether the emergency was justified",
            ),
            Arg::optional("reason", Kind::Sentence(300), "Why").in_place(),
        ],
        examples: &[
            "/desk review 7 justified \"no supervisor could be reached, and 40 agents were waiting\"",
            "/desk review 7 unjustified reason:\"a supervisor was on duty\"",
        ],
        operations: &[],
    },
    takes: reviewers,
    refusal: not_a_reviewer,
    checks: &[Check::Sentence],
    events: |context, args| Ok(reviewed(context, args)),
    takes_further: true,
    place: ButtonPlace::Review,
    buttons: |_| {
        let button = |label, style, how| ButtonText { label, style, how, more: false };
        vec![button("Justified", Style::Yes, JUSTIFIED), button("Not justified", Style::No, UNJUSTIFIED)]
    },
};

impl Verb {
    /// The verb that a command is, such as `desk approve`.
    pub fn of_command(path: &str) -> Option<Verb> {
        Verb::ALL.into_iter().find(|verb| verb.row().path == path)
    }

    pub fn word(self) -> &'static str {
        self.row().word()
    }

    /// Whether this person may use it on the request as it is now, or why not.
    pub fn may(self, request: &Request, requester: &Person, by: &Person, at: Moment) -> Result<(), Refusal> {
        self.context(request, requester, by, at).may()
    }

    pub fn context<'a>(
        self,
        request: &'a Request,
        requester: &'a Person,
        by: &'a Person,
        at: Moment,
    ) -> DecisionContext<'a> {
        DecisionContext {
            row: self.row(),
            situation: Situation::of(request, at),
            requester,
            by,
            args: None,
            emailed_to: None,
        }
    }
}

/// What one adds to retrying, to be asked for another address.
const OTHER_ADDRESS: &str = "other_address";

/// What one adds to canceling a request that runs, to undo what was done.
const ROLLBACK: &str = "rollback";

/// The outcomes of a review.
const JUSTIFIED: &str = "justified";
const UNJUSTIFIED: &str = "unjustified";

fn is_waiting(now: &Situation<'_>) -> bool {
    now.request.phase == Phase::Waiting
}

fn is_freeze(now: &Situation<'_>) -> bool {
    Freeze::of(now.request).is_some()
}

fn reason(args: &DecisionArgs) -> String {
    args.reason.clone().unwrap_or_default()
}

fn digest(context: &DecisionContext<'_>) -> Result<crate::plan::PlanDigest, Refusal> {
    context.planned().map(|planned| planned.digest.clone()).ok_or(Refusal::NotNow)
}

fn approvers_while_it_waits(now: &Situation<'_>) -> &'static [Part] {
    if is_waiting(now) && now.needs_approvals() { &[Part::Approver] } else { NO_ONE }
}

/// Why someone who may not approve may not deny it either, also where no one may.
fn only_approvers(context: &DecisionContext<'_>, entitlement: Entitlement) -> Option<Refusal> {
    match entitlement {
        Entitlement::NoOne if is_waiting(&context.situation) => context.approver().err().map(Refusal::from),
        _ => None,
    }
}

/// How the caller was verified is known before anyone approves.
fn caller_first(context: &DecisionContext<'_>) -> Option<Refusal> {
    let (request, planned) = (context.request(), context.planned()?);
    if !planned.needs.caller || request.caller.is_some() {
        return None;
    }
    let message = format!("The caller of {} has not been verified yet.", request.no);
    let hint = format!("Ask {} for `/desk verify {}`.", name(&request.by), request.no.0);
    Some(Problem::requester("caller_unverified", message).hint(hint).rule(&planned.needs.rule).into())
}

/// Who said already how the caller was verified.
fn verified_already(context: &DecisionContext<'_>) -> Option<Refusal> {
    let request = context.request();
    let (by, how, _) = request.caller.as_ref().filter(|_| is_waiting(&context.situation))?;
    let message =
        format!("The caller of {} was already verified by {}, says {}.", request.no, how.said(), name(by));
    Some(Refusal::Repeated(Problem::requester("verified_already", message)))
}

/// Whether it isn't the speaker's to say: it is the requester's, or for a manager's word that of a manager who isn't the requester.
fn says_it_for_another(context: &DecisionContext<'_>) -> bool {
    match context.args.map(verified_by) {
        Some(Verification::Manager) => context.is_requester() || !context.by.leads(),
        Some(Verification::EmailCode | Verification::CalledBack) => !context.is_requester(),
        None => false,
    }
}

/// How the caller was verified. A code that comes along was emailed.
pub fn verified_by(args: &DecisionArgs) -> Verification {
    let given = Verification::ALL.into_iter().find(|how| args.how.as_deref() == Some(how.word()));
    match given {
        Some(how) => how,
        None if args.code.is_some() => Verification::EmailCode,
        None => Verification::CalledBack,
    }
}

/// Why the temporary password of a request is not shown now, if it is not.
fn shown_already(context: &DecisionContext<'_>) -> Option<Refusal> {
    let gone = |message: String| {
        Problem::requester("revealed_already", message)
            .hint("If the user didn't get it, request another reset.")
    };
    let problem = match context.request().seen(context.now()) {
        Seen::No | Seen::Maybe { .. } => return None,
        Seen::UnderWay => {
            Problem::requester("reveal_under_way", "The temporary password is being shown to you right now.")
                .hint("If you don't see it in a minute, ask for it again.")
        }
        Seen::Gone { by, at, known: true } => {
            let at = clock(at, context.now());
            gone(format!("The temporary password was already shown to {} at {at}.", name(&by)))
        }
        Seen::Gone { by, at, known: false } => gone(format!(
            "It is unknown whether {} saw the temporary password at {}. It was destroyed.",
            name(&by),
            clock(at, context.now())
        )),
    };
    Some(Refusal::Impossible(problem))
}

/// The requester alone sets nothing going again once the approvals have expired.
fn too_late(context: &DecisionContext<'_>) -> Option<Refusal> {
    if !context.is_requester() || !context.situation.is_late() {
        return None;
    }
    let no = context.request().no;
    let message = format!("The approvals of {no} have expired, so you can't continue it alone.");
    let hint = format!("Ask an approver or a supervisor for `/desk {} {}`.", context.row.word(), no.0);
    Some(Problem::requester(approval::APPROVALS_EXPIRED, message).hint(hint).into())
}

fn not_a_leader(context: &DecisionContext<'_>) -> Refusal {
    let (request, word) = (context.request(), context.row.word());
    let mine = context.is_requester();
    if context.situation.needs_approvals() && (mine || !context.by.leads()) {
        return context.not_an_approver();
    }
    let message = match mine {
        true => format!("You can't {word} your own request {} here.", request.no),
        false => requester_or_leader(context, word),
    };
    Problem::requester("not_entitled", message).hint(context.ask_a_leader()).into()
}

fn name(by: &By) -> String {
    person(&by.id, &by.name)
}

fn requester_or_leader(context: &DecisionContext<'_>, word: &str) -> String {
    let request = context.request();
    let by = name(&request.by);
    format!("Only the requester, {by}, or a supervisor or admin can {word} {}.", request.no)
}

fn reviewers(now: &Situation<'_>) -> &'static [Part] {
    if now.request.needs_review() { &[Part::Leader] } else { NO_ONE }
}

fn not_a_reviewer(context: &DecisionContext<'_>, entitlement: Entitlement) -> Option<Refusal> {
    let request = context.request();
    let problem = match (entitlement, &request.review) {
        (Entitlement::Yes, _) => return None,
        (Entitlement::NoOne, Some(Review::Given { by, at, .. })) => {
            let message = format!("{} reviewed {} at {}.", name(by), request.no, clock(*at, context.now()));
            return Some(Refusal::Impossible(Problem::requester("reviewed_already", message)));
        }
        (Entitlement::NoOne, _) => return None,
        _ if context.is_requester() => {
            Problem::requester("own_request", "You can't review your own emergency.")
        }
        _ if context.is_about_them() => {
            Problem::requester("about_oneself", "You can't review an emergency about yourself.")
        }
        _ => Problem::requester("not_a_reviewer", "Only supervisors and admins can review emergencies."),
    };
    Some(problem.hint(context.ask_a_leader()).into())
}

fn reviewed(context: &DecisionContext<'_>, args: &DecisionArgs) -> Vec<Event> {
    let before_end = !context.request().is_finished();
    let justified = args.how.as_deref() == Some(JUSTIFIED);
    vec![Event::Reviewed { justified, reason: reason(args), before_end }]
}

/// What can't be undone is finished when it is rolled back. That is not the requester's to set going where they could not resume it.
fn not_to_finish(context: &DecisionContext<'_>) -> Option<Refusal> {
    let (request, now) = (context.request(), &context.situation);
    let rolls_back = context.args.is_some_and(|args| args.how.as_deref() == Some(ROLLBACK))
        || request.held.as_ref().is_some_and(|hold| hold.by.is_some());
    let is_theirs = !context.is_requester() || !now.is_late() && !now.is_held_by_others();
    if is_theirs || !rolls_back || request.phase != Phase::Running || !request.rolls_forward() {
        return None;
    }
    let no = request.no;
    let (code, why) = match now.is_late() {
        true => (approval::APPROVALS_EXPIRED, format!("The approvals of {no} have expired")),
        false => ("not_entitled", format!("{no} is on hold")),
    };
    let message = format!("{why}, and rolling it back finishes what can't be undone.");
    let hint = format!("Ask an approver or a supervisor for `/desk cancel {} {ROLLBACK}`.", no.0);
    Some(Problem::requester(code, message).hint(hint).into())
}

/// The line that a person's step, or what they know of one, is done.
fn done(request: &Request) -> Result<Vec<Event>, Refusal> {
    let (Phase::ByHand { step } | Phase::Stuck { step, .. }) = request.phase else {
        return Err(Refusal::NotNow);
    };
    Ok(vec![Event::Done { step: u32::try_from(step).unwrap_or(u32::MAX), facts: Default::default() }])
}

/// What canceling comes to: what waits ends, what runs is held and then rolled back, and what is stuck is left as it is.
fn canceled(context: &DecisionContext<'_>, args: &DecisionArgs) -> Result<Vec<Event>, Refusal> {
    let request = context.request();
    let no = request.no;
    let rolls_back = args.how.as_deref() == Some(ROLLBACK);
    match &request.phase {
        Phase::Running if rolls_back => Ok(vec![Event::RollbackRequested]),
        Phase::Running if request.held.as_ref().is_some_and(|hold| hold.by.is_some()) => {
            let hint = format!(
                "Resume it with `/desk retry {0}`, or undo what was done with `/desk cancel {0} {ROLLBACK}`.",
                no.0
            );
            let problem = Problem::requester("how_to_end", format!("{no} is already stopped."));
            Err(Refusal::Impossible(problem.hint(hint)))
        }
        Phase::Running => Ok(vec![stopped_by(request, context.by, context.is_requester())]),
        _ if rolls_back && request.planned.is_some() => {
            let message = format!("{no} is not running, so it can't be rolled back.");
            let hint = format!("Type `/desk cancel {}` to end it as it is.", no.0);
            Err(Refusal::Impossible(Problem::requester("no_rollback", message).hint(hint)))
        }
        Phase::ByHand { .. } | Phase::Stuck { .. } => {
            let end = request.finishing(Outcome::Abandoned);
            Ok(std::iter::once(Event::Canceled).chain(end).collect())
        }
        _ => Ok(vec![Event::Canceled, Event::Finished { outcome: Outcome::Canceled }]),
    }
}

/// The line that someone stopped what runs.
pub fn stopped_by(request: &Request, by: &Person, is_requester: bool) -> Event {
    let message = format!("{} stopped {}.", code(&by.name), request.no);
    let problem = Problem::requester(approval::STOPPED, message);
    Event::Held { problem, by_requester: is_requester, needs: None, unmet: Vec::new() }
}
