//! What people decide about a request: one verb, one row. A row says the command's words and help, from whom the request takes it,
//! what has to come with it, what it writes, and its buttons; everything else that knows verbs reads these rows.

use std::collections::BTreeSet;

use super::deferral;
use super::entitled::{
    ASK_A_LEADER, ButtonPlace, ButtonText, Check, DecisionArgs, DecisionContext, EVERYONE, Entitlement,
    NO_ONE, OTHERS, Part, Refusal, Row, Situation, button,
};
use super::fold::{Phase, Request, Review, Seen, StepState};
use crate::basics::ids::RequestNo;
use crate::basics::problem::Problem;
use crate::basics::roles::Person;
use crate::basics::text::{code, moment, when};
use crate::card::Style;
use crate::log::{Event, Outcome, Verification};
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
    Revise => REVISE,
    /// A freeze holds no longer.
    Unfreeze => UNFREEZE,
    /// The step that a person does is done.
    Done => DONE,
    Retry => RETRY,
    /// Not before a moment.
    Defer => DEFER,
    Cancel => CANCEL,
    /// An emergency was right, or was not.
    Justified => JUSTIFIED,
    Unjustified => UNJUSTIFIED,
}

const REQUEST: Arg = Arg::required("request", Kind::Request, "The number on its card");
const PLAN: Arg =
    Arg::optional("plan", Kind::Plan, "The plan you saw, by the first characters of its digest");
const CODE: Arg =
    Arg::optional("code", Kind::Code, "Six digits of your authenticator, where a rule wants them");

static REVEAL: Row = Row {
    path: "desk reveal",
    spec: Spec {
        about: "See the temporary password of your own finished request, once",
        help: "Only who asked may see it. It is destroyed when it was shown, and when it expires.",
        risk: Risk::Look,
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
        _ if !context.request().makes_password_known() => None,
        _ if !context.is_requester() => Some(context.not_the_requester("see the password of").into()),
        _ => shown_already(context),
    },
    checks: &[Check::StillAllowed],
    events: |_, _| Ok(vec![Event::Unsealed]),
    place: ButtonPlace::Password,
    buttons: |_| button("Show the password", Style::Yes),
};

static VERIFY: Row = Row {
    path: "desk verify",
    spec: Spec {
        about: "Write down how the caller was verified on whose behalf it is asked",
        help: "Whoever asked says so; a manager gives their own word. With `mailed_code` the desk mails a code to the address on \
                   file; when the caller has read it to you, type it with `code:`. It counts for ten minutes.",
        risk: Risk::Look,
        also: &[],
        args: &[
            REQUEST,
            Arg::optional(
                "how",
                Kind::Choice(&[
                    ("called_back", "you called them at the number on file"),
                    ("manager", "their manager vouches for them"),
                    ("mailed_code", "they read back a code that is emailed to them"),
                ]),
                "How; called_back by default",
            )
            .in_place(),
            Arg::optional("reason", Kind::Sentence(300), "What to remember of it").in_place(),
            Arg::optional(
                "code",
                Kind::Code,
                "Six digits that the caller read out, which were mailed to them",
            ),
        ],
        examples: &[
            "/desk verify 7",
            "/desk verify 7 mailed_code",
            "/desk verify 7 mailed_code code:123456",
            "/desk verify 7 manager reason:\"she sits beside me\"",
        ],
        operations: &[],
    },
    takes: |now| match now.planned() {
        Some(planned) if is_waiting(now) && planned.needs.caller => &[Part::Requester, Part::Leader],
        _ => NO_ONE,
    },
    refusal: |context, entitlement| match entitlement {
        _ if says_it_for_another(context) => Some(match context.args.map(verified_by) {
            Some(Verification::Manager) => {
                let no = context.request().no.0;
                Problem::asker("manager_self", "A manager's word is given by the manager.")
                    .hint(format!("Ask a supervisor or an admin to type `/desk verify {no} manager`."))
                    .into()
            }
            _ => context.not_the_requester("say how they verified the caller of").into(),
        }),
        Entitlement::Yes if context.is_about_them() => Some(
            Problem::asker("about_oneself", "Nobody vouches for themselves.")
                .hint("Ask somebody else.")
                .into(),
        ),
        Entitlement::Others(_) => {
            Some(context.not_the_requester("say how they verified the caller of").into())
        }
        _ => None,
    },
    checks: &[Check::CallerAddress],
    events: |context, args| {
        Ok(vec![match &context.mailed_to {
            Some(to) => Event::CodeMailed { to: to.clone() },
            None => Event::CallerVerified { how: verified_by(args), note: reason(args) },
        }])
    },
    place: ButtonPlace::Decision,
    buttons: |now| match now.missing.contains(&Outstanding::Caller) {
        true => button("Caller verified", Style::Quiet),
        false => Vec::new(),
    },
};

