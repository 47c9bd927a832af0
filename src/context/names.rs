//! Which packages a lock file names, and for which systems it names built ones.

/// A package of a lock file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Named {
    /// Its name, in the spelling of the file.
    pub name: Box<str>,
    /// The systems that the file names a built package for; `None` where it names none at all.
    pub built: Option<Systems>,
}

/// Systems that packages of Python are built for: a C library and an architecture.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Systems(u16);

/// Architectures in the words of wheels and in Docker's.
const ARCHITECTURES: [(&str, &str); 7] = [
    ("x86_64", "amd64"),
    ("aarch64", "arm64"),
    ("armv7l", "arm"),
    ("ppc64le", "ppc64le"),
    ("s390x", "s390x"),
    ("riscv64", "riscv64"),
    ("i686", "386"),
];

impl Systems {
    /// All of them: a package without a program of a machine.
    pub const ALL: Self = Self(u16::MAX);

    /// Those that the name of a wheel tells: `numpy-2.1.0-cp312-cp312-manylinux_2_17_aarch64.whl`.
    pub fn of_wheel(name: &str) -> Self {
        let tag = name.trim_end_matches(".whl").rsplit('-').next().unwrap_or_default();
        if tag == "any" {
            return Self::ALL;
        }
        let fits = |at: &usize| tag.contains(ARCHITECTURES[*at].0);
        let libraries = [tag.contains("manylinux") || tag.starts_with("linux_"), tag.contains("musllinux")];
        (0..ARCHITECTURES.len()).filter(fits).fold(Self::default(), |systems, at| {
            let bits = u16::from(libraries[0]) | u16::from(libraries[1]) << 1;
            Self(systems.0 | bits << (2 * at))
        })
    }

    /// Whether an architecture is one of them, in Docker's words, with musl or glibc; other architectures never are.
    pub fn hold(self, architecture: &str, is_musl: bool) -> bool {
        let at = ARCHITECTURES.iter().position(|(_, known)| *known == architecture);
        self == Self::ALL || at.is_some_and(|at| self.0 >> (2 * at + usize::from(is_musl)) & 1 == 1)
    }

    fn and(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }
}

/// The packages of `uv.lock`, `poetry.lock` or `pdm.lock`: blocks of TOML with a name, and wheels by their file names.
pub(super) fn of_blocks(text: &str) -> Vec<Named> {
    let mut names: Vec<Named> = Vec::new();
    let mut is_open = false;
    for line in text.lines() {
        if line.starts_with('[') {
            is_open = line == "[[package]]";
        } else if let Some(name) = quoted(line, "name = ").filter(|_| is_open) {
            names.push(Named { name: name.into(), built: None });
            is_open = false;
        } else if let (Some(end), Some(package)) = (line.find(".whl\""), names.last_mut()) {
            let from = line[..end].rfind(['"', '/']).map_or(0, |at| at + 1);
            let systems = Systems::of_wheel(&line[from..end]);
            package.built = Some(package.built.unwrap_or_default().and(systems));
        }
    }
    names
}

/// What stands in quotes behind a key.
fn quoted<'l>(line: &'l str, key: &str) -> Option<&'l str> {
    line.strip_prefix(key)?.strip_prefix('"')?.split('"').next()
}

/// The packages of `requirements.txt`.
pub(super) fn of_requirements(text: &str) -> Vec<Named> {
    let lines = text.lines().map(str::trim_start).filter(|line| {
        line.starts_with(|first: char| first.is_ascii_alphanumeric()) && !line.contains("://")
    });
    let end = |c: char| !c.is_ascii_alphanumeric() && !matches!(c, '-' | '_' | '.');
    lines.filter_map(|line| line.split(end).next()).map(plain).collect()
}

