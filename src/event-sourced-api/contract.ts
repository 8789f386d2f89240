/**
 * What the projector logs where whoever watches could not be told of a change; a metric counts it.
 *
 * @internal
 */
export const CHANGE_NOT_PUBLISHED = 'change is not published';
