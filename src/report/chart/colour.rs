//! The colours of a report: one for each kind of implementation, the same in every chart and table.
//!
//! The four are after Okabe and Ito's palette for colour-blind readers, made darker for a light page and lighter for a
//! dark one until text in them has a contrast of 4.5 : 1. A chart is drawn in the light colours, which stand for
//! classes of a style sheet ([`super::look`]) that knows the dark ones, too, so that one file serves both.

use plotters::style::RGBColor;

use crate::evidence::Kind;

/// Every kind, in the order of legends.
pub const KINDS: [Kind; 4] = [Kind::Python, Kind::Library, Kind::Hybrid, Kind::Native];

/// What a mark in a chart is, which decides its colour.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Colour {
    /// What is read first.
    Ink,
    /// What explains it.
    Muted,
    /// Lines that guide the eye.
    Grid,
    /// The line that means something: 1×, an axis.
    Axis,
    /// What is behind everything.
    Surface,
    /// An implementation of that kind.
    Of(Kind),
}

impl Colour {
    /// Every colour, for the style sheet.
    pub const ALL: [Colour; 9] = [
        Colour::Ink,
        Colour::Muted,
        Colour::Grid,
        Colour::Axis,
        Colour::Surface,
        Colour::Of(Kind::Python),
        Colour::Of(Kind::Library),
        Colour::Of(Kind::Hybrid),
        Colour::Of(Kind::Native),
    ];

    /// Red, green and blue on a light page and on a dark one.
    fn values(self) -> [(u8, u8, u8); 2] {
        match self {
            Colour::Ink => [(0x1b, 0x1f, 0x24), (0xe6, 0xe9, 0xed)],
            Colour::Muted => [(0x57, 0x60, 0x6a), (0x9b, 0xa5, 0xb0)],
            Colour::Grid => [(0xe6, 0xe9, 0xed), (0x2a, 0x31, 0x3a)],
            Colour::Axis => [(0x8a, 0x93, 0x9d), (0x72, 0x7d, 0x89)],
            Colour::Surface => [(0xff, 0xff, 0xff), (0x16, 0x1a, 0x20)],
            Colour::Of(Kind::Python) => [(0x00, 0x68, 0xa8), (0x5a, 0xb4, 0xee)],
            Colour::Of(Kind::Library) => [(0xa8, 0x4f, 0x86), (0xe5, 0x9c, 0xc6)],
            Colour::Of(Kind::Hybrid) => [(0xb8, 0x4e, 0x00), (0xf0, 0x95, 0x43)],
            Colour::Of(Kind::Native) => [(0x00, 0x78, 0x58), (0x35, 0xc4, 0x98)],
        }
    }

    /// As it is drawn.
    pub fn light(self) -> RGBColor {
        let (red, green, blue) = self.values()[0];
        RGBColor(red, green, blue)
    }

    /// The same, as plotters hands it on.
    pub fn rgb(self) -> (u8, u8, u8) {
        self.values()[0]
    }

    /// The colour that is drawn so; no two are alike.
    pub fn of(rgb: (u8, u8, u8)) -> Colour {
        Colour::ALL.into_iter().find(|colour| colour.rgb() == rgb).unwrap_or(Colour::Ink)
    }

    /// The letter of its classes.
    pub fn letter(self) -> char {
        self.name().chars().next().unwrap_or_default()
    }

    /// Its name as a variable of a page.
    pub fn name(self) -> &'static str {
        match self {
            Colour::Ink => "ink",
            Colour::Muted => "muted",
            Colour::Grid => "grid",
            Colour::Axis => "axis",
            Colour::Surface => "surface",
            Colour::Of(kind) => kind.as_str(),
        }
    }

    /// As a style sheet writes it, on a light page and on a dark one.
    pub fn hex(self) -> [String; 2] {
        self.values().map(|(red, green, blue)| format!("#{red:02X}{green:02X}{blue:02X}"))
    }
}

/// The colours as variables of a page, light and dark: `--python` and its like.
pub fn variables() -> [String; 2] {
    [0, 1].map(|mode| Colour::ALL.map(|colour| format!("--{}:{};", colour.name(), colour.hex()[mode])).concat())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn luminance((red, green, blue): (u8, u8, u8)) -> f64 {
        let linear = |channel: u8| {
            let channel = f64::from(channel) / 255.0;
            if channel <= 0.04045 { channel / 12.92 } else { ((channel + 0.055) / 1.055).powf(2.4) }
        };
        0.2126 * linear(red) + 0.7152 * linear(green) + 0.0722 * linear(blue)
    }

    #[test]
    fn text_and_marks_stand_out_on_light_and_dark() {
        for mode in [0, 1] {
            let surface = luminance(Colour::Surface.values()[mode]);
            for colour in Colour::ALL {
                let wanted = match colour {
                    Colour::Ink | Colour::Muted | Colour::Of(_) => 4.5,
                    Colour::Axis => 3.0,
                    Colour::Grid | Colour::Surface => 1.0,
                };
                let own = luminance(colour.values()[mode]);
                let contrast = (own.max(surface) + 0.05) / (own.min(surface) + 0.05);
                assert!(contrast >= wanted, "{colour:?}: {contrast:.2}");
            }
        }
    }

    #[test]
    fn no_two_colours_are_the_same_value() {
        let values: std::collections::BTreeSet<_> = Colour::ALL.iter().map(|colour| colour.values()[0]).collect();
        assert_eq!(values.len(), Colour::ALL.len());
    }
}
