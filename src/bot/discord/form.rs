//! A form (modal) that asks for the words which are still missing.
//!
//! It is made of action rows with text inputs, because serenity 0.12 cannot read back the values of newer kinds. Discord's
//! limits: title and labels 45 characters, placeholder 100, values 4,000.

use desk_core::words::{Arg, Kind};
use serde_json::{Value, json};

/// The field that holds a command of which some words are missing.
pub(super) const COMMAND: &str = "command";

const SHORT: u8 = 1;
const PARAGRAPH: u8 = 2;

/// The answer that opens the form. `command` is the line that the words complete, if it is to be sent along.
pub(super) fn form(
    title: &str,
    custom_id: &str,
    args: &[&Arg],
    required: bool,
    command: Option<&str>,
) -> Value {
    let mut rows: Vec<Value> = args.iter().map(|arg| row(arg, required)).collect();
    if let Some(line) = command {
        rows.push(json!({ "type": 1, "components": [{
            "type": 4, "style": SHORT, "custom_id": COMMAND, "label": "What you ask for", "value": line,
            "required": true, "min_length": 1, "max_length": 4_000,
        }]}));
    }
    json!({ "type": 9, "data": { "title": first(title, 45), "custom_id": custom_id, "components": rows } })
}

fn row(arg: &Arg, required: bool) -> Value {
    let (style, max) = match arg.kind {
        Kind::Text(max) | Kind::Sentence(max) if max > 100 => (PARAGRAPH, usize::from(max)),
        Kind::Text(max) | Kind::Sentence(max) | Kind::Word(max) => (SHORT, usize::from(max)),
        Kind::Code => (SHORT, 12),
        Kind::Plan => (SHORT, 64),
        Kind::Login => (SHORT, desk_core::ids::LOGIN_MAX + 1),
        _ => (SHORT, 600),
    };
    let mut input = json!({
        "type": 4, "style": style, "custom_id": arg.name, "label": first(&label(arg), 45),
        "placeholder": first(arg.about, 100), "required": required, "max_length": max,
    });
    if required {
        input["min_length"] = json!(1);
    }
    json!({ "type": 1, "components": [input] })
}

fn label(arg: &Arg) -> String {
    match arg.kind {
        Kind::Login => "Type the login once more".to_owned(),
        _ => {
            let mut letters = arg.name.replace('_', " ");
            if let Some(head) = letters.get_mut(..1) {
                head.make_ascii_uppercase();
            }
            letters
        }
    }
}

fn first(text: &str, max: usize) -> String {
    text.chars().take(max).collect()
}
