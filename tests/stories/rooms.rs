//! The rooms: no file uses one that uses it, and a room of the core uses only those that the picture in `ARCHITECTURE.md` shows below it.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use syn::visit::{self, Visit};
use syn::{Item, ItemUse, UseTree};

/// A module's path within its crate; the crate itself has none.
type Module = Vec<String>;

/// What one file says of others.
#[derive(Default)]
struct File {
    /// It declares and passes on, and holds nothing itself: who uses it uses what it passes on.
    is_contents: bool,
    /// Names that it takes from elsewhere, with where they come from.
    names: BTreeMap<String, Module>,
    /// Modules from which it takes every name.
    globs: Vec<Module>,
    /// Names of its own.
    items: BTreeSet<String>,
    /// Every path that it names, from the crate's root.
    paths: BTreeSet<Module>,
}

fn root() -> &'static Path {
    Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../.."))
}

/// Reads the files of a crate.
fn sources(folder: &Path) -> BTreeMap<Module, syn::File> {
    fn walk(folder: &Path, module: &[String], sources: &mut BTreeMap<Module, syn::File>) {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            let stem = path.file_stem().unwrap().to_str().unwrap().to_owned();
            if path.is_dir() && !["target", "contract"].contains(&stem.as_str()) {
                walk(&path, &[module, &[stem]].concat(), sources);
            } else if path.extension().is_some_and(|end| end == "rs") && stem != "main" {
                let module = match stem.as_str() {
                    "lib" | "mod" => module.to_vec(),
                    _ => [module, &[stem]].concat(),
                };
                let parsed = syn::parse_file(&std::fs::read_to_string(&path).unwrap());
                sources.insert(module, parsed.unwrap_or_else(|error| panic!("{}: {error}", path.display())));
            }
        }
    }
    let mut found = BTreeMap::new();
    walk(folder, &[], &mut found);
    found
}

fn name(item: &Item) -> Option<String> {
    let ident = match item {
        Item::Const(item) => &item.ident,
        Item::Enum(item) => &item.ident,
        Item::Fn(item) => &item.sig.ident,
        Item::Static(item) => &item.ident,
        Item::Struct(item) => &item.ident,
        Item::Trait(item) => &item.ident,
        Item::Type(item) => &item.ident,
        _ => return None,
    };
    Some(ident.to_string())
}

/// Gathers what one file names.
struct Reader<'a> {
    here: &'a Module,
    modules: &'a BTreeSet<Module>,
    file: File,
}

impl Reader<'_> {
    /// A path from the root of the crate, if it leads into the crate.
    fn in_crate(&self, path: &[String]) -> Option<Module> {
        let (first, rest) = path.split_first()?;
        match first.as_str() {
            "crate" => Some(rest.to_vec()),
            "self" => Some([self.here, rest].concat()),
            "super" => {
                let (mut above, mut rest) = (self.here.clone(), path);
                while let Some(("super", after)) =
                    rest.split_first().map(|(first, after)| (first.as_str(), after))
                {
                    above.pop()?;
                    rest = after;
                }
                Some([above.as_slice(), rest].concat())
            }
            _ => {
                let below = [self.here.as_slice(), std::slice::from_ref(first)].concat();
                let known = self.file.names.get(first).filter(|known| self.modules.contains(*known));
                let start = if self.modules.contains(&below) { Some(&below) } else { known };
                start.map(|start| [start, rest].concat())
            }
        }
    }

    fn tree(&mut self, before: &[String], tree: &UseTree) {
        let (path, name) = match tree {
            UseTree::Path(path) => {
                return self.tree(&[before, &[path.ident.to_string()]].concat(), &path.tree);
            }
            UseTree::Group(group) => return group.items.iter().for_each(|tree| self.tree(before, tree)),
            UseTree::Name(name) if name.ident == "self" => (before.to_vec(), before.last().cloned()),
            UseTree::Name(name) => {
                ([before, &[name.ident.to_string()]].concat(), Some(name.ident.to_string()))
            }
            UseTree::Rename(name) => {
                ([before, &[name.ident.to_string()]].concat(), Some(name.rename.to_string()))
            }
            UseTree::Glob(_) => (before.to_vec(), None),
        };
        if let Some(path) = self.in_crate(&path) {
            match name {
                Some(name) => drop(self.file.names.insert(name, path.clone())),
                None => self.file.globs.push(path.clone()),
            }
            self.file.paths.insert(path);
        }
    }

    fn words(&mut self, words: &[String]) {
        if let Some(path) = (words.len() > 1).then(|| self.in_crate(words)).flatten() {
            self.file.paths.insert(path);
        }
    }
}

impl<'ast> Visit<'ast> for Reader<'_> {
    fn visit_item_use(&mut self, item: &'ast ItemUse) {
        self.tree(&[], &item.tree);
    }

    fn visit_path(&mut self, path: &'ast syn::Path) {
        self.words(&path.segments.iter().map(|segment| segment.ident.to_string()).collect::<Vec<_>>());
        visit::visit_path(self, path);
    }

    // What a macro names is named by anyone who calls it.
    fn visit_item_macro(&mut self, item: &'ast syn::ItemMacro) {
        if item.ident.is_none() {
            visit::visit_item_macro(self, item);
        }
    }

    fn visit_macro(&mut self, call: &'ast syn::Macro) {
        let text = call.tokens.to_string();
        let joined = text.replace(" :: ", "::");
        for word in joined.split(|c: char| !c.is_alphanumeric() && c != '_' && c != ':') {
            self.words(&word.split("::").map(str::to_owned).collect::<Vec<_>>());
        }
    }
}

