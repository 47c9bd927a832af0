//! From the size of a project to the work of a command: core-seconds and megabytes for each class that grows with it.
//!
//! The numbers were fitted to one half of the builds in `tests/data/projects` and are judged by the other:
//! `docs/cost-model.md` has the table.

use crate::context::{ManifestKind, Release};

use super::asked::Asked;
use super::bundlers::App;
use super::cargo::fetched;
use super::class::Class;
use super::golang::go;
use super::heavy::{gem, heavy};
use super::programs::Scale;
use super::project::Project;
use super::sources::{Language, Sources};

/// What the size of a project says of the work of a command.
#[derive(Debug, Clone, PartialEq)]
pub struct Sized {
    /// Core-seconds, natively.
    pub cpu: f64,
    /// Part of them that is not the project's own: done before where an earlier step compiled what it depends on.
    pub dependencies: f64,
    /// Megabytes over the network; `None` where the class's default holds.
    pub network: Option<f64>,
    /// Seconds of waiting for answers, besides what the class's default has.
    pub wait: f64,
    /// Part of the computation that only one core can do; `None` where the class's default holds.
    pub serial: Option<f64>,
    /// Standard deviation of the logarithm of the core-seconds.
    pub sigma: f64,
    /// How it was found: "422 Go modules, 1.2 MB of Go".
    pub rests_on: String,
}

/// A linear relation: core-seconds for nothing, for each package, and for each megabyte of own and of vendored sources.
struct Relation {
    base: f64,
    package: f64,
    own: f64,
    vendored: f64,
    sigma: f64,
}

const RUST: Relation = Relation { base: 20.0, package: 0.4, own: 30.0, vendored: 30.0, sigma: 0.31 };
/// Packages of npm are each the less work the more there are: see [`NODE_EXPONENT`].
const NODE_PACKAGES: Relation = Relation { base: 0.5, package: 1.0, own: 0.0, vendored: 0.0, sigma: 0.4 };
const SCRIPTS: Relation = Relation { base: 5.0, package: 0.003, own: 3.0, vendored: 0.0, sigma: 0.55 };
/// Source: `DSpace` of `tests/data/published`, 14 MB, and the default of the class for a usual project, of 1.5 MB: two points.
const JAVA: Relation = Relation { base: 40.0, package: 0.0, own: 12.0, vendored: 0.0, sigma: 0.8 };

/// Source: guesses, so that some hundred gems and some fifty packages take what a usual project does; [`gem`] has those that are compiled.
const GEMS: Relation = Relation { base: 2.0, package: 0.1, own: 0.0, vendored: 0.0, sigma: 0.8 };
const COMPOSER: Relation = Relation { base: 1.5, package: 0.07, own: 0.0, vendored: 0.0, sigma: 0.7 };

/// C, for each file, which compiles the headers that it includes once more, and for each megabyte.
///
/// Source: the fitted half: redis, 220 files of 7.4 MB, 69; ctags, 261 of 4.5, 42; nng, 119 of 1.3, 48 with its tests; hiredis, 10 of 0.3, 3.6.
const C_BASE: f64 = 0.6;
const C_FILE: f64 = 0.08;
const C_MEGABYTE: f64 = 7.0;
const C_SIGMA: f64 = 0.47;
/// The power of the number of npm packages that installing them grows with: the fitted half has 220 to 2,115 of them, and a line through
/// those would give a project of twenty packages seven core-seconds.
const NODE_EXPONENT: f64 = 0.44;

/// Packages that one which a `package.json` asks for brings, and the spread where no lock file tells.
///
/// Source: of 27 public projects with both the middle; a tenth has less than 7, a tenth more than 35.
const BROUGHT: f64 = 16.0;
const SIGMA_OF_LIST: f64 = 0.6;

