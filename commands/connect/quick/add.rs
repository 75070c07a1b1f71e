use std::collections::{BTreeMap, BTreeSet};

use desk_core::args;
use desk_core::basics::problem::Problem;
use desk_core::basics::text::{code, count, list, whole};
use desk_core::basics::{address, ids};
use desk_core::card::Block;
use desk_core::center::{FlowInfo, Named, QUICK_CONNECTS_OF_QUEUE, QuickConnectInfo, User};
use desk_core::command;
use desk_core::command::{Answer, Ask, Command};
use desk_core::formats::sheet::{self, Table};
use desk_core::plan::effect::{
    Destination, EffectKind as _, NewQuickConnectAbsent, QueueOffersAll, QueueOffersNone, QuickConnectPresent,
};
use desk_core::plan::{Plan, Step};
use desk_core::words::{AttachedFile, Kind, REASON, Risk, Spec, Thing};

use crate::parts::routing::{self, Wanted};
use crate::parts::subject;
use crate::parts::users;

pub(crate) const COMMAND: Command = command!(
    SPEC,
    answer,
    &[
        QuickConnectPresent::NEEDS,
        NewQuickConnectAbsent::NEEDS,
        QueueOffersAll::NEEDS,
        QueueOffersNone::NEEDS,
    ]
)
.titled(|asked| match (asked.args.text("file"), asked.args.text("users"), asked.args.text("name")) {
    (Some(_), ..) => "Add quick connects from a file".to_owned(),
    (_, Some(_), _) => format!("Add quick connects for {}", subject::users(asked)),
    (.., Some(_)) => format!("Add quick connect {}", subject::name(asked, "name")),
    (.., None) => format!("Add quick connect {}", subject::users(asked)),
});

/// The most that one request adds; an instance has 100 by AWS's default.
const ADDED_MAX: usize = 500;

/// The columns of a sheet of quick connects; the first three have to be there.
const COLUMNS: [&str; 6] = ["Name", "Type", "Destination", "Flow|Contact flow", "Description", "Queues"];

args! {
    struct AddArgs {
        name: Option<String> =
            optional(Kind::Text(127), "The name that agents see; the user's full name by default").in_place(),
        user: Option<String> = one_of(Kind::Login, "The destination user"),
        users: Vec<String> = one_of(Kind::Logins, "Several users; each gets their own quick connect"),
        queue: Option<String> = one_of(Kind::Text(127), "The destination queue").of(Thing::Queue),
        number: Option<String> = one_of(Kind::Phone(false), "The destination phone number"),
        flow: Option<String> = one_of(Kind::Text(127), "The destination flow, for chats").of(Thing::Flow),
        file: Option<AttachedFile> =
            one_of(Kind::File, "A CSV with Name, Type, Destination, Flow, Description, Queues"),
        transfer_flow: Option<String> =
            optional(Kind::Text(127), "The transfer flow, if not the default one").of(Thing::TransferFlow),
        description: Option<String> = optional(Kind::Text(250), "What it is for"),
        queues: Option<String> = optional(Kind::Text(2000), "Queues to add it to, comma-separated").of_several(Thing::Queue),
        _ = REASON,
    }
}

const SPEC: Spec = Spec {
    about: "Create quick connects to users, queues, phone numbers or flows, also from a sheet",
    help: "A quick connect to a user uses the flow `Default agent transfer`, one to a queue `Default queue transfer`, unless you name another flow. Agents see a quick connect only in the queues that have it: name them with `queues`. In a sheet, separate the queues in a row with `;`. A quick connect that already exists with the same destination stays unchanged. If a step fails, everything is rolled back.",
    risk: Risk::Change,
    also: &[],
    args: AddArgs::ARGS,
    examples: &[
        "/connect quick add user:jose.garcia queues:\"Case Investigation\"",
        "/connect quick add \"Poison control\" number:+15550100222",
    ],
    operations: &[
        "ListContactFlows",
        "ListQueues",
        "ListQuickConnects",
        "SearchQuickConnects",
        "ListQueueQuickConnects",
        "GetCurrentUserData",
        "ListAgentStatuses",
        "ListRoutingProfiles",
    ],
};

