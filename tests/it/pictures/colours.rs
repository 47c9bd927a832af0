//! The colours of the style sheet: enough contrast for every text on its ground, in light and dark.

/// The style sheet, as the picture has it.
const STYLE: &str = include_str!("../../../src/report/picture/svg/style.css");
/// What timelines add to it.
const TIMELINE: &str = include_str!("../../../src/report/picture/timeline/style.css");

/// The text class and the ground on which it stands.
const PAIRS: [(&str, &str); 13] = [
    ("text", ".page"),
    (".small", ".page"),
    (".subtitle", ".page"),
    ("text", ".group"),
    (".small", ".group"),
    (".small", ".box"),
    (".small", ".native .box"),
    (".small", ".mixed .box"),
    (".small", ".emulated .box"),
    (".small", ".unsupported .box"),
    (".result text", ".result .box"),
    (".on", ".platform"),
    (".reasontext", ".reason"),
];

/// The last fill that the rules of `style` give to a selector.
fn fill(style: &str, selector: &str) -> Option<[f64; 3]> {
    let rules = style.split('}').filter_map(|rule| rule.rsplit_once('{'));
    let own = rules.filter(|(selectors, _)| {
        let last = selectors.rsplit('{').next().unwrap_or(selectors);
        last.split(',').any(|one| one.trim() == selector)
    });
    let mut fills = own.filter_map(|(_, body)| body.split(';').find_map(|part| part.strip_prefix("fill:#")));
    fills.next_back().map(|hex| {
        let full: String =
            if hex.len() == 3 { hex.chars().flat_map(|char| [char, char]).collect() } else { hex.to_owned() };
        [0, 2, 4].map(|at| f64::from(u8::from_str_radix(&full[at..at + 2], 16).expect("a colour")) / 255.0)
    })
}

fn luminance(colour: [f64; 3]) -> f64 {
    let [red, green, blue] = colour
        .map(|part| if part <= 0.040_45 { part / 12.92 } else { libm::pow((part + 0.055) / 1.055, 2.4) });
    0.2126 * red + 0.7152 * green + 0.0722 * blue
}

/// The contrast ratio of WCAG 2.
fn contrast(a: [f64; 3], b: [f64; 3]) -> f64 {
    let (a, b) = (luminance(a), luminance(b));
    (a.max(b) + 0.05) / (a.min(b) + 0.05)
}

#[test]
fn every_text_is_readable() {
    let (light, dark) = STYLE.split_once("@media").expect("a dark scheme");
    let of_dark = |selector: &str| fill(dark, selector).or_else(|| fill(light, selector));
    for (text, ground) in PAIRS {
        let ratio = contrast(fill(light, text).expect(text), fill(light, ground).expect(ground));
        assert!(ratio >= 7.0 || text == ".subtitle" && ratio >= 4.5, "light: {text} on {ground}: {ratio:.1}");
        let ratio = contrast(of_dark(text).expect(text), of_dark(ground).expect(ground));
        assert!(ratio >= 7.0 || text == ".subtitle" && ratio >= 4.5, "dark: {text} on {ground}: {ratio:.1}");
    }
}

/// White signs stand on the bands; large shapes need a ratio of 3.
#[test]
fn every_sign_is_visible() {
    let (light, dark) = STYLE.split_once("@media").expect("a dark scheme");
    for mode in ["native", "cross", "mixed", "emulated", "unsupported"] {
        for style in [light, dark] {
            let band = fill(style, &format!(".{mode} .band")).expect(mode);
            assert!(contrast(band, [1.0; 3]) >= 3.0, "{mode}: {:.1}", contrast(band, [1.0; 3]));
        }
    }
}

/// Bars stand on the page and on the range of the end; large shapes need a ratio of 3.
#[test]
fn every_bar_is_visible() {
    let (light, dark) = TIMELINE.split_once("@media").expect("a dark scheme");
    let (light_page, dark_page) = STYLE.split_once("@media").expect("a dark scheme");
    for (style, page) in [(light, light_page), (dark, dark_page)] {
        let grounds = [fill(page, ".page"), fill(style, ".range")].map(|ground| ground.expect("a ground"));
        for mode in ["", ".native ", ".cross ", ".mixed ", ".emulated ", ".unsupported "] {
            let bar = fill(style, &format!("{mode}.bar")).expect(mode);
            for ground in grounds {
                assert!(contrast(bar, ground) > 3.0, "{mode}: {:.1}", contrast(bar, ground));
            }
        }
    }
}
