//! The Rust file of one port: the function to be written, its binding, and what the bench calls.
//!
//! A port whose types Rust has is a plain function, measured natively as well as from Python. One that takes or returns
//! Python objects can live behind the binding only, and has no native half.

use super::names::in_rust;
use super::signature::{Parameter, Signature};
use super::types::{Type, tuple};

/// Comments are broken to this width.
const WIDTH: usize = 110;
/// More parameters than these are frowned upon by Rust's linter; the Python has them, and the binding one more.
const MANY: usize = 7;

/// A port's Rust.
pub struct Port<'a> {
    /// The pair's name.
    pub name: &'a str,
    /// The Python that it ports, `module:function`.
    pub target: &'a str,
    /// Its signature.
    pub signature: &'a Signature,
    /// Its file, from the project's folder.
    pub file: &'a str,
}

impl Port<'_> {
    /// Whether it needs nothing of Python.
    pub fn is_plain(&self) -> bool {
        let parameters = self.signature.parameters.iter();
        self.signature.returns.is_plain_result()
            && parameters
                .clone()
                .all(|it| it.kind.is_plain_parameter() && it.default.as_ref().is_none_or(|it| it.literal))
    }

    /// What keeps it from that, a phrase each.
    pub fn unknown(&self) -> Vec<String> {
        let what = |kind: &Type| match kind {
            Type::Any { text: Some(text) } => format!("`{}`", one_line(text)),
            Type::Any { text: None } => "without annotation".to_owned(),
            _ => "a type that has no plain counterpart".to_owned(),
        };
        let parameters = self.signature.parameters.iter().filter_map(|it| match &it.default {
            _ if it.instance.is_some() => Some(format!("`{}` (the object whose method it is)", it.name)),
            Some(default) if !default.literal => {
                Some(format!("`{}` (its default is {})", it.name, one_line(&default.text)))
            }
            _ => (!it.kind.is_plain_parameter()).then(|| format!("`{}` ({})", it.name, what(&it.kind))),
        });
        let returns = &self.signature.returns;
        let result = (!returns.is_plain_result()).then(|| format!("the result ({})", what(returns)));
        parameters.chain(result).collect()
    }

    /// The file's text.
    pub fn text(&self) -> String {
        let body = if self.is_plain() { self.plain() } else { self.bound() };
        let mut text = format!(
            "//! The port of `{}`.\n//!\n//! Replace the body of [`{}`]. Then `rustworthy check {}` calls it and the Python on the same inputs.\n\n",
            self.target,
            self.rust_name(),
            self.name
        );
        if self.name.chars().any(|letter| letter.is_ascii_uppercase()) {
            text += "#![allow(non_snake_case)]\n\n";
        }
        text + &body
    }

    /// What it says until somebody has written it.
    fn unwritten(&self) -> String {
        format!("{} is not ported yet: write its body in {}", self.name, self.file)
    }

    fn rust_name(&self) -> String {
        in_rust(self.name)
    }

    fn doc(&self, indent: &str) -> String {
        let doc = one_line(&self.signature.doc).replace(['[', ']'], "");
        let doc = if doc.is_empty() { format!("What `{}` does.", self.target) } else { doc };
        comment(&format!("{indent}/// "), &doc)
    }

    fn plain(&self) -> String {
        let name = self.rust_name();
        let signature = self.signature;
        let parameters = &signature.parameters;
        let all = || parameters.iter();
        let uses = |is_so: &dyn Fn(&Type) -> bool| {
            all().map(|it| &it.kind).chain([&signature.returns]).any(|kind| kind.holds(is_so))
        };
        let has_pairs = uses(&|kind| matches!(kind, Type::Dict { .. }));
        let has_sets = uses(&|kind| matches!(kind, Type::Set { .. }));
        let positional: Vec<&Parameter> = all().filter(|it| !it.keyword).collect();
        let mut worker = vec!["Failure", "Input", "Workload"];
        worker.extend((!positional.is_empty()).then_some("FromValue"));
        worker.extend(has_pairs.then_some("Pairs"));
        worker.extend((signature.returns == Type::Bytes).then_some("Bytes"));
        worker.sort_unstable();
        let mut text = String::new();
        if has_sets {
            text += "use std::collections::HashSet;\n\n";
        }
        text += &format!("use rustworthy_worker::{{{}}};\n\n", worker.join(", "));
        let arguments = all().map(|it| format!("{}: {}", in_rust(&it.name), it.kind.borrowed())).collect::<Vec<_>>();
        let names: Vec<String> = all().map(|it| in_rust(&it.name)).collect();
        text += &self.doc("");
        if matches!(signature.returns, Type::Dict { .. }) {
            text += "///\n";
            text += &comment(
                "/// ",
                "The dictionary is returned as its entries, in the order in which Python's has them: that order is compared.",
            );
        }
        text += "///\n/// # Errors\n";
        text += &comment(
            "/// ",
            "Where the Python raises, under the same class: `Failure::value_error(\"…\")`, `Failure::new(\"KeyError\", \"…\")`.",
        );
        if parameters.len() > MANY {
            text += "#[allow(clippy::too_many_arguments)]\n";
        }
        text += &format!(
            "pub fn {name}({}) -> Result<{}, Failure> {{\n{}    Err(Failure::new(\n        \"NotImplementedError\",\n        {:?},\n    ))\n}}\n\n",
            arguments.join(", "),
            signature.returns.owned(),
            unused(&names),
            self.unwritten(),
        );
        text += &self.native(&positional);
        text + &self.plain_binding()
    }

    /// What the bench and the worker call.
    fn native(&self, positional: &[&Parameter]) -> String {
        let signature = self.signature;
        let held = tuple(positional.iter().map(|it| it.kind.held()));
        let names: Vec<String> = positional.iter().map(|it| in_rust(&it.name)).collect();
        let taken = tuple(names.iter().map(|name| format!("FromValue::from_value({name})?")));
        let lent = signature
            .parameters
            .iter()
            .map(|it| if it.keyword { literal(it) } else { it.kind.lend(&in_rust(&it.name)) });
        let (output, wrap) = match &signature.returns {
            Type::Dict { .. } => (signature.returns.held(), ".map(Pairs)"),
            Type::Bytes => ("Bytes".to_owned(), ".map(Bytes)"),
            other => (other.owned(), ""),
        };
        let sample = tuple(positional.iter().map(|it| it.kind.sample()));
        let sample = if positional.is_empty() { String::new() } else { format!("\n        {sample}\n    ") };
        format!(
            "/// The port for the bench, which times it without Python.\npub struct Native;\n\nimpl Workload for Native {{\n    const NAME: &'static str = \"{name}\";\n    const SAMPLE_SIZE: u64 = 1;\n    type Input = {held};\n    type Output = {output};\n\n    fn prepare(input: Input) -> Result<Self::Input, Failure> {{\n        let [{names}] = input.into_arguments()?;\n        Ok({taken})\n    }}\n\n    /// For a plain `cargo bench`; `rustworthy` hands over the inputs of `rustworthy_inputs/{name}.py`.\n    fn sample() -> Self::Input {{{sample}}}\n\n    fn run(input: &Self::Input) -> Result<Self::Output, Failure> {{\n        let {pattern} = input;\n        self::{function}({lent}){wrap}\n    }}\n}}\n\n",
            name = self.name,
            names = names.join(", "),
            pattern = tuple(names.iter().cloned()),
            function = self.rust_name(),
            lent = lent.collect::<Vec<_>>().join(", "),
        )
    }

    fn plain_binding(&self) -> String {
        let signature = self.signature;
        let token = self.token();
        let returns_dict = matches!(signature.returns, Type::Dict { .. });
        let mut text = String::from(
            "/// What Python calls: arguments in the types that cross most cheaply, failures as the exceptions they name.\n#[cfg(feature = \"python\")]\npub mod python {\n",
        );
        text += &self.imports(returns_dict);
        text += &self.doc("    ");
        text += &self.advice();
        text += &comment(
            "    // ",
            &format!(
                "Work of several milliseconds may let other Python threads run meanwhile: `{token}.detach(|| …)` around the call. For less it costs more than it gives."
            ),
        );
        let returns = if returns_dict { "Bound<'py, PyDict>".to_owned() } else { signature.returns.owned() };
        text += &self.head(&returns);
        for parameter in signature.parameters.iter().filter(|it| matches!(it.kind, Type::Dict { .. })) {
            let name = in_rust(&parameter.name);
            text += &format!(
                "        let {name}: Vec<_> =\n            {name}.iter().map(|(key, value)| Ok((key.extract()?, value.extract()?))).collect::<PyResult<_>>()?;\n"
            );
        }
        let handed: Vec<String> = signature.parameters.iter().map(|it| it.kind.hand_on(&in_rust(&it.name))).collect();
        let call = format!("super::{}({})", self.rust_name(), handed.join(", "));
        let raised = format!(".map_err(|failure| crate::exception({token}, &failure))");
        text += &if returns_dict {
            format!("        {call}{raised}?.into_py_dict({token})\n    }}\n}}\n")
        } else {
            format!("        {call}{raised}\n    }}\n}}\n")
        };
        text
    }

    fn bound(&self) -> String {
        let signature = self.signature;
        let mut text = comment(
            "// ",
            &format!(
                "There is no native half: {} can be looked at only through Python. With annotations that Rust has types for (numbers, str, bytes, lists, dicts, sets and tuples of them) the port would be a plain function, and could be measured without the boundary.",
                self.unknown().join(", ")
            ),
        );
        text += "\n/// What Python calls.\npub mod python {\n";
        text += &self.imports(false);
        text += &self.doc("    ");
        text += &self.advice();
        let returns = match &signature.returns {
            Type::Dict { .. } => "Bound<'py, PyAny>".to_owned(),
            other if other.is_plain_result() => other.owned(),
            _ => "Bound<'py, PyAny>".to_owned(),
        };
        text += &self.head(&returns);
        let mut names: Vec<String> = signature.parameters.iter().map(|it| in_rust(&it.name)).collect();
        names.insert(0, self.token().to_owned());
        text += &unused(&names).replace("    ", "        ");
        text += &format!(
            "        Err(PyNotImplementedError::new_err(\n            {:?},\n        ))\n    }}\n}}\n",
            self.unwritten()
        );
        text
    }

    /// What the parameter that proves the attachment to Python is called.
    fn token(&self) -> &'static str {
        if self.signature.parameters.iter().any(|it| it.name == "py") { "attached" } else { "py" }
    }

    /// The type of a parameter in the binding.
    fn crossing(&self, parameter: &Parameter) -> String {
        let any = "&Bound<'py, PyAny>".to_owned();
        let is_repeatable = parameter.default.as_ref().is_none_or(|it| it.literal);
        let kind = if parameter.kind.is_plain_parameter() && is_repeatable { parameter.kind.crossing() } else { any };
        let is_optional = kind.starts_with("Option<");
        if parameter.default.is_some() && kind.contains("PyAny") && !is_optional {
            format!("Option<{kind}>")
        } else {
            kind
        }
    }

    fn head(&self, returns: &str) -> String {
        let parameters = &self.signature.parameters;
        let arguments = parameters.iter().map(|it| format!("{}: {}", in_rust(&it.name), self.crossing(it)));
        let mut text = "    #[pyfunction]\n".to_owned();
        if parameters.iter().any(|it| it.default.is_some()) {
            let mut given = Vec::new();
            let mut keyword = false;
            for parameter in parameters {
                if parameter.keyword && !keyword {
                    given.push("*".to_owned());
                    keyword = true;
                }
                let name = in_rust(&parameter.name);
                given.push(match &parameter.default {
                    None => name,
                    Some(_) if self.crossing(parameter).contains("PyAny") => format!("{name}=None"),
                    Some(_) => format!("{name}={}", python_literal(parameter)),
                });
            }
            text += &format!("    #[pyo3(signature = ({}))]\n", given.join(", "));
        }
        if parameters.len() >= MANY {
            text += "    #[allow(clippy::too_many_arguments)]\n";
        }
        let mut all = vec![format!("{}: Python<'py>", self.token())];
        all.extend(arguments);
        // A lifetime that ties nothing together needs no name.
        let is_named = returns.contains("'py");
        let line = format!(
            "    pub fn {}{}({}) -> PyResult<{returns}> {{\n",
            self.rust_name(),
            if is_named { "<'py>" } else { "" },
            all.join(", ")
        );
        text + &if is_named { line } else { line.replace("'py", "'_") }
    }

    fn imports(&self, returns_dict: bool) -> String {
        let crossings: Vec<String> = self.signature.parameters.iter().map(|it| self.crossing(it)).collect();
        let uses =
            |word: &str| crossings.iter().any(|it| it.contains(word)) || self.signature.returns.owned().contains(word);
        let mut lines = Vec::new();
        if uses("HashSet") {
            lines.push("    use std::collections::HashSet;\n".to_owned());
        }
        if !self.is_plain() {
            lines.push("    use pyo3::exceptions::PyNotImplementedError;".to_owned());
        }
        lines.push("    use pyo3::prelude::*;".to_owned());
        let backed: Vec<&str> = ["PyBackedBytes", "PyBackedStr"].into_iter().filter(|name| uses(name)).collect();
        if !backed.is_empty() {
            lines.push(format!("    use pyo3::pybacked::{{{}}};", backed.join(", ")));
        }
        let takes_dict = crossings.iter().any(|it| it.contains("PyDict"));
        match (returns_dict, takes_dict) {
            (true, _) => lines.push("    use pyo3::types::{IntoPyDict, PyDict};".to_owned()),
            (false, true) => lines.push("    use pyo3::types::PyDict;".to_owned()),
            (false, false) => {}
        }
        lines.join("\n") + "\n\n"
    }

    /// Why each kind of argument crosses as it does.
    fn advice(&self) -> String {
        let mut seen: Vec<&str> = Vec::new();
        let mut text = String::new();
        for parameter in &self.signature.parameters {
            if let Some(advice) = parameter.kind.advice().filter(|advice| !seen.contains(advice)) {
                seen.push(advice);
                text += &comment("    // ", &format!("`{}`: {advice}", parameter.name));
            }
            if let Some(default) = parameter.default.as_ref().filter(|default| !default.literal) {
                let said =
                    format!("`{}`: where it is not given, Python takes {}.", parameter.name, one_line(&default.text));
                text += &comment("    // ", &said);
            }
            if parameter.guessed {
                let said = format!("`{}`: it has no annotation; its type is that of its default.", parameter.name);
                text += &comment("    // ", &said);
            }
        }
        text
    }
}

