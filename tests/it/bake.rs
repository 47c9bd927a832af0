//! Bake definitions as buildx resolves them.
//!
//! Every case is a folder of files, what bake is asked for, and what `docker buildx bake --print` prints or that it
//! fails; see `tests/data/bake/README.md`.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use serde::Deserialize;
use serde_json::Value;
use xsim::bake::{
    Files, Kind, MAX_FILE_BYTES, MAX_MATRIX, MemoryFiles, Options, ReadError, Resolved, Shorthands, Stat,
    resolve,
};

#[derive(Deserialize)]
struct Case {
    id: String,
    files: BTreeMap<String, String>,
    #[serde(default)]
    touch: Vec<String>,
    #[serde(default)]
    args: Vec<String>,
    #[serde(default)]
    fargs: Vec<String>,
    #[serde(default)]
    set: Vec<String>,
    #[serde(default)]
    env: BTreeMap<String, String>,
    #[serde(default)]
    targets: Vec<String>,
    print: Option<Value>,
    #[serde(default)]
    unordered: Vec<Vec<Value>>,
    #[serde(default)]
    volatile: Vec<Vec<Value>>,
}

/// The files of a case, and the socket of the agent that every case has.
struct Folder(MemoryFiles);

const SOCKET: &str = "agent.sock";

impl Files for Folder {
    fn read(&self, path: &str) -> Result<Vec<u8>, ReadError> {
        match (self.0.read(path), self.stat(path)) {
            (Err(ReadError::Missing), Some(_)) => Err(ReadError::Other("is no file".to_owned())),
            (result, _) => result,
        }
    }

    fn stat(&self, path: &str) -> Option<Stat> {
        if path.trim_start_matches("./") == SOCKET {
            return Some(Stat { kind: Kind::Socket, bytes: 0 });
        }
        self.0.stat(path)
    }
}

impl Case {
    fn folder(&self) -> Folder {
        let touched = self.touch.iter().map(|path| (path.clone(), Vec::new()));
        let written = self.files.iter().map(|(path, text)| (path.clone(), text.clone().into_bytes()));
        let mut files = MemoryFiles::default();
        files.0.extend(
            touched.chain(written).map(|(path, bytes)| (path.trim_start_matches("./").to_owned(), bytes)),
        );
        Folder(files)
    }

    fn options(&self) -> Result<Options, String> {
        let mut options = Options {
            files: self.fargs.clone(),
            targets: self.targets.clone(),
            look_outside: true,
            now: 1_700_000_000,
            ..Options::default()
        };
        let own = [
            ("PATH", "/usr/bin:/bin"),
            ("HOME", "/home/bake"),
            ("SSH_AUTH_SOCK", SOCKET),
            ("LANG", "C.UTF-8"),
        ];
        options.env = own.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        options.env.extend(self.env.clone());
        let mut shorthands = Shorthands::default();
        let mut args = self.args.iter().map(String::as_str);
        while let Some(arg) = args.next() {
            let (name, value) = arg.split_once('=').map_or((arg, None), |(name, value)| (name, Some(value)));
            let on = value.is_none_or(|value| value == "true");
            match name {
                "-f" => options.files.push(args.next().unwrap().to_owned()),
                "--var" => {
                    let (name, value) = value.or_else(|| args.next()).unwrap().split_once('=').unwrap();
                    options.variables.insert(name.to_owned(), value.to_owned());
                }
                "--push" => shorthands.push = on,
                "--load" => shorthands.load = on,
                "--pull" => shorthands.pull = Some(on),
                "--no-cache" => shorthands.no_cache = Some(on),
                "--sbom" => shorthands.sbom = value.map(str::to_owned),
                "--provenance" => shorthands.provenance = value.map(str::to_owned),
                "--call" => shorthands.call = value.map(str::to_owned),
                "--check" => shorthands.call = Some("check".to_owned()),
                other => panic!("{}: {other}", self.id),
            }
        }
        let (overrides, disable_policy) = shorthands.overrides()?;
        options.set = self.set.iter().cloned().chain(overrides).collect();
        options.disable_policy = disable_policy;
        Ok(options)
    }

    /// What is printed, or why nothing is.
    fn printed(&self) -> Result<Value, String> {
        let options = self.options()?;
        resolve(&self.folder(), &options).map(|resolved| resolved.to_json()).map_err(|error| error.message)
    }

