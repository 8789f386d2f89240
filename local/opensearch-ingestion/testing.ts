/** What a configuration in a test may have otherwise, by the line that it replaces. */
export type Changes = Readonly<Record<string, string>>;

/** Places of a configuration under test. */
export interface Places {
  readonly table?: string;
  readonly exports?: string;
  readonly deadLetters?: string;
  readonly host?: string;
  readonly role?: string;
}

export const ROLE = 'arn:aws:iam::000000000000:role/pipeline';

/** A configuration as the construct writes it: items of the kind `Book`. */
export function pipelineYaml(places: Places = {}, changes: Changes = {}): string {
  const { table = 'arn:aws:dynamodb:us-east-1:000000000000:table/Books', exports = 'exports' } = places;
  const { deadLetters = 'dead-letters', host = 'http://127.0.0.1:9', role = ROLE } = places;
  const text = `version: "2"
books:
  source:
    dynamodb:
      acknowledgments: true
      tables:
        - table_arn: "${table}"
          export:
            s3_bucket: "${exports}"
            s3_region: "us-east-1"
            s3_prefix: "export/"
          stream:
            start_position: "LATEST"
            view_on_remove: "OLD_IMAGE"
      aws:
        region: "us-east-1"
        sts_role_arn: "${role}"
  processor:
    - drop_events:
        drop_when: "/kind != \\"Book\\""
    - select_entries:
        include_keys:
          - "isbn"
          - "title"
  sink:
    - opensearch:
        hosts:
          - "${host}"
        index: "books"
        index_type: "management_disabled"
        document_id: "\${/isbn}"
        action: "\${getMetadata(\\"opensearch_action\\")}"
        document_version: "\${getMetadata(\\"document_version\\")}"
        document_version_type: "external"
        aws:
          region: "us-east-1"
          sts_role_arn: "${role}"
        dlq:
          s3:
            bucket: "${deadLetters}"
            key_path_prefix: "refused"
            region: "us-east-1"
            sts_role_arn: "${role}"
`;
  return Object.entries(changes).reduce((result, [line, other]) => {
    if (!result.includes(line)) throw new Error(`the configuration has no ${line}`);
    return result.replace(line, () => other);
  }, text);
}
