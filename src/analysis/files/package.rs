//! The scripts of a `package.json`.

use super::{Asked, View, within};
use crate::context::package;
use crate::shell::interpret::Followed;

/// The scripts that a package manager runs around its own work, or because it is asked to.
pub(super) fn scripts(view: &View<'_>, asked: &Asked) -> Option<Vec<Followed>> {
    let mut words: Vec<&str> = asked.plain().collect();
    let workspace = workspace(asked, &mut words);
    let (names, args) = names(&asked.program, &words)?;
    let is_off = |word: &String| word == "--ignore-scripts" || word == "--ignore-scripts=true";
    if args == 0 && asked.arguments.iter().any(is_off) {
        return None;
    }
    let prefix = asked.option(&["--prefix", "--cwd", "-C", "--dir"]).unwrap_or(".");
    let folder = match workspace {
        Some(name) => folder_of(view, name)?,
        None => asked.path(prefix)?,
    };
    let manifest = package(view.read(&format!("{folder}/package.json"))?)?;
    let scripts = manifest.get("scripts")?;
    // What stands behind its name is for the script itself, and not for those around it.
    let more = passed(asked, words.get(args.wrapping_sub(1)).copied());
    let found = names.iter().filter_map(|name| {
        let script = scripts.get(name)?.as_str()?;
        let is_own = words.get(args.wrapping_sub(1)) == Some(&&**name);
        Some(if is_own { format!("{script}{more}") } else { script.to_owned() })
    });
    Some(found.map(|script| within(&folder, &asked.dir, &script)).collect())
}

/// The arguments that a script is given: what stands behind its name, of npm what stands behind `--`. Nothing where one of them is not a plain
/// word.
fn passed(asked: &Asked, name: Option<&str>) -> String {
    let mut words = asked.arguments.iter().map(|word| &**word);
    let ends = |word: &&str| match &*asked.program {
        "npm" => *word == "--",
        _ => Some(*word) == name,
    };
    let found = words.by_ref().any(|word| ends(&word));
    let is_plain = |word: &str| word.bytes().all(|b| b.is_ascii_alphanumeric() || b"-_=./:@,+".contains(&b));
    let passed: Vec<&str> = words.filter(|word| *word != "--").collect();
    let is_known = found && passed.iter().all(|word| is_plain(word));
    let passed = passed.iter().filter(|_| is_known);
    passed.fold(String::new(), |text, word| text + " " + word)
}

/// The package of a workspace that a command is for, which is taken out of its words: `pnpm --filter web build`, `npm -w web run build`,
/// `yarn workspace web build`.
fn workspace<'a>(asked: &'a Asked, words: &mut Vec<&'a str>) -> Option<&'a str> {
    let name = if let ("yarn", ["workspace", name, ..]) = (&*asked.program, &words[..]) {
        let name = *name;
        words.drain(..2);
        name
    } else {
        let name = match &*asked.program {
            "pnpm" | "bun" => asked.option(&["--filter", "-F"])?,
            "npm" => asked.option(&["--workspace", "-w"])?,
            _ => return None,
        };
        words.retain(|word| *word != name);
        name
    };
    // `web...` is web and what it needs.
    Some(name.trim_start_matches("./").trim_end_matches("...").trim_end_matches('^'))
}

/// The folder of a package, by its name or by its path from the root of the workspace.
fn folder_of(view: &View<'_>, name: &str) -> Option<String> {
    let quoted = format!("\"{name}\"");
    view.named("package.json").find_map(|(folder, text)| {
        let own = || package(text).and_then(|manifest| Some(manifest.get("name")?.as_str()?.to_owned()));
        let own = if text.contains(&quoted) { own() } else { None };
        is_named(name, &folder, own.as_deref()).then_some(folder)
    })
}

/// Whether a word of a command names a package, by its own name or by the path of its folder.
pub(super) fn is_named(word: &str, folder: &str, own: Option<&str>) -> bool {
    own == Some(word) || folder.strip_suffix(word).is_some_and(|rest| rest.ends_with('/'))
}

/// Which scripts are run, in their order, and how many words name them. npm 10, yarn 1 and bun run `pre` and `post` scripts too;
/// pnpm since 7 does not.
fn names(program: &str, words: &[&str]) -> Option<(Vec<String>, usize)> {
    let around = |name: &str| match program {
        "pnpm" => vec![name.to_owned()],
        _ => vec![format!("pre{name}"), name.to_owned(), format!("post{name}")],
    };
    Some(match (program, words) {
        ("npm-run-all" | "run-s" | "run-p", [_, ..]) => {
            (words.iter().flat_map(|name| around(name)).collect(), words.len())
        }
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
    fn packages_of_a_workspace() {
        let of = |line: &str| {
            let asked = Asked::words(line);
            let mut words: Vec<&str> = asked.plain().collect();
            let name = workspace(&asked, &mut words).unwrap_or_default();
            format!("{name}: {}", words.join(" "))
        };
        assert_eq!(of("pnpm --filter @a/web run build"), "@a/web: run build");
        assert_eq!(of("pnpm --filter=web... build"), "web: build");
        assert_eq!(of("npm run build -w ./apps/web"), "apps/web: run build");
        assert_eq!(of("yarn workspace web build"), "web: build");
        assert_eq!(of("yarn build"), ": build");
    }

    #[test]
    fn which_scripts_run() {
        let of = |line: &str| {
            let words: Vec<&str> = line.split(' ').collect();
            names(words[0], &words[1..]).map(|(names, _)| names.join(" ")).unwrap_or_default()
        };
        assert_eq!(of("npm run build"), "prebuild build postbuild");
        assert_eq!(of("pnpm build"), "build");
        assert_eq!(of("run-s a b"), "prea a posta preb b postb");
        assert_eq!(of("npm ci"), "preinstall install postinstall prepare");
        assert_eq!(of("npm install left-pad"), "");
        assert_eq!(of("npm config set"), "");
    }
}
