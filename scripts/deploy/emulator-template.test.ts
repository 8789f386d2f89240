import { forEmulator, EMULATOR_GAPS, type Template } from './emulator-template';

const template: Template = {
  Resources: {
    Secret: { Type: 'AWS::SecretsManager::Secret', Properties: { Description: 'key' } },
    Rotation: { Type: 'AWS::SecretsManager::RotationSchedule', Properties: { SecretId: { Ref: 'Secret' } } },
    Api: { Type: 'AWS::ApiGatewayV2::Api', Properties: { Name: 'api', CorsConfiguration: { AllowOrigins: ['*'] } } },
    Table: { Type: 'AWS::DynamoDB::Table', Properties: { TableName: 'table' } },
    Age: { Type: 'AWS::CloudWatch::Alarm', Properties: { MetricName: 'IteratorAge' } },
    Errors: { Type: 'AWS::CloudWatch::Alarm', Properties: { Metrics: [{ Expression: 'a + b' }] } },
    Policy: {
      Type: 'AWS::IAM::Policy',
      Properties: {
        Statement: [
          { Resource: { Ref: 'Secret' } },
          { Effect: 'Allow', Action: ['sqs:SendMessage', 'sqs:GetQueueUrl'], Resource: '*' },
          { Effect: 'Deny', Action: 'sqs:SendMessage', Resource: '*' },
          {
            Resource: { Ref: 'Table' },
            Condition: {
              'ForAllValues:StringLike': { 'dynamodb:LeadingKeys': ['USER#*'] },
              'ForAllValues:StringEquals': { 'dynamodb:Attributes': ['PK', 'SK'] },
              Null: { 'dynamodb:LeadingKeys': 'false', 'dynamodb:Attributes': 'false' },
              StringEquals: { 'dynamodb:Select': 'COUNT' },
            },
          },
        ],
      },
    },
  },
};

describe('the template that the emulator gets', () => {
  test('differs from the synthesized one in what is named, and in nothing else', () => {
    expect(forEmulator([template]).templates[0]).toEqual({
      Resources: {
        Secret: template.Resources.Secret,
        Api: {
          Type: 'AWS::ApiGatewayV2::Api',
          Properties: { Name: 'api', CorsConfiguration: { allowOrigins: ['*'] } },
        },
        Table: template.Resources.Table,
        Age: template.Resources.Age,
        Policy: {
          Type: 'AWS::IAM::Policy',
          Properties: {
            Statement: [
              { Resource: { 'Fn::GetAtt': ['Secret', 'Id'] } },
              {
                Effect: 'Allow',
                Action: ['sqs:SendMessage', 'sqs:GetQueueUrl', 'sqs:SendMessageBatch'],
                Resource: '*',
              },
              { Effect: 'Deny', Action: 'sqs:SendMessage', Resource: '*' },
              {
                Resource: { Ref: 'Table' },
                Condition: {
                  'ForAllValues:StringLike': {},
                  'ForAllValues:StringEquals': {},
                  Null: {},
                  StringEquals: { 'dynamodb:Select': 'COUNT' },
                },
              },
            ],
          },
        },
      },
    });
  });

  test('is told with the reason of each change and how often it was made', () => {
    expect(forEmulator([template]).lines).toEqual([
      'AWS::SecretsManager::RotationSchedule (1): it refuses templates with this type',
      expect.stringMatching(/^AWS::CloudWatch::Alarm of metric math \(1\): /),
      expect.stringMatching(/^AWS::ApiGatewayV2::Api CorsConfiguration \(1\): /),
      expect.stringMatching(/^Ref of AWS::SecretsManager::Secret \(1\): /),
      expect.stringMatching(/^conditions on dynamodb:LeadingKeys \(2\): /),
      expect.stringMatching(/^conditions on dynamodb:Attributes \(2\): /),
      expect.stringMatching(/^sqs:SendMessage \(1\): /),
    ]);
  });

  test.each(EMULATOR_GAPS.map((taken) => [taken.name, taken] as const))(
    'is refused where %s is to be taken out and is not there',
    (name, taken) => {
      const empty: Template = { Resources: { Api: { Type: 'AWS::ApiGatewayV2::Api', Properties: { Name: 'api' } } } };
      expect(() => forEmulator([empty, empty], [taken])).toThrow(
        `«${name}» is taken out for the emulator and is not in`,
      );
    },
  );

  test('has what is there taken out, where not all need be there', () => {
    const { Rotation, Table } = template.Resources;
    const { templates, lines } = forEmulator([{ Resources: { Rotation, Table } }], EMULATOR_GAPS, 'some');
    expect(templates).toEqual([{ Resources: { Table } }]);
    expect(lines).toHaveLength(1);
  });
});
