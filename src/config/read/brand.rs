//! Colours and logos.

use super::fields::{Fields, Read};
use crate::{
    base::yaml::Node,
    config::{Accent, Color, Image},
};

impl Read<'_> {
    /// `color` and `color_dark` of the portal. Where only one is there, the other is a shade of it that can be read.
    pub(super) fn accent(&mut self, fields: &Fields<'_>) -> Accent {
        let light = fields.get("color").and_then(|node| self.color(node, Color::LIGHT_PAGE, "light"));
        let dark = fields.get("color_dark").and_then(|node| self.color(node, Color::DARK_PAGE, "dark"));
        match (light, dark) {
            (None, None) => Accent::default(),
            (Some(light), None) => Accent { light, dark: light.readable_on(Color::DARK_PAGE) },
            (None, Some(dark)) => Accent { light: dark.readable_on(Color::LIGHT_PAGE), dark },
            (Some(light), Some(dark)) => Accent { light, dark },
        }
    }

    /// A colour that can be read on these pages.
    fn color(&mut self, node: &Node, ground: Color, pages: &str) -> Option<Color> {
        let color: Color = self.reader.parsed(node)?;
        let contrast = color.contrast(ground);
        if contrast < Color::LEAST {
            let problem =
                format!("`{color}` can hardly be read on {pages} pages: its contrast is {contrast:.1}, and {} is needed", Color::LEAST);
            self.reader.error(node.at, problem, Some(format!("the nearest shade that can be read is `{}`", color.readable_on(ground))));
            return None;
        }
        Some(color)
    }

    /// A logo, read once.
    pub(super) fn logo(&mut self, node: &Node) -> Option<Image> {
        let (path, bytes) = self.file(node)?;
        match Image::parse(bytes) {
            Ok(image) => Some(image),
            Err(why) => {
                self.error(node.at, format!("`{}` {why}", path.display()), "logos are SVG, PNG, JPEG or WebP of at most 24 KiB");
                None
            }
        }
    }
}
