import { defineDomain, reject } from 'cdk-social-backend/event-sourcing';

interface Ticket {
  readonly owner?: string;
  readonly isClosed: boolean;
}

interface Events {
  readonly TicketOpened: { readonly subject: string };
  readonly TicketClosed: { readonly reason: string };
}

interface Commands {
  readonly openTicket: { readonly subject: string };
  readonly closeTicket: { readonly reason: string };
}

interface Views {
  readonly tickets: {
    readonly id: string;
    readonly owner: string;
    readonly version: number;
    readonly subject: string;
    readonly status: 'OPEN' | 'CLOSED';
    readonly openedAt: string;
  };
}

export const domain = defineDomain<Ticket, Events, Commands, Views>({
  aggregate: 'Ticket',
  initial: () => ({ isClosed: false }),
  commands: {
    openTicket: (_ticket, { subject }, { version }) =>
      version > 0 ? reject('ALREADY_EXISTS', 'There is such a ticket') : { type: 'TicketOpened', data: { subject } },
    closeTicket: ({ owner, isClosed }, { reason }, { actor }) => {
      if (owner !== actor.sub && !actor.groups.includes('support')) {
        reject('NOT_FOUND', 'There is no such ticket');
      }
      return isClosed ? reject('CLOSED', 'The ticket is closed') : { type: 'TicketClosed', data: { reason } };
    },
  },
  evolve: {
    TicketOpened: (_ticket, _data, { actor }) => ({ owner: actor, isClosed: false }),
    TicketClosed: (ticket) => ({ ...ticket, isClosed: true }),
  },
  views: {
    tickets: {
      version: 1,
      apply: (row, { type, data, id, version, actor, occurredAt }) =>
        type === 'TicketOpened'
          ? { id, version, owner: actor, subject: data.subject, status: 'OPEN', openedAt: occurredAt }
          : row && { ...row, version, status: 'CLOSED' },
      owner: ({ owner }) => owner,
      lists: ({ owner, status, openedAt }) => ({
        byOwner: { value: owner, sort: openedAt },
        byStatus: { value: status, sort: openedAt },
      }),
    },
  },
});
