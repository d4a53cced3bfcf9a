//! Reads templates of kubectl's `jsonpath`: its own dialect, which no standard describes. What kubectl
//! takes means here what it means there; what it would only refuse while printing is refused at once.

use super::template::{
    Comparator, Constant, Filter, InvalidTemplate, Part, Path, Slice, Step, Template,
};

/// Reads a template.
pub(super) fn template(text: &str) -> Result<Template, InvalidTemplate> {
    let characters: Vec<char> = text.chars().collect();
    let mut parser = Parser::new(&characters, 0, characters.len());
    let parts = parser.parts(None)?;
    Ok(Template { parts })
}

/// Reads what stands between two braces, for `field` names that may lack the dot before them.
pub(super) fn path(text: &str) -> Result<Path, InvalidTemplate> {
    let characters: Vec<char> = text.chars().collect();
    Parser::new(&characters, 0, characters.len()).steps(None)
}

/// What begins a part.
enum Word {
    Range(Path),
    End,
    Action(Path),
}

struct Parser<'a> {
    characters: &'a [char],
    at: usize,
    /// Where this parser's share of the characters ends.
    end: usize,
}

impl<'a> Parser<'a> {
    const fn new(characters: &'a [char], at: usize, end: usize) -> Self {
        Self {
            characters,
            at,
            end,
        }
    }

    fn peek(&self) -> Option<char> {
        self.characters[..self.end].get(self.at).copied()
    }

    fn next(&mut self) -> Option<char> {
        let next = self.peek();
        self.at += usize::from(next.is_some());
        next
    }

    fn takes(&mut self, text: &str) -> bool {
        let rest = &self.characters[self.at..self.end];
        let begins =
            text.chars().count() <= rest.len() && text.chars().zip(rest).all(|(a, b)| a == *b);
        if begins {
            self.at += text.chars().count();
        }
        begins
    }

    fn while_<F: Fn(char) -> bool>(&mut self, belongs: F) -> String {
        let start = self.at;
        while self.peek().is_some_and(&belongs) {
            self.at += 1;
        }
        self.characters[start..self.at].iter().collect()
    }

    fn error(&self, at: usize, what: impl Into<String>) -> InvalidTemplate {
        let rest: String = self.characters[at.min(self.characters.len())..]
            .iter()
            .take(16)
            .collect();
        InvalidTemplate {
            what: what.into(),
            at: at + 1,
            before: match rest.as_str() {
                "" => ", its end".to_owned(),
                rest => format!(", before {rest:?}"),
            },
        }
    }

    /// Parts up to the end, or up to the `{end}` of the range that began at `opened`.
    fn parts(&mut self, opened: Option<usize>) -> Result<Vec<Part>, InvalidTemplate> {
        let mut parts = Vec::new();
        loop {
            let text = self.while_(|c| c != '{');
            if !text.is_empty() {
                parts.push(Part::Text(text));
            }
            let start = self.at;
            if self.next().is_none() {
                return match opened {
                    Some(opened) => Err(self.error(opened, "this range has no {end}")),
                    None => Ok(parts),
                };
            }
            match self.word(start)? {
                Word::End if opened.is_some() => return Ok(parts),
                Word::End => return Err(self.error(start, "not in a range, so nothing to end")),
                Word::Range(path) => parts.push(Part::Range(path, self.parts(Some(start))?)),
                Word::Action(path) => parts.push(Part::Action(path)),
            }
        }
    }

    /// What stands in the braces of which the first, at `opened`, was just read.
    fn word(&mut self, opened: usize) -> Result<Word, InvalidTemplate> {
        self.while_(|c| c == ' ');
        let start = self.at;
        let word = self.while_(is_word);
        let read = match word.as_str() {
            "range" => Word::Range(self.steps(Some(opened))?),
            "end" => {
                let at = self.at;
                if !self.steps(Some(opened))?.is_empty() {
                    return Err(self.error(at, "`end` stands alone"));
                }
                Word::End
            }
            _ => {
                self.at = start;
                Word::Action(self.steps(Some(opened))?)
            }
        };
        Ok(read)
    }

    /// Steps up to the brace that closes the one at `opened`; without one, up to the end.
    fn steps(&mut self, opened: Option<usize>) -> Result<Path, InvalidTemplate> {
        let mut path = Path::new();
        loop {
            let at = self.at;
            let Some(character) = self.peek() else {
                return match opened {
                    Some(opened) => Err(self.error(opened, "this brace is not closed")),
                    None => Ok(path),
                };
            };
            match character {
                '}' if opened.is_some() => {
                    self.at += 1;
                    return Ok(path);
                }
                ' ' | '@' | '$' => self.at += 1,
                '[' => path.extend(self.bracket()?),
                '"' | '\'' => path.push(Step::Constant(Constant::Text(self.quoted()?))),
                '.' => self.dots(&mut path)?,
                '+' | '-' | '0'..='9' => path.push(Step::Constant(self.number()?)),
                c if is_word(c) => path.push(self.boolean()?),
                c => return Err(self.error(at, format!("{c:?} means nothing here"))),
            }
        }
    }

