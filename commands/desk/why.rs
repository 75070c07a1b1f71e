use async_trait::async_trait;
use desk_core::card::{Block, Card, Tone};
use desk_core::command::{Answer, Ask, Command};
use desk_core::policy::{Matter, Needs, Touched};
use desk_core::problem::Problem;
use desk_core::roles;
use desk_core::text::{self, code};
use jiff::Timestamp;
use desk_core::words::{Arg, Kind, Risk, Spec};

pub(crate) const COMMAND: &dyn Command = &Why;

struct Why;

const SPEC: Spec = Spec {
    about: "Whether you may ask a command, which rule says so, and who could",
    help: "",
    risk: Risk::Look,
    args: &[Arg::required("command", Kind::Command, "Such as connect reset")],
    examples: &["/desk why connect reset"],
    operations: &[],
};

#[async_trait]
impl Command for Why {
    fn spec(&self) -> &'static Spec {
        &SPEC
    }

    async fn answer(&self, ask: &Ask<'_>) -> Result<Answer, Problem> {
        let path = ask.args.word("command").to_lowercase();
        let Some(entry) = ask.commands.iter().find(|entry| entry.path == path) else {
            let near = text::nearest(&path, ask.commands.iter().map(|entry| entry.path));
            let hint = text::did_you_mean(&near).unwrap_or_else(|| "`/desk help` lists them all.".to_owned());
            return Err(
                Problem::asker("command_unknown", format!("There is no command {}.", code(&path))).next(hint)
            );
        };
        let most = entry.command.spec().risk;
        let command = code(&format!("/{path}"));
        let touched = Touched::default();
        let asked = Matter {
            command: entry.path,
            risk: most,
            touched: None,
            emergency: false,
            place: ask.place,
            now: ask.now,
        };
        let planned = |risk| Matter { risk, touched: Some(&touched), ..asked };
        let card = match ask.policy.rule_for(&asked, ask.by) {
            Err(problem) => {
                let mut card = Card::new(Tone::Bad, format!("No, you may not ask {command} here"))
                    .text(&problem.says)
                    .text(&problem.next);
                if let Some(rule) = &problem.rule {
                    card = card.footer(format!("rule: {rule}"));
                }
                card
            }
            Ok(rule) if most == Risk::Look => Card::new(Tone::Good, format!("Yes, you may ask {command} here"))
                .text("It changes nothing, so it needs nobody's yes.")
                .footer(format!("rule: {}", rule.name)),
            Ok(_) => {
                let mut facts = Vec::new();
                for risk in Risk::ALL.into_iter().filter(|risk| *risk <= most && *risk != Risk::Look) {
                    let says = match ask.policy.needs(&planned(risk), ask.by) {
                        Ok(needs) => needed(&needs, ask.now),
                        Err(_) => format!("not for you; ask {}", ask.policy.who_could(&planned(risk))),
                    };
                    facts.push((format!("A {risk} plan"), says));
                }
                Card::new(Tone::Good, format!("Yes, you may ask {command} here"))
                    .text("What it needs then depends on what its plan would do:")
                    .block(Block::Facts(facts))
            }
        };
        Ok(Answer::Card(card.private()))
    }
}

fn needed(needs: &Needs, now: Timestamp) -> String {
    let mut words = Vec::new();
    if needs.confirm {
        words.push("your confirmation".to_owned());
    }
    words.extend(needs.groups(now, now).iter().map(|group| {
        format!("{} ({})", text::count(usize::from(group.approvals), "approval"), roles::words(&group.approvers))
    }));
    if !needs.reason.is_none() {
        words.push("a reason".to_owned());
    }
    if needs.caller {
        words.push("a word on how the caller was verified".to_owned());
    }
    if needs.second_factor {
        words.push("a code of each yes".to_owned());
    }
    let words = if words.is_empty() { "nobody's yes".to_owned() } else { text::list(&words, "and") };
    format!("needs {words} (rule: {})", needs.rule)
}
