/** What the scripts of the pages share: content reaches the document only as text nodes. */

/** @typedef {string | number | boolean | Node | undefined | null} Content */
/** @typedef {{ text: string, number?: boolean }} Heading */

/**
 * @param {string} id
 * @returns {HTMLElement}
 */
export function byId(id) {
  const found = document.getElementById(id);
  if (found === null) throw new Error(`the page has no ${id}`);
  return found;
}

/**
 * @param {string} name
 * @param {Content | Content[]} content
 * @param {string} [className]
 */
export function element(name, content, className) {
  const node = document.createElement(name);
  if (className) node.className = className;
  for (const item of Array.isArray(content) ? content : [content]) {
    if (item === undefined || item === null) continue;
    node.append(item instanceof Node ? item : String(item));
  }
  return node;
}

/**
 * @param {Heading[]} heads
 * @param {Content[][]} rows
 */
export function table(heads, rows) {
  if (rows.length === 0) return element('p', 'none yet', 'faint');
  /**
   * @param {string} name
   * @param {Content[]} row
   */
  const cells = (name, row) =>
    element(
      'tr',
      row.map((cell, index) => element(name, cell, heads[index]?.number ? 'number' : '')),
    );
  const head = element(
    'thead',
    cells(
      'th',
      heads.map(({ text }) => text),
    ),
  );
  const body = element(
    'tbody',
    rows.map((row) => cells('td', row)),
  );
  return element('div', element('table', [head, body]), 'scroll');
}

/** @param {string} text */
export const text = (text) => ({ text });
/** @param {string} text */
export const number = (text) => ({ text, number: true });
/**
 * @param {string} title
 * @param {Content} content
 */
export const section = (title, content) => element('section', [element('h2', title), content]);