    fn dots(&mut self, path: &mut Path) -> Result<(), InvalidTemplate> {
        let at = self.at;
        if self.takes("..") {
            if path.last() == Some(&Step::Recursive) {
                return Err(self.error(at, "`..` twice"));
            }
            path.push(Step::Recursive);
            if self.peek().is_some_and(is_word) {
                path.push(self.field());
            }
            return Ok(());
        }
        self.at += 1;
        path.push(self.field());
        Ok(())
    }

    /// A name, in which a backslash takes the meaning of what follows it.
    fn field(&mut self) -> Step {
        let mut name = String::new();
        while let Some(character) = self.peek().filter(|c| !ends_a_name(*c)) {
            self.at += 1;
            name.push(character);
            if character == '\\' {
                name.pop();
                name.extend(self.next());
            }
        }
        match name.as_str() {
            "*" => Step::Wildcard,
            _ => Step::Field(name),
        }
    }

    fn boolean(&mut self) -> Result<Step, InvalidTemplate> {
        let at = self.at;
        let word = self.while_(|c| !ends_a_name(c));
        match word.as_str() {
            "true" | "false" => Ok(Step::Constant(Constant::Boolean(word == "true"))),
            "range" | "end" => Err(self.error(at, format!("`{word}` stands first in its braces"))),
            _ => {
                let hint = format!("{word:?} is no word of templates; a field has a dot: .{word}");
                Err(self.error(at, hint))
            }
        }
    }

    fn number(&mut self) -> Result<Constant, InvalidTemplate> {
        let at = self.at;
        let sign = self.next();
        let digits = self.while_(|c| c == '.' || c.is_ascii_digit());
        let text: String = sign.into_iter().chain(digits.chars()).collect();
        let integer = text.parse().map(Constant::Integer).ok();
        let number = integer.or_else(|| text.parse().map(Constant::Float).ok());
        number.ok_or_else(|| self.error(at, format!("{text:?} is no number")))
    }

    fn quoted(&mut self) -> Result<String, InvalidTemplate> {
        let start = self.at;
        let quote = self.next();
        let mut text = String::new();
        loop {
            let at = self.at;
            match self.next() {
                None | Some('\n') => return Err(self.error(start, "this quote is not closed")),
                end if end == quote => return Ok(text),
                Some('\\') => text.push(self.escaped(at, quote)?),
                Some(character) => text.push(character),
            }
        }
    }

    /// What a backslash, at `at`, and what follows it mean: as in Go.
    fn escaped(&mut self, at: usize, quote: Option<char>) -> Result<char, InvalidTemplate> {
        let invalid = |parser: &Self| parser.error(at, "this escape means nothing");
        let escaped = self.next().ok_or_else(|| invalid(self))?;
        let digits = match escaped {
            'a' => return Ok('\u{7}'),
            'b' => return Ok('\u{8}'),
            'f' => return Ok('\u{c}'),
            'n' => return Ok('\n'),
            'r' => return Ok('\r'),
            't' => return Ok('\t'),
            'v' => return Ok('\u{b}'),
            '\\' => return Ok(escaped),
            _ if Some(escaped) == quote => return Ok(escaped),
            'x' => 2,
            'u' => 4,
            'U' => 8,
            _ => return Err(invalid(self)),
        };
        let code: String = (0..digits).filter_map(|_| self.next()).collect();
        let code = u32::from_str_radix(&code, 16)
            .ok()
            .filter(|_| code.len() == digits);
        code.and_then(char::from_u32).ok_or_else(|| invalid(self))
    }

    fn bracket(&mut self) -> Result<Path, InvalidTemplate> {
        let start = self.at;
        if self.takes("[?(") {
            return Ok(vec![self.filter(start)?]);
        }
        self.at += 1;
        let inner = self.at;
        self.while_(|c| c != ']' && c != '\n');
        let end = self.at;
        if self.next() != Some(']') {
            return Err(self.error(start, "this bracket is not closed"));
        }
        self.inside(inner, end)
    }

