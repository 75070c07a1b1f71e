//! The part of SOQL that the practice org answers; everything else is a malformed query.
//!
//! `SELECT fields FROM object [WHERE …] [ORDER BY …] [LIMIT n]`: fields of the object and of what its references lead to;
//! `=`, `!=`, `IN` and `LIKE`, with AND, OR, NOT and parentheses.

use std::cmp::Ordering;
use std::iter::Peekable;
use std::str::Chars;

use serde_json::{Value, json};

use super::answer::Refusal;
use super::ids;
use super::org::{Org, Record};
use super::schema::{Field, Kind, Object};

/// A query that can be answered.
pub(super) struct Query {
    object: &'static Object,
    fields: Vec<Path>,
    condition: Option<Condition>,
    order: Vec<(Path, bool)>,
    limit: Option<usize>,
}

/// References to follow, and the field of the last record.
type Path = Vec<&'static Field>;

enum Condition {
    All(Vec<Condition>),
    Any(Vec<Condition>),
    Not(Box<Condition>),
    /// The value is among these.
    Among(Path, Vec<Value>),
    Like(Path, Vec<Piece>),
}

/// A part of what LIKE compares with.
#[derive(PartialEq)]
enum Piece {
    Char(char),
    One,
    Many,
}

#[derive(Clone, Debug, PartialEq)]
enum Token {
    Word(String),
    /// The characters of a string, and whether each was escaped.
    Text(Vec<(char, bool)>),
    Number(f64),
    Sign(&'static str),
}

/// Names that are no fields.
const KEYWORDS: [&str; 17] = [
    "select", "from", "where", "and", "or", "not", "in", "like", "order", "by", "asc", "desc", "limit",
    "group", "having", "offset", "using",
];

impl Query {
    pub(super) fn read(org: &Org, text: &str) -> Result<Query, Refusal> {
        let tokens = tokens(text)?;
        // Fields can be understood only once the object is known, which comes after them.
        let mut depth = 0;
        let from = tokens.iter().position(|token| {
            depth += match token {
                Token::Sign("(") => 1,
                Token::Sign(")") => -1,
                _ => 0,
            };
            depth == 0 && is_word(token, "from")
        });
        let object = from.and_then(|at| tokens.get(at + 1));
        let Some(Token::Word(name)) = object else {
            return Err(Refusal::malformed_query("expecting a FROM clause"));
        };
        let Some(object) = Object::named(name).filter(|object| org.sees(object)) else {
            let message = format!(
                "sObject type '{name}' is not supported. If you are attempting to use a custom object, be sure to append the \
                 '__c' after the entity name. Please reference your WSDL or the describe call for the appropriate names."
            );
            return Err(Refusal::new("INVALID_TYPE", message));
        };
        let mut reader = Reader { tokens: tokens.into_iter().peekable(), object };
        reader.query()
    }

