//! From what is written to what is meant: every rule of the manifest that its types do not say.

use std::num::NonZeroU64;
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::time::Duration;

use indexmap::IndexMap;

use super::error::{ManifestError, Source};
use super::wire::Placed;
use super::{
    Argv, Bench, Callable, Cases, ExtensionBuild, Implementation, OutputForm, PLACEHOLDERS, Project, Target, Workload,
    binary, gate, verdict, wire,
};
use crate::evidence::{Kind, Role, Tolerance};

const DEFAULT_TIMEOUT: Duration = Duration::from_secs(60);
const LONGEST_NAME: usize = 200;

pub(super) type Checked<T> = Result<T, ManifestError>;

/// A fault of form: TOML's own, a wrong type, an unknown key with the nearest known one.
pub(super) fn toml_fault(source: Source, error: &toml::de::Error) -> ManifestError {
    let span = error.span().unwrap_or(0..0);
    let message = error.message();
    let Some(rest) = message.strip_prefix("unknown field `") else {
        return source.fault(span, message, "");
    };
    let (key, expected) = rest.split_once('`').unwrap_or((rest, ""));
    if wire::NOT_YET.contains(&key) {
        return source.fault(
            span,
            format!("the key `{key}` does not work yet in this version"),
            "leave it out for now",
        );
    }
    let known: Vec<&str> = expected.split('`').skip(1).step_by(2).collect();
    let mend = match nearest(key, known.iter().copied()) {
        Some(near) => format!("did you mean `{near}`?"),
        None => format!("known here: {}", known.join(", ")),
    };
    source.fault(span, format!("unknown key `{key}`"), mend)
}

/// The known name that a mistyped one probably stands for.
pub(super) fn nearest<'a>(name: &str, known: impl Iterator<Item = &'a str>) -> Option<&'a str> {
    known
        .map(|candidate| (strsim::jaro_winkler(name, candidate), candidate))
        .filter(|(similarity, _)| *similarity > 0.8)
        .max_by(|left, right| left.0.total_cmp(&right.0))
        .map(|(_, candidate)| candidate)
}

pub(super) fn project(root: &Path, source: Source, wire: wire::Manifest) -> Checked<Project> {
    let gate = gate::rules(source, wire.gate)?;
    let project = wire.project;
    let thresholds = verdict::thresholds(source, &wire.verdict)?;
    name("project", source, &project.name)?;
    for step in &project.build {
        if step.get_ref().is_empty() {
            return Err(source.fault(step.span(), "a build step is empty", "write the command and its arguments"));
        }
    }
    if let Some(requirements) = &project.requirements
        && !root.join(requirements.get_ref()).is_file()
    {
        return Err(source.fault(
            requirements.span(),
            "there is no such requirements file",
            format!("create {} or drop the key", root.join(requirements.get_ref()).display()),
        ));
    }
    let extensions = project.extensions.into_iter().map(|wire| extension(source, wire)).collect::<Checked<_>>()?;
    let workloads = wire
        .workload
        .into_iter()
        .map(|(name, wire)| workload(root, source, &name, wire))
        .collect::<Checked<Vec<_>>>()?;
    if workloads.is_empty() {
        return Err(source.fault(
            project.name.span(),
            "the project has no workload",
            "add a table [workload.NAME] with a baseline and a candidate",
        ));
    }
    let binaries = binary::binaries(source, project.binaries)?;
    binary::are_declared(source, &workloads, &binaries)?;
    Ok(Project {
        root: root.to_owned(),
        name: project.name.into_inner(),
        python: project.python.map(|path| root.join(path)),
        // Components leave out `.`, which would show in every traceback.
        python_path: project.python_path.iter().map(|path| root.join(path).components().collect()).collect(),
        requirements: project.requirements.map(|path| root.join(path.into_inner())),
        build: project.build.into_iter().map(Placed::into_inner).collect(),
        extensions,
        cargo: project.cargo.map(|path| folder(root, source, &path)).transpose()?.unwrap_or_else(|| root.to_owned()),
        binaries,
        reports: root.join(project.reports.unwrap_or_else(|| PathBuf::from("reports"))),
        yearly_compute_cost: amount(source, project.yearly_compute_cost, "120_000")?,
        day_rate: amount(source, project.day_rate, "800")?,
        gate,
        thresholds,
        workloads,
        claims: Vec::new(),
        apart: None,
    })
}

