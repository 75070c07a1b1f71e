use desk_core::args;
use desk_core::basics::ids::RequestNo;
use desk_core::basics::problem::Problem;
use desk_core::basics::span::person;
use desk_core::basics::text::{code, count};
use desk_core::card::{Block, Card, Tone};
use desk_core::command;
use desk_core::command::{Answer, Ask, Command};
use desk_core::desk::saga;
use desk_core::email::{Email, RenderedEmail};
use desk_core::request::approval;
use desk_core::request::entitled;
use desk_core::words::{Kind, Risk, Spec};

pub(crate) const COMMAND: Command = command!(SPEC, answer);

args! {
    struct ShowEmailArgs {
        request: RequestNo = required(Kind::Request, "The number on its card"),
    }
}

const SPEC: Spec = Spec {
    about: "Get the email of your finished request, to copy and send",
    help: "If the desk can't send email, the requester sends it. Approvers, supervisors and admins can also get the notice to an email address that was replaced. No email contains a password. Several emails come as one file.",
    risk: Risk::Read,
    also: &[],
    args: ShowEmailArgs::ARGS,
    examples: &["/desk email 7"],
    operations: &[],
};

async fn answer(ask: &Ask<'_>) -> Result<Answer, Problem> {
    let ShowEmailArgs { request: no } = ShowEmailArgs::of(ask.args)?;
    let request = saga::load(ask.log, no).await?;
    let requester = ask.people.person(&request.by.id).await?;
    let requester = requester.unwrap_or_else(|| request.by.as_person());
    let mine = entitled::is_requester(&request, &requester, ask.by);
    if mine {
        approval::is_still_entitled(&request, ask.policy, &ask.site.protected, Some(ask.by), ask.now)?;
    }
    // A warning is not in the requester's hands alone: anyone who may decide on the request gets it, too.
    let others = request.planned.as_ref().is_some_and(|planned| {
        approval::may_lead(planned, &request.by, &requester, ask.by)
            || approval::may_approve(planned, &request.by, &requester, ask.by, ask.now).is_ok()
    });
    let theirs = |email: &&Email| mine || others && email.is_notice();
    if !mine && !request.emails().iter().any(theirs) {
        let requester = person(&request.by.id, &request.by.name);
        return Err(Problem::requester(
            "not_the_requester",
            format!("Only the requester, {requester}, can get the email of {no}."),
        )
        .hint("Use `/connect send` to get one of your own."));
    }
    let emails = request.emails().into_iter().filter(theirs).map(|email| ask.emails.write(email));
    let mails = emails.collect::<Result<Vec<RenderedEmail>, Problem>>()?;
    match mails.as_slice() {
        [] => Err(Problem::requester("email_none", format!("{no} has no email to copy."))
            .hint("`/connect send <login> <email>` writes one, or sends it if the desk can send email.")),
        [one] => Ok(Answer::Card(card(no, one))),
        several => Ok(Answer::Card(file(no, several))),
    }
}

fn card(no: RequestNo, mail: &RenderedEmail) -> Card {
    Card::new(Tone::Plain, format!("The email of {no}"))
        .block(Block::Facts(head(mail)))
        .text(mail.text.trim_end())
        .private()
}

fn head(mail: &RenderedEmail) -> Vec<(String, String)> {
    let mut facts = vec![("To".to_owned(), code(&mail.to))];
    facts.extend(mail.cc.iter().map(|cc| ("Cc".to_owned(), code(cc))));
    facts.push(("Subject".to_owned(), format!("`{}`", mail.subject)));
    facts
}

fn file(no: RequestNo, mails: &[RenderedEmail]) -> Card {
    let text: Vec<String> = mails
        .iter()
        .map(|mail| {
            let cc: String = mail.cc.iter().map(|cc| format!("Cc: {cc}\n")).collect();
            format!("To: {}\n{cc}Subject: {}\n\n{}", mail.to, mail.subject, mail.text)
        })
        .collect();
    Card::new(Tone::Plain, format!("The emails of {no}"))
        .text(format!("{} are in the file, one after the other.", count(mails.len(), "email")))
        .block(Block::File { name: format!("emails-{}.txt", no.0), text: text.join("\n----------\n\n") })
        .private()
}
