//! What the files of a build context are, each looked at once; what a stage copied of them makes a [`Project`].

use std::collections::BTreeMap;
use std::sync::Arc;

use serde_json::Value;

use super::bundlers::{App, asked_for};
use super::project::{Manifest, Project};
use super::sources::{Language, SKIPPED, SKIPPED_OF_C, VENDORED};
use crate::context::{Context, Imports, ManifestKind, Release, package};
use crate::units::Bytes;

/// Packages beyond this many have no size of their own: nearest to the root first.
const MAX_PARTS: usize = 256;

/// The folders of a context that hold a manifest, but for the root, and which of the sources of a language belong to each.
#[derive(Debug, Clone, Default)]
struct Parts {
    /// Sorted.
    folders: Vec<Arc<str>>,
    /// For each file that is a source of the language, the place of the folder that it belongs to.
    belongs: Vec<Option<u32>>,
}

impl Parts {
    fn new(context: &Context, marks: &[(Mark, u64)], manifest: &str, language: Language) -> Self {
        let folder = |path: &str| {
            let folder = path.strip_suffix(manifest)?.strip_suffix('/')?;
            (!folder.split('/').any(|part| SKIPPED.contains(&part))).then(|| Arc::from(folder))
        };
        let mut folders: Vec<Arc<str>> = context.files.iter().filter_map(|(path, _)| folder(path)).collect();
        if folders.len() > MAX_PARTS {
            folders.sort_by_key(|folder| folder.matches('/').count());
            folders.truncate(MAX_PARTS);
        }
        folders.sort_unstable();
        if folders.is_empty() {
            return Self::default();
        }
        let place = |path: &str| {
            let mut folder = path;
            while let Some((outer, _)) = folder.rsplit_once('/') {
                folder = outer;
                if let Ok(at) = folders.binary_search_by(|known| (**known).cmp(folder)) {
                    return Some(at as u32);
                }
            }
            None
        };
        let files = context.files.iter().zip(marks);
        let belongs = files
            .map(|((path, _), (mark, _))| place(path).filter(|_| *mark == Mark::Own(language)))
            .collect();
        Self { folders, belongs }
    }

    /// The bytes that some files, each once, bring to each folder.
    fn bytes(&self, files: &[(usize, u64)]) -> Vec<(Arc<str>, u64)> {
        let mut bytes = vec![0; self.folders.len()];
        for (at, size) in files {
            let part = self.belongs.get(*at).copied().flatten();
            if let Some(sum) = part.and_then(|part| bytes.get_mut(part as usize)) {
                *sum += size;
            }
        }
        self.folders.iter().cloned().zip(bytes).filter(|(_, bytes)| *bytes > 0).collect()
    }
}

/// What a file counts as.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Mark {
    Own(Language),
    Vendored(Language),
    /// By its place in the list of them.
    Manifest(u32),
    Release(Release),
    Nothing,
}

/// Every file of a context, looked at once.
#[derive(Debug, Clone, Default)]
pub struct Survey {
    marks: Vec<(Mark, u64)>,
    /// The packages of JavaScript.
    packages: Parts,
    /// The packages of Rust.
    crates: Parts,
    manifests: Vec<Manifest>,
    /// The folders that hold a `package.json`, the root too, and what each has bundled.
    apps: Vec<(Arc<str>, App)>,
    /// What the sources of Go import.
    imports: Arc<Imports>,
    /// Whether libtool makes libraries of both kinds, and whether `CMake` has a build type of its own.
    recipes: (bool, bool),
}

impl Survey {
    /// Looks at all files.
    pub fn new(context: &Context) -> Self {
        let texts = context.scripts.paths().filter(|path| path.rsplit('/').next() == Some("package.json"));
        let read: BTreeMap<&str, Value> =
            texts.filter_map(|path| Some((path, package(context.scripts.text(path)?)?))).collect();
        let mut manifests = Vec::new();
        let mut mark = |path: &str| {
            let folders = path.rsplit_once('/').map_or("", |(folders, _)| folders);
            if let Some(kind) = ManifestKind::of(path) {
                let Some(packages) = context.manifests.packages(path) else { return Mark::Nothing };
                // A `CMakeLists.txt` checks what all that it reads checks.
                let all = context.recipes.checks(path).filter(|_| kind == ManifestKind::CMake);
                let packages = all.map_or(packages, |checks| checks as u32);
                let names = context.manifests.names(path).cloned().unwrap_or_default();
                let crates = context.manifests.crates(path).cloned();
                let of_go = || context.manifests.module(path).cloned().map(Arc::new);
                let module = (kind == ManifestKind::GoSum).then(of_go).flatten();
                manifests.push(Manifest { kind, path: path.into(), packages, names, crates, module });
                return Mark::Manifest(manifests.len() as u32 - 1);
            }
            if let Some(package) = read.get(path) {
                let names: Arc<[_]> = asked_for(package).into();
                let packages = names.len() as u32;
                if packages == 0 {
                    return Mark::Nothing;
                }
                let (kind, path) = (ManifestKind::NodeList, path.into());
                manifests.push(Manifest { kind, path, packages, names, crates: None, module: None });
                return Mark::Manifest(manifests.len() as u32 - 1);
            }
            if let Some(release) = context.manifests.release(path) {
                return Mark::Release(release);
            }
            let Some(language) = Language::of(path) else { return Mark::Nothing };
            let is_c = matches!(language, Language::C | Language::Cxx | Language::Header);
            let (mut skipped, mut vendored) = (false, false);
            for folder in folders.split('/') {
                skipped |= SKIPPED.contains(&folder) || is_c && SKIPPED_OF_C.contains(&folder);
                vendored |= VENDORED.contains(&folder);
            }
            match (skipped, vendored) {
                (true, _) => Mark::Nothing,
                (_, true) => Mark::Vendored(language),
                _ => Mark::Own(language),
            }
        };
        let mut marks: Vec<(Mark, u64)> =
            context.files.iter().map(|(path, size)| (mark(path), size.0)).collect();
        leave_out(context, &mut marks);
        let parts = |manifest, language| Parts::new(context, &marks, manifest, language);
        let (packages, crates) =
            (parts("package.json", Language::Script), parts("Cargo.toml", Language::Rust));
        let apps = read.iter().map(|(path, package)| {
            let folder = path.rsplit_once('/').map_or("", |(folder, _)| folder);
            (folder.into(), App::of(package))
        });
        let recipes = (context.recipes.is_twice(), context.recipes.has_type());
        let imports = Arc::new(context.imports.clone());
        Self { packages, crates, manifests, apps: apps.collect(), imports, recipes, marks }
    }

