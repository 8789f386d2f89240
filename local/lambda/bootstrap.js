'use strict';
/**
 * What runs in a function's process, as plain JavaScript: loads the handler as Lambda does and answers invocations
 * sent over the process channel, one at a time.
 *
 * Messages in: `{id, payload, arn, deadline, trace}`; out: `{type: 'ready'}`, `{type: 'init-error', error}`,
 * `{type: 'done', id, payload | error}`.
 */
const fs = require('node:fs');
const http = require('node:http');
const https = require('node:https');
const path = require('node:path');
const { pathToFileURL } = require('node:url');
const { useCodeCache } = require('./code-cache.cjs');

/** @typedef {{ id: string, payload: unknown, arn: string, deadline: number, trace: string }} Invocation */
/** @typedef {(error: unknown, result?: unknown) => void} Callback */
/** @typedef {(event: unknown, context: unknown, callback: Callback) => unknown} Handler */

// The answers of custom resources go to the runner, which speaks plain HTTP; CDK's own helpers always use https and
// drop the port.
const answerPort = process.env.LOCAL_CFN_RESPONSE_PORT;
delete process.env.LOCAL_CFN_RESPONSE_PORT;
const httpsRequest = /** @type {(...parameters: any[]) => import('node:http').ClientRequest} */ (https.request);
https.request = function request(/** @type {any[]} */ ...parameters) {
  const [options, ...rest] = parameters;
  const plain = options && typeof options === 'object' && !(options instanceof URL);
  if (answerPort && plain && options.hostname === '127.0.0.1' && String(options.path).startsWith('/cfn-response/')) {
    return http.request({ ...options, port: answerPort, agent: undefined }, ...rest);
  }
  return httpsRequest.apply(https, parameters);
};

/** Where compiled code is kept, and how what is loaded here is kept too. */
const codeCache = process.env.LOCAL_CODE_CACHE;
delete process.env.LOCAL_CODE_CACHE;
let keepCode = () => {};

// The runner is gone: nothing may be left running.
process.on('disconnect', () => process.exit(0));

const send = process.send?.bind(process);
// A handler must not talk to the runner.
delete process.send;

/**
 * @param {unknown} message
 * @param {() => void} [sent]
 */
function tell(message, sent) {
  send?.(message, undefined, undefined, () => sent?.());
}

/** @param {unknown} error */
function describe(error) {
  if (error instanceof Error) {
    return {
      errorType: error.name || 'Error',
      errorMessage: error.message,
      trace: String(error.stack || '').split('\n'),
    };
  }
  return { errorType: typeof error, errorMessage: typeof error === 'string' ? error : String(error), trace: [] };
}

/**
 * @param {string} name
 * @param {string} message
 */
function namedError(name, message) {
  const error = new Error(message);
  error.name = name;
  return error;
}

/** @param {string} stem */
function fileOf(stem) {
  return ['', '.js', '.mjs', '.cjs']
    .map((end) => stem + end)
    .find((name) => fs.existsSync(name) && fs.statSync(name).isFile());
}

/**
 * @param {string} file
 * @returns {Promise<unknown>}
 */
async function loadModule(file) {
  if (file.endsWith('.mjs')) return import(pathToFileURL(file).href);
  try {
    return require(file);
  } catch (error) {
    if (!(error instanceof Error) || !('code' in error) || error.code !== 'ERR_REQUIRE_ESM') throw error;
    return import(pathToFileURL(file).href);
  }
}

/** @returns {Promise<Handler>} */
async function loadHandler() {
  const specification = process.env._HANDLER || '';
  const base = specification.slice(specification.lastIndexOf('/') + 1);
  const dot = base.indexOf('.');
  if (dot < 1) throw namedError('Runtime.MalformedHandlerName', 'Bad handler');
  const directory = specification.slice(0, specification.length - base.length);
  const file = fileOf(path.resolve(process.env.LAMBDA_TASK_ROOT || '', directory, base.slice(0, dot)));
  if (!file) {
    throw namedError('Runtime.ImportModuleError', `Error: Cannot find module '${base.slice(0, dot)}'`);
  }
  if (codeCache) keepCode = useCodeCache(codeCache, file);
  let handler = /** @type {any} */ (await loadModule(file));
  for (const part of base.slice(dot + 1).split('.')) handler = handler?.[part];
  if (typeof handler !== 'function') {
    throw namedError('Runtime.HandlerNotFound', `${specification} is undefined or not exported`);
  }
  return handler;
}

