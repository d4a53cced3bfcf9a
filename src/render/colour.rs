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

    /// BuildKit's colours, changed by `BUILDKIT_COLORS`, and what in it cannot be understood; no
    /// colours if the user wants none.
    pub(super) fn from_env(env: &Env) -> (Self, Vec<String>) {
        if !are_wanted(env) {
            return (Self::none(), Vec::new());
        }
        let mut colours = Self {
            run: "34".to_owned(),
            cancel: "33".to_owned(),
            error: "31".to_owned(),
            warning: "33".to_owned(),
            faint: "2".to_owned(),
        };
        let settings = env.var("BUILDKIT_COLORS").map(fields).unwrap_or_default();
        let results = settings.iter().map(|setting| colours.set(setting));
        let complaints = results.filter_map(Result::err).collect();
        (colours, complaints)
    }

    /// Takes one of BuildKit's settings, for instance `run=light-blue`; what is wrong with it is said
    /// in BuildKit's words.
    fn set(&mut self, setting: &str) -> Result<(), String> {
        let (role, colour) = setting
            .split_once('=')
            .filter(|(_, colour)| !colour.contains('='))
            .ok_or_else(|| {
                format!(
                    "Could not parse BUILDKIT_COLORS component: {setting}: \
                     valid entry must have exactly two fields"
                )
            })?;
        let role = role.to_ascii_lowercase();
        let parameters = match named(colour) {
            Some(parameters) => parameters,
            None if colour.contains(',') => mixed(colour)?,
            None => {
                return Err(format!(
                    "Unknown color value found in BUILDKIT_COLORS: {role}={colour}: colors must be \
                     a name from the pre-defined list or a valid 3-part RGB value"
                ));
            }
        };
        *match role.as_str() {
            "run" => &mut self.run,
            "cancel" => &mut self.cancel,
            "error" => &mut self.error,
            "warning" => &mut self.warning,
            _ => {
                return Err(format!(
                    "Unknown key found in BUILDKIT_COLORS \
                     (expected: run, cancel, error, or warning): {role}"
                ));
            }
        } = parameters;
        Ok(())
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

/// Whether a terminal gets colours. What is no terminal never does, whatever is set.
pub(super) fn are_wanted(env: &Env) -> bool {
    let is_refused = env.var("NO_COLOR").is_some() || env.var("CLICOLOR") == Some("0");
    !is_refused && !env.has_dumb_terminal()
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
fn mixed(colour: &str) -> Result<String, String> {
    let parts: Vec<&str> = colour.split(',').collect();
    let [red, green, blue] = parts[..] else {
        return Err(format!(
            "Could not parse value {colour} as valid RGB color. Ignoring.: \
             valid RGB color must have three fields"
        ));
    };
    let level = |part: &str| match part.parse::<i64>() {
        Ok(part @ 0..=255) => Ok(part / 43),
        Ok(_) => Err(format!(
            "A field in BUILDKIT_COLORS appears to contain an RGB value \
             that is not within the valid range of 0-255: {colour}"
        )),
        Err(_) => Err(format!(
            "A field in BUILDKIT_COLORS appears to contain an RGB value \
             that is not an integer: {colour}"
        )),
    };
    let index = 16 + 36 * level(red)? + 6 * level(green)? + level(blue)?;
    Ok(format!("38;5;{index}"))
}

/// The settings in a list with colons, each of which may stand in quotes.
fn fields(list: &str) -> Vec<String> {
    let mut reader = csv::ReaderBuilder::new()
        .delimiter(b':')
        .has_headers(false)
        .from_reader(list.as_bytes());
    let record = reader.records().next().and_then(Result::ok);
    let record = record.unwrap_or_default();
    record.iter().map(str::to_owned).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn from(setting: &str) -> (Colours, Vec<String>) {
        Colours::from_env(&Env::from_variables([("BUILDKIT_COLORS", setting)]))
    }

    #[test]
    fn users_choose_colours_as_with_buildkit() {
        let paint = |setting: &str, role: Role| {
            let (colours, complaints) = from(setting);
            assert_eq!(complaints, Vec::<String>::new(), "{setting}");
            colours.paint(role, "x")
        };
        assert_eq!(paint("", Role::Run), "\x1b[34mx\x1b[0m");
        assert_eq!(paint("RUN=light-Green", Role::Run), "\x1b[92mx\x1b[0m");
        let several = "run=cyan:error=255,0,128:\"cancel=0,43,42\":warning=default";
        assert_eq!(paint(several, Role::Run), "\x1b[36mx\x1b[0m");
        assert_eq!(paint(several, Role::Error), "\x1b[38;5;198mx\x1b[0m");
        assert_eq!(paint(several, Role::Cancel), "\x1b[38;5;22mx\x1b[0m");
        assert_eq!(paint(several, Role::Warning), "\x1b[39mx\x1b[0m");
    }

    #[test]
    fn what_cannot_be_understood_is_said_and_the_rest_counts() {
        let setting = "run=cyan:what=red:error=nonsense:cancel=1,2:warning=1,2,x:run:a=b=c:\
                       error=1,2,256:cancel=red";
        let (colours, complaints) = from(setting);
        assert_eq!(colours.paint(Role::Run, "x"), "\x1b[36mx\x1b[0m");
        assert_eq!(colours.paint(Role::Cancel, "x"), "\x1b[31mx\x1b[0m");
        assert_eq!(colours.paint(Role::Error, "x"), "\x1b[31mx\x1b[0m");
        insta::assert_snapshot!(complaints.join("\n"));
    }

    #[test]
    fn no_color_means_none() {
        let env = Env::from_variables([("NO_COLOR", "1"), ("BUILDKIT_COLORS", "run=what")]);
        let (colours, complaints) = Colours::from_env(&env);
        assert_eq!(colours.paint(Role::Run, "x"), "x");
        assert!(complaints.is_empty());
    }
}