fn extension(source: Source, wire: Placed<wire::Extension>) -> Checked<ExtensionBuild> {
    let span = wire.span();
    let wire = wire.into_inner();
    if !wire.module.split('.').all(is_identifier) {
        return Err(source.fault(span, format!("`{}` is not a module's name", wire.module), ""));
    }
    Ok(ExtensionBuild { package: wire.package, module: wire.module, features: wire.features })
}

fn workload(root: &Path, source: Source, key: &Placed<String>, wire: wire::Workload) -> Checked<Workload> {
    name("workload", source, key)?;
    let input = wire.input.as_ref().map(|text| callable(source, text)).transpose()?;
    let input_as_path = matches!(wire.input_as, Some(wire::InputAs::Path));
    if input_as_path && input.is_none() {
        return Err(source.fault(
            key.span(),
            "`input-as = \"path\"` needs an input",
            "add `input = \"module:callable\"`",
        ));
    }
    let implementations = implementations(root, source, wire.baseline, wire.candidate)?;
    let sizes = sizes(source, wire.sizes)?;
    let candidates: Vec<&str> = implementations.iter().skip(1).map(|candidate| candidate.name.as_str()).collect();
    let gate = gate::workload(source, wire.gate, &sizes, &candidates)?;
    let output = output(source, wire.output.as_ref(), wire.tolerance.as_ref(), &implementations)?;
    Ok(Workload {
        name: key.get_ref().clone(),
        summary: wire.summary,
        tags: wire.tags,
        smallest: sizes.first().copied().unwrap_or(1),
        sizes,
        unit: wire.unit,
        total_items: wire.total_items.map(NonZeroU64::get),
        input,
        input_as_path,
        process_boundary: matches!(wire.boundary, Some(wire::Boundary::Process)),
        share_of_runtime: wire.share_of_runtime.map(|share| fraction(source, &share)).transpose()?,
        effort_days: amount(source, wire.effort_days, "5")?,
        tolerance: wire.tolerance.map(|wire| tolerance(source, &wire)).transpose()?.unwrap_or_default(),
        output,
        cases: cases(source, wire.cases.as_ref(), &implementations, input_as_path)?,
        exceptions: exceptions(source, wire.exceptions)?,
        result: wire.result.as_ref().map(|text| callable(source, text)).transpose()?,
        setup: wire.setup.as_ref().map(|text| callable(source, text)).transpose()?,
        fresh_inputs: matches!(wire.inputs_are, Some(wire::InputsAre::Fresh)),
        consume: wire.consume,
        timeout: wire.timeout.map(|text| duration(source, &text)).transpose()?.unwrap_or(DEFAULT_TIMEOUT),
        memory_limit: wire.memory_limit.map(|text| memory(source, &text)).transpose()?,
        env: wire.env.into_iter().collect(),
        cwd: wire.cwd.map(|path| root.join(path)),
        gate,
        limits: verdict::limits(source, &wire.verdict)?,
        implementations,
    })
}

fn sizes(source: Source, wire: Option<Placed<Vec<u64>>>) -> Checked<Vec<u64>> {
    let Some(wire) = wire else { return Ok(vec![1]) };
    let span = wire.span();
    let mut sizes = wire.into_inner();
    sizes.sort_unstable();
    let written = sizes.len();
    sizes.dedup();
    if sizes.is_empty() || sizes.len() < written {
        return Err(source.fault(span, "sizes are one or more different whole numbers", "such as sizes = [10, 1_000]"));
    }
    Ok(sizes)
}

/// A share of something, 0 to 1.
fn fraction(source: Source, written: &Placed<f64>) -> Checked<f64> {
    let share = *written.get_ref();
    if (0.0..=1.0).contains(&share) {
        return Ok(share);
    }
    let mend = if share > 1.0 && share <= 100.0 {
        format!("for {share} % write {}", share / 100.0)
    } else {
        "a third is 0.33".to_owned()
    };
    Err(source.fault(written.span(), "a share lies between 0 and 1", mend))
}

/// An amount of money or days; none is negative.
fn amount(source: Source, written: Option<Placed<f64>>, example: &str) -> Checked<Option<f64>> {
    match written {
        Some(amount) if !amount.get_ref().is_finite() || *amount.get_ref() < 0.0 => {
            Err(source.fault(amount.span(), "not an amount", format!("a number from 0 on, such as {example}")))
        }
        Some(amount) => Ok(Some(amount.into_inner())),
        None => Ok(None),
    }
}

