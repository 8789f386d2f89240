// The CloudFormation validator costs two seconds a process; test/full-system.test.ts runs with it on.
process.env.CDK_VALIDATION = 'false';
// One line a suite of what toolchain the SDK will ask for next year.
process.env.AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED = 'true';
// Where each construct was made, which no test reads, takes a sixth of a synthesis, and copies of assets a third.
process.env.CDK_CONTEXT_JSON = JSON.stringify({
  'aws:cdk:disable-creation-stack-traces': true,
  'aws:cdk:disable-asset-staging': true,
});
