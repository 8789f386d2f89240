import { readFileSync } from 'node:fs';
import * as path from 'node:path';
import { cleanEnv } from './emulator';
import type { Template } from './emulator-template';
import { run } from './run';

/** What is read of a finding of cfn-lint. */
export interface Finding {
  readonly Filename: string;
  readonly Message: string;
  readonly Rule: { readonly Id: string };
  readonly Location: { readonly Path: readonly (string | number)[] | null };
}

/** A finding that stays: what the CDK itself writes. */
interface Accepted {
  readonly reason: string;
  matches(finding: Finding, template: Template): boolean;
}

const ACCEPTED: readonly Accepted[] = [
  {
    reason: "the CDK lets each function depend on all of its role's construct, the role itself included",
    matches: ({ Rule, Location, Message }, { Resources }) => {
      const [section, id, property] = Location.Path ?? [];
      const named = /^'(\w+)' dependency already enforced by a 'GetAtt'/.exec(Message)?.[1];
      return (
        Rule.Id === 'W3005' &&
        section === 'Resources' &&
        property === 'DependsOn' &&
        Resources[String(id)]?.Type === 'AWS::Lambda::Function' &&
        named !== undefined &&
        Resources[named]?.Type === 'AWS::IAM::Role'
      );
    },
  },
];

/** The findings that no entry of the list above explains, a line each. */
export function unexplained(findings: readonly Finding[], templateOf: (file: string) => Template): string[] {
  return findings
    .filter((finding) => !ACCEPTED.some(({ matches }) => matches(finding, templateOf(finding.Filename))))
    .map(
      ({ Filename, Message, Rule, Location }) => `${Filename} ${(Location.Path ?? []).join('/')} ${Rule.Id} ${Message}`,
    );
}

/**
 * Runs cfn-lint, its informational rules included.
 *
 * @param folder where it may leave files
 * @returns how many findings are accepted
 * @throws Error with the others
 */
export async function lintTemplates(python: string, files: readonly string[], folder: string): Promise<number> {
  const parameters = ['--format', 'json', '--include-checks', 'I', '--', ...files];
  const { status, stdout, printed } = await run(path.join(path.dirname(python), 'cfn-lint'), parameters, {
    env: cleanEnv(folder),
    seconds: 300,
  });
  // 2, 4 and 8 are findings; anything else is a fault of the program or its arguments.
  if (status === undefined || status > 14 || status % 2 !== 0) {
    throw new Error(`cfn-lint failed (${status})\n${printed}`);
  }
  const findings = JSON.parse(stdout) as readonly Finding[];
  const left = unexplained(findings, (file) => JSON.parse(readFileSync(file, 'utf8')) as Template);
  if (left.length > 0) throw new Error(`cfn-lint:\n${left.join('\n')}`);
  return findings.length;
}
