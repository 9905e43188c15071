//! The mark of an implementation: its form and colour tell the kind, its filling how far the number may be trusted.

use super::colour::Colour;
use super::drawing::{Drawing, Point, Shape};
use crate::evidence::Kind;

/// How a mark is filled.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Filling {
    /// A 95 % interval stands behind it.
    Full,
    /// Hollow: too few rounds for an interval.
    Indicative,
    /// Hatched: timed, but nothing compared its result.
    Unverified,
}

/// Draws a mark of about twice `radius` across.
pub fn mark(drawing: &mut Drawing, at: Point, kind: Kind, filling: Filling, radius: f64) {
    // Plotters draws on whole pixels; from a whole centre a form keeps its symmetry.
    let at = (at.0.round(), at.1.round());
    let colour = Colour::Of(kind);
    let outer = form(at, kind, radius);
    let disc = kind == Kind::Python;
    let mut circle = |outline| drawing.add(Shape::Disc { at, radius, outline, colour });
    match filling {
        Filling::Full if disc => circle(None),
        Filling::Indicative if disc => circle(Some(2)),
        Filling::Full => drawing.add(Shape::Area { points: outer, colour }),
        Filling::Indicative => ring(drawing, outer, colour, 2),
        Filling::Unverified => {
            if disc {
                circle(Some(1));
            }
            for line in hatching(&outer, at) {
                drawing.line(line[0], line[1], colour, 1);
            }
            if !disc {
                ring(drawing, outer, colour, 1);
            }
        }
    }
}

/// An outline; its inside is left as it is.
fn ring(drawing: &mut Drawing, mut points: Vec<Point>, colour: Colour, width: u32) {
    points.extend(points.first().copied());
    points.extend(points.get(1).copied());
    drawing.add(Shape::Line { points, colour, width, stroke: super::drawing::Stroke::Solid });
}

/// The corners of a disc for python, a square for a library, a diamond for a hybrid, a triangle for native.
fn form((x, y): Point, kind: Kind, radius: f64) -> Vec<Point> {
    match kind {
        Kind::Python => (0..16)
            .map(|step| {
                let (sine, cosine) = (f64::from(step) * std::f64::consts::TAU / 16.0).sin_cos();
                (x + radius * cosine, y + radius * sine)
            })
            .collect(),
        Kind::Library => {
            let half = (radius - 0.5).round();
            vec![(x - half, y - half), (x + half, y - half), (x + half, y + half), (x - half, y + half)]
        }
        Kind::Hybrid => {
            let reach = (radius + 1.0).round();
            vec![(x, y - reach), (x + reach, y), (x, y + reach), (x - reach, y)]
        }
        Kind::Native => {
            let reach = (radius + 1.0).round();
            vec![(x, y - reach), (x + reach, y + reach - 1.0), (x - reach, y + reach - 1.0)]
        }
    }
}

/// Parallel lines at 45° within a convex form.
fn hatching(corners: &[Point], (x, y): Point) -> Vec<[Point; 2]> {
    let edges: Vec<(Point, Point)> = corners.iter().copied().zip(corners.iter().copied().cycle().skip(1)).collect();
    [-6.0, -3.0, 0.0, 3.0, 6.0]
        .iter()
        .filter_map(|shift| {
            let distance = |(px, py): Point| (px - x) + (py - y) - shift;
            let crossings: Vec<Point> = edges
                .iter()
                .filter_map(|(from, to)| {
                    let (before, after) = (distance(*from), distance(*to));
                    ((before < 0.0) != (after < 0.0)).then(|| {
                        let share = before / (before - after);
                        (from.0 + share * (to.0 - from.0), from.1 + share * (to.1 - from.1))
                    })
                })
                .collect();
            Some([*crossings.first()?, *crossings.last()?])
        })
        .collect()
}
