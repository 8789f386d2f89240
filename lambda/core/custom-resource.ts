import { request as httpRequest } from 'node:http';
import { request as httpsRequest } from 'node:https';
import type { CloudFormationCustomResourceEvent, CloudFormationCustomResourceResponse } from 'aws-lambda';

/** What became of a custom resource. */
export interface Outcome {
  readonly status: 'SUCCESS' | 'FAILED';
  readonly physicalResourceId: string;
  /** For whoever deploys, where it failed. */
  readonly reason?: string;
  /** What `Fn::GetAtt` gives of it. */
  readonly data?: Readonly<Record<string, string>>;
}

/**
 * Answers CloudFormation at the address it gave.
 *
 * @throws Error where the answer was not taken: CloudFormation would wait for an hour
 */
export function respond(event: CloudFormationCustomResourceEvent, outcome: Outcome): Promise<void> {
  const response: CloudFormationCustomResourceResponse = {
    Status: outcome.status,
    Reason: outcome.reason ?? '',
    PhysicalResourceId: outcome.physicalResourceId,
    StackId: event.StackId,
    RequestId: event.RequestId,
    LogicalResourceId: event.LogicalResourceId,
    Data: outcome.data,
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

/** The first and the longest pause before a refused call is made again, in ms. */
const PAUSE = { first: 500, longest: 10_000 };

/** Within what a call is made again. */
export interface Patience {
  /** Whether an error passes where rights are new. */
  passes(error: unknown): boolean;
  /** What is left of the function's time, in ms. */
  timeLeft(): number;
  pause(ms: number): Promise<void>;
}

/**
 * Makes a call that is refused again while there is time: rights that were given a moment ago, with a stack, are not yet
 * there for every server of IAM, and may be there for one call and not for the next.
 *
 * @see https://docs.aws.amazon.com/IAM/latest/UserGuide/troubleshoot.html#troubleshoot_general_eventual-consistency
 */
export async function whileRefused<T>(call: () => Promise<T>, patience: Patience): Promise<T> {
  for (let pause = PAUSE.first; ; pause = Math.min(2 * pause, PAUSE.longest)) {
    try {
      return await call();
    } catch (error) {
      if (!patience.passes(error) || patience.timeLeft() < pause) {
        throw error;
      }
      await patience.pause(pause);
    }
  }
}
