//! The colours of a terminal, as BuildKit's users set them.

use crate::env::Env;

const NAMES: [&str; 8] = [
    "black", "red", "green", "yellow", "blue", "magenta", "cyan", "white",
];

/// What a colour says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Role {
    /// Done.
    Run,
    /// Stopped by somebody.
    Cancel,
    /// Failed.
    Error,
    /// To be looked at.
    Warning,
    /// Less important than the rest.
    Faint,
}

/// Parameters of colour sequences by role; empty where the terminal's own colour stays.
#[derive(Debug, Clone, Default)]
pub(super) struct Colours {
    run: String,
    cancel: String,
    error: String,
    warning: String,
    faint: String,
}

impl Colours {
    /// No colours.
    pub(super) fn none() -> Self {
        Self::default()
    }

    /// BuildKit's colours, changed by `BUILDKIT_COLORS`; none if `NO_COLOR` is set.
    pub(super) fn from_env(env: &Env) -> Self {
        if env.var("NO_COLOR").is_some() {
            return Self::none();
        }
        let mut colours = Self {
            run: "34".to_owned(),
            cancel: "33".to_owned(),
            error: "31".to_owned(),
            warning: "33".to_owned(),
            faint: "2".to_owned(),
        };
        // What is no colour is skipped, as BuildKit does: a picture is no place for complaints.
        for setting in env.var("BUILDKIT_COLORS").unwrap_or_default().split(':') {
            if let Some((role, colour)) = setting.split_once('=') {
                colours.set(role, colour.trim_matches('"'));
            }
        }
        colours
    }

    fn set(&mut self, role: &str, colour: &str) {
        let target = match role.to_ascii_lowercase().as_str() {
            "run" => &mut self.run,
            "cancel" => &mut self.cancel,
            "error" => &mut self.error,
            "warning" => &mut self.warning,
            _ => return,
        };
        if let Some(parameters) = named(colour).or_else(|| mixed(colour)) {
            *target = parameters;
        }
    }

    /// `text` in the colour of `role`.
    pub(super) fn paint(&self, role: Role, text: &str) -> String {
        let parameters = match role {
            Role::Run => &self.run,
            Role::Cancel => &self.cancel,
            Role::Error => &self.error,
            Role::Warning => &self.warning,
            Role::Faint => &self.faint,
        };
        if parameters.is_empty() {
            text.to_owned()
        } else {
            format!("\u{1b}[{parameters}m{text}\u{1b}[0m")
        }
    }
}

fn named(colour: &str) -> Option<String> {
    let colour = colour.to_ascii_lowercase();
    if colour == "default" {
        return Some("39".to_owned());
    }
    let (base, name) = match colour.strip_prefix("light-") {
        Some(name) => (90, name),
        None => (30, colour.as_str()),
    };
    let index = NAMES.iter().position(|known| *known == name)?;
    Some((base + index).to_string())
}

/// A colour of red, green and blue parts up to 255, in the 216 colours that every terminal has.
fn mixed(colour: &str) -> Option<String> {
    let parts: Vec<u16> = colour
        .split(',')
        .map(|part| part.trim().parse::<u8>().map(u16::from))
        .collect::<Result<_, _>>()
        .ok()?;
    let [red, green, blue] = parts[..] else {
        return None;
    };
    let level = |part: u16| part * 6 / 256;
    let index = 16 + 36 * level(red) + 6 * level(green) + level(blue);
    Some(format!("38;5;{index}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn paint(colours: &str, role: Role) -> String {
        Colours::from_env(&Env::from_variables([("BUILDKIT_COLORS", colours)])).paint(role, "x")
    }

    #[test]
    fn users_choose_colours_as_with_buildkit() {
        assert_eq!(paint("", Role::Run), "\x1b[34mx\x1b[0m");
        assert_eq!(paint("RUN=light-Green", Role::Run), "\x1b[92mx\x1b[0m");
        let several = "run=cyan:error=255,0,0:cancel=nonsense:warning=1,2:what=red";
        assert_eq!(paint(several, Role::Run), "\x1b[36mx\x1b[0m");
        assert_eq!(paint(several, Role::Error), "\x1b[38;5;196mx\x1b[0m");
        assert_eq!(paint(several, Role::Cancel), "\x1b[33mx\x1b[0m");
        assert_eq!(paint(several, Role::Warning), "\x1b[33mx\x1b[0m");
    }

    #[test]
    fn no_color_means_none() {
        let env = Env::from_variables([("NO_COLOR", "1"), ("BUILDKIT_COLORS", "run=red")]);
        assert_eq!(Colours::from_env(&env).paint(Role::Run, "x"), "x");
    }
}