    /// Says how xsim differs from buildx.
    fn difference(&self) -> Option<String> {
        match (self.printed(), &self.print) {
            (Err(_), None) => None,
            (Ok(_), None) => Some("succeeds, and buildx fails".to_owned()),
            (Err(error), Some(_)) => Some(error),
            (Ok(mut got), Some(want)) => {
                let mut want = want.clone();
                for value in [&mut got, &mut want] {
                    self.normalize(value);
                }
                (got != want).then(|| format!("got {got}\nwant {want}"))
            }
        }
    }

    fn normalize(&self, value: &mut Value) {
        for path in &self.unordered {
            if let Some(Value::Array(items)) = at(value, path) {
                items.sort_by_key(Value::to_string);
            }
        }
        for path in &self.volatile {
            if let Some(text @ Value::String(_)) = at(value, path) {
                *text = Value::Null;
            }
        }
    }
}

fn at<'v>(value: &'v mut Value, path: &[Value]) -> Option<&'v mut Value> {
    path.iter().try_fold(value, |value, step| match step {
        Value::String(name) => value.get_mut(name),
        Value::Number(index) => value.get_mut(usize::try_from(index.as_u64()?).ok()?),
        _ => None,
    })
}

fn agree(name: &str) {
    let path = format!("{}/tests/data/bake/{name}.jsonl", env!("CARGO_MANIFEST_DIR"));
    let cases: Vec<Case> = std::fs::read_to_string(path)
        .unwrap()
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    assert!(!cases.is_empty());
    let mut wrong = String::new();
    for case in &cases {
        if let Some(difference) = case.difference() {
            writeln!(wrong, "{}: {difference}", case.id).unwrap();
        }
    }
    assert!(wrong.is_empty(), "{wrong}");
}

#[test]
fn drawn_definitions_resolve_as_in_buildx() {
    agree("cases");
}

#[test]
fn edges_resolve_as_in_buildx() {
    agree("edges");
}

#[test]
fn what_the_tests_of_buildx_are_about_resolves_as_in_buildx() {
    agree("own");
}

fn run(files: &[(&str, &str)], targets: &[&str]) -> Result<Resolved, String> {
    let mut folder = MemoryFiles::default();
    folder.0.extend(files.iter().map(|(name, text)| ((*name).to_owned(), text.as_bytes().to_vec())));
    let options =
        Options { targets: targets.iter().map(|&target| target.to_owned()).collect(), ..Options::default() };
    resolve(&folder, &options).map_err(|error| error.message)
}

fn hcl(text: &str) -> Result<Resolved, String> {
    run(&[("docker-bake.hcl", text)], &["app"])
}

/// That it ends, and says no.
fn refused(result: Result<Resolved, String>) -> String {
    result.map(|resolved| resolved.to_json().to_string().len()).unwrap_err()
}

