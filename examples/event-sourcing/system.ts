import { type App, CfnOutput, RemovalPolicy, Stack, type StackProps } from 'aws-cdk-lib';
import { EventSourcedApi, type EventSourcedApiProps } from 'cdk-social-backend';
import type { Construct } from 'constructs';

/** What `-c` says of a deployment: what becomes of its data, and whether there is one API or two. */
export function eventSourcingOptions(scope: Construct): EventSourcedApiProps {
  const ephemeral = scope.node.tryGetContext('ephemeral') === 'true';
  return {
    removalPolicy: ephemeral ? RemovalPolicy.DESTROY : RemovalPolicy.RETAIN,
    // Beside SRP, which needs a program, whoever has rights in the account may sign somebody in: `aws cognito-idp`.
    authFlows: { userSrp: true, adminUserPassword: true },
    singleApi: scope.node.tryGetContext('singleApi') === 'true',
    // Members of this group of the pool read the events behind every claim.
    auditors: ['auditors'],
  };
}

/** What a client has to know. */
export function eventSourcingOutputs(scope: Construct, api: EventSourcedApi): void {
  new CfnOutput(scope, 'CommandsUrl', { value: api.commandUrl, description: 'GraphQL API of commands' });
  new CfnOutput(scope, 'QueriesUrl', { value: api.queryUrl, description: 'GraphQL API of queries' });
  new CfnOutput(scope, 'RealtimeUrl', { value: api.realtimeUrl, description: 'Subscriptions, by WebSocket' });
  new CfnOutput(scope, 'UserPoolId', { value: api.userPool.userPoolId, description: 'User pool' });
  new CfnOutput(scope, 'UserPoolClientId', {
    value: api.userPoolClients[0].userPoolClientId,
    description: 'Client of the user pool',
  });
}

/** Expense claims, with a user pool of their own. */
class EventSourcingStack extends Stack {
  public constructor(scope: Construct, id: string, props?: StackProps) {
    super(scope, id, props);
    eventSourcingOutputs(this, new EventSourcedApi(this, 'Api', eventSourcingOptions(this)));
  }
}

/** Expense claims in one stack. */
export function eventSourcing(app: App): Stack {
  return new EventSourcingStack(app, 'EventSourcing', { description: 'Expense claims, event-sourced' });
}
