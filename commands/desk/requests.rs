use async_trait::async_trait;
use desk_core::args;
use desk_core::basics::problem::Problem;
use desk_core::basics::text::{count, span};
use desk_core::card::{Block, Card, Tone};
use desk_core::command::{Answer, Ask, Command};
use desk_core::desk::saga;
use desk_core::request::Request;
use desk_core::view;
use desk_core::words::{Kind, Risk, Spec};

pub(crate) const COMMAND: &dyn Command = &Requests;

struct Requests;

args! {
    struct RequestsArgs {
        mine: bool = optional(Kind::Flag, "Only your own"),
    }
}

const SPEC: Spec = Spec {
    about: "The requests that are open, and whom each waits for",
    help: "",
    risk: Risk::Read,
    also: &["pending", "queue", "open"],
    args: RequestsArgs::ARGS,
    examples: &["/desk requests", "/desk requests mine"],
    operations: &[],
};

#[async_trait]
impl Command for Requests {
    fn spec(&self) -> &'static Spec {
        &SPEC
    }

    async fn answer(&self, ask: &Ask<'_>) -> Result<Answer, Problem> {
        let RequestsArgs { mine } = RequestsArgs::of(ask.args)?;
        let mut rows = Vec::new();
        for no in ask.log.open().await? {
            let lines = ask.log.request(no).await?;
            let request = match Request::fold(no, &lines) {
                Ok(request) => request,
                Err(illegal) => {
                    let message = saga::unreadable(no, &lines, &illegal).message;
                    rows.push(vec![no.to_string(), "?".to_owned(), "?".to_owned(), "?".to_owned(), message]);
                    continue;
                }
            };
            if mine && request.by.id != ask.by.id {
                continue;
            }
            let age = ask.now.as_second() - request.asked.as_second();
            rows.push(vec![
                no.to_string(),
                request.typed(),
                request.by.name.clone(),
                span(age.max(0)),
                view::standing(&request, ask.now).trim_start_matches(&format!("{no} ")).to_owned(),
            ]);
        }
        let title = match rows.len() {
            0 => "No request is open".to_owned(),
            1 => "1 request is open".to_owned(),
            n => format!("{} are open", count(n, "request")),
        };
        let mut card = Card::new(Tone::Plain, title);
        if !rows.is_empty() {
            let columns = ["Request", "What", "By", "Age", "Stands"].map(str::to_owned).to_vec();
            card = card.block(Block::Table { columns, rows });
        }
        Ok(Answer::Card(card.private()))
    }
}