    /// What stands in brackets, between two places.
    fn inside(&self, start: usize, end: usize) -> Result<Path, InvalidTemplate> {
        let commas = (start..end).filter(|at| self.characters[*at] == ',');
        let ends: Vec<usize> = commas.chain([end]).collect();
        if let [_] = ends.as_slice() {
            return self.member(start, end, false);
        }
        let mut from = start;
        let mut union = Vec::new();
        for end in ends {
            union.push(self.member(from, end, true)?);
            from = end + 1;
        }
        Ok(vec![Step::Union(union)])
    }

    /// What stands in brackets, or between commas in them; there it may have blanks around it.
    fn member(&self, start: usize, end: usize, one_of_many: bool) -> Result<Path, InvalidTemplate> {
        let text: String = self.characters[start..end].iter().collect();
        let text = if one_of_many {
            text.trim_matches(' ')
        } else {
            &text
        };
        let name = text.strip_prefix('\'').and_then(|t| t.strip_suffix('\''));
        if let Some(name) = name.filter(|name| !name.contains('\'')) {
            let dotted: Vec<char> = format!(".{name}").chars().collect();
            let mut parser = Parser::new(&dotted, 0, dotted.len());
            let steps = parser.steps(None);
            return steps.map_err(|error| self.error(start, error.what));
        }
        if let Some(slice) = slice(text) {
            return Ok(vec![Step::Slice(slice)]);
        }
        let what = "write a number, *, FROM:TO, 'name' or ?(FILTER)";
        Err(self.error(start, format!("{text:?} is no index; {what}")))
    }

    /// What follows `[?(`, which began at `opened`.
    fn filter(&mut self, opened: usize) -> Result<Step, InvalidTemplate> {
        let start = self.at;
        let mut quote = None;
        loop {
            match self.next() {
                None | Some('\n') => return Err(self.error(opened, "this filter is not closed")),
                Some(c @ ('"' | '\'')) if quote.is_none() => quote = Some(c),
                Some('\\') if quote.is_some() => self.at += usize::from(self.at < self.end),
                Some(c) if quote == Some(c) => quote = None,
                Some(')') if quote.is_none() => break,
                Some(_) => {}
            }
        }
        let end = self.at - 1;
        if self.next() != Some(']') {
            return Err(self.error(self.at.min(self.end), "`]` is missing behind the filter"));
        }
        let filter = self.comparison(start, end)?;
        Ok(Step::Filter(Box::new(filter)))
    }

    fn comparison(&self, start: usize, end: usize) -> Result<Filter, InvalidTemplate> {
        let is_sign = |at: usize| matches!(self.characters[at], '!' | '<' | '>' | '=');
        let part = |from, to| Parser::new(self.characters, from, to).steps(None);
        let Some(sign) = (start..end)
            .find(|at| is_sign(*at))
            .filter(|at| *at > start)
        else {
            return part(start, end).map(Filter::Exists);
        };
        let behind = (sign..end).find(|at| !is_sign(*at)).unwrap_or(end);
        let text: String = self.characters[sign..behind].iter().collect();
        let comparator = match text.as_str() {
            "==" => Comparator::Equal,
            "!=" => Comparator::NotEqual,
            "<" => Comparator::Less,
            "<=" => Comparator::AtMost,
            ">" => Comparator::Greater,
            ">=" => Comparator::AtLeast,
            _ => {
                let what = format!("{text:?} compares nothing; write ==, !=, <, <=, > or >=");
                return Err(self.error(sign, what));
            }
        };
        if behind == end {
            return Err(self.error(end, "there is nothing to compare with"));
        }
        let (left, right) = (part(start, sign)?, part(behind, end)?);
        Ok(Filter::Compare(left, comparator, right))
    }
}

/// `*`, `2`, `1:3`, `::2` and so on.
fn slice(text: &str) -> Option<Slice> {
    if text == "*" {
        return Some(Slice::Range {
            start: None,
            end: None,
            step: None,
        });
    }
    let number = |text: &str| match text {
        "" => Some(None),
        text if text.starts_with('+') => None,
        text => text.parse().ok().map(Some),
    };
    let mut numbers = text.split(':').map(number);
    let start = numbers.next()??;
    let Some(end) = numbers.next() else {
        return start.map(Slice::Index);
    };
    let step = numbers.next().unwrap_or(Some(None))?;
    if numbers.next().is_some() {
        return None;
    }
    Some(Slice::Range {
        start,
        end: end?,
        step,
    })
}

fn is_word(character: char) -> bool {
    character == '_' || character.is_alphanumeric()
}

fn ends_a_name(character: char) -> bool {
    matches!(
        character,
        ' ' | '\t' | '\r' | '\n' | '.' | ',' | '[' | ']' | '$' | '@' | '{' | '}'
    )
}