/// How outputs are compared, where two commands are; beside a function an output is the JSON of its result.
fn output(
    source: Source,
    written: Option<&Placed<wire::Output>>,
    tolerance: Option<&Placed<wire::WireTolerance>>,
    implementations: &[Implementation],
) -> Checked<OutputForm> {
    let is_command = |implementation: &Implementation| matches!(implementation.target, Target::Command(_));
    let baseline_is_command = implementations.first().is_some_and(is_command);
    let form = match written.map(|written| (written, *written.get_ref())) {
        Some((written, _)) if !implementations.iter().any(is_command) => {
            let mend = "drop the key: it says how the outputs of commands are compared";
            return Err(source.fault(written.span(), "no implementation here is a command", mend));
        }
        Some((written, wire::Output::Bytes)) if !baseline_is_command => {
            let mend = "drop the key: beside a function, a command prints the JSON of the function's result";
            return Err(source.fault(written.span(), "the baseline has no output, but a result", mend));
        }
        Some((_, wire::Output::Json)) => OutputForm::Json,
        Some((_, wire::Output::Bytes)) => OutputForm::Bytes,
        None if baseline_is_command => OutputForm::Bytes,
        None => OutputForm::Json,
    };
    match (form, tolerance) {
        (OutputForm::Bytes, Some(tolerance)) => Err(source.fault(
            tolerance.span(),
            "outputs are compared byte for byte, which leaves nothing to tolerate",
            "add `output = \"json\"` where the commands print JSON, or drop the tolerance",
        )),
        (OutputForm::Bytes | OutputForm::Json, _) => Ok(form),
    }
}

fn cases(
    source: Source,
    written: Option<&Placed<wire::Cases>>,
    implementations: &[Implementation],
    input_as_path: bool,
) -> Checked<Cases> {
    let Some(written) = written else { return Ok(Cases::Declared) };
    let has_annotations = matches!(implementations.first().map(|baseline| &baseline.target), Some(Target::Python(_)));
    match written.get_ref() {
        wire::Cases::Declared => Ok(Cases::Declared),
        wire::Cases::Types if !has_annotations => {
            let mend = "cases are drawn from annotations: they need a baseline of kind `python = \"module:callable\"`";
            Err(source.fault(written.span(), "the baseline has no annotated arguments", mend))
        }
        wire::Cases::Types if input_as_path => {
            let mend = "drop `input-as = \"path\"`, or `cases`";
            Err(source.fault(written.span(), "values drawn from annotations are no file's content", mend))
        }
        wire::Cases::Types => Ok(Cases::Types),
    }
}

fn tolerance(source: Source, wire: &Placed<wire::WireTolerance>) -> Checked<Tolerance> {
    let tolerance = Tolerance::from(*wire.get_ref());
    match tolerance.relative {
        Some(relative) if !(0.0..1.0).contains(&relative) => Err(source.fault(
            wire.span(),
            "a relative tolerance is a fraction from 0 to 1",
            "1e-9 lets the tenth digit differ",
        )),
        _ => Ok(tolerance),
    }
}

/// A class by its bare name, as an outcome states it.
fn exceptions(
    source: Source,
    wire: IndexMap<String, Placed<Vec<String>>>,
) -> Checked<std::collections::BTreeMap<String, Vec<String>>> {
    for (baseline, classes) in &wire {
        let names = std::iter::once(baseline).chain(classes.get_ref());
        for name in names {
            if !is_identifier(name) {
                let mend = "the bare name of a class, such as `ValueError = [\"JSONDecodeError\"]`";
                return Err(source.fault(classes.span(), format!("{name:?} is not an exception's class"), mend));
            }
            if name == "PanicException" {
                let mend = "return an error from Rust instead of panicking";
                return Err(source.fault(classes.span(), "a panic stands for no exception", mend));
            }
        }
        if classes.get_ref().is_empty() {
            let message = format!("nothing stands for `{baseline}`");
            return Err(source.fault(classes.span(), message, "name the candidates' classes, or leave it out"));
        }
    }
    Ok(wire.into_iter().map(|(baseline, classes)| (baseline, classes.into_inner())).collect())
}

