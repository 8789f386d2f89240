import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync, mkdirSync, openSync, readFileSync, writeFileSync } from 'node:fs';
import * as path from 'node:path';
import { endGroup, lastLines } from '../deploy/run';

/** A node of OpenSearch, running. */
export interface OpenSearchNode {
  /** `http://127.0.0.1:9201` */
  readonly url: string;
  /** Ends it; what it has stored stays in its folder. */
  stop(): Promise<void>;
}

export interface OpenSearchNodeProps {
  /** Folder of the packages that it is made of. */
  readonly library: string;
  /** For its files; whoever made it removes it. A node that starts there again has what the one before has stored. */
  readonly folder: string;
  /**
   * A port from 9201 to 9299, as that of a node before it.
   *
   * @default - one of them that is free
   */
  readonly port?: number;
  /** Where it is aborted while the node starts, that is over at once. */
  readonly signal?: AbortSignal;
}

/** Half of what the runner may take: it goes on to the next one where one is taken. */
const FIRST_PORTS = { from: 9201, count: 50 };

const SETTINGS = `
network.host: 127.0.0.1
transport.port: 0
discovery.type: single-node
# A full disk makes indices read-only.
cluster.routing.allocation.disk.threshold_enabled: false
`;

const pause = (milliseconds: number) => new Promise((resolve) => setTimeout(resolve, milliseconds));

/** @returns whether something answers 200 there */
const answers = (url: string) =>
  fetch(url, { signal: AbortSignal.timeout(5_000) }).then(
    async (answer) => {
      await answer.arrayBuffer();
      return answer.ok;
    },
    () => false,
  );

function spawnJava(library: string, folder: string, port: number): { child: ChildProcess; logFile: string } {
  const config = path.join(folder, 'config');
  const temporary = path.join(folder, 'tmp');
  [config, temporary].forEach((each) => mkdirSync(each, { recursive: true }));
  writeFileSync(path.join(config, 'opensearch.yml'), SETTINGS);
  const logFile = path.join(folder, 'opensearch.log');
  const log = openSync(logFile, 'w');
  const child = spawn(
    'java',
    [
      ...['-Xms512m', '-Xmx512m', `-Djava.io.tmpdir=${temporary}`, `-Djna.tmpdir=${temporary}`],
      ...['-cp', path.join(library, '*'), 'org.codelibs.opensearch.runner.OpenSearchRunner'],
      ...['-basePath', folder, '-confPath', config, '-numOfNode', '1', '-clusterName', 'cdk-social-backend'],
      // It tries the ports after this one.
      ...['-baseHttpPort', String(port - 1)],
    ],
    { cwd: folder, stdio: ['ignore', log, log], detached: true },
  );
  closeSync(log);
  return { child, logFile };
}

/** @returns the node; the port that another has taken meanwhile, as the runner looks for one long before it binds it */
async function tryToStart(props: OpenSearchNodeProps, port: number): Promise<OpenSearchNode | { taken: number }> {
  const { child, logFile } = spawnJava(props.library, props.folder, port);
  let gone = false;
  const ended = new Promise<void>((resolve) => {
    const end = () => {
      gone = true;
      resolve();
    };
    child.once('exit', end);
    child.once('error', end);
  });
  const stop = async () => {
    if (child.pid === undefined || gone) return;
    endGroup(child.pid, 'SIGTERM');
    await Promise.race([ended, pause(20_000)]);
    if (!gone) endGroup(child.pid, 'SIGKILL');
    await ended;
  };

  const log = () => readFileSync(logFile, 'utf8');
  const deadline = Date.now() + 180_000;
  for (;;) {
    const [, url] = /HttpServerTransport\] publish_address \{(127\.0\.0\.1:\d+)\}/.exec(log()) ?? [];
    if (url && (await answers(`http://${url}/_cluster/health?wait_for_status=yellow&timeout=4s`))) {
      return { url: `http://${url}`, stop };
    }
    if (gone || props.signal?.aborted || Date.now() > deadline) {
      await stop();
      props.signal?.throwIfAborted();
      const chosen = Number(/HTTP Port: +(\d+)/.exec(log())?.[1]);
      if (chosen && !url && (await answers(`http://127.0.0.1:${chosen}`))) {
        return { taken: chosen };
      }
      throw new Error(`OpenSearch did not start\n${lastLines(log())}`);
    }
    await pause(200);
  }
}

/**
 * Starts one node on 127.0.0.1, without the security plugin.
 *
 * @throws Error with the end of its log where it does not start
 */
export async function startNode(props: OpenSearchNodeProps): Promise<OpenSearchNode> {
  for (let tries = 0; tries < 3; tries++) {
    const port = props.port ?? FIRST_PORTS.from + Math.floor(Math.random() * FIRST_PORTS.count);
    const node = await tryToStart(props, port);
    if ('url' in node) return node;
    if (props.port !== undefined) throw new Error(`something else is at port ${node.taken}`);
  }
  throw new Error('every port that OpenSearch chose was taken before it could bind it');
}
