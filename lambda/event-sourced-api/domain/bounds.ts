/** Ids of aggregates, commands, correlations and causations. */
export const ID = /^[A-Za-z0-9_-]{1,64}$/;

/** The last version, which its twelve digits hold. */
export const LAST_VERSION = 999_999_999_999;

/** Events of one command. */
export const MAX_EVENTS = 25;

/** Bytes of the data of one event, as JSON. */
export const MAX_DATA_BYTES = 100_000;

/**
 * Bytes of all that one command writes, as it is handed to AppSync: DynamoDB takes 4 MB in one transaction, and AppSync
 * templates of 5 MB once they are rendered. Typed JSON is never smaller than what it becomes.
 *
 * @see https://docs.aws.amazon.com/general/latest/gr/appsync.html
 */
export const MAX_WRITE_BYTES = 3_500_000;
