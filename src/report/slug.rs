//! Names of files and anchors made from names of workloads, which may hold anything.

use sha2::{Digest, Sha256};

const LONGEST: usize = 48;

/// A name for a file or an anchor: `a` to `z`, digits, `_` and `-` only.
///
/// A name that is such a word already stays what it is. Every other, capitals and long ones included, ends with a
/// digest of itself, so that no two names share a file, on file systems that ignore case too.
pub fn slug(name: &str) -> String {
    let safe = |character: char| matches!(character, 'a'..='z' | '0'..='9' | '_' | '-');
    if !name.is_empty() && name.len() <= LONGEST && name.chars().all(safe) && !looks_digested(name) {
        return name.to_owned();
    }
    let mut stem = String::new();
    for character in name.chars().map(|character| character.to_ascii_lowercase()) {
        if stem.len() == LONGEST {
            break;
        }
        if safe(character) {
            stem.push(character);
        } else if !stem.is_empty() && !stem.ends_with('-') {
            stem.push('-');
        }
    }
    let digest = Sha256::digest(name.as_bytes());
    let digest: String = digest.iter().take(4).map(|byte| format!("{byte:02x}")).collect();
    let stem = stem.trim_end_matches('-');
    if stem.is_empty() { format!("workload-{digest}") } else { format!("{stem}-{digest}") }
}

/// Whether a plain name ends as a digest does, and could so be mistaken for another's slug.
fn looks_digested(name: &str) -> bool {
    name.rsplit_once('-').is_some_and(|(_, end)| end.len() == 8 && end.bytes().all(|byte| byte.is_ascii_hexdigit()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn plain_names_stay_and_all_others_are_told_apart() {
        assert_eq!(slug("csv_count"), "csv_count");
        let hostile = ["../../etc/passwd", "A", "a/b", "a b", "=cmd()", "<script>", "שלום", "", "con.", "a-b-0123abcd"];
        let slugs: std::collections::BTreeSet<String> = hostile.iter().map(|name| slug(name)).collect();
        assert_eq!(slugs.len(), hostile.len());
        for slug in slugs {
            assert!(slug.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"_-".contains(&byte)), "{slug}");
        }
        assert!(slug(&"x".repeat(200)).len() < 64);
    }
}
