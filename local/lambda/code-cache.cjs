'use strict';
/**
 * Compiled code of handlers, kept from one process of a function to the next and from run to run: compiling a bundle is
 * half of what a cold start takes here. Plain JavaScript, which runs in a function's process.
 */
const { createHash } = require('node:crypto');
const fs = require('node:fs');
const Module = require('node:module');
const path = require('node:path');
const vm = require('node:vm');

/** How many characters of the wrapper are before the code. */
const WRAPPER = Module.wrap('|').indexOf('|');

/**
 * Compiled code that is kept has lost how it imports (ERR_VM_DYNAMIC_IMPORT_CALLBACK_MISSING with Node 20) and names the
 * file it was made from: scripts that import are not kept, and each file has its own.
 */
const IMPORTS = /\bimport\s*\(/;

/** @typedef {(this: unknown, content: string, filename: string, format?: string) => unknown} Compile */

/** @param {string} file */
function read(file) {
  try {
    return fs.readFileSync(file);
  } catch {
    return undefined;
  }
}

/**
 * Under another name first: a process that is loading never sees half of it. What cannot be kept is compiled again.
 *
 * @param {string} file
 * @param {Buffer} data
 */
function write(file, data) {
  const unfinished = `${file}.${process.pid}`;
  try {
    fs.writeFileSync(unfinished, data, { mode: 0o600 });
    fs.renameSync(unfinished, file);
  } catch {
    fs.rmSync(unfinished, { force: true });
  }
}

/**
 * Makes the next `require` of a file take its compiled code from a folder, where it is.
 *
 * @param {string} directory
 * @param {string} file
 * @returns {() => void} keeps the code as it is compiled then, where the folder did not have it
 */
function useCodeCache(directory, file) {
  const prototype = /** @type {{ _compile: Compile }} */ (/** @type {any} */ (Module.prototype));
  const compile = prototype._compile;
  let keep = () => {};
  prototype._compile = function (content, filename, format) {
    if (filename !== file || format === 'module') return compile.call(this, content, filename, format);
    prototype._compile = compile;
    if (IMPORTS.test(content)) return compile.call(this, content, filename, format);
    const key = createHash('sha256').update(`${process.version}\n${filename}\n${content}`).digest('hex');
    const kept = path.join(directory, key);
    const cachedData = read(kept);
    let script;
    try {
      script = new vm.Script(Module.wrap(content), {
        filename,
        cachedData,
        // Places in the first line as without the wrapper.
        columnOffset: -WRAPPER,
      });
    } catch {
      // An ES module, or a fault: Node knows which.
      return compile.call(this, content, filename, format);
    }
    if (cachedData === undefined || script.cachedDataRejected) {
      const compiled = script;
      keep = () => {
        keep = () => {};
        write(kept, compiled.createCachedData());
      };
    }
    const own = /** @type {{ exports: unknown }} */ (this);
    const parameters = [own.exports, Module.createRequire(filename), own, filename, path.dirname(filename)];
    return script.runInThisContext().apply(own.exports, parameters);
  };
  return () => keep();
}

module.exports = { useCodeCache };