#[test]
fn nesting_is_bounded() {
    for (open, close) in
        [("[", "]"), ("(", ")"), ("{a=", "}"), ("!", ""), ("-", ""), ("\"${", "}\""), ("upper(", ")")]
    {
        let (open, close) = (open.repeat(50_000), close.repeat(50_000));
        refused(hcl(&format!("target \"app\" {{\n  args = {{ A = {open}1{close} }}\n}}\n")));
    }
    refused(hcl(&"target \"app\" {\n".repeat(50_000)));
    let json =
        format!(r#"{{"target":{{"app":{{"args":{{"A":{}1{}}}}}}}}}"#, "[".repeat(50_000), "]".repeat(50_000));
    refused(run(&[("docker-bake.json", &json)], &["app"]));
    let yaml = format!("services:\n  app: {}1{}\n", "[".repeat(50_000), "]".repeat(50_000));
    refused(run(&[("compose.yaml", &yaml)], &["app"]));
}

#[test]
fn a_matrix_is_bounded() {
    let matrix = |rows: usize| {
        let rows = (0..rows).map(|row| row.to_string()).collect::<Vec<_>>().join(",");
        format!(
            "target \"app\" {{\n  name = \"app-${{a}}-${{b}}\"\n  matrix = {{\n    a = [{rows}]\n    b = [{rows}]\n  }}\n}}\n"
        )
    };
    assert_eq!(hcl(&matrix(20)).unwrap().targets.len(), 400);
    let message = refused(hcl(&matrix(MAX_MATRIX.isqrt() + 1)));
    assert!(message.contains("matrix"), "{message}");
}

#[test]
fn values_and_work_are_bounded() {
    let mut doubled = "a0 = \"0123456789\"\n".to_owned();
    let mut listed = "a0 = [0, 1, 2, 3, 4, 5, 6, 7, 8, 9]\n".to_owned();
    for level in 1..60 {
        let below = level - 1;
        writeln!(doubled, "a{level} = \"${{a{below}}}${{a{below}}}\"").unwrap();
        writeln!(listed, "a{level} = [a{below}, a{below}, a{below}]").unwrap();
    }
    let target = "target \"app\" {\n  args = { A = jsonencode(a59) }\n}\n";
    refused(hcl(&format!("{doubled}{target}")));
    refused(hcl(&format!("{listed}{target}")));
    for expression in [
        "[for a in range(1000): [for b in range(1000): [for c in range(1000): a + b + c]]]",
        "setproduct(range(1000), range(1000), range(1000), range(1000))",
        "range(1000000000)",
        "format(\"%1000000000d\", 1)",
        "format(\"%.1000000000f\", 1)",
        "pow(10, pow(10, 10))",
        "1e1000000000",
        "join(\"\", [for a in range(1000): join(\"\", [for b in range(1000): join(\"\", [for c in range(1000): \"abcdefgh\"])])])",
        "replace(replace(replace(replace(\"aaaaaaaaaaaaaaaa\", \"a\", \"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\"), \"a\", \"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\"), \"a\", \"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\"), \"a\", \"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\")",
        "indent(1000000000, \"a\\nb\")",
    ] {
        // It ends, whether it is refused or not.
        drop(hcl(&format!("target \"app\" {{\n  args = {{ A = jsonencode({expression}) }}\n}}\n")));
    }
    let mut calls = "function \"f0\" {\n  params = [x]\n  result = x\n}\n".to_owned();
    for level in 1..40 {
        let below = level - 1;
        writeln!(calls, "function \"f{level}\" {{\n  params = [x]\n  result = f{below}(x) + f{below}(x)\n}}")
            .unwrap();
    }
    refused(hcl(&format!("{calls}target \"app\" {{\n  args = {{ A = f39(1) }}\n}}\n")));
    refused(hcl(
        "function \"f\" {\n  params = [x]\n  result = f(x)\n}\ntarget \"app\" {\n  args = { A = f(1) }\n}\n",
    ));
}

#[test]
fn aliases_are_bounded() {
    let mut text = "x-0: &a0 [a, b, c, d, e, f, g, h, i]\n".to_owned();
    for level in 1..30 {
        let items = vec![format!("*a{}", level - 1); 9].join(", ");
        writeln!(text, "x-{level}: &a{level} [{items}]").unwrap();
    }
    refused(run(
        &[("compose.yaml", &format!("{text}services:\n  app:\n    build: .\n    labels: *a29\n"))],
        &["app"],
    ));
}

#[test]
fn files_are_bounded() {
    let long = format!("# {}\n", "x".repeat(MAX_FILE_BYTES));
    refused(hcl(&long));
    refused(run(&[("docker-bake.json", &long)], &["app"]));
    refused(run(&[("compose.yaml", &long)], &["app"]));
    refused(run(&[("compose.yaml", "include: [compose.yaml]\nservices:\n  app: { build: . }\n")], &["app"]));
    let chain: Vec<(String, String)> = (0..2000)
        .map(|file| (format!("c{file}.yaml"), format!("include: [c{}.yaml]\nservices: {{}}\n", file + 1)))
        .collect();
    let mut files: Vec<(&str, &str)> = chain.iter().map(|(name, text)| (&**name, &**text)).collect();
    files.push(("compose.yaml", "include: [c0.yaml]\nservices:\n  app: { build: . }\n"));
    refused(run(&files, &["app"]));
}

#[test]
fn definitions_that_lie_elsewhere_are_refused() {
    for target in [
        "https://github.com/docker/buildx.git",
        "git@github.com:docker/buildx.git",
        "github.com/docker/buildx",
    ] {
        let message = refused(run(&[("docker-bake.hcl", "")], &[target]));
        assert!(message.contains("elsewhere"), "{message}");
    }
}

#[test]
fn what_leads_out_is_said() {
    let resolved = hcl(
        "target \"app\" {\n  context = \"../x\"\n  contexts = {\n    a = \"/etc\"\n    b = \"sub/..\"\n    c = \"docker-image://d\"\n  }\n}\n",
    )
    .unwrap();
    assert_eq!(resolved.leaving(), [("app", "../x"), ("app", "/etc")]);
}

#[test]
fn mistakes_have_a_place() {
    let mut folder = MemoryFiles::default();
    folder.0.insert("docker-bake.hcl".to_owned(), b"target \"app\" {\n  args = { A = nope }\n}\n".to_vec());
    let options = Options { targets: vec!["app".to_owned()], ..Options::default() };
    let error = resolve(&folder, &options).unwrap_err();
    let (source, span) = error.place.unwrap();
    assert_eq!(source.slice(span), "nope");
}