/// Which files use which, by the crate's modules.
fn uses(folder: &Path) -> BTreeMap<Module, BTreeSet<Module>> {
    let sources = sources(folder);
    let modules: BTreeSet<Module> = sources.keys().cloned().collect();
    let files: BTreeMap<&Module, File> = sources
        .iter()
        .map(|(here, source)| {
            let mut reader = Reader { here, modules: &modules, file: File::default() };
            let contents = |item: &Item| {
                matches!(item, Item::Mod(item) if item.content.is_none()) || matches!(item, Item::Use(_))
            };
            reader.file.is_contents = source.items.iter().all(contents);
            reader.file.items = source.items.iter().filter_map(name).collect();
            // Names first, because a path may begin with one of them wherever it is.
            source.items.iter().for_each(|item| {
                if let Item::Use(item) = item {
                    reader.visit_item_use(item);
                }
            });
            reader.visit_file(source);
            (here, reader.file)
        })
        .collect();
    let holder = |path: &Module| {
        let mut path = path.clone();
        // What is passed on is elsewhere; a chain of passing on is short, and no chain is a circle in code that compiles.
        for _ in 0..8 {
            let here = (0..=path.len())
                .rev()
                .map(|n| path.get(..n).unwrap().to_vec())
                .find(|start| modules.contains(start))?;
            let file = &files[&here];
            let passed_on = |name: &String| {
                let has = |module: &&Module| files.get(module).is_some_and(|file| file.items.contains(name));
                let by_glob = || {
                    file.globs
                        .iter()
                        .find(has)
                        .map(|module| [&module[..], std::slice::from_ref(name)].concat())
                };
                file.names.get(name).cloned().or_else(by_glob)
            };
            match path.get(here.len()).filter(|_| file.is_contents).and_then(passed_on) {
                Some(elsewhere) => {
                    let rest = path.get(here.len() + 1..).unwrap_or_default();
                    path = [elsewhere.as_slice(), rest].concat();
                }
                None => return Some(here),
            }
        }
        None
    };
    let of = |here: &Module, file: &File| -> BTreeSet<Module> {
        file.paths.iter().filter_map(holder).filter(|used| used != here && !files[used].is_contents).collect()
    };
    files
        .iter()
        .filter(|(_, file)| !file.is_contents)
        .map(|(here, file)| ((*here).clone(), of(here, file)))
        .collect()
}

/// The uses that lead back to where they begin, one a line.
fn circles(uses: &BTreeMap<Module, BTreeSet<Module>>) -> Vec<String> {
    let leads_to = |start: &Module, end: &Module| {
        let (mut reached, mut next) = (BTreeSet::from([start.clone()]), vec![start.clone()]);
        while let Some(here) = next.pop() {
            next.extend(
                uses.get(&here).into_iter().flatten().filter(|used| reached.insert((*used).clone())).cloned(),
            );
        }
        reached.contains(end)
    };
    let edges = uses.iter().flat_map(|(here, used)| used.iter().map(move |used| (here, used)));
    let back = edges.filter(|(here, used)| leads_to(used, here));
    back.map(|(here, used)| format!("{} uses {}", here.join("/"), used.join("/"))).collect()
}

#[test]
fn no_file_uses_one_that_uses_it() {
    for folder in ["src/core", "commands", "src/bot", "src/sim"] {
        let uses = uses(&root().join(folder));
        assert!(
            uses.values().any(|used| !used.is_empty()),
            "{folder}: no file names another, so this reads nothing"
        );
        let circles = circles(&uses);
        assert!(circles.is_empty(), "{folder} has a circle among:\n{}", circles.join("\n"));
    }
}

#[test]
fn a_room_of_the_core_uses_only_those_below_it() {
    let page = std::fs::read_to_string(root().join("ARCHITECTURE.md")).unwrap();
    let (_, after) = page.split_once("## The rooms of the core").expect("the page has the picture");
    let picture = after.split("```").nth(1).unwrap();
    let rooms: Vec<&str> = picture
        .lines()
        .skip(1)
        .filter(|line| !line.starts_with(' '))
        .filter_map(|line| line.split_whitespace().next())
        .collect();
    let place =
        |module: &Module| rooms.iter().position(|room| module.first().is_some_and(|first| first == room));
    let uses = uses(&root().join("src/core"));
    let there: BTreeSet<&str> = uses.keys().filter_map(|module| module.first()).map(String::as_str).collect();
    assert_eq!(there, rooms.iter().copied().collect(), "the rooms in src/core, and those in the picture");
    for (here, used) in &uses {
        for used in used {
            let (from, to) = (place(here), place(used));
            assert!(
                to >= from,
                "{} uses {}, which is above it in ARCHITECTURE.md",
                here.join("/"),
                used.join("/")
            );
        }
    }
}
