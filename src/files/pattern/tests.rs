//! What patterns match. The expectations of the table are those of BuildKit's own client.

use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;

use super::*;

mod documented;
mod reference;

/// Patterns, paths that match, paths that do not; all separated by spaces.
type Row = (&'static str, &'static str, &'static str);

const TABLE: &[Row] = &[
    // literal names and what is below
    (
        "node_modules",
        "node_modules node_modules/x/y.js",
        "src/node_modules node_modules2 node_module",
    ),
    (
        "docs/api",
        "docs/api docs/api/index.md",
        "docs docs/apis docs/ap x/docs/api",
    ),
    ("./build/", "build build/out", ""),
    ("build//", "build", "builds"),
    ("/etc", "", "etc"),
    ("a/./b/../c", "a/c a/c/d", "a/b"),
    ("README.md", "README.md", "READMEamd readme.md"),
    ("a+b(c)|{d}$", "a+b(c)|{d}$", "aab"),
    (".git", ".git", ".gitignore x/.git"),
    ("héllo", "héllo", "hello"),
    // star
    ("*", "a a/b .hidden", ""),
    ("*.log", "a.log .log a.log/inside", "dir/a.log a.logs"),
    ("a*", "a abc ab/c", "ba"),
    ("*a", "a ba", "b/a"),
    ("a*c", "ac abc abbc", "a/c ab/c"),
    ("a*b*c", "abc axbxc axxbyyc", "acb"),
    ("*/*.txt", "a/b.txt a/b.txt/c", "b.txt a/b/c.txt"),
    ("*/*", "a/b a/b/c", "a"),
    (
        "src/*/test",
        "src/a/test src/a/test/x",
        "src/test src/a/b/test",
    ),
    ("*.*", "a.b . a.", "ab"),
    ("temp-*-[0-9]", "temp-x-1 temp--9", "temp-x-10 temp-x-a"),
    // question mark
    ("?", "a a/b ☺", "ab"),
    ("a?c", "abc a☺c", "a/c ac abbc"),
    ("??", "ab", "☺ é"),
    ("file?.txt", "file1.txt", "file.txt file10.txt"),
    ("???/x", "abc/x", "ab/x abcd/x"),
    // two stars
    ("**", "a a/b/c", ""),
    ("**/", "a a/b", ""),
    ("**/**", "a a/b/c", ""),
    ("**/*.pyc", "a.pyc x/a.pyc x/y/a.pyc x/a.pyc/z", "a.py"),
    ("**/foo", "foo a/foo a/b/foo foo/x a/foo/x", "afoo a/afoo"),
    ("**foo", "foo afoo a/bfoo a/foo", "foob"),
    ("**foo*", "foo foobar a/foobar", "barfoo a/barfoo"),
    ("foo/**", "foo/a foo/a/b", "foo foob/a"),
    ("foo**", "foo foobar foo/bar", "afoo"),
    (
        "foo/**/bar",
        "foo/bar foo/a/bar foo/a/b/bar foo/a/bar/x",
        "foo/abar foobar",
    ),
    ("a/**/b/**/c", "a/b/c a/x/b/y/c a/b/x/y/c", "a/c"),
    ("a**b", "ab a/b axx/b", "axb a/xb"),
    (
        "a**/*.txt",
        "a/f.txt a/d/f.txt ab/f.txt ab.txt a/d/e/f.txt",
        "",
    ),
    ("a/*.txt**", "a/f.txt a/f.txtx a/f.txt/x", "a/b/f.txt"),
    ("**/dir/*", "dir/a x/dir/a x/y/dir/a/b", "dir"),
    ("**/dir/**", "dir/a x/dir/a/b", "dir dirx/a"),
    ("**/**/*.txt", "f.txt a/f.txt a/b/f.txt", "f.md"),
    ("***", "a a/b", ""),
    ("**/.env", ".env a/.env", "a.env"),
    ("**/a?c", "abc x/abc", "x/a/c"),
    (r"**/a\*c", "a*c x/a*c", "axc"),
    (r"**a\*c", "a*c x/a*c", "xa*c"),
    ("**.txt", "a.txt b/a.txt .txt", "a.txtx"),
    ("**/a.b", "a.b x/a.b", "xa.b a_b"),
    // classes
    ("[abc]", "a", "d ab [abc]"),
    ("[a-c]x", "bx", "dx -x"),
    ("[^a-c]x", "dx", "ax"),
    ("[^a]*", "b bc", "a ab"),
    ("a[b-d]e", "ace", "aee ae"),
    ("[a-ζ]*", "α", "A"),
    ("*[0-9]", "a1 1", "a a1b"),
    (r"[\]a]", "] a", "b"),
    (r"[\-x]", "- x", "a"),
    (r"[x\-]", "- x", "z"),
    ("[[]", "[", "]"),
    ("[.]", ".", "a"),
    ("[&~]", "& ~", "a"),
    ("[a&&b]", "a & b", ""),
    ("[a^]", "^ a", "b"),
    ("a[/]b", "a/b", ""),
    ("a[^x]b", "a/b aab", "axb"),
    ("[[:digit:]]x", "1x", "ax :x"),
    ("[[:alpha:][:digit:]_]", "a 1 _", "-"),
    ("v[0-9]*.[0-9]", "v1.2 v10.3", "v.2 v1.x"),
    // escapes
    (r"a\*b", "a*b", "axb"),
    (r"a\?b", "a?b", "axb"),
    (r"a\[b", "a[b", r"a\[b"),
    (r"a\\b", r"a\b", "ab"),
    (r"\!a", "!a", "a"),
    ("a]", "a]", "a"),
    (r"\#", "#", "a"),
    (r"a\/b", "a/b", ""),
    // order
    ("* !a", "b", "a a/x"),
    ("a !a/b", "a a/c", "a/b a/b/c"),
    ("a/* !a/b", "a/c", "a a/b a/b/c"),
    ("!a *", "a b", ""),
    ("*.md !README.md", "a.md", "README.md x/README.md"),
    (
        "*.md !README*.md README-secret.md",
        "README-secret.md",
        "README-x.md README.md",
    ),
    ("** !src", "other", "src src/a/b src/node_modules"),
    ("** !src src/node_modules", "src/node_modules/x", "src/a"),
    (
        "** !util/docker/web util/docker/web/foo",
        "util/docker/web/foo util/docker/web/foo/bar util/docker",
        "util/docker/web/bar",
    ),
    ("** !*.go", "x/a.go", "a.go"),
    ("** !**/*.go", "x/y", "a.go x/a.go"),
    ("a !a", "", "a a/b"),
    ("a !a a", "a a/b", ""),
    ("!a", "", "a b"),
    ("!a !b", "", "a b"),
    ("a* !ab* abc*", "a abc abcd", "ab abd"),
    (
        "dist !dist/*.whl",
        "dist dist/x/a.whl",
        "dist/a.whl dist/a.whl/x",
    ),
    (".git !.git/HEAD", ".git .git/refs", ".git/HEAD"),
    ("x/y !x", "x/y x/y/z", "x"),
    ("!x x/y", "x/y", "x"),
    ("*/x !a", "a/x b/x", "a a/y"),
    (
        "** !a/b/c a/b/c/d !a/b/c/d/e",
        "a a/b a/b/c/d",
        "a/b/c a/b/c/d/e a/b/c/x",
    ),
];

const INVALID: &[(&str, PatternFault)] = &[
    ("!", PatternFault::NothingTakenBack),
    ("[", PatternFault::OpenClass),
    ("[^", PatternFault::OpenClass),
    ("[a", PatternFault::OpenClass),
    ("a[", PatternFault::OpenClass),
    ("[^bc", PatternFault::OpenClass),
    (r"[a\]b", PatternFault::OpenClass),
    ("[[:digit:]", PatternFault::OpenClass),
    ("[]", PatternFault::EmptyRange),
    ("[^]", PatternFault::EmptyRange),
    ("[]a]", PatternFault::EmptyRange),
    ("[-]", PatternFault::EmptyRange),
    ("[x-]", PatternFault::EmptyRange),
    ("[-x]", PatternFault::EmptyRange),
    ("[a-b-c]", PatternFault::EmptyRange),
    ("[+--]", PatternFault::EmptyRange),
    (r"a\", PatternFault::TrailingEscape),
    (r"[a\", PatternFault::TrailingEscape),
    ("[z-a]", PatternFault::ReversedRange),
    ("[Local-Only]/", PatternFault::ReversedRange),
];

fn walk(matcher: &Matcher, path: &[u8]) -> bool {
    let mut carried = Carried::default();
    let slashes = path.iter().enumerate().filter(|(_, byte)| **byte == b'/');
    for (slash, _) in slashes {
        carried = matcher.enter(&path[..slash], &carried).1;
    }
    let verdict = matcher.matches(path, &carried);
    assert_eq!(
        matcher.enter(path, &carried).0,
        verdict,
        "files and folders differ"
    );
    verdict
}

fn matches(patterns: &[&str], path: &str) -> bool {
    walk(&Matcher::new(patterns).unwrap(), path.as_bytes())
}

#[test]
fn the_table_holds() {
    let mut rows = 0;
    for (patterns, hits, misses) in TABLE.iter().chain(documented::TABLE) {
        let patterns: Vec<_> = patterns.split(' ').collect();
        for (paths, want) in [(hits, true), (misses, false)] {
            for path in paths.split(' ').filter(|path| !path.is_empty()) {
                assert_eq!(matches(&patterns, path), want, "{patterns:?} on {path:?}");
                rows += 1;
            }
        }
    }
    assert!(rows > 500, "{rows}");
}

#[test]
fn invalid_patterns_are_named() {
    for (pattern, fault) in INVALID {
        let error = Matcher::new(&["fine", pattern]).unwrap_err();
        assert_eq!(error.fault, *fault, "{pattern}");
        assert_eq!(error.pattern, *pattern);
    }
}

#[test]
fn what_leaks_into_expressions_elsewhere_stands_for_itself() {
    let rows = [
        (r"a\d", "ad", "a1"),
        ("^*", "^a", "a"),
        ("a^*", "a^b", "ab"),
        ("a[*]b", "a*b", "axb"),
        ("a[?]b", "a?b", "axb"),
        (r"\é", "é", "e"),
        ("*/x", "a\n/x", "a\n/y"),
        ("**/*.o", "a\nb/c.o", "a\nb/c"),
    ];
    for (pattern, hit, miss) in rows {
        assert!(matches(&[pattern], hit), "{pattern} on {hit:?}");
        assert!(!matches(&[pattern], miss), "{pattern} on {miss:?}");
    }
}

#[test]
fn blank_lines_and_white_space_mean_nothing() {
    assert!(!matches(&["", "  ", "\t"], "a"));
    assert!(matches(&["  a\u{a0} "], "a"));
    assert!(!matches(&["a", "  !a/b  "], "a/b"));
}

#[test]
fn names_that_are_no_text_match_byte_by_byte() {
    let rows: [(&[u8], &[u8], &[u8]); 6] = [
        (b"a?b", b"a\xffb", b"a\xff\xfeb"),
        (b"*.o", b"\xff\xfe.o", b"\xff.c"),
        (b"\xff*", b"\xff1", b"\xfe1"),
        (b"a\xff", b"a\xff", b"a\xfe"),
        (b"[^a]x", b"\xffx", b"ax"),
        (b"**/\xff.o", b"d/\xff.o", b"d/\xfe.o"),
    ];
    for (pattern, hit, miss) in rows {
        let matcher = Matcher::new(&[pattern]).unwrap();
        assert!(walk(&matcher, hit), "{pattern:?}");
        assert!(!walk(&matcher, miss), "{pattern:?}");
    }
}

#[test]
fn most_patterns_need_no_expression() {
    let rule = |pattern| Rule::new(pattern).unwrap();
    assert!(matches!(rule("a.b/(c)+"), Rule::Exact(_)));
    assert!(matches!(rule(r"a\*b"), Rule::Exact(text) if text == "a*b"));
    assert!(matches!(rule("**"), Rule::Prefix(text) if text.is_empty()));
    assert!(matches!(rule("dir/**"), Rule::Prefix(text) if text == "dir/"));
    assert!(matches!(rule("**/dir"), Rule::Suffix(text) if text == "/dir"));
    assert!(matches!(rule("**.pyc"), Rule::Suffix(text) if text == ".pyc"));
    let Rule::Regex { head, tail, .. } = rule("src/**/*.pyc") else {
        panic!("no expression");
    };
    assert_eq!((head.as_str(), tail.as_str()), ("src/", ".pyc"));
}

#[test]
fn a_long_list_works() {
    let patterns: Vec<_> = (0..400)
        .flat_map(|i| [format!("dir{i}/**/*.o"), format!("!dir{i}/keep/*.o")])
        .collect();
    let matcher = Matcher::new(&patterns).unwrap();
    assert!(walk(&matcher, b"dir399/a/b/c.o"));
    assert!(!walk(&matcher, b"dir399/keep/c.o"));
    assert!(walk(&matcher, b"dir399/keep/d/c.o"));
    assert!(!walk(&matcher, b"dir400/a.o"));
}

#[test]
fn escaped_names_match_themselves() {
    for name in ["[id].ts", "a*b?", r"a\b", "!x", "plain", "]["] {
        let pattern = Glob::escape(name.as_bytes());
        assert!(
            walk(&Matcher::new(&[&pattern]).unwrap(), name.as_bytes()),
            "{name}"
        );
        assert!(!Glob::is_one(&pattern), "{name}");
        assert_eq!(Glob::unescape(&pattern), name.as_bytes());
    }
}

fn some_pattern() -> impl Strategy<Value = String> {
    const PIECES: &[&str] = &[
        "a", "b", "c", ".", "é", "/", "/", "*", "**", "**/", "/**", "?", "[^a]", "[a-b]", r"\*",
    ];
    (any::<bool>(), vec(select(PIECES), 1..7)).prop_filter_map("empty", |(negative, pieces)| {
        let clean = path::clean(pieces.concat().trim_start_matches('/').as_bytes());
        let pattern = String::from_utf8(clean).unwrap();
        (pattern != ".").then(|| {
            if negative {
                format!("!{pattern}")
            } else {
                pattern
            }
        })
    })
}

fn some_path() -> impl Strategy<Value = String> {
    let name = vec(select(&["a", "b", "c", ".x", "é", "*"][..]), 1..4);
    vec(name.prop_map(|pieces| pieces.concat()), 1..5).prop_map(|names| names.join("/"))
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn agrees_with_the_reference(
        patterns in vec(some_pattern(), 1..6),
        paths in vec(some_path(), 1..8),
    ) {
        let matcher = Matcher::new(&patterns).unwrap();
        for path in paths {
            let want = reference::matches(&patterns, &path);
            prop_assert_eq!(walk(&matcher, path.as_bytes()), want, "{:?} on {:?}", patterns, path);
        }
    }

    #[test]
    fn pruning_loses_nothing(patterns in vec(some_pattern(), 1..6), path in some_path()) {
        let matcher = Matcher::new(&patterns).unwrap();
        let verdict = walk(&matcher, path.as_bytes());
        let mut carried = Carried::default();
        for (slash, _) in path.match_indices('/') {
            let folder = &path.as_bytes()[..slash];
            let (matched, now) = matcher.enter(folder, &carried);
            carried = now;
            if matched && !matcher.may_take_back_below(folder, &carried) {
                prop_assert!(verdict, "{:?} on {:?}", patterns, path);
            }
            if !matched && !matcher.may_match_below(folder, &carried) {
                prop_assert!(!verdict, "{:?} on {:?}", patterns, path);
            }
        }
    }

    #[test]
    fn never_panics(lines in vec(vec(any::<u8>(), 0..12), 0..4), path in vec(any::<u8>(), 0..20)) {
        if let Ok(matcher) = Matcher::new(&lines) {
            walk(&matcher, &path);
        }
    }

    #[test]
    fn never_panics_on_what_looks_like_a_pattern(line in r"[\[\]\\*?!^a:/-]{0,10}", path in "[a/*-]{0,8}") {
        if let Ok(matcher) = Matcher::new(&[&line]) {
            walk(&matcher, path.as_bytes());
        }
    }
}
