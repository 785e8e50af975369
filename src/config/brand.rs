//! How pages look: the operator's colour and logos.

use std::{fmt, str::FromStr, sync::Arc};

use crate::base::Digest;

/// A colour of red, green and blue.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Color([u8; 3]);

/// The text is no colour.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a colour is `#` and six hexadecimal digits, such as `#1f5f8b`")]
pub struct ColorError;

/// The colour of buttons and links, on light pages and on dark ones.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Accent {
    /// On light pages.
    pub light: Color,
    /// On dark pages.
    pub dark: Color,
}

/// A picture that pages show.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Image {
    /// Its media type.
    pub media: &'static str,
    /// The file.
    pub bytes: Arc<[u8]>,
    /// Names it in URLs, so that a new one is fetched anew.
    pub name: String,
}

/// Why a file is no picture for a page.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ImageError {
    /// Of a kind that is not shown.
    #[error("is no SVG, PNG, JPEG or WebP")]
    Kind,
    /// A page must stay small.
    #[error("is larger than {} KiB", Image::LARGEST / 1024)]
    Size,
}

impl Color {
    /// The lightest ground of light pages against which text must be read.
    pub const LIGHT_PAGE: Self = Self([0xf4, 0xf6, 0xf8]);
    /// The lightest ground of dark pages.
    pub const DARK_PAGE: Self = Self([0x18, 0x21, 0x2a]);
    /// The least contrast of text (WCAG 2.2, 1.4.3).
    pub const LEAST: f64 = 4.5;
    const WHITE: Self = Self([0xff; 3]);
    const INK: Self = Self([0x0c, 0x1a, 0x26]);

    /// The contrast with another colour, from 1 to 21, as WCAG defines it.
    pub fn contrast(self, other: Self) -> f64 {
        let (a, b) = (self.luminance(), other.luminance());
        (a.max(b) + 0.05) / (a.min(b) + 0.05)
    }

    fn luminance(self) -> f64 {
        let linear = |byte: u8| {
            let c = f64::from(byte) / 255.0;
            if c <= 0.040_45 { c / 12.92 } else { ((c + 0.055) / 1.055).powf(2.4) }
        };
        let [red, green, blue] = self.0.map(linear);
        0.2126 * red + 0.7152 * green + 0.0722 * blue
    }

    /// White or ink, whichever reads better on it.
    pub fn text_on(self) -> Self {
        if self.contrast(Self::WHITE) >= self.contrast(Self::INK) { Self::WHITE } else { Self::INK }
    }

    /// The nearest shade that can be read on a ground: darker on a light one, lighter on a dark one.
    pub fn readable_on(self, ground: Self) -> Self {
        let towards = if ground.luminance() > 0.5 { 0_u16 } else { 255 };
        let mixed =
            |step: u16| Self(self.0.map(|byte| u8::try_from((u16::from(byte) * (20 - step) + towards * step) / 20).unwrap_or(u8::MAX)));
        (0..=20).map(mixed).find(|shade| shade.contrast(ground) >= Self::LEAST).unwrap_or(mixed(20))
    }
}

impl Default for Accent {
    fn default() -> Self {
        Self { light: Color([0x1f, 0x5f, 0x8b]), dark: Color([0x7f, 0xbc, 0xe6]) }
    }
}

impl FromStr for Color {
    type Err = ColorError;

    fn from_str(text: &str) -> Result<Self, ColorError> {
        let digits = text.strip_prefix('#').filter(|d| d.len() == 6 && d.bytes().all(|b| b.is_ascii_hexdigit())).ok_or(ColorError)?;
        let value = u32::from_str_radix(digits, 16).map_err(|_| ColorError)?;
        let [_, red, green, blue] = value.to_be_bytes();
        Ok(Self([red, green, blue]))
    }
}

impl fmt::Display for Color {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let [red, green, blue] = self.0;
        write!(f, "#{red:02x}{green:02x}{blue:02x}")
    }
}

impl Image {
    /// The largest file: with it a page weighs less than 50 KB.
    pub const LARGEST: usize = 24 * 1024;

    /// Looks at what is in the file, not at its name.
    pub fn parse(bytes: Vec<u8>) -> Result<Self, ImageError> {
        if bytes.len() > Self::LARGEST {
            return Err(ImageError::Size);
        }
        let media = match bytes.as_slice() {
            [0x89, b'P', b'N', b'G', ..] => "image/png",
            [0xff, 0xd8, 0xff, ..] => "image/jpeg",
            [b'R', b'I', b'F', b'F', _, _, _, _, b'W', b'E', b'B', b'P', ..] => "image/webp",
            text if is_svg(text) => "image/svg+xml",
            _ => return Err(ImageError::Kind),
        };
        let digest = Digest::of(&bytes);
        let name = digest.as_bytes().iter().take(12).map(|byte| format!("{byte:02x}")).collect();
        Ok(Self { media, bytes: bytes.into(), name })
    }
}

fn is_svg(bytes: &[u8]) -> bool {
    std::str::from_utf8(bytes).is_ok_and(|text| text.trim_start_matches('\u{feff}').trim_start().starts_with('<') && text.contains("<svg"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn color(text: &str) -> Color {
        text.parse().unwrap()
    }

    #[test]
    fn contrast_is_what_the_guidelines_say() {
        assert!((color("#000000").contrast(color("#ffffff")) - 21.0).abs() < 0.01);
        assert!((color("#777777").contrast(color("#ffffff")) - 4.48).abs() < 0.01);
        let usual = Accent::default();
        assert!(usual.light.contrast(Color::LIGHT_PAGE) >= Color::LEAST && usual.dark.contrast(Color::DARK_PAGE) >= Color::LEAST);
    }

    #[test]
    fn a_shade_that_can_be_read_is_found_for_every_colour() {
        for text in ["#ffcc00", "#000000", "#ffffff", "#1f5f8b", "#ff0000"] {
            for ground in [Color::LIGHT_PAGE, Color::DARK_PAGE] {
                let shade = color(text).readable_on(ground);
                assert!(shade.contrast(ground) >= Color::LEAST, "{text} became {shade}");
                assert!(shade.text_on().contrast(shade) >= Color::LEAST, "the text on {shade}");
            }
        }
    }

    #[test]
    fn a_picture_is_known_by_what_is_in_it() {
        assert_eq!(Image::parse(b"<?xml version=\"1.0\"?><svg/>".to_vec()).unwrap().media, "image/svg+xml");
        assert_eq!(Image::parse(b"\x89PNG\r\n\x1a\n".to_vec()).unwrap().media, "image/png");
        assert_eq!(Image::parse(b"<html><svg></html>".to_vec()).unwrap().media, "image/svg+xml", "as a picture, script in it does not run");
        assert_eq!(Image::parse(b"GIF89a".to_vec()), Err(ImageError::Kind));
        assert_eq!(Image::parse(vec![0; Image::LARGEST + 1]), Err(ImageError::Size));
    }
}
