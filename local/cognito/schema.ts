import { PropertyReader } from '../assembly';
import { AttributeRule } from './settings';

const TYPES = ['String', 'Number', 'DateTime', 'Boolean'] as const;

/**
 * Attributes that every pool has.
 * https://docs.aws.amazon.com/cognito/latest/developerguide/user-pool-settings-attributes.html
 */
const STANDARD = [
  ...[
    'address',
    'birthdate',
    'email',
    'family_name',
    'gender',
    'given_name',
    'locale',
    'middle_name',
    'name',
    'nickname',
  ],
  ...['phone_number', 'picture', 'preferred_username', 'profile', 'website', 'zoneinfo'],
];

/** The attributes of users: the standard ones, with what the template says of them, and its own. */
export function readSchema(properties: PropertyReader): ReadonlyMap<string, AttributeRule> {
  const text: AttributeRule = { type: 'String', required: false, mutable: true };
  const rules = new Map<string, AttributeRule>([
    ['sub', { type: 'String', required: true, mutable: false }],
    ...STANDARD.map((name) => [name, text] as const),
    ['birthdate', { ...text, least: 10, most: 10 }],
    ['updated_at', { ...text, type: 'Number', least: 0 }],
    ['email_verified', { ...text, type: 'Boolean' }],
    ['phone_number_verified', { ...text, type: 'Boolean' }],
  ]);
  for (const attribute of properties.nestedList('Schema', {
    used: [
      ...[
        'Name',
        'AttributeDataType',
        'Required',
        'Mutable',
        'StringAttributeConstraints',
        'NumberAttributeConstraints',
      ],
      'DeveloperOnlyAttribute',
    ],
  })) {
    const name = attribute.string('Name');
    const standard = rules.get(name);
    if (attribute.optionalBoolean('DeveloperOnlyAttribute') === true) {
      attribute.refuse('DeveloperOnlyAttribute is not supported here');
    }
    if (standard === undefined && attribute.optionalBoolean('Required') === true) {
      attribute.refuse('a custom attribute cannot be required');
    }
    rules.set(standard === undefined ? `custom:${name.replace(/^custom:/, '')}` : name, rule(attribute, standard));
  }
  return rules;
}

function rule(attribute: PropertyReader, standard: AttributeRule | undefined): AttributeRule {
  const given = attribute.optionalString('AttributeDataType') ?? standard?.type ?? 'String';
  const type = TYPES.find((known) => known === given);
  if (type === undefined) attribute.refuse(`AttributeDataType ${given} is not supported here`);
  const length = attribute.nested('StringAttributeConstraints', { used: ['MinLength', 'MaxLength'] });
  const value = attribute.nested('NumberAttributeConstraints', { used: ['MinValue', 'MaxValue'] });
  const numeric = type === 'Number';
  return {
    type,
    required: attribute.boolean('Required', standard?.required ?? false),
    // "Mutable" of a custom attribute is false where it is not said, as CloudFormation has it.
    mutable: attribute.boolean('Mutable', standard?.mutable ?? false),
    least: numeric ? value?.optionalNumber('MinValue') : (length?.optionalNumber('MinLength') ?? standard?.least),
    most: numeric ? value?.optionalNumber('MaxValue') : (length?.optionalNumber('MaxLength') ?? standard?.most),
  };
}
