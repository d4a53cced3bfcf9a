use serde::Deserialize;
use serde_json::json;

use super::*;

/// What kubectl made of a template and the document beside it.
#[derive(Deserialize)]
struct Case {
    template: String,
    /// Nothing if it refused it.
    output: Option<String>,
}

/// What kubectl refuses and what is printed here.
const MORE: [(&str, &str); 1] = [
    // Whole numbers and fractions are both numbers.
    ("{.fractions[?(@>1)]}", "1.25e+30 1.000000005e+08"),
];
/// What kubectl takes and what is refused here: it fills the rest of the template once more after it.
const LESS: [&str; 1] = ["{range .users[*]}{.name}"];

fn ours(template: &str, document: &Value) -> Option<String> {
    let template: Template = template.parse().ok()?;
    filled(&template, document).ok()
}

#[test]
fn templates_give_what_kubectl_prints() {
    let document = include_str!("../../../tests/fixtures/jsonpath/document.json");
    let document: Value = serde_json::from_str(document).unwrap();
    let cases = include_str!("../../../tests/fixtures/jsonpath/kubectl.json");
    let cases: Vec<Case> = serde_json::from_str(cases).unwrap();
    assert!(cases.len() > 100);
    for Case { template, output } in cases {
        let more = MORE.iter().find(|(other, _)| *other == template);
        let output = match more {
            Some((_, more)) => Some((*more).to_owned()),
            None if LESS.contains(&template.as_str()) => None,
            None => output,
        };
        assert_eq!(ours(&template, &document), output, "{template}");
    }
}

#[test]
fn a_template_that_does_not_fit_says_why() {
    let document = json!({"a": [1, "x"], "b": {"c": 1}});
    let said = |template: &str| {
        let template: Template = template.parse().unwrap();
        filled(&template, &document).unwrap_err().to_string()
    };
    assert_eq!(said("{.a[2]}"), "index 2 is outside of a list of 2");
    assert_eq!(
        said("{.a[1:0]}"),
        "a slice from 1 to 0 begins behind its end"
    );
    assert_eq!(
        said("{.a[::-1]}"),
        "a slice goes forward by 1 or more, not by -1"
    );
    assert_eq!(said("{.b[0]}"), r#"{"c":1} is no list"#);
    assert_eq!(said("{.a[?(@>0)]}"), "x and 0 cannot be compared");
}

#[test]
fn cells_are_kubectls() {
    let columns = Columns::from_spec("A:a,B:.b,C:{.c},D:d[*].x,E:e,F:{f}").unwrap();
    let item =
        json!({"a": "text", "b": null, "c": {"y": [1, 2], "x": true}, "d": [{"x": 1}, {"x": 2}]});
    let cells = cells(&columns, &item).unwrap();
    let expected = [
        "text",
        "<nil>",
        "map[x:true y:[1 2]]",
        "1,2",
        "<none>",
        "<none>",
    ];
    assert_eq!(cells, expected);
}
