import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';

/** A server in the place of another, which answers as a test says. */
export interface StubServer {
  readonly url: string;
  listener: RequestListener;
  /** Requests that have come in this test. */
  readonly asked: number;
  /** Connections that were opened in this test. */
  readonly sockets: readonly Socket[];
}

/** One for all tests of a file; each has to say how it answers. */
export function useStubServer(): StubServer {
  const unasked: RequestListener = (_, response) => void response.writeHead(501).end();
  const stub = { url: '', listener: unasked, asked: 0, sockets: [] as Socket[] };
  const server = createServer((request, response) => {
    stub.asked++;
    stub.listener(request, response);
  });
  server.on('connection', (socket) => stub.sockets.push(socket));
  beforeAll(async () => {
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    stub.url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  });
  beforeEach(() => Object.assign(stub, { listener: unasked, asked: 0, sockets: [] }));
  afterAll(
    () =>
      new Promise((resolve) => {
        server.close(resolve);
        server.closeAllConnections();
      }),
  );
  return stub;
}
