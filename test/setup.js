// The CloudFormation validator costs two seconds a process; test/full-system.test.ts runs with it on.
process.env.CDK_VALIDATION = 'false';
