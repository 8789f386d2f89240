import { Stack, Token } from 'aws-cdk-lib';
import * as budgets from 'aws-cdk-lib/aws-budgets';
import * as iam from 'aws-cdk-lib/aws-iam';
import { Construct } from 'constructs';
import { PostsApiBudget } from './posts-api-props';
import { failure } from '../core/checks';

/** As AWS Budgets takes them. */
const MAX_EMAILS = 10;
const MAX_ALERTS = 10;

/**
 * A budget of a month with alerts.
 *
 * @param tags whose first one says what costs count; none for all of the account
 * @see https://docs.aws.amazon.com/aws-cost-management/latest/APIReference/API_budgets_Budget.html
 * @internal
 */
export function makeBudget(
  scope: Construct,
  id: string,
  budget: PostsApiBudget,
  tags: Readonly<Record<string, string>> = {},
): budgets.CfnBudget {
  const { monthlyUsd, emails = [], topic, alertPercentages = [80, 100] } = budget;
  if (!Token.isUnresolved(monthlyUsd) && !(monthlyUsd > 0)) {
    throw failure(`budget.monthlyUsd must be above 0, got: ${monthlyUsd}`, scope);
  }
  if (emails.length === 0 && !topic) {
    throw failure('budget needs emails or topic: nobody would be told, got neither', scope);
  }
  if (emails.length > MAX_EMAILS) {
    throw failure(`budget.emails must be at most ${MAX_EMAILS}, got: ${emails.length}`, scope);
  }
  if (alertPercentages.length === 0 || alertPercentages.length > MAX_ALERTS) {
    throw failure(`budget.alertPercentages must be 1 to ${MAX_ALERTS}, got: ${alertPercentages.length}`, scope);
  }
  const wrong = alertPercentages.find((percent) => !Token.isUnresolved(percent) && !(percent > 0));
  if (wrong !== undefined) {
    throw failure(`budget.alertPercentages must be above 0, got: ${wrong}`, scope);
  }
  // Of this account alone: https://docs.aws.amazon.com/cost-management/latest/userguide/budgets-sns-policy.html
  const account = { StringEquals: { 'aws:SourceAccount': Stack.of(scope).account } };
  topic?.grantPublish(new iam.PrincipalWithConditions(new iam.ServicePrincipal('budgets.amazonaws.com'), account));
  const subscribers = [
    ...emails.map((address) => ({ subscriptionType: 'EMAIL', address })),
    ...(topic ? [{ subscriptionType: 'SNS', address: topic.topicArn }] : []),
  ];
  const [tag] = Object.entries(tags);
  return new budgets.CfnBudget(scope, id, {
    budget: {
      budgetType: 'COST',
      timeUnit: 'MONTHLY',
      budgetLimit: { amount: monthlyUsd, unit: 'USD' },
      costFilters: tag ? { TagKeyValue: [`user:${tag[0]}$${tag[1]}`] } : undefined,
    },
    notificationsWithSubscribers: alertPercentages.map((threshold) => ({
      notification: {
        notificationType: 'ACTUAL',
        comparisonOperator: 'GREATER_THAN',
        thresholdType: 'PERCENTAGE',
        threshold,
      },
      subscribers,
    })),
  });
}