/// Names every parameter, so that none is unused before the body is written.
fn unused(names: &[String]) -> String {
    match names {
        [] => String::new(),
        [one] => format!("    let _ = {one};\n"),
        several => format!("    let _ = ({});\n", several.join(", ")),
    }
}

/// A default in PyO3's `signature`.
fn python_literal(parameter: &Parameter) -> String {
    parameter.default.as_ref().map(|default| rust_literal(&default.value, &parameter.kind)).unwrap_or_default()
}

fn rust_literal(value: &serde_json::Value, kind: &Type) -> String {
    match (value, kind) {
        (serde_json::Value::Null, _) => "None".to_owned(),
        (value, Type::Optional { item }) => format!("Some({})", rust_literal(value, item)),
        (serde_json::Value::Number(number), Type::Float) => {
            format!("{:?}_f64", number.as_f64().unwrap_or_default())
        }
        (serde_json::Value::String(text), _) => format!("{text:?}"),
        (other, _) => other.to_string(),
    }
}

/// The same, handed to the port by a bench, which gives no keywords.
fn literal(parameter: &Parameter) -> String {
    match (&parameter.kind, python_literal(parameter).as_str()) {
        (Type::Optional { item }, "None") => match &**item {
            Type::List { item } => match **item {
                Type::Str => "None::<&[String]>".to_owned(),
                Type::Bytes => "None::<&[Vec<u8>]>".to_owned(),
                _ => "None".to_owned(),
            },
            _ => "None".to_owned(),
        },
        (_, literal) => literal.to_owned(),
    }
}

/// A paragraph of comment, broken into lines.
pub fn comment(prefix: &str, text: &str) -> String {
    let mut lines = vec![String::new()];
    for word in text.split_whitespace() {
        let line = lines.last().map_or(0, |line| line.chars().count());
        if line > 0 && prefix.len() + line + 1 + word.chars().count() > WIDTH {
            lines.push(String::new());
        }
        if let Some(last) = lines.last_mut() {
            *last += if last.is_empty() { "" } else { " " };
            *last += word;
        }
    }
    lines.iter().map(|line| format!("{prefix}{line}\n")).collect()
}

/// Somebody's text in one line of ours.
pub fn one_line(text: &str) -> String {
    text.chars().map(|next| if next.is_control() { ' ' } else { next }).collect::<String>().trim().to_owned()
}
