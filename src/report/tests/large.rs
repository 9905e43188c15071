//! Large runs: their pages stay small, and leave nothing out.

use super::rich;
use crate::evidence::{Run, Workload};
use crate::report::{Charts, fixture, html, write};

/// A run of a thousand cells, of every kind and status.
pub fn thousand() -> Run {
    let mut run = rich(fixture::run());
    let template = run.workloads.clone();
    let copies = 1000 / run.cells().count() + 1;
    let copied = |copy: usize| {
        let named = move |workload: Workload| Workload { name: format!("{}_{copy}", workload.name), ..workload };
        template.iter().cloned().map(named)
    };
    run.workloads = (0..copies).flat_map(copied).collect();
    crate::verdict::decide(&mut run);
    run
}

#[test]
fn a_page_of_a_thousand_cells_is_small_and_leaves_no_picture_out() {
    let run = thousand();
    assert!(run.cells().count() >= 1000);
    let page = html(&run).unwrap();
    assert!(page.len() < 5_000_000, "{}", page.len());

    // The first pictures of each are in the page, the rest are linked, and what is linked is there.
    let folder = tempfile::tempdir().unwrap();
    write(&run, folder.path(), Charts::Svg).unwrap();
    let links: Vec<&str> = page
        .split("href=\"")
        .filter_map(|part| part.split('"').next())
        .filter(|link| link.starts_with("charts/"))
        .collect();
    let drawn = page.matches("<svg").count();
    assert!(drawn > run.workloads.len() && links.iter().all(|link| folder.path().join(link).exists()), "{links:?}");
    let few = rich(fixture::run());
    assert!(!html(&few).unwrap().contains("href=\"charts/"));
}
