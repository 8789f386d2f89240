/** The parts of a CloudFormation template that are read and changed here. */
export interface Resource {
  readonly Type: string;
  readonly Properties?: Readonly<Record<string, unknown>>;
  readonly DependsOn?: string | readonly string[];
}
export interface Template {
  readonly Resources: Readonly<Record<string, Resource>>;
}

/** Something that the emulator lacks, and what is made of it in the copy that it gets. */
export interface EmulatorGap {
  readonly name: string;
  /** What MiniStack 1.5.33 does with it. */
  readonly reason: string;
  /** @returns the changed template, and how often it was there */
  apply(template: Template): { readonly template: Template; readonly times: number };
}

/** Replaces each object of a value for which `change` has another. */
function replaceObjects(value: unknown, change: (object: Record<string, unknown>) => unknown): unknown {
  if (Array.isArray(value)) return value.map((element) => replaceObjects(element, change));
  if (value === null || typeof value !== 'object') return value;
  const changed = change(value as Record<string, unknown>);
  if (changed !== value) return changed;
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, replaceObjects(inner, change)]));
}

/** An object without one key. */
function without<T extends object>(object: T, key: string): T {
  return Object.fromEntries(Object.entries(object).filter(([name]) => name !== key)) as T;
}

/** Changes or (undefined) removes the resources of one type. */
function eachOfType(type: string, change: (resource: Resource) => Resource | undefined): EmulatorGap['apply'] {
  return (template) => {
    let times = 0;
    const resources = Object.entries(template.Resources).flatMap(([id, resource]): [string, Resource][] => {
      const changed = resource.Type === type ? change(resource) : resource;
      if (changed !== resource) times += 1;
      return changed === undefined ? [] : [[id, changed]];
    });
    return { template: { ...template, Resources: Object.fromEntries(resources) }, times };
  };
}

/** `Ref` of a secret, as `Fn::GetAtt` with its ARN. */
function secretsByArn(template: Template): ReturnType<EmulatorGap['apply']> {
  const isSecret = (id: unknown) =>
    typeof id === 'string' && template.Resources[id]?.Type === 'AWS::SecretsManager::Secret';
  let times = 0;
  const changed = replaceObjects(template, (object) => {
    if (!isSecret(object.Ref)) return object;
    times += 1;
    return { 'Fn::GetAtt': [object.Ref, 'Id'] };
  });
  return { template: changed as Template, times };
}

const LEADING_KEYS = 'dynamodb:LeadingKeys';
const ATTRIBUTES = 'dynamodb:Attributes';

/** Each condition without one of its keys. An operator without keys holds. */
const withoutConditionKey =
  (key: string): EmulatorGap['apply'] =>
  (template) => {
    let times = 0;
    const changed = replaceObjects(template, (object) => {
      if (!Object.hasOwn(object, key)) return object;
      times += 1;
      return without(object, key);
    });
    return { template: changed as Template, times };
  };

/** The CORS of an HTTP API as `CreateApi` names it. */
function corsByApiNames(api: Resource): Resource {
  const cors = api.Properties?.CorsConfiguration;
  if (cors === undefined) return api;
  const renamed = Object.entries(cors as object).map(([name, value]) => [name[0].toLowerCase() + name.slice(1), value]);
  return { ...api, Properties: { ...api.Properties, CorsConfiguration: Object.fromEntries(renamed) } };
}

/**
 * Statements on sending to a queue, for batches too. On AWS the action of SendMessageBatch is SendMessage: "Actions
 * defined by Amazon SQS" in the Service Authorization Reference.
 */
function withBatchAction(template: Template): ReturnType<EmulatorGap['apply']> {
  let times = 0;
  const changed = replaceObjects(template, (object) => {
    const actions = [object.Action].flat();
    if (object.Effect !== 'Allow' || !actions.includes('sqs:SendMessage')) return object;
    times += 1;
    return { ...object, Action: [...actions, 'sqs:SendMessageBatch'] };
  });
  return { template: changed as Template, times };
}

/**
 * All that is changed in the copy. What is named here and found nowhere is an error, so that nothing stays that the
 * emulator or the library no longer needs.
 */
export const EMULATOR_GAPS: readonly EmulatorGap[] = [
  {
    name: 'AWS::SecretsManager::RotationSchedule',
    reason: 'it refuses templates with this type',
    apply: eachOfType('AWS::SecretsManager::RotationSchedule', () => undefined),
  },
  {
    name: 'AWS::CloudWatch::Alarm of metric math',
    reason: 'it refuses Metrics, of which AWS takes ten in an alarm',
    apply: eachOfType('AWS::CloudWatch::Alarm', (alarm) => (alarm.Properties?.Metrics ? undefined : alarm)),
  },
  {
    name: 'AWS::ApiGatewayV2::Api CorsConfiguration',
    reason: 'it keeps the names that CloudFormation has, and reads those of the API (allowOrigins)',
    apply: eachOfType('AWS::ApiGatewayV2::Api', corsByApiNames),
  },
  {
    name: 'Ref of AWS::SecretsManager::Secret',
    reason: 'it gives the name, where AWS gives the ARN that policies compare; GetAtt of Id is the ARN on both',
    apply: secretsByArn,
  },
  {
    name: `conditions on ${LEADING_KEYS}`,
    reason: 'its IAM has no such key: ForAllValues would always hold and Null never',
    apply: withoutConditionKey(LEADING_KEYS),
  },
  {
    name: `conditions on ${ATTRIBUTES}`,
    reason: 'its IAM has the key for what is read alone: of a write, Null would never hold',
    apply: withoutConditionKey(ATTRIBUTES),
  },
  {
    name: 'sqs:SendMessage',
    reason: 'its IAM asks for sqs:SendMessageBatch, where AWS has the one action for both calls',
    apply: withBatchAction,
  },
];

/**
 * The copies of templates that the emulator can deploy.
 *
 * @param has whether all things that are to be taken out must be there
 * @returns them, and a line for each thing that was taken out
 * @throws Error where a thing that is to be taken out is in none of them
 */
export function forEmulator(
  templates: readonly Template[],
  taken: readonly EmulatorGap[] = EMULATOR_GAPS,
  has: 'all' | 'some' = 'all',
) {
  const lines: string[] = [];
  const copies = taken.reduce((before, { name, reason, apply }) => {
    const applied = before.map(apply);
    const times = applied.reduce((sum, each) => sum + each.times, 0);
    if (times === 0 && has === 'some') return before;
    if (times === 0) throw new Error(`«${name}» is taken out for the emulator and is not in the template`);
    lines.push(`${name} (${times}): ${reason}`);
    return applied.map(({ template }) => template);
  }, templates);
  return { templates: copies, lines };
}
