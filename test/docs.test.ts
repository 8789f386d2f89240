import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { App, Stack } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import type { CfnAlarm } from 'aws-cdk-lib/aws-cloudwatch';
import { Edge } from './snippets/cloudfront';
import { Conduit } from './snippets/conduit';
import { Api, Data, type Retained } from './snippets/several-stacks';
import { removalsPk } from '../lambda/feed-fanout/keys';
import { LIMITS as ITEMS_LIMITS } from '../lambda/items-api/domain/limits';
import { LIMITS } from '../lambda/realworld-api/domain/limits';
import { helpText } from '../local/cli/options';
import { EventSourcedApi, FeedFanout, PostsApi, RealWorldApi, SearchIndexPipeline, SearchIngestion } from '../src';
import { ACCOUNT_KEY_PREFIXES } from '../src/core/account-key-prefixes';
import { ITEMS_KEY_PREFIXES } from '../src/items-api/key-prefixes';
import { CLEAN_UP_TIMING } from '../src/realworld-api/clean-up';
import { SOCIAL_KEY_PREFIXES } from '../src/social-table/key-prefixes';

/** The documents: what they name is there, what they show compiles, and what they list is all there is. */

const number = new Intl.NumberFormat('en-US');
const countOf = (found: object) => Object.keys(found).length;
const project = resolve(__dirname, '..');
const read = (file: string): string => readFileSync(join(project, file), 'utf8');

const pages = execFileSync('git', ['ls-files', '--cached', '--others', '--exclude-standard', '*.md'], {
  cwd: project,
  encoding: 'utf8',
})
  .split('\n')
  .filter((file) => file !== '' && existsSync(join(project, file)));
/** API.md is written by jsii. */
const written = pages.filter((file) => file !== 'API.md');

const FENCE = /^( *)```(\w*)\n([^]*?)^\1```$/gm;
const withoutFences = (text: string): string => text.replace(FENCE, '');
const codes = (text: string): string[] => [...withoutFences(text).matchAll(/`([^`\n]+)`/g)].map(([, code]) => code);
const matches = (text: string, pattern: RegExp): string[] => [...text.matchAll(pattern)].map(([, found]) => found);

/** What GitHub lets one link to: headings in its spelling, and what has an id. */
function anchorsOf(file: string): Set<string> {
  const text = withoutFences(read(file));
  const seen = new Map<string, number>();
  const anchors = new Set(matches(text, /\bid="([^"]+)"/g));
  for (const heading of matches(text, /^#{1,6} +(.+)$/gm)) {
    const plain = heading.replace(/<[^>]*>/g, '').replace(/\[([^\]]*)\]\([^)]*\)/g, '$1');
    const slug = plain
      .trim()
      .toLowerCase()
      .replace(/[^\p{L}\p{N}\p{M}_\- ]/gu, '')
      .replaceAll(' ', '-');
    const count = seen.get(slug) ?? 0;
    seen.set(slug, count + 1);
    anchors.add(count === 0 ? slug : `${slug}-${count}`);
  }
  return anchors;
}

/** Links of a page to files and places of the repository. */
function linksOf(file: string): string[] {
  const text = withoutFences(read(file)).replace(/`[^`\n]*`/g, 'code');
  return matches(text, /\]\(([^)\s]+)\)/g).filter((link) => !/^[a-z]+:/.test(link));
}

/** Rows of the tables whose first column has one of these heads, as cells. */
function rowsOf(text: string, ...heads: readonly string[]): string[][] {
  const rows: string[][] = [];
  let inside = false;
  let before: string[] | undefined;
  for (const line of withoutFences(text).split('\n')) {
    const cells = /^\| /.test(line)
      ? line
          .slice(1, -1)
          .split(' | ')
          .map((cell) => cell.trim())
      : undefined;
    if (cells && !before) inside = heads.includes(cells[0]);
    else if (cells && inside && !/^-+:?$/.test(cells[0])) rows.push(cells);
    before = cells;
  }
  return rows;
}

describe('README.md', () => {
  test('is short enough to be read', () => {
    expect(statSync(join(project, 'README.md')).size).toBeLessThanOrEqual(11_000);
  });
});

describe.each(pages)('%s', (file) => {
  test('has no link that leads nowhere', () => {
    const broken = linksOf(file).filter((link) => {
      const [path, anchor] = link.split('#');
      const target = path === '' ? file : join(dirname(file), path);
      return !existsSync(join(project, target)) || (anchor !== undefined && !anchorsOf(target).has(anchor));
    });
    expect(broken).toEqual([]);
  });
});

