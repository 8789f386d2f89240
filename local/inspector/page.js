/**
 * The script of the page at `/_local`, as the browser runs it. It asks this server alone, and content reaches the
 * document only as text nodes.
 */

import { byId, element, number, section, table, text } from './dom.js';

/** @typedef {import('./dom.js').Content} Content */
/** @typedef {Readonly<Record<string, number>>} Units capacity units by table */
/**
 * @typedef {{ service: string, operation: string, resources: string[], ms: number, status: number, errorCode?: string,
 *   readUnits?: Units, writeUnits?: Units }} Call
 */
/**
 * @typedef {{ id: string, time: number, method: string, path: string, status: number, durationMs: number,
 *   calls: Call[] }} Request
 */
/** @typedef {{ stackName: string, logicalId: string, path?: string, type: string, ref: string, inert: boolean }} Resource */
/** @typedef {Record<string, Content> & { name?: string, items?: unknown[] }} Entry */
/** @typedef {{ key: string, title: string, columns?: { key: string, title: string, number?: boolean }[] }} Section */
/**
 * @typedef {{ urls: { name: string, url: string }[], requests: Request[], resources: Resource[], sections: Section[],
 *   logs: { functionName: string, text: string }[] }} Snapshot what `/_local/api` gives; the entries of a section are
 *   under its key
 */

const main = byId('main');
const state = byId('state');
const live = /** @type {HTMLInputElement} */ (byId('live'));
/** @type {Set<string>} */
const opened = new Set();
let shown = '';

/**
 * Content that opens and closes, and stays as it is when the page is drawn anew.
 *
 * @param {string} key
 * @param {Content | Content[]} summary
 * @param {Content} content
 */
function fold(key, summary, content) {
  const node = /** @type {HTMLDetailsElement} */ (element('details', [element('summary', summary), content]));
  node.open = opened.has(key);
  node.addEventListener('toggle', () => (node.open ? opened.add(key) : opened.delete(key)));
  return node;
}

/** @param {Units | undefined} units */
const sum = (units) => Object.values(units ?? {}).reduce((a, b) => a + b, 0);
/** @param {number} value */
const round = (value) => Math.round(value * 10) / 10;
/** @param {number} count */
const faintCount = (count, /** @type {string} */ what) => element('span', ` ${count} ${what}`, 'faint');

/** @param {Call[]} calls */
function callTable(calls) {
  if (calls.length === 0) return element('p', 'no AWS calls', 'faint');
  const heads = [text('call'), text('resource'), number('ms'), number('RCU'), number('WCU'), text('result')];
  return table(
    heads,
    calls.map((call) => [
      `${call.service}:${call.operation}`,
      element('code', call.resources.map((arn) => arn.split(':').slice(5).join(':')).join(', ')),
      call.ms.toFixed(1),
      round(sum(call.readUnits)) || '',
      round(sum(call.writeUnits)) || '',
      element('span', call.errorCode ?? call.status, call.errorCode ? 'bad' : ''),
    ]),
  );
}

/**
 * @param {Request} request
 * @returns {Content[]}
 */
function requestRow(request) {
  const { calls, status } = request;
  const read = round(calls.reduce((total, call) => total + sum(call.readUnits), 0));
  const write = round(calls.reduce((total, call) => total + sum(call.writeUnits), 0));
  return [
    new Date(request.time).toLocaleTimeString(),
    fold(`request ${request.id}`, element('code', `${request.method} ${request.path}`), callTable(calls)),
    element('span', status, status >= 500 ? 'bad' : status < 400 ? 'good' : ''),
    request.durationMs.toFixed(1),
    calls.length,
    read || '',
    write || '',
  ];
}

/**
 * A section of a service: a table where it has columns, else a fold for each entry with items.
 *
 * @param {Section} part
 * @param {Entry[]} entries
 */
function serviceSection({ key, title, columns }, entries) {
  if (columns !== undefined) {
    const heads = columns.map((column) => ({ text: column.title, number: column.number }));
    const rows = entries.map((entry) => columns.map((column) => entry[column.key]));
    return section(title, table(heads, rows));
  }
  const folds = entries.map(({ name = '', items = [] }) => {
    const texts = items.map((item) => element('pre', JSON.stringify(item, undefined, 1)));
    return fold(`${key} ${name}`, [name, faintCount(items.length, 'items')], element('div', texts));
  });
  return section(title, element('div', folds));
}

/** @param {Resource[]} resources */
function resourceFolds(resources) {
  /** @type {Map<string, Resource[]>} */
  const stacks = new Map();
  for (const resource of resources) {
    stacks.set(resource.stackName, [...(stacks.get(resource.stackName) ?? []), resource]);
  }
  const folds = [...stacks].map(([stack, own]) => {
    const rows = own.map((resource) => [
      resource.path ?? resource.logicalId,
      resource.type + (resource.inert ? ' (inert)' : ''),
      element('code', resource.ref),
    ]);
    const heads = [text('resource'), text('type'), text('id')];
    return fold(`stack ${stack}`, [stack, faintCount(own.length, 'resources')], table(heads, rows));
  });
  return element('div', folds);
}

/** @param {Snapshot & Record<string, unknown>} data */
function render(data) {
  const addresses = data.urls.map(({ name, url }) => [name, element('code', url)]);
  const requestHeads = [
    ...[text('time'), text('request'), text('status')],
    ...[number('ms'), number('calls'), number('RCU'), number('WCU')],
  ];
  const lines = data.logs.map((line) => `${line.functionName}  ${line.text}`);
  main.replaceChildren(
    section('Addresses', table([text('name'), text('address')], addresses)),
    section('Last requests', table(requestHeads, data.requests.map(requestRow))),
    ...data.sections.map((part) => serviceSection(part, /** @type {Entry[]} */ (data[part.key]))),
    section('Function logs', fold('logs', `${lines.length} lines`, element('pre', lines.join('\n')))),
    section('Resources', resourceFolds(data.resources)),
  );
}

async function refresh() {
  if (!live.checked) return;
  try {
    const response = await fetch('/_local/api', { cache: 'no-store' });
    const body = await response.text();
    const data = JSON.parse(body);
    if (!response.ok) throw new Error(data.message);
    // Unchanged: leave selection and scrolling alone.
    if (body !== shown) render(data);
    shown = body;
    state.textContent = 'live';
    state.className = 'good';
  } catch (error) {
    state.textContent = `not reachable: ${error instanceof Error ? error.message : String(error)}`;
    state.className = 'bad';
  }
}

async function loop() {
  await refresh();
  setTimeout(loop, 1500);
}
void loop();

export {};
