//! What can be built, and what it takes: `--call outline`, `targets` and `subrequests.describe`.

use serde::Deserialize;

use super::columns::columns;

/// Gaps between columns: of short tables, and of those with several.
const NARROW: usize = 1;
const WIDE: usize = 3;

/// What a target takes.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Outline {
    name: String,
    description: String,
    args: Option<Vec<Argument>>,
    secrets: Option<Vec<Need>>,
    ssh: Option<Vec<Need>>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Argument {
    name: String,
    description: String,
    value: String,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Need {
    name: String,
    required: bool,
}

/// The targets of a Dockerfile.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct List {
    targets: Option<Vec<Target>>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Target {
    name: String,
    default: bool,
    description: String,
}

/// A question that the frontend answers.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Method {
    name: String,
    version: String,
    description: String,
}

fn row(cells: &[&str]) -> Vec<String> {
    cells.iter().map(|cell| (*cell).to_owned()).collect()
}

/// What a target takes.
pub(super) fn outline(outline: &Outline, terminal: Option<usize>) -> String {
    let mut text = String::new();
    let mut add = |rows: &[Vec<String>], gap: usize| text += &(columns(rows, gap, terminal) + "\n");
    if !outline.name.is_empty() || !outline.description.is_empty() {
        let name = if outline.name.is_empty() {
            "(default)"
        } else {
            &outline.name
        };
        let mut rows = vec![row(&["TARGET:", name])];
        if !outline.description.is_empty() {
            rows.push(row(&["DESCRIPTION:", &outline.description]));
        }
        add(&rows, NARROW);
    }
    if let Some(args) = outline.args.as_ref().filter(|args| !args.is_empty()) {
        let mut rows = vec![row(&["BUILD ARG", "VALUE", "DESCRIPTION"])];
        rows.extend(
            args.iter()
                .map(|arg| row(&[&arg.name, &arg.value, &arg.description])),
        );
        add(&rows, WIDE);
    }
    for (title, needs) in [("SECRET", &outline.secrets), ("SSH", &outline.ssh)] {
        let Some(needs) = needs.as_ref().filter(|needs| !needs.is_empty()) else {
            continue;
        };
        let required = |need: &Need| if need.required { "true" } else { "" };
        let mut rows = vec![row(&[title, "REQUIRED"])];
        rows.extend(needs.iter().map(|need| row(&[&need.name, required(need)])));
        add(&rows, WIDE);
    }
    text
}

/// The targets of a Dockerfile.
pub(super) fn targets(list: &List, terminal: Option<usize>) -> String {
    let name = |target: &Target| match (target.name.as_str(), target.default) {
        ("", true) => "(default)".to_owned(),
        (name, true) => format!("{name} (default)"),
        (name, false) => name.to_owned(),
    };
    let mut rows = vec![row(&["TARGET", "DESCRIPTION"])];
    let targets = list.targets.iter().flatten();
    rows.extend(targets.map(|target| row(&[&name(target), &target.description])));
    columns(&rows, NARROW, terminal)
}

/// The questions that the frontend answers.
pub(super) fn methods(methods: &[Method], terminal: Option<usize>) -> String {
    let name = |method: &Method| {
        let name = method.name.strip_prefix("frontend.");
        name.unwrap_or(&method.name).to_owned()
    };
    let mut rows = vec![row(&["NAME", "VERSION", "DESCRIPTION"])];
    rows.extend(
        methods
            .iter()
            .map(|m| row(&[&name(m), &m.version, &m.description])),
    );
    columns(&rows, NARROW, terminal)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn outlines() {
        let json = r#"{"name":"final","description":"what it is","args":[
            {"name":"VERSION","value":"1"},{"name":"NAME","description":"is who"}],
            "secrets":[{"name":"tok","required":true}],"ssh":[{"name":"default"}],"cache":null}"#;
        let expected = "TARGET:      final\nDESCRIPTION: what it is\n\n\
             BUILD ARG   VALUE   DESCRIPTION\nVERSION     1       \nNAME                is who\n\n\
             SECRET   REQUIRED\ntok      true\n\nSSH       REQUIRED\ndefault   \n\n";
        assert_eq!(
            outline(&serde_json::from_str(json).unwrap(), None),
            expected
        );
        assert_eq!(outline(&Outline::default(), None), "");
    }

    #[test]
    fn targets_and_methods() {
        let json = r#"{"targets":[{"name":"base","description":"stage"},{"default":true},
            {"name":"last","default":true}]}"#;
        let expected = "TARGET         DESCRIPTION\nbase           stage\n\
             (default)      \nlast (default) \n";
        assert_eq!(
            targets(&serde_json::from_str(json).unwrap(), None),
            expected
        );
        let json = r#"[{"name":"frontend.outline","version":"1.0.0","description":"List"}]"#;
        let known: Vec<Method> = serde_json::from_str(json).unwrap();
        assert_eq!(
            methods(&known, None),
            "NAME    VERSION DESCRIPTION\noutline 1.0.0   List\n"
        );
    }
}