fn implementations(
    root: &Path,
    source: Source,
    baseline: Placed<wire::Implementation>,
    candidates: IndexMap<Placed<String>, Placed<wire::Implementation>>,
) -> Checked<Vec<Implementation>> {
    let mut kernels: Vec<(Placed<String>, String)> = Vec::new();
    let written: IndexMap<String, Range<usize>> =
        candidates.iter().map(|(key, _)| (key.get_ref().clone(), key.span())).collect();
    let mut all = vec![implementation(root, source, "baseline", Role::Baseline, baseline, &mut kernels)?];
    for (key, wire) in candidates {
        name("candidate", source, &key)?;
        if key.get_ref() == "baseline" {
            return Err(source.fault(key.span(), "`baseline` is no name for a candidate", "give it another"));
        }
        all.push(implementation(root, source, key.get_ref(), Role::Candidate, wire, &mut kernels)?);
    }
    adapters_are_told(source, &all, &written)?;
    for (kernel, hybrid) in kernels {
        let wrapped = all.iter().find(|implementation| &implementation.name == kernel.get_ref());
        match wrapped {
            Some(implementation) if implementation.kind == Kind::Native => {}
            Some(_) => {
                let message = format!("`{}` is not of kind native", kernel.get_ref());
                return Err(source.fault(kernel.span(), message, "a kernel is the native that a hybrid wraps"));
            }
            None => {
                let others =
                    all.iter().map(|implementation| implementation.name.as_str()).filter(|name| *name != hybrid);
                let mend = nearest(kernel.get_ref(), others).map(|near| format!("did you mean `{near}`?"));
                let message = format!("the workload has no candidate `{}`", kernel.get_ref());
                return Err(source.fault(kernel.span(), message, mend.unwrap_or_default()));
            }
        }
    }
    Ok(all)
}

fn implementation(
    root: &Path,
    source: Source,
    name: &str,
    role: Role,
    wire: Placed<wire::Implementation>,
    kernels: &mut Vec<(Placed<String>, String)>,
) -> Checked<Implementation> {
    let span = wire.span();
    let wire = wire.into_inner();
    let target = match (wire.python, wire.criterion, wire.command) {
        (Some(python), None, None) => Target::Python(callable(source, &python)?),
        (None, Some(criterion), None) => Target::Criterion(bench(source, criterion)?),
        (None, None, Some(command)) => Target::Command(argv(source, command)?),
        (None, None, None) => {
            let message = format!("`{name}` says nothing to execute");
            let mend = "add `python = \"module:callable\"`, `criterion = { … }` or `command = [\"program\", …]`";
            return Err(source.fault(span, message, mend));
        }
        _ => {
            let message = format!("`{name}` has more than one of `python`, `criterion` and `command`");
            return Err(source.fault(span, message, "keep one of them, and make the others candidates of their own"));
        }
    };
    if let Some(verify) = &wire.verify
        && !matches!(target, Target::Criterion(_))
    {
        let message = format!("`{name}` shows its result by itself");
        let mend = "drop `verify`: it shows the result of a criterion bench that has no worker";
        return Err(source.fault(verify.span(), message, mend));
    }
    let kind = match (wire.kind, role) {
        (Some(kind), _) => kind,
        (None, Role::Baseline) => Kind::Python,
        (None, Role::Candidate) => {
            let mend = "add `kind = \"python\"`, \"library\", \"hybrid\" or \"native\"";
            return Err(source.fault(span, format!("the candidate `{name}` has no kind"), mend));
        }
    };
    let adapt = wire.adapt.map(|adapt| adapter(source, &adapt, &target)).transpose()?;
    let kernel = wire.kernel.as_ref().map(|kernel| kernel.get_ref().clone());
    kernels.extend(wire.kernel.map(|kernel| (kernel, name.to_owned())));
    Ok(Implementation {
        name: name.to_owned(),
        role,
        kind,
        variant: wire.variant,
        target,
        verify: wire.verify.map(|verify| argv(source, verify)).transpose()?,
        requires: wire.requires,
        kernel,
        assumes: wire.assumes,
        adapt,
        source: wire.source.iter().map(|path| file(root, source, path)).collect::<Checked<_>>()?,
    })
}

/// Only a Python worker holds arguments that could be adapted.
fn adapter(source: Source, text: &Placed<String>, target: &Target) -> Checked<Callable> {
    let adapt = callable(source, text)?;
    match target {
        Target::Python(_) => Ok(adapt),
        Target::Criterion(_) | Target::Command(_) => Err(source.fault(
            text.span(),
            "only the arguments of a `python` implementation are adapted",
            "Rust turns its input into its own types when it prepares: drop the key",
        )),
    }
}

/// An adapter that the baseline does not have moves work out of the clock: the reader must be told what that takes for
/// granted.
fn adapters_are_told(source: Source, all: &[Implementation], written: &IndexMap<String, Range<usize>>) -> Checked<()> {
    let ours = all.first().and_then(|baseline| baseline.adapt.as_ref());
    for candidate in all.iter().skip(1).filter(|candidate| candidate.adapt.is_some()) {
        if candidate.adapt.as_ref() != ours && candidate.assumes.is_none() {
            let span = written.get(&candidate.name).cloned().unwrap_or_default();
            let message =
                format!("`{}` gets other arguments than the baseline, made outside the clock", candidate.name);
            let mend = "say what that takes for granted, such as `assumes = \"the caller already holds a buffer\"`";
            return Err(source.fault(span, message, mend));
        }
    }
    Ok(())
}

