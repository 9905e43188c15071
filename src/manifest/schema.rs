//! `rustworthy.schema.json`: the manifest's format for editors, generated from the types that read it.
//!
//! Only tests know this module, so that the tool carries no generator. To write the file again after a change:
//!
//! ```text
//! RUSTWORTHY_WRITE_SCHEMA=1 cargo test --lib manifest::schema
//! ```

use std::path::{Path, PathBuf};

use schemars::generate::SchemaSettings;
use schemars::transform::{Transform, transform_subschemas};
use schemars::{Schema, SchemaGenerator, json_schema};
use serde_json::{Value as Json, json};

use super::wire::{Implementation, Manifest, Placed};

/// A value's place in the file is no part of its form.
impl<T: schemars::JsonSchema> schemars::JsonSchema for Placed<T> {
    fn inline_schema() -> bool {
        T::inline_schema()
    }

    fn schema_name() -> std::borrow::Cow<'static, str> {
        T::schema_name()
    }

    fn schema_id() -> std::borrow::Cow<'static, str> {
        T::schema_id()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        T::json_schema(generator)
    }
}

/// Candidates say of what kind they are.
pub(super) fn candidates(generator: &mut SchemaGenerator) -> Schema {
    let implementation = generator.subschema_for::<Implementation>();
    json_schema!({
        "type": "object",
        "propertyNames": {"not": {"const": "baseline"}},
        "additionalProperties": {"allOf": [implementation], "required": ["kind"]}
    })
}

/// Ratios by candidate.
pub(super) fn floors(_: &mut SchemaGenerator) -> Schema {
    json_schema!({"type": "object", "additionalProperties": {"type": "number", "exclusiveMinimum": 0}})
}

/// An implementation has one thing to execute; `verify` goes with a bench.
pub(super) fn one_target(schema: &mut Schema) {
    let one = |name: &str| json!({"required": [name]});
    schema.insert("oneOf".to_owned(), json!([one("python"), one("criterion"), one("command")]));
    schema.insert("dependentRequired".to_owned(), json!({"verify": ["criterion"]}));
}

/// TOML has no null: a key that may be left out is left out.
#[derive(Clone, Debug)]
struct WithoutNull;

impl Transform for WithoutNull {
    fn transform(&mut self, schema: &mut Schema) {
        if let Some(Json::Array(types)) = schema.get_mut("type") {
            types.retain(|name| name != "null");
            if let [only] = types.as_slice() {
                let only = only.clone();
                schema.insert("type".to_owned(), only);
            }
        }
        if let Some(Json::Array(any)) = schema.get_mut("anyOf") {
            any.retain(|inner| inner != &json!({"type": "null"}));
            if let [Json::Object(only)] = any.as_slice() {
                let only = only.clone();
                schema.remove("anyOf");
                for (key, value) in only {
                    schema.insert(key, value);
                }
            }
        }
        if schema.get("default") == Some(&Json::Null) {
            schema.remove("default");
        }
        // The lines of a comment end where the source is wide enough; an editor wraps by itself.
        if let Some(Json::String(text)) = schema.get_mut("description") {
            *text = text.replace('\n', " ");
        }
        // Widths of Rust's types mean nothing to a writer of TOML.
        schema.remove("format");
        transform_subschemas(self, schema);
    }
}

fn generated() -> Json {
    let settings = SchemaSettings::draft2020_12().with_transform(WithoutNull);
    let mut schema = settings.into_generator().into_root_schema_for::<Manifest>();
    schema.insert("title".to_owned(), json!("rustworthy.toml"));
    schema.to_value()
}

/// Every key that the manifest has anywhere.
pub(super) fn keys() -> Vec<String> {
    fn collect(schema: &Json, found: &mut Vec<String>) {
        match schema {
            Json::Object(words) => {
                if let Some(Json::Object(properties)) = words.get("properties") {
                    found.extend(properties.keys().cloned());
                }
                words.values().for_each(|inner| collect(inner, found));
            }
            Json::Array(items) => items.iter().for_each(|inner| collect(inner, found)),
            Json::Null | Json::Bool(_) | Json::Number(_) | Json::String(_) => {}
        }
    }
    let mut found = Vec::new();
    collect(&generated(), &mut found);
    found.sort();
    found.dedup();
    found
}

fn place() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("rustworthy.schema.json")
}

#[test]
fn the_schema_is_what_the_types_say() {
    let text = serde_json::to_string_pretty(&generated()).unwrap() + "\n";
    if std::env::var_os("RUSTWORTHY_WRITE_SCHEMA").is_some() {
        std::fs::write(place(), &text).unwrap();
    }
    let kept = std::fs::read_to_string(place()).unwrap_or_default();
    assert!(kept == text, "write it again: RUSTWORTHY_WRITE_SCHEMA=1 cargo test --lib manifest::schema");
}

/// What is wrong with a document, as far as the words go that the schema uses; a word that is not known here is a fault.
struct Validator<'a> {
    root: &'a Json,
}