    /// The records that match, as they are answered; ids and types go with each.
    pub(super) fn answer(&self, org: &Org, version: &str, now: &str) -> Vec<Value> {
        let of = |record: &Record, path: &Path| value(org, self.object, record, path, now);
        let mut found: Vec<&Record> = org
            .all(self.object)
            .filter(|record| {
                self.condition.as_ref().is_none_or(|condition| condition.holds(&|path| of(record, path)))
            })
            .collect();
        if !self.order.is_empty() {
            found.sort_by(|a, b| {
                let each = self.order.iter().map(|(path, falls)| {
                    let order = compare(&of(a, path), &of(b, path));
                    if *falls { order.reverse() } else { order }
                });
                each.fold(Ordering::Equal, Ordering::then)
            });
        }
        found.truncate(self.limit.unwrap_or(usize::MAX));
        found.into_iter().map(|record| shown(org, self.object, record, &self.fields, version, now)).collect()
    }
}

impl Condition {
    fn holds(&self, of: &impl Fn(&Path) -> Value) -> bool {
        match self {
            Condition::All(all) => all.iter().all(|condition| condition.holds(of)),
            Condition::Any(any) => any.iter().any(|condition| condition.holds(of)),
            Condition::Not(not) => !not.holds(of),
            Condition::Among(path, values) => {
                let value = folded(of(path));
                values.contains(&value)
            }
            Condition::Like(path, pieces) => {
                let text = folded(of(path));
                text.as_str().is_some_and(|text| is_like(&text.chars().collect::<Vec<_>>(), pieces))
            }
        }
    }
}

/// Letter case does not count when texts are compared; ids are compared in their long form.
fn folded(value: Value) -> Value {
    match value {
        Value::String(text) => json!(text.to_lowercase()),
        Value::Number(number) => json!(number.as_f64()),
        value => value,
    }
}

fn is_like(text: &[char], pieces: &[Piece]) -> bool {
    match pieces.split_first() {
        None => text.is_empty(),
        Some((Piece::Many, rest)) => (0..=text.len()).any(|skipped| is_like(&text[skipped..], rest)),
        Some((piece, rest)) => text.split_first().is_some_and(|(first, others)| {
            (*piece == Piece::One || *piece == Piece::Char(*first)) && is_like(others, rest)
        }),
    }
}

fn compare(a: &Value, b: &Value) -> Ordering {
    // Nothing comes first.
    let key = |value: &Value| match value {
        Value::Null => (0, String::new()),
        Value::String(text) => (1, text.to_lowercase()),
        value => (1, value.to_string()),
    };
    key(a).cmp(&key(b))
}

fn value(org: &Org, object: &Object, record: &Record, path: &[&'static Field], now: &str) -> Value {
    match path {
        [] => Value::Null,
        [field] => org.value(object, record, field, now),
        [reference, rest @ ..] => match org.follow(record, reference) {
            Some((object, record)) => {
                // What a reference leads to may be of several objects; the field is that of the one it is.
                let same: Vec<&'static Field> =
                    rest.iter().filter_map(|field| object.field(field.name)).collect();
                value(org, object, record, &same, now)
            }
            None => Value::Null,
        },
    }
}

fn shown(org: &Org, object: &Object, record: &Record, fields: &[Path], version: &str, now: &str) -> Value {
    let id = record.get("Id").and_then(Value::as_str).unwrap_or_default();
    let url = format!("/services/data/{version}/sobjects/{}/{id}", object.name);
    let mut shown = Record::new();
    shown.insert("attributes".to_owned(), json!({ "type": object.name, "url": url }));
    for path in fields {
        let Some((first, rest)) = path.split_first() else { continue };
        let Some(relationship) = first.relationship.filter(|_| !rest.is_empty()) else {
            shown.insert(first.name.to_owned(), org.value(object, record, first, now));
            continue;
        };
        if shown.contains_key(relationship) {
            continue;
        }
        let nested: Vec<Path> = fields
            .iter()
            .filter(|other| other.len() > 1 && other.first() == Some(first))
            .map(|other| other.iter().skip(1).copied().collect())
            .collect();
        let inner = org
            .follow(record, first)
            .map(|(object, record)| shown_related(org, object, record, &nested, version, now))
            .unwrap_or(Value::Null);
        shown.insert(relationship.to_owned(), inner);
    }
    Value::Object(shown)
}

/// The same for what a reference leads to: fields that this object does not have are left out.
fn shown_related(
    org: &Org,
    object: &Object,
    record: &Record,
    fields: &[Path],
    version: &str,
    now: &str,
) -> Value {
    let own: Vec<Path> = fields
        .iter()
        .filter(|path| path.first().is_some_and(|field| object.field(field.name).is_some()))
        .cloned()
        .collect();
    shown(org, object, record, &own, version, now)
}

struct Reader<I: Iterator<Item = Token>> {
    tokens: Peekable<I>,
    object: &'static Object,
}

impl<I: Iterator<Item = Token>> Reader<I> {
    fn query(&mut self) -> Result<Query, Refusal> {
        self.keyword("select")?;
        let mut fields: Vec<Path> = vec![self.path()?];
        while self.sign(",") {
            fields.push(self.path()?);
        }
        for (at, path) in fields.iter().enumerate() {
            if fields[..at].contains(path) {
                let name = path.last().map(|field| field.name).unwrap_or_default();
                return Err(Refusal::malformed_query(format!("duplicate field selected: {name}")));
            }
        }
        self.keyword("from")?;
        self.tokens.next();
        let condition = if self.word("where") { Some(self.condition()?) } else { None };
        let mut order = Vec::new();
        if self.word("order") {
            self.keyword("by")?;
            loop {
                let path = self.path()?;
                let falls = self.word("desc");
                if !falls {
                    self.word("asc");
                }
                order.push((path, falls));
                if !self.sign(",") {
                    break;
                }
            }
        }
        let mut limit = None;
        if self.word("limit") {
            limit = match self.tokens.next() {
                Some(Token::Number(number)) if number >= 0.0 && number.fract() == 0.0 => {
                    format!("{number}").parse().ok()
                }
                other => return Err(unexpected(other.as_ref())),
            };
        }
        match self.tokens.next() {
            None => Ok(Query { object: self.object, fields, condition, order, limit }),
            other => Err(unexpected(other.as_ref())),
        }
    }

    fn condition(&mut self) -> Result<Condition, Refusal> {
        let mut parts = vec![self.part()?];
        let and = self.next_is("and");
        if !and && !self.next_is("or") {
            return Ok(parts.remove(0));
        }
        // Salesforce wants parentheses where AND meets OR.
        while self.word(if and { "and" } else { "or" }) {
            parts.push(self.part()?);
        }
        if self.next_is(if and { "or" } else { "and" }) {
            return Err(unexpected(self.tokens.next().as_ref()));
        }
        Ok(if and { Condition::All(parts) } else { Condition::Any(parts) })
    }

    fn part(&mut self) -> Result<Condition, Refusal> {
        if self.word("not") {
            return Ok(Condition::Not(Box::new(self.part()?)));
        }
        if self.sign("(") {
            let inside = self.condition()?;
            self.need_sign(")")?;
            return Ok(inside);
        }
        let path = self.path()?;
        let Some(field) = path.last().copied() else { return Err(unexpected(None)) };
        match self.tokens.next() {
            Some(Token::Sign("=")) => Ok(Condition::Among(path, vec![self.literal(field)?])),
            Some(Token::Sign("!=")) => {
                let unlike = Condition::Among(path, vec![self.literal(field)?]);
                Ok(Condition::Not(Box::new(unlike)))
            }
            Some(token) if is_word(&token, "in") => {
                self.need_sign("(")?;
                let mut values = vec![self.literal(field)?];
                while self.sign(",") {
                    values.push(self.literal(field)?);
                }
                self.need_sign(")")?;
                Ok(Condition::Among(path, values))
            }
            Some(token) if is_word(&token, "like") && field.kind == Kind::Text => match self.tokens.next() {
                Some(Token::Text(chars)) => Ok(Condition::Like(path, pieces(&chars))),
                other => Err(unexpected(other.as_ref())),
            },
            other => Err(unexpected(other.as_ref())),
        }
    }

    /// What a field is compared with, which has to be of its kind.
    fn literal(&mut self, field: &Field) -> Result<Value, Refusal> {
        let wrong = |kind: &str, quotes: &str| {
            let message = format!(
                "value of filter criterion for field '{}' must be of type {kind} and should {quotes}",
                field.name
            );
            Refusal::new("INVALID_FIELD", message)
        };
        let token = self.tokens.next();
        match (&token, field.kind) {
            (Some(token), _) if is_word(token, "null") => Ok(Value::Null),
            (Some(Token::Text(chars)), Kind::Id | Kind::Reference(_)) => {
                let text = plain(chars)?;
                let id = ids::read(&text).ok_or_else(|| {
                    Refusal::new("INVALID_QUERY_FILTER_OPERATOR", format!("invalid ID field: {text}"))
                })?;
                Ok(folded(json!(id)))
            }
            (Some(Token::Text(chars)), Kind::Text) => Ok(folded(json!(plain(chars)?))),
            (Some(Token::Text(_)), kind) => Err(wrong(name_of(kind), "not be enclosed in quotes")),
            (Some(Token::Number(number)), Kind::Number) => Ok(json!(number)),
            (Some(Token::Word(word)), Kind::Bool) if ["true", "false"].contains(&&*word.to_lowercase()) => {
                Ok(json!(word.eq_ignore_ascii_case("true")))
            }
            (Some(Token::Number(_) | Token::Word(_)), kind) => {
                Err(wrong(name_of(kind), "be enclosed in quotes"))
            }
            _ => Err(unexpected(token.as_ref())),
        }
    }

    fn path(&mut self) -> Result<Path, Refusal> {
        let name = match self.tokens.next() {
            Some(Token::Word(name)) if !KEYWORDS.contains(&&*name.to_lowercase()) => name,
            other => return Err(unexpected(other.as_ref())),
        };
        // A function, of which the practice org has none.
        if self.tokens.peek() == Some(&Token::Sign("(")) {
            return Err(unexpected(self.tokens.peek()));
        }
        let (mut path, mut objects) = (Path::new(), vec![self.object]);
        let mut steps = name.split('.').peekable();
        while let Some(step) = steps.next() {
            let object = objects.first().copied().unwrap_or(self.object);
            let found = match steps.peek() {
                Some(_) => object.relation(step),
                None => objects.iter().find_map(|object| object.field(step)),
            };
            let Some(field) = found else {
                return Err(match steps.peek() {
                    Some(_) => Refusal::new(
                        "INVALID_FIELD",
                        format!("Didn't understand relationship '{step}' in field path."),
                    ),
                    None => Refusal::new(
                        "INVALID_FIELD",
                        format!(
                            "No such column '{step}' on entity '{}'. If you are attempting to use a custom field, be sure to \
                             append the '__c' after the custom field name.",
                            object.name
                        ),
                    ),
                });
            };
            if let Kind::Reference(names) = field.kind {
                objects = names.iter().filter_map(|name| Object::named(name)).collect();
            }
            path.push(field);
        }
        Ok(path)
    }

    fn next_is(&mut self, keyword: &str) -> bool {
        self.tokens.peek().is_some_and(|token| is_word(token, keyword))
    }

    fn word(&mut self, keyword: &str) -> bool {
        self.tokens.next_if(|token| is_word(token, keyword)).is_some()
    }

    fn sign(&mut self, sign: &'static str) -> bool {
        self.tokens.next_if_eq(&Token::Sign(sign)).is_some()
    }

    fn keyword(&mut self, keyword: &str) -> Result<(), Refusal> {
        match self.tokens.next() {
            Some(token) if is_word(&token, keyword) => Ok(()),
            other => Err(unexpected(other.as_ref())),
        }
    }

    fn need_sign(&mut self, sign: &'static str) -> Result<(), Refusal> {
        if self.sign(sign) { Ok(()) } else { Err(unexpected(self.tokens.next().as_ref())) }
    }
}

fn name_of(kind: Kind) -> &'static str {
    match kind {
        Kind::Bool => "boolean",
        Kind::Number => "double",
        Kind::DateTime => "dateTime",
        Kind::Id | Kind::Text | Kind::Reference(_) => "string",
    }
}

fn is_word(token: &Token, keyword: &str) -> bool {
    matches!(token, Token::Word(word) if word.eq_ignore_ascii_case(keyword))
}

fn unexpected(token: Option<&Token>) -> Refusal {
    let token = match token {
        Some(Token::Word(word)) => word.clone(),
        Some(Token::Text(chars)) => chars.iter().map(|(char, _)| *char).collect(),
        Some(Token::Number(number)) => number.to_string(),
        Some(Token::Sign(sign)) => (*sign).to_owned(),
        None => "<EOF>".to_owned(),
    };
    Refusal::malformed_query(format!("unexpected token: '{token}'"))
}

/// A string outside of LIKE, where `%` and `_` are themselves and need no escape.
fn plain(chars: &[(char, bool)]) -> Result<String, Refusal> {
    match chars.iter().find(|(char, escaped)| *escaped && "%_".contains(*char)) {
        Some((char, _)) => Err(illegal(*char)),
        None => Ok(chars.iter().map(|(char, _)| *char).collect()),
    }
}

fn pieces(chars: &[(char, bool)]) -> Vec<Piece> {
    let piece = |(char, escaped): &(char, bool)| match (char, escaped) {
        ('%', false) => vec![Piece::Many],
        ('_', false) => vec![Piece::One],
        (char, _) => char.to_lowercase().map(Piece::Char).collect(),
    };
    chars.iter().flat_map(piece).collect()
}

fn illegal(char: char) -> Refusal {
    Refusal::malformed_query(format!(
        "Invalid string literal. Illegal character sequence '\\{char}' in string literal"
    ))
}

fn tokens(text: &str) -> Result<Vec<Token>, Refusal> {
    let (mut tokens, mut chars) = (Vec::new(), text.chars().peekable());
    while let Some(char) = chars.next() {
        tokens.push(match char {
            _ if char.is_whitespace() => continue,
            '\'' => Token::Text(string(&mut chars)?),
            '(' => Token::Sign("("),
            ')' => Token::Sign(")"),
            ',' => Token::Sign(","),
            '=' => Token::Sign("="),
            '!' if chars.next_if_eq(&'=').is_some() => Token::Sign("!="),
            '<' if chars.next_if_eq(&'>').is_some() => Token::Sign("!="),
            _ if char.is_ascii_digit() => {
                let mut number = String::from(char);
                while let Some(next) = chars.next_if(|c| c.is_ascii_digit() || *c == '.') {
                    number.push(next);
                }
                Token::Number(number.parse().map_err(|_| unexpected(Some(&Token::Word(number))))?)
            }
            _ if char.is_ascii_alphabetic() => {
                let mut word = String::from(char);
                while let Some(next) = chars.next_if(|c| c.is_ascii_alphanumeric() || "_.".contains(*c)) {
                    word.push(next);
                }
                Token::Word(word)
            }
            _ => return Err(unexpected(Some(&Token::Word(char.to_string())))),
        });
    }
    Ok(tokens)
}

/// The rest of a string, whose quote is read.
fn string(chars: &mut Peekable<Chars<'_>>) -> Result<Vec<(char, bool)>, Refusal> {
    let open = || {
        Refusal::malformed_query("Bind variables only allowed in Apex code: string literal is not terminated")
    };
    let mut text = Vec::new();
    loop {
        match chars.next().ok_or_else(open)? {
            '\'' => return Ok(text),
            '\\' => {
                let escaped = chars.next().ok_or_else(open)?;
                text.push((
                    match escaped {
                        'n' | 'N' => '\n',
                        'r' | 'R' => '\r',
                        't' | 'T' => '\t',
                        'b' | 'B' => '\u{8}',
                        'f' | 'F' => '\u{c}',
                        '\'' | '"' | '\\' | '%' | '_' => escaped,
                        'u' => {
                            let digits: String = chars.by_ref().take(4).collect();
                            u32::from_str_radix(&digits, 16)
                                .ok()
                                .and_then(char::from_u32)
                                .ok_or_else(|| illegal('u'))?
                        }
                        other => return Err(illegal(other)),
                    },
                    true,
                ));
            }
            char => text.push((char, false)),
        }
    }
}