fn bench(source: Source, wire: Placed<wire::Criterion>) -> Checked<Bench> {
    let span = wire.span();
    let wire = wire.into_inner();
    if [&wire.package, &wire.bench, &wire.id].iter().any(|part| part.is_empty() || part.starts_with('-')) {
        return Err(source.fault(span, "package, bench and id are names", ""));
    }
    Ok(Bench { package: wire.package, bench: wire.bench, id: wire.id })
}

fn file(root: &Path, source: Source, path: &Placed<PathBuf>) -> Checked<PathBuf> {
    let place = root.join(path.get_ref());
    if place.is_file() {
        return Ok(place);
    }
    Err(source.fault(path.span(), "there is no such file", format!("it would be {}", place.display())))
}

fn folder(root: &Path, source: Source, path: &Placed<PathBuf>) -> Checked<PathBuf> {
    let place = root.join(path.get_ref());
    if place.is_dir() {
        return Ok(place);
    }
    Err(source.fault(path.span(), "there is no such folder", format!("it would be {}", place.display())))
}

fn argv(source: Source, wire: Placed<Vec<String>>) -> Checked<Argv> {
    let span = wire.span();
    let words = wire.into_inner();
    if words.first().is_none_or(String::is_empty) {
        return Err(source.fault(span, "a command has a program", "such as [\"{python}\", \"-m\", \"acme\"]"));
    }
    let is_placeholder = |inner: &str| !inner.is_empty() && inner.chars().all(|letter| letter.is_ascii_lowercase());
    for word in &words {
        for (at, _) in word.match_indices('{') {
            let Some(end) = word[at..].find('}') else { continue };
            let found = &word[at..=at + end];
            if is_placeholder(&found[1..found.len() - 1]) && !PLACEHOLDERS.contains(&found) {
                let mend = format!("there are {} and {{bin:NAME}}", PLACEHOLDERS.join(", "));
                return Err(source.fault(span, format!("`{found}` is not filled in"), mend));
            }
        }
    }
    Ok(Argv(words))
}

fn callable(source: Source, text: &Placed<String>) -> Checked<Callable> {
    let dotted = |path: &str| path.split('.').all(is_identifier);
    match text.get_ref().split_once(':') {
        Some((module, attribute)) if dotted(module) && dotted(attribute) => Ok(Callable(text.get_ref().clone())),
        _ => Err(source.fault(
            text.span(),
            format!("`{}` is not of the form module:callable", text.get_ref()),
            "such as \"acme.logs:parse\"",
        )),
    }
}

fn is_identifier(part: &str) -> bool {
    let mut characters = part.chars();
    characters.next().is_some_and(|first| first.is_alphabetic() || first == '_')
        && characters.all(|next| next.is_alphanumeric() || next == '_')
}

/// Names stand in filters (`workload/implementation`, globs), so the characters of those are refused; any other
/// text is a name, and is escaped wherever it is shown.
pub(super) fn name(what: &str, source: Source, key: &Placed<String>) -> Checked<()> {
    let text = key.get_ref();
    let is_reserved = |character: char| character.is_control() || "/*?[]{}!".contains(character);
    if text.trim() != text || text.is_empty() || text.chars().any(is_reserved) || text.chars().count() > LONGEST_NAME {
        let mend = "letters, digits, `_`, `-` and `.` are safe; `/`, glob characters and control characters are not";
        return Err(source.fault(key.span(), format!("{text:?} is no name for a {what}"), mend));
    }
    Ok(())
}

pub(super) fn duration(source: Source, text: &Placed<String>) -> Checked<Duration> {
    let parsed: Option<jiff::SignedDuration> = text.get_ref().parse().ok();
    match parsed.and_then(|duration| Duration::try_from(duration).ok()).filter(|duration| !duration.is_zero()) {
        Some(duration) => Ok(duration),
        None => Err(source.fault(span_of(text), "not a duration", "such as \"60s\" or \"5m\"")),
    }
}

pub(super) fn memory(source: Source, text: &Placed<String>) -> Checked<u64> {
    parse_size::parse_size(text.get_ref())
        .ok()
        .filter(|bytes| *bytes > 0)
        .ok_or_else(|| source.fault(span_of(text), "not an amount of memory", "such as \"512MiB\" or \"4GiB\""))
}

fn span_of(text: &Placed<String>) -> Range<usize> {
    text.span()
}
