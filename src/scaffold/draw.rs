//! The Python of a pair: the callable that draws its inputs, and the test that both sides agree.

use std::path::Path;

use super::port::one_line;
use super::signature::{Parameter, Signature};
use super::types::Type;

/// How long what stands inside something else is.
const INNER: &str = "3";

/// What the drawn inputs are, for the manifest.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Drawn {
    /// The file's text.
    pub text: String,
    /// The points to measure at, as the manifest writes them.
    pub sizes: &'static str,
    /// What a size is, in words.
    pub meaning: String,
    /// What a size counts.
    pub unit: Option<&'static str>,
    /// Parameters that nothing could be drawn for.
    pub missing: Vec<String>,
}

/// Draws inputs by the annotations.
pub fn inputs(name: &str, target: &str, signature: &Signature) -> Drawn {
    let parameters = given(signature);
    let sized =
        parameters.iter().find_map(|it| unit(&it.kind).filter(|_| it.default.is_none()).map(|unit| (*it, unit)));
    let counted = parameters.iter().find(|it| it.kind == Type::Int && it.default.is_none());
    let (sizes, unit, meaning) = match (sized, counted) {
        (Some((parameter, unit)), _) => (
            "[10, 100, 1_000]",
            Some(unit),
            format!("how long `{}` is; raise them to what your application sees", parameter.name),
        ),
        (None, Some(parameter)) => (
            "[5, 10, 20]",
            None,
            format!("the number `{}` itself; raise them as far as the Python can go", parameter.name),
        ),
        (None, None) => ("[1]", None, "nothing in the input grows with it".to_owned()),
    };
    let mut missing = Vec::new();
    let mut lines = Vec::new();
    for parameter in &parameters {
        let (expression, remark) = value(parameter, sized.is_some(), counted.copied());
        if expression == "..." {
            missing.push(parameter.name.clone());
        }
        lines.push(format!("        {expression},  # {}{remark}\n", parameter.name));
    }
    let body = lines.concat();
    let uses = |word: &str| body.contains(word);
    let mut text = format!(
        "\"\"\"Inputs for `{target}` and its port, drawn at random by its annotations.\n\nMake them look like your real data: a port is measured, and compared, on nothing else. The same size and seed must\ngive the same input; integers, floats, text, bytes and collections of them can be handed to Rust.\n\"\"\"\n\n"
    );
    text += "from __future__ import annotations\n\n";
    for (module, is_used) in [("importlib", uses("instance(")), ("random", uses("draw"))] {
        text += &if is_used { format!("import {module}\n") } else { String::new() };
    }
    if uses("word(") || uses("text(") {
        text += "\nLETTERS = \"abcdefghijklmnopqrstuvwxyz\"\n";
    }
    text += "\n\ndef make(size, seed):\n    \"\"\"The arguments at one size";
    text += &if sizes == "[1]" {
        ".\"\"\"\n".to_owned()
    } else {
        format!(": it is {}.\"\"\"\n", meaning.split(';').next().unwrap_or_default())
    };
    if !missing.is_empty() {
        let wanted = missing.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ");
        text += &format!(
            "    raise NotImplementedError(\"rustworthy_inputs/{name}.py: put a value in the place of `...` for {wanted}\")\n"
        );
    }
    if uses("draw") {
        text += "    draw = random.Random(seed)\n";
    }
    text += &if body.is_empty() { "    return ()\n".to_owned() } else { format!("    return (\n{body}    )\n") };
    if uses("text(") {
        text += "\n\ndef text(draw, length):\n    \"\"\"Words of so many letters and spaces in all.\"\"\"\n    return \"\".join(draw.choices(LETTERS + \"     \", k=length))\n";
    }
    if uses("word(") {
        text += "\n\ndef word(draw):\n    return \"\".join(draw.choices(LETTERS, k=draw.randrange(1, 9)))\n";
    }
    if uses("instance(") {
        text += "\n\ndef instance(target):\n    \"\"\"An object of the class, made without arguments.\"\"\"\n    module, _, path = target.partition(\":\")\n    value = importlib.import_module(module)\n    for part in path.split(\".\"):\n        value = getattr(value, part)\n    return value()\n";
    }
    Drawn { text, sizes, meaning, unit, missing }
}

/// The parameters that the inputs give: by position, up to the first whose default cannot be repeated.
pub fn given(signature: &Signature) -> Vec<&Parameter> {
    let is_given = |it: &&Parameter| !it.keyword && it.default.as_ref().is_none_or(|default| default.literal);
    signature.parameters.iter().take_while(is_given).collect()
}

