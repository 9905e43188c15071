//! The comparison, one rule at a time.

use super::*;
use crate::evidence::Tolerance;

fn value(json: &str) -> Value {
    Value::from_json(json.as_bytes()).unwrap()
}

fn compare(left: &str, right: &str) -> Result<(), String> {
    with(left, right, Tolerance::default(), Wire::Typed)
}

fn with(left: &str, right: &str, tolerance: Tolerance, wire: Wire) -> Result<(), String> {
    let rules = Rules { tolerance, ..Rules::default() };
    values(&value(left), &value(right), &rules, wire).map_err(|difference| difference.to_string())
}

fn relative(relative: f64) -> Tolerance {
    Tolerance { relative: Some(relative), ..Tolerance::default() }
}

const NAN: &str = r#"{"$":"float","v":"nan"}"#;
const INF: &str = r#"{"$":"float","v":"inf"}"#;

#[test]
fn equal_values_agree() {
    for json in ["null", "1", "1.0", "\"a\"", "[1,[2.5]]", r#"{"a":1,"b":[]}"#, NAN, INF, r#"{"$":"set","v":[1,2]}"#] {
        assert_eq!(compare(json, json), Ok(()));
    }
}

#[test]
fn types_count() {
    let pairs =
        [("1", "1.0"), ("1", "true"), ("0", "false"), ("null", "0"), ("\"1\"", "1"), ("[]", r#"{"$":"tuple","v":[]}"#)];
    for (left, right) in pairs {
        assert!(compare(left, right).is_err(), "{left} {right}");
    }
    assert_eq!(compare("[1]", "[1.0]").unwrap_err(), "result[0]: baseline 1, candidate 1.0 (of type int and float)");
}

#[test]
fn a_tuple_is_a_list_only_through_json() {
    let tuple = r#"{"$":"tuple","v":[1]}"#;
    assert_eq!(with(tuple, "[1]", Tolerance::default(), Wire::Json), Ok(()));
    assert!(compare(tuple, "[1]").is_err());
}

#[test]
fn floats_agree_bit_for_bit_unless_a_tolerance_is_declared() {
    assert!(compare("0.30000000000000004", "0.3").is_err());
    assert!(compare("0.0", "-0.0").is_err());
    assert_eq!(with("0.0", "-0.0", relative(1e-9), Wire::Typed), Ok(()));
    assert_eq!(with("0.30000000000000004", "0.3", relative(1e-9), Wire::Typed), Ok(()));
    let one_ulp = Tolerance { ulps: Some(1), ..Tolerance::default() };
    assert_eq!(with("0.30000000000000004", "0.3", one_ulp, Wire::Typed), Ok(()));
    assert!(with("0.30000000000000004", "0.2999999999999999", one_ulp, Wire::Typed).is_err());
    assert!(with(NAN, "1.0", relative(0.9), Wire::Typed).is_err());
    assert!(with(INF, "1e308", relative(0.9), Wire::Typed).is_err());
}

#[test]
fn no_default_tolerance_hides_a_short_pi() {
    let note = compare("3.14159", "3.141592653589793").unwrap_err();
    assert!(note.contains("8.4e-7"), "{note}");
}

#[test]
fn the_first_difference_has_its_path() {
    assert_eq!(
        compare(r#"{"rows":[{"name":"a"},{"name":"b"}]}"#, r#"{"rows":[{"name":"a"},{"name":"c"}]}"#).unwrap_err(),
        r#"result["rows"][1]["name"]: baseline "b", candidate "c""#
    );
    assert_eq!(
        compare("[1,2,3]", "[1,3]").unwrap_err(),
        "result: baseline 3 items, candidate 2 items (they part at [1])"
    );
    assert_eq!(compare(r#"{"a":1}"#, "{}").unwrap_err(), r#"result["a"]: baseline present, candidate missing"#);
}

#[test]
fn the_order_of_a_dictionary_counts_unless_it_is_ignored() {
    let (left, right) = (r#"{"a":1,"b":2}"#, r#"{"b":2,"a":1}"#);
    assert!(compare(left, right).unwrap_err().contains("another order"));
    let ignore = Tolerance { order: Order::Ignore, ..Tolerance::default() };
    assert_eq!(with(left, right, ignore, Wire::Typed), Ok(()));
    assert_eq!(with("[3,1,2,1]", "[1,1,2,3]", ignore, Wire::Typed), Ok(()));
    assert!(with("[3,1,2,1]", "[1,2,2,3]", ignore, Wire::Typed).is_err());
}

#[test]
fn nested_lists_in_whatever_order_are_multisets() {
    let ignore = Tolerance { order: Order::Ignore, ..Tolerance::default() };
    assert_eq!(with("[[1,2],[3,1]]", "[[1,3],[2,1]]", ignore, Wire::Typed), Ok(()));
    assert_eq!(with(r#"[{"a":[1,2]},{"b":0}]"#, r#"[{"b":0},{"a":[2,1]}]"#, ignore, Wire::Typed), Ok(()));
    assert!(with("[[1,2],[3,1]]", "[[1,3],[2,2]]", ignore, Wire::Typed).unwrap_err().contains("in whatever order"));
    // A tuple is a record.
    let (pair, turned) = (r#"{"$":"tuple","v":[1,2]}"#, r#"{"$":"tuple","v":[2,1]}"#);
    assert!(with(pair, turned, ignore, Wire::Typed).is_err());
    let near = Tolerance { relative: Some(1e-6), ..ignore };
    assert_eq!(with("[1.0,2.0,1.0000001]", "[2.0000001,1.0,1.0]", near, Wire::Typed), Ok(()));
    assert_eq!(with("[[1.0,9],[1.0000001,8]]", "[[1.0000001,9],[1.0,8]]", near, Wire::Typed), Ok(()));
    assert!(with("[[1.0,9],[1.0,8]]", "[[1.0,9],[1.0,9]]", near, Wire::Typed).is_err());
}

#[test]
fn sets_have_no_order_within_a_tolerance_either() {
    // Their members are written in the order of their encodings, in which 10.0 comes before 9.99….
    let (one, other) = (r#"{"$":"set","v":[10.0,2.0]}"#, r#"{"$":"set","v":[2.0,9.9999999999]}"#);
    assert_eq!(with(one, other, relative(1e-9), Wire::Typed), Ok(()));
    assert!(compare(one, other).is_err());
}

#[test]
fn a_deep_difference_is_found_in_one_walk() {
    let nested = |inner: &str| format!("{}{inner}{}", "[".repeat(380), "]".repeat(380));
    let said = compare(&nested("1"), &nested("2")).unwrap_err();
    assert!(said.ends_with("[0]: baseline 1, candidate 2"));
    let ignore = Tolerance { order: Order::Ignore, relative: Some(1e-9), ..Tolerance::default() };
    assert!(with(&nested("1.0,2.0"), &nested("2.0,1.5"), ignore, Wire::Typed).is_err());
}

#[test]
fn each_nature_has_its_name() {
    let nature = |left: &str, right: &str| {
        values(&value(left), &value(right), &Rules::default(), Wire::Typed).unwrap_err().nature
    };
    assert_eq!(nature("1", "2"), Nature::Value);
    assert_eq!(nature("1", "1.0"), Nature::Type);
    assert_eq!(nature("[1]", "[]"), Nature::Length);
    assert_eq!(nature("[1,2]", "[2,1]"), Nature::Order);
    assert_eq!(nature(r#"{"a":1,"b":2}"#, r#"{"b":2,"a":1}"#), Nature::Order);
}

#[test]
fn integers_too_small_for_their_value_are_recognised() {
    let big = r#"{"$":"int","v":"9223372036854775808"}"#;
    assert!(compare(big, "-9223372036854775808").unwrap_err().contains("wraps at 64 bits"));
    assert!(compare(big, "9223372036854775807").unwrap_err().contains("stops at the limit of 64 bits"));
    assert!(compare("4294967297", "1").unwrap_err().contains("wraps at 32 bits"));
    assert!(!compare("5", "1").unwrap_err().contains("bits"));
}

#[test]
fn an_object_of_its_own_counts_unless_it_is_ignored() {
    let (own, alias) = (r#"{"value":[1]}"#, r#"{"value":[1],"aliases":[0]}"#);
    assert!(compare_outcomes(own, alias, Wire::Typed).unwrap_err().contains("argument 0 itself"));
    assert_eq!(compare_outcomes(alias, own, Wire::Typed), Ok(()));
    assert_eq!(compare_outcomes(alias, alias, Wire::Typed), Ok(()));
    let tolerance = Tolerance { identity: Identity::Ignore, ..Tolerance::default() };
    let rules = Rules { tolerance, ..Rules::default() };
    assert_eq!(outcomes(&document(own), &document(alias), &rules, Wire::Typed), Ok(()));
}

fn document(json: &str) -> OutcomeDocument {
    serde_json::from_str(json).unwrap()
}

fn compare_outcomes(left: &str, right: &str, wire: Wire) -> Result<(), String> {
    outcomes(&document(left), &document(right), &Rules::default(), wire).map_err(|difference| difference.to_string())
}

#[test]
fn exceptions_agree_by_class_and_position() {
    let raised = |class: &str, position: &str| {
        format!(r#"{{"raised":{{"class":"{class}","bases":[],"message":"{position}","position":{position}}}}}"#)
    };
    let typed = |left: &str, right: &str| compare_outcomes(left, right, Wire::Typed);
    assert_eq!(typed(&raised("ValueError", "3"), &raised("ValueError", "3")), Ok(()));
    assert_eq!(typed(&raised("ValueError", "3"), &raised("ValueError", "null")), Ok(()));
    assert!(typed(&raised("ValueError", "3"), &raised("ValueError", "4")).is_err());
    assert!(typed(&raised("ValueError", "3"), &raised("TypeError", "3")).is_err());
    assert!(typed(&raised("ValueError", "3"), r#"{"value":null}"#).is_err());
    assert!(typed(r#"{"value":1}"#, &raised("PanicException", "null")).is_err());
}

#[test]
fn arguments_after_the_call_count() {
    let (changed, plain) = (r#"{"value":null,"arguments":[[1,2]]}"#, r#"{"value":null}"#);
    assert!(compare_outcomes(changed, plain, Wire::Typed).unwrap_err().contains("changed by the call"));
    assert!(compare_outcomes(plain, changed, Wire::Typed).is_err());
    assert_eq!(compare_outcomes(changed, changed, Wire::Typed), Ok(()));
    assert!(compare_outcomes(changed, r#"{"value":null,"arguments":[[1]]}"#, Wire::Typed).is_err());
}
