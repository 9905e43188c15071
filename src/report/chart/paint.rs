//! The shapes of a picture drawn by plotters, on whatever it can draw on: one code for SVG and PNG.

use plotters::coord::Shift;
use plotters::drawing::DrawingAreaErrorKind;
use plotters::element::DashedPathElement;
use plotters::prelude::{
    Circle, DrawingArea, DrawingBackend, IntoDrawingArea, PathElement, Polygon, Rectangle, ShapeStyle, Text,
};
use plotters::style::text_anchor::{HPos, Pos, VPos};
use plotters::style::{Color, FontFamily, FontStyle, TextStyle};

use super::drawing::{Anchor, Point, Shape, Stroke};

/// Plotters draws on whole units. A unit is this part of a pixel, so that curves stay smooth.
pub const UNITS: f64 = 10.0;

/// Whether everything was drawn.
pub type Painted<B> = Result<(), DrawingAreaErrorKind<<B as DrawingBackend>::ErrorType>>;

/// Draws shapes in their order.
pub fn paint<B: DrawingBackend>(backend: B, shapes: &[Shape]) -> Painted<B> {
    let area = backend.into_drawing_area();
    shapes.iter().try_for_each(|shape| draw(&area, shape))?;
    area.present()
}

fn draw<B: DrawingBackend>(area: &DrawingArea<B, Shift>, shape: &Shape) -> Painted<B> {
    match shape {
        Shape::Line { points, colour, width, stroke } => {
            let style =
                ShapeStyle { color: colour.light().to_rgba(), filled: false, stroke_width: length(f64::from(*width)) };
            let points: Vec<(i32, i32)> = points.iter().copied().map(place).collect();
            match stroke {
                Stroke::Solid => area.draw(&PathElement::new(points, style)),
                Stroke::Dashed(dash) => {
                    let dash = length(f64::from(*dash));
                    area.draw(&DashedPathElement::new(points, dash, dash, style))
                }
            }
        }
        Shape::Area { points, colour } => {
            let points: Vec<(i32, i32)> = points.iter().copied().map(place).collect();
            area.draw(&Polygon::new(points, colour.light().filled()))
        }
        Shape::Box { from, to, colour } => {
            area.draw(&Rectangle::new([place(*from), place(*to)], colour.light().filled()))
        }
        Shape::Disc { at, radius, outline, colour } => {
            let stroke_width = length(f64::from(outline.unwrap_or(0)));
            let style = ShapeStyle { color: colour.light().to_rgba(), filled: outline.is_none(), stroke_width };
            area.draw(&Circle::new(place(*at), length(*radius), style))
        }
        Shape::Text { at, text, size, colour, anchor, bold } => {
            let horizontal = match anchor {
                Anchor::Start => HPos::Left,
                Anchor::Middle => HPos::Center,
                Anchor::End => HPos::Right,
            };
            let weight = if *bold { FontStyle::Bold } else { FontStyle::Normal };
            let ink = colour.light();
            let style = TextStyle::from((FontFamily::SansSerif, size * UNITS, weight))
                .color(&ink)
                .pos(Pos::new(horizontal, VPos::Center));
            area.draw(&Text::new(text.as_str(), place(*at), style))
        }
    }
}

/// A place in units.
pub fn place((x, y): Point) -> (i32, i32) {
    ((x * UNITS).round() as i32, (y * UNITS).round() as i32)
}

/// A length in units.
pub fn length(pixels: f64) -> u32 {
    (pixels * UNITS).round() as u32
}
