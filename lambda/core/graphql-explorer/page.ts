import { getOperationAST, OperationTypeNode, parse } from 'graphql';
import { type GraphqlAddress, type Operation, subscribe } from './realtime';
import { startSignIn } from '../docs/sign-in-form';

/**
 * The explorer of GraphQL APIs: GraphiQL, with the token of whoever signs in on the page, and with AppSync's own
 * subscriptions, which stay while other operations are sent.
 */

/** `explorer.json`, by whoever serves the page. */
interface ExplorerSettings {
  /** The APIs of the app; the first is shown first. */
  readonly apis: readonly (GraphqlAddress & { readonly name: string })[];
  /** The user pool at which all of them take tokens. */
  readonly signIn?: { readonly endpoint: string; readonly userPoolId: string; readonly clientId: string };
}

/** What of the libraries is used, which the page loads before this: their types would come with those of all React. */
interface Libraries {
  readonly React: { createElement(component: unknown, properties: unknown): unknown };
  readonly ReactDOM: { createRoot(element: Element): { render(node: unknown): void } };
  readonly GraphiQL: unknown;
}

const { React, ReactDOM, GraphiQL } = window as unknown as Libraries;

/** Elements of the page that it cannot do without. */
function element<T extends Element>(selector: string): T {
  const found = document.querySelector<T>(selector);
  if (!found) throw new Error(`the page has no ${selector}`);
  return found;
}

const changes = element<HTMLElement>('#changes');
const list = element<HTMLOListElement>('#changes ol');
const choice = element<HTMLSelectElement>('select[name=api]');
const form = element<HTMLFormElement>('#sign-in');
const me = element<HTMLOutputElement>('#me');
const root = ReactDOM.createRoot(element('#graphiql'));

let settings: ExplorerSettings = { apis: [] };
let token: string | undefined;
let subscriptions: (() => void)[] = [];
/** Grows with each sign-in: the schema is read anew then. */
let signIns = 0;

/** A line below the editor, newest first. */
function tell(text: string, wrong = false): void {
  const item = document.createElement('li');
  const time = document.createElement('time');
  const code = document.createElement('code');
  time.textContent = new Date().toLocaleTimeString();
  code.textContent = text;
  item.toggleAttribute('data-wrong', wrong);
  item.append(time, code);
  list.prepend(item);
  changes.hidden = false;
}

function stopAll(): void {
  const stops = subscriptions;
  subscriptions = [];
  stops.forEach((stop) => stop());
}

/** By the text itself: what GraphiQL has parsed of it may be of a moment before. */
function isSubscription({ query, operationName }: Operation): boolean {
  try {
    return getOperationAST(parse(query), operationName)?.operation === OperationTypeNode.SUBSCRIPTION;
  } catch {
    // What is no GraphQL, the API tells.
    return false;
  }
}

/** Registers a subscription; what it brings is told below the editor, whatever else is sent meanwhile. */
function watch(api: GraphqlAddress, operation: Operation): Promise<unknown> {
  return new Promise((resolve) => {
    subscriptions.push(
      subscribe(api, token ?? '', operation, {
        started: () => {
          tell('subscribed');
          resolve({ extensions: { subscription: 'What it brings is told below' } });
        },
        data: (payload) => tell(JSON.stringify(payload)),
        failed: (message) => {
          tell(message, true);
          resolve({ errors: [{ message }] });
        },
        ended: () => tell('ended'),
      }),
    );
  });
}

const fetcherOf =
  (api: GraphqlAddress) =>
  async (operation: Operation): Promise<unknown> => {
    if (isSubscription(operation)) return watch(api, operation);
    const response = await fetch(api.url, {
      method: 'POST',
      headers: { 'content-type': 'application/json', authorization: token ?? '' },
      body: JSON.stringify(operation),
    });
    return response.json();
  };

/** Shows the chosen API anew: its schema is read with the token of now. */
function show(): void {
  const api = settings.apis.find(({ name }) => name === choice.value);
  if (!api || token === undefined) return;
  // What was written for one API is not shown for another.
  const storage = {
    getItem: (key: string) => localStorage.getItem(`${api.name} ${key}`),
    setItem: (key: string, value: string) => localStorage.setItem(`${api.name} ${key}`, value),
    removeItem: (key: string) => localStorage.removeItem(`${api.name} ${key}`),
    clear: () => localStorage.clear(),
    length: 0,
  };
  root.render(
    React.createElement(GraphiQL, {
      key: `${api.name} ${signIns}`,
      fetcher: fetcherOf(api),
      storage,
      defaultQuery: '# The schema is in the book on the left; Ctrl-Space completes, Ctrl-Enter sends.\n\n',
      isHeadersEditorEnabled: false,
      shouldPersistHeaders: false,
    }),
  );
}

/** The user's id, which operations ask for. */
const subOf = (accessToken: string): string => {
  const claims = atob((accessToken.split('.')[1] ?? '').replaceAll('-', '+').replaceAll('_', '/'));
  return (JSON.parse(claims) as { readonly sub: string }).sub;
};

async function start(): Promise<void> {
  settings = (await (await fetch('explorer/explorer.json')).json()) as ExplorerSettings;
  choice.replaceChildren(...settings.apis.map(({ name }) => new Option(name, name)));
  choice.addEventListener('change', show);
  element('#changes button').addEventListener('click', stopAll);
  Object.assign(form.dataset, settings.signIn);
  startSignIn(form, {
    use: ({ accessToken }) => {
      const isNew = token === undefined;
      token = accessToken;
      me.textContent = `sub ${subOf(accessToken)}`;
      if (isNew) {
        signIns++;
        show();
      }
    },
    end: () => {
      token = undefined;
      me.textContent = '';
      stopAll();
    },
  });
}

start().catch((error: unknown) => tell(error instanceof Error ? error.message : String(error), true));