describe.each(written)('%s', (file) => {
  const text = read(file);

  test('names commands that exist', () => {
    const { scripts } = JSON.parse(read('package.json')) as { scripts: Record<string, string> };
    const { projects } = JSON.parse(read('jest.config.json')) as { projects: { displayName: string }[] };
    expect(matches(text, /\bnpm run ([\w:-]+)/g).filter((name) => !(name in scripts))).toEqual([]);
    const known = projects.map(({ displayName }) => displayName);
    expect(matches(text, /--selectProjects ([\w-]+)/g).filter((name) => !known.includes(name))).toEqual([]);
  });

  test('names files that exist', () => {
    const paths = codes(text).filter((code) =>
      /^(src|lambda|local|test|scripts|examples|docs|openapi)\/[\w./-]*$/.test(code),
    );
    expect(paths.filter((path) => !existsSync(join(project, path)))).toEqual([]);
  });
});

describe('options of the local runner', () => {
  const known = new Set([...matches(helpText(), /^ +(--[a-z]+)/gm), '--example']);
  const lags = matches(helpText(), /^ {10,}([a-z]+): /gm);

  test.each(['README.md', 'docs/local.md', 'docs/search.md', 'local/README.md', 'CONTRIBUTING.md'])(
    'in %s exist',
    (file) => {
      const lines = read(file)
        .split('\n')
        .filter((line) => /^\| `--|npm start -- |cdk-social-backend start|^- `--/.test(line));
      const named = lines.flatMap((line) => matches(line.replace(/npm install [^`]*/g, ''), /(?<![\w-])(--[a-z]+)/g));
      expect(named.filter((option) => !known.has(option))).toEqual([]);
    },
  );

  test('are all in docs/local.md', () => {
    expect(known.size).toBeGreaterThan(5);
    expect(lags.length).toBeGreaterThan(1);
    const named = codes(read('docs/local.md')).join('\n');
    expect([...known].filter((option) => !new RegExp(`^(npm start -- )?${option}\\b`, 'm').test(named))).toEqual([]);
    expect(lags.filter((lag) => !named.includes(`--lag ${lag}=`))).toEqual([]);
  });
});

describe('props, properties and methods', () => {
  const ids = new Set(matches(read('API.md'), /\bid="cdk-social-backend\.([^"]+)"/g));
  const names = (rows: string[][]) => rows.flatMap(([cell]) => codes(cell)).map((code) => code.replace(/\(.*\)$/, ''));

  test.each([
    ['src/realworld-api/README.md', 'RealWorldApi', 20],
    ['src/feed-fanout/README.md', 'FeedFanout', 8],
    ['src/social-table/README.md', 'SocialTable', 8],
    ['src/search-index-pipeline/README.md', 'SearchIndexPipeline', 8],
    ['src/personalisation-api/README.md', 'PersonalisationApi', 20],
    ['src/http-service/README.md', 'HttpService', 8],
    ['src/items-api/README.md', 'ItemsApi', 20],
  ])('in %s are those of %s', (file, construct, least) => {
    const text = read(file);
    const props = names(rowsOf(text, 'Prop'));
    expect(props.length).toBeGreaterThanOrEqual(least);
    expect(props.filter((name) => !ids.has(`${construct}Props.property.${name}`))).toEqual([]);
    const members = names(rowsOf(text, 'Method', 'Property or method')).filter((name) => !name.includes('.'));
    expect(
      members.filter((name) => !ids.has(`${construct}.${name}`) && !ids.has(`${construct}.property.${name}`)),
    ).toEqual([]);
  });

  test('of RealWorldApi are all in its page', () => {
    const text = read('src/realworld-api/README.md');
    const named = new Set(names(rowsOf(text, 'Prop')));
    const props = [...ids].flatMap((id) => /^RealWorldApiProps\.property\.(\w+)$/.exec(id)?.[1] ?? []);
    expect(props.length).toBeGreaterThan(20);
    expect(props.filter((name) => !named.has(name))).toEqual([]);
  });

  test('of ItemsApi are all in its page', () => {
    const named = new Set(names(rowsOf(read('src/items-api/README.md'), 'Prop')));
    const props = [...ids].flatMap((id) => /^ItemsApiProps\.property\.(\w+)$/.exec(id)?.[1] ?? []);
    expect(props.length).toBeGreaterThan(20);
    expect(props.filter((name) => !named.has(name))).toEqual([]);
  });

  test('of constructs in the README exist', () => {
    const constructs = rowsOf(read('README.md'), 'You want').map(([, construct]) => codes(construct)[0]);
    expect(constructs.length).toBeGreaterThan(3);
    expect(constructs.filter((name) => !ids.has(name))).toEqual([]);
  });
});

describe('snippets', () => {
  const examples = readdirSync(join(project, 'examples'), { recursive: true, encoding: 'utf8' })
    .filter((file) => /^[\w-]+\/[\w-]+\.ts$/.test(file))
    .map((file) => read(join('examples', file)));
  const files = new Map(
    readdirSync(join(project, 'test', 'snippets')).map((file) => [file, read(join('test', 'snippets', file))]),
  );
  const shown = written.flatMap((file) =>
    [...read(file).matchAll(FENCE)]
      .filter(([, , language]) => language === 'ts')
      .map(([, , , code]) => ({ file, code })),
  );
  const complete = shown.filter(({ code }) => /^import .* from 'cdk-social-backend';$/m.test(code));

  test('that are complete are files, which compile', () => {
    expect(complete.length).toBeGreaterThan(2);
    const all = [...examples, ...files.values()];
    expect(complete.filter(({ code }) => !all.includes(code)).map(({ file, code }) => [file, code])).toEqual([]);
  });

  test('that are files are shown', () => {
    const codesShown = shown.map(({ code }) => code);
    expect([...files].filter(([, code]) => !codesShown.includes(code)).map(([file]) => file)).toEqual([]);
  });

  test('synthesize', () => {
    // Nobody deploys it: its assets need not be copied.
    const app = new App({ context: { 'aws:cdk:disable-asset-staging': true } });
    const arn = (service: string, rest: string) => `arn:aws:${service}:us-east-1:123456789012:${rest}`;
    const retained: Retained = {
      tableArn: arn('dynamodb', 'table/social'),
      tableStreamArn: arn('dynamodb', 'table/social/stream/2026-01-01T00:00:00.000'),
      feedTable: 'feeds',
      accountsTable: 'accounts',
      signingKeyArn: arn('secretsmanager', 'secret:signing-AbCdEf'),
    };
    const env = { account: '123456789012', region: 'us-east-1' };
    const data = new Data(app, 'Data', retained, { env });
    const reattached = [data, new Api(app, 'Api', data, retained, { env })];
    const others = [
      new Conduit(app, 'Conduit'),
      new Edge(app, 'Edge', { webAclArn: arn('wafv2', 'global/webacl/acl/1') }),
    ];
    for (const stack of reattached) {
      const template = Template.fromStack(stack);
      template.resourceCountIs('AWS::DynamoDB::Table', 0);
      template.resourceCountIs('AWS::SecretsManager::Secret', 0);
    }
    expect(others.map((stack) => Template.fromStack(stack).findResources('AWS::DynamoDB::Table')).map(countOf)).toEqual(
      [3, 3],
    );
  });
});

describe('lists that are to be whole', () => {
  test('of key prefixes: the access patterns have each, and no other', () => {
    const text = read('src/social-table/README.md');
    const patterns = codes(text.slice(text.indexOf('## Access patterns'), text.indexOf('### Names')));
    const named = patterns.flatMap((code) => /^([A-Z_]+#?)/.exec(code)?.[1] ?? []);
    const prefixes = [...Object.values(SOCIAL_KEY_PREFIXES), ...Object.values(ACCOUNT_KEY_PREFIXES)];
    expect(prefixes.filter((prefix) => !named.includes(prefix))).toEqual([]);
    // What sort keys begin with, and what stands in the text.
    const others = [
      'PK',
      'SK',
      'GUARD',
      'READER',
      'PROFILE',
      'TEXT',
      'FAILURES',
      'ACCOUNT',
      'PASSWORD',
      'DETAILS',
      'CONTENT',
      'GRANTS',
      'DELETED',
    ];
    // Of the feed table, whose prefixes its worker alone writes.
    const feeds = [removalsPk('')];
    expect(feeds.filter((prefix) => !named.includes(prefix))).toEqual([]);
    const sortKeys = [
      'FAVORITE#',
      'FOLLOW#',
      'COMMENT#',
      'TAG#',
      'RANK#',
      'ALLOWED_USER#',
      'PAT#',
      'CHANGED#',
      'DELETED#',
      'COUNT#',
    ];
    const unknown = named.filter((name) => ![...prefixes, ...feeds, ...others, ...sortKeys].includes(name as never));
    expect(unknown).toEqual([]);
  });

  test('of alarms of a PostsApi: docs/operations.md has each, those of functions and indexes by one name', () => {
    const api = new PostsApi(new Stack(new App(), 'Stack'), 'Api');
    const named = rowsOf(read('docs/operations.md'), 'Alarm of a PostsApi').flatMap(([name]) => codes(name));
    const general = Object.keys(api.alarms).map((id) =>
      id
        .replace(/^Table\w+Throttle/, 'TableReadThrottle')
        .replace(/^GSI\d\w+Throttle/, 'GSI1WriteThrottle')
        .replace(/^\w+(?=(Errors|ErrorRate|Duration)Alarm$)/, (fn) => (fn === 'Server' ? fn : '<function>')),
    );
    expect([...new Set(general)].sort()).toEqual([...named].sort());
  });

  test('of alarms of an EventSourcedApi: docs/operations.md has each, those of functions and tables by one name', () => {
    const api = new EventSourcedApi(new Stack(new App(), 'Stack'), 'Api');
    const named = rowsOf(read('docs/operations.md'), 'Alarm of an EventSourcedApi').flatMap(([name]) => codes(name));
    const general = Object.keys(api.alarms).map((id) =>
      id
        .replace(/^(EventTable|ReadModelTable)(?=(Read|Write)ThrottleAlarm$)/, '<table>')
        .replace(/^(Decide|Project|Operations)(?=(Errors|Throttles)Alarm$)/, '<function>'),
    );
    expect([...new Set(general)].sort()).toEqual([...named].sort());
  });

  test('of alarms: docs/operations.md has each with its threshold', () => {
    const stack = new Stack(new App(), 'Stack');
    const search = new SearchIndexPipeline(stack, 'Search', { ingestion: SearchIngestion.lambda() });
    const api = new RealWorldApi(stack, 'Api', { search });
    const feed = api.feed as FeedFanout;
    const rows = rowsOf(read('docs/operations.md'), 'Alarm');
    expect(rows.map(([name]) => codes(name)[0]).sort()).toEqual(Object.keys({ ...api.alarms, ...feed.alarms }).sort());
    const ids = new Set(matches(read('API.md'), /\bid="cdk-social-backend\.([^"]+)"/g));
    const thresholds = rows.map(([, , name]) => codes(name)[0]);
    expect(
      thresholds.filter((name) =>
        ['RealWorldApi', 'FeedFanout'].every((construct) => !ids.has(`${construct}AlarmThresholds.property.${name}`)),
      ),
    ).toEqual([]);
    const text = new Map(rows.map(([name, , , when]) => [codes(name)[0], when]));
    for (const [name, alarm] of Object.entries(api.alarms)) {
      const { threshold } = alarm.node.defaultChild as CfnAlarm;
      expect([name, threshold === 0 || text.get(name)?.includes(number.format(threshold ?? NaN))]).toEqual([
        name,
        true,
      ]);
    }
  });

  test.each(['docs/limits.md', 'src/feed-fanout/README.md', 'src/realworld-api/README.md'])(
    'and the overlay window in %s is that of a FeedFanout without props',
    (file) => {
      const { overlayWindow } = new FeedFanout(new Stack(new App(), 'Stack'), 'Feed');
      expect(read(file)).toContain(`${overlayWindow.toSeconds()} s`);
    },
  );

  test.each(['docs/limits.md', 'src/realworld-api/README.md'])(
    'and the window of lists in %s is the clean-up’s',
    (file) => {
      expect(read(file)).toContain(`${CLEAN_UP_TIMING.overlayWindow} s`);
    },
  );

  test('of bounds of items: docs/items.md has each', () => {
    const text = read('docs/items.md');
    expect(
      Object.values(ITEMS_LIMITS).filter((bound) => !new RegExp(`\\b${number.format(bound)}\\b`).test(text)),
    ).toEqual([]);
  });

  test('of key prefixes of items: docs/items.md has each', () => {
    const named = codes(read('docs/items.md')).join('\n');
    expect(Object.values(ITEMS_KEY_PREFIXES).filter((prefix) => !named.includes(prefix))).toEqual([]);
  });

  test('of bounds: docs/limits.md has each', () => {
    const text = read('docs/limits.md');
    expect(Object.values(LIMITS).filter((bound) => !new RegExp(`\\b${number.format(bound)}\\b`).test(text))).toEqual(
      [],
    );
  });
});
