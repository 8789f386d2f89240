import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buildSync } from 'esbuild';
import { one, synthesize } from './synthesized';
import { EventSourcedDomain } from '../../src';
import { domain } from '../snippets/tickets';

/** The domain that docs/event-sourcing.md shows: built and synthesized as its reader does it, and its rules. */

const ROOT = join(__dirname, '..', '..');
const page = readFileSync(join(ROOT, 'docs', 'event-sourcing.md'), 'utf8');
const schema = /^```graphql\n([^]*?)^```$/m.exec(page)?.[1] ?? '';

let folder: string;
beforeAll(() => (folder = mkdtempSync(join(tmpdir(), 'tickets-'))));
afterAll(() => rmSync(folder, { recursive: true }));

test('its schema and code are a domain, with a resolver for each of its fields', () => {
  writeFileSync(join(folder, 'schema.graphql'), schema);
  buildSync({
    entryPoints: [join(ROOT, 'test', 'snippets', 'tickets.ts')],
    outfile: join(folder, 'index.js'),
    bundle: true,
    platform: 'node',
    alias: { 'cdk-social-backend/event-sourcing': join(ROOT, 'lambda/event-sourced-api/runtime/event-sourcing.ts') },
  });
  const { template } = synthesize({ domain: EventSourcedDomain.fromDirectory(folder) });
  for (const field of ['CommandApiMutationOpenTicket', 'CommandApiMutationCloseTicket', 'QueryApiQueryTicket']) {
    expect(one(template, 'AWS::AppSync::Resolver', field).Properties.FieldName).toMatch(/ticket$/i);
  }
  expect(one(template, 'AWS::Cognito::UserPoolGroup', 'UserPoolGroupsupport').Properties.GroupName).toBe('support');
});

describe('its rules', () => {
  const { commands, evolve, initial, views } = domain;
  const actor = (sub: string, ...groups: string[]) => ({ sub, username: sub, groups });
  const context = (who: ReturnType<typeof actor>, version: number) => ({
    ...{ actor: who, version, id: 't-1', commandId: 'c-1', correlationId: 'c-1', now: '2026-11-22T12:00:00.000Z' },
    newId: () => 'id',
  });
  const meta = (sub: string, version: number) => ({
    ...{ id: 't-1', version, actor: sub, occurredAt: '2026-11-22T12:00:00.000Z', commandId: 'c', correlationId: 'c' },
  });
  const open = evolve.TicketOpened(initial(), { subject: 'Lamp' }, meta('ann', 1));

  test('close a ticket for its owner and for support, and for nobody else', () => {
    const reason = { reason: 'done' };
    for (const who of [actor('ann'), actor('bob', 'support')]) {
      expect(commands.closeTicket(open, reason, context(who, 1))).toEqual({ type: 'TicketClosed', data: reason });
    }
    expect(() => commands.closeTicket(open, reason, context(actor('eve'), 1))).toThrow('There is no such ticket');
    const closed = evolve.TicketClosed(open, reason, meta('ann', 2));
    expect(() => commands.closeTicket(closed, reason, context(actor('ann'), 2))).toThrow('The ticket is closed');
    expect(() => commands.openTicket(open, { subject: 'x' }, context(actor('ann'), 1))).toThrow(
      'There is such a ticket',
    );
  });

  test('show a ticket to its owner, and in the list of its status', () => {
    const { apply, owner, lists } = views.tickets;
    const opened = apply(undefined, { ...meta('ann', 1), type: 'TicketOpened', data: { subject: 'Lamp' } });
    const row = apply(opened, { ...meta('bob', 2), type: 'TicketClosed', data: { reason: 'done' } });
    expect(row).toMatchObject({ owner: 'ann', version: 2, subject: 'Lamp', status: 'CLOSED' });
    expect([row && owner?.(row), row && lists?.(row).byStatus?.value]).toEqual(['ann', 'CLOSED']);
  });
});