async fn answer(ask: &Ask<'_>) -> Result<Answer, Problem> {
    let mut args = AddArgs::of(ask.args)?;
    args.description = routing::given(args.description);
    routing::no_flow_beside("connect quick add", &SPEC, ask.args)?;
    let there = ask.center.all_quick_connects().await?;
    let world = World {
        flows: ask.center.flows().await?,
        queues: ask.center.queues().await?,
        names: there.iter().map(|one| Named { id: one.id.clone(), name: one.name.clone() }).collect(),
        there,
    };
    let (rows, users, remarks) = match &args.file {
        Some(file) => of_file(ask, &world, &args, file).await?,
        None => of_options(ask, &world, &args).await?,
    };
    let mut plan = plan(ask, &world, rows, &users).await?;
    plan.warnings.extend(remarks);
    Ok(Answer::Plan(plan))
}

struct World {
    flows: Vec<FlowInfo>,
    queues: Vec<Named>,
    there: Vec<QuickConnectInfo>,
    /// Of those that are there.
    names: Vec<Named>,
}

impl World {
    /// What people see of a name, and what is to be said of it; nothing where its quick connect is there already.
    fn named(&self, new: &New, users: &[User]) -> Result<(String, Option<Vec<String>>), Problem> {
        let name = routing::seen(&new.name)?;
        let login = new.destination.login();
        let user = users.iter().find(|user| Some(user.login.as_str()) == login);
        let leads = |there: &QuickConnectInfo| {
            new.destination.leads(&there.leads_to, user.map(|user| user.id.as_str()))
        };
        if self.there.iter().any(|one| one.name == name && leads(one)) {
            return Ok((name, None));
        }
        let (name, notes) = routing::new_name("quick connect", &new.name, &self.names)?;
        Ok((name, Some(notes)))
    }
}

/// Of so many unknown logins the nearest ones are looked for, which costs a call each.
const NAMED: usize = 10;

/// A quick connect to add, or that is there already.
struct New {
    name: String,
    description: Option<String>,
    destination: Destination,
    queues: Vec<Named>,
}

/// What is to be added, the users whom it is about, and what to know of the file.
type Read = (Vec<New>, Vec<User>, Vec<String>);

async fn of_options(ask: &Ask<'_>, world: &World, args: &AddArgs) -> Result<Read, Problem> {
    let queues = match &args.queues {
        Some(typed) => routing::several("queue", typed, &world.queues)?,
        None => Vec::new(),
    };
    let logins: Vec<String> = args.user.iter().chain(&args.users).cloned().collect();
    let alone = Wanted {
        queue: args.queue.as_deref(),
        number: args.number.as_deref(),
        flow: args.flow.as_deref(),
        transfer_flow: args.transfer_flow.as_deref(),
        ..Wanted::default()
    };
    if logins.is_empty() {
        let name = args.name.clone().ok_or_else(|| {
            Problem::requester("option_missing", "`name` is missing.")
                .hint("Type the name that agents should see.")
        })?;
        let destination = alone.destination(&world.flows, &world.queues)?;
        let new = New { name, description: args.description.clone(), destination, queues };
        return Ok((vec![new], Vec::new(), Vec::new()));
    }
    if alone.leads_somewhere() {
        return Err(Problem::requester("destination", "A quick connect has one destination.")
            .hint("Give one of `user:…`, `queue:…`, `number:…` and `flow:…`."));
    }
    if logins.len() > 1 && args.name.is_some() {
        return Err(Problem::requester(
            "options_conflict",
            "Several quick connects can't have the same name.",
        )
        .hint("Leave out the name. Each one gets its user's full name."));
    }
    let users = users::all_of(ask, logins).await?;
    let mut rows = Vec::new();
    for user in &users {
        let to = Wanted {
            user: Some(&user.login),
            transfer_flow: args.transfer_flow.as_deref(),
            ..Wanted::default()
        };
        rows.push(New {
            name: args.name.clone().unwrap_or_else(|| shown(user)),
            description: args.description.clone(),
            destination: to.destination(&world.flows, &world.queues)?,
            queues: queues.clone(),
        });
    }
    Ok((rows, users, Vec::new()))
}

/// What agents see for a user.
fn shown(user: &User) -> String {
    match user.profile.identity.full_name() {
        name if name.is_empty() => user.login.clone(),
        name => name,
    }
}