impl Validator<'_> {
    fn faults(&self, schema: &Json, value: &Json, path: &str) -> Vec<String> {
        let mut faults = Vec::new();
        let Some(words) = schema.as_object() else {
            return if schema == &json!(false) { vec![format!("{path}: not allowed")] } else { faults };
        };
        for (word, rule) in words {
            let holds = match (word.as_str(), value) {
                ("$schema" | "$defs" | "title" | "description" | "default", _) => true,
                ("$ref", _) => {
                    let place = rule.as_str().unwrap().trim_start_matches('#');
                    faults.extend(self.faults(self.root.pointer(place).unwrap(), value, path));
                    true
                }
                ("type", _) => is_of_type(value, rule.as_str().unwrap()),
                ("const", _) => rule == value,
                ("enum", _) => rule.as_array().unwrap().contains(value),
                ("not", _) => !self.faults(rule, value, path).is_empty(),
                ("allOf", _) => {
                    faults.extend(rule.as_array().unwrap().iter().flat_map(|rule| self.faults(rule, value, path)));
                    true
                }
                ("oneOf" | "anyOf", _) => {
                    let fits = |rule: &&Json| self.faults(rule, value, path).is_empty();
                    let count = rule.as_array().unwrap().iter().filter(fits).count();
                    if word == "oneOf" { count == 1 } else { count > 0 }
                }
                ("minimum", Json::Number(number)) => number.as_f64() >= rule.as_f64(),
                ("maximum", Json::Number(number)) => number.as_f64() <= rule.as_f64(),
                ("exclusiveMinimum", Json::Number(number)) => number.as_f64() > rule.as_f64(),
                ("exclusiveMaximum", Json::Number(number)) => number.as_f64() < rule.as_f64(),
                ("pattern", Json::String(text)) => regex::Regex::new(rule.as_str().unwrap()).unwrap().is_match(text),
                ("minItems", Json::Array(items)) => items.len() as u64 >= rule.as_u64().unwrap(),
                ("uniqueItems", Json::Array(items)) => {
                    items.iter().enumerate().all(|(index, item)| !items[..index].contains(item))
                }
                ("items", Json::Array(items)) => {
                    faults.extend(items.iter().flat_map(|item| self.faults(rule, item, path)));
                    true
                }
                ("minProperties", Json::Object(map)) => map.len() as u64 >= rule.as_u64().unwrap(),
                ("required", Json::Object(map)) => {
                    rule.as_array().unwrap().iter().all(|name| map.contains_key(name.as_str().unwrap()))
                }
                ("dependentRequired", Json::Object(map)) => rule.as_object().unwrap().iter().all(|(name, needs)| {
                    let needs = needs.as_array().unwrap();
                    !map.contains_key(name) || needs.iter().all(|other| map.contains_key(other.as_str().unwrap()))
                }),
                ("propertyNames", Json::Object(map)) => {
                    map.keys().all(|name| self.faults(rule, &json!(name), path).is_empty())
                }
                ("properties", Json::Object(map)) => {
                    for (name, rule) in rule.as_object().unwrap() {
                        let inner = map.get(name).map(|inner| self.faults(rule, inner, &format!("{path}.{name}")));
                        faults.extend(inner.unwrap_or_default());
                    }
                    true
                }
                ("additionalProperties", Json::Object(map)) => {
                    let known = words.get("properties").and_then(Json::as_object);
                    for (name, inner) in
                        map.iter().filter(|(name, _)| known.is_none_or(|known| !known.contains_key(*name)))
                    {
                        faults.extend(self.faults(rule, inner, &format!("{path}.{name}")));
                    }
                    true
                }
                (
                    "minimum"
                    | "maximum"
                    | "exclusiveMinimum"
                    | "exclusiveMaximum"
                    | "pattern"
                    | "minItems"
                    | "uniqueItems"
                    | "items"
                    | "minProperties"
                    | "required"
                    | "dependentRequired"
                    | "propertyNames"
                    | "properties"
                    | "additionalProperties",
                    _,
                ) => true,
                _ => panic!("the schema uses `{word}`, which this test does not know"),
            };
            if !holds {
                faults.push(format!("{path}: {word}"));
            }
        }
        faults
    }
}

fn is_of_type(value: &Json, name: &str) -> bool {
    match name {
        "object" => value.is_object(),
        "array" => value.is_array(),
        "string" => value.is_string(),
        "boolean" => value.is_boolean(),
        "integer" => value.is_i64() || value.is_u64(),
        "number" => value.is_number(),
        _ => panic!("the schema uses the type `{name}`, which this test does not know"),
    }
}

fn faults(text: &str) -> Vec<String> {
    let document: Json = toml::from_str(text).unwrap();
    let schema = generated();
    Validator { root: &schema }.faults(&schema, &document, "")
}

/// The manifests that people see first: the suite's, and every one in the documentation.
pub(super) fn shown() -> Vec<String> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut manifests = vec![std::fs::read_to_string(root.join("rustworthy.toml")).unwrap()];
    for page in ["README.md", "docs/MANIFEST.md"] {
        let text = std::fs::read_to_string(root.join(page)).unwrap();
        let blocks = text.split("```toml\n").skip(1).map(|rest| rest.split("```").next().unwrap().to_owned());
        manifests.extend(blocks.filter(|block| block.contains("[project]")));
    }
    manifests.push(super::tests::FULL.to_owned());
    manifests
}

#[test]
fn manifests_that_are_read_fit_the_schema() {
    let manifests = shown();
    assert!(manifests.len() > 3);
    for manifest in manifests {
        assert_eq!(faults(&manifest), Vec::<String>::new(), "{manifest}");
    }
}

#[test]
fn the_schema_refuses_what_the_reader_refuses() {
    for (from, to) in super::tests::WRONG {
        let wrong = super::tests::FULL.replacen(from, to, 1);
        assert_ne!(wrong, super::tests::FULL, "{from}");
        assert!(!faults(&wrong).is_empty(), "{from} → {to}");
    }
}
