use super::*;

fn refused(text: &str) -> String {
    read(OF_LISTS, text).unwrap_err().to_string()
}

#[test]
fn every_word_means_its_form() {
    let document = |document| Form::Shape(Shape::Document(document));
    for (text, form) in [
        ("table", Form::Shape(Shape::Text)),
        ("wide", Form::Shape(Shape::Wide)),
        ("json", document(Document::Json)),
        ("yaml", document(Document::Yaml)),
        ("name", document(Document::Name)),
        ("jsonpath-file=a=b", Form::JsonPathFile("a=b".into())),
        ("custom-columns-file=x", Form::ColumnsFile("x".into())),
        (
            "jsonpath=a",
            document(Document::JsonPath("a".parse().unwrap())),
        ),
    ] {
        assert_eq!(read(OF_LISTS, text).unwrap(), form, "{text}");
    }
    assert_eq!(read(OF_ONE, "text").unwrap(), Form::default());
    assert!(read(OF_ONE, "wide").is_err());
}

#[test]
fn errors_say_where_and_what_instead() {
    let wrong = [
        "jsno",
        "go-template={{.a}}",
        "jsonpath",
        "jsonpath-file=",
        "custom-columns=",
        "custom-columns=NAME",
        "custom-columns=NAME:.a,B:{.a}{.b}",
        "custom-columns=NAME:.a[",
        "jsonpath={.items[*].name",
        "jsonpath={items[*].name}",
        "jsonpath={range .items[*]}{.name}",
        "jsonpath={.name}{end}",
        "jsonpath={end .a}",
        "jsonpath={.a range}",
        "jsonpath={.items[x]}",
        "jsonpath={.items[?(@.name=\"a\"}",
        "jsonpath={.items[?(@.name=~\"a\")]}",
        "jsonpath={.items[?(@.name==)]}",
        "jsonpath={.items[?(@.a==\"b\" && @.c)]}",
        "jsonpath={\"open}",
        "jsonpath={\"\\q\"}",
        "jsonpath={.a....b}",
        "jsonpath={1.2.3}",
        "jsonpath={.items[0}",
        "jsonpath=a{.b}\u{e4}{%}",
    ];
    let said = wrong.map(|text| format!("{text}\n  {}", refused(text)));
    insta::assert_snapshot!(said.join("\n"));
}

proptest::proptest! {
    #[test]
    fn no_text_breaks_the_reader(
        text in "(\\{|\\}|\\[|\\]|\\?|\\(|\\)|\\.|@|\\$|'|\"|\\\\|,|:|[-0-9]|=|<|range |end|a|\u{e4}| |\n){0,24}"
    ) {
        let _ = text.parse::<Template>();
        let _ = Columns::from_spec(&text);
        let _ = Columns::from_file(&text);
    }
}