/// The dependencies in a `pyproject.toml`, of the project itself and in poetry's form.
pub(super) fn of_pyproject(text: &str) -> Vec<Named> {
    let mut names = Vec::new();
    let (mut section, mut is_list) = ("", false);
    let name = |word: &str| {
        let end = word.find(|c: char| !c.is_ascii_alphanumeric() && !matches!(c, '-' | '_' | '.'));
        word.get(..end.unwrap_or(word.len())).filter(|name| !name.is_empty() && *name != "python").map(plain)
    };
    for line in text.lines().map(str::trim) {
        if line.starts_with('[') && !is_list {
            section = line;
            continue;
        }
        let list = match line.strip_prefix("dependencies").map(str::trim_start) {
            Some(rest) if section == "[project]" => rest.strip_prefix('=').map(str::trim_start),
            _ if is_list => Some(line),
            _ => None,
        };
        if let Some(list) = list {
            let words = list.split('#').next().unwrap_or_default();
            // What stands in quotes is every second part.
            names.extend(words.split(['"', '\'']).skip(1).step_by(2).filter_map(name));
            // The brackets of `name[extra]` stand within quotes.
            is_list = !words.trim_end().ends_with(']');
        } else if section == "[tool.poetry.dependencies]" && line.contains('=') {
            names.extend(name(line));
        }
    }
    names
}

/// The folders of projects that a `requirements.txt` names: `-e .`, `./lib[extra]`.
pub(super) fn own_projects(text: &str) -> impl Iterator<Item = &str> {
    text.lines().filter_map(|line| {
        let line = line.trim();
        let editable =
            ["-e ", "--editable ", "--editable="].iter().find_map(|option| line.strip_prefix(option));
        let place = editable.unwrap_or(line).trim_start().split([' ', '[', ';', '#']).next()?;
        (place.starts_with('.') || editable.is_some() && !place.contains(':')).then_some(place)
    })
}

/// What `setup.cfg` has a project need: the indented lines below `install_requires`.
pub(super) fn of_setup_cfg(text: &str) -> Vec<Named> {
    let below = text.lines().skip_while(|line| !line.starts_with("install_requires")).skip(1);
    let list: Vec<&str> = below.take_while(|line| line.starts_with([' ', '\t'])).map(str::trim).collect();
    of_requirements(&list.join("\n"))
}

/// What `setup.py` has a project need, where it stands there as a list of texts: `install_requires=[…]`, or of a variable by that value.
pub(super) fn of_setup_py(text: &str) -> Vec<Named> {
    let value = |from: usize| text[from..].trim_start().strip_prefix('=').map(str::trim_start);
    let mut named = text.match_indices("install_requires").filter_map(|(at, key)| value(at + key.len()));
    let Some(mut list) = named.next() else { return Vec::new() };
    if !list.starts_with('[') {
        let end = list.find(|c: char| !c.is_ascii_alphanumeric() && c != '_').unwrap_or(list.len());
        let name = &list[..end];
        if name.is_empty() {
            return Vec::new();
        }
        let mut set = text.match_indices(name).filter(|(at, _)| *at == 0 || text[..*at].ends_with('\n'));
        let Some(found) = set.find_map(|(at, _)| value(at + name.len())) else { return Vec::new() };
        list = found;
    }
    let Some(lines) = list.strip_prefix('[') else { return Vec::new() };
    let mut names = Vec::new();
    for line in lines.lines() {
        // What stands in quotes is every second part; the brackets of `name[extra]` stand within.
        for (at, part) in line.split('#').next().unwrap_or_default().split(['"', '\'']).enumerate() {
            if at % 2 == 1 {
                names.extend(of_requirements(part));
            } else if part.contains(']') {
                return names;
            }
        }
    }
    names
}

/// The packages of `Pipfile.lock`: keys of the objects `default` and `develop`.
pub(super) fn of_pipfile(text: &str) -> Vec<Named> {
    let keys = text.lines().filter_map(|line| line.strip_prefix("        \"")?.strip_suffix("\": {"));
    keys.map(plain).collect()
}

/// The gems of `Gemfile.lock`, below which stands indented further what each needs.
pub(super) fn of_gems(text: &str) -> impl Iterator<Item = &str> {
    let gems =
        text.lines().filter_map(|line| line.strip_prefix("    ")).filter(|line| !line.starts_with(' '));
    gems.filter_map(|line| line.split(' ').next())
}

