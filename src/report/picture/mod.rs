//! Pictures of a build: the graph as SVG, DOT, Mermaid and JSON; how it runs as a `timeline`.
//!
//! [`GraphView`] is what a picture of the graph shows, as plain data; `layout` gives it positions; one file for each format turns
//! it into bytes. Nothing here computes what a build does: the analysis has done so.

mod arrange;
mod collapse;
mod costs;
mod dot;
mod fold;
mod json;
pub mod layout;
mod mermaid;
pub mod metrics;
mod nodes;
mod svg;
pub mod timeline;
pub mod view;
mod widths;
mod xml;

pub(super) use self::arrange::words::arguments;
pub use self::collapse::Detail;
pub use self::dot::dot;
pub use self::fold::MAX_BOXES;
#[cfg(feature = "schema")]
pub use self::json::graph_schema;
pub use self::json::json;
pub use self::layout::Direction;
pub use self::mermaid::mermaid;
pub(super) use self::svg::STYLE;
pub use self::svg::{Options, sign, signs, svg};
pub use self::timeline::{ComparedView, TimelineView, compared_svg, timeline_svg};
pub use self::view::GraphView;
