#!/usr/bin/env node
const { execFileSync } = require("child_process");
const { mkdirSync, readFileSync, writeFileSync, readdirSync } = require("fs");
const { dirname, join } = require("path");
// A program of another architecture does not start where nothing emulates it; here it says so.
const native = join(__dirname, "native");
const machine = readFileSync(native).readUInt16LE(18);
if (machine !== { x64: 62, arm64: 183 }[process.arch]) throw new Error("a native part for another architecture: " + machine);
const [from, to] = process.argv.slice(2);
mkdirSync(dirname(to), { recursive: true });
writeFileSync(to, execFileSync(native, { input: readFileSync(from) }));
