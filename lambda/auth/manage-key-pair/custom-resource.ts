import { request as httpRequest } from 'node:http';
import { request as httpsRequest } from 'node:https';
import type { CloudFormationCustomResourceEvent, CloudFormationCustomResourceResponse } from 'aws-lambda';

/**
 * Answers CloudFormation at the address it gave.
 *
 * @throws Error where the answer was not taken: CloudFormation would wait for an hour
 */
export function respond(
  event: CloudFormationCustomResourceEvent,
  outcome: { status: 'SUCCESS' | 'FAILED'; physicalResourceId: string; reason?: string },
): Promise<void> {
  const response: CloudFormationCustomResourceResponse = {
    Status: outcome.status,
    Reason: outcome.reason ?? '',
    PhysicalResourceId: outcome.physicalResourceId,
    StackId: event.StackId,
    RequestId: event.RequestId,
    LogicalResourceId: event.LogicalResourceId,
  };
  const body = JSON.stringify(response);
  const url = new URL(event.ResponseURL);
  const request = url.protocol === 'http:' ? httpRequest : httpsRequest;
  return new Promise((resolve, reject) => {
    const call = request(
      url,
      // The address is signed without a content type.
      { method: 'PUT', headers: { 'content-type': '', 'content-length': Buffer.byteLength(body) }, timeout: 10_000 },
      (answer) => {
        answer.resume();
        const status = answer.statusCode ?? 0;
        if (status >= 200 && status < 300) {
          resolve();
        } else {
          reject(new Error(`CloudFormation answered ${status}`));
        }
      },
    );
    call.on('timeout', () => call.destroy(new Error('CloudFormation did not answer in 10 s')));
    call.on('error', reject);
    call.end(body);
  });
}
