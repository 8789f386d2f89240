/**
 * The script of the page of tables, as the browser runs it. It asks this server alone, and content reaches the document
 * only as text nodes. What is chosen is in the address, so that it can be kept.
 */

import { byId, element, number, section, table, text } from './dom.js';

/** @typedef {{ partition: string, sort?: string }} Key */
/**
 * @typedef {{ name: string, key: Key, indexes: (Key & { name: string, local: boolean })[], types: Record<string, string>,
 *   itemCount: number, ttlAttribute?: string }} Table
 */
/** @typedef {Record<string, Record<string, unknown>>} Item attributes with DynamoDB's types */
/** @typedef {{ items: Item[], next?: string }} Page */

/** Characters of an attribute that a row shows. */
const SHOWN = 60;

const COMPARISONS = ['=', 'begins_with', '<', '<=', '>', '>='];

const input = (/** @type {string} */ id) => /** @type {HTMLInputElement} */ (byId(id));
const state = byId('state');
const index = /** @type {HTMLSelectElement} */ (byId('index'));
const comparison = /** @type {HTMLSelectElement} */ (byId('comparison'));
const limit = /** @type {HTMLSelectElement} */ (byId('limit'));
const previous = /** @type {HTMLButtonElement} */ (byId('previous'));
const next = /** @type {HTMLButtonElement} */ (byId('next'));

/** @type {Table[]} */
let tables = [];
/** Where the pages up to this one start; the first has no start. @type {(string | undefined)[]} */
let starts = [undefined];
/** @type {string | undefined} */
let following;
let asked = 0;

/** @param {Key & { types?: unknown }} key */
const keyText = ({ partition, sort }) => (sort === undefined ? partition : `${partition}, ${sort}`);

/** The names that are chosen in the address. */
const chosen = () => new URLSearchParams(location.hash.slice(1));
const current = () => tables.find(({ name }) => name === chosen().get('table'));

/**
 * @param {string} path
 * @returns {Promise<any>}
 */
async function ask(path) {
  const response = await fetch(path, { cache: 'no-store' });
  const body = await response.json();
  if (!response.ok) throw new Error(body.message);
  return body;
}

/** @param {() => Promise<void>} work */
async function tell(work) {
  try {
    await work();
    state.textContent = 'live';
    state.className = 'good';
  } catch (error) {
    state.textContent = error instanceof Error ? error.message : String(error);
    state.className = 'bad';
  }
}

function showList() {
  const heads = [text('table'), text('key'), text('indexes'), text('expires by'), number('items')];
  const rows = tables.map(({ name, key, indexes, ttlAttribute, itemCount }) => {
    const link = /** @type {HTMLAnchorElement} */ (element('a', name));
    link.href = `#${new URLSearchParams({ table: name })}`;
    const lines = indexes.map((one) => element('div', `${one.name}: ${keyText(one)}${one.local ? ' (local)' : ''}`));
    return [link, keyText(key), element('div', lines), ttlAttribute, itemCount];
  });
  byId('list').replaceChildren(section('All tables', table(heads, rows)));
}

/** What an attribute looks like in a row: its value, without its type where that is text or a number. */
function cellText(/** @type {Record<string, unknown> | undefined} */ value) {
  if (value === undefined) return '';
  const [type = '', content] = Object.entries(value)[0] ?? [];
  const plain = ['S', 'N', 'BOOL'].includes(type) ? String(content) : JSON.stringify(value);
  return plain.length > SHOWN ? `${plain.slice(0, SHOWN)}…` : plain;
}

/**
 * @param {Table} of
 * @param {Item[]} items
 */