/// What the size of a type counts.
fn unit(kind: &Type) -> Option<&'static str> {
    match kind {
        Type::Str => Some("letters"),
        Type::Bytes => Some("bytes"),
        Type::List { .. } | Type::Set { .. } => Some("items"),
        Type::Dict { .. } => Some("entries"),
        Type::Optional { item } => unit(item),
        Type::Int | Type::Float | Type::Bool | Type::None | Type::Tuple { .. } | Type::Any { .. } => None,
    }
}

fn value(parameter: &Parameter, is_sized: bool, counted: Option<&Parameter>) -> (String, String) {
    if let Some(instance) = &parameter.instance {
        return match &instance.make {
            Some(target) => (format!("instance(\"{target}\")"), String::new()),
            None => ("...".to_owned(), format!(": an object of {}", one_line(&instance.of))),
        };
    }
    if let Some(default) = &parameter.default {
        return (default.text.clone(), ": its default".to_owned());
    }
    if !is_sized && counted.is_some_and(|counted| counted.name == parameter.name) {
        return ("size".to_owned(), String::new());
    }
    match expression(&parameter.kind, "size") {
        Some(expression) => (expression, String::new()),
        None => {
            let what = match &parameter.kind {
                Type::Any { text: Some(text) } => format!(": {}", one_line(text)),
                _ => String::new(),
            };
            ("...".to_owned(), what)
        }
    }
}

/// An expression that draws a value; `None` where the type is not known.
fn expression(kind: &Type, length: &str) -> Option<String> {
    let is_inner = length == INNER;
    Some(match kind {
        Type::Int => "draw.randrange(1000)".to_owned(),
        Type::Float => "draw.uniform(-1000.0, 1000.0)".to_owned(),
        Type::Bool => "draw.random() < 0.5".to_owned(),
        Type::Str if is_inner => "word(draw)".to_owned(),
        Type::Str => format!("text(draw, {length})"),
        Type::Bytes => format!("bytes(draw.choices(range(256), k={length}))"),
        Type::List { item } => format!("[{} for _ in range({length})]", expression(item, INNER)?),
        Type::Set { item } => format!("{{{} for _ in range({length})}}", expression(item, INNER)?),
        Type::Dict { key, value } => {
            format!("{{{}: {} for _ in range({length})}}", expression(key, INNER)?, expression(value, INNER)?)
        }
        Type::Tuple { items } => {
            let parts = items.iter().map(|item| expression(item, INNER)).collect::<Option<Vec<_>>>()?;
            super::types::tuple(parts.into_iter())
        }
        Type::Optional { item } => expression(item, length)?,
        Type::None => "None".to_owned(),
        Type::Any { .. } => return None,
    })
}

/// What the test is filled with.
pub struct TestOf<'a> {
    /// The pair's name.
    pub name: &'a str,
    /// The Python, `module:function`.
    pub target: &'a str,
    /// Whether its result is exhausted before it is compared.
    pub is_lazy: bool,
    /// The Python module of the ports.
    pub module: &'a str,
    /// The crate's folder, from the project's.
    pub folder: &'a str,
    /// The project's folders of Python, from its own.
    pub paths: Vec<String>,
}

impl TestOf<'_> {
    /// The test's text.
    pub fn text(&self) -> String {
        let (from_module, path) = self.target.split_once(':').unwrap_or((self.target, ""));
        let paths: Vec<String> = self.paths.iter().map(|path| format!("{path:?}")).collect();
        include_str!("templates/test.txt")
            .replace("@UP@", ".parent")
            .replace("@RESULT@", if self.is_lazy { "list(function(*arguments))" } else { "function(*arguments)" })
            .replace("@BASELINE@", &format!("module.{path}"))
            .replace("@FROM_MODULE@", from_module)
            .replace("@PATHS@", &format!("[{}]", paths.join(", ")))
            .replace("@TARGET@", self.target)
            .replace("@NAME@", self.name)
            .replace("@MODULE@", self.module)
            .replace("@FOLDER@", self.folder)
    }
}

/// A path inside `root` as the files say it, `/` between its parts; one outside as it is.
pub fn relative(root: &Path, path: &Path) -> String {
    match path.strip_prefix(root) {
        Ok(inner) if inner.as_os_str().is_empty() => ".".to_owned(),
        Ok(inner) => inner.display().to_string(),
        Err(_) => path.display().to_string(),
    }
}