/**
 * @param {Invocation} invocation
 * @param {Callback} callback
 */
function contextOf(invocation, callback) {
  const environment = process.env;
  return {
    callbackWaitsForEmptyEventLoop: true,
    functionName: environment.AWS_LAMBDA_FUNCTION_NAME,
    functionVersion: environment.AWS_LAMBDA_FUNCTION_VERSION,
    invokedFunctionArn: invocation.arn,
    memoryLimitInMB: environment.AWS_LAMBDA_FUNCTION_MEMORY_SIZE,
    awsRequestId: invocation.id,
    logGroupName: environment.AWS_LAMBDA_LOG_GROUP_NAME,
    logStreamName: environment.AWS_LAMBDA_LOG_STREAM_NAME,
    getRemainingTimeInMillis: () => Math.max(0, invocation.deadline - Date.now()),
    done: callback,
    fail: (/** @type {unknown} */ error) => callback(error || new Error('handled')),
    succeed: (/** @type {unknown} */ result) => callback(null, result),
  };
}

/**
 * @param {Handler} handler
 * @param {Invocation} invocation
 * @returns {Promise<unknown>}
 */
function run(handler, invocation) {
  return new Promise((resolve, reject) => {
    /** @type {Callback} */
    const callback = (error, result) => (error ? reject(error) : resolve(result));
    const result = /** @type {any} */ (handler(invocation.payload, contextOf(invocation, callback), callback));
    if (result && typeof result.then === 'function') result.then(resolve, reject);
    else if (result !== undefined && handler.length < 3) resolve(result);
  });
}

/**
 * @param {string} title
 * @param {unknown} error
 */
function report(title, error) {
  process.stderr.write(`${title}\t${JSON.stringify(describe(error))}\n`);
}

/** @type {string | undefined} */
let current;

/**
 * Ends the process, as Lambda does, after the invocation under way was told.
 *
 * @param {string} title
 * @param {unknown} error
 * @param {unknown} cause
 */
function die(title, error, cause) {
  report(title, cause);
  const exit = () => process.exit(129);
  if (current) tell({ type: 'done', id: current, error: describe(error), dying: true }, exit);
  else exit();
}

process.on('unhandledRejection', (reason) => {
  const message = reason instanceof Error && reason.message ? reason.message : String(reason);
  die('Unhandled Promise Rejection', namedError('Runtime.UnhandledPromiseRejection', message), reason);
});
process.on('uncaughtException', (error) => die('Uncaught Exception', error, error));

/**
 * @param {Handler} handler
 * @param {Invocation} invocation
 */
async function answer(handler, invocation) {
  current = invocation.id;
  process.env._X_AMZN_TRACE_ID = invocation.trace;
  try {
    const payload = await run(handler, invocation);
    const text = JSON.stringify(payload === undefined ? null : payload);
    // Kept after the answer, when what an invocation needs is compiled.
    tell({ type: 'done', id: invocation.id, payload: text === undefined ? 'null' : text }, keepCode);
  } catch (error) {
    report('Invoke Error', error);
    tell({ type: 'done', id: invocation.id, error: describe(error) });
  }
  current = undefined;
}

async function main() {
  let handler;
  try {
    handler = await loadHandler();
  } catch (error) {
    report('Init error', error);
    tell({ type: 'init-error', error: describe(error) }, () => process.exit(1));
    return;
  }
  process.on('message', (message) => void answer(handler, /** @type {Invocation} */ (message)));
  tell({ type: 'ready' });
}

void main();