/// The same of pnpm. Source: the fitted half, 176 packages 2.0 core-seconds, 428 10.7, 1,303 to 1,354 18 to 20, 2,079 21.
const PNPM_PACKAGE: f64 = 0.075;
const PNPM_EXPONENT: f64 = 0.8;

/// C++ for each file, which compiles the headers that it includes once more, for each megabyte, and for each of headers, which hold much
/// of the project's own templates.
///
/// Source: the fitted half: libzmq, 122 files of 1.1 MB, 33.6; ninja, 42 files of 0.41 MB, 24.5; yaml-cpp, 34 of 0.17 MB, 20.3; fmt, 4 and 0.6 MB of headers, 4.3.
const CXX_FILE: f64 = 0.4;
const CXX_MEGABYTE: f64 = 15.0;
const CXX_HEADER_MEGABYTE: f64 = 3.0;

/// The work of a command whose row of the table of programs says that it grows with `scale`, in a project of which something
/// is known, run in a folder or for a list of packages, which `place` is the path of. `None` where the project tells nothing of it.
pub fn sized(scale: Scale, project: &Project, place: &str, asked: &Asked<'_>) -> Option<Sized> {
    let sources = |language| project.sources(language);
    let packages = |kind| project.packages(kind, place);
    let of_node = [project.node()];
    let (relation, kinds, languages): (&Relation, &[ManifestKind], &[Language]) = match scale {
        // What installs packages of Python is in `super::python`.
        Scale::Fixed | Scale::Requirements => return None,
        Scale::Go => return go(project, place, asked),
        Scale::Rust => (&RUST, &[ManifestKind::CargoLock], &[Language::Rust]),
        Scale::Java => (&JAVA, &[], &[Language::Java]),
        Scale::NodePackages | Scale::PnpmPackages => (&NODE_PACKAGES, &of_node, &[]),
        Scale::Scripts => (&SCRIPTS, &of_node, &[Language::Script]),
        Scale::Gems => (&GEMS, &[ManifestKind::GemLock], &[]),
        Scale::ComposerPackages => (&COMPOSER, &[ManifestKind::ComposerLock], &[]),
        Scale::C => return c(project),
        Scale::GoModules | Scale::Crates => return downloads(scale, project, place),
        Scale::CMake | Scale::Meson | Scale::Autoconf | Scale::Autotools => {
            return checks(scale, project, place);
        }
    };
    let named = kinds.iter().find_map(|kind| packages(*kind));
    let known: Sources = languages.iter().fold(Sources::default(), |sum, language| {
        let Sources { own, vendored, files } = sources(*language);
        Sources { own: sum.own + own, vendored: sum.vendored + vendored, files: sum.files + files }
    });
    // Sources without a lock file are a project without dependencies; a lock file without sources is one that this step
    // does not see, and they are not there yet.
    if named.is_none() && known.own == 0 {
        return None;
    }
    let is_list = kinds == [ManifestKind::NodeList];
    let named = named.map_or(0.0, f64::from) * if is_list { BROUGHT } else { 1.0 };
    let cargo = asked.cargo(place);
    let compiled =
        project.crates(place).filter(|_| scale == Scale::Rust).map(|crates| crates.compiled(&cargo));
    let bytes = match (scale, &compiled) {
        (Scale::Scripts, _) => project.part(place).unwrap_or(known.own),
        (_, Some(compiled)) if !compiled.folders.is_empty() => {
            project.bytes_of_crates(&compiled.folders).min(known.own)
        }
        _ => known.own,
    };
    let own = relation.own * bytes as f64 / 1e6;
    let names = kinds.iter().map(|kind| project.names(*kind, place)).find(|names| !names.is_empty());
    let packages = match (scale, names) {
        (Scale::Rust, Some(names)) => {
            let all = || names.iter().map(|one| &*one.name);
            let of = |name: &str| heavy(name).unwrap_or(relation.package);
            compiled.map_or_else(|| all().map(of).sum(), |compiled| compiled.crates.into_iter().map(of).sum())
        }
        (Scale::Gems, Some(names)) => {
            names.iter().map(|one| relation.package + gem(&one.name).unwrap_or_default()).sum()
        }
        (Scale::NodePackages, _) => relation.package * libm::pow(named, NODE_EXPONENT),
        (Scale::PnpmPackages, _) => PNPM_PACKAGE * libm::pow(named, PNPM_EXPONENT),
        _ => relation.package * named,
    };
    let dependencies = packages + relation.vendored * known.vendored as f64 / 1e6;
    let app = if scale == Scale::Scripts { project.app(place) } else { App::default() };
    Some(Sized {
        cpu: (relation.base + own + dependencies + app.libraries) * app.pace,
        dependencies,
        network: match scale {
            Scale::NodePackages | Scale::PnpmPackages => Some(0.25 * named),
            Scale::Gems | Scale::ComposerPackages => Some(0.3 * named),
            _ => None,
        },
        wait: 0.0,
        serial: project.release().filter(|_| scale == Scale::Rust).map(serial),
        sigma: if is_list { relation.sigma.max(SIGMA_OF_LIST) } else { relation.sigma },
        rests_on: project.describe(kinds, languages, place),
    })
}

