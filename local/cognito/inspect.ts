import { PageSection } from '../service';
import { Message } from './messages';
import { UserPool } from './pool';

/** What the page shows: pools, clients and users, without secrets, and what would have been mailed. */
export function sections(pools: readonly UserPool[], messages: readonly Message[]): readonly PageSection[] {
  if (pools.length === 0) return [];
  return [
    {
      key: 'userPools',
      title: 'User pools',
      columns: [
        { key: 'pool', title: 'User pool' },
        { key: 'id', title: 'Id' },
        { key: 'users', title: 'Users', number: true },
        { key: 'clients', title: 'Clients' },
      ],
      entries: pools.map(({ settings, clients, users }) => ({
        pool: settings.label,
        id: settings.id,
        users: users.length,
        clients: [...clients.values()].map(({ label, id }) => `${label} ${id}`).join(', '),
      })),
    },
    {
      key: 'users',
      title: 'Users',
      columns: [
        { key: 'username', title: 'User name' },
        { key: 'email', title: 'E-mail' },
        { key: 'status', title: 'Status' },
        { key: 'groups', title: 'Groups' },
        { key: 'pool', title: 'User pool' },
      ],
      entries: pools.flatMap(({ settings, users }) =>
        users.map(({ username, attributes, status, enabled, groups }) => ({
          username,
          email: attributes.email,
          status: enabled ? status : `${status}, disabled`,
          groups: groups.join(', '),
          pool: settings.id,
        })),
      ),
    },
    {
      key: 'messages',
      title: 'Messages to users',
      columns: [
        { key: 'time', title: 'Time' },
        { key: 'to', title: 'To' },
        { key: 'text', title: 'Text' },
        { key: 'purpose', title: 'For' },
      ],
      entries: [...messages].reverse().map(({ time, kind, text, ...message }) => ({
        ...message,
        time: new Date(time).toISOString(),
        text: `${kind} ${text}`,
      })),
    },
  ];
}
