import { createServer, request } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { startEmbedded } from '../opensearch/embedded';

/** An OpenSearch that can be told to answer no more searches, or to be gone. */
export interface SilenceableSearch {
  readonly url: string;
  /** From now on it takes searches, and never answers them. */
  silence(): void;
  /** Ends it: connections are closed, and further ones refused. */
  stop(): Promise<void>;
  close(): Promise<void>;
}

export async function startSilenceable(): Promise<SilenceableSearch> {
  const service = await startEmbedded();
  let silent = false;
  const sockets = new Set<Socket>();
  const server = createServer((incoming, outgoing) => {
    if (silent && incoming.url?.includes('_search')) return;
    const { method, url, headers } = incoming;
    const { host, ...others } = headers;
    const onward = request(
      new URL(url ?? '/', service.url),
      { method, headers: { ...others, ...service.headers } },
      (answer) => {
        outgoing.writeHead(answer.statusCode ?? 502, answer.headers);
        answer.pipe(outgoing);
      },
    );
    onward.on('error', () => outgoing.destroy());
    incoming.pipe(onward);
  });
  server.on('connection', (socket) => {
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  let stopped: Promise<void> | undefined;
  const stop = (): Promise<void> => {
    stopped ??= new Promise<void>((resolve) => {
      server.close(() => resolve());
      sockets.forEach((socket) => socket.destroy());
    }).then(() => service.close());
    return stopped;
  };
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    silence: () => {
      silent = true;
    },
    stop,
    close: stop,
  };
}
