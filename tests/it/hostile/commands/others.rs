//! The same for what is no Dockerfile: settings, definitions, repositories and logs.

use super::super::{PLATFORMS, folder};
use super::{OTHER, payloads, says_no_command};

#[test]
fn nothing_of_other_files_is_a_command() {
    for (number, evil) in payloads().iter().enumerate() {
        let folder = folder(&format!("others-{number}"));
        let write = |name: &str, text: &str| std::fs::write(folder.join(name), text).unwrap();
        write("Dockerfile", OTHER);
        write("Other", OTHER);
        write(
            "machine.toml",
            &format!(
                "name = \"{evil}\"\n[[node]]\nname = \"{evil}\"\ncores = 1\nnative = [\"linux/amd64\"]\n[[node]]\nname = \"2{evil}\"\ncores = 1\nnative = [\"linux/arm64\"]\n"
            ),
        );
        write("bad-machine.toml", &format!("[[node]]\nname = \"{evil}\"\ncores = -1\n"));
        write("bad.toml", &format!("\"{evil}\" = 1\n{evil}\n"));
        write("lines.toml", &format!("a = \"\"\"\n{evil}\n\"\"\"\n"));
        write(".dockerignore", &format!("[{evil}\n!\n{evil}\n"));
        let vertex = "\"started\":\"2026-01-01T00:00:00Z\",\"completed\":\"2026-01-01T00:00:09Z\"";
        let vertex =
            |name: &str| format!("{{\"digest\":\"sha256:{}\",\"name\":\"{name}\",{vertex}}}", name.len());
        let names = [evil.clone(), format!("[1/2] RUN {evil}"), format!("[{evil} 1/2] RUN gcc x {evil}")];
        let vertices: Vec<String> = names.iter().map(|name| vertex(name)).collect();
        write("log", &format!("{{\"vertexes\":[{}]}}\n", vertices.join(",")));
        write(
            "plain",
            &format!(
                "#1 [1/2] RUN gcc {evil}\n#1 DONE 9s\n#2 {evil}\n#2 DONE 1s\n#3 [{evil} 1/1] RUN cc\n#3 ERROR: {evil}\n"
            ),
        );
        write("settings.toml", &format!("target = \"{evil}\"\n[rules]\n\"{evil}\" = \"off\"\n"));
        write("target.toml", &format!("target = \"{evil}\"\n"));
        write(
            "gates.toml",
            &format!(
                "[gates]\nno-split-before = [\"{evil}\"]\nmax-time = \"{evil}\"\nfail-on = [\"{evil}\"]\n"
            ),
        );
        write("platforms.toml", &format!("platforms = [\"{evil}\"]\n"));
        write("image.json", &format!("{{\"{evil}\": \"{evil}\"}}"));
        for format in ["text", "json", "html", "svg", "markdown", "sarif"] {
            let args = ["analyze", "Dockerfile", "--machine", "machine.toml", "--format", format];
            says_no_command(&folder, &[&args[..], &PLATFORMS].concat());
        }
        for args in [
            &["analyze", "Dockerfile", "--machine", "bad-machine.toml"][..],
            &["analyze", "Dockerfile", "--image-config", "alpine=image.json"],
            &["calibrate", "--log", "log", "plain"],
            &["calibrate", "--log", "plain", "--output", "profile.toml"],
            &["calibrate", "--log", "image.json", "bad.toml"],
            &["analyze", "Dockerfile", "--profile", "profile.toml"],
        ] {
            says_no_command(&folder, args);
        }
        for file in ["bad.toml", "lines.toml", "settings.toml", "target.toml", "gates.toml", "platforms.toml"]
        {
            for option in ["--config", "--profile", "--machine", "--baseline"] {
                for command in ["analyze", "check", "compare"] {
                    let more = if command == "compare" { "Other" } else { "--no-config" };
                    let more = if option == "--config" && command != "compare" { "--seed=2" } else { more };
                    says_no_command(&folder, &[command, "Dockerfile", more, option, file]);
                }
            }
        }
    }
}

