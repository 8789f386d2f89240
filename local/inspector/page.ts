/** The page at `/_local`: one file, no address but this server. Content reaches the document only as text nodes. */
export const PAGE = String.raw`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Local AWS</title>
<style>
:root { color-scheme: light dark; --line: #8883; --soft: #8881; --bad: #c22; --good: #17803d; }
@media (prefers-color-scheme: dark) { :root { --bad: #f66; --good: #4ade80; } }
* { box-sizing: border-box; }
body { font: 14px/1.45 system-ui, sans-serif; margin: 0 auto; max-width: 1200px; padding: 1rem; }
header { display: flex; flex-wrap: wrap; gap: .5rem 1.5rem; align-items: baseline; }
h1 { font-size: 1.25rem; margin: 0; } h2 { font-size: 1rem; margin: 1.5rem 0 .5rem; }
table { border-collapse: collapse; width: 100%; }
th, td { text-align: left; padding: .25rem .5rem; border-bottom: 1px solid var(--line); vertical-align: top; }
td:first-child { white-space: nowrap; } td code { display: inline-block; min-width: 12rem; } th { font-weight: 600; } td.number, th.number { text-align: right; font-variant-numeric: tabular-nums; }
code, pre { font: 12px/1.4 ui-monospace, monospace; overflow-wrap: anywhere; }
pre { background: var(--soft); padding: .5rem; margin: .25rem 0; white-space: pre-wrap; }
details > summary { cursor: pointer; padding: .15rem 0; }
.scroll { overflow-x: auto; } .bad { color: var(--bad); } .good { color: var(--good); } .faint { opacity: .65; }
</style>
</head>
<body>
<header><h1>Local AWS</h1><span id="state" class="faint" role="status">loading</span>
<label><input type="checkbox" id="live" checked> refresh</label></header>
<main id="main"></main>
<script>
'use strict';
const main = document.getElementById('main');
const state = document.getElementById('state');
const opened = new Set();
let shown = '';

function element(name, content, className) {
  const node = document.createElement(name);
  if (className) node.className = className;
  for (const item of Array.isArray(content) ? content : [content]) {
    if (item === undefined || item === null) continue;
    node.append(item instanceof Node ? item : String(item));
  }
  return node;
}
function table(heads, rows) {
  const cells = (name, row) => element('tr', row.map((cell, index) => element(name, cell, heads[index].number ? 'number' : '')));
  const box = element('div', element('table', [
    element('thead', cells('th', heads.map((head) => head.text))),
    element('tbody', rows.map((row) => cells('td', row))),
  ]), 'scroll');
  return rows.length ? box : element('p', 'none yet', 'faint');
}
const text = (value) => ({ text: value });
const number = (value) => ({ text: value, number: true });
function fold(key, summary, content) {
  const node = element('details', [element('summary', summary), content]);
  node.open = opened.has(key);
  node.addEventListener('toggle', () => (node.open ? opened.add(key) : opened.delete(key)));
  return node;
}
const section = (title, content) => element('section', [element('h2', title), content]);
const sum = (units) => Object.values(units || {}).reduce((a, b) => a + b, 0);
const round = (value) => Math.round(value * 10) / 10;

function requestRow(request) {
  const read = round(request.calls.reduce((a, call) => a + sum(call.readUnits), 0));
  const write = round(request.calls.reduce((a, call) => a + sum(call.writeUnits), 0));
  const calls = table([text('call'), text('resource'), number('ms'), number('RCU'), number('WCU'), text('result')],
    request.calls.map((call) => [
      call.service + ':' + call.operation,
      element('code', call.resources.map((arn) => arn.split(':').slice(5).join(':')).join(', ')),
      call.ms.toFixed(1), round(sum(call.readUnits)) || '', round(sum(call.writeUnits)) || '',
      element('span', call.errorCode || call.status, call.errorCode ? 'bad' : ''),
    ]));
  return [
    new Date(request.time).toLocaleTimeString(),
    fold('request ' + request.id, [element('code', request.method + ' ' + request.path)], request.calls.length ? calls : element('p', 'no AWS calls', 'faint')),
    element('span', request.status, request.status >= 500 ? 'bad' : request.status < 400 ? 'good' : ''),
    request.durationMs.toFixed(1), request.calls.length, read || '', write || '',
  ];
}
function sectionContent({ key, columns }, entries) {
  if (columns) {
    return table(columns.map((column) => ({ text: column.title, number: column.number })),
      entries.map((entry) => columns.map((column) => entry[column.key])));
  }
  return element('div', entries.map(({ name, items }) =>
    fold(key + ' ' + name, [name, element('span', ' ' + items.length + ' items', 'faint')],
      element('div', items.map((item) => element('pre', JSON.stringify(item, undefined, 1)))))));
}
function render(data) {
  const stacks = new Map();
  for (const resource of data.resources) stacks.set(resource.stackName, [...(stacks.get(resource.stackName) || []), resource]);
  main.replaceChildren(
    section('Addresses', table([text('name'), text('address')], data.urls.map(({ name, url }) => [name, element('code', url)]))),
    section('Last requests', table(
      [text('time'), text('request'), text('status'), number('ms'), number('calls'), number('RCU'), number('WCU')],
      data.requests.map(requestRow))),
    ...data.sections.map((part) => section(part.title, sectionContent(part, data[part.key]))),
    section('Function logs', fold('logs', data.logs.length + ' lines',
      element('pre', data.logs.map((line) => line.functionName + '  ' + line.text).join('\n')))),
    section('Resources', element('div', [...stacks].map(([stack, resources]) =>
      fold('stack ' + stack, [stack, element('span', ' ' + resources.length + ' resources', 'faint')],
        table([text('resource'), text('type'), text('id')], resources.map((resource) => [
          resource.path || resource.logicalId, resource.type + (resource.inert ? ' (inert)' : ''), element('code', resource.ref)])))))),
  );
}
async function refresh() {
  if (!document.getElementById('live').checked) return;
  try {
    const response = await fetch('/_local/api', { cache: 'no-store' });
    const body = await response.text();
    if (!response.ok) throw new Error(JSON.parse(body).message);
    // Unchanged: leave selection and scrolling alone.
    if (body !== shown) render(JSON.parse(body));
    shown = body;
    state.textContent = 'live';
    state.className = 'good';
  } catch (error) {
    state.textContent = 'not reachable: ' + error.message;
    state.className = 'bad';
  }
}
async function loop() {
  await refresh();
  setTimeout(loop, 1500);
}
void loop();
</script>
</body>
</html>
`;
