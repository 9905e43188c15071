//! Names that stand in Python, Rust, TOML and paths alike, so that what is written is what was meant.

use super::ScaffoldError;

/// Longer ones make file names that some systems refuse.
const LONGEST: usize = 64;

const PYTHON_KEYWORDS: [&str; 35] = [
    "False", "None", "True", "and", "as", "assert", "async", "await", "break", "class", "continue", "def", "del",
    "elif", "else", "except", "finally", "for", "from", "global", "if", "import", "in", "is", "lambda", "nonlocal",
    "not", "or", "pass", "raise", "return", "try", "while", "with", "yield",
];

/// Keywords of Rust that may be written raw, as `r#type`.
const RUST_KEYWORDS: [&str; 47] = [
    "abstract", "as", "async", "await", "become", "box", "break", "const", "continue", "do", "dyn", "else", "enum",
    "extern", "false", "final", "fn", "for", "gen", "if", "impl", "in", "let", "loop", "macro", "match", "mod", "move",
    "mut", "override", "priv", "pub", "ref", "return", "static", "struct", "trait", "true", "try", "type", "typeof",
    "unsafe", "unsized", "use", "virtual", "where", "while",
];

/// The only keywords that cannot be written raw, and the name that is none.
const NEVER_RAW: [&str; 5] = ["self", "Self", "super", "crate", "_"];

/// Names that the scaffold's own modules have.
const TAKEN: [&str; 6] = ["python", "mod", "native", "Native", "extension", "main"];

/// Checks the name of a pair: a workload, a module of both languages, a function of both.
///
/// # Errors
/// When it is no plain identifier, or one that means something else.
pub fn check(name: &str) -> Result<(), ScaffoldError> {
    let refuse = |why: &str| {
        Err(ScaffoldError::Name(format!(
            "{name:?} is no name for a pair: {why}\n  it becomes a function in Python and in Rust: letters, digits and `_`, such as parse_log"
        )))
    };
    let mut characters = name.chars();
    let starts = characters.next().is_some_and(|first| first.is_ascii_alphabetic() || first == '_');
    if !starts || !characters.all(|next| next.is_ascii_alphanumeric() || next == '_') {
        return refuse("it is no identifier");
    }
    if name.len() > LONGEST {
        return refuse(&format!("it is longer than {LONGEST} letters"));
    }
    if PYTHON_KEYWORDS.contains(&name) || NEVER_RAW.contains(&name) {
        return refuse("it is a keyword");
    }
    if TAKEN.contains(&name) || name.starts_with("__") {
        return refuse("the scaffold uses it itself");
    }
    Ok(())
}

/// Checks `module:callable`; dots are allowed on both sides.
///
/// # Errors
/// When it is of another form.
pub fn check_target(target: &str) -> Result<(), ScaffoldError> {
    let is_identifier = |part: &str| {
        let mut characters = part.chars();
        characters.next().is_some_and(|first| first.is_alphabetic() || first == '_')
            && characters.all(|next| next.is_alphanumeric() || next == '_')
    };
    let is_dotted = |path: &str| path.split('.').all(is_identifier);
    match target.split_once(':') {
        Some((module, path)) if is_dotted(module) && is_dotted(path) => Ok(()),
        _ => Err(ScaffoldError::Name(format!(
            "--from {target:?} is not of the form module:function\n  such as --from acme.logs:parse"
        ))),
    }
}

/// A Python name in Rust: keywords raw, or with `_` where that is impossible.
pub fn in_rust(name: &str) -> String {
    if NEVER_RAW.contains(&name) {
        format!("{name}_")
    } else if RUST_KEYWORDS.contains(&name) {
        format!("r#{name}")
    } else {
        name.to_owned()
    }
}

/// Any text as an identifier of both languages, such as a project's name for its module.
pub fn identifier(text: &str) -> String {
    let lower = text.chars().map(|next| if next.is_ascii_alphanumeric() { next.to_ascii_lowercase() } else { '_' });
    let joined: String = lower.collect();
    let parts: Vec<&str> = joined.split('_').filter(|part| !part.is_empty()).collect();
    let name = parts.join("_");
    match name.chars().next() {
        None => "project".to_owned(),
        Some(first) if first.is_ascii_digit() => format!("project_{name}"),
        Some(_) => name,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pair_has_a_plain_name() {
        for name in ["count_words", "CountWords", "type", "match", "fn", "x1", "_private"] {
            assert!(check(name).is_ok(), "{name}");
        }
        let long = "x".repeat(65);
        for name in [
            "", "1st", "a-b", "a.b", "../up", "a b", "é", "class", "self", "crate", "_", "__init__", "mod", "a\n",
            &long,
        ] {
            assert!(check(name).is_err(), "{name:?}");
        }
    }

    #[test]
    fn a_target_is_a_module_and_a_path_in_it() {
        for target in ["a:b", "acme.logs:Parser.parse", "naïf:f"] {
            assert!(check_target(target).is_ok(), "{target}");
        }
        for target in ["", "a", "a:", ":b", "a:b:c", "a;b:c", "a:b()", "a b:c", "../a:b", "a:b\n"] {
            assert!(check_target(target).is_err(), "{target:?}");
        }
    }

    #[test]
    fn keywords_are_escaped_and_projects_named() {
        assert_eq!(["type", "self", "text"].map(in_rust), ["r#type", "self_", "text"]);
        assert_eq!(["Acme ETL!", "3d", "--", "a__b"].map(identifier), ["acme_etl", "project_3d", "project", "a_b"]);
    }
}
