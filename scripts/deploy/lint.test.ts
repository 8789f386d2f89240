import type { Template } from './emulator-template';
import { type Finding, unexplained } from './lint';

const template: Template = {
  Resources: {
    Role: { Type: 'AWS::IAM::Role' },
    Function: { Type: 'AWS::Lambda::Function', DependsOn: ['Role'] },
    Resource: { Type: 'Custom::KeyPair', DependsOn: ['Function'] },
  },
};
const found = (rule: string, id: string, on: string): Finding => ({
  Filename: 'a.template.json',
  Message: `'${on}' dependency already enforced by a 'GetAtt' at 'Resources/${id}/Properties/X'`,
  Rule: { Id: rule },
  Location: { Path: ['Resources', id, 'DependsOn', 0] },
});
const left = (finding: Finding) => unexplained([finding], () => template);

describe('of what cfn-lint finds', () => {
  test('the dependency of a function on its own role, which the CDK writes, is accepted', () => {
    expect(left(found('W3005', 'Function', 'Role'))).toEqual([]);
  });

  test.each([
    ['the same of another resource', found('W3005', 'Resource', 'Function')],
    ['the same on another resource', found('W3005', 'Function', 'Resource')],
    ['another rule at the same place', found('E3005', 'Function', 'Role')],
    ['what has no place', { ...found('W3005', 'Function', 'Role'), Location: { Path: null } }],
  ])('%s is told', (_, finding) => {
    expect(left(finding)).toEqual([
      `a.template.json ${(finding.Location.Path ?? []).join('/')} ${finding.Rule.Id} ${finding.Message}`,
    ]);
  });
});
