//! Source files, parsed.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use syn::spanned::Spanned as _;
use syn::visit::{self, Visit};

/// One file of Rust.
pub struct Source {
    /// Its path from the root of the repository.
    pub path: String,
    /// The modules that lead to it: `["session", "tunnel"]`; none for `lib.rs` and `main.rs`.
    pub module: Vec<String>,
    /// Its text.
    pub text: String,
    /// Its syntax, without what is compiled for tests only.
    pub syntax: syn::File,
    /// Its syntax, whole.
    whole: syn::File,
}

/// Every Rust file below `root`.
pub fn read_tree(root: &str) -> Vec<Source> {
    let mut sources = Vec::new();
    let mut folders = vec![root.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(&folder).unwrap_or_else(|error| panic!("{folder}: {error}")) {
            let path = entry.unwrap().path().to_str().unwrap().to_owned();
            if Path::new(&path).is_dir() {
                folders.push(path);
            } else if path.ends_with(".rs") {
                sources.push(Source::read(root, path));
            }
        }
    }
    sources.sort_by(|a, b| a.path.cmp(&b.path));
    sources
}

/// The modules that the file at `path` declares.
pub fn declared_in(path: &str) -> BTreeSet<String> {
    let text = fs::read_to_string(path).unwrap_or_else(|error| panic!("{path}: {error}"));
    modules(&syn::parse_file(&text).unwrap()).collect()
}

/// The modules that lie in `folder` as files or folders.
pub fn modules_in(folder: &str) -> BTreeSet<String> {
    let names = fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap());
    let module = |name: String| match name.strip_suffix(".rs") {
        Some(module) => Some(module.to_owned()).filter(|module| module != "main"),
        None => Path::new(folder)
            .join(&name)
            .join("mod.rs")
            .exists()
            .then_some(name),
    };
    names.filter_map(module).collect()
}

fn modules(file: &syn::File) -> impl Iterator<Item = String> + '_ {
    file.items.iter().filter_map(|item| match item {
        syn::Item::Mod(module) => Some(module.ident.to_string()),
        _ => None,
    })
}

fn is_for_tests(attributes: &[syn::Attribute]) -> bool {
    attributes.iter().any(|attribute| {
        attribute.path().is_ident("cfg")
            && attribute
                .parse_args::<syn::Ident>()
                .is_ok_and(|ident| ident == "test")
    })
}

fn item_attributes(item: &syn::Item) -> &[syn::Attribute] {
    match item {
        syn::Item::Mod(item) => &item.attrs,
        syn::Item::Use(item) => &item.attrs,
        syn::Item::Fn(item) => &item.attrs,
        syn::Item::Impl(item) => &item.attrs,
        _ => &[],
    }
}

impl Source {
    fn read(root: &str, path: String) -> Self {
        let text = fs::read_to_string(&path).unwrap_or_else(|error| panic!("{path}: {error}"));
        let whole = syn::parse_file(&text).unwrap_or_else(|error| panic!("{path}: {error}"));
        let mut syntax = whole.clone();
        syntax
            .items
            .retain(|item| !is_for_tests(item_attributes(item)));
        let inside = path
            .strip_prefix(root)
            .unwrap()
            .trim_start_matches('/')
            .trim_end_matches(".rs");
        let mut module: Vec<String> = inside.split('/').map(str::to_owned).collect();
        if module.last().is_some_and(|last| last == "mod") {
            module.pop();
        }
        if module.len() == 1 && matches!(module[0].as_str(), "lib" | "main") {
            module.clear();
        }
        Self {
            path,
            module,
            text,
            syntax,
            whole,
        }
    }

    pub fn is_library(&self) -> bool {
        self.path == "src/lib.rs"
    }

    /// Whether the file is one of tests only, beside the code that it tests.
    pub fn is_tests(&self) -> bool {
        self.module
            .last()
            .is_some_and(|name| name == "tests" || name.ends_with("_tests"))
    }

    pub fn layer(&self) -> Option<&str> {
        self.module.first().map(String::as_str)
    }

