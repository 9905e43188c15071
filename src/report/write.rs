//! The files of a report, each whole or not there.

use std::fs;
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use thiserror::Error;

use super::chart::{self, Room, Use};
use super::{csv, html, markdown, slug};
use crate::evidence::Run;

/// Why a report could not be written.
#[derive(Debug, Error)]
pub enum WriteError {
    /// A file or folder could not be made.
    #[error("cannot write {}: {source}", path.display())]
    File {
        /// Which one.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// The page's template failed, which is a defect of the tool.
    #[error("cannot render the report: {0}")]
    Render(#[from] minijinja::Error),
}

/// What was written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Written {
    /// The page.
    pub html: PathBuf,
    /// The page as Markdown.
    pub markdown: PathBuf,
    /// The measurements.
    pub csv: PathBuf,
    /// The pictures, each a file of its own.
    pub charts: Vec<PathBuf>,
}

/// Writes the report of a run into a folder, which is made if it is not there.
///
/// # Errors
/// When a file cannot be written; those already written are whole.
pub fn write(run: &Run, folder: &Path) -> Result<Written, WriteError> {
    let charts_folder = folder.join("charts");
    fs::create_dir_all(&charts_folder).map_err(|source| WriteError::File { path: charts_folder.clone(), source })?;
    let mut charts = Vec::new();
    for (name, svg) in charts_of(run) {
        charts.push(replace(charts_folder.join(name), &svg)?);
    }
    Ok(Written {
        csv: replace(folder.join("measurements.csv"), &csv(run))?,
        markdown: replace(folder.join("report.md"), &markdown(run))?,
        html: replace(folder.join("report.html"), &html(run)?)?,
        charts,
    })
}

/// Every picture with its file's name.
pub fn charts_of(run: &Run) -> Vec<(String, String)> {
    let mut charts: Vec<(String, Option<chart::Drawing>)> =
        vec![("speedups.svg".to_owned(), chart::speedups(run, Room::Wide))];
    for workload in &run.workloads {
        let slug = slug::slug(&workload.name);
        charts.push((format!("scaling-{slug}.svg"), chart::scaling(run, workload, Room::Wide)));
        let split = workload.headline_size().and_then(|size| chart::split(run, workload, size, Room::Wide));
        charts.push((format!("split-{slug}.svg"), split));
    }
    charts.into_iter().filter_map(|(name, drawing)| Some((name, drawing?.svg(Use::File)))).collect()
}

/// Replaces a file as a whole: a reader sees the old one or the new one, never a part.
fn replace(path: PathBuf, content: &str) -> Result<PathBuf, WriteError> {
    let folder = path.parent().unwrap_or(Path::new("."));
    match replace_in(folder, &path, content) {
        Ok(()) => Ok(path),
        Err(source) => Err(WriteError::File { path, source }),
    }
}

fn replace_in(folder: &Path, path: &Path, content: &str) -> io::Result<()> {
    let mut builder = tempfile::Builder::new();
    builder.prefix(".report-");
    // A temporary file is private by default; a report is as readable as any other file of its owner.
    #[cfg(unix)]
    builder.permissions(std::os::unix::fs::PermissionsExt::from_mode(0o666));
    let mut file = builder.tempfile_in(folder)?;
    // Not synced: a report can be rendered again, and a thousand charts would wait for the disk a thousand times.
    file.write_all(content.as_bytes())?;
    file.persist(path).map_err(|error| error.error)?;
    Ok(())
}
