import { Fn, Stack, type StackProps } from 'aws-cdk-lib';
import * as cloudfront from 'aws-cdk-lib/aws-cloudfront';
import { HttpOrigin } from 'aws-cdk-lib/aws-cloudfront-origins';
import { RealWorldApi } from 'cdk-social-backend';
import type { Construct } from 'constructs';

export interface EdgeProps extends StackProps {
  /** ARN of a web ACL with scope CLOUDFRONT, which is always in us-east-1. */
  readonly webAclArn: string;
}

export class Edge extends Stack {
  public constructor(scope: Construct, id: string, props: EdgeProps) {
    super(scope, id, props);
    const api = new RealWorldApi(this, 'Api');
    new cloudfront.Distribution(this, 'Distribution', {
      webAclId: props.webAclArn,
      defaultBehavior: {
        origin: new HttpOrigin(Fn.parseDomainName(api.httpApi.apiEndpoint)),
        allowedMethods: cloudfront.AllowedMethods.ALLOW_ALL,
        viewerProtocolPolicy: cloudfront.ViewerProtocolPolicy.HTTPS_ONLY,
        // Answers depend on who asks; the API must see its own host, and the caller's token.
        cachePolicy: cloudfront.CachePolicy.CACHING_DISABLED,
        originRequestPolicy: cloudfront.OriginRequestPolicy.ALL_VIEWER_EXCEPT_HOST_HEADER,
      },
    });
  }
}