    pub fn declared_modules(&self) -> Vec<String> {
        modules(&self.syntax).collect()
    }

    /// Lines that hold code and are not for tests.
    pub fn code_lines(&self) -> usize {
        if self.is_tests() {
            return 0;
        }
        let is_code = |line: &&str| !line.trim().is_empty() && !line.trim_start().starts_with("//");
        let code = |text: &str| text.lines().filter(is_code).count();
        let tests: usize = self
            .whole
            .items
            .iter()
            .filter(|item| is_for_tests(item_attributes(item)))
            .filter_map(|item| item.span().source_text())
            .map(|text| code(&text))
            .sum();
        code(&self.text) - tests
    }

    /// Every function with its length in lines.
    pub fn functions(&self) -> Vec<(String, usize)> {
        let mut visitor = Functions::default();
        visitor.visit_file(&self.whole);
        visitor.0
    }

    pub fn has_async(&self) -> bool {
        let mut visitor = Asyncs(false);
        visitor.visit_file(&self.syntax);
        visitor.0
    }

    /// Every path in the file, `use` groups unfolded: `["crate::event::Event", "std::fmt"]`.
    pub fn paths(&self) -> BTreeSet<String> {
        let mut visitor = Paths::default();
        visitor.visit_file(&self.syntax);
        visitor.0
    }

    /// The layers that the file names.
    pub fn used_layers(&self) -> BTreeSet<String> {
        let paths = self.paths();
        let layer = |path: &String| {
            path.strip_prefix("crate::")?
                .split("::")
                .next()
                .map(str::to_owned)
        };
        paths.iter().filter_map(layer).collect()
    }

    pub fn names_crate(&self, name: &str) -> bool {
        self.paths()
            .iter()
            .any(|path| path.split("::").next() == Some(name))
    }
}

#[derive(Default)]
struct Functions(Vec<(String, usize)>);

impl Functions {
    fn add(&mut self, signature: &syn::Signature, block: &syn::Block) {
        let lines = block.span().end().line - signature.span().start().line + 1;
        self.0.push((signature.ident.to_string(), lines));
    }
}

impl Visit<'_> for Functions {
    fn visit_item_fn(&mut self, function: &syn::ItemFn) {
        self.add(&function.sig, &function.block);
        visit::visit_item_fn(self, function);
    }

    fn visit_impl_item_fn(&mut self, function: &syn::ImplItemFn) {
        self.add(&function.sig, &function.block);
        visit::visit_impl_item_fn(self, function);
    }
}

struct Asyncs(bool);

impl Visit<'_> for Asyncs {
    fn visit_signature(&mut self, signature: &syn::Signature) {
        self.0 |= signature.asyncness.is_some();
    }

    fn visit_expr_async(&mut self, _: &syn::ExprAsync) {
        self.0 = true;
    }
}

#[derive(Default)]
struct Paths(BTreeSet<String>);

impl Paths {
    fn add_use(&mut self, prefix: &str, tree: &syn::UseTree) {
        let join = |name: &dyn std::fmt::Display| match prefix {
            "" => name.to_string(),
            _ => format!("{prefix}::{name}"),
        };
        match tree {
            syn::UseTree::Path(path) => self.add_use(&join(&path.ident), &path.tree),
            syn::UseTree::Name(name) => _ = self.0.insert(join(&name.ident)),
            syn::UseTree::Rename(rename) => _ = self.0.insert(join(&rename.ident)),
            syn::UseTree::Glob(_) => _ = self.0.insert(prefix.to_owned()),
            syn::UseTree::Group(group) => {
                group
                    .items
                    .iter()
                    .for_each(|tree| self.add_use(prefix, tree));
            }
        }
    }
}

impl Visit<'_> for Paths {
    fn visit_item_use(&mut self, item: &syn::ItemUse) {
        self.add_use("", &item.tree);
    }

    fn visit_path(&mut self, path: &syn::Path) {
        let names: Vec<String> = path.segments.iter().map(|s| s.ident.to_string()).collect();
        self.0.insert(names.join("::"));
        visit::visit_path(self, path);
    }
}