    /// What the files at some places, each once, make of a project.
    pub fn project(&self, places: impl IntoIterator<Item = usize>) -> Project {
        let mut project = Project::default();
        let mut sizes = Vec::new();
        for at in places {
            let Some((mark, bytes)) = self.marks.get(at) else { continue };
            sizes.push((at, *bytes));
            match *mark {
                Mark::Own(language) => project.sources[language as usize].add(*bytes, 0),
                Mark::Vendored(language) => project.sources[language as usize].add(0, *bytes),
                Mark::Manifest(at) => project.manifests.extend(self.manifests.get(at as usize).cloned()),
                Mark::Release(release) => project.release = Some(release),
                Mark::Nothing => {}
            }
        }
        project.apps.clone_from(&self.apps);
        project.imports.clone_from(&self.imports);
        project.parts = self.packages.bytes(&sizes);
        project.crates = self.crates.bytes(&sizes);
        let (is_twice, has_type) = self.recipes;
        project.with_recipes(is_twice, has_type)
    }
}

/// Leaves out sources of C and C++ that nothing names which tells how they are built: inputs of tests, parts for other uses. Where less than
/// half of them is named, they are built in a way that is not understood, and all count.
fn leave_out(context: &Context, marks: &mut [(Mark, u64)]) {
    let is_c = |mark| {
        matches!(mark, Mark::Own(Language::C | Language::Cxx) | Mark::Vendored(Language::C | Language::Cxx))
    };
    let sources = context
        .files
        .iter()
        .enumerate()
        .filter(|(at, _)| marks.get(*at).is_some_and(|(mark, _)| is_c(*mark)));
    let (named, unnamed): (Vec<_>, Vec<_>) = sources.partition(|(_, (path, _))| context.recipes.names(path));
    let bytes = |files: &[(usize, (&str, Bytes))]| files.iter().map(|(_, (_, size))| size.0).sum::<u64>();
    if bytes(&named) < bytes(&unnamed) {
        return;
    }
    for (at, _) in unnamed {
        marks[at].0 = Mark::Nothing;
    }
}

#[cfg(test)]
mod tests {
    use super::super::sources::Sources;
    use super::*;
    use crate::context::{Files, Manifests};

    fn context(files: &[(&str, &str)]) -> Context {
        let manifests = Manifests::read(files.iter().copied());
        let files = files.iter().map(|(path, text)| (Box::from(*path), Bytes(text.len() as u64))).collect();
        Context { files: Files::new(files, false), manifests, ..Context::default() }
    }

    #[test]
    fn packages_of_a_workspace_have_sizes_of_their_own() {
        let context = context(&[
            ("package.json", "{}"),
            ("apps/web/package.json", "{}"),
            ("apps/web/src/app.tsx", "0123"),
            ("packages/types/package.json", "{}"),
            ("packages/types/index.ts", "01"),
        ]);
        let project = Survey::new(&context).project(0..context.files.len());
        assert_eq!(project.part("/app/packages/types"), Some(2));
        assert_eq!(project.part("/app/apps/web/."), Some(4));
        assert_eq!(project.part("/app"), None);
        assert_eq!(project.part("/app/my-apps/web"), None);
    }

    #[test]
    fn own_sources_and_those_of_others_are_told_apart() {
        let context = context(&[
            ("go.sum", "a v1 h1:x=\nb v1 h1:x=\n"),
            ("tools/go.sum", "c v1 h1:x=\n"),
            ("main.go", "0123456789"),
            ("main_test.go", "0123456789"),
            ("vendor/a/a.go", "01234"),
            ("web/node_modules/x/index.js", "012"),
            ("web/src/app.tsx", "0123"),
        ]);
        let survey = Survey::new(&context);
        let project = survey.project(0..context.files.len());
        assert_eq!(project.sources(Language::Go), Sources { own: 10, vendored: 5, files: 2 });
        assert_eq!(project.sources(Language::Script), Sources { own: 4, vendored: 0, files: 1 });
        assert_eq!(project.packages(ManifestKind::GoSum, "/src"), Some(2), "the nearest to the root");
        let words = project.describe(&[ManifestKind::GoSum], &[Language::Go], "/src");
        assert_eq!(words, "2 Go modules, 1 kB of Go, 1 kB of Go of others");
        assert!(survey.project([]).is_empty());
        assert_eq!((project.part("/src/web"), project.part("/src")), (None, None));
    }
}