/// The modules of `go.sum` whose sources are used, each once.
pub(super) fn of_go_sum(text: &str) -> Vec<Named> {
    let mut names: Vec<Named> = Vec::new();
    for line in text.lines() {
        let mut words = line.split_ascii_whitespace();
        let (Some(name), Some(version)) = (words.next(), words.next()) else { continue };
        // The versions of a module follow each other.
        let is_new = names.last().is_none_or(|last| *last.name != *name);
        if version.starts_with('v') && !version.ends_with("/go.mod") && is_new {
            names.push(plain(name));
        }
    }
    names
}

/// The packages of `package-lock.json`, `yarn.lock` or `pnpm-lock.yaml`.
pub(super) fn of_node(text: &str) -> Vec<Named> {
    let names = text.lines().filter_map(|line| {
        let line = line.trim();
        if let Some(rest) = line.strip_prefix("\"node_modules/") {
            let name = rest.split('"').next()?;
            return Some(name.rsplit("node_modules/").next().unwrap_or(name));
        }
        // `"@scope/name@^1":` and `name@1.2:` of yarn, `/name@1:` and `'@scope/name@1':` of pnpm.
        let key = line.strip_suffix(':')?.trim_start_matches(['"', '\'', '/']);
        let at = key.get(1..)?.find('@')? + 1;
        key.get(..at)
    });
    names.map(plain).collect()
}

pub(super) fn plain(name: &str) -> Named {
    Named { name: name.into(), built: None }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn wheels_name_their_systems() {
        let numpy = Systems::of_wheel("numpy-2-cp312-cp312-manylinux_2_17_x86_64.manylinux2014_x86_64.whl");
        assert!(numpy.hold("amd64", false) && !numpy.hold("amd64", true) && !numpy.hold("arm64", false));
        assert!(Systems::of_wheel("a-1-py3-none-any.whl").hold("mips", true));
        let musl = Systems::of_wheel("a-1-cp312-cp312-musllinux_1_2_aarch64.whl");
        assert!(musl.hold("arm64", true) && !musl.hold("arm64", false));
    }

    #[test]
    fn lock_files_name_packages() {
        let uv = "version = 1\n\n[[package]]\nname = \"numpy\"\nversion = \"2\"\nwheels = [\n    { url = \"https://x/a/numpy-2-cp312-cp312-manylinux_2_17_aarch64.whl\", hash = \"sha256:0\" },\n]\n\n[[package]]\nname = \"uwsgi\"\nsdist = { url = \"https://x/uwsgi.tar.gz\" }\n";
        let poetry = "[[package]]\nname = \"numpy\"\nfiles = [\n    {file = \"numpy-2-cp312-cp312-manylinux_2_17_aarch64.whl\", hash = \"sha256:0\"},\n]\n";
        for text in [uv, poetry] {
            let named = of_blocks(text);
            assert_eq!(&*named[0].name, "numpy");
            let built = named[0].built.unwrap();
            assert!(built.hold("arm64", false) && !built.hold("arm", false));
        }
        assert_eq!(of_blocks(uv)[1], plain("uwsgi"));
        assert_eq!(
            of_requirements("numpy==2\n-r a.txt\n# b\nPyYAML[x]>1 ; a\n"),
            [plain("numpy"), plain("PyYAML")]
        );
        let yarn = "\"@b/c@^1\", \"@b/c@2\":\n  version \"1\"\nbcrypt@^5:\n";
        assert_eq!(of_node(yarn), [plain("@b/c"), plain("bcrypt")]);
        let sums = "a.b/c v1 h1:x=\na.b/c v1/go.mod h1:x=\na.b/c v2 h1:x=\nd.e/f v1/go.mod h1:x=\n";
        assert_eq!(of_go_sum(sums), [plain("a.b/c")]);
        let npm = "  \"packages\": {\n    \"node_modules/a/node_modules/sharp\": {\n";
        assert_eq!(of_node(npm), [plain("sharp")]);
        assert_eq!(of_node("packages:\n\n  bcrypt@5.1.0:\n    x: y\n"), [plain("bcrypt")]);
    }
}