async fn of_file(ask: &Ask<'_>, world: &World, args: &AddArgs, file: &AttachedFile) -> Result<Read, Problem> {
    let own = [
        ("name", args.name.is_some()),
        ("user", args.user.is_some()),
        ("users", !args.users.is_empty()),
        ("queue", args.queue.is_some()),
        ("number", args.number.is_some()),
        ("flow", args.flow.is_some()),
    ];
    if let Some((option, _)) = own.iter().find(|(_, given)| *given) {
        let message = format!("The file has the names and destinations, so {} has no place.", code(option));
        return Err(Problem::requester("options_conflict", message).hint("Leave it out, or the file."));
    }
    let of_all = match &args.queues {
        Some(typed) => routing::several("queue", typed, &world.queues)?,
        None => Vec::new(),
    };
    if let Some(typed) = &args.transfer_flow {
        routing::flow(&world.flows, Some(typed), None)?;
    }
    let bytes = ask.files.file(&file.kept).await?.ok_or_else(|| {
        Problem::requester(
            "file_gone",
            format!("The file {} has expired and was destroyed.", code(&file.shown)),
        )
        .hint("Attach it to a new request.")
    })?;
    let Table { rows, remarks } = sheet::table(&bytes, &COLUMNS, 3, ADDED_MAX)?;
    let mut news: Vec<(usize, New)> = Vec::new();
    let mut wrong: Vec<(usize, Problem)> = Vec::new();
    for row in rows {
        let [name, of_type, to, flow, description, queues] = row.cells.as_slice() else { continue };
        match of_row(world, args, [name, of_type, to, flow, description, queues]) {
            Ok(mut new) => {
                if queues.is_empty() {
                    new.queues.clone_from(&of_all);
                }
                news.push((row.number, new));
            }
            Err(problem) => wrong.push((row.number, problem)),
        }
    }
    let logins: BTreeSet<String> =
        news.iter().filter_map(|(_, new)| new.destination.login().map(str::to_owned)).collect();
    let mut users = ask.center.users(&logins.iter().cloned().collect::<Vec<_>>()).await?;
    users.sort_by(|a, b| a.login.cmp(&b.login));
    let missing = logins.iter().filter(|login| !users.iter().any(|user| user.login == **login));
    let mut unknown: BTreeMap<&str, Problem> = BTreeMap::new();
    for (at, login) in missing.enumerate() {
        unknown.insert(login, users::unknown(ask, login, at < NAMED).await?);
    }
    let mut names: BTreeMap<String, usize> = BTreeMap::new();
    for (number, new) in &news {
        let found = match new.destination.login().and_then(|login| unknown.get(login)) {
            Some(problem) => Err(problem.clone()),
            None => world.named(new, &users),
        };
        let twice = |(name, _): (String, _)| match names.insert(name.clone(), *number) {
            Some(first) => Err(given_twice(&name, &format!("in row {first} too"))),
            None => Ok(()),
        };
        wrong.extend(found.and_then(twice).err().map(|problem| (*number, problem)));
    }
    wrong.sort_by_key(|(number, _)| *number);
    if let Some((number, first)) = wrong.first() {
        let lines: Vec<String> =
            wrong.iter().map(|(number, problem)| format!("row {number}: {}", problem.sentences())).collect();
        let message = format!("Row {number} of {}: {}", code(&file.shown), first.message);
        let more = match wrong.len() {
            1 => String::new(),
            n => format!(" And {} more; the file has all of them.", n - 1),
        };
        return Err(Problem::requester("sheet_wrong", message)
            .hint(format!("{}{more}", first.hint))
            .file("findings.txt", lines.join("\n")));
    }
    Ok((news.into_iter().map(|(_, new)| new).collect(), users, remarks))
}

/// `where_else` is `twice`, or the row that has it too.
fn given_twice(name: &str, where_else: &str) -> Problem {
    Problem::requester("name_twice", format!("{} is given {where_else}.", code(name)))
        .hint("Give each quick connect a different name.")
}

/// A row of the sheet. What its cells leave open is as the options say.
fn of_row(world: &World, args: &AddArgs, cells: [&String; 6]) -> Result<New, Problem> {
    let [name, of_type, to, flow, description, queues] = cells;
    let given = |text: &String| Some(text.clone()).filter(|text| !text.is_empty());
    if name.is_empty() || to.is_empty() {
        return Err(Problem::requester("sheet_cell_empty", "The name or the destination is empty.")
            .hint("Fill in both."));
    }
    let mut wanted =
        Wanted { transfer_flow: Some(flow.as_str()).filter(|flow| !flow.is_empty()), ..Wanted::default() };
    let number;
    match of_type.to_lowercase().as_str() {
        "user" | "agent" => {
            ids::login(to)?;
            wanted.user = Some(to);
        }
        "queue" => wanted.queue = Some(to),
        "number" | "phone" | "phone number" | "phone_number" | "external" => {
            number = address::phone(to)?;
            wanted.number = Some(&number);
        }
        "flow" => wanted.flow = Some(to),
        other => {
            return Err(Problem::requester(
                "sheet_type",
                format!("{} isn't a type of quick connect.", code(other)),
            )
            .hint("Write `user`, `queue`, `number` or `flow`."));
        }
    }
    if wanted.user.is_some() || wanted.queue.is_some() {
        wanted.transfer_flow = wanted.transfer_flow.or(args.transfer_flow.as_deref());
    }
    let description = match given(description) {
        Some(text) => routing::given(Some(text)),
        None => args.description.clone(),
    };
    if description.as_ref().is_some_and(|text| text.chars().count() > 250) {
        return Err(Problem::requester(
            "description_too_long",
            "The description has more than 250 characters.",
        )
        .hint("Shorten it."));
    }
    Ok(New {
        name: name.clone(),
        description,
        destination: wanted.destination(&world.flows, &world.queues)?,
        queues: match queues.as_str() {
            "" => Vec::new(),
            queues => routing::several("queue", queues, &world.queues)?,
        },
    })
}

