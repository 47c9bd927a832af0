#!/usr/bin/env node
// Starts the program that npm installed for this platform, with the arguments, streams and exit code of this process.
"use strict";

const { spawnSync } = require("node:child_process");

const { name } = require("./package.json");
const platform = `${name}-${process.platform}-${process.arch}`;
const file = process.platform === "win32" ? "xsim.exe" : "xsim";

let program;
try {
  program = require.resolve(`${platform}/${file}`);
} catch {
  console.error(`xsim: ${platform} is not installed: either npm left optional dependencies out, or there is no program for this platform`);
  process.exit(4);
}
const { error, signal, status } = spawnSync(program, process.argv.slice(2), { stdio: "inherit" });
if (error) {
  console.error(`xsim: ${error.message}`);
  process.exit(4);
}
if (signal) {
  process.kill(process.pid, signal);
}
process.exit(status ?? 1);