/// The serial part of a release build. Source: guesses; optimizing everything as one is done by one core, and crates of one unit
/// wait for each other longer than the default's.
const fn serial(release: Release) -> f64 {
    match (release.is_lto, release.is_one_unit) {
        (true, true) => 0.6,
        (true, false) => 0.55,
        (false, _) => 0.4,
    }
}

fn c(project: &Project) -> Option<Sized> {
    let bytes = |language| {
        let Sources { own, vendored, .. } = project.sources(language);
        (own + vendored) as f64 / 1e6
    };
    let (c, cxx) = (bytes(Language::C), bytes(Language::Cxx));
    let files = |language| f64::from(project.sources(language).files);
    let headers = if cxx > 0.0 { bytes(Language::Header) } else { 0.0 };
    let of_cxx = CXX_FILE * files(Language::Cxx) + CXX_MEGABYTE * cxx + CXX_HEADER_MEGABYTE * headers;
    (c + cxx > 0.0).then(|| Sized {
        cpu: C_BASE + C_FILE * files(Language::C) + C_MEGABYTE * c + of_cxx,
        dependencies: 0.0,
        network: None,
        wait: 0.0,
        serial: None,
        sigma: C_SIGMA,
        rests_on: project.describe(&[], &[Language::C, Language::Cxx], ""),
    })
}

/// What is asked of the system before C and C++ are compiled: by the description that lies nearest to the folder of the sources.
///
/// Source: the fitted half of `tests/data/projects`: cmake of libarchive, 487 checks, 22.9; libzmq, 117, 3.8; nng, 64, 2.6; libgit2, 53, 2.7; snappy, 30, 2.0;
/// libuv, 21, 1.2; leveldb, 15, 1.5; ninja, 11, 0.9; yaml-cpp, 2, 0.5. `autoreconf` and `configure` of ctags, 235 macros, 7.2, jq, 152, 10.5,
/// jansson, 58, 4.0, oniguruma, 31, 4.3; the one that zlib has ready, 28 kB, 0.4.
fn checks(scale: Scale, project: &Project, folder: &str) -> Option<Sized> {
    let kinds: &[(ManifestKind, f64, f64)] = match scale {
        Scale::CMake => &[(ManifestKind::CMake, 0.35, 0.042)],
        Scale::Meson => &[(ManifestKind::Meson, 1.0, 0.07)],
        Scale::Autotools => &[(ManifestKind::Autoconf, 1.5, 0.012)],
        // One that a tool makes is not the one that lies there.
        _ => &[(ManifestKind::Autoconf, 1.0, 0.018), (ManifestKind::Configure, 0.1, 0.012)],
    };
    let kind = project.nearest(kinds.iter().map(|(kind, ..)| *kind), folder)?;
    let (_, base, each) = kinds.iter().find(|(known, ..)| *known == kind)?;
    let cpu = base + each * f64::from(project.packages(kind, folder)?);
    // A short script of another kind has its checks elsewhere.
    let tells = kind != ManifestKind::Configure || cpu > 0.3;
    tells.then(|| Sized {
        cpu,
        dependencies: 0.0,
        network: None,
        wait: 0.0,
        serial: None,
        sigma: 0.44,
        rests_on: project.describe(&[kind], &[], folder),
    })
}

