//! `-o`, with the files that it names.

use std::fs;

use crate::cli::{Columns, Document, Form, Shape, Template};
use crate::env::Env;
use crate::error::{Error, Result};

/// The form in which a result is printed. Reads the file of a template: do it before anything is
/// changed.
pub(super) fn shape(form: &Form, env: &Env) -> Result<Shape> {
    Ok(match form {
        Form::Shape(shape) => shape.clone(),
        Form::JsonPathFile(path) => {
            let template = text(path, env)?.parse::<Template>();
            let template = template.map_err(|error| Error::usage(error.to_string()).at(path))?;
            Shape::Document(Document::JsonPath(template))
        }
        Form::ColumnsFile(path) => {
            let columns = Columns::from_file(&text(path, env)?);
            let columns = columns.map_err(|error| Error::usage(error.to_string()).at(path))?;
            Shape::Document(Document::Columns(columns))
        }
    })
}

fn text(path: &str, env: &Env) -> Result<String> {
    fs::read_to_string(env.absolute(path))
        .map_err(|error| Error::usage(format!("{path} cannot be read")).because(error))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_hold_what_could_be_typed() {
        let folder = tempfile::tempdir().unwrap();
        let mut env = Env::default();
        folder.path().clone_into(&mut env.current_dir);
        let write = |text: &str| fs::write(folder.path().join("f"), text).unwrap();
        let file = "f".to_owned();
        write("{.a}\n");
        let template = Document::JsonPath("{.a}\n".parse().unwrap());
        let read = shape(&Form::JsonPathFile(file.clone()), &env).unwrap();
        assert_eq!(read, Shape::Document(template));
        let refused = shape(&Form::ColumnsFile(file.clone()), &env).unwrap_err();
        assert!(refused.to_string().starts_with("f: "), "{refused}");
        write("NAME  B\n{.name} b\n");
        let columns = Columns::from_spec("NAME:name,B:.b").unwrap();
        let read = shape(&Form::ColumnsFile(file), &env).unwrap();
        assert_eq!(read, Shape::Document(Document::Columns(columns)));
        let missing = shape(&Form::JsonPathFile("g".into()), &env).unwrap_err();
        assert_eq!(missing.to_string(), "g cannot be read");
    }
}