#[test]
fn nothing_of_definitions_is_a_command() {
    for (number, evil) in payloads().iter().enumerate() {
        let definitions = [
            (
                "a.hcl",
                format!(
                    "target \"default\" {{\n  tags = [\"{evil}\"]\n  args = {{ \"{evil}\" = \"{evil}\" }}\n  context = \"{evil}\"\n  description = \"{evil}\"\n}}\n"
                ),
            ),
            ("b.hcl", format!("{evil}\n")),
            ("c.hcl", format!("# {evil}\ntarget \"{evil}\" {{\n}}\n")),
            (
                "d.hcl",
                format!(
                    "variable \"X\" {{\n  default = \"{evil}\"\n  validation {{\n    condition = X == 1\n    error_message = \"{evil}\"\n  }}\n}}\ntarget \"default\" {{ target = X }}\n"
                ),
            ),
            (
                "e.hcl",
                format!(
                    "target \"default\" {{\n  dockerfile-inline = \"FROM x\\nRUN {evil}\"\n  platforms = [\"{evil}\"]\n  inherits = [\"{evil}\"]\n}}\n"
                ),
            ),
            (
                "f.hcl",
                format!(
                    "target \"default\" {{\n  dockerfile-inline = \"FROM x\\nRUM {evil}\\n\"\n  contexts = {{ \"{evil}\" = \"target:{evil}\" }}\n}}\n"
                ),
            ),
            (
                "g.json",
                format!(
                    "{{\"target\": {{\"default\": {{\"tags\": [\"{evil}\"], \"{evil}\": \"{evil}\"}}}}}}\n{evil}"
                ),
            ),
            (
                "h.yaml",
                format!(
                    "services:\n  \"{evil}\": {{build: \"{evil}\"}}\n  b: {{build: {{context: \"{evil}\", args: {{\"{evil}\": \"{evil}\"}}}}}}\n"
                ),
            ),
            (
                "i.yaml",
                format!(
                    "services:\n  b: {{build: ., env_file: \"{evil}\", extends: {{file: \"{evil}\", service: \"{evil}\"}}}}\n"
                ),
            ),
            ("j.yaml", format!("services: &a\n  b: *b\n{evil}\n\t{evil}: [\n")),
        ];
        for (name, text) in &definitions {
            let folder = folder(&format!("definition-{number}-{name}"));
            std::fs::write(folder.join("Dockerfile"), OTHER).unwrap();
            std::fs::write(folder.join(name), text).unwrap();
            let of = |target: &str| format!("{name}#{target}");
            for args in [
                &["bake", "--file", name, "--print"][..],
                &["bake", "--file", name, "--format", "json"],
                &["bake", "--file", name, evil],
                &["bake", "--file", evil],
                &["bake", "--file", name, "--set", evil, "--var", evil],
                &["analyze", &of("default")],
                &["analyze", &of("b")],
                &["graph", &of(evil)],
            ] {
                says_no_command(&folder, args);
            }
        }
    }
}

#[test]
fn nothing_of_a_repository_is_a_command() {
    for (number, evil) in payloads().iter().enumerate() {
        let step = |run: &str| {
            format!(
                "on: push\nname: \"{evil}\"\njobs:\n  \"{evil}\":\n    name: \"{evil}\"\n    runs-on: \"{evil}\"\n    steps:\n    - name: \"{evil}\"\n      env: {{\"{evil}\": \"{evil}\", E: \"{evil}\"}}\n      run: |\n        {run}\n"
            )
        };
        let build = format!(
            "docker buildx build --platform '{evil}' --build-arg 'A={evil}' --target '{evil}' -f '{evil}' --cache-from '{evil}' -t $E '{evil}'"
        );
        let repositories = [
            vec![("w.yml", step(&build))],
            vec![(
                "w.yml",
                step(&format!(
                    "{build}\n        {evil}\n        docker build $({evil}) ${{{{ {evil} }}}} ${{{{ github.{evil} }}}}"
                )),
            )],
            vec![(
                "w.yml",
                format!(
                    "{}    - uses: \"{evil}\"\n    - uses: docker/build-push-action@v6\n      with: {{context: \"{evil}\", file: \"{evil}\", tags: \"{evil}\", platforms: \"{evil}\", build-args: \"{evil}={evil}\"}}\n",
                    step("make")
                ),
            )],
            vec![("w.yml", format!("{evil}\n\t{evil}: [\n"))],
            vec![
                (
                    "w.yml",
                    step("make '::error::a.mk' all; make -f './::error::a.mk'; . './##[add-mask]b.sh'"),
                ),
                (
                    "Makefile",
                    format!(
                        "A = {evil}\nall: {evil}\n\t{build} $(A) $(shell {evil})\n{evil}:\n\tdocker build '{evil}'\ninclude {evil}\n"
                    ),
                ),
                ("::error::a.mk", format!("all:\n\tdocker build -t x .\n\tdocker build '{evil}'\n")),
                ("##[add-mask]b.sh", format!("docker build '{evil}'\n{evil}\n")),
            ],
        ];
        for (at, files) in repositories.iter().enumerate() {
            let folder = folder(&format!("repository-{number}-{at}"));
            std::fs::create_dir_all(folder.join(".github/workflows")).unwrap();
            for (name, text) in files {
                let path = if *name == "w.yml" { ".github/workflows/w.yml" } else { name };
                std::fs::write(folder.join(path), text).unwrap();
            }
            std::fs::write(
                folder.join(".gitlab-ci.yml"),
                format!("\"{evil}\":\n  image: \"{evil}\"\n  script: [\"{build}\", \"{evil}\"]\n"),
            )
            .unwrap();
            std::fs::write(
                folder.join("Jenkinsfile"),
                format!("stage('{evil}') {{ sh '{evil}'; sh \"docker build {evil}\" }}\n{evil}\n"),
            )
            .unwrap();
            std::fs::write(folder.join(".goreleaser.yml"), format!("dockers:\n- image_templates: [\"{evil}\"]\n  goarch: \"{evil}\"\n  dockerfile: \"{evil}\"\n")).unwrap();
            std::fs::write(folder.join("Dockerfile"), OTHER).unwrap();
            for args in [
                &["builds"][..],
                &["builds", "--format", "json"],
                &["analyze"],
                &["analyze", ".github/workflows/w.yml:12"],
                &["graph", "Makefile#all"],
                &["analyze", "::error::a.mk#all"],
                &["analyze", "::error::a.mk#none"],
                &["check", "."],
            ] {
                says_no_command(&folder, args);
            }
        }
    }
}