/// Downloads alone.
fn downloads(scale: Scale, project: &Project, place: &str) -> Option<Sized> {
    let kind = if scale == Scale::GoModules { ManifestKind::GoSum } else { ManifestKind::CargoLock };
    let packages = f64::from(project.packages(kind, place)?);
    let (cpu, network, sigma) = match project.crates(place).filter(|_| scale == Scale::Crates) {
        // Source: the fitted half of `tests/data/projects`, each the median of three: choose, 31 crates, 0.65; oxipng, 75, 0.91; just, 137, 1.66; grex,
        // 166, 2.2; lsd, 226, 2.2; bat, 256, 3.8. Asking for each takes most of it, not its bytes, of which an eighth is packed.
        Some(crates) => (0.15 + 0.011 * crates.foreign().count() as f64, 0.12 * fetched(crates), 0.33),
        // Source: of those in `tests/data/published` that set the pace, nuts-node and evcc; the size of modules in a vendored tree.
        None => (0.3 + 0.018 * packages, 0.6 * packages, 0.65),
    };
    Some(Sized {
        cpu,
        dependencies: 0.0,
        network: Some(network),
        wait: 0.0,
        serial: None,
        sigma,
        rests_on: project.describe(&[kind], &[], place),
    })
}

/// What a build system that runs others' tools does in this project: `make` in a Go project compiles Go. The scale of C where
/// the project does not tell.
pub fn language_of(project: &Project) -> (Class, Scale) {
    let own = |language| project.sources(language).own;
    let c = own(Language::C) + own(Language::Cxx);
    let candidates = [
        (own(Language::Go), Class::GoBuild, Scale::Go),
        (own(Language::Rust), Class::CargoBuild, Scale::Rust),
        (own(Language::Script) / 2, Class::NodeBuild, Scale::Scripts),
    ];
    let most = candidates.into_iter().max_by_key(|(bytes, ..)| *bytes);
    most.filter(|(bytes, ..)| *bytes > c).map_or((Class::Make, Scale::C), |(_, class, scale)| (class, scale))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn larger_projects_take_longer() {
        let project = |modules, bytes| {
            Project::default()
                .with_packages(ManifestKind::GoSum, modules)
                .with_sources(Language::Go, Sources { own: bytes, ..Sources::default() })
        };
        let sized = |scale, project: &Project| sized(scale, project, "/", &Asked::Usual);
        let cpu = |modules, bytes| sized(Scale::Go, &project(modules, bytes)).unwrap().cpu;
        assert!(cpu(0, 60) < 10.0, "a first program");
        assert!(cpu(400, 1_000_000) > 3.0 * cpu(20, 100_000));
        assert_eq!(sized(Scale::Go, &Project::default()), None, "nothing is known");
        assert_eq!(sized(Scale::Rust, &project(5, 5)), None, "not of this language");
    }

    #[test]
    fn make_builds_what_the_project_is_written_in() {
        let of =
            |language, own| Project::default().with_sources(language, Sources { own, ..Sources::default() });
        assert_eq!(language_of(&of(Language::Go, 9)).0, Class::GoBuild);
        assert_eq!(language_of(&of(Language::C, 9)).0, Class::Make);
        assert_eq!(language_of(&Project::default()).0, Class::Make);
    }
}