function showItems(of, items) {
  const used = of.indexes.find(({ name }) => name === index.value) ?? of.key;
  const keys = [...new Set([of.key.partition, of.key.sort, used.partition, used.sort])].filter(
    (name) => name !== undefined,
  );
  const rows = items.map((item) => {
    const others = Object.keys(item).filter((name) => !keys.includes(name));
    const summary = element('summary', others.map((name) => `${name}: ${cellText(item[name])}`).join(', ') || 'item');
    const whole = element('details', [summary, element('pre', JSON.stringify(item, undefined, 2))]);
    return [...keys.map((name) => element('code', cellText(item[name]))), whole];
  });
  byId('items').replaceChildren(table([...keys.map(text), text('item')], rows));
}

/** Fills the form with what the address says. */
function showForm(/** @type {Table} */ of) {
  const wanted = chosen();
  byId('name').textContent = of.name;
  const options = ['', ...of.indexes.map(({ name }) => name)].map((name) => {
    const option = /** @type {HTMLOptionElement} */ (element('option', name || 'none: the table'));
    option.value = name;
    return option;
  });
  index.replaceChildren(...options);
  index.value = wanted.get('index') ?? '';
  input('partition').value = wanted.get('partition') ?? '';
  comparison.value = wanted.get('comparison') ?? '=';
  input('sort').value = wanted.get('sort') ?? '';
  input('descending').checked = wanted.has('descending');
  limit.value = wanted.get('limit') ?? '25';
  showKey(of);
}

/** Names the key of the index that is chosen in the form. */
function showKey(/** @type {Table} */ of) {
  const key = of.indexes.find(({ name }) => name === index.value) ?? of.key;
  const typed = (/** @type {string} */ name) => `${name} (${of.types[name] ?? 'S'})`;
  byId('partition-name').textContent = typed(key.partition);
  byId('sort-part').hidden = key.sort === undefined;
  byId('sort-name').textContent = key.sort === undefined ? '' : typed(key.sort);
}

async function showPage() {
  const of = current();
  byId('chosen').hidden = of === undefined;
  if (of === undefined) return;
  const query = chosen();
  const start = starts.at(-1);
  if (start !== undefined) query.set('start', start);
  const mine = (asked += 1);
  /** @type {Page} */
  const page = await ask(`/_local/tables/items?${query}`);
  // A later choice has been answered meanwhile, or will be.
  if (mine !== asked) return;
  following = page.next;
  showItems(of, page.items);
  byId('page').textContent = `page ${starts.length}, ${page.items.length} items`;
  previous.hidden = starts.length === 1;
  next.hidden = following === undefined;
}

async function refresh() {
  await tell(async () => {
    ({ tables } = await ask('/_local/tables/list'));
    showList();
    await showPage();
  });
}

async function choose() {
  starts = [undefined];
  const of = current();
  if (of !== undefined) showForm(of);
  await tell(showPage);
}

/** Puts what the form says into the address; a query without a partition key is a scan, which has no order. */
function find() {
  const query = new URLSearchParams({ table: chosen().get('table') ?? '' });
  const partition = input('partition').value;
  if (index.value !== '') query.set('index', index.value);
  if (partition !== '') {
    query.set('partition', partition);
    if (input('sort').value !== '' && !byId('sort-part').hidden) {
      query.set('comparison', comparison.value);
      query.set('sort', input('sort').value);
    }
    if (input('descending').checked) query.set('descending', 'true');
  }
  query.set('limit', limit.value);
  const hash = `#${query}`;
  if (location.hash === hash) void choose();
  else location.hash = hash;
}

comparison.replaceChildren(...COMPARISONS.map((name) => element('option', name)));
byId('query').addEventListener('submit', (event) => {
  event.preventDefault();
  find();
});
index.addEventListener('change', () => {
  const of = current();
  if (of !== undefined) showKey(of);
});
byId('refresh').addEventListener('click', () => void refresh());
previous.addEventListener('click', () => {
  starts.pop();
  void tell(showPage);
});
next.addEventListener('click', () => {
  starts.push(following);
  void tell(showPage);
});
addEventListener('hashchange', () => void choose());

await refresh();
await choose();