async fn plan(ask: &Ask<'_>, world: &World, rows: Vec<New>, users: &[User]) -> Result<Plan, Problem> {
    let mut plan = Plan::new(String::new());
    let mut seen = BTreeSet::new();
    let mut offered: Vec<(Named, Vec<String>)> = Vec::new();
    let mut table = Vec::new();
    let mut added = Vec::new();
    for new in rows {
        let (name, notes) = world.named(&new, users)?;
        if !seen.insert(name.clone()) {
            return Err(given_twice(&name, "twice"));
        }
        let New { description, destination, queues, .. } = new;
        for queue in queues {
            match offered.iter_mut().find(|(known, _)| *known == queue) {
                Some((_, names)) => names.push(name.clone()),
                None => offered.push((queue, vec![name.clone()])),
            }
        }
        match notes {
            None => {
                plan.warnings.push(format!("The quick connect {} already exists.", whole(&name)));
            }
            Some(notes) => {
                plan.warnings.extend(notes);
                table.push(vec![name.clone(), destination.words()]);
                let made = QuickConnectPresent {
                    name: name.clone(),
                    description,
                    destination,
                    tags: BTreeMap::new(),
                };
                let undo = NewQuickConnectAbsent { id: None, made: made.clone() };
                let title = format!("Create the quick connect {}", whole(&name));
                plan.steps.push(Step::new(title, made).undone_by(undo));
                added.push(name);
            }
        }
    }
    let mut linked = Vec::new();
    for (queue, names) in &offered {
        let there = ask.center.offered_by(&queue.id).await?;
        let missing: Vec<String> =
            names.iter().filter(|name| !there.iter().any(|one| one.name == **name)).cloned().collect();
        if there.len() + missing.len() > QUICK_CONNECTS_OF_QUEUE {
            let message = format!(
                "{} would have {} quick connects. A queue can have at most {QUICK_CONNECTS_OF_QUEUE}.",
                code(&queue.name),
                there.len() + missing.len()
            );
            return Err(Problem::requester("queue_full", message).hint("Remove some from the queue first."));
        }
        if !missing.is_empty() {
            linked.push(queue.clone());
        }
        plan.steps.extend(routing::offering(queue, &missing, true));
    }
    if !added.is_empty() && offered.is_empty() {
        let (are, them) = if added.len() == 1 { ("It is", "it") } else { ("They are", "them") };
        plan.warnings
            .push(format!("{are} in no queue, so no agent sees {them}. Name queues with `queues:…`."));
    }
    let into = match linked.as_slice() {
        [] => String::new(),
        some if some.len() <= 3 => format!(" in {}", routing::all_of(some)),
        many => format!(" in {}", count(many.len(), "queue")),
    };
    plan.what = match added.as_slice() {
        [] if plan.steps.is_empty() => "All of them already exist.".to_owned(),
        [] => format!("Add quick connects{into}."),
        [only] => format!("Create the quick connect {}{into}.", whole(only)),
        many => format!("Create {}{into}.", count(many.len(), "quick connect")),
    };
    if !table.is_empty() {
        plan.blocks.push(Block::table(["Quick connect", "Destination"], table));
    }
    if linked.len() > 3 {
        let names: Vec<String> = linked.iter().map(|queue| whole(&queue.name)).collect();
        plan.blocks.push(Block::Text(format!("Added to {}.", list(&names, "and"))));
    }
    if !plan.steps.is_empty() {
        users.iter().cloned().map(users::bare).for_each(|user| plan.affects(user));
    }
    plan.said_once();
    Ok(plan)
}
