//! Builds that a bake file defines.

use std::collections::BTreeMap;

use super::definition::{Definition, Legs, Platforms};
use super::docker::BuildCall;
use super::site::Site;
use super::text::Text;
use super::world::World;

/// Notes the builds of a call of bake.
pub(super) fn command(
    world: &mut World<'_>,
    _site: &Site,
    call: &BuildCall,
    _folder: &str,
    _environment: &BTreeMap<String, String>,
    mut definition: Definition,
) {
    let why = format!("bake {}", call.positional.join(" "));
    definition.dockerfile = Text::unknown(&why);
    definition.context = Text::unknown(&why);
    definition.target = Some(Text::unknown(&why));
    definition.platforms = Platforms::Unknown(Text::unknown(&why), Vec::new());
    definition.more_args = true;
    definition.legs = Legs::Unknown;
    world.add(definition);
}