#[test]
fn nothing_of_logs_is_a_command() {
    for (number, evil) in payloads().iter().enumerate() {
        let folder = folder(&format!("logs-{number}"));
        let write = |name: &str, text: &str| std::fs::write(folder.join(name), text).unwrap();
        write("Dockerfile", OTHER);
        let vertex = |n: usize, name: &str, more: &str| {
            format!(
                "{{\"digest\":\"sha256:{n:064}\",\"name\":\"{name}\",\"started\":\"2026-01-01T00:00:0{n}Z\",\"completed\":\"2026-01-01T00:01:0{n}Z\"{more}}}"
            )
        };
        let vertices = |more: &str| {
            [
                format!("[{evil} 1/2] FROM {evil}"),
                format!("[{evil} 2/2] RUN {evil}"),
                format!("[{evil}] COPY {evil} {evil}"),
                evil.clone(),
            ]
            .iter()
            .enumerate()
            .map(|(n, name)| vertex(n, name, more))
            .collect::<Vec<_>>()
            .join(",")
        };
        write(
            "raw",
            &format!(
                "{{\"vertexes\":[{}]}}\n{{\"statuses\":[{{\"id\":\"{evil}\",\"vertex\":\"sha256:{:064}\",\"name\":\"{evil}\",\"total\":9,\"current\":9,\"started\":\"2026-01-01T00:00:01Z\",\"completed\":\"2026-01-01T00:00:09Z\"}}]}}\n{evil}\n",
                vertices(""),
                1
            ),
        );
        write("failed", &format!("{{\"vertexes\":[{}]}}\n", vertices(&format!(",\"error\":\"{evil}\""))));
        write(
            "plain",
            &format!(
                "#0 building with \"{evil}\" instance using {evil} driver\n#1 [{evil} 1/2] FROM {evil}\n#1 sha256:{evil} 1MB / 2MB\n#1 DONE 3.0s\n#2 [{evil} 2/2] RUN {evil}\n#2 1.0 {evil}\n#2 ERROR: {evil}\n{evil}\n"
            ),
        );
        write(
            "display",
            &format!(
                "[+] Building 9.1s (2/2) FINISHED {evil}\n => [{evil} 1/2] RUN {evil}  3.0s\n => => # {evil} 1.0s\n => ERROR [{evil}] {evil} 2.0s\n"
            ),
        );
        write(
            "metadata",
            &format!(
                "{{\"buildx.build.ref\":\"{evil}\",\"buildx.build.provenance\":{{\"buildType\":\"https://mobyproject.org/buildkit@v1\",\"materials\":[{{\"uri\":\"{evil}\"}}],\"invocation\":{{\"configSource\":{{\"entryPoint\":\"{evil}\"}}}},\"buildConfig\":{{\"llbDefinition\":[{{\"id\":\"{evil}\",\"op\":{{\"Op\":{{\"exec\":{{\"meta\":{{\"args\":[\"{evil}\"]}}}}}}}}}}]}}}}}}"
            ),
        );
        for log in ["raw", "failed", "plain", "display", "metadata", "Dockerfile"] {
            for format in ["text", "json", "svg", "html", "markdown"] {
                says_no_command(&folder, &["observe", log, "--format", format]);
            }
            says_no_command(
                &folder,
                &["observe", log, "--dockerfile", "Dockerfile", "--metadata", "metadata"],
            );
            says_no_command(&folder, &["calibrate", "--log", log, "--dockerfile", "Dockerfile"]);
            says_no_command(&folder, &["calibrate", "--log", log, "--output", "profile.toml"]);
            says_no_command(&folder, &["profile", "show", "profile.toml"]);
            for format in ["text", "markdown", "json"] {
                says_no_command(&folder, &["compare", "raw", log, "--format", format]);
            }
        }
        let name: String = evil.chars().filter(|char| !char.is_whitespace()).take(40).collect();
        write(&name, "#1 [1/1] RUN x\n#1 DONE 1.0s\n");
        says_no_command(&folder, &["observe", &name, "raw"]);
    }
}
