import { existsSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { expectObject, expectString, isObject, JsonObject, stringList } from './json';
import { parseTemplate, Template } from './template';

/** One stack of the assembly, with what is known of it beside the template. */
export interface AssemblyStack {
  /** Artifact id, unique in the assembly with its nested ones. */
  readonly id: string;
  readonly stackName: string;
  readonly template: Template;
  /** Construct path by logical id. */
  readonly paths: ReadonlyMap<string, string>;
}

/** A cloud assembly read from disk. */
export interface Assembly {
  readonly directory: string;
  /** In an order in which every stack comes after those it depends on. */
  readonly stacks: readonly AssemblyStack[];
  /** File or directory by the S3 key that templates name. */
  readonly assets: ReadonlyMap<string, string>;
  /** Where the stacks were synthesized for, when that was concrete. */
  readonly region?: string;
  readonly accountId?: string;
}

interface RawStack extends AssemblyStack {
  readonly dependencies: readonly string[];
}

interface AssemblyContents {
  readonly stacks: RawStack[];
  readonly assets: Map<string, string>;
  readonly environments: Map<string, string>;
}

function readJson(file: string): JsonObject {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch {
    throw new Error(`cannot read ${file}: run \`npx cdk synth\` first, or name another folder with --app`);
  }
  try {
    return expectObject(JSON.parse(text), file);
  } catch (error) {
    throw new Error(`${file} is no valid JSON: ${error instanceof Error ? error.message : String(error)}`);
  }
}

function isLogicalIdEntry(entry: unknown): entry is { data: string } {
  return isObject(entry) && entry.type === 'aws:cdk:logicalId' && typeof entry.data === 'string';
}

/** Construct paths, from the metadata file (newer CDK), the manifest itself or the template (`aws:cdk:path`). */
function readPaths(directory: string, artifact: JsonObject, template: Template): Map<string, string> {
  const paths = new Map<string, string>();
  const sources: JsonObject[] = isObject(artifact.metadata) ? [artifact.metadata] : [];
  if (typeof artifact.additionalMetadataFile === 'string') {
    const file = join(directory, artifact.additionalMetadataFile);
    if (existsSync(file)) sources.push(readJson(file));
  }
  for (const source of sources) {
    for (const [path, entries] of Object.entries(source)) {
      for (const entry of Array.isArray(entries) ? (entries as unknown[]) : []) {
        if (isLogicalIdEntry(entry)) paths.set(entry.data, path.replace(/^\//, ''));
      }
    }
  }
  for (const resource of template.resources) {
    const path = resource.metadata['aws:cdk:path'];
    if (typeof path === 'string') paths.set(resource.logicalId, path);
  }
  return paths;
}

function readAssets(directory: string, file: string, assets: Map<string, string>): void {
  const manifest = readJson(join(directory, file));
  for (const [id, value] of Object.entries(isObject(manifest.files) ? manifest.files : {})) {
    const asset = expectObject(value, `${file}: ${id}`);
    const source = expectObject(asset.source, `${file}: ${id}.source`);
    // An asset made by a command at publish time has no path; using it later fails by its key.
    if (typeof source.path !== 'string') continue;
    for (const destination of Object.values(expectObject(asset.destinations, `${file}: ${id}.destinations`))) {
      const { objectKey } = expectObject(destination, `${file}: ${id}.destinations`);
      assets.set(expectString(objectKey, `${file}: ${id}.objectKey`), resolve(directory, source.path));
    }
  }
  const images = isObject(manifest.dockerImages) ? Object.keys(manifest.dockerImages) : [];
  if (images.length > 0) throw new Error(`${file}: Docker image assets are not supported here (${images[0]})`);
}

function readStack(directory: string, prefix: string, id: string, artifact: JsonObject, into: AssemblyContents): void {
  const properties = expectObject(artifact.properties, `${id}.properties`);
  const stackName = typeof properties.stackName === 'string' ? properties.stackName : id;
  const template = parseTemplate(
    stackName,
    readJson(join(directory, expectString(properties.templateFile, `${id}.templateFile`))),
  );
  into.environments.set(stackName, typeof artifact.environment === 'string' ? artifact.environment : '');
  into.stacks.push({
    id: prefix + id,
    stackName,
    template,
    paths: readPaths(directory, artifact, template),
    dependencies: artifact.dependencies === undefined ? [] : stringList(artifact.dependencies, `${id}.dependencies`),
  });
}

function readDirectory(directory: string, prefix: string, into: AssemblyContents): void {
  const manifest = readJson(join(directory, 'manifest.json'));
  for (const [id, value] of Object.entries(expectObject(manifest.artifacts ?? {}, 'manifest.json: artifacts'))) {
    const artifact = expectObject(value, `manifest.json: ${id}`);
    const properties = isObject(artifact.properties) ? artifact.properties : {};
    if (artifact.type === 'aws:cloudformation:stack') {
      readStack(directory, prefix, id, artifact, into);
    } else if (artifact.type === 'cdk:asset-manifest') {
      readAssets(directory, expectString(properties.file, `${id}.file`), into.assets);
    } else if (artifact.type === 'cdk:cloud-assembly') {
      readDirectory(join(directory, expectString(properties.directoryName, `${id}.directoryName`)), `${id}/`, into);
    }
  }
}

function orderStacks(stacks: readonly RawStack[]): AssemblyStack[] {
  const byId = new Map(stacks.map((stack) => [stack.id, stack]));
  const ordered: RawStack[] = [];
  const visiting = new Set<string>();
  const visit = (stack: RawStack): void => {
    if (ordered.includes(stack)) return;
    if (visiting.has(stack.id)) {
      throw new Error(`stacks depend on each other in a circle: ${[...visiting].join(' -> ')}`);
    }
    visiting.add(stack.id);
    const prefix = stack.id.slice(0, stack.id.lastIndexOf('/') + 1);
    for (const dependency of stack.dependencies) {
      // The rest are asset manifests, which are no stacks.
      const other = byId.get(prefix + dependency) ?? byId.get(dependency);
      if (other !== undefined) visit(other);
    }
    visiting.delete(stack.id);
    ordered.push(stack);
  };
  stacks.forEach(visit);
  return ordered;
}

/** The one concrete value all stacks agree on, undefined where none is concrete. */
function agreed(
  environments: ReadonlyMap<string, string>,
  part: 1 | 2,
  unknown: string,
  what: string,
): string | undefined {
  const values = new Map<string, string>();
  for (const [stackName, environment] of environments) {
    const value = /^aws:\/\/([^/]+)\/(.+)$/.exec(environment)?.[part];
    if (value !== undefined && value !== unknown) values.set(value, stackName);
  }
  if (values.size > 1) {
    const list = [...values].map(([value, stackName]) => `${stackName} in ${value}`).join(', ');
    throw new Error(`all stacks must be in one ${what}, got ${list}`);
  }
  return [...values.keys()][0];
}

/**
 * Reads a synthesized cloud assembly with its nested ones (stages).
 *
 * @param directory usually `cdk.out`
 * @throws an Error naming the file, section or attribute that is missing or unknown
 */
export function readAssembly(directory: string): Assembly {
  const root = resolve(directory);
  if (!existsSync(join(root, 'manifest.json'))) {
    throw new Error(
      `no cloud assembly in ${root} (no manifest.json): run \`npx cdk synth\` first, or use --app FOLDER`,
    );
  }
  const contents: AssemblyContents = { stacks: [], assets: new Map(), environments: new Map() };
  readDirectory(root, '', contents);
  if (contents.stacks.length === 0) throw new Error(`the cloud assembly in ${root} holds no stack`);
  const names = contents.stacks.map((stack) => stack.stackName);
  const twice = names.find((name, index) => names.indexOf(name) !== index);
  if (twice !== undefined) throw new Error(`two stacks of the assembly are called ${twice}`);
  return {
    directory: root,
    stacks: orderStacks(contents.stacks),
    assets: contents.assets,
    region: agreed(contents.environments, 2, 'unknown-region', 'region'),
    accountId: agreed(contents.environments, 1, 'unknown-account', 'account'),
  };
}

/** Reads the template of a nested stack, which is an asset of the assembly. */
export function readNestedTemplate(file: string, stackName: string): Template {
  return parseTemplate(stackName, readJson(file));
}
