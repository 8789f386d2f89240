/**
 * What runs in a function's process: loads the handler as Lambda does and answers invocations sent over the process
 * channel, one at a time. Kept as text, because the runner is published as one file; written to a folder at the start.
 *
 * Messages in: `{type: 'invoke', id, payload, deadline, trace, clientContext}`; out: `{type: 'ready'}`,
 * `{type: 'init-error', error}`, `{type: 'done', id, payload | error}`.
 */
export const BOOTSTRAP = String.raw`'use strict';
const http = require('node:http');
const https = require('node:https');
const fs = require('node:fs');
const path = require('node:path');
const { pathToFileURL } = require('node:url');

// The answers of custom resources go to the runner, which speaks plain HTTP; CDK's own helpers always use https and
// drop the port.
const answers = process.env.LOCAL_CFN_RESPONSE_PORT;
delete process.env.LOCAL_CFN_RESPONSE_PORT;
const httpsRequest = https.request;
https.request = function request(...parameters) {
  const [options] = parameters;
  const plain = options && typeof options === 'object' && !(options instanceof URL);
  if (answers && plain && options.hostname === '127.0.0.1' && String(options.path).startsWith('/cfn-response/')) {
    return http.request({ ...options, port: answers, agent: undefined }, ...parameters.slice(1));
  }
  return httpsRequest.apply(https, parameters);
};

// The runner is gone: nothing may be left running.
process.on('disconnect', () => process.exit(0));

const channel = process.send.bind(process);
delete process.send;

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

function named(name, message) {
  const error = new Error(message);
  error.name = name;
  return error;
}

async function load() {
  const specification = process.env._HANDLER || '';
  const base = specification.slice(specification.lastIndexOf('/') + 1);
  const dot = base.indexOf('.');
  if (dot < 1) throw named('Runtime.MalformedHandlerName', 'Bad handler');
  const directory = specification.slice(0, specification.length - base.length);
  const stem = path.resolve(process.env.LAMBDA_TASK_ROOT, directory, base.slice(0, dot));
  const file = ['', '.js', '.mjs', '.cjs'].map((end) => stem + end).find((name) => fs.existsSync(name) && fs.statSync(name).isFile());
  if (!file) throw named('Runtime.ImportModuleError', "Error: Cannot find module '" + base.slice(0, dot) + "'");
  let module;
  try {
    module = file.endsWith('.mjs') ? await import(pathToFileURL(file).href) : require(file);
  } catch (error) {
    if (!error || error.code !== 'ERR_REQUIRE_ESM') throw error;
    module = await import(pathToFileURL(file).href);
  }
  let handler = module;
  for (const part of base.slice(dot + 1).split('.')) handler = handler === undefined || handler === null ? undefined : handler[part];
  if (typeof handler !== 'function') {
    throw named('Runtime.HandlerNotFound', specification + ' is undefined or not exported');
  }
  return handler;
}

function contextOf(message, callback) {
  const environment = process.env;
  return {
    callbackWaitsForEmptyEventLoop: true,
    functionName: environment.AWS_LAMBDA_FUNCTION_NAME,
    functionVersion: environment.AWS_LAMBDA_FUNCTION_VERSION,
    invokedFunctionArn: message.arn,
    memoryLimitInMB: environment.AWS_LAMBDA_FUNCTION_MEMORY_SIZE,
    awsRequestId: message.id,
    logGroupName: environment.AWS_LAMBDA_LOG_GROUP_NAME,
    logStreamName: environment.AWS_LAMBDA_LOG_STREAM_NAME,
    getRemainingTimeInMillis: () => Math.max(0, message.deadline - Date.now()),
    done: (error, result) => callback(error, result),
    fail: (error) => callback(error || new Error('handled')),
    succeed: (result) => callback(null, result),
  };
}

function run(handler, message) {
  return new Promise((resolve, reject) => {
    const callback = (error, result) => (error ? reject(error) : resolve(result));
    const result = handler(message.payload, contextOf(message, callback), callback);
    if (result && typeof result.then === 'function') result.then(resolve, reject);
    else if (result !== undefined && handler.length < 3) resolve(result);
  });
}

let fatal;
process.on('unhandledRejection', (reason) => fatal(named('Runtime.UnhandledPromiseRejection', String(reason && reason.message || reason)), reason));
process.on('uncaughtException', (error) => fatal(error, error));

function report(title, error) {
  process.stderr.write(title + '\t' + JSON.stringify(describe(error)) + '\n');
}

async function main() {
  let current;
  fatal = (error, cause) => {
    report(error.name === 'Runtime.UnhandledPromiseRejection' ? 'Unhandled Promise Rejection' : 'Uncaught Exception', cause);
    const exit = () => process.exit(129);
    if (current) channel({ type: 'done', id: current, error: describe(error), dying: true }, exit);
    else exit();
  };
  let handler;
  try {
    handler = await load();
  } catch (error) {
    report('Init error', error);
    channel({ type: 'init-error', error: describe(error) }, () => process.exit(1));
    return;
  }
  process.on('message', (message) => {
    current = message.id;
    process.env._X_AMZN_TRACE_ID = message.trace;
    Promise.resolve()
      .then(() => run(handler, message))
      .then((payload) => {
        const text = JSON.stringify(payload === undefined ? null : payload);
        current = undefined;
        channel({ type: 'done', id: message.id, payload: text === undefined ? 'null' : text });
      })
      .catch((error) => {
        current = undefined;
        report('Invoke Error', error);
        channel({ type: 'done', id: message.id, error: describe(error) });
      });
  });
  channel({ type: 'ready' });
}

void main();
`;
