//! The scripts of a `package.json`.

use super::{Asked, View, within};
use crate::shell::interpret::Followed;
use crate::yaml;

/// The scripts that a package manager runs around its own work, or because it is asked to.
pub(super) fn scripts(view: &View<'_>, asked: &Asked) -> Option<Vec<Followed>> {
    let words: Vec<&str> = asked.plain().collect();
    let (names, args) = names(&asked.program, &words)?;
    let is_off = |word: &String| word == "--ignore-scripts" || word == "--ignore-scripts=true";
    if args == 0 && asked.arguments.iter().any(is_off) {
        return None;
    }
    let prefix = asked.option(&["--prefix", "--cwd", "-C", "--dir"]).unwrap_or(".");
    let folder = asked.path(prefix)?;
    let node = yaml::parse(view.read(&format!("{folder}/package.json"))?).ok()?;
    let found = names.iter().filter_map(|name| node.at(&["scripts", name])?.as_str());
    Some(found.map(|script| within(&folder, &asked.dir, script)).collect())
}

/// Which scripts are run, in their order, and how many words name them. npm 10, yarn 1 and bun run `pre` and `post` scripts too;
/// pnpm since 7 does not.
fn names(program: &str, words: &[&str]) -> Option<(Vec<String>, usize)> {
    let around = |name: &str| match program {
        "pnpm" => vec![name.to_owned()],
        _ => vec![format!("pre{name}"), name.to_owned(), format!("post{name}")],
    };
    Some(match (program, words) {
        (_, ["run" | "run-script", name, ..]) => (around(name), 2),
        (_, [name @ ("test" | "start"), ..]) => (around(name), 1),
        ("npm", ["ci" | "install" | "i" | "clean-install"])
        | ("yarn" | "pnpm" | "bun", ["install" | "i"])
        | ("yarn", []) => {
            let all = ["preinstall", "install", "postinstall", "prepare"];
            (all.map(str::to_owned).to_vec(), 0)
        }
        ("yarn" | "pnpm", [name, ..])
            if !matches!(*name, "install" | "i" | "add" | "config" | "exec" | "dlx" | "fetch" | "set") =>
        {
            (around(name), 1)
        }
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn which_scripts_run() {
        let of = |line: &str| {
            let words: Vec<&str> = line.split(' ').collect();
            names(words[0], &words[1..]).map(|(names, _)| names.join(" ")).unwrap_or_default()
        };
        assert_eq!(of("npm run build"), "prebuild build postbuild");
        assert_eq!(of("pnpm build"), "build");
        assert_eq!(of("npm ci"), "preinstall install postinstall prepare");
        assert_eq!(of("npm install left-pad"), "");
        assert_eq!(of("npm config set"), "");
    }
}
