import * as appsync from 'aws-cdk-lib/aws-appsync';
import * as dynamodb from 'aws-cdk-lib/aws-dynamodb';
import * as lambda from 'aws-cdk-lib/aws-lambda';
import { Construct } from 'constructs';
import { KeyPatterns } from './key-patterns';
import { Resolvers } from './resolvers';
import { UserSchema } from './schema/user-schema';
import {
  APPEND_RESPONSE,
  appendRequest,
  COMMAND_REQUEST,
  COMMAND_RESPONSE,
  DECIDE_REQUEST,
  DECIDE_RESPONSE,
} from './templates/command';
import { AFTER, BEFORE } from './templates/parts';

/**
 * Makes the resolvers of commands: each is decided by a function, and appended by DynamoDB. And that of their outcomes.
 *
 * @internal
 */
export function addCommands(
  scope: Construct,
  id: string,
  api: appsync.GraphqlApi,
  parts: { schema: UserSchema; decide: lambda.IFunction; eventTable: dynamodb.ITable; keys: KeyPatterns },
): void {
  const { schema, decide, eventTable, keys } = parts;
  const resolvers = new Resolvers(scope, id, api);
  const store = resolvers.addTable('CommandStore', eventTable, {
    PutItem: [...keys.commands, ...keys.aggregates],
    GetItem: keys.commands,
  });
  const steps = [
    resolvers.addStep('Decide', resolvers.addFunction('Decider', decide), {
      request: DECIDE_REQUEST,
      response: DECIDE_RESPONSE,
    }),
    resolvers.addStep('Append', store, { request: appendRequest(eventTable.tableName), response: APPEND_RESPONSE }),
  ];
  for (const { name } of schema.mutations) {
    resolvers.addPipeline('Mutation', name.value, steps, { request: BEFORE, response: AFTER });
  }
  resolvers.addResolver('Query', 'command', store, { request: COMMAND_REQUEST, response: COMMAND_RESPONSE });
}
