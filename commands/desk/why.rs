use async_trait::async_trait;
use desk_core::card::{Block, Card, Tone};
use desk_core::command::{Answer, Ask, Command};
use desk_core::policy::{Matter, Needs};
use desk_core::problem::Problem;
use desk_core::roles;
use desk_core::text::{self, code};
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
        let matter = |risk, planned| Matter { command: entry.path, risk, planned, place: ask.place };
        let asked = matter(most, false);
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
                    let says = match ask.policy.needs(&matter(risk, true), ask.by) {
                        Ok(needs) => needed(&needs),
                        Err(_) => format!("not for you; ask {}", ask.policy.who_could(&matter(risk, true))),
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

fn needed(needs: &Needs) -> String {
    let mut words = Vec::new();
    if needs.confirm {
        words.push("your confirmation".to_owned());
    }
    if needs.approvals > 0 {
        words.push(format!(
            "{} ({})",
            text::count(usize::from(needs.approvals), "approval"),
            roles::words(&needs.approvers)
        ));
    }
    let words = if words.is_empty() { "nobody's yes".to_owned() } else { text::list(&words, "and") };
    format!("needs {words} (rule: {})", needs.rule)
}
