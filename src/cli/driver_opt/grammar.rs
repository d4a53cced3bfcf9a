//! Which option each item of a text belongs to.

use crate::model::{self, OptionName, Resource, Span};

use super::fault::Fault;
use super::lexer::{Kind, Node};
use super::piece::{halves, halves_at_colon, lone, pieces, plain, span, trim, unquoted, words};
use super::tolerations::EFFECTS;

/// An option, and the items of its value.
#[derive(Debug)]
pub(super) struct Found<'n> {
    pub(super) name: OptionName,
    /// The variable, of an option that has one in its name.
    pub(super) variable: Option<String>,
    /// Where its name stands.
    pub(super) key: Span,
    /// What stands behind its `=`, and the items that continue it. None if there is no `=`.
    pub(super) items: Option<Vec<&'n [Node]>>,
    /// The list of items in which it stands.
    level: usize,
}

struct Reader<'n, 't> {
    text: &'t str,
    found: Vec<Found<'n>>,
    notes: Vec<String>,
    levels: usize,
}

/// The options of a text, and notes about how it was read.
pub(super) fn options<'n>(
    nodes: &'n [Node],
    text: &str,
) -> Result<(Vec<Found<'n>>, Vec<String>), Fault> {
    let mut reader = Reader {
        text,
        found: Vec::new(),
        notes: Vec::new(),
        levels: 0,
    };
    reader.options(nodes)?;
    Ok((reader.found, reader.notes))
}

/// Names in any case, with or without dashes.
fn normal(name: &str) -> String {
    let is_sign = |c: char| matches!(c, '-' | '_');
    name.chars()
        .filter(|c| !is_sign(*c))
        .collect::<String>()
        .to_ascii_lowercase()
}

/// A name that buildx's documentation has for the same option.
const OTHER_MEMORY_CACHE: &str = "buildkit-root-folder-memory";
/// Names around others: one that was proposed for buildx, and the flag itself.
const AROUND: [&str; 2] = ["resources", "driveropt"];

fn option(key: &str) -> Option<(OptionName, Option<String>)> {
    if let Some((head, variable)) = key.split_once('.')
        && head.eq_ignore_ascii_case("env")
    {
        return Some((OptionName::Env, Some(variable.to_owned())));
    }
    let key = normal(key);
    if key == normal(OTHER_MEMORY_CACHE) {
        return Some((OptionName::MemoryCache, None));
    }
    let mut names = OptionName::ALL.into_iter();
    let name = names.find(|name| *name != OptionName::Env && normal(name.driver_opt()) == key)?;
    Some((name, None))
}

/// Options that mean `true` if they stand alone.
fn is_switch(name: OptionName) -> bool {
    matches!(
        name,
        OptionName::Rootless
            | OptionName::UserNamespace
            | OptionName::Qemu
            | OptionName::DefaultLoad
    )
}

/// Options of which the value may go on in the next item.
fn goes_on(name: OptionName) -> bool {
    matches!(
        name,
        OptionName::NodeSelector
            | OptionName::Tolerations
            | OptionName::Labels
            | OptionName::Annotations
            | OptionName::Env
            | OptionName::ImagePullSecrets
    )
}

/// Options of which the value may hold blanks.
pub(super) fn is_free(name: OptionName) -> bool {
    matches!(name, OptionName::Annotations | OptionName::Env)
}

/// The option of which a key is probably a misspelling.
pub(super) fn misspelled(key: &str) -> Option<&'static str> {
    let names = OptionName::ALL.map(OptionName::driver_opt);
    // Short words are near to each other without meaning the same, and so are those with numbers.
    let is_telling = key.len() > 6 && !key.contains(|c: char| c.is_ascii_digit());
    model::nearest(key, &names).filter(|_| is_telling)
}

/// Says of a word behind a blank that its meaning is not clear.
pub(super) fn divided(word: &[Node], text: &str) -> Fault {
    let place = span(word, 0);
    let before = text.get(..place.start).unwrap_or_default();
    let start = before.trim_end().len();
    let place = Span { start, ..place };
    let word = plain(word, text);
    let problem = format!("{word:?} stands behind a blank: a key, or the end of a value?");
    Fault::new(text, place, problem, &format!(",{word}"))
}

