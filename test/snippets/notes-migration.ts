import { Duration, Stack, type StackProps } from 'aws-cdk-lib';
import * as lambda from 'aws-cdk-lib/aws-lambda';
import { SocialTable, TableMigration } from 'cdk-social-backend';
import type { Construct } from 'constructs';

export interface NotesProps extends StackProps {
  /** Folder with the converter, bundled to `index.js`. */
  readonly converterCode: string;
}

export class Notes extends Stack {
  public constructor(scope: Construct, id: string, props: NotesProps) {
    super(scope, id, props);
    const table = new SocialTable(this, 'Table');
    const converter = new lambda.Function(this, 'ConvertNotes', {
      runtime: lambda.Runtime.NODEJS_24_X,
      handler: 'index.handler',
      code: lambda.Code.fromAsset(props.converterCode),
      timeout: Duration.seconds(10),
    });
    new TableMigration(this, 'Migration', { table, converter, converterKeys: ['NOTE#*'] });
  }
}
