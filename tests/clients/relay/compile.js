// Compiles the app as its build would: the artifacts by `relay-compiler`, and the tagged texts by `babel-plugin-relay`.
"use strict";

const { execFileSync } = require("node:child_process");
const { mkdirSync, rmSync, writeFileSync } = require("node:fs");
const { Module } = require("node:module");
const path = require("node:path");

const { transformFileSync } = require("@babel/core");
const compiler = require("relay-compiler");

const ARTIFACTS = path.join(__dirname, "__generated__");

/** Compiles the app against a schema. Throws with the compiler's output if it rejects a text. */
function compile(schema) {
  rmSync(ARTIFACTS, { recursive: true, force: true });
  mkdirSync(ARTIFACTS);
  writeFileSync(path.join(__dirname, "schema.graphql"), schema);
  try {
    execFileSync(compiler, ["relay.config.json"], { cwd: __dirname, encoding: "utf8", stdio: "pipe" });
  } catch (error) {
    throw new Error(`${error.message}\n${error.stdout}\n${error.stderr}`);
  }
}

/** Loads a module of the app, whose tagged texts become the artifacts. */
function load(name) {
  const file = path.join(__dirname, name);
  const { code } = transformFileSync(file, { configFile: false, plugins: [[require.resolve("babel-plugin-relay"), { artifactDirectory: ARTIFACTS, eagerEsModules: false }]] });
  const module = new Module(file);
  module.filename = file;
  module.paths = Module._nodeModulePaths(__dirname);
  module._compile(code, file);
  return module.exports;
}

module.exports = { compile, load };
