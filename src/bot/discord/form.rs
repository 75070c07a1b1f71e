//! A form (modal) that asks for the words which are still missing.
//!
//! It is made of action rows with text inputs, because serenity 0.12 cannot read back the values of newer kinds. Discord's
//! limits: title and labels 45 characters, placeholder 100, values 4,000. Nothing of the command is in the form: it carries
//! the button that opened it, or the number of the interaction under which the command is kept.

use desk_core::basics::text::capital;
use desk_core::words::{Arg, Kind};
use serde_json::{Value, json};

const SHORT: u8 = 1;
const PARAGRAPH: u8 = 2;
const VALUE_MAX: usize = 4_000;

/// The answer that opens the form.
pub(super) fn form(title: &str, custom_id: &str, args: &[&Arg], required: bool) -> Value {
    let rows: Vec<Value> = args.iter().map(|arg| row(arg, required)).collect();
    json!({ "type": 9, "data": { "title": first(title, 45), "custom_id": custom_id, "components": rows } })
}

fn row(arg: &Arg, required: bool) -> Value {
    let (style, max) = match arg.kind {
        Kind::Text(max) | Kind::Sentence(max) if max > 100 => (PARAGRAPH, usize::from(max).min(VALUE_MAX)),
        Kind::Text(max) | Kind::Exact(max) | Kind::Moment(max) | Kind::Sentence(max) | Kind::Word(max) => {
            (SHORT, usize::from(max))
        }
        Kind::Code => (SHORT, 12),
        Kind::Plan => (SHORT, 64),
        Kind::Login => (SHORT, desk_core::basics::ids::LOGIN_MAX + 1),
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
        _ => capital(&arg.name.replace('_', " ")),
    }
}

fn first(text: &str, max: usize) -> String {
    text.chars().take(max).collect()
}