static CONFIRM: Row = Row {
    path: "desk confirm",
    spec: Spec {
        about: "Say yes to your own request after reading its plan",
        help: "",
        risk: Risk::Look,
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
        (Entitlement::NoOne, _) if !is_waiting(&context.situation) => None,
        (Entitlement::NoOne, Some(confirmed)) if context.is_requester() => {
            Some(context.repeated("confirmed", confirmed.at))
        }
        (Entitlement::NoOne, _) if context.is_requester() => None,
        _ => Some(context.not_the_requester("confirm").hint("To approve it, use `/desk approve`.").into()),
    },
    checks: &[Check::SamePlan, Check::SecondFactor],
    events: |context, _| Ok(vec![Event::Confirmed { digest: digest(context)? }]),
    place: ButtonPlace::Decision,
    buttons: |_| button("Confirm", Style::Yes),
};

static APPROVE: Row = Row {
    path: "desk approve",
    spec: Spec {
        about: "Say yes to somebody else's request",
        help: "Nobody approves their own request or one about themselves. Your yes holds for the plan on the card and for no other.",
        risk: Risk::Look,
        also: &["accept", "ok"],
        args: &[
            REQUEST,
            Arg::optional("comment", Kind::Sentence(300), "What to remember of it").in_place(),
            PLAN,
            Arg::optional(
                "login",
                Kind::Login,
                "The login it is about once more, where a rule wants it typed",
            ),
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
            Entitlement::NoOne if !is_waiting(&context.situation) => None,
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
        let groups = context.planned().map(|planned| planned.needs.groups(planned.at, context.now()));
        let approvers = groups.into_iter().flatten().flat_map(|group| group.approvers);
        let roles: BTreeSet<_> = approvers.filter(|role| context.by.roles.contains(role)).collect();
        let (digest, roles) = (digest(context)?, roles.into_iter().collect());
        Ok(vec![Event::Approved { digest, roles, comment: reason(args) }])
    },
    place: ButtonPlace::Decision,
    buttons: |_| button("Approve", Style::Yes),
};

static DENY: Row = Row {
    path: "desk deny",
    spec: Spec {
        about: "Say no to somebody else's request",
        help: "One no ends it.",
        risk: Risk::Look,
        also: &["reject", "decline", "refuse"],
        args: &[REQUEST, Arg::optional("reason", Kind::Sentence(300), "Why").in_place()],
        examples: &["/desk deny 7", "/desk deny 7 reason:\"call the agent first\""],
        operations: &[],
    },
    takes: approvers_while_it_waits,
    refusal: |context, entitlement| match entitlement {
        Entitlement::Others(_) if context.is_requester() => Some(
            Problem::asker("own_request", "Nobody decides on their own request.")
                .hint(format!("To take it back, type `/desk cancel {}`.", context.request().no.0))
                .into(),
        ),
        _ => only_approvers(context, entitlement),
    },
    checks: &[],
    events: |context, args| {
        let denied = Event::Denied { digest: digest(context)?, reason: reason(args) };
        Ok(vec![denied, Event::Finished { outcome: Outcome::Denied }])
    },
    place: ButtonPlace::Decision,
    buttons: |now| while_approvals_are_missing(now, "Deny", Style::No),
};

static REVISE: Row = Row {
    path: "desk revise",
    spec: Spec {
        about: "Send a request back with a sentence: something else first",
        help: "The yeses given so far count no more. Who asked confirms again when it is as it should be, or cancels and asks anew.",
        risk: Risk::Look,
        also: &["change_request", "amend"],
        args: &[
            REQUEST,
            Arg::optional("reason", Kind::Sentence(300), "What is to be different").in_place(),
            Arg::optional("plan", Kind::Plan, "The first characters of the plan you have seen"),
        ],
        examples: &["/desk revise 7 reason:\"say which ticket this is for\""],
        operations: &[],
    },
    takes: approvers_while_it_waits,
    refusal: only_approvers,
    checks: &[Check::SamePlan, Check::Sentence],
    events: |context, args| Ok(vec![Event::Returned { digest: digest(context)?, reason: reason(args) }]),
    place: ButtonPlace::Decision,
    buttons: |now| while_approvals_are_missing(now, "Ask for a change", Style::Quiet),
};

static UNFREEZE: Row = Row {
    path: "desk unfreeze",
    spec: Spec {
        about: "Lift a freeze",
        help: "",
        risk: Risk::Look,
        also: &["unhold", "thaw"],
        args: &[REQUEST],
        examples: &["/desk unfreeze 7"],
        operations: &[],
    },
    takes: |now| if is_freeze(now) { &[Part::Requester, Part::Leader] } else { NO_ONE },
    refusal: |context, entitlement| match entitlement {
        Entitlement::NoOne => None,
        _ if context.is_about_them() => Some(
            Problem::asker("about_oneself", "Nobody lifts a freeze of themselves.")
                .hint("Ask another supervisor or an admin.")
                .into(),
        ),
        Entitlement::Yes => None,
        Entitlement::Others(_) => {
            Some(context.not_the_requester("lift").hint("Ask them, a supervisor or an admin.").into())
        }
    },
    checks: &[],
    events: |context, _| done(context.request()),
    place: ButtonPlace::Decision,
    buttons: |_| button("Lift it", Style::Yes),
};

static DONE: Row = Row {
    path: "desk done",
    spec: Spec {
        about: "Say that the step somebody does by hand is done",
        help: "",
        risk: Risk::Look,
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
        Phase::Stuck { step, .. } if now.request.is_letter(*step) => {
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
    place: ButtonPlace::Decision,
    buttons: |now| match now.request.phase {
        Phase::Stuck { .. } => button("It arrived", Style::Yes),
        _ => button("Done", Style::Yes),
    },
};

static RETRY: Row = Row {
    path: "desk retry",
    spec: Spec {
        about: "Continue a request that is stuck, or that someone stopped",
        help: "The step that failed is looked at again before anything is called. Once its approvals have expired, or when \
                   somebody else stopped it, an approver, a supervisor or an admin continues it, not the requester alone. \
                   An email that was refused goes to another address with `email:`; the requester alone chooses the address on \
                   file, or one of the site's own domains where the request needed no approval.",
        risk: Risk::Look,
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
            // What a freeze holds continues when it is lifted, and approvals that are missing are given.
            let waits = [FROZEN, approval::APPROVALS_MISSING].contains(&hold.problem.code.as_str());
            // What somebody else stopped is not the requester's to resume, nor what has outlived its approvals.
            let alone = hold.by.is_some() && hold.by_requester && !now.is_late();
            match (waits, alone) {
                (true, _) => NO_ONE,
                (false, true) => EVERYONE,
                (false, false) => OTHERS,
            }
        }
        (Phase::Stuck { step, .. }, _) => {
            let late = !now.request.is_letter(*step) && now.is_late();
            if late { OTHERS } else { EVERYONE }
        }
        _ => NO_ONE,
    },
    refusal: |context, entitlement| match entitlement {
        Entitlement::Others(_) => Some(too_late(context).unwrap_or_else(|| {
            let no = context.request().no;
            match context.is_requester() && context.request().held.is_some() {
                true => Problem::asker(
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
    place: ButtonPlace::Decision,
    buttons: |now| match now.request.phase {
        Phase::Stuck { step, .. } if now.request.is_letter(step) => {
            let mut buttons = button("Send it once more", Style::Quiet);
            if now.request.is_refused_email(step) && now.request.takes_another_address(step) {
                let label = "Send to another address";
                buttons.push(ButtonText { label, style: Style::Quiet, how: OTHER_ADDRESS });
            }
            buttons
        }
        Phase::Stuck { .. } => button("Try again", Style::Yes),
        _ => button("Resume", Style::Yes),
    },
};

static DEFER: Row = Row {
    path: "desk defer",
    spec: Spec {
        about: "Have a request run no sooner than at a moment",
        help: "Yeses can be given meanwhile; at that moment everything is weighed again. `contact` waits until nobody it is about \
                   is on a contact, at most four hours or as long as you say; what has not ended by then is not done. Approvals still \
                   expire when the card says; only someone who may approve puts it off beyond that.",
        risk: Risk::Look,
        also: &["postpone", "delay", "later"],
        args: &[
            REQUEST,
            Arg::optional(
                "how",
                Kind::Text(20),
                "22:00 (in UTC), 45m, contact for the end of their contact, or now",
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
    place: ButtonPlace::End,
    buttons: |now| {
        let Some(planned) = now.planned().filter(|_| now.request.deferred.is_none()) else {
            return Vec::new();
        };
        let text = |label, how| ButtonText { label, style: Style::Quiet, how };
        let contact = (planned.live.on_contact > 0).then(|| text("When the contact ends", "contact"));
        let at = (planned.live.signed_in > 0).then(|| text("At a time", ""));
        contact.into_iter().chain(at).collect()
    },
};

static CANCEL: Row = Row {
    path: "desk cancel",
    spec: Spec {
        about: "Cancel a request before it runs, stop one that runs, or give up one that is stuck",
        help: "What runs finishes the calls that are under way and is held, also over a restart. Resume it with `/desk retry`, or undo \
                   what was done with `rollback`. What can't be undone is finished instead. The requester, an approver, a supervisor or an \
                   admin may stop it; giving up what is stuck is for the others where it needed approvals.",
        risk: Risk::Look,
        also: &["abort", "withdraw", "stop"],
        args: &[
            REQUEST,
            Arg::optional(
                "how",
                Kind::Choice(&[(ROLLBACK, "undo")]),
                "Undo what was done, of a request that runs or is held",
            )
            .in_place(),
        ],
        examples: &["/desk cancel 7", "/desk cancel 7 rollback"],
        operations: &[],
    },
    takes: |now| match &now.request.phase {
        Phase::Asked => &[Part::Requester],
        Phase::Waiting => &[Part::Requester, Part::Approver],
        // Stops it, and rolls it back once it is stopped.
        Phase::Running if now.request.rolling_back.is_none() => EVERYONE,
        Phase::ByHand { .. } if is_freeze(now) => NO_ONE,
        Phase::ByHand { .. } if now.request.steps.contains(&StepState::Done) => now.closers(),
        Phase::ByHand { .. } => EVERYONE,
        Phase::Stuck { step, .. } => {
            let reads = now.request.plan().is_some_and(|plan| plan.only_reads());
            match (now.request.is_notice(*step), reads || now.request.is_letter(*step)) {
                (true, _) => OTHERS,
                (false, true) => EVERYONE,
                (false, false) => now.closers(),
            }
        }
        _ => NO_ONE,
    },
    refusal: |context, entitlement| match entitlement {
        Entitlement::Others(_) if context.planned().is_none() => {
            Some(context.not_the_requester("cancel").into())
        }
        Entitlement::Others(parts) if !parts.contains(&Part::Leader) => {
            Some(context.not_the_requester("cancel").hint("An approver may deny it.").into())
        }
        Entitlement::Others(_) => Some(not_a_leader(context)),
        _ => None,
    },
    checks: &[],
    events: cancelled,
    place: ButtonPlace::End,
    buttons: |now| match (&now.request.phase, &now.request.held) {
        (Phase::Waiting, _) => button("Cancel", Style::Quiet),
        (Phase::Running, None) => button("Stop", Style::No),
        (Phase::Running, Some(_)) => {
            vec![ButtonText { label: "Roll back", style: Style::No, how: ROLLBACK }]
        }
        _ => button("Give up", Style::No),
    },
};

static JUSTIFIED: Row = Row {
    path: "desk justified",
    spec: Spec {
        about: "Close an emergency: it was right",
        help: "",
        risk: Risk::Look,
        also: &[],
        args: &[REQUEST, Arg::optional("reason", Kind::Sentence(300), "Why it was").in_place()],
        examples: &["/desk justified 7 \"nobody else could be reached, and 40 agents waited\""],
        operations: &[],
    },
    takes: reviewers,
    refusal: not_a_reviewer,
    checks: &[Check::Sentence],
    events: |context, args| Ok(reviewed(context, args, true)),
    place: ButtonPlace::Review,
    buttons: |_| button("Justified", Style::Yes),
};

static UNJUSTIFIED: Row = Row {
    path: "desk unjustified",
    spec: Spec {
        about: "Close an emergency: it was not right",
        help: "",
        risk: Risk::Look,
        also: &[],
        args: &[REQUEST, Arg::optional("reason", Kind::Sentence(300), "Why it was not").in_place()],
        examples: &["/desk unjustified 7 \"a supervisor was there\""],
        operations: &[],
    },
    takes: reviewers,
    refusal: not_a_reviewer,
    checks: &[Check::Sentence],
    events: |context, args| Ok(reviewed(context, args, false)),
    place: ButtonPlace::Review,
    buttons: |_| button("Not justified", Style::No),
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
            mailed_to: None,
        }
    }
}

/// What one adds to retrying, to be asked for another address.
const OTHER_ADDRESS: &str = "other_address";

/// What one adds to cancelling a request that runs, to undo what was done.
const ROLLBACK: &str = "rollback";

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

fn while_approvals_are_missing(now: &Situation<'_>, label: &'static str, style: Style) -> Vec<ButtonText> {
    match now.missing.iter().any(|missing| matches!(missing, Outstanding::Approvals(_))) {
        true => button(label, style),
        false => Vec::new(),
    }
}

/// Whoever approves first knows how the caller was verified.
fn caller_first(context: &DecisionContext<'_>) -> Option<Refusal> {
    let (request, planned) = (context.request(), context.planned()?);
    if !planned.needs.caller || request.caller.is_some() {
        return None;
    }
    let message = format!("How the caller of {} was verified is not written down yet.", request.no);
    let hint = format!("Ask {} for `/desk verify {}`.", code(&request.by.name), request.no.0);
    Some(Problem::asker("caller_unverified", message).hint(hint).rule(&planned.needs.rule).into())
}

/// Whether someone else is the one to say so: who asked, and for a manager's word the manager.
fn says_it_for_another(context: &DecisionContext<'_>) -> bool {
    match context.args.map(verified_by) {
        Some(Verification::Manager) => context.is_requester() || !context.by.leads(),
        Some(Verification::MailedCode | Verification::CalledBack) => !context.is_requester(),
        None => false,
    }
}

/// How the caller was verified. A code that comes along was mailed.
pub fn verified_by(args: &DecisionArgs) -> Verification {
    let given = Verification::ALL.into_iter().find(|how| args.how.as_deref() == Some(how.word()));
    match given {
        Some(how) => how,
        None if args.code.is_some() => Verification::MailedCode,
        None => Verification::CalledBack,
    }
}

/// Why the temporary password of a request is not shown now, if it is not.
fn shown_already(context: &DecisionContext<'_>) -> Option<Refusal> {
    let gone = |message: String| {
        Problem::asker("revealed_already", message).hint("If it was not passed on, ask for another reset.")
    };
    let problem = match context.request().seen(context.now()) {
        Seen::No | Seen::Maybe { .. } => return None,
        Seen::UnderWay => {
            Problem::asker("reveal_under_way", "The temporary password is being shown to you right now.")
                .hint("If you don't see it in a minute, ask for it again.")
        }
        Seen::Gone { by, at, known: true } => gone(format!(
            "The temporary password was shown to {} at {} and is gone.",
            code(&by.name),
            moment(at)
        )),
        Seen::Gone { by, at, known: false } => gone(format!(
            "It is unknown whether {} saw the temporary password at {}. It is gone.",
            code(&by.name),
            moment(at)
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
    Some(Problem::asker(approval::APPROVALS_EXPIRED, message).hint(hint).into())
}

fn not_a_leader(context: &DecisionContext<'_>) -> Refusal {
    let (request, word) = (context.request(), context.row.word());
    let mine = context.is_requester();
    if context.situation.needs_approvals() && (mine || !context.by.leads()) {
        return context.not_an_approver();
    }
    let message = match mine {
        true => format!("You can't {word} your own request {} here.", request.no),
        false => {
            format!("Only {}, who asked, or a leader may {word} {}.", code(&request.by.name), request.no)
        }
    };
    Problem::asker("not_entitled", message).hint(ASK_A_LEADER).into()
}

fn reviewers(now: &Situation<'_>) -> &'static [Part] {
    if now.request.needs_review() { &[Part::Leader] } else { NO_ONE }
}

fn not_a_reviewer(context: &DecisionContext<'_>, entitlement: Entitlement) -> Option<Refusal> {
    let request = context.request();
    let problem = match (entitlement, &request.review) {
        (Entitlement::Yes, _) => return None,
        (Entitlement::NoOne, Some(Review::Given { by, at, .. })) => {
            let message =
                format!("{} reviewed {} at {}.", code(&by.name), request.no, when(*at, context.now()));
            return Some(Refusal::Impossible(Problem::asker("reviewed_already", message)));
        }
        (Entitlement::NoOne, _) => return None,
        _ if context.is_requester() => Problem::asker("own_request", "Nobody reviews their own emergency."),
        _ if context.is_about_them() => {
            Problem::asker("about_oneself", "Nobody reviews an emergency about themselves.")
        }
        _ => Problem::asker("not_a_reviewer", "Emergencies are reviewed by supervisors."),
    };
    Some(problem.hint(ASK_A_LEADER).into())
}

fn reviewed(context: &DecisionContext<'_>, args: &DecisionArgs, justified: bool) -> Vec<Event> {
    let before_end = !context.request().is_finished();
    vec![Event::Reviewed { justified, reason: reason(args), before_end }]
}

/// The line that a person's step, or what they know of one, is done.
fn done(request: &Request) -> Result<Vec<Event>, Refusal> {
    let (Phase::ByHand { step } | Phase::Stuck { step, .. }) = request.phase else {
        return Err(Refusal::NotNow);
    };
    Ok(vec![Event::Done { step: u32::try_from(step).unwrap_or(u32::MAX), facts: Default::default() }])
}

/// What cancelling comes to: what waits ends, what runs is held and then rolled back, and what is stuck is left as it is.
fn cancelled(context: &DecisionContext<'_>, args: &DecisionArgs) -> Result<Vec<Event>, Refusal> {
    let request = context.request();
    let no = request.no;
    let rolls_back = args.how.as_deref() == Some(ROLLBACK);
    match &request.phase {
        // What can't be undone is finished, which is no longer the requester's to set going.
        Phase::Running
            if rolls_back
                && context.is_requester()
                && context.situation.is_late()
                && request.rolls_forward() =>
        {
            let message = format!("The approvals of {no} have expired, and some of it can only be finished.");
            Err(Problem::asker(approval::APPROVALS_EXPIRED, message)
                .hint(format!("Ask an approver or a supervisor for `/desk cancel {} {ROLLBACK}`.", no.0))
                .into())
        }
        Phase::Running if rolls_back => Ok(vec![Event::RollbackRequested]),
        Phase::Running if request.held.as_ref().is_some_and(|hold| hold.by.is_some()) => {
            let hint = format!(
                "Resume it with `/desk retry {0}`, or undo what was done with `/desk cancel {0} {ROLLBACK}`.",
                no.0
            );
            let problem = Problem::asker("how_to_end", format!("{no} is held already."));
            Err(Refusal::Impossible(problem.hint(hint)))
        }
        Phase::Running => Ok(vec![stopped_by(request, context.by, context.is_requester())]),
        _ if rolls_back && request.planned.is_some() => {
            let message = format!("{no} is not running, so it can't be rolled back.");
            let hint = format!("Type `/desk cancel {}` to end it as it is.", no.0);
            Err(Refusal::Impossible(Problem::asker("no_rollback", message).hint(hint)))
        }
        Phase::ByHand { .. } | Phase::Stuck { .. } => {
            let end = request.finishing(Outcome::GivenUp);
            Ok(std::iter::once(Event::Cancelled).chain(end).collect())
        }
        _ => Ok(vec![Event::Cancelled, Event::Finished { outcome: Outcome::Cancelled }]),
    }
}

/// The line that someone stopped what runs.
pub fn stopped_by(request: &Request, by: &Person, is_requester: bool) -> Event {
    let message = format!("{} stopped {}.", code(&by.name), request.no);
    let problem = Problem::asker(approval::STOPPED, message);
    Event::Held { problem, by_requester: is_requester, needs: None }
}
