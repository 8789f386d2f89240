import { randomUUID } from 'node:crypto';
import { JavaNumber, toJson, Value } from './values';
import { ObjectBucket } from '../storage';

/** A document that the index did not take. */
export type FailedDocument = Readonly<{
  index: string;
  indexId: string | null;
  /** 0 where the request failed as a whole. */
  status: JavaNumber;
  message: string;
  document: Value;
}>;

/** Writes documents that were refused into a bucket. @throws where that is not allowed */
export type WriteDeadLetters = (failed: readonly FailedDocument[]) => void;

const PLUGIN = 'opensearch';

/**
 * Objects as Data Prepper writes them:
 * https://github.com/opensearch-project/data-prepper/blob/main/data-prepper-plugins/failures-common/src/main/java/org/opensearch/dataprepper/plugins/dlq/s3/S3DlqWriter.java
 *
 * @param authorize called with each key, before it is put
 */
export function deadLetters(
  pipeline: string,
  bucket: ObjectBucket,
  prefix: string,
  authorize: (key: string) => void,
): WriteDeadLetters {
  return (failed) => {
    const timestamp = new Date().toISOString();
    const key = `${prefix}dlq-v2-${pipeline}-${PLUGIN}-${timestamp}-${randomUUID()}.json`;
    const dlqObjects = failed.map((failedData) => ({
      ...{ pluginId: PLUGIN, pluginName: PLUGIN, pipelineName: pipeline },
      ...{ failedData, timestamp },
    }));
    authorize(key);
    bucket.put(key, toJson({ dlqObjects }));
  };
}
