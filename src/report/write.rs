//! The files of a report, each whole or not there.

use std::fs;
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use thiserror::Error;

use super::chart::{self, Drawing, Picture, PngError, Room, Use};
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
    /// A picture could not be drawn as pixels.
    #[error("cannot draw {}: {source}", path.display())]
    Png {
        /// The file that it was for.
        path: PathBuf,
        /// Why.
        source: PngError,
    },
}

/// The forms of a report's pictures.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Charts {
    /// SVG.
    Svg,
    /// SVG, and PNG for slides.
    SvgAndPng,
}

impl Charts {
    /// SVG, and PNG beside it where that is asked for.
    pub fn with_png(png: bool) -> Charts {
        if png { Charts::SvgAndPng } else { Charts::Svg }
    }
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
pub fn write(run: &Run, folder: &Path, forms: Charts) -> Result<Written, WriteError> {
    let charts_folder = folder.join("charts");
    fs::create_dir_all(&charts_folder).map_err(|source| WriteError::File { path: charts_folder.clone(), source })?;
    let mut charts = Vec::new();
    for (name, drawing) in charts_of(run) {
        charts.push(replace(charts_folder.join(format!("{name}.svg")), drawing.svg(Use::File).as_bytes())?);
        if forms == Charts::SvgAndPng {
            let path = charts_folder.join(format!("{name}.png"));
            let png = drawing.png().map_err(|source| WriteError::Png { path: path.clone(), source })?;
            charts.push(replace(path, &png)?);
        }
    }
    Ok(Written {
        csv: replace(folder.join("measurements.csv"), csv(run).as_bytes())?,
        markdown: replace(folder.join("report.md"), markdown(run).as_bytes())?,
        html: replace(folder.join("report.html"), html(run)?.as_bytes())?,
        charts,
    })
}

/// Every picture with its file's name, without the ending.
fn charts_of(run: &Run) -> impl Iterator<Item = (String, Drawing)> + '_ {
    let speedups = chart::speedups(run, Room::Wide).map(|drawing| ("speedups".to_owned(), drawing));
    let of_workloads = run.workloads.iter().flat_map(move |workload| {
        let slug = slug::slug(&workload.name);
        Picture::ALL.into_iter().filter_map(move |picture| {
            Some((format!("{}-{slug}", picture.as_str()), picture.draw(run, workload, Room::Wide)?))
        })
    });
    speedups.into_iter().chain(of_workloads)
}

/// Replaces a file as a whole: a reader sees the old one or the new one, never a part.
fn replace(path: PathBuf, content: &[u8]) -> Result<PathBuf, WriteError> {
    let folder = path.parent().unwrap_or(Path::new("."));
    match replace_in(folder, &path, content) {
        Ok(()) => Ok(path),
        Err(source) => Err(WriteError::File { path, source }),
    }
}

fn replace_in(folder: &Path, path: &Path, content: &[u8]) -> io::Result<()> {
    let mut builder = tempfile::Builder::new();
    builder.prefix(".report-");
    // A temporary file is private by default; a report is as readable as any other file of its owner.
    #[cfg(unix)]
    builder.permissions(std::os::unix::fs::PermissionsExt::from_mode(0o666));
    let mut file = builder.tempfile_in(folder)?;
    // Not synced: a report can be rendered again, and a thousand charts would wait for the disk a thousand times.
    file.write_all(content)?;
    file.persist(path).map_err(|error| error.error)?;
    Ok(())
}