/// What kubectl's flags have before a list of resources.
fn amounts(key: &str) -> Option<fn(Resource) -> OptionName> {
    match key.to_ascii_lowercase().as_str() {
        "requests" => Some(OptionName::Request),
        "limits" => Some(OptionName::Limit),
        _ => None,
    }
}

fn is_braced(nodes: &[Node]) -> bool {
    matches!(trim(nodes), [node] if matches!(node.kind, Kind::Json(_) | Kind::Group(_)))
}

impl<'n> Reader<'n, '_> {
    fn options(&mut self, nodes: &'n [Node]) -> Result<(), Fault> {
        self.levels += 1;
        let level = self.levels;
        pieces(nodes).try_for_each(|piece| self.piece(piece, level))
    }

    fn piece(&mut self, piece: &'n [Node], level: usize) -> Result<(), Fault> {
        if let Some(inner) = unquoted(piece) {
            if self.begins_option(inner) || !self.is_going_on() {
                return self.options(inner);
            }
            return self.more(piece);
        }
        let own = self.named(piece).map(|(name, _)| name);
        let name = own.or(self.found.last().map(|found| found.name));
        if name.is_some_and(is_free) {
            return self.word(piece, level);
        }
        let words = words(piece);
        // What no option begins with may be the rest of a value that should have no blank.
        let is_named = |word: &&[Node]| self.named(word).is_some();
        if own.is_some_and(|name| !goes_on(name)) && !words.iter().skip(1).any(is_named) {
            return self.word(piece, level);
        }
        if let Some(OptionName::NodeSelector | OptionName::Labels) = name
            && let Some(word) = lone(&words).filter(|word| !is_named(word))
        {
            return Err(divided(word, self.text).about(name.map_or("", OptionName::driver_opt)));
        }
        words.into_iter().try_for_each(|word| match unquoted(word) {
            Some(_) => self.piece(word, level),
            None => self.word(word, level),
        })
    }

    fn word(&mut self, word: &'n [Node], level: usize) -> Result<(), Fault> {
        if let Some((key, value)) = halves(word) {
            let key = plain(key, self.text);
            let value = unquoted(value).unwrap_or(value);
            if AROUND.contains(&normal(&key).as_str()) && self.begins_option(value) {
                return self.options(value);
            }
            if let Some(make) = amounts(&key).filter(|_| self.resource(value).is_some()) {
                let mut words = pieces(value).flat_map(words);
                return words.try_for_each(|word| self.amount(make, word, level));
            }
        }
        let Some((name, variable)) = self.named(word) else {
            return self.more(word);
        };
        self.note_other_reading(word, name, level);
        let (key, items) = match self.sides(word) {
            Some((key, value)) => (key, Some(value)),
            None => (word, None),
        };
        self.found.push(Found {
            name,
            variable,
            key: span(key, 0),
            items: items.map(|value| vec![value]),
            level,
        });
        Ok(())
    }

    /// Name and value of an option: `=` is between them or, as in YAML, `:`.
    fn sides<'w>(&self, word: &'w [Node]) -> Option<(&'w [Node], &'w [Node])> {
        let yaml = halves_at_colon(word).filter(|(key, value)| {
            let effect = plain(value, self.text).to_ascii_lowercase();
            halves(key).is_none()
                && option(&plain(key, self.text)).is_some()
                && !EFFECTS.contains(&effect.as_str())
        });
        yaml.or_else(|| halves(word))
    }

    /// The option that a word begins with.
    fn named(&self, word: &[Node]) -> Option<(OptionName, Option<String>)> {
        let Some((key, value)) = self.sides(word) else {
            return option(&plain(word, self.text)).filter(|(name, _)| is_switch(*name));
        };
        let key = plain(key, self.text);
        if key.eq_ignore_ascii_case("env") && is_braced(value) {
            return Some((OptionName::Env, None));
        }
        option(&key)
    }

    fn begins_option(&self, nodes: &[Node]) -> bool {
        let Some(first) = pieces(nodes).next() else {
            return false;
        };
        match unquoted(first) {
            Some(inner) => self.begins_option(inner),
            None => words(first)
                .first()
                .is_some_and(|word| self.named(word).is_some()),
        }
    }

    fn is_going_on(&self) -> bool {
        self.found.last().is_some_and(|found| goes_on(found.name))
    }

    /// The resource of which a word gives an amount.
    fn resource(&self, word: &[Node]) -> Option<Resource> {
        let (key, _) = halves(word)?;
        let key = plain(key, self.text);
        let mut all = Resource::ALL.into_iter();
        all.find(|resource| resource.as_str().eq_ignore_ascii_case(&key))
    }

    fn amount(
        &mut self,
        make: fn(Resource) -> OptionName,
        word: &'n [Node],
        level: usize,
    ) -> Result<(), Fault> {
        let (Some(resource), Some((key, value))) = (self.resource(word), halves(word)) else {
            return Err(self.stray(word));
        };
        self.found.push(Found {
            name: make(resource),
            variable: None,
            key: span(key, 0),
            items: Some(vec![value]),
            level,
        });
        Ok(())
    }

    /// Adds an item to the option before it.
    fn more(&mut self, item: &'n [Node]) -> Result<(), Fault> {
        if let Some(found) = self.found.last_mut()
            && goes_on(found.name)
        {
            found.items.get_or_insert_default().push(item);
            let before = found.key.of(self.text);
            if let Some(name) = halves(item).and_then(|(key, _)| misspelled(&plain(key, self.text)))
            {
                let item = span(item, 0).of(self.text);
                self.notes.push(format!(
                    "{item} is read as a part of {before}; there is an option {name}"
                ));
            }
            return Ok(());
        }
        let before = self.found.last().map(|found| (found.name, found.level));
        match before {
            Some((OptionName::Request(_), level)) if self.resource(item).is_some() => {
                self.amount(OptionName::Request, item, level)
            }
            Some((OptionName::Limit(_), level)) if self.resource(item).is_some() => {
                self.amount(OptionName::Limit, item, level)
            }
            _ => Err(self.stray(item)),
        }
    }

    /// Says of an item that it belongs nowhere.
    fn stray(&self, item: &[Node]) -> Fault {
        let place = span(item, 0);
        let item_text = plain(item, self.text);
        let key = halves(item).map_or_else(|| item_text.clone(), |(key, _)| plain(key, self.text));
        let names = OptionName::ALL.map(OptionName::driver_opt);
        let own = option(&key).map(|(name, _)| name.driver_opt());
        let name = own.or_else(|| model::nearest(&key, &names));
        let (problem, place, instead) = match (name, halves(item)) {
            (Some(name), Some((key, _))) => {
                let name = name.replace("NAME", &plain(key, self.text));
                (
                    format!("there is no such option; {name} is one"),
                    span(key, 0),
                    name,
                )
            }
            (Some(name), None) if option(name).is_some() => {
                let example = option(name).map_or("", |(name, _)| name.example());
                let name = match option(&key) {
                    Some(_) => key.as_str(),
                    None => name,
                };
                let problem = format!("{name} needs a value");
                (problem, place, format!("{name}={example}"))
            }
            (_, Some(_)) => (
                "this is neither an option nor does it continue one".to_owned(),
                place,
                format!("nodeselector={item_text}"),
            ),
            (_, None) => (
                "this is neither an option nor does it continue one".to_owned(),
                place,
                String::new(),
            ),
        };
        Fault::new(self.text, place, problem, &instead).about(key)
    }

    /// An option's name behind a value that could go on with it.
    fn note_other_reading(&mut self, word: &[Node], name: OptionName, level: usize) {
        let Some(before) = self.found.last().filter(|found| found.level == level) else {
            return;
        };
        let Some([first, .., last] | [first @ last]) = before.items.as_deref() else {
            return;
        };
        let closed = unquoted(last).is_some() || is_braced(last);
        let (key, value) = self.sides(word).unwrap_or((word, &[]));
        let (key, value) = (plain(key, self.text), plain(value, self.text));
        let fits = match before.name {
            OptionName::NodeSelector | OptionName::Labels => model::label(&key, &value).is_ok(),
            OptionName::Annotations => model::annotation(&key).is_ok(),
            OptionName::Env => name != OptionName::Env,
            _ => false,
        };
        if closed || !fits {
            return;
        }
        let other = Span {
            start: span(first, before.key.end + 1).start,
            end: span(word, 0).end,
        };
        let other = other.of(self.text);
        let mark = if other.contains('"') { '\'' } else { '"' };
        let before = before.key.of(self.text);
        let item = span(word, 0).of(self.text);
        self.notes.push(format!(
            "{item} is read as the option {}; \
             if it belongs to {before}, write {before}={mark}{other}{mark}",
            name.driver_opt()
        ));
    }
}
