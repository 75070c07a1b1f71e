use desk_core::args;
use desk_core::basics::problem::Problem;
use desk_core::basics::secret::Secret;
use desk_core::command;
use desk_core::command::{Answer, Ask, Command};
use desk_core::words::{Kind, Risk, Spec};

pub(crate) const COMMAND: Command = command!(SPEC, answer).that_counts();

args! {
    struct EnrollArgs {
        code: Option<Secret> = optional(Kind::Code, "The six digits that your authenticator shows"),
    }
}

const SPEC: Spec = Spec {
    about: "Set up your authenticator app for requests that need a code",
    help: "Run it without a code first: only you see a QR code to scan. Then run it with the code from your authenticator.",
    risk: Risk::Read,
    also: &["authenticator", "totp", "2fa"],
    args: EnrollArgs::ARGS,
    examples: &["/desk enroll"],
    operations: &[],
};

async fn answer(ask: &Ask<'_>) -> Result<Answer, Problem> {
    Ok(Answer::Enroll { code: EnrollArgs::of(ask.args)?.code })
}
